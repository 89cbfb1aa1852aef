"""Whether a series can carry a trend at all, and if not, why."""

import numpy as np
import numpy.typing as npt

from suizhou_geo.forecast.pairs import Bools, Floats

#: Snelder and others (2022) and LWP-Trends 2502: fewer say nothing about a direction.
FEWEST_VALUES, FEWEST_EXACT, FEWEST_DIFFERENT = 8, 5, 3

#: Of a season: values it needs at least, in every season.
FEWEST_IN_SEASON = 3

#: A run of one value longer than this part of the series says that a sensor stood still or a limit was copied.
LONGEST_RUN = 0.5


def why_not_analysed(
    values: Floats, censored: Bools, *, layout: npt.NDArray[np.intp] | None = None
) -> npt.NDArray[np.object_]:
    """The first reason against analysing each series, an empty text where there is none.

    Shapes (series, time); ``layout`` has the places of the steps of every season, −1 where there is none.
    """
    known = np.isfinite(values)
    exact = known & ~censored
    n, n_exact = known.sum(axis=1), exact.sum(axis=1)
    different = _count_different(np.where(exact, values, np.nan))
    longest = _longest_run(values, censored)
    reasons = [
        (n == 0, "没有数据"),
        (n < FEWEST_VALUES, f"少于 {FEWEST_VALUES} 个值"),
        (n_exact < FEWEST_EXACT, f"高于检出限的值少于 {FEWEST_EXACT} 个"),
        (different < FEWEST_DIFFERENT, f"不同的值少于 {FEWEST_DIFFERENT} 个"),
        (longest > LONGEST_RUN * n, "一半以上的值连续相同"),
    ]
    if layout is not None:
        padded = np.concatenate([known, np.zeros((len(known), 1), dtype=bool)], axis=1)
        fewest = padded[:, layout].sum(axis=2).min(axis=1, initial=values.shape[1])
        reasons.append((fewest < FEWEST_IN_SEASON, f"有的季节少于 {FEWEST_IN_SEASON} 个值"))
    found = np.full(len(values), "", dtype=object)
    for holds, text in reversed(reasons):
        found[holds] = text
    return found


def _count_different(values: Floats) -> npt.NDArray[np.intp]:
    ordered = np.sort(values, axis=1)
    known = np.isfinite(ordered)
    steps = (np.diff(ordered, axis=1) > 0) & known[:, 1:]
    found: npt.NDArray[np.intp] = steps.sum(axis=1) + known.any(axis=1)
    return found


def _longest_run(values: Floats, censored: Bools) -> npt.NDArray[np.intp]:
    """The longest run of one value below no limit; gaps do not end a run."""
    longest = run = np.zeros(len(values), dtype=np.intp)
    last = np.full(len(values), np.nan)
    for step in range(values.shape[1]):
        now = values[:, step]
        known = np.isfinite(now)
        same = known & (now == last) & ~censored[:, step]
        run = np.where(same, run + 1, np.where(known, 1, run))
        last = np.where(known, now, last)
        longest = np.maximum(longest, run)
    return longest
