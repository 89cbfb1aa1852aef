"""Discharge limits of outlets: municipal works (GB 18918) and everybody else (GB 8978)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from suizhou_geo.errors import InputError
from suizhou_geo.standards.catalogue import find_edition, read_table

_FAMILIES = ("discharge-works", "discharge-integrated")


def discharge_limits(
    standard: str, *, level: str, conditions: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Highest allowed concentrations at a level: index ``indicator``, columns ``name, low, high, unit, clause``.

    GB 18918 levels are ``1A, 1B, 2, 3`` with the conditions ``{"nh3n": "warm"|"cold"}`` (cold: water at or below
    12 ℃) and ``{"tp": "before_2006"|"from_2006"}``; without them the stricter row is taken. GB 8978 levels are ``1,
    2, 3``. An item without a limit at the level is left out; 未检出 is a limit of 0.

    >>> limits = discharge_limits("gb18918-2002", level="1A", conditions={"nh3n": "cold"})
    >>> limits.loc[["nh3n", "tp"], "high"].tolist(), limits.loc[["ph"], "low"].tolist()
    ([8.0, 0.5], [6.0])
    >>> "tn" in discharge_limits("gb18918-2002", level="2").index
    False

    Raises ``InputError`` naming the levels when there is no such one, or when the standard is of another kind.
    """
    edition = find_edition(standard)
    if edition.family not in _FAMILIES:
        raise InputError(f"{edition.number} 不是水污染物排放标准", why=f"它属于 {edition.family}")
    table = read_table(edition, name="limits")
    words = {"indicator", "name", "unit", "condition", "kind"}
    levels = [column for column in table.columns if column not in words]
    if level not in levels:
        raise InputError(f"{edition.number} 没有级别“{level}”", why=f"可选：{'、'.join(levels)}")
    table = table[table[level] != ""]
    bounds = [_bounds(cell) for cell in table[level]]
    frame = pd.DataFrame(
        {
            "indicator": table["indicator"],
            "name": table["name"],
            "low": [low for low, _ in bounds],
            "high": [high for _, high in bounds],
            "unit": table["unit"],
            "condition": table.get("condition", ""),
            "clause": f"{edition.number} {edition.table('limits').clause}",
        }
    )
    wanted = frame["indicator"].map(dict(conditions or {}))
    frame = frame[wanted.isna() | (frame["condition"] == wanted)]
    return (
        frame.sort_values("high", kind="stable")
        .drop_duplicates("indicator")
        .set_index("indicator")
        .drop(columns="condition")
    )


def combined_limit(limits: Sequence[float], *, water: Sequence[float], output: Sequence[float]) -> float:
    """Limit of one outlet shared by several sources: Σ C·Q·Y / Σ Q·Y (GB 8978 annex A).

    ``water`` Q is the allowed water per tonne of product (m³/t), ``output`` Y the production (t/d).

    >>> combined_limit([100, 150], water=[10, 20], output=[3, 1])
    120.0

    Raises ``InputError`` when the three do not have the same length or a weight is not positive.
    """
    given, flow, made = (np.asarray(each, dtype=float) for each in (limits, water, output))
    if not len(given) == len(flow) == len(made) or not len(given):
        raise InputError("限值、排水量和产量的个数不同", todo="每个污染源各给一个")
    weight = flow * made
    if (weight <= 0).any():
        raise InputError("排水量和产量须为正", todo="核对 Q 和 Y")
    return float((given * weight).sum() / weight.sum())


def _bounds(cell: str) -> tuple[float, float]:
    if "~" in cell:
        low, high = cell.split("~")
        return float(low), float(high)
    return float("-inf"), 0.0 if cell == "未检出" else float(cell)
