"""Sen's slope and its interval: where the pairs above a line balance the pairs below it."""

import numpy as np

from suizhou_geo.forecast.pairs import Bools, Floats, pair_slopes, pair_weights


def balanced_slopes(
    values: Floats, censored: Bools, times: Floats, *, spread: Floats
) -> tuple[Floats, Floats, Floats]:
    """Slope and interval of every series; each shape (series,), NaN without a pair.

    The slope is where S of the residuals is 0: without values below detection the median of all pair slopes (Sen
    1968), with them that of Akritas, Murphy and LaValley (1995), found exactly and not by steps. The interval is where
    S of the residuals is ± ``spread`` (Gilbert 1987, 16.4), between order statistics by straight lines.

    Parameters
    ----------
    values, censored, times
        As in :mod:`suizhou_geo.forecast.pairs`.
    spread
        z · √Var(S) of every series.
    """
    slopes = pair_slopes(values, times)
    limited = censored.any(axis=(0, 1))
    found = np.full((3, len(slopes)), np.nan)
    if not limited.all():
        found[:, ~limited] = _of_values(slopes[~limited], spread[~limited])
    if limited.any():
        weights, highest = pair_weights(values[..., limited], censored[..., limited], times)
        found[:, limited] = _of_limits(slopes[limited], weights, highest, spread[limited])
    return found[0], found[1], found[2]


def _of_values(slopes: Floats, spread: Floats) -> Floats:
    ordered = np.sort(slopes, axis=1)
    count = np.isfinite(ordered).sum(axis=1)
    middle = _at(ordered, (count + 1) / 2, count)
    low = _at(ordered, (count - spread) / 2, count)
    high = _at(ordered, (count + spread) / 2 + 1, count)
    return np.stack([middle, low, high])


def _of_limits(slopes: Floats, weights: np.ndarray, highest: Floats, spread: Floats) -> Floats:
    # A slope stands there once for every step by which S falls at it.
    once, twice = np.where(weights > 0, slopes, np.nan), np.where(weights > 1, slopes, np.nan)
    ordered = np.sort(np.concatenate([once, twice], axis=1), axis=1)
    count = np.isfinite(ordered).sum(axis=1)
    middle = (_at(ordered, highest, count) + _at(ordered, highest + 1, count)) / 2
    low = _at(ordered, np.floor(highest - spread), count)
    high = _at(ordered, np.ceil(highest + spread) + 1, count)
    return np.stack([middle, low, high])


def _at(ordered: Floats, rank: Floats, count: np.ndarray) -> Floats:
    """The value at a rank counted from 1, between two by a straight line, beyond the ends the end itself."""
    if not ordered.shape[1]:
        return np.full(len(ordered), np.nan)
    place = np.clip(np.nan_to_num(rank) - 1, 0, np.maximum(count - 1, 0))
    below = np.floor(place).astype(np.intp)
    above = np.minimum(below + 1, np.maximum(count - 1, 0))
    rows = np.arange(len(ordered))
    part = place - below
    found: Floats = np.where(
        count > 0, ordered[rows, below] * (1 - part) + ordered[rows, above] * part, np.nan
    )
    return found
