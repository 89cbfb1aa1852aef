"""Targets that live on days: percentiles, good days and the composite index, with the days so far held fixed."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from suizhou_geo import standards
from suizhou_geo.errors import InputError
from suizhou_geo.forecast.attainment import FACT, FORECAST, NO_FORECAST
from suizhou_geo.forecast.days import DayPaths, draw_days
from suizhou_geo.forecast.pairs import Bools, Floats
from suizhou_geo.forecast.scenarios import attained_by, bisect_cuts, check_cut
from suizhou_geo.standards.air import NO_INDEX, air_index, good_up_to, index_items
from suizhou_geo.standards.composites import composite_items, composite_parts, composite_total

#: Statistic of a year from its days, shape (path, day, item) → (path,).
Statistic = Callable[[Floats], Floats]


def forecast_percentile(
    data: xr.DataArray,
    *,
    percent: float,
    limit: float,
    decimals: int,
    year: int,
    known_through: pd.Timestamp,
    quantiles: int = 0,
    cut: float = 0.0,
    n_paths: int = 500,
    random_state: int | None = 0,
) -> pd.DataFrame:
    """Whether a percentile of the year's daily values will attain (O3-8h: the 90th), one row per site.

    The days up to ``known_through`` are fixed. Each path's other months have a mean from the monthly forecast; their
    days are those of the same month in a past year, scaled to that mean. The percentile is that of HJ 663 (between
    the two nearest days by a straight line), rounded, and held against ``limit``.

    ``data`` has daily values, dims ``(site, time)``. Columns as ``forecast_mean``, without control values; with
    ``days_above``, the days so far above the limit, and ``bad_days_left``, how many more of them a year with a value
    on every day surely bears.

    Raises ``InputError`` when fewer than two years of history, or for a cut outside 0–100.
    """
    check_cut(cut)
    days = draw_days(
        data.to_dataset(name="item"),
        items=["item"],
        year=year,
        known_through=known_through,
        n_paths=n_paths,
        random_state=random_state,
    )

    table = _table(
        days,
        lambda values: _concentration(values[..., 0], (percent, decimals)),
        met=lambda value: value <= limit,
        limit=limit,
        quantiles=quantiles,
        cut=cut,
    )
    above = (standards.round_half_even(days.known[..., 0], decimals=decimals) > limit).sum(axis=1)
    table["days_above"] = above
    table["bad_days_left"] = np.maximum(_days_allowed(_days_in(year), percent) - above, 0)
    return table


def forecast_good_days(
    data: xr.Dataset,
    *,
    target: float,
    year: int,
    known_through: pd.Timestamp,
    index_standard: str = "auto",
    quantiles: int = 0,
    cut: float = 0.0,
    n_paths: int = 500,
    random_state: int | None = 0,
) -> pd.DataFrame:
    """Whether the share of good days (AQI up to 100) will reach ``target`` per cent, one row per site.

    ``data`` holds the daily values of the pollutants of the index. In each path the months to come are those of one
    past year for all pollutants together, each scaled to its own monthly forecast; the index is computed day by day
    under the edition in force at the end of the year. ``bad_days_left`` is how many days may still miss, ``cut`` takes
    that many per cent off all pollutants in the months to come.

    Raises ``InputError`` when a pollutant of the index is missing, or fewer than two years of history.
    """
    check_cut(cut)
    edition, items = _index_rule(data, year=year, standard=index_standard)
    days = draw_days(
        data,
        items=items,
        year=year,
        known_through=known_through,
        n_paths=n_paths,
        random_state=random_state,
    )
    table = _table(
        days,
        lambda values: _good_share(values, items, edition),
        met=lambda share: share >= target,
        limit=target,
        quantiles=quantiles,
        cut=cut,
    )
    good, valid = _count_good(days.known, items, edition)
    table["good_days"] = good
    allowed = int(np.floor(_days_in(year) * (1 - target / 100)))
    table["bad_days_left"] = np.maximum(allowed - (valid - good), 0)
    return table


def forecast_composite(
    data: xr.Dataset,
    *,
    target: float,
    year: int,
    known_through: pd.Timestamp,
    quantiles: int = 0,
    cut: float = 0.0,
    n_paths: int = 500,
    random_state: int | None = 0,
) -> pd.DataFrame:
    """Whether the composite index of the year (环办〔2014〕64号) will be at most ``target``, one row per site.

    ``data`` holds the daily values of the six pollutants. In each path their statistics (annual means; 95th percentile
    of CO, 90th of O3-8h) are rounded as HJ 663 asks, divided and rounded as the index asks, and added.
    ``largest_part`` is the pollutant whose part is largest in the middle path, ``largest_share`` its share of the index
    in per cent.

    Raises ``InputError`` when a pollutant is missing, or fewer than two years of history.
    """
    check_cut(cut)
    items, parts = _composite_rule(data, year=year)
    days = draw_days(
        data,
        items=items,
        year=year,
        known_through=known_through,
        n_paths=n_paths,
        random_state=random_state,
    )
    table = _table(
        days,
        lambda values: composite_total(parts(values)),
        met=lambda index: index <= target,
        limit=target,
        quantiles=quantiles,
        cut=cut,
    )
    middle = np.stack([np.median(parts(_year_of(days, site)), axis=0) for site in range(len(days.sites))])
    table["largest_part"] = np.array(items, dtype=object)[np.nan_to_num(middle).argmax(axis=1)]
    table["largest_share"] = 100 * middle.max(axis=1) / middle.sum(axis=1)
    table.loc[~days.enough, ["largest_part", "largest_share"]] = [None, np.nan]
    return table


def year_of_days(
    data: xr.Dataset, *, statistic: str, indicator: str, decimals: int, year: int
) -> tuple[Floats, np.ndarray]:
    """What a year of days came to, and at which sites it has the days that HJ 663 asks for, both of shape (site,).

    ``statistic`` is ``p90`` and the like, of ``indicator`` rounded to ``decimals``, or ``good_days`` or ``composite``.
    """
    chosen = data.sel(time=data["time"].dt.year == year)
    if statistic == "good_days":
        edition, items = _index_rule(data, year=year)
        compute: Statistic = lambda values: _good_share(values, items, edition)  # noqa: E731
    elif statistic == "composite":
        items, parts = _composite_rule(data, year=year)
        compute = lambda values: composite_total(parts(values))  # noqa: E731
    else:
        items, percent = [indicator], float(statistic.removeprefix("p"))
        compute = lambda values: _concentration(values[..., 0], (percent, decimals))  # noqa: E731
    values = chosen[items].to_dataarray("item").transpose("site", "time", "item").to_numpy()
    enough = np.isfinite(values).all(axis=2).sum(axis=1) >= _fewest_days(year)
    found = np.full(len(values), np.nan)
    if enough.any():
        found[enough] = compute(values[enough])
    return found, enough


def _table(
    days: DayPaths,
    statistic: Statistic,
    *,
    met: Callable[[Floats], Bools],
    limit: float,
    quantiles: int,
    cut: float,
) -> pd.DataFrame:
    rows, attained = [], []
    for site, label in enumerate(days.sites):
        known, rest = days.known[site][None], days.rest(site)

        def with_cut(per_cent: float, known: Floats = known, rest: Floats = rest) -> Floats:
            fixed = np.repeat(known, len(rest), axis=0)
            return statistic(np.concatenate([fixed, rest * (1 - per_cent / 100)], axis=1))

        samples = with_cut(0.0)
        reached = met(samples)
        attained.append(reached)
        numbers = {
            "mean": float(np.median(samples)),
            **_quantiles(samples, quantiles),
            "p_attain": float(reached.mean()),
            "deficit": float(np.where(reached, 0.0, np.abs(samples - limit)).mean()),
            **_scenario(days, _chance(with_cut, met), cut=cut),
        }
        enough = bool(days.enough[site])
        rows.append(
            {
                "site_id": label,
                **{name: value if enough else np.nan for name, value in numbers.items()},
                "verdict": (FACT if days.is_complete else FORECAST) if enough else NO_FORECAST,
                "note": _note(enough, int(days.gaps[site])),
            }
        )
    table = pd.DataFrame(rows).assign(year=days.year, known_months=days.first)
    table.attrs |= attained_by(days.sites, np.array(attained), days.enough)
    return table


def _chance(with_cut: Callable[[float], Floats], met: Callable[[Floats], Bools]) -> Callable[[float], float]:
    return lambda per_cent: float(met(with_cut(per_cent)).mean())


def _scenario(days: DayPaths, chance: Callable[[float], float], *, cut: float) -> Mapping[str, float]:
    if days.is_complete:
        return {"cut_p80": np.nan, "p_attain_cut": np.nan}
    least = bisect_cuts(lambda cuts: np.array([chance(float(cuts[0]))]), size=1)
    return {"cut_p80": float(least[0]), "p_attain_cut": chance(cut)}


def _quantiles(samples: Floats, count: int) -> dict[str, float]:
    levels = np.arange(1, count + 1) / (count + 1)
    width = max(2, len(str(count)))
    found = np.quantile(samples, levels)
    return {f"q{number:0{width}d}": float(value) for number, value in enumerate(found, start=1)}


def _note(enough: bool, gaps: int) -> str:
    told = ["" if enough else "历史不足 24 个月", f"已知日中 {gaps} 天数据不全" if gaps else ""]
    return "；".join(filter(None, told))


def _year_of(days: DayPaths, site: int) -> Floats:
    rest = days.rest(site)
    return np.concatenate([np.repeat(days.known[site][None], len(rest), axis=0), rest], axis=1)


def _index_rule(
    data: xr.Dataset, *, year: int, standard: str = "auto"
) -> tuple[standards.Edition, list[str]]:
    # The edition of the index at the end of the year and its pollutants that the data have.
    on = pd.Timestamp(year=year, month=12, day=31).date()
    edition = (
        standards.edition_in_force("air-index", on=on)
        if standard == "auto"
        else standards.find_edition(standard)
    )
    wanted = index_items(edition, interval="day")
    needed = [item for item, optional in wanted.items() if not optional]
    _check_items(data, needed=needed, why="优良天数由六项日值的 AQI 得出")
    return edition, [item for item in wanted if item in data.data_vars]


def _composite_rule(data: xr.Dataset, *, year: int) -> tuple[list[str], Statistic]:
    # The pollutants of the composite index, and what takes their days to its parts, shape (path, item).
    items = composite_items()
    _check_items(data, needed=list(items), why="综合指数由六项污染物得出")
    rules = [_rule_of(item, statistic, year=year) for item, statistic in items.items()]

    def parts(values: Floats) -> Floats:
        found = [_concentration(values[..., place], rule) for place, rule in enumerate(rules)]
        return composite_parts(np.stack(found, axis=-1))

    return list(items), parts


def _rule_of(item: str, statistic: str, *, year: int) -> tuple[float | None, int]:
    # The percentile (None for a mean) and the decimals of a pollutant's statistic.
    metrics = standards.read_table(_method(year), name="metrics")
    percent = statistic.removeprefix("p") if statistic.startswith("p") else ""
    row = metrics[(metrics["indicator"] == item) & (metrics["percentile"] == percent)].iloc[0]
    return (float(percent) if percent else None), int(row["decimals"])


def _concentration(values: Floats, rule: tuple[float | None, int]) -> Floats:
    percent, decimals = rule
    # scipy's quantile is that of nanpercentile for all paths at once.
    raw = (
        np.nanmean(values, axis=1)
        if percent is None
        else stats.quantile(values, percent / 100, axis=1, nan_policy="omit")
    )
    return standards.round_half_even(raw, decimals=decimals)


def _fewest_days(year: int) -> int:
    # Days with a value that a year needs (HJ 663 table of validity).
    rows = standards.read_table(_method(year), name="validity")
    return int(rows.loc[rows["rule"] == "year_days", "value"].iloc[0])


def _method(year: int) -> standards.Edition:
    on = pd.Timestamp(year=max(year, 2014), month=12, day=31).date()
    return standards.edition_in_force("air-evaluation", on=on)


def _check_items(data: xr.Dataset, *, needed: list[str], why: str) -> None:
    lacking = [item for item in needed if item not in data.data_vars]
    if lacking:
        raise InputError(f"缺少污染物 {'、'.join(lacking)}", why=why, todo="补充这些项目的日值")


def _good_share(values: Floats, items: list[str], edition: standards.Edition) -> Floats:
    good, valid = _count_good(values, items, edition)
    return standards.round_half_even(100 * good / np.maximum(valid, 1), decimals=1)


def _count_good(
    values: Floats, items: list[str], edition: standards.Edition
) -> tuple[np.ndarray, np.ndarray]:
    columns = [
        values[..., items.index(item)] if item in items else np.full(values.shape[:-1], np.nan)
        for item in index_items(edition, interval="day")
    ]
    index = air_index(np.stack(columns, axis=-1), edition=edition, interval="day").aqi
    valid = index != NO_INDEX
    return (valid & (index <= good_up_to(edition))).sum(axis=-1), valid.sum(axis=-1)


def _days_in(year: int) -> int:
    return 366 if pd.Timestamp(year=year, month=1, day=1).is_leap_year else 365


def _days_allowed(days: int, percent: float) -> int:
    # HJ 663 annex A: the percentile lies between the days of rank k and k + 1, k = 1 + (n - 1) p / 100. Were both
    # within the limit, so would be the percentile: what lies above them may be as high as it likes.
    place = (days - 1) * percent / 100
    return days - 1 - int(np.ceil(place - 1e-9))
