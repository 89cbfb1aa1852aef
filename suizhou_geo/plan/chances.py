"""The chances of this year's goals: what the forecast says of sections, shares of sections and the city's air."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from suizhou_geo import forecast
from suizhou_geo.conventions import Fan, indicators
from suizhou_geo.errors import InputError
from suizhou_geo.files import Target
from suizhou_geo.plan.observed import SECTION_SHARES
from suizhou_geo.plan.targets import COMPARISONS

#: Paths behind every chance: their spread is 2 points at most.
_PATHS = 500

#: Seed of all pages: the same data give the same page.
_SEED = 20210101


@dataclass(frozen=True)
class SectionChance:
    """Probability that a section's class of the year attains its target, the indicator that decides if not, and fans."""

    p_attain: float
    binding: str
    fans: tuple[Fan, ...] = ()


@dataclass(frozen=True)
class Chances:
    """``sections`` by id; ``targets`` by the plan's id, with a sentence for the page in ``notes``."""

    sections: Mapping[str, SectionChance] = field(default_factory=dict)
    targets: Mapping[str, float] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


def draw_water(
    observations: pd.DataFrame, *, water_bodies: Mapping[str, str], year: int, month: int
) -> forecast.ClassPaths | None:
    """The year's classes of all sections of a city in joint paths, from what was known by that month.

    Errors are pooled over all sections. None without two years of history.
    """
    end = pd.Period(f"{year:04d}-{month:02d}", freq="M").end_time
    known = observations[observations["time"] <= end]
    if known["value"].isna().all():
        return None
    try:
        cube = forecast.mean_cube(known, halve=True)
        return forecast.draw_classes(
            cube, year=year, known_months=month, water_bodies=water_bodies, n_paths=_PATHS, random_state=_SEED
        )
    except InputError:
        # Too short a history is no mistake: there is nothing to say.
        return None


def water_chances(
    paths: forecast.ClassPaths | None,
    *,
    sections: Mapping[str, int],
    targets: Sequence[Target],
    year: int,
    month: int,
) -> Chances:
    """Chances of sections (id → target class) and of the plan's shares of them, in the paths of :func:`draw_water`."""
    if paths is None or not sections:
        return Chances()
    places = {
        site: place for place, site in enumerate(paths.sites) if site in sections and paths.used[place].any()
    }
    worst = paths.worst
    found = {
        site: SectionChance(
            float((worst[place] <= sections[site]).mean()),
            _binding(paths, place, sections[site]),
            _fans(paths, place, year=year, month=month),
        )
        for site, place in places.items()
    }
    own = worst[list(places.values())]
    chances = {
        target.id: float(COMPARISONS_OF[target.compare](_share(own, target.indicator), target.target).mean())
        for target in targets
        if target.indicator in SECTION_SHARES and target.target is not None and len(own)
    }
    notes = {
        target.id: _told(_share(own, target.indicator), unit="%")
        for target in targets
        if target.id in chances and month < 12
    }
    return Chances(found, chances if month < 12 else {}, notes)


#: How values of many paths are held against a target.
COMPARISONS_OF = {name: np.vectorize(compare, otypes=[bool]) for name, compare in COMPARISONS.items()}


def _share(worst: np.ndarray, indicator: str) -> np.ndarray:
    low, high = SECTION_SHARES[indicator]
    found: np.ndarray = np.round(100 * ((worst >= low) & (worst <= high)).mean(axis=0), 1)
    return found


def _binding(paths: forecast.ClassPaths, place: int, target: int) -> str:
    failing = paths.worst[place] > target
    if not failing.any():
        return ""
    decides = (paths.classes[place] == paths.worst[place]) & (paths.classes[place] > target)
    return indicators()[paths.items[int(decides[:, failing].mean(axis=1).argmax())]].name


def _fans(paths: forecast.ClassPaths, place: int, *, year: int, month: int) -> tuple[Fan, ...]:
    times = tuple(f"{year:04d}-{number:02d}" for number in range(month + 1, 13))
    if not times:
        return ()
    return tuple(
        Fan(code, times, forecast.FAN_LEVELS, tuple(map(tuple, np.round(values.T, 6).tolist())))
        for code, values, used in zip(paths.items, paths.fans[place], paths.used[place], strict=True)
        if used
    )


def _told(samples: np.ndarray, *, unit: str) -> str:
    low, middle, high = np.quantile(samples, [0.1, 0.5, 0.9])
    spread = (
        f"{middle:g}{unit}" if low == high else f"{low:g}–{high:g}{unit}（八成把握，居中 {middle:g}{unit}）"
    )
    return f"预测全年 {spread}"
