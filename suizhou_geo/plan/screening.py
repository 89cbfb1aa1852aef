"""What stands in the way of a project at this place: its units and their requirements, what is near, what is below."""

import csv
import math
import re
from functools import cache
from importlib.resources import files as package_files
from typing import Any

import geopandas as gpd
import pandas as pd

from suizhou_geo import __version__, files, spatial
from suizhou_geo.conventions import (
    LAYER_KINDS,
    AreaEntry,
    ProjectScreening,
    ReceptorEntry,
    SourceNote,
    UnitEntry,
)
from suizhou_geo.errors import InputError
from suizhou_geo.plan.layers import is_true, text_of
from suizhou_geo.plan.pressures import PROTECTED, basis_text

#: What may be reached downstream.
RECEPTORS = ("sections", "intakes")


def screen_project(
    workspace: files.Workspace,
    *,
    project: gpd.GeoDataFrame,
    industry: str = "",
    distance: float = 1000.0,
    error: float | None = None,
    tolerance: float = 3000.0,
) -> ProjectScreening:
    """What the workspace knows about the place of one project: for review, never a verdict.

    Every control unit that it touches, with the admission requirements that the unit's layer has (and which of them name
    the industry, word by word), redlines, drinking-water zones and reserves that it touches or comes near to, and
    sections and intakes downstream with the kilometres along the river.

    Parameters
    ----------
    project
        One point, line or polygon with a CRS; ``site_name`` is its name.
    industry
        Words that are looked for in the requirements, several with 、 between them.
    distance, error
        How far "near" reaches and the stated error of positions, in metres, as in ``spatial.find_conflicts``.
    tolerance
        Metres from a river beyond which the project is not followed downstream.

    Raises
    ------
    InputError
        The layer holds none or several features, or an empty one.
    CRSError
        It has no CRS.

    Examples
    --------
    >>> from shapely import Point
    >>> from suizhou_geo.packaged import packaged_folder
    >>> demo = files.open_workspace(packaged_folder("data", "suizhou"))
    >>> place = gpd.GeoDataFrame({"site_name": ["某项目"]}, index=["A"], geometry=[Point(113.40, 31.70)], crs=4490)
    >>> found = screen_project(demo, project=place, industry="化工")
    >>> found.county, [unit.category for unit in found.units], found.synthetic
    ('曾都区', ['重点'], True)
    """
    if len(project) != 1 or project.geometry.isna().any() or project.geometry.is_empty.any():
        raise InputError(
            f"项目图层有 {len(project)} 个要素",
            why="一次研判一个有图形的项目",
            todo="用 --id 指定一个，或拆分图层",
        )
    counties = files.read_workspace_counties(workspace)
    spatial.check_same_crs(project, counties)
    layers = {
        kind: files.read_layer(workspace, kind=kind)
        for kind in ("units", *PROTECTED, *RECEPTORS, "rivers")
        if kind in workspace.layers
    }
    rows = {
        kind: spatial.find_conflicts(
            project,
            areas=layers[kind].assign(kind=kind),
            distance=0.0 if kind == "units" else distance,
            metric_crs=workspace.metric_crs,
            error=error,
        )
        for kind in ("units", *PROTECTED)
        if kind in layers
    }  # fmt: skip
    units = tuple(
        _unit(row, layers["units"], industry=industry, workspace=workspace)
        for row in rows.get("units", pd.DataFrame()).to_dict("records")
    )
    areas = tuple(
        _area(row, layers[kind], workspace=workspace)
        for kind in PROTECTED
        if kind in rows
        for row in rows[kind].to_dict("records")
    )
    river, snap, downstream, told = _downstream(project, layers, workspace=workspace, tolerance=tolerance)
    shape = project.geometry.to_crs(workspace.metric_crs).iloc[0]
    middle = project.geometry.representative_point().iloc[0]
    county = spatial.locate_points(gpd.GeoDataFrame(geometry=[middle], crs=project.crs), areas=counties)[
        "area_id"
    ]
    return ProjectScreening(
        id=str(project.index[0]),
        name=_name(project.iloc[0]),
        industry=industry,
        county="、".join(str(counties.at[code, "name"]) for code in county),
        longitude=round(middle.x, 5),
        latitude=round(middle.y, 5),
        area_m2=round(shape.area, 1),
        distance_m=distance,
        units=units,
        areas=areas,
        river=river,
        snap_m=snap,
        downstream=downstream,
        notes=(*_notes(layers, units, industry, bool(len(county))), *told),
        sources=tuple(
            SourceNote(**note)
            for note in files.describe_sources(workspace)
            if note["title"] in {LAYER_KINDS[kind] for kind in layers}
        ),
        synthetic=(
            any(entry.synthetic for entry in units)
            or any(entry.synthetic for entry in areas)
            or any(entry.synthetic for entry in downstream)
        ),
        tool_version=__version__,
    )


def read_requirements(row: pd.Series) -> dict[str, str]:
    """The admission requirements of a unit, aspect → text, from the columns that its layer has.

    >>> read_requirements(pd.Series({"空间布局约束要求": "不再新建", "管控要求": "", "name": "甲"}))
    {'空间布局约束': '不再新建'}
    """
    found: dict[str, str] = {}
    for aspect, column in _aspects():
        if text := text_of(row.get(column)):
            found.setdefault(aspect, text)
    return found


