"""``suizhou-geo assess air`` and ``assess city``: indices by hour or day, and a year of a city's air."""

from pathlib import Path
from typing import Annotated, Any

import typer

from suizhou_geo.cli.options import File, Output, Quiet, Sites, Standard, Year, describe_run, read_input
from suizhou_geo.cli.output import print_notes, write_or_print
from suizhou_geo.cli.rules import assess_app

Unmonitored = Annotated[
    list[str] | None,
    typer.Option(
        help="监测方案外、且连续三年未作轻度及以上污染日首要污染物的项目（如 so2），可多次给出：HJ 633-2026 缺它也发布 AQI"
    ),
]


def register(_app: typer.Typer) -> None:
    """Add the commands of this module to ``assess``."""
    assess_app.command("air")(assess_air)
    assess_app.command("city")(assess_city)


def assess_air(
    file: File,
    interval: Annotated[
        str, typer.Option(help="hour 实时报，day 日报（小时数据先按有效性规定形成日值），auto 看数据")
    ] = "auto",
    standard: Standard = "auto",
    year: Year = None,
    unmonitored: Unmonitored = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """空气质量指数（AQI）：各站点各时段的指数、级别、首要污染物和依据条款。"""
    from suizhou_geo import assess

    observations = read_input(file, medium="air", year=year, output=output)
    choices = {"interval": interval, "standard": standard}
    frame = assess.assess_air(observations, unmonitored=unmonitored or (), **choices)
    choices["unmonitored"] = "、".join(unmonitored or ())
    judged = int(frame["aqi"].notna().sum())
    used = "、".join(frame["standard"].unique())
    notes = [*observations.attrs["notes"], f"共 {len(frame)} 条，算出 AQI {judged} 条，依据 {used}"]
    print_notes(notes, quiet=quiet)
    run = describe_run(file, observations, frame, **choices)
    write_or_print(frame, output=output, provenance=run)


def assess_city(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="日值或小时数据文件")],
    year: Annotated[int, typer.Option(help="评价的年份")],
    exceptional: Annotated[
        Path | None,
        typer.Option(help="例外事件表：日期，可有站点编码、城市、污染物、类型；结果同时给出剔除前后"),
    ] = None,
    standard: Annotated[
        str, typer.Option(help="auto 按期末现行版本，或限值标准编号，如 gb3095-2012")
    ] = "auto",
    period: Annotated[str, typer.Option(help="year 全年，或其中的 quarter、month")] = "year",
    index_standard: Annotated[
        str, typer.Option(help="AQI 的版本：auto 按日期，或 hj633-2012、hj633-2026")
    ] = "auto",
    area_class: Annotated[int, typer.Option(help="功能区：1 一类区，2 二类区")] = 2,
    good_ratio_target: Annotated[
        float | None, typer.Option(help="优良天数比例的目标（%），给出后才作判定")
    ] = None,
    unmonitored: Unmonitored = None,
    sites: Sites = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """城市全年空气质量：年均值、百分位数、优良天数、综合指数，附有效天数和依据条款。"""
    from suizhou_geo import assess, files

    observations = read_input(file, medium="air", sites=sites, output=output)
    events = None if exceptional is None else files.read_events(exceptional)
    choices: dict[str, Any] = {
        "period": period,
        "standard": standard,
        "index_standard": index_standard,
        "area_class": area_class,
        "good_ratio_target": good_ratio_target,
    }
    frame = assess.assess_city(
        observations, year=year, exceptional=events, unmonitored=unmonitored or (), **choices
    )
    choices["unmonitored"] = "、".join(unmonitored or ())
    told = [f"{year} 年：{frame['site_id'].nunique()} 个评价单元"]
    if events is not None and frame.groupby("excluded")["n_valid"].sum().nunique() == 1:
        told.append(f"例外事件表 {len(events)} 条，没有剔除任何数据：核对日期、城市、站点和污染物")
    print_notes([*observations.attrs["notes"], *told], quiet=quiet)
    run = describe_run(file, observations, frame, year=year, exceptional=exceptional, **choices)
    write_or_print(frame, output=output, provenance=run)
