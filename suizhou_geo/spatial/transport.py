"""From a source to the sections: what part of a discharge arrives, and the plume of a spill in one dimension."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from suizhou_geo.errors import InputError
from suizhou_geo.spatial.likelihoods import Floats
from suizhou_geo.spatial.rivers import RiverNetwork

#: A plume has arrived when the concentration first reaches this part of its highest value at that place.
ARRIVED = 0.01

_SECONDS_A_DAY = 86_400.0


def river_metres(network: RiverNetwork, *, at_sources: pd.DataFrame, target: pd.Series) -> Floats:
    """Metres along the rivers from snapped places down to a snapped target; infinite where none leads there.

    ``at_sources`` and ``target`` are rows of :func:`snap_sites`.
    """
    reaches = network.reaches
    reach, along = int(target["reach"]), float(target["along_m"])
    to_start = network.metres_to(int(reaches.at[reach, "start"]))
    own = reaches.loc[at_sources["reach"]]
    rest = own["length"].to_numpy() - at_sources["along_m"].to_numpy()
    through = own["end"].map(to_start).fillna(np.inf).to_numpy(dtype=float)
    found = rest + through + along
    same = (at_sources["reach"] == reach).to_numpy()
    ahead = along - at_sources["along_m"].to_numpy()
    return np.where(same, np.where(ahead >= 0, ahead, np.inf), found)


def upstream_metres(network: RiverNetwork, *, places: pd.DataFrame) -> Floats:
    """Metres of river above each snapped place, all tributaries together: what stands in for an unknown discharge."""
    reaches = network.reaches
    found = []
    for _, place in places.iterrows():
        above = network.metres_to(int(reaches.at[int(place["reach"]), "start"]))
        found.append(reaches.loc[reaches["end"].isin(above), "length"].sum() + place["along_m"])
    return np.array(found, dtype=float)


def decay_rates(decay: float | Mapping[str, float], *, indicators: tuple[str, ...]) -> Floats:
    """One rate per day for each indicator; raises ``InputError`` for one that is missing or not possible."""
    if isinstance(decay, Mapping):
        missing = [code for code in indicators if code not in decay]
        if missing:
            raise InputError(f"没有 {'、'.join(missing)} 的降解系数", todo="在 decay 中补上，单位 1/d")
        rates = np.array([float(decay[code]) for code in indicators])
    else:
        rates = np.full(len(indicators), float(decay))
    for rate in rates:
        if not (np.isfinite(rate) and rate >= 0):
            raise InputError(f"降解系数 {rate:g} 不合理", why="应不小于 0，单位 1/d", todo="改正 decay")
    return rates


def check_velocity(velocity: float) -> None:
    """Raise ``InputError`` unless ``velocity`` is above 0 (m/s)."""
    if not (np.isfinite(velocity) and velocity > 0):
        raise InputError(f"流速 {velocity:g} 不合理", why="应大于 0，单位 m/s", todo="改正 velocity")


def spill_concentration(
    metres: Floats,
    *,
    seconds: Floats,
    mass: float,
    discharge: float,
    velocity: float,
    dispersion: float,
    decay: float = 0.0,
) -> Floats:
    """Concentration (mg/L) of an instantaneous release in a uniform channel, well mixed across.

    The analytic solution of one-dimensional advection, dispersion and first-order decay for a release of ``mass``
    (grams) at 0 m and 0 s into a cross-section ``A = discharge / velocity``::

        C(x, t) = mass / (A · sqrt(4 π D t)) · exp(-(x - u t)² / (4 D t)) · exp(-k t)

    (H. B. Fischer et al., Mixing in Inland and Coastal Waters, 1979, chapter 2). ``metres`` and ``seconds`` broadcast;
    ``discharge`` m³/s, ``velocity`` m/s, ``dispersion`` m²/s, ``decay`` per day. 0 at and before the release.

    One kilogram into 10 m³/s at 0.5 m/s, 1,800 m below, when its middle passes after an hour:

    >>> passing = spill_concentration(np.array([1800.0]), seconds=np.array([3600.0]), mass=1000.0, discharge=10.0,
    ...                               velocity=0.5, dispersion=20.0)
    >>> passing.round(4).tolist(), round(1000 / 20 / (4 * np.pi * 20 * 3600) ** 0.5, 4)
    ([0.0526], 0.0526)
    """
    after = np.maximum(np.asarray(seconds, dtype=float), 1e-9)
    spread = 4 * dispersion * after
    found: Floats = (
        mass / (discharge / velocity) / np.sqrt(np.pi * spread)
        * np.exp(-((metres - velocity * after) ** 2) / spread - decay * after / _SECONDS_A_DAY)
    )  # fmt: skip
    return np.where(np.asarray(seconds) > 0, found, 0.0)


def peak_seconds(metres: Floats, *, velocity: float, dispersion: float, decay: float = 0.0) -> Floats:
    """Seconds after the release at which the concentration is highest at each place.

    Where the derivative of the solution is 0: ``t = (-D + sqrt(D² + x² (u² + 4 k D))) / (u² + 4 k D)``; without
    dispersion this is ``x / u``.

    >>> peak_seconds(np.array([0.0, 1800.0]), velocity=0.5, dispersion=20.0).round().tolist()
    [0.0, 3521.0]
    """
    speed = velocity**2 + 4 * dispersion * decay / _SECONDS_A_DAY
    found: Floats = (-dispersion + np.sqrt(dispersion**2 + metres**2 * speed)) / speed
    return found


def spill_passage(
    metres: Floats, *, mass: float, discharge: Floats, velocity: float, dispersion: float, decay: float = 0.0
) -> pd.DataFrame:
    """When a spill arrives, peaks and has passed at places ``metres`` below, and how high it gets.

    Returns
    -------
    DataFrame
        ``arrival_h`` (1 % of the highest value reached), ``peak_h``, ``passed_h`` (back below 1 %), ``peak_mg_l``.
        ``discharge`` is that at each place: the mass is diluted in what flows there.
    """
    rows = []
    for place, flow in zip(np.asarray(metres, dtype=float), np.asarray(discharge, dtype=float), strict=True):
        top = float(peak_seconds(np.array([place]), velocity=velocity, dispersion=dispersion, decay=decay)[0])
        shape = {
            "mass": mass,
            "discharge": flow,
            "velocity": velocity,
            "dispersion": dispersion,
            "decay": decay,
        }
        highest = float(spill_concentration(np.array(place), seconds=np.array(max(top, 1.0)), **shape))
        mark = ARRIVED * highest
        rows.append(
            {
                "arrival_h": _crossing(place, mark, low=0.0, high=top, shape=shape) / 3600,
                "peak_h": top / 3600,
                "passed_h": _crossing(
                    place, mark, low=_beyond(place, mark, top, shape), high=top, shape=shape
                )
                / 3600,
                "peak_mg_l": highest,
            }
        )
    return pd.DataFrame(rows, columns=["arrival_h", "peak_h", "passed_h", "peak_mg_l"])


def _crossing(place: float, mark: float, *, low: float, high: float, shape: Mapping[str, float]) -> float:
    # Between a time at which the concentration is below the mark and the peak; 60 halvings are below a millisecond.
    for _ in range(60):
        middle = (low + high) / 2
        above = float(spill_concentration(np.array(place), seconds=np.array(middle), **shape)) >= mark
        low, high = (low, middle) if above else (middle, high)
    return high


def _beyond(place: float, mark: float, top: float, shape: Mapping[str, float]) -> float:
    time = max(top, 1.0) * 2
    while float(spill_concentration(np.array(place), seconds=np.array(time), **shape)) >= mark:
        time *= 2
    return time
