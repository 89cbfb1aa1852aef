"""``suizhou-geo assess groundwater`` and ``assess source``: wells, and the sources of drinking water."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suizhou_geo.cli.options import File, Output, Quiet, Sites, Standard, Year, describe_run, read_input
from suizhou_geo.cli.output import print_notes, write_or_print
from suizhou_geo.cli.rules import assess_app

if TYPE_CHECKING:
    import pandas as pd


def register(_app: typer.Typer) -> None:
    """Add the commands of this module to ``assess``."""
    assess_app.command("groundwater")(assess_groundwater)
    assess_app.command("source")(assess_source)


def assess_groundwater(
    file: File,
    standard: Standard = "auto",
    sites: Sites = None,
    year: Year = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """地下水：每个样品的类别、决定类别的项目、对照目标（默认Ⅲ类）的判定。"""
    from suizhou_geo import assess

    observations = read_input(file, medium="water", sites=sites, year=year, output=output)
    frame = assess.assess_groundwater(observations, standard=standard)
    print_notes([*observations.attrs["notes"], f"共 {len(frame)} 个样品"], quiet=quiet)
    write_or_print(
        frame, output=output, provenance=describe_run(file, observations, frame, standard=standard)
    )


def assess_source(
    file: File,
    sites: Annotated[
        Path | None, typer.Option(help="水源表：water_body（河流、湖库、地下水）、target_class 等列")
    ] = None,
    volumes: Annotated[
        Path | None, typer.Option(help="取水量表：水源（site_id 或名称）、volume，可有 period 如 2021-05")
    ] = None,
    year: Year = None,
    ratios: Annotated[Path | None, typer.Option(help="把逐月达标率（按个数、按水量）写入该文件")] = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """饮用水水源：每个水源每月是否达标、超标项目；逐月达标率按个数和按水量。"""
    from suizhou_geo import assess, files

    observations = read_input(file, medium="water", sites=sites, year=year, output=output)
    if ratios is not None:
        files.check_export_path(ratios)
    frame = assess.assess_sources(observations)
    table = assess.source_ratios(
        frame, volumes=None if volumes is None else _read_volumes(volumes, observations)
    )
    run = describe_run(file, observations, frame)
    lines = [
        f"{row.period}：{row.n_attained}/{row.n} 个达标"
        + (f"（{row.ratio_by_count}%）" if row.n else "")
        + (f"，水量达标率 {row.ratio_by_volume}%" if row.ratio_by_volume == row.ratio_by_volume else "")
        + (f"；{row.note}" if row.note else "")
        for row in table.itertuples()
    ]
    print_notes([*observations.attrs["notes"], *lines], quiet=quiet)
    if ratios is not None:
        files.write_table(table, path=ratios, provenance=run)
    write_or_print(frame, output=output, provenance=run)


def _read_volumes(path: Path, observations: "pd.DataFrame") -> "pd.DataFrame":
    from suizhou_geo import files

    return files.read_volumes(path, observations=observations)