def _unit(
    row: dict[str, Any], units: gpd.GeoDataFrame, *, industry: str, workspace: files.Workspace
) -> UnitEntry:
    unit = units.loc[row["area_id"]]
    requirements = read_requirements(unit)
    words = [word for word in re.split(r"[、,，;；\s]+", industry) if word]
    return UnitEntry(
        id=str(row["area_id"]),
        name=_name(unit),
        category=row["category"],
        relation=row["relation"],
        share=round(row["share"], 6),
        requirements=requirements,
        mentions=tuple(
            aspect for aspect, text in requirements.items() if any(word in text for word in words)
        ),
        action=row["action"] + basis_text(row["basis"], verified=row["verified"]),
        synthetic=_synthetic(unit, "units", workspace),
    )


def _area(row: dict[str, Any], areas: gpd.GeoDataFrame, *, workspace: files.Workspace) -> AreaEntry:
    area = areas.loc[row["area_id"]]
    return AreaEntry(
        id=str(row["area_id"]),
        name=_name(area),
        kind=LAYER_KINDS[row["area_kind"]],
        category=row["category"],
        relation=row["relation"],
        share=round(row["share"], 6),
        overlap_m2=round(row["overlap_m2"], 1),
        distance_m=round(row["distance_m"], 1),
        p_conflict=None if math.isnan(row["p_conflict"]) else round(row["p_conflict"], 3),
        action=row["action"] + basis_text(row["basis"], verified=row["verified"]),
        synthetic=_synthetic(area, row["area_kind"], workspace),
    )


def _downstream(
    project: gpd.GeoDataFrame,
    layers: dict[str, gpd.GeoDataFrame],
    *,
    workspace: files.Workspace,
    tolerance: float,
) -> tuple[str, float | None, tuple[ReceptorEntry, ...], list[str]]:
    # The river that is followed, how far away it is, what lies below on it, and what has to be told.
    if "rivers" not in layers:
        return "", None, (), ["工作区没有河流图层，未沿河推算"]
    network = spatial.build_river_network(layers["rivers"], metric_crs=workspace.metric_crs)
    start = spatial.snap_sites(network, sites=project, tolerance=tolerance)
    reach = int(start["reach"].iloc[0])
    if reach < 0:
        return "", None, (), [f"{tolerance:g} 米内没有河流，未沿河推算下游"]
    found = []
    for kind in RECEPTORS:
        sites = layers.get(kind)
        if sites is None or sites.empty:
            continue
        snapped = spatial.snap_sites(network, sites=sites, tolerance=tolerance)
        for site, target in snapped[snapped["reach"] >= 0].iterrows():
            metres = float(spatial.river_metres(network, at_sources=start, target=target)[0])
            if math.isfinite(metres):
                row = sites.loc[site]
                found.append(
                    ReceptorEntry(
                        id=str(site),
                        name=_name(row),
                        kind=LAYER_KINDS[kind],
                        distance_km=round(metres / 1000, 2),
                        synthetic=_synthetic(row, kind, workspace)
                        or _synthetic(pd.Series(dtype=object), "rivers", workspace),
                    )
                )
    told = ["下游距离从离项目最近的河段起算，实际排放口在别处时以排放口为准"]
    if start["ambiguous"].iloc[0]:
        told.append(f"所在河段不确定，也可能在{start['alternatives'].iloc[0]}")
    found.sort(key=lambda entry: (entry.distance_km, entry.id))
    return str(network.reaches.at[reach, "river"]), round(float(start["snap_m"].iloc[0])), tuple(found), told


def _notes(
    layers: dict[str, gpd.GeoDataFrame], units: tuple[UnitEntry, ...], industry: str, inside: bool
) -> list[str]:
    missing = [LAYER_KINDS[kind] for kind in ("units", *PROTECTED) if kind not in layers]
    bare = [unit.name for unit in units if not unit.requirements]
    told = {
        "项目不在本工作区的区县内": not inside,
        f"工作区没有这些图层，未核对：{'、'.join(missing)}": bool(missing),
        "没有落在任何管控单元内": "units" in layers and not units,
        f"图层中没有准入要求：{'、'.join(bare)}": bool(bare),
        f"行业“{industry}”按字面在准入要求中查找，没有提到不等于允许": bool(industry),
        "没有给出行业，准入要求只列出、未按行业查找": not industry,
    }
    return [text for text, holds in told.items() if holds]


def _name(row: pd.Series) -> str:
    return text_of(row.get("site_name")) or text_of(row.get("name")) or str(row.name)


def _synthetic(row: pd.Series, kind: str, workspace: files.Workspace) -> bool:
    return workspace.layers[kind].synthetic or is_true(row.get("synthetic"))


@cache
def _aspects() -> tuple[tuple[str, str], ...]:
    text = package_files("suizhou_geo.plan").joinpath("requirements.csv").read_text(encoding="utf-8")
    return tuple((row["aspect"], row["column"]) for row in csv.DictReader(text.splitlines()))
