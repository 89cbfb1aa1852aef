"""Valid daily concentrations from hourly ones (GB 3095 table 4; the daily maximum of ozone after HJ 663)."""

import pandas as pd

from suizhou_geo import standards

#: Averaged over the 24 hours of a day; ozone goes by its own rules.
AVERAGED = ("so2", "no2", "co", "pm10", "pm2_5")
WINDOW_HOURS = 8


def daily_values(observations: pd.DataFrame) -> pd.DataFrame:
    """Tidy daily rows of hourly ones: ``site_id, time, indicator, value``; a day below the minimum has no value.

    The hour stands for the sixty minutes before it, so that hour 0 is the last of the day before. Daily means need 20
    hours. The daily maximum of the 8-hour ozone means needs 14 of them between 8:00 and 24:00, each of 6 hours, or a
    maximum that is already above the limit.

    >>> hours = pd.date_range("2025-06-01 01:00", periods=24, freq="h")
    >>> rows = pd.DataFrame({"site_id": "A", "time": hours, "indicator": "pm2_5", "value": range(24)})
    >>> daily_values(rows)["value"].tolist(), daily_values(rows[:19])["value"].isna().tolist()
    ([11.5], [True])
    """
    wide = observations.pivot_table(
        index=["site_id", "time"], columns="indicator", values="value", aggfunc="first"
    )
    parts = [
        _days_of_site(rows.droplevel("site_id"), str(site)) for site, rows in wide.groupby(level="site_id")
    ]
    return pd.concat(parts, ignore_index=True)


def _days_of_site(hours: pd.DataFrame, site: str) -> pd.DataFrame:
    # Moved back by a minute, the hours of a day are those with its date.
    complete = hours.asfreq("h") if hours.index.is_unique else hours
    edition = standards.newest_edition("air-limits")
    minimum = standards.read_table(edition, name="validity").set_index("rule")["value"].astype(int)
    day = (complete.index - pd.Timedelta(minutes=1)).normalize()
    days = {}
    for code in (code for code in AVERAGED if code in complete):
        grouped = complete[code].groupby(day)
        days[code] = grouped.mean().where(grouped.count() >= minimum["day_hours"])
    if "o3" in complete:
        days["o3"] = (
            complete["o3"]
            .groupby(day)
            .max()
            .where(complete["o3"].groupby(day).count() >= minimum["day_hours"])
        )
        days["o3_8h"] = _daily_maximum(complete["o3"], day, minimum, edition)
    tidy = (
        pd.DataFrame(days)
        .rename_axis("time")
        .reset_index()
        .melt("time", var_name="indicator", value_name="value")
    )
    return tidy.assign(site_id=site)


def _daily_maximum(
    ozone: pd.Series, day: pd.DatetimeIndex, minimum: pd.Series, edition: standards.Edition
) -> pd.Series:
    means = ozone.rolling(WINDOW_HOURS, min_periods=int(minimum["eight_hours"])).mean()
    # Windows that end before 8:00 reach into the day before.
    hour = (ozone.index - pd.Timedelta(minutes=1)).hour + 1
    grouped = means.where(hour >= WINDOW_HOURS).groupby(day)
    limits = standards.read_table(edition, name="limits").set_index(["indicator", "averaging"])["level2"]
    largest = grouped.max()
    enough = (grouped.count() >= minimum["day_eight_hours"]) | (largest > float(limits["o3_8h", "day"]))
    return largest.where(enough)
