"""``suizhou-geo brief`` and ``workbook``: a county's month as Word, PDF and Excel."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suizhou_geo.cli.months import month_of
from suizhou_geo.cli.output import told_in_words

if TYPE_CHECKING:
    from suizhou_geo.conventions import CountyResult

_WORKSPACE = typer.Argument(metavar="WORKSPACE", help="工作区文件夹（含 workspace.toml）")
_COUNTY = typer.Option(help="区划代码；默认全市")
_YEAR = typer.Option(help="年份；不给则取监测数据最近的月份")
_MONTH = typer.Option(help="月份，1–12")
_QUIET = typer.Option("--quiet", help="不显示进度")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("brief")(brief)
    app.command("workbook")(workbook)


def brief(
    workspace: Annotated[Path, _WORKSPACE],
    county: Annotated[str | None, _COUNTY] = None,
    year: Annotated[int | None, _YEAR] = None,
    month: Annotated[int | None, _MONTH] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="写出的简报：.docx 或 .pdf")] = Path(
        "brief.docx"
    ),
    pdf: Annotated[bool, typer.Option("--pdf", help="另写一份同名 PDF（需要 LibreOffice）")] = False,
    quiet: Annotated[bool, _QUIET] = False,
) -> None:
    """写出一个区县一个月的工作简报（Word，公文格式）；-o 以 .pdf 结尾或加 --pdf 时经 LibreOffice 转为 PDF。"""
    from suizhou_geo import maps, reports

    reports.check_ending(output, ".docx", ".pdf", product="简报")
    only_pdf = output.suffix.lower() == ".pdf"
    if pdf or only_pdf:
        reports.find_office()
    result = _evaluate(workspace, county, year, month, quiet=quiet)
    with told_in_words():
        picture = maps.draw_picture(result)
    if only_pdf:
        with tempfile.TemporaryDirectory(prefix="suizhou-geo-") as folder:
            document = reports.write_brief(result, Path(folder) / "brief.docx", picture=picture)
            written = [reports.write_pdf(document, output)]
    else:
        written = [reports.write_brief(result, output, picture=picture)]
        written += [reports.write_pdf(output, output.with_suffix(".pdf"))] if pdf else []
    typer.echo("\n".join((result.headline, *(f"已写出 {path}" for path in written))))


def workbook(
    workspace: Annotated[Path, _WORKSPACE],
    county: Annotated[str | None, _COUNTY] = None,
    year: Annotated[int | None, _YEAR] = None,
    month: Annotated[int | None, _MONTH] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="写出的工作簿：.xlsx")] = Path(
        "workbook.xlsx"
    ),
    quiet: Annotated[bool, _QUIET] = False,
) -> None:
    """写出一个区县一个月的全部数字（Excel）：目标、断面、月度数据、冲突、依据、来源等，一个问题一张表。"""
    from suizhou_geo import reports

    reports.check_ending(output, ".xlsx", product="工作簿")
    result = _evaluate(workspace, county, year, month, quiet=quiet)
    typer.echo(f"{result.headline}\n已写出 {reports.write_workbook(result, output)}")


def _evaluate(
    workspace: Path, county: str | None, year: int | None, month: int | None, *, quiet: bool
) -> "CountyResult":
    from suizhou_geo import files, plan

    opened = files.open_workspace(workspace)
    year, month = month_of(opened, year, month, quiet=quiet)
    return plan.evaluate_county(opened, adcode=county or opened.adcode, year=year, month=month)
