"""``suizhou-geo plan``, ``warn``, ``compensate`` and ``inspect``: the work plan against what is known."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suizhou_geo.cli.months import month_of
from suizhou_geo.cli.options import Output, Quiet
from suizhou_geo.cli.output import print_notes, write_or_print
from suizhou_geo.errors import InputError

if TYPE_CHECKING:
    from suizhou_geo.conventions import CountyResult
    from suizhou_geo.files import Workspace

_WORKSPACE = typer.Argument(metavar="WORKSPACE", help="工作区文件夹（含 workspace.toml）")
_YEAR = typer.Option(help="年份；不给则取监测数据最近的月份")
_MONTH = typer.Option(help="月份，1–12，只使用该月底以前的数据")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("plan")(plan_board)
    app.command("warn")(warn)
    app.command("compensate")(compensate)
    app.command("inspect")(inspect)


def plan_board(
    workspace: Annotated[Path, _WORKSPACE],
    year: Annotated[int | None, _YEAR] = None,
    month: Annotated[int | None, _MONTH] = None,
    county: Annotated[list[str] | None, typer.Option(help="区划代码，可多次给出；默认全市和全部区县")] = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """目标板：年度工作要点逐项逐区县的现值、目标、判断、达标概率、进度、怎样改变和数据出处。"""
    from suizhou_geo import plan
    from suizhou_geo.conventions import TARGET_WORDS

    opened, year, month = _open(workspace, year, month, output=output, quiet=quiet)
    chosen = county or [opened.adcode, *opened.counties]
    board = plan.board_table([_evaluate(opened, code, year, month) for code in dict.fromkeys(chosen)])
    if board.empty:
        raise InputError(f"计划文件中没有 {year} 年的目标", todo="换一个年份，或补上计划文件")
    counts = board["status"].value_counts()
    told = "，".join(f"{word} {counts[key]}" for key, word in TARGET_WORDS.items() if key in counts)
    print_notes(
        [f"{year} 年 {month} 月，{board['goal'].nunique()} 个目标和任务，{len(board)} 行：{told}"],
        quiet=quiet,
    )
    write_or_print(
        board, output=output, provenance=_provenance(opened, year, month, county="、".join(chosen))
    )


def warn(
    workspace: Annotated[Path, _WORKSPACE],
    year: Annotated[int | None, _YEAR] = None,
    month: Annotated[int | None, _MONTH] = None,
    county: Annotated[str | None, typer.Option(help="区划代码；默认全市")] = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """预警清单：按计划文件中的规则，当年到本月的预警，逐条写明起止日期和规则依据；连续的同一预警只列一条。"""
    import pandas as pd

    from suizhou_geo.conventions import Alert

    opened, year, month = _open(workspace, year, month, output=output, quiet=quiet)
    result = _evaluate(opened, county or opened.adcode, year, month)
    columns = list(Alert.__dataclass_fields__)
    frame = pd.DataFrame([vars(each) for each in result.alerts], columns=columns)
    counts = "，".join(f"{name} {count}" for name, count in frame["rule_name"].value_counts().items())
    none = "没有预警" if _is_observed(opened, year=year, month=month) else "没有监测数据，无从预警"
    print_notes([f"{result.name} {year} 年 1–{month} 月 {len(frame)} 条：{counts or none}"], quiet=quiet)
    write_or_print(frame, output=output, provenance=_provenance(opened, year, month, county=result.adcode))


def compensate(
    workspace: Annotated[Path, _WORKSPACE],
    year: Annotated[int | None, _YEAR] = None,
    month: Annotated[int | None, _MONTH] = None,
    monthly: Annotated[bool, typer.Option("--monthly", help="逐月逐项列出，不汇总")] = False,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """县界断面生态补偿账：按计划文件中的公式和参数，哪个区县付给哪个区县多少。"""
    import pandas as pd

    from suizhou_geo import files, plan
    from suizhou_geo.conventions import Account

    opened, year, month = _open(workspace, year, month, output=output, quiet=quiet)
    work_plan = files.read_work_plan(opened, year=year)
    if not work_plan.compensations:
        raise InputError(f"计划文件中没有 {year} 年的生态补偿", todo="在计划文件中写一节 [[compensation]]")
    water = files.read_workspace_observations(opened, medium="water")
    accounts = plan.account_compensation(opened, plan=work_plan, water=water, year=year, month=month)
    names = files.read_workspace_counties(opened)["name"].astype(str).to_dict()
    table = plan.account_table(accounts, counties=names)
    frame = (
        pd.DataFrame(map(vars, accounts), columns=list(Account.__dataclass_fields__)) if monthly else table
    )
    notes = [
        f"{row.section_name}：{row.payer_name}付{row.receiver_name} {row.amount:g} {row.money_unit}（{row.months} 个月"
        f"{f'，另 {row.missing} 个月缺数据' if row.missing else ''}）"
        for row in table.itertuples()
    ]
    notes += [f"{rule.name}：{rule.note}" for rule in work_plan.compensations if rule.note]
    print_notes(notes, quiet=quiet)
    formulas = "；".join(rule.formula for rule in work_plan.compensations)
    write_or_print(frame, output=output, provenance=_provenance(opened, year, month, formula=formulas))


def inspect(
    workspace: Annotated[Path, _WORKSPACE],
    year: Annotated[int | None, typer.Option(help="年份；不给则取监测数据最近的年份")] = None,
    rule: Annotated[str | None, typer.Option("--id", help="抽查计划的编号；默认第一个")] = None,
    seed: Annotated[int | None, typer.Option(help="换一个种子；默认用计划文件中的")] = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """抽查计划（双随机）：重点单位全覆盖，一般单位分层随机抽取；同一名单和种子结果相同，按区县分组。"""
    import dataclasses

    from suizhou_geo import files, plan

    opened, year, month = _open(workspace, year, None if year is None else 12, output=output, quiet=quiet)
    known = {each.id: each for each in files.read_work_plan(opened, year=year).inspections}
    if not known or (rule is not None and rule not in known):
        raise InputError(
            f"{year} 年没有抽查计划 {rule or ''}".strip(), why=f"计划文件中有：{'、'.join(known) or '无'}",
            todo="在计划文件中写一节 [[inspection]]",
        )  # fmt: skip
    chosen = known[rule or next(iter(known))]
    chosen = chosen if seed is None else dataclasses.replace(chosen, seed=seed)
    units = files.read_units(opened, inspection=chosen)
    frame = plan.draw_inspections(units, inspection=chosen)
    names = files.read_workspace_counties(opened)["name"].astype(str).to_dict()
    frame.insert(0, "county", frame["adcode"].map(names))
    counts = frame["how"].value_counts()
    by_county = "，".join(f"{name} {count} 家" for name, count in frame["county"].value_counts().items())
    told = "，".join([*(f"{how} {count} 家" for how, count in counts.items()), f"共 {len(frame)} 家"])
    told = told if len(units) else f"名单 {chosen.units} 中没有单位，无从抽取"
    notes = [f"{chosen.name}：{told}（种子 {chosen.seed}）", by_county]
    print_notes(filter(None, notes), quiet=quiet)
    write_or_print(
        frame,
        output=output,
        provenance=_provenance(opened, year, month, id=chosen.id, seed=chosen.seed, units=chosen.units),
    )


def _open(
    workspace: Path, year: int | None, month: int | None, *, output: Path | None, quiet: bool
) -> "tuple[Workspace, int, int]":
    from suizhou_geo import files

    if output is not None:
        files.check_export_path(output)
    opened = files.open_workspace(workspace)
    return (opened, *month_of(opened, year, month, quiet=quiet))


def _is_observed(workspace: "Workspace", *, year: int, month: int) -> bool:
    from suizhou_geo import files

    times = (
        files.read_workspace_observations(workspace, medium=medium, year=year)["time"].dropna().dt
        for medium in ("water", "air")
    )
    return any(((each.year == year) & (each.month <= month)).any() for each in times)


def _evaluate(workspace: "Workspace", adcode: str, year: int, month: int) -> "CountyResult":
    from suizhou_geo import plan

    return plan.evaluate_county(workspace, adcode=adcode, year=year, month=month)


def _provenance(workspace: "Workspace", year: int, month: int, **parameters: object) -> dict[str, str]:
    from suizhou_geo.saving import sha256_of

    hashes = "、".join(f"{file} {sha256_of(workspace.root / file)}" for file in workspace.plan_files)
    given = " ".join(f"{name}={value}" for name, value in parameters.items())
    return {"工作区": workspace.name, "输入 SHA-256": hashes, "参数": f"{year}-{month:02d} {given}".strip()}
