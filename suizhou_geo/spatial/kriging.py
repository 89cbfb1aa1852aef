"""Ordinary kriging over all cells at once: estimates, variances and leaving one out, from one factorisation."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cholesky, eigh, solve_triangular
from scipy.linalg.blas import dtrmm
from scipy.spatial.distance import cdist

from suizhou_geo.spatial.variograms import Floats, Variogram

#: Cells that are solved for together: their distances to all points stay in the processor's cache.
_CHUNK = 128


@dataclass(frozen=True)
class Kriging:
    """Points (shape (point, 2), metres), their values, and what every estimate from them needs.

    With ``K`` the covariances ``total - γ`` of the points, ``whitener`` is a triangular ``W`` with ``K⁻¹ = WᵀW``,
    ``ones`` is ``K⁻¹1`` and ``dual`` is ``K⁻¹(values - mean)``.
    """

    places: Floats
    values: Floats
    variogram: Variogram
    whitener: Floats
    ones: Floats
    dual: Floats
    mean: float

    def predict(self, targets: Floats) -> tuple[Floats, Floats]:
        """Estimate and kriging variance at targets of shape (target, 2); a data point gives its value and 0."""
        estimates, variances = np.empty(len(targets)), np.empty(len(targets))
        total = self.variogram.nugget + self.variogram.sill
        for start in range(0, len(targets), _CHUNK):
            part = slice(start, start + _CHUNK)
            covariances = self.variogram(cdist(targets[part], self.places))
            np.subtract(total, covariances, out=covariances)
            estimates[part] = self.mean + covariances @ self.dual
            # What is lost because the mean itself is an estimate (Chilès and Delfiner 2012, 3.4.2).
            unknown = (1 - covariances @ self.ones) ** 2 / self.ones.sum()
            white = dtrmm(1.0, self.whitener, covariances.T, lower=1, overwrite_b=1)
            variances[part] = total - np.einsum("it,it->t", white, white) + unknown
        return estimates, np.maximum(variances, 0.0)

    def leave_one_out(self) -> tuple[Floats, Floats]:
        """Estimate and variance at every point from all others, without solving again (Dubrule 1983)."""
        diagonal = np.einsum("ij,ij->j", self.whitener, self.whitener) - self.ones**2 / self.ones.sum()
        return self.values - self.dual / diagonal, 1 / diagonal


def solve_kriging(places: Floats, values: Floats, *, variogram: Variogram) -> Kriging:
    """The system of ordinary kriging, factorised once."""
    covariances = variogram.nugget + variogram.sill - variogram(cdist(places, places))
    whitener = np.asfortranarray(_whitener(covariances))
    ones, weighed = (whitener.T @ (whitener @ each) for each in (np.ones(len(values)), values))
    mean = float(weighed.sum() / ones.sum())
    return Kriging(places, values, variogram, whitener, ones, weighed - mean * ones, mean)


def _whitener(covariances: Floats) -> Floats:
    try:
        lower = cholesky(covariances, lower=True)
    except LinAlgError:
        # A gaussian variogram without nugget: neighbours say the same to the last digit. What they cannot tell
        # apart is left out (a pseudo-inverse); a triangle is made of the rest.
        scales, axes = eigh(covariances)
        kept = scales > scales[-1] * len(scales) * np.finfo(np.float64).eps
        square = (axes * np.where(kept, 1 / np.sqrt(np.where(kept, scales, 1.0)), 0.0)).T
        upper = np.asarray(np.linalg.qr(square[:, ::-1], mode="r"))
        triangle: Floats = upper[::-1, ::-1]
        return triangle
    found: Floats = solve_triangular(lower, np.eye(len(lower)), lower=True)
    return found
