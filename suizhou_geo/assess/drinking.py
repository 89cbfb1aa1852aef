"""Drinking-water sources month by month, and the shares that attain: by their number and by the water they give."""

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.cubes import as_rows
from suizhou_geo.assess.groundwater import assess_groundwater
from suizhou_geo.assess.periods import assess_sections, period_means
from suizhou_geo.assess.records import BELOW_DETECTION, numbers_of, texts_of
from suizhou_geo.assess.verdicts import ATTAINED, MISSED, NO_VERDICT, check_choice
from suizhou_geo.conventions import class_label, indicators
from suizhou_geo.errors import InputError
from suizhou_geo.standards.groundwater import source_limits

#: Items of table 1 that have no part in the class of a source; they are shown elsewhere.
_NOT_JUDGED = ("cod", "tn", "coliform", "temp")

GROUNDWATER = "groundwater"

#: What attains so far, with items missing that a source is to be judged by.
SCARCE = "数据不足(达标趋向)"

SOURCE_COLUMNS = (
    "site_id", "site_name", "period", "source_type", "class", "class_label", "failing", "n", "verdict", "standard",
    "clause", "note",
)  # fmt: skip


def assess_sources(observations: pd.DataFrame, *, below_detection: str = "half") -> pd.DataFrame:
    """One row per source and month: 达标 when every item attains, one failing item fails the source.

    Surface sources: the basic items but COD, total nitrogen, coliforms and temperature at class Ⅲ or the stricter
    target of their zone (22号), and each supplementary and specific item within its limit (GB 3838 tables 2 and 3).
    Groundwater sources (``water_body`` is ``groundwater``): every item at class Ⅲ (GB/T 14848). A detection limit
    above a limit leaves the source open. A source that lacks basic or supplementary items (a well, regular ones) and
    attains in the others is 数据不足(达标趋向); which specific items are to be monitored the authority chooses.

    Returns
    -------
    DataFrame
        ``site_id, site_name, period, source_type`` (surface, groundwater), ``class, class_label, failing`` (codes),
        ``n`` (items with a value), ``verdict, standard, clause, note``, sorted by source and month.

    Examples
    --------
    >>> rows = pd.DataFrame({"site_id": "水库", "site_name": "水库", "time": pd.Timestamp("2021-05-10"),
    ...     "indicator": ["ph", "do", "nh3n", "fe"], "value": [7.5, 8.0, 0.2, 0.35], "censored": False})
    >>> assess_sources(rows).loc[0, ["class_label", "failing", "verdict"]].tolist()
    ['Ⅱ', 'fe', '不达标']

    Raises ``InputError`` when no row has a date and a value.
    """
    check_choice(below_detection, tuple(BELOW_DETECTION), name="below_detection")
    rows = as_rows(observations)
    rows = rows[rows["time"].notna()]
    if rows["value"].notna().sum() == 0:
        raise InputError(
            "没有可评价的水源数据", why="需要带年份的监测时间和数值", todo="加上 --year，或核对文件"
        )
    below_ground = texts_of(rows, "water_body") == GROUNDWATER
    parts = []
    if (~below_ground).any():
        parts.append(_assess_surface(rows[~below_ground], below_detection=below_detection))
    if below_ground.any():
        parts.append(_assess_wells(rows[below_ground]))
    frame = pd.concat(parts, ignore_index=True)[list(SOURCE_COLUMNS)]
    return frame.sort_values(["site_id", "period"], ignore_index=True)


def source_ratios(sources: pd.DataFrame, *, volumes: pd.DataFrame | None = None) -> pd.DataFrame:
    """Shares of sources that attain, month by month: by number, and by intake where every source has a volume.

    ``volumes`` has ``site_id, volume`` and may have ``period``. Sources that could not be judged are in neither count
    and are named; those that attain with too few items count, and the verdict says 数据不足. A missing volume leaves
    the share by volume open; a source with two volumes is refused.

    >>> frame = pd.DataFrame({"site_id": ["A", "B"], "site_name": ["A", "B"], "period": "2021-05", "verdict": ["达标", "不达标"]})
    >>> source_ratios(frame, volumes=pd.DataFrame({"site_id": ["A", "B"], "volume": [900, 100]}))[["ratio_by_count", "ratio_by_volume"]].values.tolist()
    [[50.0, 90.0]]
    """
    with_volume = _with_volumes(sources, volumes)
    return pd.DataFrame(
        [_ratio(str(period), group) for period, group in with_volume.groupby("period", sort=True)]
    )


