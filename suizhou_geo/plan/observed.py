"""Values of the plan from measurements and shapes: sections, air, protected areas, and who reports at all."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import pandas as pd

from suizhou_geo import assess, spatial
from suizhou_geo.conventions import LAYER_KINDS, Conflict, Feature, class_label
from suizhou_geo.plan.found import Found, items_text, observed_rows
from suizhou_geo.plan.layers import is_true
from suizhou_geo.plan.words import status

#: Shares of sections → the classes that they count.
SECTION_SHARES = {"ratio_good": (1, 3), "ratio_bad": (6, 6)}

#: Area kinds whose pressures inside are counted for review.
CONFLICT_COUNTS = {
    "redline_conflicts": "redlines",
    "zone_conflicts": "water_zones",
    "reserve_conflicts": "reserves",
}

#: Statistics of a year of air: the plan's name → statistic and pollutant of ``assess.assess_city``.
AIR_STATISTICS = {
    "pm2_5_mean": ("annual_mean", "pm2_5"),
    "pm10_mean": ("annual_mean", "pm10"),
    "o3_p90": ("p90", "o3_8h"),
    "good_day_ratio": ("good_ratio", ""),
}

#: Days of a month that a station must have to count as reporting.
_DAYS = 20

_DECEMBER = 12

#: Names written out in a sentence.
_NAMED = 3


def section_values(
    sections: Sequence[Feature], observations: pd.DataFrame, *, year: int, month: int
) -> dict[str, Found]:
    """Shares of sections whose mean of the year so far is class Ⅲ or better, and worse than Ⅴ, in per cent.

    Sections without a class are in neither the numerator nor the denominator (环办〔2011〕22号: 断面类别比例).

    >>> section_values([], pd.DataFrame(), year=2021, month=6)
    {}
    """
    judged = [site for site in sections if site.section and status(site).year_to_date_class is not None]
    classes = [status(site).year_to_date_class for site in sections if site.section]
    shares = assess.class_shares(pd.Series(classes, dtype="float64"))
    ids = [site.id for site in judged]
    used = _of_year(observations, year=year, month=month, sites=ids) if ids else observations.head(0)
    rows = observed_rows(used) if ids else ()
    return {
        name: Found(
            value=float(shares[name]),
            rows=rows,
            note=f"{len(judged)} 个断面 {_months(used, month)}累计",
            change=_sections_to_change(judged, low=low, high=high, wanted=name == "ratio_good"),
        )
        for name, (low, high) in SECTION_SHARES.items()
        if name in shares
    }


def air_values(observations: pd.DataFrame, *, year: int, month: int) -> dict[str, Found]:
    """Mean of PM2.5, 90th percentile of ozone and share of good days of the year so far, over these stations.

    >>> air_values(pd.DataFrame(columns=["site_id", "time", "indicator", "value"]), year=2021, month=6)
    {}
    """
    so_far = _of_year(observations, year=year, month=month)
    if so_far["value"].isna().all():
        return {}
    # The stations of one county or city, whatever city they are assessed for.
    statistics = assess.assess_city(so_far.drop(columns="assessed_city", errors="ignore"), year=year)
    whole = assess.CITY if (statistics["site_id"] == assess.CITY).any() else statistics["site_id"].iloc[0]
    city = statistics[statistics["site_id"] == whole].set_index(["statistic", "pollutant"])["value"]
    stations = so_far["site_id"].nunique()
    short = _too_few(statistics[statistics["site_id"] == whole]) if month == _DECEMBER else {}
    return {
        name: Found(reason=short[key])
        if key in short
        else Found(
            value=float(city[key]),
            rows=observed_rows(so_far if not key[1] else so_far[so_far["indicator"] == key[1]]),
            note=f"{stations} 个站点 {_months(so_far, month)}",
        )
        for name, key in AIR_STATISTICS.items()
        if key in city.index and pd.notna(city[key])
    }


def daily_air(observations: pd.DataFrame) -> pd.DataFrame:
    """Valid days of every station: those of the rows, or formed of their hours (GB 3095 table 4); each day once.

    Of two different values of one day neither is taken, as in ``assess.assess_air``.
    """
    known = observations[observations["value"].notna()]
    if (known["time"] != known["time"].dt.normalize()).any():
        days = assess.daily_values(known)
        return days[days["value"].notna()]
    key = ["site_id", "time", "indicator"]
    once = known.drop_duplicates([*key, "value"])
    return once[~once.duplicated(key, keep=False)]


def _too_few(statistics: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Statistics of a whole year with fewer valid days than HJ 663 asks for, with what is lacking: no year is judged so."""
    return {
        (
            str(row.statistic),
            str(row.pollutant),
        ): f"数据不足（{row.n_valid} 天有效）：{row.note.rpartition('数据不足：')[2]}"
        for row in statistics.itertuples()
        if "数据不足" in f"{row.verdict}{row.note}"
    }


