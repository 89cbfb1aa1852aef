"""``suizhou-geo read`` and ``check``: any supported file as tidy observations, and every problem of every file."""

import json
from pathlib import Path
from typing import Annotated

import typer

from suizhou_geo.cli.options import Medium, Output, Quiet, Sites, Year
from suizhou_geo.cli.output import print_notes, write_or_print


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("read")(read)
    app.command("check")(check)


def read(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="监测文件：CSV、Excel、Parquet 或平台 JSON")],
    medium: Medium = "water",
    year: Year = None,
    sites: Sites = None,
    sheet: Annotated[str | None, typer.Option(help="Excel 的工作表；不给时取第一个有表的")] = None,
    changes: Annotated[
        Path | None, typer.Option(help="把改读的单元格（全角、序列号……）逐格写入该文件")
    ] = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """读取监测文件，整理为逐站点、逐时间、逐项目的规范表；水质公报表整理为逐断面的类别表。"""
    import pandas as pd

    from suizhou_geo import files
    from suizhou_geo.errors import InputError

    for target in (output, changes):
        if target is not None:
            files.check_export_path(target)
    try:
        tidy = files.read_observations(file, medium=medium, year=year, sites=sites, sheet=sheet)
    except InputError:
        if not files.is_bulletin(file, sheet=sheet):
            raise
        _read_bulletin(file, sheet=sheet, output=output, quiet=quiet)
        return
    log = pd.DataFrame(tidy.attrs["changes"])
    repaired = [f"{len(log)} 个单元格改读后使用（--changes 文件名 写出明细）"] if len(log) else []
    summary = f"{len(tidy)} 条，{tidy['site_id'].nunique()} 个站点"
    print_notes([summary, *tidy.attrs["notes"], *repaired], quiet=quiet)
    provenance = {"输入文件": file.name, "输入 SHA-256": tidy.attrs["sha256"], "编码": tidy.attrs["encoding"]}
    if changes is not None:
        files.write_table(log, path=changes, provenance=provenance)
    write_or_print(tidy, output=output, provenance=provenance)


def _read_bulletin(file: Path, *, sheet: str | None, output: Path | None, quiet: bool) -> None:
    from suizhou_geo import files

    bulletin = files.read_bulletin(file, sheet=sheet)
    print_notes([f"水质公报表，{len(bulletin)} 个断面", *bulletin.attrs["notes"]], quiet=quiet)
    write_or_print(bulletin, output=output, provenance={"输入文件": file.name})


def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="文件、文件夹或工作区")],
    year: Year = None,
    sites: Sites = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="问题清单：.json .xlsx .csv .parquet")
    ] = None,
    quiet: Quiet = False,
) -> int:
    """检查文件：一次列出所有文件的所有问题（错误、警告、提示），附位置和处理办法。原文件不改动。"""
    from suizhou_geo import files, plan
    from suizhou_geo.saving import write_text_atomically

    if output is not None:
        files.check_export_path(output)
    problems, looked_at = plan.check_everything(paths, year=year, sites=sites)
    frame = files.as_frame(problems)
    if output is not None and output.suffix.lower() == ".json":
        # A list of objects and nothing round it: other programs read it.
        text = json.dumps([problem.as_dict() for problem in problems], ensure_ascii=False, indent=1)
        write_text_atomically(output, text)
    else:
        write_or_print(frame, output=output, provenance={"检查的路径": "、".join(map(str, paths))})
    counts = frame["severity"].value_counts()
    words = {"error": "错误", "warning": "警告", "info": "提示"}
    found = "，".join(f"{word} {counts.get(severity, 0)}" for severity, word in words.items())
    print_notes([f"检查 {looked_at} 个文件：{found}"], quiet=quiet)
    return 1 if counts.get("error", 0) or counts.get("warning", 0) else 0