def _ratio(period: str, group: pd.DataFrame) -> dict[str, object]:
    counted = group["verdict"].isin([ATTAINED, SCARCE, MISSED])
    judged = group[counted]
    attained = judged["verdict"] != MISSED
    lacking = judged.loc[judged["volume"].isna(), "site_name"].tolist()
    known = len(judged) > 0 and not lacking and judged["volume"].sum() > 0
    shares = [
        100 * attained.mean() if len(judged) else np.nan,
        100 * judged.loc[attained, "volume"].sum() / judged["volume"].sum() if known else np.nan,
    ]
    by_count, by_volume = standards.round_half_even(shares, decimals=1).tolist()
    unjudged = group.loc[~counted, "site_name"].tolist()
    scarce = judged.loc[judged["verdict"] == SCARCE, "site_name"].tolist()
    notes = [
        f"无法判定、未计入：{'、'.join(unjudged)}" if unjudged else "",
        f"监测项目不全：{'、'.join(scarce)}" if scarce else "",
        f"缺取水量，水量达标率无法计算：{'、'.join(lacking)}" if lacking else "",
    ]
    return {
        "period": period,
        "n": len(judged),
        "n_attained": int(attained.sum()),
        "ratio_by_count": by_count,
        "volume": judged["volume"].sum() if known else np.nan,
        "ratio_by_volume": by_volume,
        "verdict": _whole_verdict(attained, complete=not unjudged, scarce=bool(scarce)),
        "note": "；".join(filter(None, notes)),
    }


def _whole_verdict(attained: pd.Series, *, complete: bool, scarce: bool) -> str:
    # All sources attain, one does not, or nobody can say.
    if not attained.all():
        return MISSED
    if not len(attained) or not complete:
        return NO_VERDICT
    return SCARCE if scarce else ATTAINED


def _with_volumes(sources: pd.DataFrame, volumes: pd.DataFrame | None) -> pd.DataFrame:
    if volumes is None:
        return sources.assign(volume=np.nan)
    keys = ["site_id", "period"] if "period" in volumes.columns else ["site_id"]
    table = volumes.assign(volume=pd.to_numeric(volumes["volume"], errors="coerce"))
    if (table["volume"] < 0).any():
        site = table.loc[table["volume"] < 0, "site_id"].iloc[0]
        raise InputError(f"{site} 的取水量为负", todo="改正取水量")
    table = table.assign(**{key: table[key].astype(str) for key in keys})
    twice = table.loc[table.duplicated(keys), "site_id"]
    if len(twice):
        raise InputError(f"{twice.iloc[0]} 的取水量不止一行", todo="每个水源（每个时段）只留一行")
    unknown = sorted(set(table["site_id"]) - set(sources["site_id"].astype(str)))
    if unknown:
        raise InputError(
            f"取水量表中的“{unknown[0]}”不在监测数据中",
            why=f"共 {len(unknown)} 个",
            todo="核对水源名称或编号",
        )
    return sources.merge(table[[*keys, "volume"]].drop_duplicates(keys), on=keys, how="left")


def _assess_surface(rows: pd.DataFrame, *, below_detection: str) -> pd.DataFrame:
    limits = source_limits()
    basic = rows[~rows["indicator"].isin([*_NOT_JUDGED, *limits.index])]
    method = standards.newest_edition("surface-water-method")
    reference = standards.method_number(method, name="reference_class")
    stricter = numbers_of(rows, "target_class").clip(upper=reference).fillna(reference)
    months = rows["time"].dt.to_period("M").astype(str)
    keys = pd.MultiIndex.from_arrays([rows["site_id"], months], names=["site_id", "period"]).unique()
    sections = _basic_classes(
        basic.assign(target_class=stricter.loc[basic.index]), keys, below_detection=below_detection
    )
    failing, undecided, counts = _specific(rows, limits, months, keys, below_detection=below_detection)
    beyond = sections["failing"].fillna("").tolist()
    all_failing = [",".join(filter(None, pair)) for pair in zip(beyond, failing, strict=True)]
    names = rows.drop_duplicates("site_id").set_index("site_id")["site_name"]
    edition = standards.newest_edition("surface-water")
    open_end = (sections["verdict"].fillna(NO_VERDICT) == NO_VERDICT).to_numpy() | np.array(
        [bool(text) for text in undecided]
    )
    scarce = _name_scarce(rows, months, keys)
    attained = np.where([bool(text) for text in scarce], SCARCE, ATTAINED)
    verdict = np.where([bool(text) for text in all_failing], MISSED, np.where(open_end, NO_VERDICT, attained))
    notes = zip(sections["note"].fillna("没有基本项目").tolist(), undecided, scarce, strict=True)
    return pd.DataFrame(
        {
            "site_id": keys.get_level_values("site_id"),
            "site_name": names[keys.get_level_values("site_id")].to_numpy(),
            "period": keys.get_level_values("period"),
            "source_type": "surface",
            "class": sections["class"].astype("Int64").to_numpy(),
            "class_label": [class_label(None if pd.isna(each) else each) for each in sections["class"]],
            "failing": all_failing,
            "n": counts,
            "verdict": verdict,
            "standard": edition.id,
            "clause": f"{edition.number} 表1 Ⅲ类（{method.number}），表2、表3",
            "note": ["；".join(filter(None, pair)) for pair in notes],
        }
    )


