"""The goals and tasks of a work plan and its rules, typed as data: the only place where targets live."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from math import isfinite
from typing import Any, TypeVar

from suizhou_geo.errors import InputError, Place
from suizhou_geo.files.workspace import Workspace, read_toml

COMPARISONS = (">=", "<=", "==", ">", "<")
JUDGEMENTS = ("computed", "scheduled", "counted", "manual", "drawn")
SCHEDULES = ("", "linear", "geometric")
ALERT_KINDS = ("target_at_risk", "class_worse", "spike", "silent")

#: Where a target comes from when the plan names no figure but last year's value ("rise steadily").
TARGET_ORIGINS = ("", "last_year")


@dataclass(frozen=True)
class Target:
    """One goal or task of the plan. ``target`` is None where the figure is not public; ``note`` then says so.

    ``counties`` is ``all``, ``city`` (the whole city only) or codes. ``schedule`` says how a five-year target is spread
    over its years (``base_year`` and ``years``). ``where`` and ``done`` count rows of ``layer``: which ones belong to the
    task, and which of those are done, by column and accepted words. ``needs`` is what a value would need.
    """

    id: str
    goal: str
    name: str
    year: int
    indicator: str = ""
    scope: str = ""
    unit: str = ""
    target: float | None = None
    target_from: str = ""
    compare: str = ">="
    due: date | str = ""
    counties: str | tuple[str, ...] = "all"
    judged_by: str = "manual"
    layer: str = ""
    source: str = ""
    verified: str = "typed"
    note: str = ""
    needs: str = ""
    planned: float | None = None
    progress: float | None = None
    progress_date: date | str = ""
    schedule: str = ""
    base_year: int = 2020
    years: int = 5
    where: Mapping[str, Any] = field(default_factory=dict)
    done: Mapping[str, Any] = field(default_factory=dict)

    def holds_for(self, adcode: str, *, city: str) -> bool:
        """Whether the row stands on the board of this county (or of the city, by its own code)."""
        if self.counties == "all":
            return True
        return adcode == city if self.counties == "city" else adcode in self.counties


@dataclass(frozen=True)
class AlertRule:
    """One rule of early warning. ``basis`` is what is cited; which numbers a ``kind`` uses stands in the plan file."""

    id: str
    kind: str
    name: str
    year: int
    basis: str
    medium: str = "water"
    indicators: tuple[str, ...] = ()
    p_below: float = 0.5
    steps: int = 1
    factor: float = 2.0
    window: int = 12
    least: int = 6
    silent: int = 1


@dataclass(frozen=True)
class BorderSection:
    """A section on the line between two counties, and which of them lies above it."""

    section: str
    upstream: str
    downstream: str


@dataclass(frozen=True)
class Compensation:
    """What counties owe each other at border sections: ``formula`` per indicator and month, over named numbers.

    The formula may use ``value`` (the month's mean), ``limit`` (of the section's target class), ``base`` (mean of the
    ``base_years``) and the numbers given for the indicator. Positive: the upstream county pays.
    """

    id: str
    name: str
    year: int
    formula: str
    money_unit: str
    indicators: Mapping[str, Mapping[str, float]]
    sections: tuple[BorderSection, ...]
    base_years: tuple[int, ...] = ()
    source: str = ""
    verified: str = "typed"
    note: str = ""


@dataclass(frozen=True)
class Inspection:
    """An inspection plan: all units whose ``column`` is one of ``key``, and a ``share`` of the others by lot."""

    id: str
    name: str
    year: int
    units: str
    seed: int
    column: str = "category"
    key: tuple[str, ...] = ("重点",)
    share: float = 0.5
    strata: tuple[str, ...] = ("adcode",)
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class WorkPlan:
    """Everything that a workspace's plan files say of one year; ``reports`` are the ledgers of what was done."""

    year: int
    targets: tuple[Target, ...]
    reports: tuple[str, ...] = ()
    alerts: tuple[AlertRule, ...] = ()
    compensations: tuple[Compensation, ...] = ()
    inspections: tuple[Inspection, ...] = ()


def read_plan(workspace: Workspace, *, year: int) -> tuple[Target, ...]:
    """The targets of one year, in the order of the workspace's plan files.

    Raises ``InputError`` naming the file and the target for an unknown key, a missing one or a wrong kind of value.
    """
    return read_work_plan(workspace, year=year).targets


def read_work_plan(workspace: Workspace, *, year: int) -> WorkPlan:
    """Targets, ledgers, rules of warning, compensation and inspection of one year, from all plan files.

    >>> from suizhou_geo.files.workspace import open_workspace
    >>> from suizhou_geo.packaged import packaged_folder
    >>> plan = read_work_plan(open_workspace(packaged_folder("data", "suizhou")), year=2021)
    >>> len({target.goal for target in plan.targets}), [each.id for each in plan.inspections]
    (26, ['T11'])

    Raises ``InputError`` naming the file and the table for an unknown key, a missing one or a wrong kind of value.
    """
    found: dict[str, list[Any]] = {name: [] for name in ("target", "alert", "compensation", "inspection")}
    reports: list[str] = []
    for name in workspace.plan_files:
        place = Place(name)
        data = read_toml(workspace.root / name)
        _check_tables(data, place)
        for kind, items in found.items():
            built = [_BUILD[kind](table, place, number) for number, table in enumerate(data.get(kind, []), 1)]
            _check_unique(built, place)
            items.extend(each for each in built if each.year == year)
        if any(table.get("year") == year for table in data.get("target", [])):
            reports.extend(data.get("data", {}).get("reports", ()))
    return WorkPlan(
        year,
        targets=tuple(found["target"]),
        reports=tuple(reports),
        alerts=tuple(found["alert"]),
        compensations=tuple(found["compensation"]),
        inspections=tuple(found["inspection"]),
    )


