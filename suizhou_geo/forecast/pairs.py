"""All pairs of every series at once: Kendall's S, its variance under chance, and the slopes between two values.

Arrays have shape (season, step, series), so that every operation runs along the series; ``times`` has (season, step).
Pairs are taken within a season. A value below detection lies anywhere below its limit; a pair whose order that leaves
open counts as a tie. NaN stands where nothing is known, the limit where a value is below it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.intp]


@dataclass(frozen=True)
class PairScores:
    """What the pairs of a season say; every field has shape (season, series).

    ``s`` pairs that rise less those that fall; ``variance`` of ``s`` were all orders equally likely; ``pairs`` how
    many there are; ``untied`` how many have an order; ``n`` the values.
    """

    s: Floats
    variance: Floats
    pairs: Floats
    untied: Floats
    n: Counts


def score_pairs(values: Floats, censored: Bools, times: Floats) -> PairScores:
    """Scores of all pairs; those of one time are not scored.

    The variance is that of the general correlation coefficient over all permutations (Daniels 1944, Kendall 1975),
    which needs no formula of its own for ties or for values below detection.
    """
    seasons, steps, series = values.shape
    open_ends = bool(censored.any())
    # A value below its limit lies below every value that reaches the limit.
    level = np.where(censored, np.nextafter(values, -np.inf), values) if open_ends else values
    known = np.isfinite(values)
    exact = known & ~censored if open_ends else known
    s, untied = (np.zeros((seasons, series), dtype=np.int32) for _ in range(2))
    totals = np.zeros(values.shape, dtype=np.int16 if steps < 2**15 else np.int32)
    for later in range(1, steps):
        before, now = level[:, :later], level[:, later : later + 1]
        rises, falls = now > before, now < before
        if open_ends:
            rises &= exact[:, later : later + 1]
            falls &= exact[:, :later]
        sign = rises.view(np.int8) - falls.view(np.int8)
        totals[:, later] += sign.sum(axis=1, dtype=totals.dtype)
        totals[:, :later] -= sign
        untied += (rises | falls).sum(axis=1, dtype=np.int32)
        scored = times[:, later : later + 1] > times[:, :later]
        s += (sign if scored.all() else sign * scored[:, :, None]).sum(axis=1, dtype=np.int32)
    both_ways: Floats = 2 * untied.astype(np.float64)
    squares: Floats = (totals.astype(np.float64) ** 2).sum(axis=1)
    return PairScores(
        s.astype(np.float64),
        _variance(squares, both_ways, known, times),
        _count_pairs(known, times),
        untied.astype(np.float64),
        known.sum(axis=1),
    )


def _variance(squares: Floats, both_ways: Floats, known: Bools, times: Floats) -> Floats:
    # Over all permutations of x against t, with a_ij and b_ij the signs of their differences:
    # 4 Var(S) = 4 (Σaᵢ.² − Σaᵢⱼ²)(Σbᵢ.² − Σbᵢⱼ²) / n(n−1)(n−2) + 2 Σaᵢⱼ² Σbᵢⱼ² / n(n−1).
    if (np.diff(times, axis=1) > 0).all():
        found: Floats = squares / 3 + both_ways / 6
        return found
    order = np.sign(times[:, :, None] - times[:, None, :])
    weights = known.astype(np.float64)
    rows = (order @ weights) * weights
    time_squares = (rows**2).sum(axis=1)
    time_both_ways = ((np.abs(order) @ weights) * weights).sum(axis=1)
    n = weights.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        third = (squares - both_ways) * (time_squares - time_both_ways) / (n * (n - 1) * (n - 2))
        second = both_ways * time_both_ways / (2 * n * (n - 1))
    # Two values have no third, one value no second: no pair, no variance.
    return np.where(n > 2, third, 0.0) + np.where(n > 1, second, 0.0)


def _count_pairs(known: Bools, times: Floats) -> Floats:
    n = known.sum(axis=1)
    pairs: Floats = n * (n - 1) / 2
    if not (np.diff(times, axis=1) > 0).all():
        weights = known.astype(np.float64)
        same = (times[:, :, None] == times[:, None, :]).astype(np.float64)
        pairs = (n**2 - ((same @ weights) * weights).sum(axis=1)) / 2
    return pairs


def pair_slopes(values: Floats, times: Floats) -> Floats:
    """Slopes between all pairs of different times, shape (series, pair); NaN where one of the two is not known."""
    seasons, steps, series = values.shape
    slopes = np.empty((seasons, steps * (steps - 1) // 2, series))
    start = 0
    for later in range(1, steps):
        part = slopes[:, start : start + later]
        np.subtract(values[:, later : later + 1], values[:, :later], out=part)
        distance = times[:, later : later + 1] - times[:, :later]
        part *= (1 / np.where(distance > 0, distance, np.nan))[:, :, None]
        start += later
    return np.ascontiguousarray(slopes.reshape(-1, series).T)


def pair_weights(values: Floats, censored: Bools, times: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """How far S falls where a trend line passes the slope of a pair, and S of a line that falls without end.

    Two values: by 2. A value and a limit: by 1, as the pair has an order on one side only. Two limits: by 0.
    Shapes (series, pair) in the order of :func:`pair_slopes`, and (series,).
    """
    seasons, steps, series = values.shape
    known = np.isfinite(values)
    exact = known & ~censored
    weights = np.empty((seasons, steps * (steps - 1) // 2, series), dtype=np.int8)
    highest = np.zeros(series)
    start = 0
    for later in range(1, steps):
        scored = (times[:, later : later + 1] > times[:, :later])[:, :, None]
        both = known[:, later : later + 1] & known[:, :later] & scored
        now, before = exact[:, later : later + 1] & both, exact[:, :later] & both
        np.add(now, before, out=weights[:, start : start + later], dtype=np.int8, casting="unsafe")
        # Seen from a line that falls without end every later value lies above; a limit says nothing upwards.
        highest += now.sum(axis=(0, 1))
        start += later
    return np.ascontiguousarray(weights.reshape(-1, series).T), highest
