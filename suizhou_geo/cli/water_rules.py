"""``suizhou-geo assess lake`` and ``assess basin``: trophic state, class ratios, grades and the ranking index."""

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
    assess_app.command("lake")(assess_lake)
    assess_app.command("basin")(assess_basin)


def assess_lake(
    file: File,
    period: Period = "month",
    sites: Sites = None,
    year: Year = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """湖库营养状态：综合营养状态指数 TLI(Σ)、各参数指数和分级。"""
    from suizhou_geo import assess

    observations = read_input(file, medium="water", sites=sites, year=year, output=output)
    frame = assess.assess_lakes(observations, period=period)
    print_notes([*observations.attrs["notes"], f"共 {len(frame)} 个点位时段"], quiet=quiet)
    write_or_print(frame, output=output, provenance=describe_run(file, observations, frame, period=period))


def assess_basin(
    file: File,
    by: Annotated[
        str, typer.Option(help="按哪一列汇总：river、basin、province、adcode、assessed_city")
    ] = "river",
    period: Period = "year",
    sites: Sites = None,
    year: Year = None,
    items: Items = "21",
    extra_items: ExtraItems = None,
    background: Background = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """河流、流域、区域水质：优良比例、劣Ⅴ类比例、定性分级和城市水质指数 CWQI。"""
    from suizhou_geo import assess

    observations = read_input(file, medium="water", sites=sites, year=year, output=output)
    pairs = read_pair_lists(extra_items=extra_items, background=background)
    choices: dict[str, Any] = {"period": period, "items": items, **pairs}
    frame = assess.assess_regions(observations, by=by, **choices)
    indices = assess.ranking_indices(observations, by=by, period=period)
    frame = frame.assign(period=frame["period"].astype(str)).merge(indices, on=["unit", "period"], how="left")
    print_notes([*observations.attrs["notes"], f"共 {len(frame)} 个评价单元时段"], quiet=quiet)
    write_or_print(
        frame, output=output, provenance=describe_run(file, observations, frame, by=by, period=period)
    )
