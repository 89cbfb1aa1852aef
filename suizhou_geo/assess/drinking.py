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

SOURCE_COLUMNS = (
    "site_id", "site_name", "period", "source_type", "class", "class_label", "failing", "n", "verdict", "standard",
    "clause", "note",
)  # fmt: skip


def assess_sources(observations: pd.DataFrame, *, below_detection: str = "half") -> pd.DataFrame:
    """One row per source and month: 达标 when every item attains, one failing item fails the source.

    Surface sources: the basic items but COD, total nitrogen, coliforms and temperature at class Ⅲ or the stricter
    target of their zone (22号), and each supplementary and specific item within its limit (GB 3838 tables 2 and 3).
    Groundwater sources (``water_body`` is ``groundwater``): every item at class Ⅲ (GB/T 14848). A detection limit
    above a limit leaves the source open.

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
    and are named; a missing volume leaves the share by volume open.

    >>> frame = pd.DataFrame({"site_id": ["A", "B"], "site_name": ["A", "B"], "period": "2021-05", "verdict": ["达标", "不达标"]})
    >>> source_ratios(frame, volumes=pd.DataFrame({"site_id": ["A", "B"], "volume": [900, 100]}))[["ratio_by_count", "ratio_by_volume"]].values.tolist()
    [[50.0, 90.0]]
    """
    with_volume = _with_volumes(sources, volumes)
    return pd.DataFrame(
        [_ratio(str(period), group) for period, group in with_volume.groupby("period", sort=True)]
    )


def _ratio(period: str, group: pd.DataFrame) -> dict[str, object]:
    judged = group[group["verdict"].isin([ATTAINED, MISSED])]
    attained = judged["verdict"] == ATTAINED
    lacking = judged.loc[judged["volume"].isna(), "site_name"].tolist()
    known = len(judged) > 0 and not lacking and judged["volume"].sum() > 0
    shares = [
        100 * attained.mean() if len(judged) else np.nan,
        100 * judged.loc[attained, "volume"].sum() / judged["volume"].sum() if known else np.nan,
    ]
    by_count, by_volume = standards.round_half_even(shares, decimals=1).tolist()
    unjudged = group.loc[~group["verdict"].isin([ATTAINED, MISSED]), "site_name"].tolist()
    notes = [
        f"无法判定、未计入：{'、'.join(unjudged)}" if unjudged else "",
        f"缺取水量，水量达标率无法计算：{'、'.join(lacking)}" if lacking else "",
    ]
    return {
        "period": period,
        "n": len(judged),
        "n_attained": int(attained.sum()),
        "ratio_by_count": by_count,
        "volume": judged["volume"].sum() if known else np.nan,
        "ratio_by_volume": by_volume,
        "verdict": _whole_verdict(attained, complete=not unjudged),
        "note": "；".join(filter(None, notes)),
    }


def _whole_verdict(attained: pd.Series, *, complete: bool) -> str:
    # All sources attain, one does not, or nobody can say.
    if not attained.all():
        return MISSED
    return ATTAINED if len(attained) and complete else NO_VERDICT


def _with_volumes(sources: pd.DataFrame, volumes: pd.DataFrame | None) -> pd.DataFrame:
    if volumes is None:
        return sources.assign(volume=np.nan)
    keys = ["site_id", "period"] if "period" in volumes.columns else ["site_id"]
    table = volumes.assign(volume=pd.to_numeric(volumes["volume"], errors="coerce"))
    if (table["volume"] < 0).any():
        site = table.loc[table["volume"] < 0, "site_id"].iloc[0]
        raise InputError(f"{site} 的取水量为负", todo="改正取水量")
    table = table.assign(**{key: table[key].astype(str) for key in keys})
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
    beyond = [
        _worse_items(exceeding, limiting, verdict)
        for exceeding, limiting, verdict in zip(
            sections["exceeding"].fillna(""),
            sections["limiting"].fillna(""),
            sections["verdict"].fillna(""),
            strict=True,
        )
    ]
    all_failing = [",".join(filter(None, pair)) for pair in zip(beyond, failing, strict=True)]
    names = rows.drop_duplicates("site_id").set_index("site_id")["site_name"]
    edition = standards.newest_edition("surface-water")
    open_end = (sections["verdict"].fillna(NO_VERDICT) == NO_VERDICT).to_numpy() | np.array(
        [bool(text) for text in undecided]
    )
    verdict = np.where([bool(text) for text in all_failing], MISSED, np.where(open_end, NO_VERDICT, ATTAINED))
    notes = zip(sections["note"].fillna("没有基本项目").tolist(), undecided, strict=True)
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
    columns = ["class", "exceeding", "limiting", "verdict", "note"]
    known = standards.assessed_items(
        standards.newest_edition("surface-water-method"), edition=standards.newest_edition("surface-water")
    )
    if not basic["indicator"].isin(known).any():
        return pd.DataFrame(index=keys, columns=columns, dtype=object)
    sections = assess_sections(basic, period="month", below_detection=below_detection)
    return sections.set_index(["site_id", "period"]).reindex(keys)[columns]


def _worse_items(exceeding: str, limiting: str, verdict: str) -> str:
    # Items worse than Ⅲ; with a stricter target those that make the class.
    return exceeding or (limiting if verdict == MISSED else "")


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
    # One failing sample fails the month; a month is open if one of its samples is and none fails.
    order = {MISSED: 2, NO_VERDICT: 1, ATTAINED: 0}
    worst = samples.assign(rank=samples["verdict"].map(order)).sort_values("rank", kind="stable")
    worst = worst.drop_duplicates(["site_id", "period"], keep="last")
    failing = worst["limiting"].where(worst["verdict"] == MISSED, "")
    return worst.assign(source_type=GROUNDWATER, failing=failing)
