"""The goals and tasks of a work plan and its rules, typed as data: the only place where targets live."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from suizhou_geo.errors import InputError
from suizhou_geo.files.plan_rules import (
    alert_errors,
    inspection_errors,
    target_errors,
    target_findings,
    usual_comparison,
)
from suizhou_geo.files.plan_tables import (
    UNUSABLE,
    PlanTable,
    Tell,
    read_ledger_names,
    read_plan_tables,
    shape_errors,
    values_of,
)
from suizhou_geo.files.workspace import Workspace


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
    return _read_all(workspace, tell=_refuse).plan_of(year)


@dataclass(frozen=True)
class PlanFindings:
    """What a check of the plan files found: mistakes by code, and the plan of each year as far as it can be read.

    ``tables`` holds the table of every item by kind and id, for whoever finds more.
    """

    mistakes: tuple[tuple[str, InputError], ...]
    plans: tuple[WorkPlan, ...]
    tables: Mapping[tuple[str, str], PlanTable]


def check_plans(workspace: Workspace) -> PlanFindings:
    """Every mistake of the workspace's plan files at once, with its line, and what is still to be filled in."""
    mistakes: list[tuple[str, InputError]] = []
    found = _read_all(workspace, tell=lambda code, error: mistakes.append((code, error)))
    years = sorted({item.year for items in found.items.values() for item in items})
    tables = {(table.kind, str(table.content.get("id", ""))): table for table in found.tables}
    return PlanFindings(tuple(mistakes), tuple(map(found.plan_of, years)), tables)


@dataclass(frozen=True)
class _Found:
    """All plan files of a workspace: what could be built by kind, and the ledgers with the years of their file."""

    items: Mapping[str, list[Any]]
    tables: list[PlanTable]
    ledgers: list[tuple[frozenset[object], tuple[str, ...]]]

    def plan_of(self, year: int) -> WorkPlan:
        """What is said of one year; ledgers are those of the files that have targets of it."""
        target, alert, compensation, inspection = (
            tuple(item for item in self.items[kind] if item.year == year) for kind in _KINDS
        )
        reports = dict.fromkeys(file for years, files in self.ledgers if year in years for file in files)
        return WorkPlan(year, target, tuple(reports), alert, compensation, inspection)


def _refuse(code: str, error: InputError) -> None:
    if code == UNUSABLE:
        raise error


def _read_all(workspace: Workspace, *, tell: Tell) -> _Found:
    found = _Found({kind: [] for kind in _KINDS}, [], [])
    for name in workspace.plan_files:
        path = workspace.root / name
        try:
            tables = read_plan_tables(path, name=name, kinds=tuple(_KINDS), tell=tell)
        except InputError as error:
            tell(UNUSABLE, error)
            continue
        found.tables.extend(tables)
        years = frozenset(table.content.get("year") for table in tables if table.kind == "target")
        found.ledgers.append((years, read_ledger_names(path, name=name, tell=tell)))
        for table in tables:
            found.items[table.kind].extend(_build(table, tell))
    _tell_repeated(found.tables, tell)
    return found


def _build(table: PlanTable, tell: Tell) -> list[Any]:
    """The item of a table, or nothing where its keys or values are of the wrong kind."""
    kind, rules = _KINDS[table.kind]
    content = dict(table.content)
    if kind is Target:
        content.setdefault("compare", usual_comparison(str(content.get("indicator", ""))))
    elif kind is Compensation:
        content["sections"] = _borders(table, tell)
    filled = replace(table, content=content)
    wrong = list(shape_errors(filled, kind))
    for error in wrong:
        tell(UNUSABLE, error)
    if wrong:
        return []
    item = kind(**values_of(filled))
    for code, error in rules(item, table):
        tell(code, error)
    return [item]


def _borders(table: PlanTable, tell: Tell) -> tuple[BorderSection, ...]:
    given = table.content.get("sections", [])
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        tell(
            UNUSABLE,
            table.error(
                f"的 sections 不能是“{given}”", "sections", why="每个断面一组 section、upstream、downstream",
                todo='例如 sections = [{ section = "S02", upstream = "421321", downstream = "421303" }]',
            ),
        )  # fmt: skip
        return ()
    borders = []
    for number, each in enumerate(given, start=1):
        own = replace(table, content=each)
        wrong = [_of_section(error, table, number) for error in shape_errors(own, BorderSection)]
        for error in wrong:
            tell(UNUSABLE, error)
        borders += [] if wrong else [BorderSection(**each)]
    return tuple(borders)


def _of_section(error: InputError, table: PlanTable, number: int) -> InputError:
    """The mistake of one border section, told as one of its table."""
    what = f"{table.label}的第 {number} 个 sections 写法有误"
    return InputError(what, where=table.place("sections"), why=error.why, todo=error.todo)


def _target_rules(target: Target, table: PlanTable) -> Iterator[tuple[str, InputError]]:
    yield from ((UNUSABLE, error) for error in target_errors(target, table))
    yield from target_findings(target, table)


def _alert_rules(rule: AlertRule, table: PlanTable) -> Iterator[tuple[str, InputError]]:
    yield from ((UNUSABLE, error) for error in alert_errors(rule, table))


def _inspection_rules(inspection: Inspection, table: PlanTable) -> Iterator[tuple[str, InputError]]:
    yield from ((UNUSABLE, error) for error in inspection_errors(inspection, table))


def _no_rules(_item: Compensation, _table: PlanTable) -> Iterator[tuple[str, InputError]]:
    # What a formula needs of the workspace is held against it by the plan.
    yield from ()


#: By the name of a table: what is built of it, and the rules that hold for it.
_KINDS: Mapping[str, tuple[type[Any], Callable[[Any, PlanTable], Iterator[tuple[str, InputError]]]]] = {
    "target": (Target, _target_rules),
    "alert": (AlertRule, _alert_rules),
    "compensation": (Compensation, _no_rules),
    "inspection": (Inspection, _inspection_rules),
}


def _tell_repeated(tables: list[PlanTable], tell: Tell) -> None:
    seen: dict[tuple[str, str, object], PlanTable] = {}
    for table in tables:
        key = (table.kind, str(table.content.get("id", "")), table.content.get("year"))
        first = seen.setdefault(key, table)
        if first is not table:
            what = f"目标编号重复：{key[1]}" if table.kind == "target" else f"编号重复：{key[1]}"
            why = f"{first.file} 第 {first.place('id').row} 行已有"
            tell(UNUSABLE, InputError(what, where=table.place("id"), why=why, todo="每一条用一个编号"))
