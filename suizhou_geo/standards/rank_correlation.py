"""Spearman's rank correlation of a series with time, its official critical values and its exact probability."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import stats

from suizhou_geo.standards.catalogue import Edition, newest_edition, read_table
from suizhou_geo.standards.rounding import Floats


def rank_correlation(values: npt.ArrayLike) -> Floats:
    """r_s = 1 − 6 Σd²/(N³ − N) of every series with its order in time; ties get mid-ranks.

    ``values`` has shape (…, time) without gaps and with at least two times; the result has shape (…).

    >>> rank_correlation([[1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [1, 3, 2, 5, 4]]).tolist()
    [1.0, -1.0, 0.8]
    """
    array = np.asarray(values, dtype=np.float64)
    n = array.shape[-1]
    ranks = stats.rankdata(array, axis=-1)
    squares = ((ranks - np.arange(1, n + 1)) ** 2).sum(axis=-1)
    found: Floats = 1 - 6 * squares / (n**3 - n)
    return found


def critical_values(n: int, *, edition: Edition | None = None) -> tuple[float, float]:
    """The official W_p of N periods at 0.05 and 0.01; of the next smaller N of the table where it has no such row.

    NaN below the table and above it.

    >>> critical_values(10), critical_values(11)
    ((0.564, 0.746), (0.564, 0.746))
    >>> critical_values(4)
    (nan, nan)
    """
    table = read_table(edition or newest_edition("rank-correlation"), name="critical").astype(float)
    below = table[table["n"] <= n]
    if below.empty or n > table["n"].max():
        return float("nan"), float("nan")
    return float(below["w_05"].iloc[-1]), float(below["w_01"].iloc[-1])


def tail_probability(series: npt.ArrayLike, *, exact_up_to: int) -> tuple[float, float]:
    """Probability, were all orders equally likely, of an r_s as far out: in its own direction, and in either.

    Up to ``exact_up_to`` periods all orders are counted, ties included; beyond, Student's t with N − 2 degrees of
    freedom approximates.

    >>> [round(p, 4) for p in tail_probability([1, 2, 3, 5, 4], exact_up_to=12)]
    [0.0417, 0.0833]
    >>> tail_probability([2, 2, 2, 2, 2], exact_up_to=12)
    (1.0, 1.0)
    """
    array = np.asarray(series, dtype=np.float64)
    doubled = tuple(np.rint(2 * stats.rankdata(array)).astype(int).tolist())
    if len(set(doubled)) == 1:
        return 1.0, 1.0
    if len(doubled) > exact_up_to:
        return _approximate(array)
    counts = _count_orders(tuple(sorted(doubled)))
    observed = sum((rank - 2 * place) ** 2 for place, rank in enumerate(doubled, start=1))
    # Under all orders Σd² is symmetric about its mean, ties or not: both ends are counted from there.
    middle = sum(place * count for place, count in enumerate(counts)) / counts.sum()
    distance = abs(observed - middle) - 1e-6
    places = np.arange(len(counts))
    low, high = counts[places <= middle - distance].sum(), counts[places >= middle + distance].sum()
    one = low if observed <= middle else high
    return float(min(one / counts.sum(), 1.0)), float(min((low + high) / counts.sum(), 1.0))


def _approximate(array: Floats) -> tuple[float, float]:
    found = stats.spearmanr(np.arange(len(array)), array)
    return float(found.pvalue) / 2, float(found.pvalue)


@lru_cache(maxsize=1024)
def _count_orders(doubled: tuple[int, ...]) -> Floats:
    # How many orders of the values have each Σ(2d)². One time after the other takes one of the values left: the sets
    # of values taken so far share their counts, 2^N of them instead of N! orders.
    n = len(doubled)
    largest = sum((high - 2 * place) ** 2 for place, high in enumerate(reversed(doubled), start=1)) + 1
    layer: dict[int, Floats] = {0: np.eye(1, largest)[0]}
    for place in range(1, n + 1):
        following: dict[int, Floats] = {}
        for taken, counts in layer.items():
            for index, rank in enumerate(doubled):
                if taken & (1 << index):
                    continue
                step = (rank - 2 * place) ** 2
                target = following.setdefault(taken | (1 << index), np.zeros(largest))
                target[step:] += counts[: largest - step]
        layer = following
    (counts,) = layer.values()
    return counts
