"""``suizhou-geo trace``: who may stand behind a section's month, or what lies below it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suizhou_geo.cli.months import month_of
from suizhou_geo.cli.options import Output, Quiet, as_code
from suizhou_geo.cli.output import print_notes, write_or_print
from suizhou_geo.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from suizhou_geo.spatial import RiverNetwork

#: What the excess is, by the ``basis`` of the table.
_BASES = {"change": "高出各断面自身常年水平的部分", "level": "高出当月最低断面的部分"}


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("trace")(trace)


def trace(
    workspace: Annotated[Path, typer.Argument(metavar="WORKSPACE", help="工作区文件夹")],
    section: Annotated[str, typer.Option(help="断面的 site_id；向下游时也可以是污染源或排污口的")],
    upstream: Annotated[
        bool, typer.Option("--upstream/--downstream", help="上游的可疑源，或下游的断面、水源和区县交界")
    ] = True,
    indicator: Annotated[str, typer.Option(callback=as_code, help="超标的项目，如 tp、nh3n、cod")] = "tp",
    year: Annotated[int | None, typer.Option(help="年份；不给则取监测数据最近的月份")] = None,
    month: Annotated[int | None, typer.Option(help="月份，1–12")] = None,
    velocity: Annotated[float, typer.Option(help="流速，m/s；缺省值为假设，未核实")] = 0.3,
    decay: Annotated[float, typer.Option(help="一级降解系数，1/d；缺省值为假设，未核实")] = 0.1,
    reports: Annotated[
        Path | None,
        typer.Option(help="上游：污染源自行监测或执行报告的排放量（列 site_id、时间、排放量），用于时间吻合"),
    ] = None,
    mass: Annotated[
        float | None, typer.Option(help="下游：泄漏量，kg；与 --discharge 同时给出则算浓度")
    ] = None,
    discharge: Annotated[float | None, typer.Option(help="下游：河流流量，m³/s")] = None,
    network: Annotated[Path | None, typer.Option(help="另存河网质量报告（缺口、反向、辫状、未定）")] = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """沿河网溯源：断面上游的可疑污染源按可能性排序，附依据；或下游多久到达哪些断面、水源和区县交界。只供排查，不是认定。"""
    from suizhou_geo import files, plan
    from suizhou_geo.saving import sha256_of

    for path in filter(None, (output, network)):
        files.check_export_path(path)
    _check_options(upstream, reports, mass, discharge)
    opened = files.open_workspace(workspace)
    assumed = {"velocity": velocity, "decay": decay}
    when = ""
    if upstream:
        year, month = month_of(opened, year, month, quiet=quiet)
        when = f" {year}-{month:02d}"
        read = None if reports is None else files.read_covariates(reports)
        frame, rivers = plan.trace_section(
            opened, section=section, indicator=indicator, year=year, month=month, reports=read, **assumed
        )
    else:
        frame, rivers = plan.trace_spill(opened, site=section, mass=mass, discharge=discharge, **assumed)
    print_notes(_notes(frame, rivers, upstream=upstream, **assumed), quiet=quiet)
    provenance = {
        "工作区": workspace.name,
        "输入 SHA-256": sha256_of(workspace / "workspace.toml"),
        "参数": f"section={section} indicator={indicator}{when} velocity={velocity:g} decay={decay:g}"
        + (f" mass={mass:g} discharge={discharge:g}" if mass and discharge else ""),
    }
    if network is not None:
        write_or_print(rivers.report, output=network, provenance=provenance)
    write_or_print(frame, output=output, provenance=provenance)


def _check_options(upstream: bool, reports: Path | None, mass: float | None, discharge: float | None) -> None:
    if upstream and (mass is not None or discharge is not None):
        raise InputError("--mass、--discharge 只用于 --downstream", todo="加上 --downstream，或去掉它们")
    if not upstream and reports is not None:
        raise InputError("--reports 只用于 --upstream", todo="去掉它")


def _notes(
    frame: "pd.DataFrame", rivers: "RiverNetwork", *, upstream: bool, velocity: float, decay: float
) -> list[str]:
    problems = "，".join(f"{name} {count}" for name, count in rivers.report["problem"].value_counts().items())
    undecided = rivers.report.loc[rivers.report["problem"] == "方向未定", "river"].unique()
    far = frame.attrs["not_snapped"]
    basis = _BASES.get(frame.attrs.get("basis", ""), "")
    told = [
        f"河网 {len(rivers.reaches)} 段" + (f"：{problems}" if problems else ""),
        f"方向未定、未参与：{'、'.join(map(str, undecided))}" if len(undecided) else "",
        f"离河太远、未参与：{'、'.join(map(str, far))}" if far else "",
        f"要解释的是{basis}" if basis else "",
        f"流速 {velocity:g} m/s、降解系数 {decay:g} /d：缺省值为假设，未核实",
        f"{'上游' if upstream else '下游'} {len(frame)} 处。只供排查，不是认定",
    ]
    return [text for text in told if text]
