"""``suizhou-geo trend``: is it rising or falling, how fast, and how sure."""

from typing import Annotated

import typer

from suizhou_geo.cli.options import File, Medium, Output, Quiet, Sites, Year, describe_run, read_input
from suizhou_geo.cli.output import print_notes, write_or_print


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("trend")(trend)


def trend(
    file: File,
    seasonal: Annotated[
        bool, typer.Option("--seasonal", help="只比较相同月份（季度）的值：季节性 Kendall 检验")
    ] = False,
    every: Annotated[str, typer.Option(help="先平均到 month、quarter 或 year")] = "month",
    medium: Medium = "water",
    sites: Sites = None,
    year: Year = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """趋势：Mann–Kendall 检验、Sen 斜率及区间（每年的变化）、方向的把握；数据不足的写明原因。"""
    from suizhou_geo import forecast

    observations = read_input(file, medium=medium, sites=sites, year=year, output=output)
    frame = forecast.assess_trends(observations, seasonal=seasonal, every=every)
    words = "，".join(f"{verdict} {count}" for verdict, count in frame["verdict"].value_counts().items())
    print_notes([*observations.attrs["notes"], f"共 {len(frame)} 个序列：{words}"], quiet=quiet)
    run = describe_run(file, observations, None, seasonal=seasonal, every=every)
    write_or_print(frame, output=output, provenance=run)
