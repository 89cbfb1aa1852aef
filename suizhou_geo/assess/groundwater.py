"""The class of groundwater of every sample, with what a detection limit leaves open."""

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.cubes import as_rows
from suizhou_geo.assess.records import numbers_of
from suizhou_geo.assess.verdicts import ATTAINED, MISSED, NO_VERDICT
from suizhou_geo.conventions import CLASS_LABELS, indicators
from suizhou_geo.errors import InputError, Place
from suizhou_geo.standards.groundwater import GroundwaterTable, groundwater_table

GROUNDWATER_COLUMNS = (
    "site_id", "site_name", "period", "class", "class_label", "class_worst", "limiting", "failing", "n", "verdict", "target_class",
    "standard", "clause", "note", "source_row",
)  # fmt: skip


def assess_groundwater(observations: pd.DataFrame, *, standard: str = "auto") -> pd.DataFrame:
    """One row per sample: its class Ⅰ–Ⅴ by the worst item, the verdict against its target (Ⅲ unless given).

    Where neighbouring classes share a limit the better one is given. A value below detection proves no more than that
    the item is not worse than the class of its detection limit: ``class`` is then the best and ``class_worst`` the
    worst that is possible, and the verdict is 无法判定 when the target lies between. Gross α and β above Ⅲ cannot be
    told between Ⅳ and Ⅴ.

    Parameters
    ----------
    observations
        Tidy rows in the project's units (mg/L but for radioactivity, bacteria, colour, turbidity); a sample is a line
        of a wide table, or the values of one site and time of a long one. ``target_class`` is taken where it is given.
    standard
        ``"auto"`` or the id of an edition of the groundwater standard.

    Returns
    -------
    DataFrame
        Columns :data:`GROUNDWATER_COLUMNS`, in the order of the file.

    Raises
    ------
    InputError
        No row has an item of the standard, or no edition was in force on a date.

    Examples
    --------
    >>> rows = pd.DataFrame({"site_id": "井1", "site_name": "井1", "time": pd.Timestamp("2021-05-01"),
    ...     "indicator": ["nh3n", "f", "hg"], "value": [0.4, 1.0, 0.00004], "censored": [False, False, True]})
    >>> assess_groundwater(rows).loc[0, ["class_label", "limiting", "verdict"]].tolist()
    ['Ⅲ', 'nh3n', '达标']
    """
    rows = as_rows(observations)
    editions = _editions(rows, standard=standard)
    judged = [
        _judge(group, groundwater_table(standards.find_edition(edition_id)))
        for edition_id, group in rows.groupby(editions, sort=False)
    ]
    return pd.concat(judged).sort_values("source_row", kind="stable", ignore_index=True)[
        list(GROUNDWATER_COLUMNS)
    ]


def _judge(rows: pd.DataFrame, table: GroundwaterTable) -> pd.DataFrame:
    known = rows[rows["indicator"].isin(table.items)]
    if known["value"].notna().sum() == 0:
        raise InputError(
            "没有可用于地下水评价的数据",
            where=Place(str(rows.attrs.get("file", ""))),
            why=f"可用的项目：{'、'.join(indicators()[item].name for item in table.items[:12])} 等 {len(table.items)} 项",
        )
    item_rows = [_classes(group, str(item), table) for item, group in known.groupby("indicator", sort=False)]
    classes = pd.concat(item_rows).sort_index()
    wide = not rows["source_row"].is_unique
    keys = ["source_row"] if wide else ["site_id", "time"]
    sample = classes.groupby(keys, sort=False, dropna=False).ngroup()
    return _judge_samples(classes.assign(sample=sample), table)


