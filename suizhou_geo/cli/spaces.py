"""``suizhou-geo screen`` and ``site``: what lies in or near what, for review; where a station would see most."""

from pathlib import Path
from typing import Annotated

import typer

from suizhou_geo.cli.options import Output, Quiet
from suizhou_geo.cli.output import print_notes, write_or_print


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("screen")(screen)
    app.command("site")(site)


def screen(
    features: Annotated[
        Path, typer.Argument(metavar="FEATURES", help="要核对的点、线、面图层（项目、排污口等）")
    ],
    against: Annotated[Path, typer.Option(help="红线、管控单元、保护区等面图层；可有 kind、category 列")],
    kind: Annotated[
        str, typer.Option(help="面图层的种类：redlines units reserves water_zones；图层有 kind 列时不用")
    ] = "",
    distance: Annotated[float, typer.Option(help="多近算邻近，米")] = 1000.0,
    error: Annotated[
        float | None, typer.Option(help="两个图层位置的误差（95% 以内），米；给出时算真正冲突的概率")
    ] = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """冲突登记表：哪些要素在保护范围内、相交或邻近，附面积、比例、距离和复核依据。只供复核，不是违法认定。"""
    from suizhou_geo import files, spatial
    from suizhou_geo.saving import sha256_of

    if output is not None:
        files.check_export_path(output)
    shapes, areas = files.read_vector(features), files.read_areas(against, kind=kind)
    notes = [note for layer in (shapes, areas) for note in layer.attrs.get("notes", [])]
    register = spatial.find_conflicts(
        shapes, areas=areas, metric_crs=files.metric_crs_of(shapes, areas), distance=distance, error=error
    )
    counts = "，".join(f"{name} {count}" for name, count in register["relation"].value_counts().items())
    told = f"{len(shapes)} 个要素，{len(areas)} 个区域：{counts or '没有冲突，也没有邻近'}"
    if error is None:
        notes.append("没有给出位置误差（--error），p_conflict 为空")
    print_notes([*notes, told, "本表供复核，不是违法认定"], quiet=quiet)
    provenance = {
        "输入文件": f"{features.name}、{against.name}",
        "输入 SHA-256": "、".join(sha256_of(each) for each in (features, against)),
        "参数": f"distance={distance:g} error={error if error is not None else '未给出'} kind={kind or '按图层'}",
    }
    write_or_print(register, output=output, provenance=provenance)


def site(
    workspace: Annotated[Path, typer.Argument(metavar="WORKSPACE", help="工作区文件夹")],
    count: Annotated[int, typer.Option(help="建几个站")] = 2,
    indicator: Annotated[
        str, typer.Option(help="按哪个项目的负荷：排污口的 load_ 列，如 cod、nh3n、tp")
    ] = "tp",
    reach: Annotated[float, typer.Option(help="沿河多远以内的源算看得见，千米；缺省值为假设，未核实")] = 30.0,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """水质微站选址：计划点位和各河口按覆盖的污染负荷排序，并选出合起来覆盖最多的几处。供选址论证参考。"""
    from suizhou_geo import files, plan
    from suizhou_geo.saving import sha256_of

    if output is not None:
        files.check_export_path(output)
    opened = files.open_workspace(workspace)
    table = plan.site_stations(opened, count=count, indicator=indicator, reach=1000 * reach)
    about = table.attrs
    far = "、".join(map(str, about["not_snapped"]))
    chosen = "、".join(table.loc[table["chosen"], "site_name"])
    notes = [
        f"候选 {len(table)} 处，选 {int(table['chosen'].sum())} 处：{chosen}，合起来覆盖 {about['covered']:.1%} 的负荷",
        f"离河太远、未参与的候选：{far}" if far else "",
        f"不在河上的源 {about['sources_off']} 处，没有负荷的 {about['sources_without_load']} 处，均不计",
        f"沿河 {reach:g} 千米以内算看得见：缺省值为假设，未核实",
        f"含演示数据：{'、'.join(about['synthetic'])}" if about["synthetic"] else "",
    ]
    print_notes(filter(None, notes), quiet=quiet)
    provenance = {
        "工作区": workspace.name,
        "输入 SHA-256": sha256_of(workspace / "workspace.toml"),
        "参数": f"count={count} indicator={indicator} reach={reach:g} km",
    }
    write_or_print(table, output=output, provenance=provenance)
