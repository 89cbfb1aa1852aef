"""What if the rest of the year were cleaner, and how do many sites stand together: read off the same paths."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from suizhou_geo.errors import InputError
from suizhou_geo.forecast.pairs import Bools, Floats

#: Probability with which the smallest cut attains.
CUT_LEVEL = 0.8


@dataclass(frozen=True)
class RollUp:
    """How many of ``sites`` attain: the expected number, its 90 % range, and the probability that all do."""

    sites: int
    expected: float
    low: int
    high: int
    p_all: float


def roll_up(met: Bools) -> RollUp | None:
    """The sites together, path by path, so that a bad winter is bad for all of them; None where there are none.

    ``met`` says whether a site attains in a path, shape ``(site, path)``.

    >>> roll_up(np.array([[True, True, False, False], [True, True, True, False]]))
    RollUp(sites=2, expected=1.25, low=0, high=2, p_all=0.5)
    """
    if not len(met):
        return None
    counts = met.sum(axis=0)
    # Whole numbers: the range holds at least what it promises.
    low, high = np.quantile(counts, 0.05, method="lower"), np.quantile(counts, 0.95, method="higher")
    return RollUp(len(met), float(counts.mean()), int(low), int(high), float(met.all(axis=0).mean()))


@dataclass(frozen=True, eq=False)
class Attained:
    """Whether each judged site attains in each path: ``met`` has shape ``(site, path)``.

    Compared by identity, as pandas compares what it carries in ``attrs``.
    """

    sites: tuple[str, ...]
    met: Bools


def attained_by(sites: Iterable[Any], met: npt.ArrayLike, judged: npt.ArrayLike) -> dict[str, Any]:
    """What a table carries in ``attrs``: ``attained`` and, of all judged sites together, ``roll_up``."""
    kept = np.asarray(judged, dtype=bool)
    chosen = tuple(str(site) for site, is_judged in zip(sites, kept, strict=True) if is_judged)
    reached = np.asarray(met, dtype=bool)[kept]
    return {"attained": Attained(chosen, reached), "roll_up": roll_up(reached)}


def smallest_cut(rest: Floats, *, allowed: Floats) -> Floats:
    """The least per cent off the remaining months with which a site attains with probability 0.8, rounded up to 0.1.

    0 where nothing need be done, NaN where even a rest of zero would not do.

    Parameters
    ----------
    rest
        Mean of the remaining months in every path, shape ``(site, path)``.
    allowed
        What that mean may be at most, shape ``(site,)``; below 0 where the known months alone are too much.

    >>> smallest_cut(np.array([[40.0, 50.0, 50.0, 50.0, 50.0]] * 3), allowed=np.array([60.0, 45.0, -1.0])).tolist()
    [0.0, 10.0, nan]
    """
    upper = np.quantile(rest, CUT_LEVEL, axis=1, method="higher")
    share = 1 - allowed / np.where(upper > 0, upper, np.nan)
    # The small part keeps 10.000000001 from becoming 10.1.
    cut = np.clip(np.ceil(1000 * share - 1e-9) / 10, 0.0, None)
    return np.where((allowed < 0) | (cut > 100), np.nan, cut)


def check_cut(cut: float) -> None:
    """Raise ``InputError`` for a cut that is not a per cent from 0 to 100."""
    if not 0 <= cut <= 100:
        raise InputError(f"削减比例 {cut:g} 不合理", why="应在 0 与 100 之间，单位 %", todo="例如 --cut 10")


def bisect_cuts(chances: Callable[[Floats], Floats], *, size: int) -> Floats:
    """The least cuts in per cent, to 0.1, with which each chance reaches 0.8; NaN where even 99.9 does not do.

    ``chances`` takes one cut per site, shape ``(size,)``, and gives one probability each; more cut never gives less.

    >>> bisect_cuts(lambda cuts: np.array([cuts[0] / 50, 0.9, 0.1]), size=3).tolist()
    [40.0, 0.0, nan]
    """
    at_once, never = chances(np.zeros(size)) >= CUT_LEVEL, chances(np.full(size, 99.9)) < CUT_LEVEL
    # In tenths of a per cent: low does not do, high does.
    low, high = np.zeros(size, dtype=int), np.full(size, 999)
    while (high - low > 1).any():
        middle = (low + high) // 2
        does = chances(middle / 10) >= CUT_LEVEL
        low, high = np.where(does, low, middle), np.where(does, middle, high)
    return np.where(at_once, 0.0, np.where(never, np.nan, high / 10))


def cut_of_group(cut: float, *, share: float) -> float:
    """What a cut of one group of sources takes off a concentration: its share of ``cut`` per cent.

    ``share`` is the group's part of the concentration (of the load, where that is all there is to go by), in per cent.

    >>> cut_of_group(20, share=40)
    8.0

    Raises ``InputError`` for a cut or a share that is not a per cent from 0 to 100.
    """
    check_cut(cut)
    if not 0 <= share <= 100:
        raise InputError(
            f"源的占比 {share:g} 不合理", why="应在 0 与 100 之间，单位 %", todo="例如 --share 40"
        )
    return cut * share / 100
