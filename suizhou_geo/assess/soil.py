"""Soil against its risk screening and intervention values: every sample and item with verdict, action and clause."""

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.cubes import as_rows
from suizhou_geo.assess.verdicts import NO_VERDICT
from suizhou_geo.conventions import indicators
from suizhou_geo.errors import InputError, Place
from suizhou_geo.standards.soil import SoilLimits, soil_limits, soil_uses

SOIL_COLUMNS = (
    "site_id", "site_name", "time", "indicator", "name", "value", "unit", "censored", "ph", "screening", "intervention",
    "verdict", "action", "standard", "clause", "verified", "note", "source_row",
)  # fmt: skip

_WHY_EMPTY = {"nd": "未检出但无检出限", "not_monitored": "未监测"}


def assess_soil(observations: pd.DataFrame, *, use: str, standard: str = "auto") -> pd.DataFrame:
    """One row per sample and item: 不高于筛选值, 高于筛选值, 高于管制值 in the words of the standard, or 无法判定.

    Agricultural land (``paddy``, ``other``, ``orchard``, ``rotation``) is held against GB 15618 by the pH of its
    sample, construction land (``class1``, ``class2``) against GB 36600. Equality with a value passes. A sample
    without pH, with two that differ, or with one outside 0–14 is judged where every pH band says the same. A
    detection limit above the screening value decides nothing.

    Parameters
    ----------
    observations
        Tidy rows as ``read_observations(medium="soil")`` gives them, values in mg/kg; pH is an item of its own.
    use
        How the land is used; unknown planned use of construction land is ``class1`` (GB 36600, 5.3.1).
    standard
        ``"auto"`` takes the edition in force on each sample's date (the newest for undated ones); else an id.

    Returns
    -------
    DataFrame
        ``site_id, site_name, time, indicator, name, value, unit, censored, ph, screening, intervention, verdict,
        action, standard, clause, verified, note, source_row``, in the order of the rows.

    Raises
    ------
    InputError
        The use is unknown, no edition was in force on a date, a unit is not mg/kg, or there is no item to judge.

    Examples
    --------
    >>> rows = pd.DataFrame({"site_id": "A", "site_name": "A", "time": pd.NaT, "indicator": ["ph", "cd", "cu"],
    ...     "value": [5.5, 0.3, 60.0], "unit": ["无量纲", "mg/kg", "mg/kg"], "censored": False})
    >>> assess_soil(rows, use="paddy")[["indicator", "screening", "verdict"]].values.tolist()
    [['cd', 0.3, '不高于筛选值'], ['cu', 50.0, '高于筛选值']]
    """
    rows = as_rows(observations)
    _check_units(rows)
    items = rows[rows["indicator"] != "ph"]
    if items.empty:
        raise InputError(
            "没有可评价的土壤项目", where=Place(str(observations.attrs.get("file", ""))),
            todo="至少给出一个项目，如镉、汞、砷、铅、铬（mg/kg）",
        )  # fmt: skip
    editions = _editions(items, use=use, standard=standard)
    items = items.join(_ph_of(rows, items))
    judged = [
        _judge(group, soil_limits(use, edition=standards.find_edition(edition_id)))
        for edition_id, group in items.groupby(editions, sort=False)
    ]
    return pd.concat(judged).sort_index()[list(SOIL_COLUMNS)].reset_index(drop=True)


def _judge(rows: pd.DataFrame, limits: SoilLimits) -> pd.DataFrame:
    parts = [_judge_item(group, str(item), limits) for item, group in rows.groupby("indicator", sort=False)]
    judged = pd.concat(parts)
    words = standards.read_table(limits.edition, name="levels").astype({"level": int}).set_index("level")
    return judged.assign(
        verdict=judged["level"].map(words["verdict"]).fillna(NO_VERDICT),
        action=judged["level"].map(words["action"]).fillna(""),
        standard=limits.edition.id,
        verified=limits.edition.verified,
    )


