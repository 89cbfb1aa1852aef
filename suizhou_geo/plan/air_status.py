"""The air at every station of a county: its last day with an index in each month, the days of each level, concentrations."""

import dataclasses
from collections import Counter
from functools import cache
from typing import Any

import pandas as pd

from suizhou_geo import assess, standards
from suizhou_geo.assess.verdicts import ATTAINED
from suizhou_geo.conventions import AirMonth, AirStatus, Layer, Series, indicators
from suizhou_geo.plan.sections import SERIES_MONTHS, STRIP_MONTHS, month_periods

_AVERAGING = {"annual": "年均", "day": "日"}


def with_air_status(
    layer: Layer, air: pd.DataFrame, *, year: int, month: int, synthetic: bool = False
) -> Layer:
    """The layer of stations with the air of each; any other layer, or one without observations, comes back as it is.

    HJ 633 defines the index of an hour and of a day, and no index of a month. What stands for a month is therefore its
    last day that has an index, with its date (HJ 633-2012, HJ 633-2026: table 1, and table 2 for level and colour), beside
    the number of days of each level (HJ 663: days up to 100 are good). Rows after the month are not looked at;
    ``synthetic`` says that a script made them.

    >>> from suizhou_geo.conventions import Feature
    >>> stations = Layer("stations", "", False, "", "", (Feature("A", "甲", {}),))
    >>> rows = pd.DataFrame({"site_id": "A", "site_name": "甲", "time": pd.Timestamp("2021-06-29"),
    ...     "indicator": ["so2", "no2", "co", "o3_8h", "pm10", "pm2_5"], "value": [8, 17, 0.9, 90, 130, 70]})
    >>> now = with_air_status(stations, rows, year=2021, month=6).features[0].air.now
    >>> now.date, now.aqi, now.category, now.primary, now.days, now.good_days
    ('2021-06-29', 94, '良', '细颗粒物', (0, 1, 0, 0, 0, 0), 1)
    """
    if layer.kind != "stations" or air.empty:
        return layer
    periods = month_periods(year, month, STRIP_MONTHS)
    days = _days_by_month(air, periods)
    measured = set(air["site_id"].unique())
    series = _series_by_station(air, month_periods(year, month, SERIES_MONTHS))
    return dataclasses.replace(
        layer,
        features=tuple(
            dataclasses.replace(
                feature,
                air=_status(feature.id, periods, days, synthetic=synthetic),
                series=series.get(feature.id, ()),
            )
            if feature.id in measured
            else feature
            for feature in layer.features
        ),
    )


def _days_by_month(air: pd.DataFrame, periods: tuple[str, ...]) -> dict[tuple[str, str], list[Any]]:
    """The days with an index, in order, of every station and month that has any: rows of ``assess.assess_air``."""
    times = pd.to_datetime(air["time"])
    # Before the first edition there was no index.
    oldest = standards.editions_of("air-index")[0].effective_from
    first = max(pd.Timestamp(periods[0]), pd.Timestamp(oldest))
    end = pd.Timestamp(periods[-1]) + pd.DateOffset(months=1)
    known = air[(times >= first) & (times < end) & air["value"].notna()]
    if known.empty:
        return {}
    days = assess.assess_air(known, interval="day")
    found: dict[tuple[str, str], list[Any]] = {}
    for day in days[days["aqi"].notna()].itertuples():
        found.setdefault((day.site_id, f"{day.time:%Y-%m}"), []).append(day)
    return found


def _series_by_station(air: pd.DataFrame, months: tuple[str, ...]) -> dict[str, tuple[Series, ...]]:
    """The concentrations of the months of a chart, of every station that has any; what is nearest its limit first."""
    start, end = pd.Period(months[0], "M").start_time, pd.Period(months[-1], "M").end_time
    known = air[air["time"].between(start, end) & air["value"].notna()]
    if known.empty:
        return {}
    found: dict[str, tuple[Series, ...]] = {}
    frame = assess.describe_air_months(air[air["value"].notna()], months=months)
    for (site, _pollutant), own in frame.groupby(["site_id", "pollutant"], sort=False):
        values = own.set_index("period")["value"].reindex(list(months))
        if values.notna().any():
            found[str(site)] = (*found.get(str(site), ()), _series(own.iloc[0], values))
    return {site: tuple(sorted(own, key=_margin)) for site, own in found.items()}


def _margin(series: Series) -> float:
    """What the highest month of the last year leaves to the limit, as a share of it."""
    return -max((value for value in series.values[-12:] if value is not None), default=0.0) / (
        series.limit or 1.0
    )


def _series(rule: pd.Series, values: pd.Series) -> Series:
    indicator = indicators()[rule["pollutant"]]
    share = f"（第 {rule['percentile']} 百分位数）" if rule["percentile"] else ""
    unsure = "，未核实" if rule["verified"] == "unverified" else ""
    return Series(
        indicator=indicator.code,
        name=f"{indicator.name}{share}",
        unit=indicator.unit,
        times=tuple(values.index),
        values=tuple(None if pd.isna(value) else float(value) for value in values),
        limit=float(rule["limit"]),
        limit_label=f"{_AVERAGING[rule['averaging']]}二级限值{unsure}",
        decimals=int(rule["decimals"]),
    )


def _status(
    site: str, periods: tuple[str, ...], days: dict[tuple[str, str], list[Any]], *, synthetic: bool
) -> AirStatus:
    now = days.get((site, periods[-1]), [])
    return AirStatus(
        months=tuple(_month(each, days.get((site, each), [])) for each in periods),
        standard=now[-1].standard if now else "",
        clause=now[-1].clause if now else "",
        note=now[-1].note if now else "",
        synthetic=synthetic,
    )


def _month(period: str, days: list[Any]) -> AirMonth:
    if not days:
        return AirMonth(period, "", None, None, "", "", (), 0)
    last = days[-1]
    counts = Counter(int(day.level) for day in days)
    return AirMonth(
        period=period,
        date=f"{last.time:%Y-%m-%d}",
        aqi=int(last.aqi),
        level=int(last.level),
        category=last.category,
        primary=last.primary_name,
        days=tuple(counts[level] for level in range(1, _levels(last.standard) + 1)),
        good_days=sum(day.verdict == ATTAINED for day in days),
    )


@cache
def _levels(standard: str) -> int:
    return len(standards.read_table(standards.find_edition(standard), name="levels"))
