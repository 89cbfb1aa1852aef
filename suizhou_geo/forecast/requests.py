"""What an analyst asks of a file: the forecast or the back-test of one target from tidy observations."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from suizhou_geo import standards
from suizhou_geo.conventions import check_indicator
from suizhou_geo.errors import InputError, Place
from suizhou_geo.forecast.attainment import forecast_mean, mean_target
from suizhou_geo.forecast.backtest import backtest
from suizhou_geo.forecast.classes import forecast_classes
from suizhou_geo.forecast.daily import forecast_composite, forecast_good_days, forecast_percentile
from suizhou_geo.forecast.observed import mean_cube
from suizhou_geo.forecast.scenarios import roll_up
from suizhou_geo.forecast.years import forecast_years

PERCENTILE = re.compile(r"p(\d{1,2})")


def forecast_target(
    observations: pd.DataFrame,
    *,
    indicator: str,
    target: float,
    year: int,
    known_through: str,
    statistic: str = "mean",
    through_year: int | None = None,
    quantiles: int = 0,
    rounding: str = "standard",
    cut: float = 0.0,
    covariates: pd.DataFrame | None = None,
    n_paths: int = 1000,
    random_state: int = 0,
) -> pd.DataFrame:
    """Attainment of an annual target per site: ``mean``, a percentile ``p90``, ``good_days`` or ``composite``.

    ``target`` is a limit in the unit of the indicator, of good days a share in per cent, of the composite index its
    value. ``known_through`` is the last month that may be looked at, ``2016-06``; a month before the year means that
    nothing of it is known. ``cut`` is a scenario, in per cent off the months to come. With ``through_year`` a row for
    each of the years after ``year`` is added, of means only. ``covariates`` (weather or flow) serve means of one year.

    Raises ``InputError`` for an unknown indicator or statistic, a month that is none or beyond the year, a unit that
    differs, too short a history, or years ahead or covariates for another statistic.
    """
    months = known_months_of(known_through, year=year)
    seen = _until(observations, known_through)
    shared: dict[str, Any] = {
        "year": year,
        "quantiles": quantiles,
        "n_paths": n_paths,
        "random_state": random_state,
    }
    if covariates is not None and (statistic != "mean" or through_year is not None):
        raise InputError("协变量只用于当年的年均值", todo="去掉 --covariates，或用 --statistic mean")
    if statistic != "mean":
        if through_year is not None:
            raise InputError(
                "多年预测只用于年均值",
                why=f"统计量是 {statistic}",
                todo="去掉 --through-year，或用 --statistic mean",
            )
        through = pd.Period(known_through, freq="M").to_timestamp()
        return _forecast_days(
            seen, indicator, statistic, target=target, known_through=through, cut=cut, **shared
        )
    aim = mean_target(indicator, limit=target, year=year, rounding=rounding)
    cube = cube_of(seen, [indicator])
    first = forecast_mean(
        cube[indicator], target=aim, known_months=months, cut=cut, covariates=covariates, **shared
    )
    if through_year is None:
        return first
    later = forecast_years(cube[indicator], target=aim, known_months=months, last_year=through_year, **shared)
    table = pd.concat([first.assign(years_ahead=0), later], ignore_index=True)
    table.attrs = first.attrs
    return table


def _forecast_days(
    seen: pd.DataFrame, indicator: str, statistic: str, *, target: float, year: int, **options: Any
) -> pd.DataFrame:
    if statistic == "good_days":
        if not 0 < target <= 100:
            raise InputError(f"优良天数比例的目标 {target:g} 不合理", why="应在 0 与 100 之间，单位 %")
        return forecast_good_days(daily_cube(seen), target=target, year=year, **options)
    if not target > 0:
        raise InputError(f"目标 {target:g} 不合理", why="应大于 0", todo="核对目标和单位")
    if statistic == "composite":
        return forecast_composite(daily_cube(seen), target=target, year=year, **options)
    match = PERCENTILE.fullmatch(statistic)
    if match is None:
        raise InputError(
            f"统计量“{statistic}”未知", why="可选：mean、p90（百分位数）、good_days、composite（综合指数）"
        )
    decimals = percentile_decimals(indicator, statistic, year)
    days = daily_cube(seen)
    if indicator not in days:
        raise InputError(f"文件中没有 {indicator} 的数据", why=f"有：{'、'.join(map(str, days.data_vars))}")
    found = forecast_percentile(
        days[indicator], percent=float(match[1]), limit=target, decimals=decimals, year=year, **options
    )
    return found.assign(indicator=indicator)


def count_by_region(table: pd.DataFrame, *, regions: Mapping[str, str]) -> pd.DataFrame:
    """How many sites of each region attain, path by path: ``region, sites, expected, low, high, p_all``.

    ``table`` is one of :func:`forecast_target` or :func:`forecast_sections`, whose ``attrs["attained"]`` says of
    every judged site whether it attains in each path. Sites without a region count under 未分区.
    """
    attained = table.attrs["attained"]
    of_site = np.array([regions.get(site, "未分区") for site in attained.sites])
    counts = {region: roll_up(attained.met[of_site == region]) for region in sorted(set(of_site))}
    rows = [{"region": region, **asdict(count)} for region, count in counts.items() if count is not None]
    return pd.DataFrame(rows, columns=["region", "sites", "expected", "low", "high", "p_all"])


def forecast_sections(
    observations: pd.DataFrame,
    *,
    class_target: int | None,
    year: int,
    known_through: str,
    cut: float = 0.0,
    cut_items: Collection[str] = (),
    n_paths: int = 1000,
    random_state: int = 0,
) -> pd.DataFrame:
    """Annual class of every section; the target is that of all, or where None each section's own (Ⅲ without one)."""
    sites = observations.drop_duplicates("site_id").set_index("site_id")
    own = sites["target_class"].dropna().astype(int).to_dict() if "target_class" in sites else {}
    return forecast_classes(
        mean_cube(_until(observations, known_through), halve=True),
        targets=own if class_target is None else class_target,
        year=year,
        known_months=known_months_of(known_through, year=year),
        water_bodies=water_bodies_of(observations),
        cut=cut,
        cut_items=cut_items,
        n_paths=n_paths,
        random_state=random_state,
    )