def place_values(
    frames: Mapping[str, gpd.GeoDataFrame],
    conflicts: Sequence[Conflict],
    *,
    county: gpd.GeoDataFrame,
    files: Mapping[str, str],
    metric_crs: str,
) -> dict[str, Found]:
    """Pressures inside each kind of protected area, for review, and how much of the land control units cover."""
    found = {}
    for name, kind in CONFLICT_COUNTS.items():
        if kind not in frames or not {"sources", "outfalls"} & frames.keys():
            continue
        inside = [
            each for each in conflicts if each.area_kind == LAYER_KINDS[kind] and each.relation == "在内"
        ]
        features = list(dict.fromkeys(each.feature_id for each in inside))
        found[name] = Found(
            value=float(len(features)),
            rows=(items_text(files[kind], sorted({each.area_id for each in inside}) or ["无重叠"]),),
            note="供复核，不是违法认定",
            change="逐处复核：" + _names([each.feature_name for each in inside]) if inside else "",
            synthetic=any(each.synthetic for each in inside) or _synthetic(frames[kind]),
        )
    units = frames.get("units")
    if units is not None and len(units):
        register = spatial.find_conflicts(
            county, areas=units.assign(kind="units"), metric_crs=metric_crs, distance=0
        )
        whole = county.to_crs(metric_crs).area.sum()
        found["unit_cover"] = Found(
            value=round(100 * float(register["overlap_m2"].sum() / whole), 1),
            rows=(items_text(files["units"], list(map(str, units.index))),),
            note=f"{len(units)} 个管控单元",
            synthetic=_synthetic(units),
        )
    return found


def network_values(
    sections: Sequence[Feature], water: pd.DataFrame, air: pd.DataFrame, *, year: int, month: int
) -> dict[str, Found]:
    """Share of sections with a class this month, and of stations with at least twenty days of PM2.5, in per cent."""
    found = {}
    judged = [site for site in sections if site.section]
    if judged:
        silent = [site.name for site in judged if status(site).water_class is None]
        rows = water[(water["time"].dt.year == year) & (water["time"].dt.month == month)]
        found["sections_reporting"] = Found(
            value=round(100 * (1 - len(silent) / len(judged)), 1),
            rows=observed_rows(rows[rows["site_id"].isin([site.id for site in judged])]),
            note=f"{len(judged)} 个断面，{month} 月",
            change=f"补测：{_names(silent)}" if silent else "",
        )
    this_month = air[
        (air["time"].dt.year == year) & (air["time"].dt.month == month) & (air["indicator"] == "pm2_5")
    ]
    if len(this_month):
        days = daily_air(this_month).groupby("site_id")["time"].nunique()
        days = days.reindex(this_month["site_id"].unique(), fill_value=0)
        found["stations_reporting"] = Found(
            value=round(100 * float((days >= _DAYS).mean()), 1),
            rows=observed_rows(this_month),
            note=f"{len(days)} 个站点，{month} 月有 {_DAYS} 天以上 PM2.5 日值的",
        )
    return found


def _months(rows: pd.DataFrame, month: int) -> str:
    # A year that is asked for whole but known until August is not called a year.
    known = rows.loc[rows["value"].notna(), "time"] if len(rows) else pd.Series(dtype="datetime64[ns]")
    last = month if known.empty else int(pd.to_datetime(known).max().month)
    return f"1–{last} 月" + (f"（其后至 {month} 月没有数据）" if last < month else "")


def _of_year(
    observations: pd.DataFrame, *, year: int, month: int, sites: Sequence[str] | None = None
) -> pd.DataFrame:
    times = pd.to_datetime(observations["time"])
    chosen = (times.dt.year == year) & (times.dt.month <= month)
    if sites is not None:
        chosen &= observations["site_id"].isin(sites)
    return observations[chosen]


def _sections_to_change(judged: Sequence[Feature], *, low: int, high: int, wanted: bool) -> str:
    # What keeps a share down is what is outside its classes, or inside them where the share ought to be small.
    wrong = [site for site in judged if (low <= (status(site).year_to_date_class or 0) <= high) != wanted]
    if not wrong:
        return ""
    told = [
        f"{site.name}（{class_label(status(site).year_to_date_class)}类{_pollutants(site)}）"
        for site in wrong[:_NAMED]
    ]
    return f"须改善的断面：{'、'.join(told)}{f'等 {len(wrong)} 个' if len(wrong) > _NAMED else ''}"


def _pollutants(site: Feature) -> str:
    named = status(site).year_to_date_pollutants
    return f"，{named}" if named else ""


def _names(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    return "、".join(unique[:_NAMED]) + (f"等 {len(unique)} 处" if len(unique) > _NAMED else "")


def _synthetic(frame: gpd.GeoDataFrame) -> bool:
    return "synthetic" in frame.columns and bool(frame["synthetic"].map(is_true).any())
