"""What the plan files, ledgers and lists of a workspace say that ``plan`` and ``run`` could not use, all at once."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import pandas as pd

from suizhou_geo import files
from suizhou_geo.errors import InputError, MissingFileError, SuizhouGeoError
from suizhou_geo.plan.compensation import check_compensation
from suizhou_geo.plan.reported import DONE, needed_amounts, rate_of, reported_kinds

#: A mistake with the code of its rule in ``check_rules.csv``.
Mistake = tuple[str, SuizhouGeoError]

_Tables = Mapping[tuple[str, str], files.PlanTable]


def find_plan_mistakes(workspace: files.Workspace) -> list[Mistake]:
    """Every mistake of the plan files, their ledgers and their lists of units; each says where, why and what to do."""
    found = files.check_plans(workspace)
    mistakes: list[Mistake] = list(found.mistakes)
    ids = {identity for kind, identity in found.tables if kind == "target"}
    for work_plan in found.plans:
        reports, wrong = files.check_reports(workspace, plan=work_plan, ids=ids)
        mistakes += [(files.UNUSABLE, error) for error in wrong]
        mistakes += [
            (files.UNUSABLE, error)
            for error in (
                *_county_errors(workspace, work_plan, found.tables),
                *_amount_errors(work_plan, reports),
                *_layer_errors(workspace, work_plan, found.tables),
                *_unit_errors(workspace, work_plan, found.tables),
                *_border_errors(workspace, work_plan, found.tables),
            )
        ]
    return mistakes


def _told(call: Callable[[], object]) -> SuizhouGeoError | None:
    try:
        call()
    except SuizhouGeoError as error:
        return error
    return None


def _county_errors(
    workspace: files.Workspace, plan: files.WorkPlan, tables: _Tables
) -> Iterator[SuizhouGeoError]:
    known = (workspace.adcode, *workspace.counties)
    for target in plan.targets:
        if isinstance(target.counties, str):
            continue
        for code in target.counties:
            if code not in known:
                yield tables["target", target.id].error(
                    f"的 counties 中“{code}”不在工作区中", "counties", why=f"可用：{'、'.join(known)}", todo="改正区划代码",
                )  # fmt: skip


def _amount_errors(plan: files.WorkPlan, reports: pd.DataFrame) -> Iterator[SuizhouGeoError]:
    """What the latest amounts of every target and area come to on each day of a report; a city's are sums of these."""
    targets = {
        each.id: each for each in plan.targets if not each.schedule and each.indicator in reported_kinds()
    }
    known = reports[reports["id"].isin(targets) & reports["value"].notna()].sort_values("date", kind="stable")
    if known.empty:
        return
    for (identity, _adcode, _year), own in known.groupby(["id", "adcode", known["date"].dt.year], sort=False):
        target = targets[str(identity)]
        latest: dict[str, float] = {}
        for _day, rows in own.groupby("date", sort=False):
            latest |= dict(zip(rows["amount"], rows["value"], strict=True))
            if set(needed_amounts(target)) <= set(latest):
                error = _told(partial(rate_of, target, latest, rows=rows))
                if error is not None:
                    yield error


def _layer_errors(
    workspace: files.Workspace, plan: files.WorkPlan, tables: _Tables
) -> Iterator[SuizhouGeoError]:
    for target in plan.targets:
        table = tables["target", target.id]
        if not (target.indicator == DONE and target.done):
            continue
        if target.layer not in workspace.layers:
            yield table.error(
                f"的 layer“{target.layer}”工作区没有", "layer", why=f"已有：{'、'.join(workspace.layers) or '无'}",
                todo=f"在 workspace.toml 中添加 [layers.{target.layer}]，或改正 layer",
            )  # fmt: skip
            continue
        try:
            frame = files.read_layer(workspace, kind=target.layer)
        except SuizhouGeoError:
            # A layer that cannot be read is told of by the gate.
            continue
        for key in ("where", "done"):
            for column in getattr(target, key):
                if len(frame) and column not in {*frame.columns, "synthetic"}:
                    yield table.error(
                        f"的 {key} 用到的列“{column}”不在图层 {target.layer} 中", key,
                        why=f"图层的列：{'、'.join(map(str, frame.columns))}", todo="改正列名，或在图层中补上该列",
                    )  # fmt: skip


def _unit_errors(
    workspace: files.Workspace, plan: files.WorkPlan, tables: _Tables
) -> Iterator[SuizhouGeoError]:
    for inspection in plan.inspections:
        error = _told(partial(files.read_units, workspace, inspection=inspection))
        if isinstance(error, MissingFileError):
            yield tables["inspection", inspection.id].error(
                f"的名单“{inspection.units}”找不到", "units", why="工作区中没有该文件", todo="补上该文件，或改正 units",
            )  # fmt: skip
        elif error is not None:
            yield error


def _border_errors(
    workspace: files.Workspace, plan: files.WorkPlan, tables: _Tables
) -> Iterator[SuizhouGeoError]:
    for rule in plan.compensations:
        table = tables["compensation", rule.id]
        # Two sections with the same mistake tell it once.
        found = {
            error.what: (key, error)
            for key, error in check_compensation(workspace, rule=rule, year=plan.year)
        }
        for key, error in found.values():
            yield InputError(error.what, where=table.place(key), why=error.why, todo=error.todo)
