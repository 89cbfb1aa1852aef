"""The goals and tasks of a work plan, typed as data: the only place where targets live."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from suizhou_geo.errors import InputError, Place
from suizhou_geo.files.workspace import Workspace, read_toml

COMPARISONS = (">=", "<=", "==", ">", "<")
JUDGEMENTS = ("computed", "scheduled", "counted", "manual", "drawn")


@dataclass(frozen=True)
class Target:
    """One goal or task of the plan. ``target`` is None where the figure is not public; ``note`` then says so."""

    id: str
    goal: str
    name: str
    year: int
    indicator: str = ""
    scope: str = ""
    unit: str = ""
    target: float | None = None
    compare: str = ">="
    due: date | str = ""
    counties: str | tuple[str, ...] = "all"
    judged_by: str = "manual"
    layer: str = ""
    source: str = ""
    verified: str = "typed"
    note: str = ""
    planned: float | None = None
    progress: float | None = None
    progress_date: date | str = ""


def read_plan(workspace: Workspace, *, year: int) -> tuple[Target, ...]:
    """The targets of one year, in the order of the workspace's plan files.

    Raises ``InputError`` naming the file and the target for an unknown key, a missing one or a wrong kind of value.
    """
    targets = []
    for name in workspace.plan_files:
        place = Place(name)
        tables = read_toml(workspace.root / name).get("target", [])
        found = [_target(table, place, number) for number, table in enumerate(tables, start=1)]
        _check_unique(found, place)
        targets.extend(found)
    return tuple(target for target in targets if target.year == year)


def _target(table: Mapping[str, Any], place: Place, number: int) -> Target:
    label = f"第 {number} 个 [[target]]（{table.get('id', '无 id')}）"
    known = set(Target.__dataclass_fields__)
    unknown = sorted(set(table) - known)
    lacking = sorted({"id", "goal", "name", "year"} - set(table))
    if unknown or lacking:
        why = f"不认识：{'、'.join(unknown)}" if unknown else f"缺少：{'、'.join(lacking)}"
        raise InputError(
            f"{label}写法有误", where=place, why=why, todo=f"可用的项：{'、'.join(sorted(known))}"
        )
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    target = Target(**values)
    for key, value, choices in (
        ("compare", target.compare, COMPARISONS),
        ("judged_by", target.judged_by, JUDGEMENTS),
    ):
        if value not in choices:
            raise InputError(
                f"{label}的 {key} 不能是“{value}”", where=place, why=f"可用：{'、'.join(choices)}"
            )
    if target.target is not None and not target.unit:
        raise InputError(f"{label}有目标值但没有单位", where=place, todo="补上 unit")
    return target


def _check_unique(targets: list[Target], place: Place) -> None:
    ids = [target.id for target in targets]
    repeated = sorted({each for each in ids if ids.count(each) > 1})
    if repeated:
        raise InputError(f"目标编号重复：{'、'.join(repeated)}", where=place, todo="每个目标用一个编号")
