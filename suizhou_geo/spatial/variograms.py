"""How alike two places are by how far apart they lie: models of the variogram and their fit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar, nnls
from scipy.spatial.distance import pdist

from suizhou_geo.errors import InputError

Floats = npt.NDArray[np.float64]

#: Share of the sill by distance over range; ``exponential`` and ``gaussian`` reach 95 % of it at the range.
_SHAPES: dict[str, Callable[[Floats], Floats]] = {
    "spherical": lambda h: (near := np.minimum(h, 1.0)) * (1.5 - 0.5 * near * near),
    "exponential": lambda h: 1 - np.exp(-3 * h),
    "gaussian": lambda h: 1 - np.exp(-3 * h**2),
}

#: Lags of the empirical variogram, up to half of the largest distance (Journel and Huijbregts 1978).
_LAGS = 12

#: Ranges that are tried before the best one is refined.
_RANGES = 48


@dataclass(frozen=True)
class Variogram:
    """Half the mean square of differences: ``nugget`` next to a point, ``nugget + sill`` from ``range`` metres on."""

    model: str
    nugget: float
    sill: float
    range: float

    def __post_init__(self) -> None:
        if self.model not in _SHAPES:
            raise InputError(f"变异函数“{self.model}”未知", why=f"可选：{'、'.join(_SHAPES)}")
        if not (self.nugget >= 0 and self.sill >= 0 and self.nugget + self.sill > 0 and self.range > 0):
            raise InputError(
                f"变异函数参数不合理：块金 {self.nugget:g}，基台 {self.sill:g}，变程 {self.range:g}",
                why="块金、偏基台不小于 0 且不都为 0，变程大于 0",
            )

    def __call__(self, distance: npt.ArrayLike) -> Floats:
        """Semivariance at these distances in metres; 0 at distance 0.

        >>> Variogram("spherical", nugget=1, sill=3, range=1000)([0, 500, 1000, 5000]).tolist()
        [0.0, 3.0625, 4.0, 4.0]
        """
        metres = np.asarray(distance, dtype=np.float64)
        found: Floats = self.sill * _SHAPES[self.model](metres / self.range)
        return found + self.nugget * (metres > 0)


def fit_variogram(
    coordinates: npt.ArrayLike, values: npt.ArrayLike, *, model: str = "spherical"
) -> Variogram:
    """The variogram of values at points, fitted to the mean squares of twelve lags, each by its pairs (Cressie 1985).

    For every range the best nugget and sill, not below 0, follow at once; ranges are searched from a lag to four times
    the farthest lag, so no start has to be guessed and the size of the values does not matter.
    ``coordinates`` has shape (point, 2), metres; ``values`` (point,). Raises ``InputError`` where all values are equal.

    >>> east = np.linspace(0, 10_000, 60)
    >>> small = fit_variogram(np.column_stack([east, east * 0]), 1e-9 * np.sin(east / 900))
    >>> large = fit_variogram(np.column_stack([east, east * 0]), 1e3 * np.sin(east / 900))
    >>> bool(np.isclose(small.range, large.range)), bool(np.isclose(1e24 * small.sill, large.sill))
    (True, True)
    """
    Variogram(model, 0.0, 1.0, 1.0)  # refuses an unknown model before the fit
    middle, empirical, pairs, farthest = _lags(coordinates, values)
    weights = np.sqrt(pairs)
    scale = empirical.max() or 1.0

    def fit(reach: float) -> tuple[Floats, float]:
        terms = np.column_stack([np.ones(len(middle)), _SHAPES[model](middle / reach)])
        return cast("tuple[Floats, float]", nnls(weights[:, None] * terms, weights * empirical / scale))

    # Ranges by their logarithms; between the neighbours of the best one the loss has one minimum.
    steps = np.linspace(np.log(farthest / _LAGS), np.log(4 * farthest), _RANGES)
    best = int(np.argmin([fit(reach)[1] for reach in np.exp(steps)]))
    low, high = steps[max(best - 1, 0)], steps[min(best + 1, _RANGES - 1)]
    found = minimize_scalar(lambda step: fit(np.exp(step))[1], bounds=(low, high), method="bounded")
    reach = float(np.exp(min((found.x, steps[best]), key=lambda step: fit(np.exp(step))[1])))
    nugget, sill = (fit(reach)[0] * scale).tolist()
    return Variogram(model, nugget, sill, reach)


def _lags(coordinates: npt.ArrayLike, values: npt.ArrayLike) -> tuple[Floats, Floats, Floats, float]:
    # Middle distance, half mean square and pairs of every lag that has pairs; and how far the lags go.
    places, known = np.asarray(coordinates, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if np.ptp(known) == 0:
        raise InputError("各点的值都相同", why="没有变化，无从插值", todo="核对数据")
    metres, halves = pdist(places), 0.5 * pdist(known[:, None], "sqeuclidean")
    farthest = float(metres.max() / 2)
    lag = np.minimum((metres / farthest * _LAGS).astype(np.intp), _LAGS)
    pairs = np.bincount(lag, minlength=_LAGS + 1)[:_LAGS].astype(np.float64)
    used = np.flatnonzero(pairs)
    middle, empirical = (
        np.bincount(lag, weights=each, minlength=_LAGS + 1)[used] / pairs[used] for each in (metres, halves)
    )
    return middle, empirical, pairs[used], farthest
