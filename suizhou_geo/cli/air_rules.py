"""``suizhou-geo assess air``: the air quality index under the edition of each date, or any other."""

from pathlib import Path
from typing import Annotated

import typer

from suizhou_geo.cli.output import print_notes, write_or_print
from suizhou_geo.cli.rules import assess_app


def register(_app: typer.Typer) -> None:
    """Add the commands of this module to ``assess``."""
    assess_app.command("air")(assess_air)


def assess_air(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="监测数据文件：CSV、Excel 或 Parquet")],
    interval: Annotated[
        str, typer.Option(help="hour 实时报，day 日报（小时数据先按有效性规定形成日值），auto 看数据")
    ] = "auto",
    standard: Annotated[str, typer.Option(help="auto 按监测日期选版本，或 hj633-2012、hj633-2026")] = "auto",
    year: Annotated[int | None, typer.Option(help="监测时间没有年份时所用的年份")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="结果文件：.csv .xlsx .parquet .json")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="不显示汇总")] = False,
) -> None:
    """空气质量指数（AQI）：各站点各时段的指数、级别、首要污染物和依据条款。"""
    from suizhou_geo import assess, files

    if output is not None:
        files.check_export_path(output)
    observations = files.read_observations(file, medium="air", year=year)
    frame = assess.assess_air(observations, interval=interval, standard=standard)
    judged = int(frame["aqi"].notna().sum())
    used = "、".join(frame["standard"].unique())
    notes = [*observations.attrs["notes"], f"共 {len(frame)} 条，算出 AQI {judged} 条，依据 {used}"]
    print_notes(notes, quiet=quiet)
    provenance = {
        "输入文件": file.name,
        "输入 SHA-256": observations.attrs["sha256"],
        "标准": used,
        "参数": f"interval={interval} standard={standard}",
    }
    write_or_print(frame, output=output, provenance=provenance)
