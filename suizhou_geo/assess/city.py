"""A year, its quarters or months of a city's air, with and without exceptional events."""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.air import check_unmonitored
from suizhou_geo.assess.air_days import are_hours, valid_days
from suizhou_geo.assess.air_rows import air_rows, clock_times
from suizhou_geo.assess.air_statistics import Span, air_rules, describe_days
from suizhou_geo.assess.periods import PERIODS
from suizhou_geo.assess.verdicts import NO_VERDICT, check_choice
from suizhou_geo.errors import InputError, Place

if TYPE_CHECKING:
    import xarray as xr

CITY_COLUMNS = (
    "site_id",
    "period",
    "statistic",
    "pollutant",
    "value",
    "unit",
    "n_valid",
    "n_total",
    "excluded",
    "verdict",
    "standard",
    "clause",
    "exceedance",
    "note",
)

#: Names the mean of all stations where nothing names their city.
CITY = "城市"

_DUST = "沙尘"


def assess_city(
    observations: "pd.DataFrame | xr.Dataset",
    *,
    year: int,
    period: str = "year",
    exceptional: pd.DataFrame | None = None,
    standard: str = "auto",
    index_standard: str = "auto",
    area_class: int = 2,
    good_ratio_target: float | None = None,
    minimum_stations: int = 1,
    unmonitored: Collection[str] = (),
) -> pd.DataFrame:
    """Statistics of every station and of every city (the mean of its stations day by day), long.

    Means and percentiles follow HJ 663 (annex A: linear between ranks), limits are those of GB 3095 in force at the
    end of the period, the good-day ratio is days with AQI ≤ 100 of the days that have one, the composite index adds the
    rounded single indices (环办〔2014〕64号). With too few days (324 a year; for means 27 a month, 25 in February) a
    verdict is 数据不足 with its direction. What has no limit is 无法判定 and says so. With ``exceptional`` every
    statistic stands twice: ``excluded`` tells.

    Parameters
    ----------
    observations
        Tidy daily or hourly concentrations; from hourly ones valid days are formed first. ``assessed_city`` names the
        city of a station; without it all stations make up one city, 城市. Or a cube with dims ``(site, time)``.
    year, period
        The calendar year; ``"year"``, or its ``"quarter"`` or ``"month"`` parts.
    exceptional
        Column ``time`` (a day), and as far as given ``site_id``, ``city``, ``indicator``, ``kind``: what is left out
        where ``excluded`` is true. A city is that of the station, or the name of a site that has none.
    standard, index_standard
        ``"auto"``, or the id of an edition of GB 3095 (such as ``"gb3095-2012"``: then method and index are of its
        time too) and of HJ 633.
    area_class
        1 or 2 of GB 3095.
    good_ratio_target
        Per cent; without it the ratio gets no verdict.
    minimum_stations
        How many stations of a city a day of a pollutant needs.
    unmonitored
        Codes of pollutants outside the monitoring programme, as in ``assess_air``.

    Returns
    -------
    DataFrame
        Columns ``CITY_COLUMNS``; ``value`` is rounded as the edition says, NaN where there is none; ``exceedance`` is the
        multiple (C − S)/S of HJ 663 of a year's value above its limit, to two decimals, half to even.

    Raises
    ------
    InputError
        The year has no data, a choice or a unit is unknown, or no edition was in force.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", "2024-12-31")
    >>> rows = pd.DataFrame({"site_id": "A", "time": days, "indicator": "pm2_5", "value": 35.4})
    >>> assess_city(rows, year=2024).loc[0, ["statistic", "pollutant", "verdict"]].tolist()
    ['annual_mean', 'pm2_5', '达标']
    """
    check_choice(period, tuple(PERIODS), name="period")
    check_unmonitored(unmonitored)
    choices: dict[str, Any] = {
        "standard": standard, "index_standard": index_standard,
        "area_class": area_class, "unmonitored": unmonitored,
    }  # fmt: skip
    spans = {span: air_rules(span, **choices) for span in _spans(year, period)}
    stations = _days_of_year(observations, year=year)
    versions = {False: stations} | ({} if exceptional is None else {True: _without(stations, exceptional)})
    rows: list[dict[str, object]] = []
    for excluded, days in versions.items():
        units = pd.concat([days, _city_days(days, minimum_stations=minimum_stations)], ignore_index=True)
        rows += [
            {"site_id": site, "excluded": excluded, **row}
            for site, own in units.groupby("site_id", sort=False)
            for span, rules in spans.items()
            if len(part := own[own["time"].between(span.start, span.end)])
            for row in describe_days(part, span=span, rules=rules, good_ratio_target=good_ratio_target)
        ]
    emptied = [] if exceptional is None else _emptied(rows)
    frame = pd.DataFrame([*rows, *emptied], columns=list(CITY_COLUMNS))
    notes = _with_dust(frame, exceptional)
    if exceptional is not None and len(versions[True]) == len(stations):
        told = "例外事件清单没有涉及这里的数据"
        notes = [
            "；".join(filter(None, (note, told if excluded else "")))
            for note, excluded in zip(notes, frame["excluded"], strict=True)
        ]
    return frame.assign(note=notes)


