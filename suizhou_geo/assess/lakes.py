"""Trophic state of lakes and reservoirs from the means of a month, quarter or year (22号)."""

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.periods import period_means
from suizhou_geo.assess.verdicts import NO_VERDICT
from suizhou_geo.conventions import indicators
from suizhou_geo.errors import InputError, Place
from suizhou_geo.standards.water_indices import trophic_grade, trophic_index, trophic_items, trophic_parts

#: mg/L, the unit of tidy chlorophyll, in mg/m³, the unit of the formula.
CHLOROPHYLL_FACTOR = 1000.0

#: A trophic state has no limit: the grade says what there is to say.
_NO_LIMIT = "没有限值或目标，只列指数和分级"


def assess_lakes(
    observations: pd.DataFrame, *, period: str = "month", below_detection: str = "half"
) -> pd.DataFrame:
    """TLI(Σ) and grade of every site and period, from the means of chlorophyll a, TP, TN, transparency and CODMn.

    Missing parameters are left out and the weights of the others add up to one again; the note names them. With
    fewer than four there is no grade (our own minimum, unverified).

    Returns
    -------
    DataFrame
        ``site_id, site_name, period, tli, tli_chla, tli_tp, tli_tn, tli_sd, tli_codmn, grade, n`` (parameters),
        ``verdict`` (无法判定: no limit is set for it), ``standard, clause, water_body_assumed, note``. Rivers are left out.

    Examples
    --------
    >>> rows = pd.DataFrame({"site_id": "A", "site_name": "A", "time": pd.Timestamp("2021-06-01"),
    ...     "indicator": ["chla", "tp", "tn", "sd", "codmn"], "value": [0.02, 0.08, 1.2, 0.8, 5.0], "censored": False})
    >>> assess_lakes(rows).loc[0, ["period", "grade"]].tolist(), float(assess_lakes(rows).loc[0, "tli"].round(3))
    (['2021-06', '轻度富营养'], 53.892)

    Raises ``InputError`` when no row has a date or one of the five parameters.
    """
    body = water_bodies(observations)
    # A river has no trophic state; where nothing says what the water is, it is taken for a lake and flagged.
    useful = (
        observations["indicator"].isin(trophic_items()) & observations["time"].notna() & (body != "river")
    )
    known = observations[useful]
    if known["value"].notna().sum() == 0:
        raise InputError(
            "没有可用于营养状态评价的数据",
            where=Place(str(observations.attrs.get("file", ""))),
            why="需要带年份的时间和叶绿素a、总磷、总氮、透明度、高锰酸盐指数中的至少一项",
        )
    means = period_means(known, period=period, below_detection=below_detection)
    wide = means.pivot(index=["site_id", "period"], columns="indicator", values="value")
    starts = pd.Series([pd.Period(text).start_time for _, text in wide.index])
    editions = standards.editions_by_date("surface-water-method", dates=starts, backdate=True)
    judged = [
        _judge(wide[(editions == edition_id).to_numpy()], standards.find_edition(edition_id))
        for edition_id in editions.unique()
    ]
    frame = pd.concat(judged, ignore_index=True).sort_values(["site_id", "period"], ignore_index=True)
    names = known.drop_duplicates("site_id").set_index("site_id")["site_name"]
    assumed = set(known.loc[body[useful] == "", "site_id"])
    frame.insert(1, "site_name", frame["site_id"].map(names))
    frame.insert(frame.columns.get_loc("note"), "water_body_assumed", frame["site_id"].isin(assumed))
    return frame


def _judge(wide: pd.DataFrame, method: standards.Edition) -> pd.DataFrame:
    items = trophic_items(method=method)
    values = wide.reindex(columns=list(items)).to_numpy(dtype=float)
    parts = trophic_parts(
        values * np.where(np.array(items) == "chla", CHLOROPHYLL_FACTOR, 1.0), method=method
    )
    index = trophic_index(parts, method=method)
    count = np.isfinite(parts).sum(axis=1)
    enough = count >= standards.method_number(method, name="trophic_parameters")
    return pd.DataFrame(
        {
            "site_id": wide.index.get_level_values("site_id"),
            "period": wide.index.get_level_values("period").astype(str),
            "tli": index,
            **{f"tli_{item}": parts[:, place] for place, item in enumerate(items)},
            "grade": [
                trophic_grade(value, method=method) if given else ""
                for value, given in zip(index, enough, strict=True)
            ],
            "n": count,
            "verdict": NO_VERDICT,
            "standard": method.id,
            "clause": f"{method.number} {method.table('trophic').clause}",
            "note": [
                "；".join(filter(None, (_NO_LIMIT, _lacking(row, items)))) for row in np.isfinite(parts)
            ],
        }
    )


def water_bodies(observations: pd.DataFrame) -> pd.Series:
    """The water body of every row, an empty text where nothing says it."""
    if "water_body" not in observations.columns:
        return pd.Series("", index=observations.index)
    return observations["water_body"].fillna("").astype(str)


def _lacking(present: np.ndarray, items: tuple[str, ...]) -> str:
    absent = [indicators()[item].name for item, here in zip(items, present, strict=True) if not here]
    return f"缺 {'、'.join(absent)}，权重按其余参数归一" if absent else ""