def _judge_item(rows: pd.DataFrame, item: str, limits: SoilLimits) -> pd.DataFrame:
    known = indicators("soil")
    frame = rows.assign(name=known[item].name if item in known else item)
    if item not in limits.items:
        names = "、".join(known[each].name for each in limits.items[:10])
        told = f"{limits.edition.number} 没有该项目的限值（有：{names} 等 {len(limits.items)} 项）"
        return frame.assign(level=0, screening=np.nan, intervention=np.nan, clause="", note=told)
    place = limits.items.index(item)
    band = limits.band_of(rows["ph"].to_numpy(dtype=float))
    levels = limits.levels_of(rows["value"].to_numpy(dtype=float), item=item)
    chosen = levels[np.arange(len(rows)), np.maximum(band, 0)]
    same = (levels == levels[:, :1]).all(axis=1)
    level, note = _decide(rows, chosen, known_band=band >= 0, same=same)
    natural = limits.background[place] & (level == 2)
    note = np.where(natural, "若不高于当地土壤环境背景值，不纳入污染地块管理", note)
    constant = len(set(limits.screening[place])) == 1
    shown = (band >= 0) | constant
    return frame.assign(
        level=level,
        screening=np.where(shown, limits.screening[place][np.maximum(band, 0)], np.nan),
        intervention=np.where(band >= 0, limits.intervention[place][np.maximum(band, 0)], np.nan),
        clause=f"{limits.edition.number} {limits.clauses[place]}",
        note=note,
    )


def _decide(
    rows: pd.DataFrame, chosen: np.ndarray, *, known_band: np.ndarray, same: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The level of every row, 0 where nobody can say, and why."""
    empty = rows["value"].isna().to_numpy()
    undecidable = rows["censored"].fillna(False).to_numpy(dtype=bool) & (chosen > 1)
    why_no_ph = rows["ph_note"].to_numpy(dtype=object)
    reasons = {
        "empty": (empty, rows["qualifier"].map(_WHY_EMPTY).fillna("缺测").to_numpy()),
        "limit": (undecidable & (known_band | same), "检出限高于筛选值，无法判定"),
        "ph": (~known_band & ~same, why_no_ph + "，限值随 pH 而异"),
    }
    note = np.full(len(rows), "", dtype=object)
    agreed = ~known_band & same
    note[agreed] = why_no_ph[agreed] + "，各 pH 档结论相同"
    level = chosen.copy()
    for holds, text in reversed(reasons.values()):
        note = np.where(holds, text, note)
        level[holds] = 0
    return level, note


def _ph_of(rows: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """``ph`` of the sample of every item, NaN where it is not known, and ``ph_note`` saying why not."""
    # The same sample is the same line of a wide table, the same site and time of a long one.
    keys = ["site_id", "time"] if rows["source_row"].is_unique else ["source_row"]
    measured = rows[(rows["indicator"] == "ph") & rows["value"].notna()]
    samples = measured.groupby(keys, dropna=False)["value"].agg(["min", "max"]).reset_index()
    found = items[keys].merge(samples, on=keys, how="left").set_axis(items.index)
    lowest, highest = found["min"], found["max"]
    differ, impossible = lowest < highest, (lowest < 0) | (highest > 14)
    note = pd.Series("缺该样品的 pH", index=items.index, dtype=object)
    note[impossible] = [f"该样品的 pH {value:g} 不在 0–14 之内" for value in lowest[impossible]]
    spread = zip(lowest[differ], highest[differ], strict=True)
    note[differ] = [f"该样品有几个 pH（{low:g}–{high:g}），不知取哪一个" for low, high in spread]
    return pd.DataFrame({"ph": lowest.mask(differ | impossible), "ph_note": note})


def _editions(items: pd.DataFrame, *, use: str, standard: str) -> pd.Series:
    uses = soil_uses()
    if use not in uses:
        soil_limits(use)
    if standard != "auto":
        return pd.Series(
            soil_limits(use, edition=standards.find_edition(standard)).edition.id, index=items.index
        )
    return standards.editions_by_date(uses[use], dates=items["time"])


def _check_units(rows: pd.DataFrame) -> None:
    if "unit" not in rows.columns:
        return
    wrong = rows[(rows["indicator"] != "ph") & ~rows["unit"].fillna("mg/kg").isin(["mg/kg", ""])]
    if len(wrong):
        first = wrong.iloc[0]
        raise InputError(
            f"{first['indicator']} 的单位“{first['unit']}”不是 mg/kg",
            why="土壤污染物含量以 mg/kg 计",
            todo="用 read_observations(medium='soil') 读取，它会换算 μg/kg 等单位",
        )
