"""``suizhou-geo assess water``: the class of every record or period, and what decided it."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from suizhou_geo.cli.options import (
    Background,
    ExtraItems,
    File,
    Items,
    Output,
    Quiet,
    Sites,
    Standard,
    Year,
    describe_run,
    read_input,
    read_pair_lists,
)

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
    "class_unadjusted",
    "grade",
    "main_pollutants",
    "exceedance",
    "limiting",
    "exceeding",
    "failing",
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

assess_app = typer.Typer(help="评价：类别、指数、达标与否，附依据条款。", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add ``assess`` and its command ``water``."""
    app.add_typer(assess_app, name="assess")


@assess_app.command("water")
def assess_water(
    file: File,
    mode: Annotated[
        str,
        typer.Option(
            help="assessment：先按 82号函修约再评价；realtime：同全国实时平台，按原值评价，缺项的记录照平台当时的做法"
        ),
    ] = "assessment",
    period: Annotated[str, typer.Option(help="row 逐条，或 month、quarter、year 按均值")] = "row",
    standard: Standard = "auto",
    sites: Sites = None,
    year: Year = None,
    below_detection: Annotated[str, typer.Option(help="低于检出限时取检出限的 half、full 或 zero")] = "half",
    reference: Annotated[
        str, typer.Option(help="超标倍数的对照：method 为Ⅲ类，target 为目标类别")
    ] = "method",
    infer_water_body: Annotated[
        bool,
        typer.Option(help="未给水体类型的站点，按平台类别只符合哪一行总磷限值推定河流或湖库（逐条评价时）"),
    ] = False,
    items: Items = "21",
    extra_items: ExtraItems = None,
    background: Background = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """地表水类别：每条记录或每个断面每个时段的类别、主要污染指标、达标判定和依据条款。"""
    from suizhou_geo import files

    observations = read_input(file, medium="water", year=year, sites=sites, output=output)
    choices = {
        "mode": mode,
        "standard": standard,
        "below_detection": below_detection,
        "reference": reference,
        "items": items,
    }
    pairs = read_pair_lists(extra_items=extra_items, background=background)
    frame, proposals = _assess(
        observations, period=period, infer_water_body=infer_water_body, **choices, **pairs
    )
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
        provenance=describe_run(file, observations, frame, period=period, **choices),
    )


def _assess(
    observations: "pd.DataFrame", *, period: str, infer_water_body: bool, **choices: Any
) -> "tuple[pd.DataFrame, pd.DataFrame | None]":
    from suizhou_geo import assess

    if period != "row":
        return assess.assess_sections(observations, period=period, **choices), None
    records = assess.assess_records(observations, **choices)
    proposals = assess.propose_water_body(records)
    if infer_water_body and len(proposals):
        records = assess.assess_records(assess.apply_proposals(observations, proposals=proposals), **choices)
        records = assess.mark_inferred(records, proposals=proposals)
        proposals = proposals.iloc[:0]
    return assess.compare_with_platform(records), proposals


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
