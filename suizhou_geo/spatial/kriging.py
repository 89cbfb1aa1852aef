"""Ordinary kriging over all cells at once: estimates, variances and leaving one out, from one factorisation."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import inv
from scipy.spatial.distance import cdist

from suizhou_geo.spatial.variograms import Floats, Variogram

#: Cells that are solved for together: memory stays flat however large the grid.
_CHUNK = 20_000


@dataclass(frozen=True)
class Kriging:
    """The inverse of the kriging system of points (shape (point, 2), metres) and their values."""

    places: Floats
    values: Floats
    variogram: Variogram
    inverse: Floats

    def predict(self, targets: Floats) -> tuple[Floats, Floats]:
        """Estimate and kriging variance at targets of shape (target, 2); a data point gives its value and 0."""
        estimates, variances = np.empty(len(targets)), np.empty(len(targets))
        # The weights of the values are the same for every target but for its distances (dual form).
        dual = self.inverse[:, :-1] @ self.values
        for start in range(0, len(targets), _CHUNK):
            part = slice(start, start + _CHUNK)
            right = np.ones((len(targets[part]), len(self.values) + 1))
            right[:, :-1] = -self.variogram(cdist(targets[part], self.places))
            estimates[part] = right @ dual
            variances[part] = -np.einsum("ti,ti->t", right @ self.inverse, right)
        return estimates, np.maximum(variances, 0.0)

    def leave_one_out(self) -> tuple[Floats, Floats]:
        """Estimate and variance at every point from all others, without solving again (Dubrule 1983)."""
        diagonal = np.diag(self.inverse)[:-1]
        errors = (self.inverse[:-1, :-1] @ self.values) / diagonal
        return self.values - errors, 1 / diagonal


def solve_kriging(places: Floats, values: Floats, *, variogram: Variogram) -> Kriging:
    """The system of ordinary kriging, ``[-γ 1; 1ᵀ 0]``, inverted once."""
    count = len(places)
    system = np.ones((count + 1, count + 1))
    system[:-1, :-1] = -variogram(cdist(places, places))
    system[-1, -1] = 0.0
    return Kriging(places, values, variogram, inv(system))
