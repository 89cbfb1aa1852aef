"""The exact distribution of Kendall's S for short series, ties included."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from suizhou_geo.forecast.pairs import Bools, Floats

#: Up to so many values chance is counted out exactly; beyond, the normal distribution is close.
EXACT_UP_TO = 20


def exact_probability(s: float, *, n: int, ties: Sequence[int] = ()) -> float:
    """Probability of an S as far from 0 as this, in either direction, were all orders equally likely.

    ``ties`` are the sizes of the groups of equal values; values that are alone need not be named.

    >>> round(exact_probability(6, n=4), 6), round(exact_probability(5, n=4, ties=(2,)), 6)
    (0.083333, 0.166667)
    """
    counts = _distribution(n, tuple(sorted(size for size in ties if size > 1)))
    pairs = len(counts) - 1
    # counts[k] orders have k pairs that fall, of the pairs that can have an order.
    scores = pairs - 2 * np.arange(len(counts))
    return float(counts[np.abs(scores) >= abs(s) - 1e-9].sum())


@lru_cache(maxsize=4096)
def _distribution(n: int, ties: tuple[int, ...]) -> Floats:
    # Inversions of the permutations of a multiset: the q-multinomial coefficient [n]! / Π [tᵢ]!.
    counts = np.ones(1)
    for size in range(2, n + 1):
        counts = np.convolve(counts, np.ones(size))
    for tie in ties:
        for size in range(2, tie + 1):
            # Exact division of polynomials with whole coefficients: running differences of period ``size``.
            counts = _divide(counts, size)
    found: Floats = counts / counts.sum()
    return found


def _divide(counts: Floats, size: int) -> Floats:
    """The polynomial that times 1 + q + … + q^(size−1) gives ``counts``."""
    length = len(counts) - size + 1
    quotient = np.zeros(length)
    running = 0.0
    for place in range(length):
        quotient[place] = counts[place] - running
        running += quotient[place] - (quotient[place - size + 1] if place >= size - 1 else 0.0)
    return quotient


def exact_probabilities(values: Floats, censored: Bools, s: Floats) -> Floats:
    """:func:`exact_probability` of every series; NaN beyond 20 values, and where a pair has no known order.

    Shapes (series, time) and (series,).
    """
    n = np.isfinite(values).sum(axis=1)
    found = np.full(len(n), np.nan)
    for row in np.flatnonzero((n > 1) & (n <= EXACT_UP_TO)):
        groups = _tie_groups(values[row], censored[row])
        if groups is not None:
            found[row] = exact_probability(s[row], n=int(n[row]), ties=groups)
    return found


def _tie_groups(values: Floats, censored: Bools) -> tuple[int, ...] | None:
    # Values below several limits, or limits among the values, have no order to count out.
    known = np.isfinite(values)
    exact, limits = values[known & ~censored], values[known & censored]
    if len(limits) and (len(np.unique(limits)) > 1 or (exact < limits.max()).any()):
        return None
    _, counts = np.unique(exact, return_counts=True)
    return (*counts.tolist(), len(limits))
