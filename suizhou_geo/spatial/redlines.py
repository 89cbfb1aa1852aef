"""What changed between two versions of a redline, and how far its boundary stakes stand from the line."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from suizhou_geo.errors import InputError
from suizhou_geo.spatial.overlay import check_metres, check_metric, check_same_crs

CHANGE_COLUMNS = ("change", "before_id", "after_id", "area_m2", "sliver")
SUMMARY_COLUMNS = (
    "area_id", "before_m2", "after_m2", "kept_m2", "moved_out_m2", "moved_in_m2", "removed_m2", "added_m2", "sliver_m2",
)  # fmt: skip
STAKE_COLUMNS = ("stake_id", "area_id", "deviation_m", "tolerance_m", "verdict")

#: Words of ``change``: in both under one id, in both under two, in the old version only, in the new one only.
KEPT, MOVED, REMOVED, ADDED = "保留", "转入其他单元", "调出", "调入"

Geometries = npt.NDArray[np.object_]


def compare_versions(
    before: gpd.GeoDataFrame, *, after: gpd.GeoDataFrame, metric_crs: str, tolerance: float = 0.0
) -> gpd.GeoDataFrame:
    """The pieces into which two versions of an area layer cut each other.

    Every piece lies in one unit of the old version, one of the new, or both; together they are each version whole, so
    areas add up. Where units of one version overlap, the first one in the layer's order has the ground and a note says
    how much it is.

    Parameters
    ----------
    before, after
        Areas with an index of ids and the same CRS; an empty layer is a version without any.
    metric_crs
        Projected CRS in metres, of the areas.
    tolerance
        A changed piece that is nowhere as wide as this, in metres, is a ``sliver``: two surveys of one line rather than
        a change. It stays in the list.

    Returns
    -------
    GeoDataFrame
        Columns ``CHANGE_COLUMNS`` and the piece, in the CRS of the layers; ``change`` is 保留, 转入其他单元, 调出 or
        调入; ``attrs["notes"]``.

    Raises
    ------
    CRSError
        A CRS is missing, the two differ, or ``metric_crs`` is not in metres.
    InputError
        A tolerance that is no number of metres.

    Examples
    --------
    >>> old = gpd.GeoDataFrame(index=["R1"], geometry=[shapely.box(0, 0, 100, 100)], crs="EPSG:4547")
    >>> new = gpd.GeoDataFrame(index=["R1"], geometry=[shapely.box(40, 0, 101, 100)], crs="EPSG:4547")
    >>> changes = compare_versions(old, after=new, metric_crs="EPSG:4547", tolerance=5)
    >>> changes[["change", "area_m2", "sliver"]].to_numpy().tolist()
    [['保留', 6000.0, False], ['调出', 4000.0, False], ['调入', 100.0, True]]
    """
    check_same_crs(before, after)
    check_metres(tolerance, "容差")
    metric = check_metric(metric_crs)
    (old, old_twice), (new, new_twice) = (
        _planar(np.asarray(each.geometry.to_crs(metric).array)) for each in (before, after)
    )
    left, right = shapely.STRtree(new).query(old, predicate="intersects")
    shared = shapely.intersection(old[left], new[right])
    same = before.index.to_numpy()[left] == after.index.to_numpy()[right]
    nothing = np.full(max(len(old), len(new)), None, dtype=object)
    pieces = pd.concat(
        [
            _pieces(shared[same], before.index[left[same]], after.index[right[same]], KEPT),
            _pieces(shared[~same], before.index[left[~same]], after.index[right[~same]], MOVED),
            _pieces(_rest(old, new, left, right), before.index, nothing[: len(old)], REMOVED),
            _pieces(_rest(new, old, right, left), nothing[: len(new)], after.index, ADDED),
        ],
        ignore_index=True,
    )
    shapes = gpd.GeoSeries(pieces.pop("geometry"), crs=metric)
    changed = (pieces["change"] != KEPT).to_numpy() & (tolerance > 0)
    narrow = shapely.is_empty(shapely.buffer(np.asarray(shapes.array)[changed], -tolerance / 2))
    pieces.loc[changed, "sliver"] = narrow
    found = gpd.GeoDataFrame(pieces, geometry=shapes.to_crs(before.crs).array, crs=before.crs)
    twice = ((old_twice, "旧版"), (new_twice, "新版"))
    found.attrs["notes"] = [
        f"{name}的单元互相重叠 {area:.0f} 平方米，计入在前的单元" for area, name in twice if area > 0.5
    ]
    return found


def summarise_changes(changes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Square metres by unit: what it had, has, kept, gave to and got from other units, lost and won.

    ``before_m2 = kept + moved_out + removed`` and ``after_m2 = kept + moved_in + added``; ``sliver_m2`` is the part of
    what changed that is slivers. Columns ``SUMMARY_COLUMNS``, sorted by id.
    """
    kinds = {
        ("kept_m2", "before_id"): KEPT, ("moved_out_m2", "before_id"): MOVED, ("moved_in_m2", "after_id"): MOVED,
        ("removed_m2", "before_id"): REMOVED, ("added_m2", "after_id"): ADDED,
    }  # fmt: skip
    parts = {
        name: changes[changes["change"] == change].groupby(owner)["area_m2"].sum()
        for (name, owner), change in kinds.items()
    }
    slivers = changes[changes["sliver"].astype(bool)]
    owner = slivers["after_id"].where(slivers["after_id"].notna(), slivers["before_id"])
    parts["sliver_m2"] = slivers["area_m2"].groupby(owner).sum()
    table = pd.DataFrame(parts).fillna(0.0).sort_index().rename_axis("area_id").reset_index()
    table["before_m2"] = table["kept_m2"] + table["moved_out_m2"] + table["removed_m2"]
    table["after_m2"] = table["kept_m2"] + table["moved_in_m2"] + table["added_m2"]
    return table[list(SUMMARY_COLUMNS)]