def water_bodies_of(observations: pd.DataFrame) -> dict[str, str]:
    """``river`` or ``lake`` by section, empty text where the file does not say."""
    sites = observations.drop_duplicates("site_id").set_index("site_id")
    bodies = sites["water_body"].fillna("") if "water_body" in sites else pd.Series(dtype=str)
    return {str(site): str(body) for site, body in bodies.items()}


def backtest_target(
    observations: pd.DataFrame,
    *,
    indicator: str,
    target: float,
    regions: dict[str, str] | None = None,
    rounding: str = "standard",
    covariates: pd.DataFrame | None = None,
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """The back-test of an annual mean from tidy observations, see :func:`backtest`."""
    cube = cube_of(observations, [indicator])
    last = int(cube["time"].dt.year.max())
    aim = mean_target(indicator, limit=target, year=last, rounding=rounding)
    return backtest(cube[indicator], target=aim, regions=regions, covariates=covariates, progress=progress)


def known_months_of(known_through: str, *, year: int) -> int:
    """How many months of the year are known: 6 for ``2016-06``, 0 for any month before the year.

    >>> known_months_of("2016-06", year=2016), known_months_of("2015-12", year=2016)
    (6, 0)

    Raises ``InputError`` for a text that is no month, or a month after the year.
    """
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", known_through)
    if match is None:
        raise InputError(f"月份“{known_through}”看不懂", why="应写成 2016-06", todo="改正 --known-through")
    if int(match[1]) > year:
        raise InputError(f"{known_through} 晚于 {year} 年", todo="已知到的月份应在该年之内或之前")
    return int(match[2]) if int(match[1]) == year else 0


def medium_of(indicator: str) -> str:
    """``water`` or ``air``.

    >>> medium_of("pm2_5")
    'air'

    Raises ``InputError`` for an indicator that is not known.
    """
    return check_indicator(indicator).medium


def as_of(observations: pd.DataFrame, *, on: str) -> tuple[pd.DataFrame, str]:
    """What was known on a day: measured and, where ``available_at`` says when, published by then; and the last month of it.

    The month is the last whole one before that day of which anything is known.

    Raises ``InputError`` for a text that is no day.
    """
    try:
        day = pd.Timestamp(on)
    except ValueError as error:
        raise InputError(f"日期“{on}”看不懂", why="应写成 2016-06-30", todo="改正 --on") from error
    published = observations["available_at"].fillna(observations["time"])
    seen = observations[(observations["time"] <= day) & (published <= day)]
    seen.attrs = observations.attrs
    # A month is whole once its last day has passed.
    month = (day + pd.Timedelta(days=1)).to_period("M") - 1
    last = seen.loc[seen["value"].notna(), "time"].max()
    return seen, str(month if pd.isna(last) else min(month, last.to_period("M")))


def _until(observations: pd.DataFrame, known_through: str) -> pd.DataFrame:
    # What came later is dropped before anything is computed.
    end = pd.Period(known_through, freq="M").end_time
    seen = observations[observations["time"] <= end]
    seen.attrs = observations.attrs
    return seen


def cube_of(observations: pd.DataFrame, wanted: list[str]) -> xr.Dataset:
    known = {code: check_indicator(code) for code in wanted}
    chosen = observations[observations["indicator"].isin(wanted)]
    if chosen["value"].notna().sum() == 0:
        present = "、".join(sorted(observations["indicator"].unique())) or "无"
        raise InputError(
            f"文件中没有 {wanted[0]} 的数据",
            where=Place(str(observations.attrs.get("file", ""))),
            why=f"有：{present}",
        )
    units = set(chosen["unit"].dropna()) - {known[wanted[0]].unit, ""}
    if units:
        raise InputError(
            f"单位 {'、'.join(units)} 与 {known[wanted[0]].unit} 不同", todo="用 suizhou-geo read 读取并换算"
        )
    return mean_cube(chosen, halve=True)


def daily_cube(observations: pd.DataFrame) -> xr.Dataset:
    known = observations[observations["time"].notna() & observations["value"].notna()]
    days = known.assign(time=known["time"].dt.floor("D"))
    per_month = days.groupby(["site_id", "indicator", days["time"].dt.to_period("M")])["time"].nunique()
    if per_month.empty or per_month.median() < 15:
        raise InputError(
            "这个统计量需要日值", why="文件中每月的天数不足 15 天", todo="给出逐日（或逐时）数据"
        )
    means = days.groupby(["site_id", "time", "indicator"])["value"].mean().unstack("indicator")
    cube: xr.Dataset = means.to_xarray().rename(site_id="site")
    days_between = pd.date_range(str(cube.time.values[0]), str(cube.time.values[-1]), freq="D")
    whole: xr.Dataset = cube.reindex(time=days_between)
    return whole


def percentile_decimals(indicator: str, statistic: str, year: int) -> int:
    method = standards.edition_in_force(
        "air-evaluation", on=pd.Timestamp(year=max(year, 2014), month=12, day=31).date()
    )
    metrics = standards.read_table(method, name="metrics")
    row = metrics[(metrics["indicator"] == indicator) & (metrics["percentile"] == statistic[1:])]
    if row.empty:
        offered = metrics[metrics["percentile"] != ""]
        known = "、".join(
            f"{code} p{percent}"
            for code, percent in zip(offered["indicator"], offered["percentile"], strict=True)
        )
        raise InputError(f"{method.number} 不评价 {indicator} 的 {statistic}", why=f"评价：{known}")
    return int(row["decimals"].iloc[0])
