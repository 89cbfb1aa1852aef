"""``suizhou-geo trace``: who may stand behind a section's month, or what lies below it."""

from pathlib import Path
from typing import Annotated

import typer

from suizhou_geo.cli.months import month_of
from suizhou_geo.cli.options import Output, Quiet
from suizhou_geo.cli.output import print_notes, write_or_print


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("trace")(trace)


def trace(
    workspace: Annotated[Path, typer.Argument(metavar="WORKSPACE", help="工作区文件夹")],
    section: Annotated[str, typer.Option(help="断面的 site_id")],
    upstream: Annotated[
        bool, typer.Option("--upstream/--downstream", help="上游的可疑源，或下游的断面和水源")
    ] = True,
    indicator: Annotated[str, typer.Option(help="超标的项目，如 tp、nh3n、cod")] = "tp",
    year: Annotated[int | None, typer.Option(help="年份；不给则取监测数据最近的月份")] = None,
    month: Annotated[int | None, typer.Option(help="月份，1–12")] = None,
    velocity: Annotated[float, typer.Option(help="流速，m/s；缺省值为假设，未核实")] = 0.3,
    decay: Annotated[float, typer.Option(help="一级降解系数，1/d；缺省值为假设，未核实")] = 0.1,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """沿河网溯源：断面上游的可疑污染源按可能性排序，附依据；或下游多久到达哪些断面和水源。只供排查，不是认定。"""
    from suizhou_geo import files, plan
    from suizhou_geo.saving import sha256_of

    if output is not None:
        files.check_export_path(output)
    opened = files.open_workspace(workspace)
    year, month = month_of(opened, year, month, quiet=quiet)
    frame, network = plan.trace_section(
        opened, section=section, indicator=indicator, year=year, month=month, velocity=velocity, decay=decay,
        upstream=upstream,
    )  # fmt: skip
    problems = "，".join(
        f"{name} {count}" for name, count in network.report["problem"].value_counts().items()
    )
    far = frame.attrs["not_snapped"]
    notes = [
        f"河网 {len(network.reaches)} 段" + (f"：{problems}" if problems else ""),
        f"离河太远、未参与：{'、'.join(map(str, far))}" if far else "",
        f"流速 {velocity:g} m/s、降解系数 {decay:g} /d：缺省值为假设，未核实",
        f"{'上游' if upstream else '下游'} {len(frame)} 处。只供排查，不是认定",
    ]
    print_notes(list(filter(None, notes)), quiet=quiet)
    provenance = {
        "工作区": workspace.name,
        "输入 SHA-256": sha256_of(workspace / "workspace.toml"),
        "参数": f"section={section} indicator={indicator} {year}-{month:02d} velocity={velocity:g} decay={decay:g}",
    }
    write_or_print(frame, output=output, provenance=provenance)
