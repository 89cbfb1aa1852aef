"""The goals of the work plan against what is known this month."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from suizhou_geo import assess
from suizhou_geo.conventions import Feature, TargetRow
from suizhou_geo.files import Target
from suizhou_geo.plan.words import status

#: How a value is held against its target.
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": lambda value, target: value >= target,
    "<=": lambda value, target: value <= target,
    "==": lambda value, target: value == target,
    ">": lambda value, target: value > target,
    "<": lambda value, target: value < target,
}


def evaluate_targets(
    targets: Sequence[Target], *, adcode: str, sections: Sequence[Feature], month: int, synthetic: bool
) -> tuple[TargetRow, ...]:
    """One row per goal of the plan that holds for this county, in the order of the plan."""
    values = section_ratios(sections)
    return tuple(
        _target_row(target, value=values.get(target.indicator), month=month, synthetic=synthetic)
        for target in targets
        if target.id.startswith("G") and (target.counties == "all" or adcode in target.counties)
    )


def section_ratios(sections: Sequence[Feature]) -> dict[str, float]:
    """Shares of sections whose mean of the year so far is class Ⅲ or better, and worse than Ⅴ, in per cent.

    Sections without a class are in neither the numerator nor the denominator (环办〔2011〕22号: 断面类别比例).

    >>> section_ratios([])
    {}
    """
    classes = [status(site).year_to_date_class for site in sections if site.section]
    shares = assess.class_shares(pd.Series(classes, dtype="float64"))
    return {name: value for name, value in shares.items() if name != "n"}


def _target_row(target: Target, *, value: float | None, month: int, synthetic: bool) -> TargetRow:
    return TargetRow(
        id=target.id,
        name=target.name,
        value=value,
        unit=target.unit,
        target=target.target,
        compare=target.compare,
        state=_state(target, value=value, month=month),
        p_attain=None,
        note=_note(target, value=value, month=month),
        due=str(target.due or ""),
        source=target.source,
        verified=target.verified,
        synthetic=synthetic and value is not None,
    )


def _state(target: Target, *, value: float | None, month: int) -> str:
    if value is None or target.target is None:
        return "unknown"
    attained = COMPARISONS[target.compare](value, target.target)
    if month < 12:
        return "on_track" if attained else "behind"
    return "met" if attained else "missed"


def _note(target: Target, *, value: float | None, month: int) -> str:
    if value is not None:
        return "；".join(filter(None, (f"按 1–{month} 月累计均值评价", target.note)))
    if target.judged_by == "manual":
        return target.note or "人工填报"
    return target.note or "缺少计算所需的数据"
