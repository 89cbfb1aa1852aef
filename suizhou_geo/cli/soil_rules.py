"""``suizhou-geo assess soil`` and ``assess goal``: samples of soil, and the other goals of the plan."""

from pathlib import Path
from typing import Annotated

import typer

from suizhou_geo.cli.options import Output, Quiet, Sites, Standard, describe_run, read_input
from suizhou_geo.cli.output import print_notes, write_or_print
from suizhou_geo.cli.rules import assess_app


def register(_app: typer.Typer) -> None:
    """Add the commands of this module to ``assess``."""
    assess_app.command("soil")(assess_soil)
    assess_app.command("goal")(assess_goal)


def assess_soil(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="土壤检测数据：CSV、Excel 或 Parquet，宽表或长表")
    ],
    use: Annotated[
        str,
        typer.Option(
            help="农用地 paddy 水田、other 其他、orchard 果园、rotation 水旱轮作；建设用地 class1、class2（规划不明用 class1）"
        ),
    ],
    standard: Standard = "auto",
    sites: Sites = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """土壤：每个样品每个项目与风险筛选值、管制值的比较，附依据条款和管理措施。"""
    from suizhou_geo import assess

    observations = read_input(file, medium="soil", sites=sites, output=output)
    frame = assess.assess_soil(observations, use=use, standard=standard)
    counts = frame["verdict"].value_counts()
    told = "，".join(f"{verdict} {count}" for verdict, count in counts.items())
    print_notes([*observations.attrs["notes"], f"共 {len(frame)} 个样品项目：{told}"], quiet=quiet)
    write_or_print(frame, output=output, provenance=describe_run(file, observations, frame, use=use))


def assess_goal(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="目标表：id、kind、target，比率的各项数量，或 year、month、achieved"
        ),
    ],
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """其他目标：安全利用率、处置率、完成率、减排和强度的序时进度（算法见 standards show goals-2021）。"""
    from suizhou_geo import assess, files

    if output is not None:
        files.check_export_path(output)
    frame = assess.assess_goals(files.read_goals(file))
    print_notes([f"共 {len(frame)} 项"], quiet=quiet)
    write_or_print(frame, output=output, provenance={"输入文件": file.name, "算法": "goals-2021"})
