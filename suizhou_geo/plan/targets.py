"""The goals and tasks of the work plan against what is known this month."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from suizhou_geo.conventions import TargetRow
from suizhou_geo.files import Target
from suizhou_geo.plan.found import Found
from suizhou_geo.plan.reported import DONE, month_end

#: How a value is held against its target.
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": lambda value, target: value >= target,
    "<=": lambda value, target: value <= target,
    "==": lambda value, target: value == target,
    ">": lambda value, target: value > target,
    "<": lambda value, target: value < target,
}

#: From this probability on a target is likely to be met, and below what is left of it unlikely.
_LIKELY = 0.8


def evaluate_targets(
    targets: Sequence[Target],
    *,
    adcode: str,
    city: str,
    found: Mapping[str, Found],
    year: int,
    month: int,
    chances: Mapping[str, float] | None = None,
    told: Mapping[str, str] | None = None,
    changes: Mapping[str, str] | None = None,
) -> tuple[TargetRow, ...]:
    """One row per goal and task of the plan that holds for this county, in the order of the plan.

    ``found`` holds what could be found out, by the id of the target; ``chances`` the probabilities of attaining,
    ``told`` a sentence about each, and ``changes`` what would change it.
    """
    return tuple(
        _target_row(
            target,
            found=found.get(target.id, Found()),
            year=year,
            month=month,
            chance=(chances or {}).get(target.id),
            told=(told or {}).get(target.id, ""),
            change=(changes or {}).get(target.id, ""),
        )
        for target in targets
        if target.holds_for(adcode, city=city)
    )


def state_of_chance(chance: float) -> str:
    """The word for a probability of attaining the year's target: four in five is likely, one in five unlikely.

    >>> state_of_chance(0.8), state_of_chance(0.5), state_of_chance(0.19)
    ('likely', 'at_risk', 'unlikely')
    """
    if chance >= _LIKELY:
        return "likely"
    return "at_risk" if chance >= 1 - _LIKELY else "unlikely"


def _target_row(
    target: Target, *, found: Found, year: int, month: int, chance: float | None, told: str, change: str
) -> TargetRow:
    goal = target.target if target.target is not None else found.goal
    chance = chance if found.value is not None else None
    state = _state(target, found, goal=goal, year=year, month=month, chance=chance)
    return TargetRow(
        id=target.id,
        name=target.name,
        value=found.value,
        unit=target.unit,
        target=goal,
        compare=target.compare,
        state=state,
        p_attain=chance,
        note="；".join(filter(None, (*_notes(target, found, goal), told))),
        due=str(target.due or ""),
        source=target.source,
        verified=target.verified,
        synthetic=found.synthetic and found.value is not None,
        goal=target.goal,
        indicator=target.indicator,
        judged_by=target.judged_by,
        layer=target.layer,
        progress=_progress(target, found),
        required=found.required,
        change="；".join(
            filter(None, (change or _change(target, found, goal, state, year, month), found.change))
        ),
        rows=found.rows,
    )


def _state(
    target: Target, found: Found, *, goal: float | None, year: int, month: int, chance: float | None
) -> str:
    if found.value is None or goal is None:
        return "unknown"
    if month < 12 and chance is not None:
        return state_of_chance(chance)
    final = _is_due(target, year=year, month=month)
    if found.required is not None:
        return _state_of_pace(target, found, goal=goal, final=final)
    attained = COMPARISONS[target.compare](found.value, goal)
    if final:
        return "met" if attained else "missed"
    if not attained and target.judged_by == "counted" and target.compare in {"<=", "<"}:
        # What has happened too often cannot be undone before the year ends.
        return "missed"
    return "on_track" if attained else "behind"


def _state_of_pace(target: Target, found: Found, *, goal: float, final: bool) -> str:
    value, required = found.value or 0.0, found.required or 0.0
    on_pace = value >= required - 1e-9
    if target.schedule:
        return ("met" if on_pace else "missed") if final else ("on_track" if on_pace else "behind")
    if value >= goal:
        return "met"
    if final:
        return "missed"
    return "on_track" if on_pace else "behind"


def _is_due(target: Target, *, year: int, month: int) -> bool:
    due = pd.Timestamp(str(target.due)) if target.due else month_end(year, 12)
    return bool(month_end(year, month) >= due)


def _progress(target: Target, found: Found) -> float | None:
    if found.progress is not None:
        return None if pd.isna(found.progress) else float(found.progress)
    return target.progress


def _notes(target: Target, found: Found, goal: float | None) -> tuple[str, ...]:
    if target.judged_by == "manual":
        typed = (
            f"人工填报，截至 {target.progress_date}" if target.progress is not None else "人工填报，尚未填报"
        )
        return (typed, target.note)
    if found.value is None:
        lacking = found.reason or "没有数据来源"
        return (f"{lacking}，需要：{target.needs}" if target.needs else lacking, target.note)
    untold = "" if goal is not None or target.note else "没有目标值，只列现值"
    return (found.note, found.reason, untold, target.note)


def _change(target: Target, found: Found, goal: float | None, state: str, year: int, month: int) -> str:
    if found.value is None:
        return f"补充{target.needs}" if target.needs and target.judged_by != "manual" else ""
    if goal is None:
        return "目标值下达后写入计划文件即可判定" if "未公开" in target.note else ""
    if target.schedule:
        short = (found.required or 0.0) - found.value
        return f"距序时进度差 {short:.2f} 个百分点" if short > 1e-9 else ""
    if target.indicator == DONE and found.value < goal:
        return _left(target, goal - found.value, year=year, month=month)
    if state in {"behind", "missed"} and target.unit == "%":
        return f"距目标差 {abs(goal - found.value):.1f} 个百分点"
    return ""


def _left(target: Target, left: float, *, year: int, month: int) -> str:
    due = pd.Timestamp(str(target.due)) if target.due else month_end(year, 12)
    months = (due.year - year) * 12 + due.month - month
    pace = f"，平均每月 {left / months:.1f} {target.unit}" if months > 0 else "，已到期"
    return f"还须完成 {left:g} {target.unit}{pace}"