def check_stakes(
    stakes: gpd.GeoDataFrame, *, areas: gpd.GeoDataFrame, metric_crs: str, tolerance: float | None = None
) -> pd.DataFrame:
    """How far boundary stakes stand from the line they mark, the largest deviations first.

    ``deviation_m`` is positive outside the area, negative inside. A stake belongs to the area that its column
    ``area_id`` names, else to the one whose boundary is nearest. ``verdict`` is 符合 (up to and with the tolerance), 超差
    or 未判定 where no tolerance is known.

    Parameters
    ----------
    stakes, areas
        Points and areas with an index of ids and the same CRS; stakes may have ``area_id`` and ``tolerance_m``.
    metric_crs
        Projected CRS in metres, of the deviations.
    tolerance
        Metres, where the stakes have no ``tolerance_m`` of their own. No standard's figure is assumed.

    Raises
    ------
    CRSError
        As :func:`compare_versions`.
    InputError
        A stake that is no point, names an area that is not there, or a tolerance that is no number of metres.

    Examples
    --------
    >>> square = gpd.GeoDataFrame(index=["R1"], geometry=[shapely.box(0, 0, 100, 100)], crs="EPSG:4547")
    >>> stakes = gpd.GeoDataFrame(index=["J1", "J2"], geometry=shapely.points([[100.5, 50], [97, 50]]), crs="EPSG:4547")
    >>> check_stakes(stakes, areas=square, metric_crs="EPSG:4547", tolerance=1)[["stake_id", "deviation_m", "verdict"]].values.tolist()
    [['J2', -3.0, '超差'], ['J1', 0.5, '符合']]
    """
    check_same_crs(stakes, areas)
    metric = check_metric(metric_crs)
    if not stakes.geom_type.eq("Point").all():
        raise InputError("有界桩不是点", todo="界桩图层只放点")
    if tolerance is not None:
        check_metres(tolerance, "允许误差")
    if stakes.empty or areas.empty:
        return pd.DataFrame(columns=list(STAKE_COLUMNS))
    points, zones = (np.asarray(each.geometry.to_crs(metric).array) for each in (stakes, areas))
    owner = _owners(stakes, areas, points, zones)
    edges = shapely.boundary(zones)
    metres = shapely.distance(points, edges[owner])
    allowed = _allowed(stakes, tolerance)
    table = pd.DataFrame(
        {
            "stake_id": stakes.index,
            "area_id": areas.index.to_numpy()[owner],
            "deviation_m": np.where(shapely.covers(zones[owner], points), -metres, metres) + 0.0,
            "tolerance_m": allowed,
            "verdict": np.where(np.isnan(allowed), "未判定", np.where(metres <= allowed, "符合", "超差")),
        }
    )
    return table.sort_values("deviation_m", key=np.abs, ascending=False, kind="stable").reset_index(drop=True)


