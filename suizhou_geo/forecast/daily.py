"""Targets that live on days: percentiles and good days, from the days so far and days like those of past years."""

import numpy as np
import pandas as pd
import xarray as xr

from suizhou_geo import standards
from suizhou_geo.errors import InputError
from suizhou_geo.forecast.attainment import FACT, FORECAST, NO_FORECAST
from suizhou_geo.forecast.forecaster import AttainmentForecaster
from suizhou_geo.forecast.pairs import Floats
from suizhou_geo.standards.air import air_index, good_up_to, index_items

#: Days of a month that a past year must have for its days to be used.
_FEWEST_DAYS = 20


def forecast_percentile(
    data: xr.DataArray,
    *,
    percent: float,
    limit: float,
    decimals: int,
    year: int,
    known_through: pd.Timestamp,
    quantiles: int = 0,
    n_paths: int = 500,
    random_state: int | None = 0,
) -> pd.DataFrame:
    """Whether a percentile of the year's daily values will attain (O3-8h: the 90th), one row per site.

    The days up to ``known_through`` are fixed. Each path's other months have a mean from the monthly forecast; their
    days are those of the same month in a past year, scaled to that mean. The percentile is that of HJ 663 (between
    the two nearest days by a straight line), rounded, and held against ``limit``.

    ``data`` has daily values, dims ``(site, time)``. Columns as ``forecast_mean``, without control values; with
    ``days_above`` the number of days so far above the limit.

    Raises ``InputError`` when fewer than two years of history.
    """
    model, paths, days = _sample(
        data, year=year, known_through=known_through, n_paths=n_paths, random_state=random_state
    )
    rows = []
    for site, label in enumerate(model.sites_):
        known = _known_days(data, site, year=year, known_through=known_through)
        drawn = np.concatenate(
            [
                np.repeat(known[None], n_paths, axis=0),
                *(_fill(days[site][m], paths[site, m], seed=(site, m)) for m in sorted(days[site])),
            ],
            axis=1,
        )
        value = standards.round_half_even(np.nanpercentile(drawn, percent, axis=1), decimals=decimals)
        rows.append(
            _row(
                label,
                value,
                met=value <= limit,
                known=known,
                quantiles=quantiles,
                enough=bool(model.enough_[site, 0]),
            )
            | {"days_above": int((known > limit).sum())}
        )
    return pd.DataFrame(rows).assign(year=year, known_months=known_through.month)


def forecast_good_days(
    data: xr.Dataset,
    *,
    target: float,
    year: int,
    known_through: pd.Timestamp,
    index_standard: str = "auto",
    quantiles: int = 0,
    n_paths: int = 500,
    random_state: int | None = 0,
) -> pd.DataFrame:
    """Whether the share of good days (AQI up to 100) will reach ``target`` per cent, one row per site.

    ``data`` holds the daily values of the pollutants of the index. In each path the months to come are those of one
    past year for all pollutants together, each scaled to its own monthly forecast; the index is computed day by day
    under the edition in force at the end of the year. ``bad_days_left`` is how many days may still miss.

    Raises ``InputError`` when a pollutant of the index is missing, or fewer than two years of history.
    """
    on = pd.Timestamp(year=year, month=12, day=31).date()
    edition = (
        standards.edition_in_force("air-index", on=on)
        if index_standard == "auto"
        else standards.find_edition(index_standard)
    )
    wanted = index_items(edition, interval="day")
    items = [item for item in wanted if item in data.data_vars]
    lacking = [item for item, optional in wanted.items() if item not in items and not optional]
    if lacking:
        raise InputError(
            f"缺少污染物 {'、'.join(lacking)}", why="优良天数由六项日值的 AQI 得出", todo="补充这些项目的日值"
        )
    sampled = [
        _sample(
            data[item], year=year, known_through=known_through, n_paths=n_paths, random_state=random_state
        )
        for item in items
    ]
    rows = []
    for site, label in enumerate(sampled[0][0].sites_):
        known = np.stack(
            [_known_days(data[item], site, year=year, known_through=known_through) for item in items], axis=-1
        )
        counted = _count_good(known[None], items, edition)
        good, valid = counted[0][0], counted[1][0]
        months = set.intersection(*(set(days[site]) for _, _, days in sampled))
        goods, valids = np.full(n_paths, good), np.full(n_paths, valid)
        for month in sorted(months):
            drawn = np.stack(
                [
                    _fill(days[site][month], paths[site, month], seed=(site, month))
                    for _, paths, days in sampled
                ],
                axis=-1,
            )
            more_good, more_valid = _count_good(drawn, items, edition)
            goods, valids = goods + more_good, valids + more_valid
        share = standards.round_half_even(100 * goods / np.maximum(valids, 1), decimals=1)
        total = 366 if pd.Timestamp(year=year, month=1, day=1).is_leap_year else 365
        enough = all(bool(model.enough_[site, 0]) for model, _, _ in sampled)
        row = _row(label, share, met=share >= target, known=known[:, 0], quantiles=quantiles, enough=enough)
        rows.append(
            row
            | {
                "good_days": int(good),
                "bad_days_left": max(0, int(np.floor(total * (1 - target / 100))) - int(valid - good)),
            }
        )
    return pd.DataFrame(rows).assign(year=year, known_months=known_through.month)