def _basic_classes(basic: pd.DataFrame, keys: pd.MultiIndex, *, below_detection: str) -> pd.DataFrame:
    # A file of supplementary items only has no class.
    columns = ["class", "failing", "n", "verdict", "note"]
    known = standards.assessed_items(
        standards.newest_edition("surface-water-method"), edition=standards.newest_edition("surface-water")
    )
    if not basic["indicator"].isin(known).any():
        return pd.DataFrame(index=keys, columns=columns, dtype=object)
    sections = assess_sections(basic, period="month", below_detection=below_detection)
    return sections.set_index(["site_id", "period"]).reindex(keys)[columns]


def _name_scarce(rows: pd.DataFrame, months: pd.Series, keys: pd.MultiIndex) -> list[str]:
    """Of every source and month which of the basic and supplementary items have no value, as counts."""
    water, method = (
        standards.newest_edition("surface-water"),
        standards.newest_edition("surface-water-method"),
    )
    basic = [item for item in standards.assessed_items(method, edition=water) if item not in _NOT_JUDGED]
    groups = {"基本项目": basic, "补充项目": standards.read_table(water, name="table2")["indicator"].tolist()}
    known = rows[rows["value"].notna()]
    found = known.groupby([known["site_id"], months[known.index]])["indicator"].agg(set)
    texts = []
    for key in keys:
        have = found.get(key, set())
        parts = [
            f"{name}只有 {len(have & set(items))} 项，应为 {len(items)} 项"
            for name, items in groups.items()
            if not set(items) <= have
        ]
        texts.append("，".join(parts))
    return texts


def _specific(
    rows: pd.DataFrame, limits: pd.DataFrame, months: pd.Series, keys: pd.MultiIndex, *, below_detection: str
) -> tuple[list[str], list[str], np.ndarray]:
    """Of every source and month: supplementary and specific items above their limit, those left open, and how many."""
    chosen = rows[rows["indicator"].isin(limits.index)]
    limit = chosen["indicator"].map(limits["limit"]).astype(float)
    above = chosen["censored"].fillna(False).astype(bool) & (chosen["value"] > limit)
    means = period_means(chosen[~above], period="month", below_detection=below_detection)
    failing = means[means["value"] > means["indicator"].map(limits["limit"]).astype(float)]
    at = [chosen.loc[above, "site_id"], months[above.index[above]]]
    names = chosen.loc[above, "indicator"].map(lambda code: indicators()[code].name)
    told = names.groupby(at).agg(lambda each: f"{'、'.join(sorted(set(each)))}的检出限高于限值")
    codes = failing.groupby(["site_id", "period"])["indicator"].agg(",".join)
    counts = rows[rows["value"].notna()].groupby([rows["site_id"], months])["indicator"].nunique()
    return (
        [codes.get(key, "") for key in keys],
        [told.get(key, "") for key in keys],
        np.array([int(counts.get(key, 0)) for key in keys]),
    )


def _assess_wells(rows: pd.DataFrame) -> pd.DataFrame:
    samples = assess_groundwater(rows.drop(columns="target_class", errors="ignore"))
    samples = samples.assign(period=samples["period"].str[:7])
    keys = ["site_id", "period"]
    # One failing sample fails the month; a month is open if one of its samples is and none fails. The class of a
    # month is that of its worst sample, and every item that fails in any of its samples is named.
    regular = len(standards.read_table(standards.newest_edition("groundwater"), name="table1"))
    few = (samples["verdict"] == ATTAINED) & (samples["n"] < regular)
    told = samples["n"].map(lambda count: f"只有 {count} 项，常规指标应为 {regular} 项")
    notes = samples["note"].where(~few, (samples["note"] + "；" + told).str.removeprefix("；"))
    samples = samples.assign(verdict=samples["verdict"].mask(few, SCARCE), note=notes)
    order = {MISSED: 3, NO_VERDICT: 2, SCARCE: 1, ATTAINED: 0}
    ranked = samples.assign(rank=samples["verdict"].map(order), level=samples["class"].fillna(0).astype(int))
    worst = ranked.sort_values(["rank", "level"], kind="stable").drop_duplicates(keys, keep="last")
    failing = (
        samples.groupby(keys)["failing"]
        .agg(_join_codes)
        .loc[list(zip(*(worst[key] for key in keys), strict=True))]
    )
    return worst.assign(source_type=GROUNDWATER, failing=failing.to_numpy())


def _join_codes(lists: pd.Series) -> str:
    codes = (code for text in lists for code in text.split(",") if code)
    return ",".join(dict.fromkeys(codes))
