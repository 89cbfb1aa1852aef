"""``suizhou-geo read``: any supported monitoring file as tidy observations."""

from pathlib import Path
from typing import Annotated

import typer

from suizhou_geo.cli.output import print_notes, write_or_print


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("read")(read)


def read(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="监测文件：CSV、Excel 或 Parquet")],
    medium: Annotated[str, typer.Option(help="介质：water 或 air")] = "water",
    year: Annotated[int | None, typer.Option(help="时间没有年份时取的年份")] = None,
    sites: Annotated[Path | None, typer.Option(help="站点表：补充水体类型、目标类别等列")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="写出的文件，格式看扩展名")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="不显示说明")] = False,
) -> None:
    """读取监测文件，整理为逐站点、逐时间、逐项目的规范表。"""
    from suizhou_geo import files

    tidy = files.read_observations(file, medium=medium, year=year, sites=sites)
    print_notes([f"{len(tidy)} 条，{tidy['site_id'].nunique()} 个站点", *tidy.attrs["notes"]], quiet=quiet)
    provenance = {"输入文件": file.name, "输入 SHA-256": tidy.attrs["sha256"], "编码": tidy.attrs["encoding"]}
    write_or_print(tidy, output=output, provenance=provenance)
