"""Valid daily concentrations from hourly ones (GB 3095 table 4; the daily maximum of ozone after HJ 663)."""

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.air_rows import air_rows, air_table
from suizhou_geo.errors import InputError


def daily_values(observations: pd.DataFrame) -> pd.DataFrame:
    """Tidy daily rows of hourly ones: ``site_id, time, indicator, value``; a day below the minimum has no value.

    The hour stands for the sixty minutes before it, so that hour 0 is the last of the day before. Daily means need 20
    hours. The daily maximum of the 8-hour ozone means needs 14 of them between 8:00 and 24:00, each of 6 hours, or a
    maximum that is already above the limit. The numbers are those of the edition in force on the day. A time within
    an hour stands for that hour.

    >>> hours = pd.date_range("2025-06-01 01:00", periods=24, freq="h")
    >>> rows = pd.DataFrame({"site_id": "A", "time": hours, "indicator": "pm2_5", "value": range(24)})
    >>> daily_values(rows)["value"].tolist(), daily_values(rows[:19])["value"].isna().tolist()
    ([11.5], [True])

    Raises ``InputError`` as ``assess_air`` does, and when a site has several times in one hour: hourly means have to be
    formed of them first.
    """
    return days_of_hours(air_table(air_rows(observations)).values)


def days_of_hours(hours: pd.DataFrame) -> pd.DataFrame:
    """Valid daily values of an ``AirTable``'s values by the hour, as in :func:`daily_values`."""
    parts = [_days_of_site(rows.droplevel("site_id"), site) for site, rows in hours.groupby(level="site_id")]
    return pd.concat(parts, ignore_index=True)


def valid_days(rows: pd.DataFrame) -> pd.DataFrame:
    """Tidy daily concentrations that have a value, of daily rows as they are or formed from hourly ones.

    ``rows`` are those of ``air_rows``.
    """
    table = air_table(rows).values
    days = (
        days_of_hours(table)
        if are_hours(rows)
        else table.melt(ignore_index=False, var_name="indicator").reset_index()
    )
    return days[days["value"].notna()]


def are_hours(rows: pd.DataFrame) -> bool:
    """Whether any row has a time of day."""
    return bool((rows["time"] != rows["time"].dt.normalize()).any())


def day_of(times: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The day that an hour belongs to: moved back by a minute, the hours of a day are those with its date."""
    return (times - pd.Timedelta(minutes=1)).normalize()


def _days_of_site(moments: pd.DataFrame, site: object) -> pd.DataFrame:
    complete = _every_hour(moments, site)
    day = day_of(complete.index)
    rules = _rules_of(pd.DatetimeIndex(day.unique()))
    averaged = [code for code in rules.attrs["averaged"] if code in complete]
    days = {}
    for code in [*averaged, *(["o3"] if "o3" in complete else [])]:
        grouped = complete[code].groupby(day)
        formed = grouped.mean() if code in averaged else grouped.max()
        days[code] = formed.where(grouped.count() >= rules["day_hours"])
    if "o3" in complete:
        days["o3_8h"] = _daily_maximum(complete["o3"], day, rules)
    tidy = pd.DataFrame(days, index=rules.index).rename_axis("time").reset_index()
    tidy = tidy.melt("time", var_name="indicator", value_name="value")
    # Hour 0 of the first day belongs to a day of which nothing else is there.
    known = tidy["time"] >= complete.index[0].normalize()
    return tidy[known | ~known.any()].assign(site_id=site)


def _every_hour(moments: pd.DataFrame, site: object) -> pd.DataFrame:
    times = pd.DatetimeIndex(moments.index)
    hours = times.ceil("h")
    twice = hours.duplicated()
    if twice.any():
        raise InputError(
            f"站点 {site} 在同一小时内有多个时间，如 {times[twice][0]}",
            why="日值由小时平均浓度形成，一小时一个",
            todo="先求出小时平均值",
        )
    return moments.set_axis(hours).asfreq("h")


def _rules_of(days: pd.DatetimeIndex) -> pd.DataFrame:
    """The numbers of the edition in force on each day; ``attrs["averaged"]`` are the pollutants with daily means."""
    ids = standards.editions_by_date("air-limits", dates=pd.Series(days), backdate=True)
    tables = {}
    for edition_id in ids.unique():
        edition = standards.find_edition(edition_id)
        numbers = standards.read_table(edition, name="validity").set_index("rule")["value"].astype(int)
        limits = standards.read_table(edition, name="limits").set_index(["indicator", "averaging"])["level2"]
        tables[edition_id] = {**numbers, "ozone_limit": float(limits["o3_8h", "day"])}
    rules = pd.DataFrame([tables[edition_id] for edition_id in ids], index=days)
    limits = standards.read_table(standards.find_edition(ids.iloc[-1]), name="limits")
    daily = limits.loc[limits["averaging"] == "day", "indicator"]
    # The daily value of ozone is a maximum of its own.
    rules.attrs["averaged"] = [code for code in daily if code != "o3_8h"]
    return rules


def _daily_maximum(ozone: pd.Series, day: pd.DatetimeIndex, rules: pd.DataFrame) -> pd.Series:
    window, least = int(rules["window_hours"].max()), int(rules["eight_hours"].max())
    means = ozone.rolling(window, min_periods=least).mean()
    # Windows that end before 8:00 reach into the day before.
    hour = np.asarray((ozone.index - pd.Timedelta(minutes=1)).hour) + 1
    grouped = means.where(hour >= window).groupby(day)
    largest = grouped.max()
    return largest.where((grouped.count() >= rules["day_eight_hours"]) | (largest > rules["ozone_limit"]))
