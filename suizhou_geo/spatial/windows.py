"""Polygons of many thousand corners beside many small features: each feature is held against what is around it only."""

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]

#: Corners up to which a polygon is taken whole, and of a stretch of its edge.
FEW_CORNERS = 128

#: How far a window reaches beyond its feature, in metres, so that no edge of both coincides.
_MARGIN = 1.0


def meet(shapes: Geometries, zones: Geometries, owner: npt.NDArray[np.intp]) -> tuple[Geometries, Floats]:
    """What ``shapes[i]`` shares with ``zones[owner[i]]``, and how far they are apart (0 where they touch).

    The same as ``shapely.intersection`` and ``shapely.distance`` pair by pair, in metres of a projected CRS.

    >>> ring = shapely.Point(0, 0).buffer(100, quad_segs=500)
    >>> shared, gap = meet(np.array([shapely.box(0, 0, 10, 10), shapely.Point(130, 0)]), np.array([ring]), np.array([0, 0]))
    >>> shapely.area(shared).tolist(), gap.round(6).tolist()
    ([100.0, 0.0], [0.0, 30.0])
    """
    shared = np.full(len(shapes), shapely.Point(), dtype=object)
    gap = np.zeros(len(shapes))
    small = (shapely.get_num_coordinates(zones) <= FEW_CORNERS)[owner]
    shared[small] = shapely.intersection(shapes[small], zones[owner[small]])
    gap[small] = shapely.distance(shapes[small], zones[owner[small]])
    for zone in np.unique(owner[~small]):
        pairs = np.flatnonzero(owner == zone)
        shared[pairs], gap[pairs] = _meet_one(shapes[pairs], zones[zone])
    return shared, gap


def _meet_one(shapes: Geometries, zone: shapely.Geometry) -> tuple[Geometries, Floats]:
    shapely.prepare(zone)
    inside, touching = shapely.covers(zone, shapes), shapely.intersects(zone, shapes)
    # What lies inside is shared whole.
    shared = np.where(inside, shapes, np.full(len(shapes), shapely.Point(), dtype=object))
    crossing, apart = np.flatnonzero(touching & ~inside), np.flatnonzero(~touching)
    shared[crossing] = shapely.intersection(shapes[crossing], _windows(zone, shapes[crossing]))
    gap = np.zeros(len(shapes))
    if len(apart):
        edge = shapely.STRtree(_stretches(zone))
        _, gap[apart] = edge.query_nearest(shapes[apart], return_distance=True, all_matches=False)
    return shared, gap


def _windows(zone: shapely.Geometry, shapes: Geometries) -> Geometries:
    # The zone around each feature. Clipping is quick but may leave an invalid shape: then the whole zone stands.
    windows = np.empty(len(shapes), dtype=object)
    bounds = shapely.bounds(shapes) + np.array([-_MARGIN, -_MARGIN, _MARGIN, _MARGIN])
    for place, (west, south, east, north) in enumerate(bounds.tolist()):
        windows[place] = shapely.clip_by_rect(zone, west, south, east, north)
    windows[~shapely.is_valid(windows)] = zone
    return windows


def _stretches(zone: shapely.Geometry) -> Geometries:
    # The rings of a zone in stretches of few corners, each beginning where the one before ends.
    stretches = []
    for ring in shapely.get_rings(shapely.get_parts(zone)):
        corners = shapely.get_coordinates(ring)
        starts = range(0, len(corners) - 1, FEW_CORNERS)
        stretches += [shapely.LineString(corners[start : start + FEW_CORNERS + 1]) for start in starts]
    return np.array(stretches, dtype=object)
