"""``suizhou-geo standards``: which rule applies on which day, by which clause, and how sure the table is."""

import csv
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from suizhou_geo.standards import Edition

#: What the listing says of every table of every edition.
LIST_COLUMNS = (
    "id",
    "number",
    "title",
    "effective_from",
    "effective_to",
    "superseded_by",
    "table",
    "clause",
    "rows",
    "verified",
)

standards_app = typer.Typer(help="适用哪个标准、哪一条、核对到什么程度。", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(standards_app, name="standards")


@standards_app.callback()
def choose_standards(context: typer.Context) -> None:
    """适用哪个标准、哪一条、核对到什么程度。不带子命令时列出全部版本。"""
    if context.invoked_subcommand is None:
        list_standards()


@standards_app.command("list")
def list_standards() -> None:
    """列出全部标准版本的每张表：施行日期、条款、核对程度。自备版本放在环境变量 SUIZHOU_GEO_STANDARDS 指向的文件夹中。"""
    from suizhou_geo import standards

    _print_tables(standards.editions())


@standards_app.command("on")
def list_standards_on(
    date: Annotated[str, typer.Argument(metavar="DATE", help="日期，如 2021-04-01")],
) -> None:
    """列出某一天施行的标准版本。"""
    from suizhou_geo import standards
    from suizhou_geo.errors import InputError

    try:
        day = datetime.strptime(date, "%Y-%m-%d").date()  # noqa: DTZ007  (a day has no time zone)
    except ValueError as error:
        raise InputError(f"日期“{date}”看不懂", why="应写成 2021-04-01", todo="改正日期") from error
    _print_tables(tuple(edition for edition in standards.editions() if edition.in_force(day)))


@standards_app.command("show")
def show_standard(
    edition_id: Annotated[str, typer.Argument(metavar="ID", help="版本编号，如 gb3838-2002")],
) -> None:
    """显示一个版本：条款、各表的每一格、核对程度。"""
    from suizhou_geo import standards

    edition = standards.find_edition(edition_id)
    until = f"至 {edition.effective_to}" if edition.effective_to else "现行"
    typer.echo(f"{edition.number} {edition.title}")
    typer.echo(f"编号 {edition.id}；类别 {edition.family}；{edition.effective_from} 起施行，{until}")
    typer.echo(f"核对程度 {standards.describe_certainty(edition.verified)}")
    if edition.superseded_by:
        typer.echo(f"被 {edition.superseded_by} 代替")
    if edition.note:
        typer.echo(f"说明 {edition.note}")
    for table in edition.tables:
        sure = standards.describe_certainty(table.verified)
        typer.echo(f"\n{table.title}（{table.clause}；{table.rows} 行；核对程度 {sure}）")
        typer.echo(standards.read_table(edition, name=table.name).to_csv(index=False).rstrip())


def _print_tables(editions: "tuple[Edition, ...]") -> None:
    from suizhou_geo import standards

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(LIST_COLUMNS)
    for edition in editions:
        for table in edition.tables:
            writer.writerow(
                (
                    edition.id,
                    edition.number,
                    edition.title,
                    edition.effective_from,
                    edition.effective_to or "",
                    edition.superseded_by,
                    table.title,
                    table.clause,
                    table.rows,
                    standards.describe_certainty(table.verified),
                )
            )
