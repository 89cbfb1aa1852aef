"""``suizhou-geo assess change`` and ``assess spearman``: better or worse than another period, and over the years."""

from typing import Annotated, Any

import typer

from suizhou_geo.cli.options import (
    Background,
    ExtraItems,
    File,
    Items,
    Output,
    Period,
    Quiet,
    Sites,
    Year,
    describe_run,
    read_input,
    read_pair_lists,
)
from suizhou_geo.cli.output import print_notes, write_or_print
from suizhou_geo.cli.rules import assess_app


def register(_app: typer.Typer) -> None:
    """Add the commands of this module to ``assess``."""
    assess_app.command("change")(assess_change)
    assess_app.command("spearman")(assess_spearman)


def assess_change(
    file: File,
    earlier: Annotated[str, typer.Option(help="前一时段，如 2020、2020Q2、2020-06")],
    later: Annotated[str, typer.Option(help="后一时段，写法同上")],
    by: Annotated[
        str, typer.Option(help="section 逐断面，或按 river、basin、province、adcode、assessed_city 汇总")
    ] = "section",
    period: Period = "year",
    sites: Sites = None,
    items: Items = "21",
    extra_items: ExtraItems = None,
    background: Background = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """两个时段之间的水质变化：等级法与组合类别比例法并列。"""
    from suizhou_geo import assess

    observations = read_input(file, medium="water", sites=sites, year=None, output=output)
    choices: dict[str, Any] = {
        "period": period,
        "items": items,
        **read_pair_lists(extra_items=extra_items, background=background),
    }
    assessed = (
        assess.assess_sections(observations, **choices)
        if by == "section"
        else assess.assess_regions(observations, by=by, **choices)
    )
    frame = assess.compare_periods(assessed, earlier=earlier, later=later)
    print_notes([*observations.attrs["notes"], f"共 {len(frame)} 个断面或单元"], quiet=quiet)
    run = describe_run(file, observations, frame, by=by, earlier=earlier, later=later, items=items)
    write_or_print(frame, output=output, provenance=run)


def assess_spearman(
    file: File,
    period: Period = "year",
    sites: Sites = None,
    year: Year = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """秩相关系数法（Daniel）：各断面各项目的 r_s、官方临界值和精确概率。"""
    from suizhou_geo import assess

    observations = read_input(file, medium="water", sites=sites, year=year, output=output)
    frame = assess.assess_rank_trends(observations, period=period)
    scarce = int((frame["verdict"] == "数据不足").sum())
    print_notes([*observations.attrs["notes"], f"共 {len(frame)} 个序列，数据不足 {scarce}"], quiet=quiet)
    write_or_print(frame, output=output, provenance=describe_run(file, observations, frame, period=period))
