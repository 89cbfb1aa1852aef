"""Neighbours in time that resemble each other: how much less a series tells than its number of values says."""

import numpy as np
from scipy import stats

from suizhou_geo.forecast.pairs import Bools, Floats, score_pairs


def variance_factors(residuals: Floats, *, lags: int | None = None, significance: float = 0.05) -> Floats:
    """By how much autocorrelation widens the variance of S (Hamed and Rao 1998, equation 9), shape (series,).

    1 + 2/(n(n−1)(n−2)) Σ (n−i)(n−i−1)(n−i−2) ρ(i) over the lags whose autocorrelation of the ranks of the residuals
    is significant. ``residuals`` from a trend line have shape (series, time) in even steps; over a gap neighbours are
    not neighbours, so pairs with a gap are left out of the sums.
    """
    length = residuals.shape[1]
    ranks = stats.rankdata(residuals, axis=1, nan_policy="omit")
    n = np.isfinite(residuals).sum(axis=1).astype(np.float64)
    correlation = rank_autocorrelation(ranks)[:, 1 : (length if lags is None else lags + 1)]
    bound = stats.norm.ppf(1 - significance / 2) / np.sqrt(np.maximum(n, 1))
    used = np.where(np.abs(correlation) > bound[:, None], correlation, 0.0)
    left = np.maximum(n[:, None] - np.arange(1, correlation.shape[1] + 1), 0)
    weights = left * np.maximum(left - 1, 0) * np.maximum(left - 2, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = 1 + 2 * (weights * used).sum(axis=1) / (n * (n - 1) * (n - 2))
    # A negative sum can make the variance vanish or negative; then nothing is corrected.
    return np.where(np.isfinite(factor) & (factor > 0), factor, 1.0)


def rank_autocorrelation(ranks: Floats) -> Floats:
    """Autocorrelation at lags 0, 1, … of every row, NaN left out; shape (series, lag)."""
    known = np.isfinite(ranks)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    centred = np.where(known, ranks - np.nansum(ranks, axis=1, keepdims=True) / count, 0.0)
    length = ranks.shape[1]
    spectrum = np.fft.rfft(centred, n=2 * length, axis=1)
    products = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :length]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = products / products[:, :1]
    return np.nan_to_num(found)


def bootstrap_probability(
    values: Floats,
    censored: Bools,
    times: Floats,
    *,
    block: int,
    rounds: int = 1000,
    random_state: int | np.random.Generator | None = None,
) -> Floats:
    """Two-sided probability of S by drawing blocks of neighbours (Önöz and Bayazit 2012), shape (series,).

    Blocks of ``block`` neighbouring values are drawn with replacement and joined, which keeps the dependence within
    a block and destroys a trend; p is the share of rounds whose |S| reaches that of the data, the data included.
    """
    random = np.random.default_rng(random_state)
    length = values.shape[1]
    block = min(block, length)
    observed = np.abs(score_pairs(values.T[None], censored.T[None], times[None]).s[0])
    reached = np.ones(len(values))
    for _ in range(rounds):
        starts = random.integers(0, length - block + 1, size=-(-length // block))
        order = (starts[:, None] + np.arange(block)).ravel()[:length]
        drawn = score_pairs(values[:, order].T[None], censored[:, order].T[None], times[None])
        reached += np.abs(drawn.s[0]) >= observed
    found: Floats = reached / (rounds + 1)
    return found
