"""``suizhou-geo screen``: what lies in or near what, for review."""

from pathlib import Path
from typing import Annotated

import typer

from suizhou_geo.cli.options import Output, Quiet
from suizhou_geo.cli.output import print_notes, write_or_print


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("screen")(screen)


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
