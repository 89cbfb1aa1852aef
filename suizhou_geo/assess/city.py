"""A year of a city's air: means, percentiles, good days and the composite index, with and without exceptional events."""

import calendar

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.air import assess_air
from suizhou_geo.assess.air_days import daily_values
from suizhou_geo.errors import InputError, Place

CITY_COLUMNS = (
    "site_id",
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
    "note",
)

#: Names the mean of all stations in the result.
CITY = "城市"


def assess_city(
    observations: pd.DataFrame,
    *,
    year: int,
    exceptional: pd.DataFrame | None = None,
    standard: str = "auto",
    index_standard: str = "auto",
) -> pd.DataFrame:
    """Annual statistics of every station and of the city (the mean of its stations day by day), long.

    Means and percentiles follow HJ 663 (annex A: linear between ranks), limits are those of class 2 of GB 3095 in
    force at the end of the year, the good-day ratio is days with AQI ≤ 100 of the days that have one, the composite
    index adds the rounded single indices (环办〔2014〕64号). A mean with too few days (324 a year, 27 a month, 25 in
    February) is 数据不足 with its direction. With ``exceptional`` every statistic stands twice: ``excluded`` tells.

    Parameters
    ----------
    observations
        Tidy daily or hourly concentrations; from hourly ones valid days are formed first.
    year
        The calendar year.
    exceptional
        Columns ``time`` (a day) and optionally ``site_id``: days left out where ``excluded`` is true.
    standard, index_standard
        ``"auto"``, or the id of an edition of GB 3095 (such as ``"gb3095-2012"``) and of HJ 633.

    Returns
    -------
    DataFrame
        Columns ``CITY_COLUMNS``; ``value`` is rounded as the edition says, NaN where there is none.

    Raises ``InputError`` when the year has no data.
    """
    days = _days_of_year(observations, year=year)
    parts = [_statistics(days, year=year, excluded=False, standard=standard, index_standard=index_standard)]
    if exceptional is not None:
        kept = _without(days, exceptional)
        parts.append(
            _statistics(kept, year=year, excluded=True, standard=standard, index_standard=index_standard)
        )
    return pd.concat(parts, ignore_index=True)[list(CITY_COLUMNS)]


def composite_index(values: pd.Series) -> float:
    """Composite index of a period's statistics by pollutant: each part rounded half to even, then added.

    >>> composite_index(pd.Series({"so2": 8, "no2": 20, "pm10": 41, "pm2_5": 14, "co": 0.7, "o3_8h": 155}))
    2.77
    """
    edition = standards.newest_edition("air-composite")
    table = standards.read_table(edition, name="denominators").set_index("indicator")
    parts = values.reindex(table.index).astype(float) / table["denominator"].astype(float)
    if parts.isna().any():
        return float("nan")
    decimals = int(table["decimals"].iloc[0])
    return float(
        standards.round_half_even(
            [standards.round_half_even(parts, decimals=decimals).sum()], decimals=decimals
        )[0]
    )


def _days_of_year(observations: pd.DataFrame, *, year: int) -> pd.DataFrame:
    known = observations[observations["time"].notna()]
    hourly = bool((known["time"] != known["time"].dt.normalize()).any())
    days = daily_values(known) if hourly else known[["site_id", "time", "indicator", "value"]]
    days = days[(days["time"].dt.year == year) & days["value"].notna()].drop_duplicates(
        ["site_id", "time", "indicator"]
    )
    if days.empty:
        found = sorted(known["time"].dt.year.unique().tolist())
        raise InputError(
            f"文件中没有 {year} 年的有效数据",
            where=Place(str(observations.attrs.get("file", ""))),
            why=f"有数据的年份：{'、'.join(map(str, found)) or '无'}",
            todo="核对 --year",
        )
    stations = days["site_id"].nunique()
    mean = days.groupby(["time", "indicator"], as_index=False)["value"].mean().assign(site_id=CITY)
    return pd.concat([days, mean], ignore_index=True) if stations > 1 else days


def _without(days: pd.DataFrame, exceptional: pd.DataFrame) -> pd.DataFrame:
    listed = pd.to_datetime(exceptional["time"]).dt.normalize()
    everywhere = exceptional["site_id"].fillna("") == "" if "site_id" in exceptional else listed.notna()
    drop = days["time"].isin(listed[everywhere])
    if "site_id" in exceptional:
        pairs = pd.MultiIndex.from_arrays([exceptional["site_id"][~everywhere], listed[~everywhere]])
        drop |= pd.MultiIndex.from_frame(days[["site_id", "time"]]).isin(pairs)
    return days[~drop]