def _planar(shapes: Geometries) -> tuple[Geometries, float]:
    # Units without what an earlier one covers already, and how much that was.
    found = shapes.copy()
    later, earlier = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    twice = 0.0
    for place in np.unique(later[later > earlier]):
        others = earlier[(later == place) & (earlier < place)]
        rest = shapely.difference(shapes[place], shapely.union_all(shapes[others]))
        # Neighbours that only touch stay as they are, corner by corner.
        if (lost := shapely.area(shapes[place]) - shapely.area(rest)) > 0:
            found[place], twice = rest, twice + lost
    return found, twice


def _rest(
    shapes: Geometries, others: Geometries, own: npt.NDArray[np.intp], other: npt.NDArray[np.intp]
) -> Geometries:
    # What of each shape no other one covers.
    found = shapes.copy()
    for place in np.unique(own):
        found[place] = shapely.difference(shapes[place], shapely.union_all(others[other[own == place]]))
    return found


def _pieces(shapes: Geometries, before: object, after: object, change: str) -> pd.DataFrame:
    # One row for every connected part that has an area.
    rows = pd.DataFrame(
        {"change": change, "before_id": before, "after_id": after, "geometry": shapes}, dtype=object
    )
    parts, owner = shapely.get_parts(shapes, return_index=True)
    # A geometry collection may hold polygons of its own, and lines where shapes only touch.
    areas = shapely.area(parts)
    split = rows.iloc[owner[areas > 0]].assign(
        geometry=parts[areas > 0], area_m2=areas[areas > 0], sliver=False
    )
    return split[[*CHANGE_COLUMNS, "geometry"]]


def _owners(
    stakes: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, points: Geometries, zones: Geometries
) -> npt.NDArray[np.intp]:
    owner = np.asarray(shapely.STRtree(shapely.boundary(zones)).nearest(points), dtype=np.intp)
    if "area_id" not in stakes.columns:
        return owner
    named = stakes["area_id"].fillna("").astype(str).to_numpy()
    place = pd.Series(range(len(areas)), index=areas.index.astype(str)).reindex(named).to_numpy()
    unknown = np.isnan(place) & (named != "")
    if unknown.any():
        raise InputError(
            f"界桩 {stakes.index[unknown.argmax()]} 所属的“{named[unknown.argmax()]}”不在面图层中",
            why=f"共 {int(unknown.sum())} 处",
            todo="核对 area_id 与面图层的编号",
        )
    owner[named != ""] = place[named != ""].astype(np.intp)
    return owner


def _allowed(stakes: gpd.GeoDataFrame, tolerance: float | None) -> npt.NDArray[np.float64]:
    own = stakes["tolerance_m"] if "tolerance_m" in stakes.columns else pd.Series(np.nan, index=stakes.index)
    found = pd.to_numeric(own, errors="coerce").astype(float)
    for value in found.dropna().unique():
        check_metres(float(value), "允许误差")
    allowed: npt.NDArray[np.float64] = found.fillna(np.nan if tolerance is None else tolerance).to_numpy()
    return allowed
