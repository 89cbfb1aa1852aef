"""Years after the one in hand: the annual means of a five-year plan, and how soon they become a guess."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from scipy.optimize import nnls

from suizhou_geo.errors import InputError
from suizhou_geo.forecast.attainment import FORECAST, NO_FORECAST, MeanTarget
from suizhou_geo.forecast.forecaster import AttainmentForecaster
from suizhou_geo.forecast.pairs import Floats

#: Whole years that the growth of errors with the years ahead is learned from, at the least.
FEWEST_YEARS = 4

#: Years ahead that are forecast at the most: a five-year plan.
MOST_YEARS = 5

#: A common yearly change goes on, each year by this part of the year before (damped trend, Gardner and McKenzie 1985).
_DAMPING = 0.85


@dataclass(frozen=True)
class Drift:
    """How annual means move: a level that wanders (variance ``wander`` a year) under years of their own (``noise``).

    ``common`` is the share of both that all sites have together, ``cases`` how many independent yearly changes they
    were learned from.
    """

    wander: float
    noise: float
    common: float
    cases: float


def forecast_years(
    data: xr.DataArray | xr.Dataset,
    *,
    target: MeanTarget,
    year: int,
    known_months: int,
    last_year: int,
    quantiles: int = 0,
    n_paths: int = 1000,
    random_state: int | None = 0,
) -> pd.DataFrame:
    """Annual means of the years after ``year`` up to ``last_year``, whose first ``known_months`` months are known.

    The year in hand is drawn as in :func:`forecast_mean`; from there the level of every site wanders, and each year
    has an effect of its own. How much of either, and how far all sites move together, comes from the differences of
    whole years that lie one to five years apart, pooled over the sites; the common yearly change goes on damped. This
    is an extrapolation of what was: a plan's measures are not in it, and the note says so.

    Returns
    -------
    DataFrame
        One row per site and year: ``site_id, indicator, year, years_ahead, mean, q…, p_attain, verdict, note``.

    Raises
    ------
    InputError
        ``last_year`` is not one to five years after ``year``, or fewer than four whole years of history.
    """
    ahead = last_year - year
    if not 1 <= ahead <= MOST_YEARS:
        raise InputError(
            f"预测到 {last_year} 年不合理",
            why=f"应为 {year + 1}–{year + MOST_YEARS} 年",
            todo="改正 --through-year",
        )
    array = data[[target.indicator]] if isinstance(data, xr.Dataset) else data
    model = AttainmentForecaster(n_paths=n_paths, random_state=random_state).fit(array, year=year)
    past = _in_model(model, model.history_[:, 0].mean(axis=2))
    whole = int(np.isfinite(past).any(axis=0).sum())
    if whole < FEWEST_YEARS:
        raise InputError(
            f"{year} 年以前只有 {whole} 个完整年",
            why=f"多年预测至少要 {FEWEST_YEARS} 年",
            todo="补充历史数据",
        )
    current, usable = _current(model, array, known_months=known_months)
    drift = fit_drift(past)
    yearly = model.past_[0].seasons[-1].drift
    random = np.random.default_rng(random_state)
    paths = _draw(past, current, drift=drift, yearly=yearly, ahead=ahead, random=random)
    values = np.exp(paths) if model.logarithms_[0] else paths
    return pd.concat(
        [
            _year_table(model, values[step], usable, target=target, year=year + step + 1, quantiles=quantiles)
            for step in range(ahead)
        ],
        ignore_index=True,
    ).assign(years_ahead=lambda table: table["year"] - year)


def fit_drift(means: Floats) -> Drift:
    """Wander and noise of annual means, shape (site, year), from the squares of their differences by lag.

    A difference over ``h`` years has the variance ``2 noise + h wander``, less what taking off the mean yearly change
    takes off with it; both parts are fitted by least squares, neither below 0, each lag counted by its pairs.

    >>> rising = np.array([[0.0, 1.0, 2.0, 3.0, 4.0]])
    >>> fit_drift(rising)
    Drift(wander=0.0, noise=0.0, common=0.0, cases=4.0)
    """
    sites, years = means.shape
    lags = range(1, min(years - 1, MOST_YEARS) + 1)
    found = [means[:, lag:] - means[:, :-lag] for lag in lags]
    yearly = float(np.nanmean(found[0]))
    common = _common(found[0] - yearly)
    alone = common + (1 - common) / sites  # of a site's own effects the mean of all sites holds only so much
    weight = np.sqrt([np.isfinite(each).sum() for each in found])
    squares = [np.nansum((each - yearly * lag) ** 2) for each, lag in zip(found, lags, strict=True)]
    squares = np.array(squares) / np.maximum(weight**2, 1)
    design = np.array([_expected(years, lag, alone=alone) for lag in lags])
    (wander, noise), _ = nnls(design * weight[:, None], squares * weight)
    changes = np.isfinite(found[0])
    observed = max(int(changes.any(axis=0).sum()), 1)
    cases = observed * (1 + (1 - common) * (changes.sum() / observed - 1))
    return Drift(float(wander), float(noise), common, cases=float(cases))


def _expected(years: int, lag: int, *, alone: float) -> tuple[float, float]:
    # Mean square of the differences over ``lag`` years about the mean yearly change, per unit of wander and of noise.
    of_lag = np.eye(years)[lag:] - np.eye(years)[:-lag]
    mean = np.zeros(years)
    mean[[0, -1]] = -1 / (years - 1), 1 / (years - 1)
    about = of_lag - lag * mean
    number = np.arange(1, years + 1)
    found = []
    for moves in (np.minimum.outer(number, number).astype(float), np.eye(years)):
        plain, taken = (float(np.trace(each @ moves @ each.T)) / len(of_lag) for each in (of_lag, about))
        found.append(plain - alone * (plain - taken))
    return found[0], found[1]


def _common(changes: Floats) -> float:
    # The share of the yearly changes that all sites have together, less what the mean of so many has by chance.
    count = np.isfinite(changes).sum(axis=0)
    several = count > 1
    if several.sum() < 2:
        return 0.0
    together, apart = np.nanmean(changes[:, several], axis=0), np.nanvar(changes[:, several], axis=0, ddof=1)
    # Their own mean was taken off: as many cases as years less one.
    shared = float(np.sum(together**2) / (several.sum() - 1) - np.mean(apart / count[several]))
    total = shared + float(np.mean(apart))
    return float(np.clip(shared / total, 0.0, 1.0)) if total > 0 else 0.0


def _in_model(model: AttainmentForecaster, means: Floats) -> Floats:
    return np.log(means) if model.logarithms_[0] else means


def _current(
    model: AttainmentForecaster, array: xr.DataArray | xr.Dataset, *, known_months: int
) -> tuple[Floats, np.ndarray]:
    # The annual mean of the year in hand, shape (site, path), and where every known month is there.
    months = model.current_year(array)[:, 0]
    usable = np.isfinite(months[:, :known_months]).all(axis=1) & model.enough_[:, 0]
    if known_months == 12:
        means = np.repeat(months.mean(axis=1)[:, None], model.n_paths, axis=1)
    else:
        _, paths = next(model.iterate_paths(array, known_months=known_months))
        means = paths.mean(axis=1)
    return _in_model(model, means), usable


def _levels(past: Floats, *, drift: Drift, yearly: float) -> tuple[Floats, Floats]:
    # The level at the end of the history and its variance (Kalman filter); the first known year is where it starts.
    level, variance = np.full(len(past), np.nan), np.full(len(past), drift.noise)
    for seen in past.T:
        begins, known = np.isnan(level), np.isfinite(seen)
        before = variance + drift.wander
        gain = np.where(known, before / np.maximum(before + drift.noise, 1e-300), 0.0)
        moved = level + yearly + gain * np.where(known, seen - level - yearly, 0.0)
        level, variance = np.where(begins, seen, moved), np.where(begins, drift.noise, (1 - gain) * before)
    return level, variance


def _draw(
    past: Floats, current: Floats, *, drift: Drift, yearly: float, ahead: int, random: np.random.Generator
) -> Floats:
    # Paths of the years ahead, shape (year, site, path). What was learned from few cases is not known for certain:
    # sizes are drawn as a sample variance has them, the yearly change with its own error.
    paths = current.shape[1]
    size = np.sqrt(drift.cases / random.chisquare(drift.cases, paths))

    def effect(variance: Floats | float) -> Floats:
        own, shared = random.standard_normal(current.shape), random.standard_normal(paths)
        mixed = np.sqrt(1 - drift.common) * own + np.sqrt(drift.common) * shared
        found: Floats = np.sqrt(np.broadcast_to(variance, len(current)))[:, None] * mixed * size
        return found

    start, variance = _levels(past, drift=drift, yearly=yearly)
    before = variance + drift.wander
    gain = before / np.maximum(before + drift.noise, 1e-300)
    expected = (start + yearly)[:, None]
    level = expected + gain[:, None] * (current - expected) + effect((1 - gain) * before)
    years = np.isfinite(past).any(axis=0).sum() - 1
    error = np.sqrt((drift.wander + 2 * drift.noise / years) / drift.cases) * random.standard_normal(paths)
    found = np.empty((ahead, *current.shape))
    for step in range(ahead):
        level = level + (yearly + error * size) * _DAMPING ** (step + 1) + effect(drift.wander)
        found[step] = level + effect(drift.noise)
    return found


def _year_table(
    model: AttainmentForecaster,
    values: Floats,
    usable: np.ndarray,
    *,
    target: MeanTarget,
    year: int,
    quantiles: int,
) -> pd.DataFrame:
    levels = np.arange(1, quantiles + 1) / (quantiles + 1)
    width = max(2, len(str(quantiles)))
    numbers = {
        "mean": np.median(values, axis=1),
        **{f"q{n:0{width}d}": np.quantile(values, level, axis=1) for n, level in enumerate(levels, start=1)},
        "p_attain": target.is_met(values).mean(axis=1),
    }
    usable = usable & np.isfinite(values).all(axis=1)
    return pd.DataFrame(
        {
            "site_id": model.sites_,
            "indicator": target.indicator,
            "year": year,
            **{name: np.where(usable, column, np.nan) for name, column in numbers.items()},
            "verdict": np.where(usable, FORECAST, NO_FORECAST),
            "note": np.where(
                usable,
                f"按 {len(model.years_)} 年历史外推，不含规划措施的效果",
                "历史不足或已知月份不全",
            ),
        }
    )
