"""Features in or near protected areas: a register for review, never a verdict."""

import csv
from functools import cache
from importlib.resources import files as package_files

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from scipy.special import ndtr

from suizhou_geo.errors import CRSError, InputError
from suizhou_geo.spatial.windows import meet

#: 95 of 100 errors of a normal distribution lie within so many standard deviations.
_TWO_SIDED_95 = 1.959963984540054

#: What comes before the action where the error of the positions leaves the relation open.
_CHECK_BOUNDARY = "在位置误差之内，先核实边界；"

CONFLICT_COLUMNS = (
    "feature_id",
    "area_id",
    "area_kind",
    "category",
    "relation",
    "overlap_m2",
    "share",
    "distance_m",
    "p_conflict",
    "within_error",
    "action",
    "basis",
    "verified",
)


def find_conflicts(
    features: gpd.GeoDataFrame,
    *,
    areas: gpd.GeoDataFrame,
    metric_crs: str,
    distance: float = 1000.0,
    error: float | None = None,
) -> pd.DataFrame:
    """One row for every feature that lies in, crosses or comes within ``distance`` metres of an area.

    ``relation`` is 在内 (inside or on the edge), 相交 (a line or polygon partly inside) or 邻近 (outside, within
    ``distance``). ``overlap_m2`` is the shared area and ``share`` its part of the feature (0…1, lines by length,
    points 1 inside). ``distance_m`` is the distance from the feature to the area, 0 when they touch.
    ``p_conflict`` is the probability that some part of the feature truly lies in the area, given the stated ``error``
    of both (a sliver of one metre is little more than even, with an error of thirty); missing without one.
    ``within_error`` says that a shift by the error could undo the overlap or close the gap: the boundary is then to be
    checked first. ``category`` is the area's own word for its legal category; ``action`` is what the rule of its kind
    and category (``actions.csv``) asks to review, ``basis`` where that is written and ``verified`` how sure that
    citation is. Nothing here says that something is illegal.

    Parameters
    ----------
    features, areas
        Frames with an index of ids and the same CRS; ``areas`` may have columns ``kind`` (a layer kind) and
        ``category`` (such as 一级 or 一级保护区). Neither is changed.
    metric_crs
        The projected CRS in which distances and areas are measured, such as ``"EPSG:4547"``.
    distance
        How far "near" reaches, in metres.
    error
        The stated error of the positions, in metres: 95 of 100 lie within it. Edges are taken as straight over it,
        and the error as one shift of the whole feature.

    Returns
    -------
    DataFrame
        Columns ``CONFLICT_COLUMNS``, sorted by relation, distance and ids; empty when nothing is near.

    Raises
    ------
    CRSError
        A frame has no CRS, the two differ, or ``metric_crs`` is not projected in metres.
    InputError
        A distance or an error that is no number of metres.

    Examples
    --------
    >>> square = gpd.GeoDataFrame(
    ...     {"kind": ["redlines"]}, index=["R1"], geometry=[shapely.box(0, 0, 100, 100)], crs="EPSG:4547"
    ... )
    >>> points = gpd.GeoDataFrame(index=["A", "B", "C"],
    ...     geometry=shapely.points([[50, 50], [100, 50], [400, 50]]), crs="EPSG:4547")
    >>> register = find_conflicts(points, areas=square, metric_crs="EPSG:4547", distance=350)
    >>> register[["feature_id", "relation", "distance_m"]].values.tolist()
    [['A', '在内', 0.0], ['B', '在内', 0.0], ['C', '邻近', 300.0]]
    >>> uncertain = find_conflicts(points, areas=square, metric_crs="EPSG:4547", distance=350, error=50)
    >>> uncertain["p_conflict"].round(2).tolist()
    [0.98, 0.5, 0.0]
    """
    check_same_crs(features, areas)
    check_metres(distance, "距离")
    if error is not None:
        check_metres(error, "误差")
    metric = check_metric(metric_crs)
    shapes = features.geometry.to_crs(metric)
    zones = areas.geometry.to_crs(metric)
    shapes, zones = np.asarray(shapes.array), np.asarray(zones.array)
    # Areas ask, not features: an area of many corners is prepared once for all its questions.
    right, left = shapely.STRtree(shapes).query(zones, predicate="dwithin", distance=distance)
    return _register(features, areas, shapes, zones, left, right, error)


