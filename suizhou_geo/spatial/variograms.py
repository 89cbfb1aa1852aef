"""How alike two places are by how far apart they lie: models of the variogram and their fit."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import curve_fit
from scipy.spatial.distance import pdist

from suizhou_geo.errors import InputError

Floats = npt.NDArray[np.float64]

#: Share of the sill by distance over range; ``exponential`` and ``gaussian`` reach 95 % of it at the range.
_SHAPES: dict[str, Callable[[Floats], Floats]] = {
    "spherical": lambda h: np.where(h < 1, 1.5 * h - 0.5 * h**3, 1.0),
    "exponential": lambda h: 1 - np.exp(-3 * h),
    "gaussian": lambda h: 1 - np.exp(-3 * h**2),
}

#: Lags of the empirical variogram, up to half of the largest distance (Journel and Huijbregts 1978).
_LAGS = 12


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
        found: Floats = self.nugget + self.sill * _SHAPES[self.model](metres / self.range)
        return np.where(metres > 0, found, 0.0)


def fit_variogram(
    coordinates: npt.ArrayLike, values: npt.ArrayLike, *, model: str = "spherical"
) -> Variogram:
    """The variogram of values at points, fitted to the mean squares of twelve lags, each by its pairs (Cressie 1985).

    ``coordinates`` has shape (point, 2), metres; ``values`` (point,). Raises ``InputError`` where all values are equal.
    """
    places, known = np.asarray(coordinates, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if np.ptp(known) == 0:
        raise InputError("各点的值都相同", why="没有变化，无从插值", todo="核对数据")
    metres, halves = pdist(places), 0.5 * pdist(known[:, None], "sqeuclidean")
    farthest = metres.max() / 2
    lag = np.minimum((metres / farthest * _LAGS).astype(np.intp), _LAGS)
    pairs = np.bincount(lag, minlength=_LAGS + 1)[:_LAGS]
    used = np.flatnonzero(pairs)
    middle = np.bincount(lag, weights=metres, minlength=_LAGS + 1)[used] / pairs[used]
    empirical = np.bincount(lag, weights=halves, minlength=_LAGS + 1)[used] / pairs[used]
    spread = known.var()

    def curve(h: Floats, nugget: float, sill: float, reach: float) -> Floats:
        found: Floats = nugget + sill * _SHAPES[model](h / reach)
        return found

    Variogram(model, 0.0, 1.0, 1.0)  # refuses an unknown model before the fit
    (nugget, sill, reach), _ = curve_fit(
        curve, middle, empirical, p0=(0.1 * spread, spread, farthest / 2), sigma=1 / np.sqrt(pairs[used]),
        bounds=((0, 1e-6 * spread, farthest / _LAGS), (2 * spread, 10 * spread, 4 * farthest)),
    )  # fmt: skip
    return Variogram(model, float(nugget), float(sill), float(reach))
