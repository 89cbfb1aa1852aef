"""Commands about rules: which standard applies (``standards``) and what class water is (``assess``)."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

#: Columns of ``assess water`` in a file, in order; those that a period does not have are left out.
WATER_COLUMNS = (
    "source_row",
    "site_id",
    "site_name",
    "period",
    "class",
    "class_label",
    "grade",
    "main_pollutants",
    "exceedance",
    "limiting",
    "n",
    "verdict",
    "target_class",
    "standard",
    "clause",
    "water_body",
    "water_body_assumed",
    "water_body_proposed",
    "platform_class",
    "agreement",
    "station_state",
    "note",
)

#: What stands on the terminal when no file is asked for.
SHORT_COLUMNS = ("source_row", "site_name", "period", "class_label", "grade", "exceedance", "verdict", "note")

standards_app = typer.Typer(help="适用哪个标准、哪一条、核对到什么程度。", invoke_without_command=True)
assess_app = typer.Typer(help="评价：类别、指数、达标与否，附依据条款。", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(standards_app, name="standards")
    app.add_typer(assess_app, name="assess")


@standards_app.callback()
def choose_standards(context: typer.Context) -> None:
    """适用哪个标准、哪一条、核对到什么程度。不带子命令时列出全部版本。"""
    if context.invoked_subcommand is None:
        list_standards()


@standards_app.command("list")
def list_standards() -> None:
    """列出全部标准版本及其施行日期。自备版本放在环境变量 SUIZHOU_GEO_STANDARDS 指向的文件夹中。"""
    from suizhou_geo import standards

    _print_editions(standards.editions())


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
    _print_editions(tuple(edition for edition in standards.editions() if edition.in_force(day)))


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
    typer.echo(f"核对程度 {_verified(edition.verified)}")
    if edition.superseded_by:
        typer.echo(f"被 {edition.superseded_by} 代替")
    if edition.note:
        typer.echo(f"说明 {edition.note}")
    for table in edition.tables:
        typer.echo(
            f"\n{table.title}（{table.clause}；{table.rows} 行；核对程度 {_verified(table.verified)}）"
        )
        typer.echo(standards.read_table(edition, name=table.name).to_csv(index=False).rstrip())


@assess_app.command("water")
def assess_water(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="监测数据文件：CSV、Excel 或 Parquet")],
    mode: Annotated[
        str,
        typer.Option(
            help="assessment：先按 82号函修约再评价；realtime：同全国实时平台，按原值评价，缺项的记录照平台当时的做法"
        ),
    ] = "assessment",
    period: Annotated[str, typer.Option(help="row 逐条，或 month、quarter、year 按均值")] = "row",
    standard: Annotated[str, typer.Option(help="auto 按监测日期选版本，或版本编号")] = "auto",
    sites: Annotated[
        Path | None, typer.Option(help="断面表：water_body（river 或 lake）、target_class 等列")
    ] = None,
    year: Annotated[int | None, typer.Option(help="监测时间没有年份时所用的年份")] = None,
    below_detection: Annotated[str, typer.Option(help="低于检出限时取检出限的 half、full 或 zero")] = "half",
    reference: Annotated[
        str, typer.Option(help="超标倍数的对照：method 为Ⅲ类，target 为目标类别")
    ] = "method",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="结果文件：.csv .xlsx .parquet .json")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="不显示汇总")] = False,
) -> None:
    """地表水类别：每条记录或每个断面每个时段的类别、主要污染指标、达标判定和依据条款。"""
    from suizhou_geo import files

    if output is not None:
        files.check_export_path(output)
    observations = files.read_observations(file, medium="water", year=year, sites=sites)
    choices = {
        "mode": mode,
        "standard": standard,
        "below_detection": below_detection,
        "reference": reference,
    }
    frame, proposals = _assess(observations, period=period, **choices)
    if not quiet:
        _summarise(frame, proposals, observations, mode=mode, period=period)
    if output is None:
        short = [column for column in SHORT_COLUMNS if column in frame.columns]
        frame[short].to_csv(sys.stdout, index=False)
        return
    columns = [column for column in WATER_COLUMNS if column in frame.columns]
    files.write_table(
        frame[columns],
        path=output,
        provenance=_provenance(observations, frame, period=period, **choices),
    )


def _assess(
    observations: "pd.DataFrame", *, period: str, **choices: str
) -> "tuple[pd.DataFrame, pd.DataFrame | None]":
    from suizhou_geo import assess

    if period != "row":
        return assess.assess_sections(observations, period=period, **choices), None
    records = assess.assess_records(observations, **choices)
    return assess.compare_with_platform(records), assess.propose_water_body(records)


def _summarise(
    frame: "pd.DataFrame",
    proposals: "pd.DataFrame | None",
    observations: "pd.DataFrame",
    *,
    mode: str,
    period: str,
) -> None:
    for note in observations.attrs.get("notes", []):
        typer.echo(f"注意：{note}", err=True)
    undated = observations.loc[
        observations["time"].isna() & observations["value"].notna(), "source_row"
    ].nunique()
    if period != "row" and undated:
        typer.echo(f"注意：{undated} 行没有日期，未计入均值", err=True)
    unseen = sorted(set(observations["site_name"]) - set(frame["site_name"]))
    if unseen:
        typer.echo(f"注意：没有带日期的记录、未列出的断面：{'、'.join(unseen)}", err=True)
    assumed = frame.loc[frame["water_body_assumed"], "site_id"].nunique()
    if assumed:
        typer.echo(f"注意：{assumed} 个断面未给水体类型，按河流评价；可用 --sites 给出 water_body", err=True)
    classified = int(frame["class"].notna().sum())
    what = "条记录" if period == "row" else "个断面时段"
    typer.echo(f"共 {len(frame)} {what}，评出类别 {classified}，无法判定 {len(frame) - classified}", err=True)
    if proposals is not None:
        _summarise_platform(frame, proposals, mode=mode)


def _summarise_platform(frame: "pd.DataFrame", proposals: "pd.DataFrame", *, mode: str) -> None:
    published = frame[frame["platform_class"].notna()]
    if published.empty:
        return
    same = int((published["agreement"] == "一致").sum())
    others = published.loc[published["agreement"] != "一致", "agreement"].value_counts()
    detail = "，".join(f"{reason} {count}" for reason, count in others.items())
    text = f"平台给出类别 {len(published)} 条，一致 {same}（{100 * same / len(published):.2f}%）"
    typer.echo(f"{text}；其余：{detail}" if detail else text, err=True)
    if mode == "assessment" and detail:
        typer.echo("注意：平台按未修约的原始值评价；与平台比对请用 --mode realtime", err=True)
    if len(proposals):
        names = "、".join(proposals["site_name"])
        typer.echo(f"建议核实是否为湖库（平台类别只符合湖库总磷限值）：{names}", err=True)


def _provenance(observations: "pd.DataFrame", frame: "pd.DataFrame", **parameters: Any) -> dict[str, Any]:
    from suizhou_geo import __version__

    return {
        "tool": f"suizhou-geo {__version__}",
        "command": "assess water",
        "input": observations.attrs.get("file", ""),
        "input_sha256": observations.attrs.get("sha256", ""),
        "standards": sorted(frame["clause"].unique()),
        **parameters,
    }


def _verified(mark: str) -> str:
    words = {"primary": "已对照原文", "data": "能复现公布结果", "unverified": "未核实"}
    sources = mark.removesuffix("s").removesuffix(" source")
    return words.get(mark, f"{sources} 个来源" if sources.isdigit() else mark)


def _print_editions(editions: "tuple[Any, ...]") -> None:
    typer.echo("id,family,number,title,effective_from,effective_to,verified")
    for edition in editions:
        fields = (
            edition.id,
            edition.family,
            edition.number,
            edition.title,
            edition.effective_from,
            edition.effective_to or "",
            _verified(edition.verified),
        )
        typer.echo(",".join(str(field) for field in fields))