def check_same_crs(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> None:
    """Raise ``CRSError`` unless both frames have the same coordinate reference system."""
    for frame, which in ((first, "第一个"), (second, "第二个")):
        if frame.crs is None:
            raise CRSError(
                f"{which}图层没有坐标系",
                why="没有坐标系就无法计算距离和面积",
                todo="在工作区文件中写明坐标系，或用带坐标系的格式重新导出",
            )
    if first.crs != second.crs:
        raise CRSError(
            "两个图层的坐标系不同",
            why=f"{CRS(first.crs).name} 与 {CRS(second.crs).name}",
            todo="用 to_crs 转到同一坐标系后再比较",
        )


def check_metric(metric_crs: str) -> CRS:
    """The CRS, or ``CRSError`` unless it is projected and in metres."""
    crs = CRS(metric_crs)
    if not crs.is_projected or crs.axis_info[0].unit_name != "metre":
        raise CRSError(
            f"坐标系 {metric_crs} 不能用来量距离和面积",
            why="需要以米为单位的投影坐标系",
            todo="例如 112.5–115.5°E 用 EPSG:4547",
        )
    return crs


def _register(
    features: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    shapes: np.ndarray,
    zones: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    error: float | None,
) -> pd.DataFrame:
    # The register of pairs (left[i], right[i]); ``shapes`` and ``zones`` hold the metric geometries.
    shared, gap = meet(shapes[left], zones, right)
    shapely.prepare(zones)
    shapes, zones = shapes[left], zones[right]
    # covers, not contains: a point on the edge of a redline is in it.
    inside = shapely.covers(zones, shapes)
    relation = np.where(inside, "在内", np.where(gap > 0, "邻近", "相交"))
    kinds, categories = _column(areas, "kind")[right], _column(areas, "category")[right]
    rules = [_rule(*key) for key in zip(kinds, categories, relation, strict=True)]
    depth = None if error is None else _shift_to_change(shared, zones, gap)
    unsure = np.zeros(len(gap), dtype=bool) if depth is None else np.abs(depth) < (error or 0.0)
    register = pd.DataFrame(
        {
            "feature_id": features.index.to_numpy()[left],
            "area_id": areas.index.to_numpy()[right],
            "area_kind": kinds,
            "category": categories,
            "relation": relation,
            "overlap_m2": shapely.area(shared),
            "share": np.where(inside, 1.0, _share(shapes, shared)),
            "distance_m": gap,
            "p_conflict": np.nan if depth is None else _p_conflict(depth, gap, error or 0.0),
            "within_error": pd.NA if depth is None else unsure,
            "action": [
                (_CHECK_BOUNDARY if near else "") + action
                for near, (action, _, _) in zip(unsure, rules, strict=True)
            ],
            "basis": [basis for _, basis, _ in rules],
            "verified": [verified for _, _, verified in rules],
        },
        columns=list(CONFLICT_COLUMNS),
    )
    order = register["relation"].map({"在内": 0, "相交": 1, "邻近": 2})
    return (
        register.assign(order=order)
        .sort_values(["order", "distance_m", "feature_id", "area_id"], kind="stable")
        .drop(columns="order")
        .reset_index(drop=True)
    )


def _shift_to_change(shared: np.ndarray, zones: np.ndarray, gap: np.ndarray) -> np.ndarray:
    # How far a feature would have to be moved to be out of the area (above 0), or into it (below).
    return np.where(gap > 0, -gap, _depth(shared, zones))


def _p_conflict(depth: np.ndarray, gap: np.ndarray, error: float) -> np.ndarray:
    if error == 0:
        return np.where(gap > 0, 0.0, 1.0)
    found: np.ndarray = ndtr(depth * _TWO_SIDED_95 / error)
    return found


def _depth(shared: np.ndarray, zones: np.ndarray) -> np.ndarray:
    # The deepest corner of the shared part or, if more, its width: a sliver, or a small area covered whole, is gone
    # once the feature has moved by that.
    deepest = np.zeros(len(shared))
    corners, owner = shapely.get_coordinates(shared, return_index=True)
    inside = shapely.distance(shapely.points(corners), shapely.boundary(zones)[owner])
    np.maximum.at(deepest, owner, inside)
    areal = shapely.area(shared) > 0
    widths = 2 * shapely.length(shapely.maximum_inscribed_circle(shared[areal]))
    deepest[areal] = np.maximum(deepest[areal], widths)
    return deepest


def check_metres(value: float, name: str) -> None:
    """Raise ``InputError`` unless the value is a number of metres, 0 or more."""
    if not (np.isfinite(value) and value >= 0):
        raise InputError(f"{name} {value:g} 不合理", why="应为不小于 0 的米数")


def _share(shapes: np.ndarray, shared: np.ndarray) -> np.ndarray:
    # Polygons by area, lines by length; a point that is not inside has no share.
    whole, part = shapely.area(shapes), shapely.area(shared)
    is_line = (whole == 0) & (shapely.length(shapes) > 0)
    whole = np.where(is_line, shapely.length(shapes), whole)
    part = np.where(is_line, shapely.length(shared), part)
    share: np.ndarray = np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
    return share


def _column(frame: gpd.GeoDataFrame, name: str) -> np.ndarray:
    if name not in frame.columns:
        return np.full(len(frame), "", dtype=object)
    values: np.ndarray = frame[name].fillna("").astype(str).to_numpy(dtype=object)
    return values


@cache
def _actions() -> dict[tuple[str, str, str], tuple[str, str, str]]:
    text = package_files("suizhou_geo.spatial").joinpath("actions.csv").read_text(encoding="utf-8")
    return {
        (row["area_kind"], row["category"], row["relation"]): (row["action"], row["basis"], row["verified"])
        for row in csv.DictReader(text.splitlines())
    }


@cache
def _rule(kind: str, category: str, relation: str) -> tuple[str, str, str]:
    # From the most to the least specific: this category of this kind (the longest word that the layer's own category
    # holds: 一级 in 一级保护区), any category of this kind, any kind.
    known = {word for this, word, related in _actions() if (this, related) == (kind, relation) and word}
    words = sorted((word for word in known if word in category), key=len, reverse=True)
    keys = (*((kind, word, relation) for word in words), (kind, "", relation), ("", "", relation))
    return next(_actions()[key] for key in keys if key in _actions())
