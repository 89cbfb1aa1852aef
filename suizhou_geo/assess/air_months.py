"""Concentrations of a station month by month, each beside the limit that its year is held against."""

from collections.abc import Sequence

import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.air_days import valid_days
from suizhou_geo.assess.air_rows import air_rows

AIR_MONTH_COLUMNS = (
    "site_id",
    "period",
    "pollutant",
    "percentile",
    "value",
    "decimals",
    "limit",
    "averaging",
    "n_valid",
    "standard",
    "verified",
)


def describe_air_months(
    observations: pd.DataFrame, *, months: Sequence[str], area_class: int = 2
) -> pd.DataFrame:
    """The statistic of every pollutant that HJ 663 knows of a month, for every station and month that has days.

    Means of SO2, NO2, PM10 and PM2.5, the 95th percentile of CO, the 90th of the daily 8-hour maximum of ozone (HJ 663,
    table 1; annex A: linear between ranks), rounded as the method says. With fewer than 27 valid days, 25 in February
    (GB 3095, table 4), a month has no value. The limits are those of the year or, for percentiles, of the day: they judge a
    year, no month. Method and limits are those in force at the end of the last month.

    Parameters
    ----------
    observations
        Tidy daily or hourly concentrations; from hourly ones valid days are formed first.
    months
        ``YYYY-MM``, oldest first.
    area_class
        1 or 2 of GB 3095.

    Returns
    -------
    DataFrame
        Columns ``AIR_MONTH_COLUMNS``: ``percentile`` is empty for means, ``averaging`` ``annual`` or ``day``, ``standard`` the id of the
        limits, ``verified`` how sure their table is.

    Examples
    --------
    >>> days = pd.date_range("2024-06-01", "2024-06-30")
    >>> rows = pd.DataFrame({"site_id": "A", "time": days, "indicator": "pm2_5", "value": 35.4})
    >>> month = describe_air_months(rows, months=("2024-06",)).loc[0]
    >>> float(month["value"]), float(month["limit"]), month["averaging"], int(month["n_valid"])
    (35.0, 35.0, 'annual', 30)
    """
    start, end = pd.Period(months[0], "M").start_time, pd.Period(months[-1], "M").end_time
    rows = air_rows(observations)
    # The first hour after a month is its last: one more day is read, and falls away again.
    near = rows["time"].between(start, end.normalize() + pd.Timedelta(days=1))
    days = valid_days(rows[near])
    days = days[days["time"].between(start, end)]
    limits, method = (
        standards.find_edition(
            standards.editions_by_date(family, dates=pd.Series([end.normalize()]), backdate=True).iloc[0]
        )
        for family in ("air-limits", "air-evaluation")
    )
    rules = standards.read_table(method, name="metrics")
    rules = rules[rules["month"] == "yes"].rename(columns={"indicator": "pollutant", "limit": "averaging"})
    bounds = standards.read_table(limits, name="limits").rename(columns={"indicator": "pollutant"})
    rules = rules.merge(bounds, on=["pollutant", "averaging"])
    frames = [
        _months_of(days.loc[days["indicator"] == rule.pollutant], rule.percentile, int(rule.decimals)).assign(
            pollutant=rule.pollutant,
            percentile=rule.percentile,
            decimals=int(rule.decimals),
            limit=float(getattr(rule, f"level{area_class}")),
            averaging=rule.averaging,
        )
        for rule in rules.itertuples()
    ]
    found = pd.concat(frames, ignore_index=True)
    enough = found["n_valid"] >= _days_needed(found["period"], method)
    return found.assign(
        value=found["value"].where(enough), standard=limits.id, verified=limits.table("limits").verified
    )[list(AIR_MONTH_COLUMNS)]


def _months_of(days: pd.DataFrame, percentile: str, decimals: int) -> pd.DataFrame:
    period = days["time"].dt.strftime("%Y-%m").rename("period")
    grouped = days.groupby(["site_id", period], sort=True)["value"]
    raw = grouped.mean() if percentile == "" else grouped.quantile(float(percentile) / 100)
    rounded = standards.round_half_even(raw.to_numpy(), decimals=decimals)
    return raw.to_frame().assign(value=rounded, n_valid=grouped.count()).reset_index()


def _days_needed(periods: pd.Series, method: standards.Edition) -> "pd.Series[int]":
    numbers = standards.read_table(method, name="validity").set_index("rule")["value"].astype(int)
    february = periods.str.endswith("-02")
    return february.map({True: numbers["february_days"], False: numbers["month_days"]})
