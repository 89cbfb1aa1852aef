"""Inspection plans (双随机): all key units, and a share of the others by lot, the same for the same seed."""

import zlib

import numpy as np
import pandas as pd

from suizhou_geo import files
from suizhou_geo.plan.found import Found, rows_text
from suizhou_geo.plan.reported import counted, month_end

KEY, DRAWN = "全覆盖", "随机抽取"


def draw_inspections(
    units: pd.DataFrame, *, inspection: files.Inspection, city_share: bool = True
) -> pd.DataFrame:
    """The units to be inspected, grouped by county: every key unit (全覆盖) and the lots drawn (随机抽取).

    The number of lots is the share of all general units, rounded half up; it is dealt out to the strata in proportion
    to their size (largest remainders first, ties by lot), and within a stratum every unit has the same chance. The
    result depends on the set of ``unit_id`` and the seed only, not on the order of the rows.

    Parameters
    ----------
    units
        Columns ``unit_id``, the inspection's ``column`` and ``strata``, from ``files.read_units``.
    city_share
        False draws the share in every stratum by itself, rounded up.

    Examples
    --------
    >>> table = pd.DataFrame({"unit_id": list("abcdefg"), "adcode": "1", "category": ["重点", *["一般"] * 6]})
    >>> rule = files.Inspection("T11", "辐射", 2021, "units.csv", seed=7)
    >>> found = draw_inspections(table, inspection=rule)
    >>> found["how"].value_counts().to_dict(), found["unit_id"].tolist()[0]
    ({'随机抽取': 3, '全覆盖': 1}, 'a')
    """
    ordered = units.sort_values("unit_id", ignore_index=True)
    is_key = ordered[inspection.column].isin(inspection.key)
    general = ordered[~is_key]
    generator = np.random.default_rng([inspection.seed, zlib.crc32(inspection.id.encode())])
    groups = [(own, len(own)) for _, own in general.groupby(list(inspection.strata), sort=True)]
    shares = np.array([size * inspection.share for _, size in groups])
    lots = np.ceil(shares).astype(int) if not city_share else _largest_remainders(shares, generator)
    drawn = [
        own.iloc[np.sort(generator.permutation(size)[:count])]
        for (own, size), count in zip(groups, lots, strict=True)
    ]
    chosen = pd.concat([ordered[is_key].assign(how=KEY), *(own.assign(how=DRAWN) for own in drawn)])
    return chosen.sort_values(["adcode", "how", "unit_id"], kind="stable", ignore_index=True)


def inspection_value(
    target: files.Target,
    inspection: files.Inspection,
    units: pd.DataFrame,
    *,
    adcode: str,
    city: str,
    year: int,
    month: int,
) -> Found:
    """How many of the units to be inspected have been by the end of the month, of all that are drawn for the county."""
    chosen = draw_inspections(units, inspection=inspection)
    own = chosen if adcode == city else chosen[chosen["adcode"] == adcode]
    if own.empty:
        return Found(reason="名单中没有本区域的单位")
    visited = own["inspected_on"].between(pd.Timestamp(year=year, month=1, day=1), month_end(year, month))
    found = counted(target, done=float(visited.sum()), planned=float(len(own)), year=year, month=month)
    keys = int((own["how"] == KEY).sum())
    left = own.loc[~visited, "how"].value_counts()
    marks = (
        own["synthetic"].str.lower().isin(["true", "1", "是"])
        if "synthetic" in own.columns
        else pd.Series([False])
    )
    return Found(
        value=found.value,
        goal=found.goal,
        required=found.required,
        progress=found.progress,
        rows=(rows_text(inspection.units, own["source_row"]),),
        note=f"全覆盖 {keys} 家，随机抽取 {len(own) - keys} 家，种子 {inspection.seed}",
        change="尚未检查：" + "、".join(f"{how} {count} 家" for how, count in left.items())
        if len(left)
        else "",
        synthetic=bool(marks.any()),
    )


def _largest_remainders(shares: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    lots: np.ndarray = np.floor(shares).astype(int)
    left = int(np.floor(shares.sum() + 0.5)) - int(lots.sum())
    lottery = generator.permutation(len(shares))
    order = np.lexsort((lottery, -np.round(shares - lots, 9)))
    lots[order[: max(left, 0)]] += 1
    return lots
