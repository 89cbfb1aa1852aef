"""``suizhou-geo assess lake`` and ``assess basin``: trophic state, class ratios, grades and the ranking index."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suizhou_geo.cli.output import print_notes, write_or_print
from suizhou_geo.cli.rules import assess_app

if TYPE_CHECKING:
    import pandas as pd

_FILE = typer.Argument(metavar="FILE", help="监测数据文件：CSV、Excel 或 Parquet")
_PERIOD = typer.Option(help="month、quarter 或 year，按均值评价")
_SITES = typer.Option(help="断面表：river、water_body、target_class 等列")
_YEAR = typer.Option(help="监测时间没有年份时所用的年份")
_OUTPUT = typer.Option("-o", "--output", help="结果文件：.csv .xlsx .parquet .json")
_QUIET = typer.Option("--quiet", help="不显示汇总")


def register(_app: typer.Typer) -> None:
    """Add the commands of this module to ``assess``."""
    assess_app.command("lake")(assess_lake)
    assess_app.command("basin")(assess_basin)


def assess_lake(
    file: Annotated[Path, _FILE],
    period: Annotated[str, _PERIOD] = "month",
    sites: Annotated[Path | None, _SITES] = None,
    year: Annotated[int | None, _YEAR] = None,
    output: Annotated[Path | None, _OUTPUT] = None,
    quiet: Annotated[bool, _QUIET] = False,
) -> None:
    """湖库营养状态：综合营养状态指数 TLI(Σ)、各参数指数和分级。"""
    from suizhou_geo import assess

    observations = _read(file, sites=sites, year=year, output=output)
    frame = assess.assess_lakes(observations, period=period)
    print_notes([*observations.attrs["notes"], f"共 {len(frame)} 个点位时段"], quiet=quiet)
    write_or_print(frame, output=output, provenance=_provenance(file, observations, frame, period=period))


def assess_basin(
    file: Annotated[Path, _FILE],
    by: Annotated[
        str, typer.Option(help="按哪一列汇总：river、basin、province、adcode、assessed_city")
    ] = "river",
    period: Annotated[str, _PERIOD] = "year",
    sites: Annotated[Path | None, _SITES] = None,
    year: Annotated[int | None, _YEAR] = None,
    output: Annotated[Path | None, _OUTPUT] = None,
    quiet: Annotated[bool, _QUIET] = False,
) -> None:
    """河流、流域、区域水质：优良比例、劣Ⅴ类比例、定性分级和城市水质指数 CWQI。"""
    from suizhou_geo import assess

    observations = _read(file, sites=sites, year=year, output=output)
    frame = assess.assess_regions(observations, by=by, period=period)
    indices = assess.ranking_indices(observations, by=by, period=period)
    frame = frame.assign(period=frame["period"].astype(str)).merge(indices, on=["unit", "period"], how="left")
    print_notes([*observations.attrs["notes"], f"共 {len(frame)} 个评价单元时段"], quiet=quiet)
    write_or_print(
        frame, output=output, provenance=_provenance(file, observations, frame, by=by, period=period)
    )


def _read(file: Path, *, sites: Path | None, year: int | None, output: Path | None) -> "pd.DataFrame":
    from suizhou_geo import files

    if output is not None:
        files.check_export_path(output)
    return files.read_observations(file, medium="water", year=year, sites=sites)


def _provenance(
    file: Path, observations: "pd.DataFrame", frame: "pd.DataFrame", **parameters: str
) -> dict[str, str]:
    standards = "、".join(frame["standard"].unique())
    return {
        "输入文件": file.name,
        "输入 SHA-256": observations.attrs["sha256"],
        "标准": standards,
        "参数": " ".join(f"{name}={value}" for name, value in parameters.items()),
    }