def _classes(rows: pd.DataFrame, item: str, table: GroundwaterTable) -> pd.DataFrame:
    # The worst class that a value allows, and the best: the same but for values below detection.
    worst = table.classify(rows["value"].to_numpy(dtype=float), item=item)
    below = rows["censored"].fillna(False).to_numpy(dtype=bool) & (worst > 0)
    undetected = table.high[table.items.index(item), 0] == -np.inf
    worst = np.where(below & undetected & (worst <= 2), 1, worst)
    best = np.where(below, 1, worst)
    open_end = table.open_end[table.items.index(item)] & (best >= 4)
    return rows.assign(best=best, worst=np.where(open_end, 5, worst), open_end=open_end)


def _judge_samples(classes: pd.DataFrame, table: GroundwaterTable) -> pd.DataFrame:
    first = classes.drop_duplicates("sample").set_index("sample").sort_index()
    grouped = classes.groupby("sample", sort=True)
    best, worst = grouped["best"].max(), grouped["worst"].max()
    method = standards.method_number(table.edition, name="source_class")
    target = numbers_of(first, "target_class").fillna(method).astype(int)
    of_sample = classes["sample"].map(best)
    deciding = (classes["best"] == of_sample) & (of_sample > 1)
    missing_target = classes["best"] > classes["sample"].map(target)
    return pd.DataFrame(
        {
            "site_id": first["site_id"],
            "site_name": first["site_name"],
            "period": pd.to_datetime(first["time"]).dt.strftime("%Y-%m-%d").fillna(""),
            "class": best.astype("Int64").mask(best == 0),
            "class_label": best.map({0: "", **CLASS_LABELS}),
            "class_worst": worst.astype("Int64").mask(worst == 0),
            "limiting": _codes(classes[deciding], best.index),
            "failing": _codes(classes[missing_target], best.index),
            "n": (classes["best"] > 0).groupby(classes["sample"]).sum(),
            "verdict": [
                _verdict(low, high, target=held) for low, high, held in zip(best, worst, target, strict=True)
            ],
            "target_class": target,
            "standard": table.edition.id,
            "clause": f"{table.edition.number} 6.2、6.3 单指标评价，从劣不从优",
            "note": _describe(classes, best),
            "source_row": first["source_row"],
        }
    )


def _codes(chosen: pd.DataFrame, samples: pd.Index) -> pd.Series:
    return chosen.groupby("sample")["indicator"].agg(",".join).reindex(samples).fillna("")


def _verdict(best: int, worst: int, *, target: int) -> str:
    if best == 0:
        return NO_VERDICT
    if worst <= target:
        return ATTAINED
    return MISSED if best > target else NO_VERDICT


def _describe(classes: pd.DataFrame, best: pd.Series) -> list[str]:
    """What a detection limit leaves open, what cannot be told apart, and what has no value, sample by sample."""
    known = indicators()
    name = classes["indicator"].map({code: known[code].name for code in classes["indicator"].unique()})
    given = classes["best"] > 0
    weak = given & (classes["worst"] > classes["sample"].map(best).clip(lower=1)) & ~classes["open_end"]
    limits = classes.loc[weak, "value"].map("{:g}".format).astype(str)
    proven = classes.loc[weak, "worst"].map(CLASS_LABELS).astype(str)
    told = pd.concat(
        [
            name[weak] + "的检出限 " + limits + " 只能证明不劣于" + proven + "类",
            name[given & classes["open_end"]] + "高于Ⅲ类限值，无法区分Ⅳ、Ⅴ类",
            "缺" + name[~given],
        ]
    )
    texts = told.groupby(classes["sample"].loc[told.index]).agg("；".join) if len(told) else {}
    return [str(texts.get(sample, "")) for sample in best.index]


def _editions(rows: pd.DataFrame, *, standard: str) -> pd.Series:
    if standard == "auto":
        return standards.editions_by_date("groundwater", dates=rows["time"])
    edition = standards.find_edition(standard)
    if edition.family != "groundwater":
        raise InputError(f"{edition.number} 不是地下水质量标准", why=f"它属于 {edition.family}")
    return pd.Series(edition.id, index=rows.index)
