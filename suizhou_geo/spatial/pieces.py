"""Polygons of many thousand corners beside many small features: each is cut into pieces once, and those are asked."""

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]

#: Corners above which a polygon is cut, and which no piece exceeds.
MOST_CORNERS = 128

#: A polygon that is still larger after so many halvings has its corners in one place.
_HALVINGS = 40


def cut(polygon: shapely.Geometry) -> Geometries:
    """The pieces of a polygon, halved along its longer side until each has at most ``MOST_CORNERS`` corners.

    >>> round_one = shapely.Point(0, 0).buffer(10, quad_segs=500)
    >>> pieces = cut(round_one)
    >>> len(pieces) > 10, bool(abs(shapely.area(pieces).sum() / round_one.area - 1) < 1e-12)
    (True, True)
    """
    done, todo = [], [(polygon, 0)]
    while todo:
        piece, depth = todo.pop()
        if shapely.get_num_coordinates(piece) <= MOST_CORNERS or depth == _HALVINGS:
            done.append(piece)
            continue
        west, south, east, north = shapely.bounds(piece)
        if east - west > north - south:
            middle = (west + east) / 2
            boxes = shapely.box([west, middle], south, [middle, east], north)
        else:
            middle = (south + north) / 2
            boxes = shapely.box(west, [south, middle], east, [middle, north])
        parts = shapely.get_parts(shapely.intersection(piece, boxes))
        # Where a half only touches the box, lines and points are left.
        todo.extend((part, depth + 1) for part in parts[shapely.get_dimensions(parts) == 2])
    return np.array(done, dtype=object)


def meet(shapes: Geometries, zones: Geometries, owner: npt.NDArray[np.intp]) -> tuple[Geometries, Floats]:
    """What ``shapes[i]`` shares with ``zones[owner[i]]``, and how far they are apart (0 where they touch).

    The same as ``shapely.intersection`` and ``shapely.distance`` pair by pair, to the rounding of the seams.
    """
    shared = np.full(len(shapes), shapely.Point(), dtype=object)
    gap = np.zeros(len(shapes))
    large = shapely.get_num_coordinates(zones) > MOST_CORNERS
    small = ~large[owner]
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
    gap = np.zeros(len(shapes))
    tree = shapely.STRtree(cut(zone))
    crossing, apart = np.flatnonzero(touching & ~inside), np.flatnonzero(~touching)
    if len(apart):
        _, gap[apart] = tree.query_nearest(shapes[apart], return_distance=True, all_matches=False)
    if len(crossing):
        which, piece = tree.query(shapes[crossing], predicate="intersects")
        parts = shapely.intersection(shapes[crossing[which]], tree.geometries[piece])
        first = np.searchsorted(which, np.arange(len(crossing) + 1))
        for place, start, end in zip(crossing, first[:-1], first[1:], strict=True):
            # Seams disappear again, so that a part along one does not count twice.
            shared[place] = parts[start] if end == start + 1 else shapely.union_all(parts[start:end])
    return shared, gap