def plan_years(workspace: Workspace) -> tuple[int, ...]:
    """The years that the workspace's plan files speak of."""
    tables = [
        table
        for name in workspace.plan_files
        for tables in read_toml(workspace.root / name).values()
        if isinstance(tables, list)
        for table in tables
    ]
    return tuple(sorted({table["year"] for table in tables if isinstance(table.get("year"), int)}))


def _target(table: Mapping[str, Any], place: Place, number: int) -> Target:
    label = _label(table, number, "target")
    target = _build(Target, table, place, label)
    _check_choice(target.compare, COMPARISONS, "compare", label, place)
    _check_choice(target.judged_by, JUDGEMENTS, "judged_by", label, place)
    _check_choice(target.schedule, SCHEDULES, "schedule", label, place)
    _check_choice(target.target_from, TARGET_ORIGINS, "target_from", label, place)
    if isinstance(target.counties, str):
        _check_choice(target.counties, ("all", "city"), "counties", label, place)
    if target.target is not None and not target.unit:
        raise InputError(f"{label}有目标值但没有单位", where=place, todo="补上 unit")
    if target.progress is not None and not target.progress_date:
        raise InputError(f"{label}有进展但没有日期", where=place, todo="补上 progress_date")
    return target


def _alert(table: Mapping[str, Any], place: Place, number: int) -> AlertRule:
    label = _label(table, number, "alert")
    rule = _build(AlertRule, table, place, label)
    _check_choice(rule.kind, ALERT_KINDS, "kind", label, place)
    _check_choice(rule.medium, ("water", "air"), "medium", label, place)
    return rule


def _compensation(table: Mapping[str, Any], place: Place, number: int) -> Compensation:
    label = _label(table, number, "compensation")
    sections = tuple(
        _build(BorderSection, each, place, f"{label}的第 {at} 个 sections")
        for at, each in enumerate(table.get("sections", []), start=1)
    )
    return _build(Compensation, {**table, "sections": sections}, place, label)


def _inspection(table: Mapping[str, Any], place: Place, number: int) -> Inspection:
    label = _label(table, number, "inspection")
    inspection = _build(Inspection, table, place, label)
    if not 0 < inspection.share <= 1:
        raise InputError(
            f"{label}的抽查比例 {inspection.share:g} 不合理", where=place, why="应在 0 与 1 之间"
        )
    return inspection


_BUILD: Mapping[str, Any] = {
    "target": _target, "alert": _alert, "compensation": _compensation, "inspection": _inspection,
}  # fmt: skip

_Built = TypeVar("_Built")


def _build(kind: type[_Built], table: Mapping[str, Any], place: Place, label: str) -> _Built:
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]  # all kinds are dataclasses
    unknown = sorted(set(table) - set(known))
    needed = {
        name for name, each in known.items() if each.default is MISSING and each.default_factory is MISSING
    }
    lacking = sorted(needed - set(table))
    if unknown or lacking:
        why = f"不认识：{'、'.join(unknown)}" if unknown else f"缺少：{'、'.join(lacking)}"
        raise InputError(
            f"{label}写法有误", where=place, why=why, todo=f"可用的项：{'、'.join(sorted(known))}"
        )
    for name, value in table.items():
        _check_kind(str(known[name].type), name, value, label, place)
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    return kind(**values)


def _check_kind(annotation: str, name: str, value: object, label: str, place: Place) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    wanted = {"float": "一个数", "int": "一个整数", "str": "文字"}
    kind = next((each for each in wanted if annotation.removesuffix(" | None").endswith(each)), "")
    right = {
        "float": number,
        "int": number and float(value).is_integer() if isinstance(value, int | float) else False,
        "str": isinstance(value, str | date) if "date" in annotation else isinstance(value, str),
    }
    if kind and not right[kind]:
        raise InputError(
            f"{label}的 {name} 不能是“{value}”", where=place, why=f"应为{wanted[kind]}", todo="改正该项"
        )


def _check_choice(value: str, choices: Sequence[str], key: str, label: str, place: Place) -> None:
    if value not in choices:
        known = "、".join(filter(None, choices))
        raise InputError(f"{label}的 {key} 不能是“{value}”", where=place, why=f"可用：{known}")


def _check_tables(data: Mapping[str, Any], place: Place) -> None:
    unknown = sorted(set(data) - {*_BUILD, "data"})
    if unknown:
        raise InputError(
            f"不认识的表 {'、'.join(unknown)}", where=place, why=f"可用：data、{'、'.join(_BUILD)}"
        )


def _check_unique(items: list[Any], place: Place) -> None:
    ids = [item.id for item in items]
    repeated = sorted({each for each in ids if ids.count(each) > 1})
    if repeated:
        raise InputError(f"目标编号重复：{'、'.join(repeated)}", where=place, todo="每个目标用一个编号")


def _label(table: Mapping[str, Any], number: int, kind: str) -> str:
    return f"第 {number} 个 [[{kind}]]（{table.get('id', '无 id')}）"