def _statistics(
    days: pd.DataFrame, *, year: int, excluded: bool, standard: str, index_standard: str
) -> pd.DataFrame:
    end = pd.Timestamp(year=year, month=12, day=31).date()
    method = standards.edition_in_force("air-evaluation", on=end)
    limits = (
        standards.edition_in_force("air-limits", on=end)
        if standard == "auto"
        else standards.find_edition(standard)
    )
    total = 366 if calendar.isleap(year) else 365
    rows = []
    for site, own in days.groupby("site_id"):
        measured = _concentrations(own, method=method, limits=limits, total=total)
        rows += [{"site_id": site, **row} for row in measured]
        rows += [{"site_id": site, **row} for row in _good_days(own, total=total, standard=index_standard)]
        rows.append({"site_id": site, **_composite(measured, total=total)})
    return pd.DataFrame(rows).assign(excluded=excluded)


def _concentrations(
    own: pd.DataFrame, *, method: standards.Edition, limits: standards.Edition, total: int
) -> list[dict[str, object]]:
    metrics = standards.read_table(method, name="metrics")
    table = standards.read_table(limits, name="limits").set_index(["indicator", "averaging"])
    rows: list[dict[str, object]] = []
    for metric in metrics.itertuples():
        series = own[own["indicator"] == metric.indicator].set_index("time")["value"]
        if series.empty:
            continue
        raw = series.mean() if metric.percentile == "" else np.percentile(series, float(metric.percentile))
        value = float(standards.round_half_even([raw], decimals=int(metric.decimals))[0])
        limit = table.loc[(metric.indicator, metric.limit)]
        note = _shortage(series.index, method=method) if metric.percentile == "" else ""
        rows.append(
            {
                "statistic": metric.statistic,
                "pollutant": metric.indicator,
                "value": value,
                "unit": limit["unit"],
                "n_valid": len(series),
                "n_total": total,
                "verdict": _verdict(value <= float(limit["level2"]), enough=not note),
                "standard": f"{limits.id}+{method.id}",
                "clause": f"{limits.number} {limits.table('limits').clause} 二级；{method.number} {method.table('metrics').clause}",
                "note": "；".join(filter(None, (note, _unsure(method)))),
            }
        )
    return rows


def _good_days(own: pd.DataFrame, *, total: int, standard: str) -> list[dict[str, object]]:
    index = assess_air(own.assign(site_name=own["site_id"]), interval="day", standard=standard)
    valid = int(index["aqi"].notna().sum())
    good = int((index["aqi"] <= 100).sum())
    used = "+".join(index["standard"].unique())
    clause = "；".join(index["clause"].unique())
    shared = {
        "pollutant": "",
        "n_valid": valid,
        "n_total": total,
        "verdict": "",
        "standard": used,
        "clause": clause,
        "note": "",
    }
    ratio = float(standards.round_half_even([100 * good / valid], decimals=1)[0]) if valid else float("nan")
    return [
        {"statistic": "good_days", "value": float(good), "unit": "天", **shared},
        {"statistic": "good_ratio", "value": ratio, "unit": "%", **shared},
    ]


def _composite(measured: list[dict[str, object]], *, total: int) -> dict[str, object]:
    edition = standards.newest_edition("air-composite")
    wanted = standards.read_table(edition, name="denominators")[["indicator", "statistic"]].itertuples(
        index=False
    )
    keys = {tuple(pair) for pair in wanted}
    found = {str(row["pollutant"]): row for row in measured if (row["pollutant"], row["statistic"]) in keys}
    value = composite_index(pd.Series({code: row["value"] for code, row in found.items()}, dtype=float))
    return {
        "statistic": "composite_index",
        "pollutant": "",
        "value": value,
        "unit": "",
        "n_valid": min((int(str(row["n_valid"])) for row in found.values()), default=0),
        "n_total": total,
        "verdict": "无法判定" if np.isnan(value) else "",
        "standard": edition.id,
        "clause": f"{edition.number} {edition.table('denominators').clause}",
        "note": edition.note if "2026" in str(found.get("pm2_5", {}).get("standard", "")) else "",
    }


def _shortage(days: pd.DatetimeIndex, *, method: standards.Edition) -> str:
    minimum = standards.read_table(method, name="validity").set_index("rule")["value"].astype(int)
    months = pd.Series(1, index=days).groupby(days.month).sum().reindex(range(1, 13), fill_value=0)
    wanted = pd.Series(int(minimum["month_days"]), index=months.index)
    wanted[2] = int(minimum["february_days"])
    few = months.index[months < wanted].tolist()
    parts = [
        f"有效 {len(days)} 天，应不少于 {minimum['year_days']} 天"
        if len(days) < minimum["year_days"]
        else "",
        f"{'、'.join(map(str, few))} 月有效天数不足" if few else "",
    ]
    return "；".join(filter(None, parts))


def _verdict(attained: bool, *, enough: bool) -> str:
    word = "达标" if attained else "不达标"
    return word if enough else f"数据不足({word}趋向)"


def _unsure(method: standards.Edition) -> str:
    return f"{method.number} 的修约位数未核实" if method.verified == "unverified" else ""
