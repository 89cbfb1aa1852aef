"""What a plan file may say: rules over one table whose keys and values are of the right kind."""

import csv
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib.resources import files as package_files
from typing import TYPE_CHECKING

from suizhou_geo import standards
from suizhou_geo.conventions import LAYER_KINDS, indicators
from suizhou_geo.errors import InputError
from suizhou_geo.files.plan_tables import DOUBTFUL, UNFILLED, PlanTable

if TYPE_CHECKING:
    from suizhou_geo.files.plans import AlertRule, Inspection, Target

COMPARISONS = (">=", "<=", "==", ">", "<")
JUDGEMENTS = ("computed", "scheduled", "counted", "manual", "drawn")
SCHEDULES = ("", "linear", "geometric")
ALERT_KINDS = ("target_at_risk", "class_worse", "spike", "silent")

#: Where a target comes from when the plan names no figure but last year's value ("rise steadily").
TARGET_ORIGINS = ("", "last_year")

#: How a text of the template begins that nobody has replaced yet.
PLACEHOLDER = "填写"

_YEARS = range(1990, 2101)


@cache
def plan_indicators() -> Mapping[str, Mapping[str, str]]:
    """What the plan can compute, by indicator: name, unit, the usual comparison, and between what a target lies.

    >>> plan_indicators()["pm2_5_mean"]["compare"], plan_indicators()["farmland"]["unit"]
    ('<=', '%')
    """
    text = package_files("suizhou_geo.files").joinpath("plan_indicators.csv").read_text(encoding="utf-8")
    found = {row["indicator"]: row for row in csv.DictReader(text.splitlines())}
    edition = standards.newest_edition("plan-goals")
    rates = standards.read_table(edition, name="rates")
    counts = standards.read_table(edition, name="counts")
    for row in rates.itertuples():
        # 完成率 is a rate only where its unit says so: else it is done of planned.
        unit = "" if row.kind == "done" else "%"
        found[row.kind] = {
            "name": row.name,
            "unit": unit,
            "compare": ">=",
            "low": "0",
            "high": "100" if unit else "",
        }
    for row in counts.itertuples():
        found[row.kind] = {"name": row.name, "unit": row.unit, "compare": "<=", "low": "0", "high": ""}
    return found


def usual_comparison(indicator: str) -> str:
    """How a value of this indicator is held against its target unless the plan says otherwise.

    >>> usual_comparison("pm2_5_mean"), usual_comparison("anything else")
    ('<=', '>=')
    """
    return plan_indicators().get(indicator, {}).get("compare") or ">="


def target_errors(target: "Target", table: PlanTable) -> Iterator[InputError]:
    """What makes a target unusable."""
    yield from _identity_errors(target.id, target.year, table)
    for key, choices in (
        ("compare", COMPARISONS), ("judged_by", JUDGEMENTS), ("schedule", SCHEDULES), ("target_from", TARGET_ORIGINS),
    ):  # fmt: skip
        yield from _choice_errors(getattr(target, key), choices, key, table)
    if isinstance(target.counties, str):
        yield from _choice_errors(target.counties, ("all", "city"), "counties", table)
    if target.layer and target.done:
        yield from _choice_errors(target.layer, tuple(LAYER_KINDS), "layer", table)
    yield from _figure_errors(target, table)
    yield from _day_errors(target, table)
    if target.done and not target.layer:
        yield table.error("有 done 但没有 layer", "done", why="按图层计数要说明是哪个图层", todo="补上 layer")