def _sample(
    data: xr.DataArray, *, year: int, known_through: pd.Timestamp, n_paths: int, random_state: int | None
) -> tuple[AttainmentForecaster, Floats, list[dict[int, list[Floats]]]]:
    monthly = data.resample(time="MS").mean()
    model = AttainmentForecaster(n_paths=n_paths, random_state=random_state).fit(monthly, year=year)
    known = known_through.month if known_through.year == year else 0
    if known == 12:
        return model, np.empty((len(model.sites_), 12, n_paths)), [{} for _ in model.sites_]
    _, paths = next(model.iterate_paths(monthly, known_months=known))
    past = data.sel(time=data["time"].dt.year < year)
    days = [
        {month: _past_months(past.isel(site=site), month=month + 1) for month in range(known, 12)}
        for site in range(len(model.sites_))
    ]
    return model, paths, days


def _past_months(past: xr.DataArray, *, month: int) -> list[Floats]:
    chosen = past.sel(time=past["time"].dt.month == month)
    found = []
    for _, days in chosen.groupby("time.year"):
        values = days.to_numpy()
        if np.isfinite(values).sum() >= _FEWEST_DAYS:
            found.append(values / np.nanmean(values))
    return found


def _fill(shapes: list[Floats], means: Floats, *, seed: tuple[int, int]) -> Floats:
    # Days of a month, shape (path, day): the pattern of a past year, the mean of the path.
    if not shapes:
        return np.full((len(means), 1), np.nan)
    length = max(map(len, shapes))
    padded = np.stack([np.pad(shape, (0, length - len(shape)), constant_values=np.nan) for shape in shapes])
    chosen = np.random.default_rng(seed).integers(0, len(shapes), len(means))
    found: Floats = padded[chosen] * means[:, None]
    return found


def _known_days(data: xr.DataArray, site: int, *, year: int, known_through: pd.Timestamp) -> Floats:
    end = known_through + pd.offsets.MonthEnd(0)
    one = data.isel(site=site).sel(time=(data["time"].dt.year == year) & (data["time"] <= end))
    found: Floats = one.to_numpy()
    return found


def _count_good(
    values: Floats, items: list[str], edition: standards.Edition
) -> tuple[np.ndarray, np.ndarray]:
    columns = [
        values[..., items.index(item)] if item in items else np.full(values.shape[:-1], np.nan)
        for item in index_items(edition, interval="day")
    ]
    index = air_index(np.stack(columns, axis=-1), edition=edition, interval="day").aqi
    valid = index > 0
    return (valid & (index <= good_up_to(edition))).sum(axis=-1), valid.sum(axis=-1)


def _row(
    site: object, samples: Floats, *, met: np.ndarray, known: Floats, quantiles: int, enough: bool
) -> dict[str, object]:
    levels = np.arange(1, quantiles + 1) / (quantiles + 1)
    width = max(2, len(str(quantiles)))
    complete = bool((samples == samples[0]).all()) and len(known) >= 360
    shown = {f"q{n:0{width}d}": float(np.quantile(samples, level)) for n, level in enumerate(levels, start=1)}
    verdict = (FACT if complete else FORECAST) if enough else NO_FORECAST
    return {
        "site_id": site,
        "mean": float(np.median(samples)) if enough else np.nan,
        **{name: value if enough else np.nan for name, value in shown.items()},
        "p_attain": float(met.mean()) if enough else np.nan,
        "verdict": verdict,
        "note": "" if enough else "历史不足 24 个月",
    }
