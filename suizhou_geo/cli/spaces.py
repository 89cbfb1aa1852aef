"""``suizhou-geo screen``, ``project`` and ``site``: what lies in or near what, for review; where a station sees most."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suizhou_geo.cli.options import Output, Quiet, as_code
from suizhou_geo.cli.output import print_notes, write_or_print
from suizhou_geo.errors import InputError

if TYPE_CHECKING:
    import geopandas as gpd


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("screen")(screen)
    app.command("site")(site)
    app.command("project")(project)


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
    shapes = files.read_vector(features)
    areas = files.read_areas(against, kind=check_area_kind(kind))
    notes = [note for layer in (shapes, areas) for note in layer.attrs.get("notes", [])]
    register = spatial.find_conflicts(
        shapes, areas=areas, metric_crs=files.metric_crs_of(shapes, areas), distance=distance, error=error
    )
    counts = "，".join(f"{name} {count}" for name, count in register["relation"].value_counts().items())
    nothing = "没有冲突，也没有邻近" if len(shapes) and len(areas) else "图层是空的，没有可核对的"
    told = f"{len(shapes)} 要素，{len(areas)} 区域：{counts or nothing}"
    if error is None:
        notes.append("没有给出位置误差（--error），p_conflict 为空")
    print_notes([*notes, told, "本表供复核，不是违法认定"], quiet=quiet)
    provenance = {
        "输入文件": f"{features.name}、{against.name}",
        "输入 SHA-256": "、".join(sha256_of(each) for each in (features, against)),
        "参数": f"distance={distance:g} error={error if error is not None else '未给出'} kind={kind or '按图层'}",
    }
    write_or_print(register, output=output, provenance=provenance)


def check_area_kind(kind: str) -> str:
    """The kind of an area layer by its name or its Chinese title; empty stays empty.

    >>> check_area_kind("生态保护红线"), check_area_kind("units")
    ('redlines', 'units')
    """
    from suizhou_geo.conventions import AREA_KINDS, LAYER_KINDS

    titles = {LAYER_KINDS[each]: each for each in AREA_KINDS}
    found = titles.get(kind, kind)
    if found and found not in AREA_KINDS:
        raise InputError(
            f"面图层的种类“{kind}”未知",
            why=f"可用：{'、'.join(f'{name}（{title}）' for title, name in titles.items())}",
            todo="改正 --kind；种类决定复核依据哪一条",
        )
    return found


def site(
    workspace: Annotated[Path, typer.Argument(metavar="WORKSPACE", help="工作区文件夹")],
    count: Annotated[int, typer.Option(help="建几个站")] = 2,
    indicator: Annotated[
        str, typer.Option(callback=as_code, help="按哪个项目的负荷：排污口的 load_ 列，如 cod、nh3n、tp")
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


def project(
    workspace: Annotated[Path, typer.Argument(metavar="WORKSPACE", help="工作区文件夹")],
    shape: Annotated[
        Path | None, typer.Option(help="项目图层（点、线或面）；不给则用工作区的 projects 图层")
    ] = None,
    site_id: Annotated[str, typer.Option("--id", help="图层中的哪一个项目（site_id）")] = "",
    at: Annotated[
        str, typer.Option(help="经度,纬度（CGCS2000）：没有图层时直接给一个点，如 113.40,31.70")
    ] = "",
    name: Annotated[str, typer.Option(help="项目名称；不给则用图层中的名称")] = "",
    industry: Annotated[str, typer.Option(help="行业，在准入要求中按字面查找；几个词用、隔开")] = "",
    distance: Annotated[float, typer.Option(help="多近算邻近，米")] = 1000.0,
    error: Annotated[float | None, typer.Option(help="位置的误差（95% 以内），米")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="结果：.html 一页纸，或 .json")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """空间准入研判：项目涉及的管控单元和准入要求、红线和保护区、沿河下游的断面，写成一页纸。只供复核，不是准入结论。"""
    from suizhou_geo import files, maps, plan
    from suizhou_geo.saving import write_text_atomically

    if output is not None and output.suffix.lower() not in {".html", ".htm", ".json"}:
        raise InputError(f"不支持写出为“{output.name}”", why="可用扩展名：.html、.json", todo="改用其中之一")
    opened = files.open_workspace(workspace)
    if at:
        layer = _point(at, name=name or "项目")
    else:
        layer = files.read_vector(shape) if shape else files.read_layer(opened, kind="projects")
        if site_id and site_id not in layer.index:
            near = "、".join(map(str, layer.index[:10]))
            raise InputError(f"项目图层中没有编号“{site_id}”", why=f"有：{near or '无'}", todo="改正 --id")
        layer = layer[layer.index == site_id] if site_id else layer
        layer = layer.assign(site_name=name) if name else layer
    screening = plan.screen_project(opened, project=layer, industry=industry, distance=distance, error=error)
    print_notes(
        [
            f"{screening.name}：管控单元 {len(screening.units)} 个，保护范围在内、相交或邻近 {len(screening.areas)} 处，"
            f"下游断面和水源 {len(screening.downstream)} 处",
            *screening.notes,
            "本页供复核，不是准入结论",
        ],
        quiet=quiet,
    )
    if output is None:
        typer.echo(screening.to_json())
    elif output.suffix.lower() == ".json":
        write_text_atomically(output, screening.to_json())
    else:
        maps.write_screening(screening, path=output)


def _point(text: str, *, name: str) -> "gpd.GeoDataFrame":
    import geopandas as gpd
    import shapely

    from suizhou_geo.conventions import GEOGRAPHIC_CRS
    from suizhou_geo.files import read_place

    return gpd.GeoDataFrame(
        {"site_name": [name]}, index=[name], geometry=[shapely.Point(*read_place(text))], crs=GEOGRAPHIC_CRS
    )