def target_findings(target: "Target", table: PlanTable) -> Iterator[tuple[str, InputError]]:
    """What is still to be filled in, and what is probably meant otherwise."""
    if target.judged_by == "manual":
        return
    known, indicator = plan_indicators(), target.indicator
    if target.layer and not target.done:
        # Where the layer only shows the row on the map, nothing is computed from it.
        errors = _choice_errors(target.layer, tuple(LAYER_KINDS), "layer", table)
        yield from ((DOUBTFUL, error) for error in errors)
    if not indicator:
        yield DOUBTFUL, table.error("没有 indicator", "indicator", why="没有指标就不能由数据判断", todo=f"可用：{'、'.join(known)}；或写 judged_by = \"manual\"")  # fmt: skip
    elif indicator not in known and not target.schedule:
        yield from _unknown_indicator(target, table)
        return
    usual = known.get(indicator, {}).get("compare", "")
    if usual and target.target is not None and target.compare[0] != usual[0] and target.compare != "==":
        yield DOUBTFUL, table.error(f"的 compare“{target.compare}”与通常方向相反", "compare", why=f"{known[indicator]['name']}通常写 {usual}", todo="核对方向")  # fmt: skip
    if target.schedule and not target.base_year < target.year <= target.base_year + target.years:
        yield DOUBTFUL, table.error(f"的 year {target.year} 不在计划期内", "base_year", why=f"计划期为 {target.base_year + 1}–{target.base_year + target.years} 年", todo="核对 base_year 和 years")  # fmt: skip
    yield from _unfilled(target, table)


def _unknown_indicator(target: "Target", table: PlanTable) -> Iterator[tuple[str, InputError]]:
    # A row may say openly that nothing computes it and what it would need; a slip of the pen may not.
    known = plan_indicators()
    near = get_close_matches(target.indicator, known, n=1)
    if near or not target.needs:
        yield DOUBTFUL, table.error(
            f"的 indicator“{target.indicator}”没有算法", "indicator", why="目标板上只会写“没有数据来源”",
            todo=f"是否为 {near[0]}" if near else f"可用：{'、'.join(known)}；没有数据来源的写明 needs",
        )  # fmt: skip


def alert_errors(rule: "AlertRule", table: PlanTable) -> Iterator[InputError]:
    """What makes a rule of warning unusable."""
    yield from _identity_errors(rule.id, rule.year, table)
    yield from _choice_errors(rule.kind, ALERT_KINDS, "kind", table)
    yield from _choice_errors(rule.medium, ("water", "air"), "medium", table)
    for code in rule.indicators:
        own = {name for name, each in indicators().items() if each.medium == rule.medium}
        if code not in own:
            near = get_close_matches(code, own, n=1)
            yield table.error(f"的 indicators 中没有项目“{code}”", "indicators", why=f"medium 为 {rule.medium}", todo=f"是否为 {near[0]}" if near else "例如 tp、nh3n；空气写 pm2_5")  # fmt: skip
    if rule.kind == "spike" and not rule.indicators:
        yield table.error("没有 indicators", "indicators", why="突增规则要说明看哪些项目", todo='例如 indicators = ["tp"]')  # fmt: skip
    for key, right, why in (
        ("p_below", 0 < rule.p_below <= 1, "应在 0 与 1 之间"), ("steps", rule.steps >= 1, "应不小于 1"),
        ("factor", rule.factor > 1, "应大于 1"), ("silent", rule.silent >= 1, "应不小于 1"),
        ("window", rule.window >= 1, "应不小于 1"), ("least", 1 <= rule.least <= rule.window, "应在 1 与 window 之间"),
    ):  # fmt: skip
        if not right:
            yield table.error(f"的 {key} 不能是“{getattr(rule, key)}”", key, why=why, todo="改正该项")


def inspection_errors(inspection: "Inspection", table: PlanTable) -> Iterator[InputError]:
    """What makes an inspection plan unusable."""
    yield from _identity_errors(inspection.id, inspection.year, table)
    if not 0 < inspection.share <= 1:
        yield table.error(f"的抽查比例 {inspection.share:g} 不合理", "share", why="应在 0 与 1 之间", todo="例如抽一半写 0.5")  # fmt: skip
    if inspection.seed < 0:
        yield table.error(f"的 seed 不能是“{inspection.seed}”", "seed", why="应为不小于 0 的整数", todo="改正该项")  # fmt: skip
    if not inspection.strata:
        yield table.error(
            "的 strata 是空的", "strata", why="分层抽取至少要一列", todo='例如 strata = ["adcode"]'
        )


