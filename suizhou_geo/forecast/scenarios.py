"""What if the rest of the year were cleaner, and how do many sites stand together: read off the same paths."""

from dataclasses import dataclass

import numpy as np

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
