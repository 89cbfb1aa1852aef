"""The arguments and options that several commands share, each defined once."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd


def as_code(indicator: str) -> str:
    """The code of an indicator in any spelling that a header may have; a text that names none stays for the command.

    >>> as_code("PM2.5"), as_code("氨氮"), as_code("")
    ('pm2_5', 'nh3n', '')
    """
    from suizhou_geo.conventions import indicator_of_header

    found = indicator_of_header(indicator)
    return found[0] if found else indicator


File = Annotated[Path, typer.Argument(metavar="FILE", help="监测数据文件：CSV、Excel 或 Parquet")]
Medium = Annotated[str, typer.Option(help="介质：water、air 或 soil")]
Period = Annotated[str, typer.Option(help="month、quarter 或 year，按均值评价")]
Sites = Annotated[
    Path | None, typer.Option(help="断面或站点表：river、water_body、target_class、adcode 等列")
]
Year = Annotated[int | None, typer.Option(help="监测时间没有年份时所用的年份")]
Standard = Annotated[str, typer.Option(help="auto 按监测日期选版本，或版本编号（见 standards list）")]
Items = Annotated[str, typer.Option(help="参评项目：21，或 5+X（“十四五”方案，X 见 --extra-items）")]
ExtraItems = Annotated[
    Path | None, typer.Option(help="5+X 的 X：每行一个断面和一个项目；不给时由本文件的超标月份得出")
]
Background = Annotated[
    Path | None, typer.Option(help="经批准的自然本底：断面、项目、authority 批准单位、approved 批准日期")
]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="结果文件：.csv .xlsx .parquet .json")]
Quiet = Annotated[bool, typer.Option("--quiet", help="不显示汇总")]


def read_input(
    file: Path,
    *,
    medium: str,
    output: Path | None,
    sites: Path | None = None,
    year: int | None = None,
) -> "pd.DataFrame":
    """The observations of a file, once the place for the result is known to be good."""
    from suizhou_geo import files

    if output is not None:
        files.check_export_path(output)
    return files.read_observations(file, medium=medium, year=year, sites=sites)


def read_pair_lists(**paths: Path | None) -> "dict[str, pd.DataFrame | None]":
    """The lists of sections and items that were given, under the names that assessments take them by."""
    from suizhou_geo import files

    return {name: None if path is None else files.read_pairs(path) for name, path in paths.items()}


def describe_run(
    file: Path, observations: "pd.DataFrame", frame: "pd.DataFrame | None" = None, **parameters: object
) -> dict[str, str]:
    """Where a result came from: file, hash, the standards that the frame names, and parameters."""
    given = {name: value.name if isinstance(value, Path) else value for name, value in parameters.items()}
    standards = {} if frame is None else {"标准": "、".join(map(str, frame["standard"].unique()))}
    return {
        "输入文件": file.name,
        "输入 SHA-256": observations.attrs["sha256"],
        **standards,
        "参数": " ".join(f"{name}={value}" for name, value in given.items()),
    }
