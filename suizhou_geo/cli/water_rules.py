"""``suizhou-geo assess lake`` and ``assess basin``: trophic state, class ratios, grades and the ranking index."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from suizhou_geo.cli.output import print_notes, write_or_print
from suizhou_geo.cli.rules import BACKGROUND, EXTRA_ITEMS, ITEMS, assess_app, read_pair_lists

if TYPE_CHECKING:
    import pandas as pd

FILE = typer.Argument(metavar="FILE", help="监测数据文件：CSV、Excel 或 Parquet")
PERIOD = typer.Option(help="month、quarter 或 year，按均值评价")
SITES = typer.Option(help="断面表：river、water_body、target_class 等列")
YEAR = typer.Option(help="监测时间没有年份时所用的年份")
OUTPUT = typer.Option("-o", "--output", help="结果文件：.csv .xlsx .parquet .json")
QUIET = typer.Option("--quiet", help="不显示汇总")


def register(_app: typer.Typer) -> None:
    """Add the commands of this module to ``assess``."""
    assess_app.command("lake")(assess_lake)
    assess_app.command("basin")(assess_basin)


def assess_lake(
    file: Annotated[Path, FILE],
    period: Annotated[str, PERIOD] = "month",
    sites: Annotated[Path | None, SITES] = None,
    year: Annotated[int | None, YEAR] = None,
    output: Annotated[Path | None, OUTPUT] = None,
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    """湖库营养状态：综合营养状态指数 TLI(Σ)、各参数指数和分级。"""
    from suizhou_geo import assess

    observations = read_water(file, sites=sites, year=year, output=output)
    frame = assess.assess_lakes(observations, period=period)
    print_notes([*observations.attrs["notes"], f"共 {len(frame)} 个点位时段"], quiet=quiet)
    write_or_print(frame, output=output, provenance=describe_run(file, observations, frame, period=period))


def assess_basin(
    file: Annotated[Path, FILE],
    by: Annotated[
        str, typer.Option(help="按哪一列汇总：river、basin、province、adcode、assessed_city")
    ] = "river",
    period: Annotated[str, PERIOD] = "year",
    sites: Annotated[Path | None, SITES] = None,
    year: Annotated[int | None, YEAR] = None,
    items: Annotated[str, ITEMS] = "21",
    extra_items: Annotated[Path | None, EXTRA_ITEMS] = None,
    background: Annotated[Path | None, BACKGROUND] = None,
    output: Annotated[Path | None, OUTPUT] = None,
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    """河流、流域、区域水质：优良比例、劣Ⅴ类比例、定性分级和城市水质指数 CWQI。"""
    from suizhou_geo import assess

    observations = read_water(file, sites=sites, year=year, output=output)
    pairs = read_pair_lists(extra_items=extra_items, background=background)
    choices: dict[str, Any] = {"period": period, "items": items, **pairs}
    frame = assess.assess_regions(observations, by=by, **choices)
    indices = assess.ranking_indices(observations, by=by, period=period)
    frame = frame.assign(period=frame["period"].astype(str)).merge(indices, on=["unit", "period"], how="left")
    print_notes([*observations.attrs["notes"], f"共 {len(frame)} 个评价单元时段"], quiet=quiet)
    write_or_print(
        frame, output=output, provenance=describe_run(file, observations, frame, by=by, period=period)
    )


def read_water(file: Path, *, sites: Path | None, year: int | None, output: Path | None) -> "pd.DataFrame":
    """The water observations of a file, once the place for the result is known to be good."""
    from suizhou_geo import files

    if output is not None:
        files.check_export_path(output)
    return files.read_observations(file, medium="water", year=year, sites=sites)


def describe_run(
    file: Path, observations: "pd.DataFrame", frame: "pd.DataFrame", **parameters: str
) -> dict[str, str]:
    """Where a result came from: file, hash, standards and parameters."""
    standards = "、".join(map(str, frame["standard"].unique()))
    return {
        "输入文件": file.name,
        "输入 SHA-256": observations.attrs["sha256"],
        "标准": standards,
        "参数": " ".join(f"{name}={value}" for name, value in parameters.items()),
    }