def _emptied(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """What stands in the place of statistics of which the exceptional events leave no day."""

    def key(row: dict[str, object]) -> tuple[object, ...]:
        whole = str(row["statistic"]).startswith("composite")
        return row["site_id"], row["period"], row["statistic"], "" if whole else row["pollutant"]

    left = {key(row) for row in rows if row["excluded"]}
    gone = [row for row in rows if not row["excluded"] and key(row) not in left]
    nothing = {
        "excluded": True,
        "value": float("nan"),
        "n_valid": 0,
        "verdict": NO_VERDICT,
        "exceedance": float("nan"),
    }
    return [{**row, **nothing, "pollutant": key(row)[3], "note": "剔除后没有有效数据"} for row in gone]


def _days_of_year(observations: "pd.DataFrame | xr.Dataset", *, year: int) -> pd.DataFrame:
    known = air_rows(observations)
    days = valid_days(known)
    days = days[days["time"].dt.year == year]
    if days.empty:
        found = sorted(known["time"].dt.year.unique().tolist())
        scarce = are_hours(known) and year in found
        raise InputError(
            f"文件中没有 {year} 年的有效数据",
            where=Place(str(observations.attrs.get("file", ""))),
            why="时间带钟点，按小时数据处理，没有一天的小时数足以形成日值"
            if scarce
            else f"有数据的年份：{'、'.join(map(str, found)) or '无'}",
            todo="日值的时间只写日期" if scarce else "核对 --year",
        )
    once = known.drop_duplicates("site_id").set_index("site_id")
    cities = once.get("assessed_city", pd.Series(dtype=object)).dropna().astype(str)
    order = {site: place for place, site in enumerate(known["site_id"].unique())}
    days = days.assign(city=[cities.get(site, "") for site in days["site_id"]])
    # A table of cities names them as its sites.
    names = once.get("site_name", pd.Series(once.index, index=once.index))
    days["place"] = [city or names[site] for city, site in zip(days["city"], days["site_id"], strict=True)]
    return days.sort_values("site_id", key=lambda ids: ids.map(order), kind="stable", ignore_index=True)


def _city_days(days: pd.DataFrame, *, minimum_stations: int) -> pd.DataFrame:
    # A table of cities, or of one station, needs no mean.
    city = days["city"] if (days["city"] != "").any() else pd.Series(CITY, index=days.index)
    stations = days.assign(city=city)[city != ""]
    several = stations.groupby("city")["site_id"].transform("nunique") > 1
    same = sorted(set(stations.loc[several, "city"]) & set(days["site_id"]))
    if same:
        raise InputError(
            f"站点编码“{same[0]}”与城市同名",
            why="站点和城市的结果无法分开",
            todo="去掉文件中已有的城市均值，或改站点编码",
        )
    grouped = stations[several].groupby(["city", "time", "indicator"])["value"]
    means = grouped.agg(["mean", "count"]).reset_index()
    means = means[means["count"] >= minimum_stations]
    return means.rename(columns={"city": "site_id", "mean": "value"})[
        ["site_id", "time", "indicator", "value"]
    ]


def _without(days: pd.DataFrame, exceptional: pd.DataFrame) -> pd.DataFrame:
    if "time" not in exceptional.columns:
        raise InputError(
            "例外事件表缺少列 time", why=f"已有：{'、'.join(map(str, exceptional.columns))}", todo="补上日期"
        )
    events = exceptional.assign(time=clock_times(pd.to_datetime(exceptional["time"])).dt.normalize())
    texts = days[["site_id", "place", "indicator"]].astype(str)
    dropped = pd.Series(False, index=days.index)
    for event in events.to_dict("records"):
        here = days["time"] == event["time"]
        for column, own in (("site_id", "site_id"), ("city", "place"), ("indicator", "indicator")):
            wanted = event.get(column)
            if not pd.isna(wanted) and wanted != "":
                # Sites may be numbers, with a decimal point where some of them are empty.
                here &= (days[own] == wanted) | (texts[own] == str(wanted))
        dropped |= here
    return days[~dropped]


def _spans(year: int, period: str) -> list[Span]:
    if not isinstance(year, (int, np.integer)) or not date.min.year <= year <= date.max.year:
        raise InputError(f"年份不能是 {year}", todo="写四位数的整数，如 2025")
    parts = pd.period_range(f"{year}-01-01", f"{year}-12-31", freq=PERIODS[period])
    return [Span(str(part), part.start_time.normalize(), part.end_time.normalize()) for part in parts]


def _with_dust(frame: pd.DataFrame, exceptional: pd.DataFrame | None) -> list[str]:
    """The notes of rows without dust days, with what each product makes of them."""
    if (
        exceptional is None
        or "kind" not in exceptional
        or not exceptional["kind"].astype(str).str.contains(_DUST).any()
    ):
        return list(frame["note"])
    products = standards.read_table(standards.newest_edition("air-dust"), name="products")
    told = {
        statistic: "；".join(row.note for row in products.itertuples() if statistic in row.statistics.split())
        for statistic in frame["statistic"].unique()
    }
    notes = frame["statistic"].map(told).where(frame["excluded"], "")
    return ["；".join(filter(None, pair)) for pair in zip(frame["note"], notes, strict=True)]
