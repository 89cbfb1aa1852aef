"""``suizhou-geo redlines``: what changed between two versions, and boundary stakes against the line."""

from pathlib import Path
from typing import Annotated

import typer

from suizhou_geo.cli.options import Output, Quiet
from suizhou_geo.cli.output import print_notes, write_or_print

redlines_app = typer.Typer(help="红线等面图层：两版对比、界桩核对。", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(redlines_app, name="redlines")
    redlines_app.command("changes")(list_changes)
    redlines_app.command("stakes")(check_stakes)


def list_changes(
    before: Annotated[Path, typer.Argument(metavar="OLD", help="旧版面图层")],
    after: Annotated[Path, typer.Argument(metavar="NEW", help="新版面图层；单元编号与旧版一致")],
    tolerance: Annotated[
        float, typer.Option(help="比这窄的变化（米）标为 sliver：同一条线两次测绘之差，不像真正的调整")
    ] = 0.0,
    pieces: Annotated[
        Path | None, typer.Option(help="另写出变化的图斑（.gpkg 带图形，也可 .csv .xlsx）")
    ] = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """两版对比：每个单元原有、现有、保留、调入、调出、与其他单元互转的面积，收支相等。"""
    from suizhou_geo import files, spatial

    for path in filter(None, (output, pieces)):
        files.check_export_path(path)
    old, new = (files.read_areas(path) for path in (before, after))
    changes = spatial.compare_versions(
        old, after=new, metric_crs=files.metric_crs_of(old, new), tolerance=tolerance
    )
    summary = spatial.summarise_changes(changes)
    told = [
        f"旧版 {len(old)} 要素，新版 {len(new)} 要素",
        *(f"{change} {area / 1e6:.4f} 平方公里" for change, area in changes.groupby("change")["area_m2"].sum().items()),
        f"其中窄于 {tolerance:g} 米、可能只是测绘差异的 {changes.loc[changes['sliver'].astype(bool), 'area_m2'].sum() / 1e6:.4f} 平方公里",
    ]  # fmt: skip
    notes = [*old.attrs.get("notes", []), *new.attrs.get("notes", []), *changes.attrs["notes"]]
    print_notes([*notes, "；".join(told)], quiet=quiet)
    provenance = _provenance(before, after, f"tolerance={tolerance:g}")
    if pieces is not None:
        write_or_print(changes, output=pieces, provenance=provenance)
    write_or_print(summary, output=output, provenance=provenance)


def check_stakes(
    stakes: Annotated[
        Path, typer.Argument(metavar="STAKES", help="界桩点图层；可有 area_id、tolerance_m 列")
    ],
    line: Annotated[Path, typer.Option(help="红线等面图层")],
    tolerance: Annotated[
        float | None, typer.Option(help="允许误差，米；界桩自带 tolerance_m 的以自带为准，都没有则不判定")
    ] = None,
    only_beyond: Annotated[bool, typer.Option("--only-beyond", help="只列超差的界桩")] = False,
    output: Output = None,
    quiet: Quiet = False,
) -> int:
    """勘界定标：界桩离界线多远（线外为正，线内为负），超差的在前。有超差时退出码为 1。"""
    from suizhou_geo import files, spatial

    if output is not None:
        files.check_export_path(output)
    points, areas = files.read_vector(stakes), files.read_areas(line)
    table = spatial.check_stakes(
        points, areas=areas, metric_crs=files.metric_crs_of(areas, points), tolerance=tolerance
    )
    counts = "，".join(f"{verdict} {count}" for verdict, count in table["verdict"].value_counts().items())
    told = f"{len(points)} 个界桩，{len(areas)} 个区域：{counts or '0 要素'}"
    print_notes([*points.attrs.get("notes", []), *areas.attrs.get("notes", []), told], quiet=quiet)
    beyond = table["verdict"] == "超差"
    write_or_print(
        table[beyond] if only_beyond else table,
        output=output,
        provenance=_provenance(
            stakes, line, f"tolerance={'未给出' if tolerance is None else f'{tolerance:g}'}"
        ),
    )
    return int(beyond.any())


def _provenance(first: Path, second: Path, parameters: str) -> dict[str, str]:
    from suizhou_geo.saving import sha256_of

    return {
        "输入文件": f"{first.name}、{second.name}",
        "输入 SHA-256": "、".join(sha256_of(each) for each in (first, second)),
        "参数": parameters,
    }