def _identity_errors(identity: str, year: int, table: PlanTable) -> Iterator[InputError]:
    if not identity.strip():
        yield table.error("的 id 是空的", "id", todo="写一个不重复的编号")
    if year not in _YEARS:
        yield table.error(f"的 year 不能是“{year}”", "year", why="应为四位年份", todo="例如 2021")


def _figure_errors(target: "Target", table: PlanTable) -> Iterator[InputError]:
    if target.target is not None and not target.unit:
        yield table.error("有目标值但没有单位", "target", todo="补上 unit")
    unit = plan_indicators().get(target.indicator, {}).get("unit", "")
    if unit and target.unit and _plain(target.unit) != unit:
        yield table.error(f"的 unit 不能是“{target.unit}”", "unit", why=f"{target.indicator} 的单位是 {unit}", todo=f"改为 {unit}，目标值按此单位填写")  # fmt: skip
    low, high = _range_of(target)
    if target.target is not None and not low <= target.target <= high:
        yield table.error(f"的 target 不能是“{target.target:g}”", "target", why=f"应在 {low:g} 与 {high:g} 之间" if high < float("inf") else f"应不小于 {low:g}", todo="核对目标值和单位")  # fmt: skip
    if target.schedule and target.target is not None and not 0 < target.target < 100:
        yield table.error(f"的 target 不能是“{target.target:g}”", "target", why="五年累计下降比例应大于 0、小于 100", todo="核对目标值")  # fmt: skip
    if target.planned is not None and target.planned < 0:
        yield table.error(f"的 planned 不能是“{target.planned:g}”", "planned", why="计划数不能为负", todo="核对计划数")  # fmt: skip
    if target.progress is not None and not 0 <= target.progress <= 100:
        yield table.error(f"的 progress 不能是“{target.progress:g}”", "progress", why="进展为百分数，应在 0 与 100 之间", todo="改正该项")  # fmt: skip


def _plain(unit: str) -> str:
    """A unit as the table of indicators writes it, whichever way it was typed.

    >>> _plain("ug/m3"), _plain("微克/立方米"), _plain("％")
    ('μg/m³', 'μg/m³', '%')
    """
    plain = unicodedata.normalize("NFKC", unit).replace(" ", "")
    for spelling, written in (("微克/立方米", "μg/m³"), ("ug/", "μg/"), ("m3", "m³"), ("^3", "³")):
        plain = plain.replace(spelling, written)
    return plain


def _range_of(target: "Target") -> tuple[float, float]:
    known = plan_indicators().get(target.indicator, {})
    high = known.get("high") or ("100" if target.unit == "%" else "inf")
    return float(known.get("low") or "-inf"), float(high)


def _day_errors(target: "Target", table: PlanTable) -> Iterator[InputError]:
    if target.due and date.fromisoformat(str(target.due)[:10]).year < target.year:
        yield table.error(f"的 due {target.due} 早于 year {target.year}", "due", why="期限不能在计划年度之前", todo="核对期限和年份")  # fmt: skip
    if target.progress is not None and not target.progress_date:
        yield table.error("有进展但没有日期", "progress", todo="补上 progress_date")


def _choice_errors(value: str, choices: Sequence[str], key: str, table: PlanTable) -> Iterator[InputError]:
    if value not in choices:
        near = get_close_matches(value, choices, n=1)
        yield table.error(
            f"的 {key} 不能是“{value}”", key, why=f"可用：{'、'.join(filter(None, choices))}",
            todo=f"是否为 {near[0]}" if near else "改为其中之一",
        )  # fmt: skip


def _unfilled(target: "Target", table: PlanTable) -> Iterator[tuple[str, InputError]]:
    counts = target.indicator == "done" and target.unit != "%"
    given = target.target is not None or target.target_from or counts
    if not given and (not target.note or target.note.startswith(PLACEHOLDER)):
        yield UNFILLED, table.error("没有目标值", "target", why="没有 target，note 中也没有说明", todo="填写下达的目标；没有下达的在 note 中写明，不要编造")  # fmt: skip
    if target.target is not None and target.source.startswith(PLACEHOLDER):
        yield UNFILLED, table.error("没有写目标的出处", "source", why=f"source 还是“{target.source}”", todo="填写下达目标的文件")  # fmt: skip
