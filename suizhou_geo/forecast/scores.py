"""How good a probabilistic forecast was: proper scores, coverage and reliability as array functions."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from scipy.stats import binomtest

from suizhou_geo.forecast.pairs import Bools, Floats

#: Newton's method doubles the digits at every step once it is near; a step farther than this overshoots.
_NEWTON_STEPS, _FARTHEST = 30, 2.0


def crps(samples: npt.ArrayLike, truth: npt.ArrayLike) -> Floats:
    """Continuous ranked probability score of samples (…, path) against the truth (…), in the unit of the values.

    E|X − y| − ½ E|X − X'| over the samples as they are (Gneiting and Raftery 2007, equation 21).

    >>> crps([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0]], [2.0, 4.0]).round(4).tolist()
    [0.2222, 1.0]
    """
    ordered = np.sort(np.asarray(samples, dtype=np.float64), axis=-1)
    observed = np.asarray(truth, dtype=np.float64)
    count = ordered.shape[-1]
    weights = 2 * np.arange(1, count + 1) - count - 1
    spread = (ordered * weights).sum(axis=-1) / count**2
    found: Floats = np.abs(ordered - observed[..., None]).mean(axis=-1) - spread
    return found


def brier(probability: npt.ArrayLike, happened: npt.ArrayLike) -> Floats:
    """(p − o)².

    >>> brier([0.8, 0.8], [True, False]).round(2).tolist()
    [0.04, 0.64]
    """
    found: Floats = (np.asarray(probability, dtype=np.float64) - np.asarray(happened, dtype=np.float64)) ** 2
    return found


def log_score(probability: npt.ArrayLike, happened: npt.ArrayLike, *, n_paths: int) -> Floats:
    """−ln of the probability given to what happened; with n paths no probability is nearer to 0 or 1 than 1/2n.

    >>> log_score([0.5], [True], n_paths=100).round(4).tolist()
    [0.6931]
    """
    p = np.clip(np.asarray(probability, dtype=np.float64), 1 / (2 * n_paths), 1 - 1 / (2 * n_paths))
    found: Floats = -np.log(np.where(np.asarray(happened, dtype=bool), p, 1 - p))
    return found


def rps(probabilities: npt.ArrayLike, observed: npt.ArrayLike) -> Floats:
    """Ranked probability score over ordered classes 1…K: Σ (P_k − O_k)² of the cumulative ones, divided by K − 1.

    >>> rps([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], [2, 3]).tolist()
    [0.0, 1.0]
    """
    shares = np.asarray(probabilities, dtype=np.float64)
    classes = np.arange(1, shares.shape[-1] + 1)
    reached = np.asarray(observed)[..., None] <= classes
    found: Floats = ((np.cumsum(shares, axis=-1) - reached) ** 2)[..., :-1].sum(axis=-1) / (
        shares.shape[-1] - 1
    )
    return found


def covers(samples: npt.ArrayLike, truth: npt.ArrayLike, *, level: float) -> tuple[Bools, Floats]:
    """Whether the central interval of that probability holds the truth, and how wide it is."""
    low, high = np.quantile(
        np.asarray(samples, dtype=np.float64), [(1 - level) / 2, (1 + level) / 2], axis=-1
    )
    observed = np.asarray(truth, dtype=np.float64)
    return (low <= observed) & (observed <= high), high - low


def reliability_slope(
    probability: npt.ArrayLike, happened: npt.ArrayLike, counts: npt.ArrayLike | None = None
) -> Floats:
    """Slope of the logistic line of what happened on the log-odds that were given: 1 is reliable, below 1 overconfident.

    Maximum likelihood by Newton's method, for all rows of ``counts`` at once. NaN where everything or nothing happened
    or all were given the same, infinite where one probability tells all that happened from all that did not.

    Parameters
    ----------
    probability, happened
        Shape (case,).
    counts
        How often each case counts, shape (…, case); every case once if not given.

    Returns
    -------
    Array of shape (…), of shape () without counts.
    """
    p = np.clip(np.asarray(probability, dtype=np.float64), 0.005, 0.995)
    outcome = np.asarray(happened, dtype=np.float64)
    odds = np.log(p / (1 - p))
    weights = np.ones(len(p)) if counts is None else np.asarray(counts, dtype=np.float64)
    level, slope = np.zeros(weights.shape[:-1]), np.zeros(weights.shape[:-1])
    for _ in range(_NEWTON_STEPS):
        said = expit(level[..., None] + slope[..., None] * odds)
        wrong, spread = weights * (outcome - said), weights * said * (1 - said)
        first, second = spread @ odds, spread @ odds**2
        # A ridge far below any real curvature keeps a line that runs away solvable.
        curvature = (spread.sum(axis=-1) + 1e-12) * (second + 1e-12) - first**2
        total, leaning = wrong.sum(axis=-1), wrong @ odds
        level = level + np.clip((second * total - first * leaning) / curvature, -_FARTHEST, _FARTHEST)
        slope = slope + np.clip(
            (spread.sum(axis=-1) * leaning - first * total) / curvature, -_FARTHEST, _FARTHEST
        )
    share = weights @ outcome / weights.sum(axis=-1)
    slope = np.where(_is_separated(odds, outcome > 0, weights), np.inf, slope)
    found: Floats = np.where((share > 0) & (share < 1) & (np.ptp(odds) > 0), slope, np.nan)
    return found


def _is_separated(odds: Floats, happened: Bools, weights: Floats) -> Bools:
    # Every case that happened was given more than every case that did not: no finite line is the best.
    counted = weights > 0
    least = np.where(counted & happened, odds, np.inf).min(axis=-1)
    most = np.where(counted & ~happened, odds, -np.inf).max(axis=-1)
    found: Bools = least >= most
    return found


def reliability_bins(probability: npt.ArrayLike, happened: npt.ArrayLike, *, bins: int = 10) -> pd.DataFrame:
    """How often it happened where it was given about that probability: ``low, high, n, said, came, came_low, came_high``.

    ``said`` is the mean probability of a bin, ``came`` the share that happened with its 90 % interval (Wilson), which
    takes the cases as independent and is therefore too narrow where sites share their weather. Empty bins are left out.

    >>> reliability_bins([0.02, 0.04, 0.95, 0.97], [False, False, True, True])[["n", "said", "came"]].values.tolist()
    [[2.0, 0.03, 0.0], [2.0, 0.96, 1.0]]
    """
    p, outcome = np.asarray(probability, dtype=np.float64), np.asarray(happened, dtype=bool)
    place = np.minimum((p * bins).astype(np.intp), bins - 1)
    rows = []
    for each in np.unique(place):
        chosen = place == each
        interval = binomtest(int(outcome[chosen].sum()), int(chosen.sum())).proportion_ci(
            0.9, method="wilson"
        )
        rows.append(
            {
                "low": each / bins, "high": (each + 1) / bins, "n": int(chosen.sum()), "said": float(p[chosen].mean()),
                "came": float(outcome[chosen].mean()), "came_low": interval.low, "came_high": interval.high,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
