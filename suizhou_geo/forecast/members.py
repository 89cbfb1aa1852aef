"""Monthly predictions of the rest of a year from what was known at a month: the members of the forecast.

Arrays hold logarithms (or values, where these can be 0 or less) of shape (series, year, month), NaN where nothing is
known. Everything runs over all series at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from suizhou_geo.forecast.pairs import Floats

#: How fast the level follows a new month, from sluggish to quick: past errors decide between them.
LEVEL_GAINS = (0.05, 0.1, 0.2, 0.4)

#: With a single year of history its season is as much noise as season; this part of it is taken from all series.
_SINGLE_YEAR_SHRINKAGE = 0.3

_ROUNDS = 8


@dataclass(frozen=True)
class Season:
    """What the years before a year say of it, all of shape (series, …).

    ``months`` (series, month) around 0; ``level`` that of the last year; ``drift`` the damped mean yearly change of all
    series; ``last_year`` its months, filled from the years before where it has none.
    """

    months: Floats
    level: Floats
    drift: float
    last_year: Floats


def fit_season(history: Floats) -> Season:
    """Month effects of every series, from all its years, drawn towards those of all series as far as they are noise.

    Year and month effects are fitted in turns, so that a missing month does not tilt its year. A month effect from
    few and restless years is mostly noise: it is drawn towards the common one by its own share of noise (empirical
    Bayes).
    """
    known = np.isfinite(history)
    filled = np.where(known, history, 0.0)
    in_year, in_month = known.sum(axis=2), known.sum(axis=1)
    months = np.zeros(history.shape[::2])
    levels = np.zeros(history.shape[:2])
    for _ in range(_ROUNDS):
        levels = _mean((filled - months[:, None, :] * known).sum(axis=2), in_year)
        months = _mean((filled - np.nan_to_num(levels)[:, :, None] * known).sum(axis=1), in_month)
        months = np.nan_to_num(months)
        centre = _mean(months.sum(axis=1), (in_month > 0).sum(axis=1))
        months = np.where(in_month > 0, months - np.nan_to_num(centre)[:, None], 0.0)
    residuals = np.where(known, history - np.nan_to_num(levels)[:, :, None] - months[:, None, :], 0.0)
    shrunk = _shrink(months, residuals, known, in_month)
    return Season(shrunk, _last_known(levels), _drift(levels), _last_known(history))


def _shrink(months: Floats, residuals: Floats, known: Floats, in_month: Floats) -> Floats:
    common = np.nan_to_num(_mean(np.where(in_month > 0, months, 0.0).sum(axis=0), (in_month > 0).sum(axis=0)))
    freedom = known.sum(axis=(1, 2)) - (known.any(axis=2).sum(axis=1) + 11)
    usable = freedom > 0
    if usable.any():
        noise = (residuals**2).sum() / max(freedom[usable].sum(), 1)
        spread = ((months - common) ** 2)[in_month.min(axis=1) > 0]
        share = noise / np.maximum(in_month, 1)
        between = max(float(spread.mean()) - float(share.mean()) if spread.size else 0.0, 1e-12)
        weight = share / (share + between)
    else:
        weight = np.full(months.shape, _SINGLE_YEAR_SHRINKAGE)
    if len(months) == 1:
        weight = np.zeros_like(weight)
    weight = np.where(in_month > 0, weight, 1.0)
    found: Floats = (1 - weight) * months + weight * common
    return found


def predict_level_season(season: Season, current: Floats, *, known_months: int, gain: float) -> Floats:
    """The season on a level that starts at last year's, drifts, and takes up ``gain`` of every month's surprise.

    ``current`` has shape (series, month); only its first ``known_months`` are looked at.
    """
    level = season.level + season.drift
    for month in range(known_months):
        error = current[:, month] - season.months[:, month] - level
        level = level + gain * np.nan_to_num(error)
    found: Floats = level[:, None] + season.months
    return found


def predict_last_year(season: Season, current: Floats, *, known_months: int) -> Floats:  # noqa: ARG001
    """The same months of last year."""
    return season.last_year


def predict_anomaly(season: Season, current: Floats, *, known_months: int) -> Floats:
    """Last year's level and the season, moved by a part of how far the known months lie off; it fades over the year."""
    base: Floats = season.level[:, None] + season.months
    if known_months == 0:
        return base
    off = current[:, :known_months] - base[:, :known_months]
    seen = np.isfinite(off)
    mean_off = _mean(np.where(seen, off, 0.0).sum(axis=1), seen.sum(axis=1))
    found: Floats = base + carry_over(known_months) * np.nan_to_num(mean_off)[:, None]
    return found


def carry_over(known_months: int) -> float:
    """Which part of the anomaly so far the coming months keep: a third in spring, a quarter in June, none from September.

    Fitted on the monthly PM2.5 of 196 cities; a monsoon climate forgets.

    >>> [round(carry_over(k), 2) for k in (1, 3, 6, 9)]
    [0.35, 0.35, 0.23, 0.0]
    """
    return float(np.interp(known_months, [3, 6, 9], [0.35, 0.23, 0.0]))


#: The members by name. Gains, parts and their number were chosen on 2015 and on other pollutants, never on the year
#: and the pollutant that the back-test is scored on.
MEMBERS: dict[str, Callable[..., Floats]] = {
    **{f"level_{gain:g}": partial(predict_level_season, gain=gain) for gain in LEVEL_GAINS},
    "anomaly": predict_anomaly,
    "last_year": predict_last_year,
}


def _drift(levels: Floats) -> float:
    changes = np.diff(levels, axis=1)
    if not np.isfinite(changes).any():
        return 0.0
    count = int(np.isfinite(changes).any(axis=0).sum())
    return float(np.nanmean(changes)) * count / (count + 2)


def _last_known(values: Floats) -> Floats:
    # The last year that is known, of every series (and month).
    found = values[:, -1].copy()
    for year in range(values.shape[1] - 2, -1, -1):
        found = np.where(np.isnan(found), values[:, year], found)
    return found


def _mean(total: Floats, count: Floats) -> Floats:
    found: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return found
