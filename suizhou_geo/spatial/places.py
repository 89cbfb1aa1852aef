"""In which area a point lies; and points that cannot be where they are said to be."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.errors import InputError
from suizhou_geo.spatial.overlay import check_same_crs

#: How far outside a city a point may lie and still belong to it (border sections), in metres.
BORDER_METRES = 5_000.0


def locate_points(points: gpd.GeoDataFrame, *, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """The area of every point: ``point_id, area_id``, a row per pair, in the order of the points.

    The pairs are those of ``points.sjoin(areas)``: a point on a common edge belongs to both areas, one outside all of
    them has no row. The areas ask, not the points, so that an area of many corners is prepared once for all.

    Raises ``CRSError`` where a CRS is missing or the two differ, ``InputError`` where a feature is no point.

    >>> halves = gpd.GeoDataFrame(index=["W", "E"], geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4490)
    >>> places = gpd.GeoDataFrame(index=["a", "b", "c"], geometry=shapely.points([[1.5, 0.5], [1, 0.5], [9, 9]]), crs=4490)
    >>> locate_points(places, areas=halves).to_numpy().tolist()
    [['a', 'E'], ['b', 'W'], ['b', 'E']]
    """
    check_same_crs(points, areas)
    if not points.geom_type.eq("Point").all():
        raise InputError("有要素不是点", why="只有点才落在一个区域内", todo="面和线用 find_conflicts")
    shapes, zones = np.asarray(points.geometry.array), np.asarray(areas.geometry.array)
    area, point = shapely.STRtree(shapes).query(zones)
    easting, northing = shapely.get_coordinates(shapes).T
    placed = np.flatnonzero(~shapely.is_empty(shapes))
    row = np.zeros(len(shapes), dtype=np.intp)
    row[placed] = np.arange(len(placed))
    shapely.prepare(zones)
    inside = shapely.intersects_xy(zones[area], easting[row[point]], northing[row[point]])
    area, point = area[inside], point[inside]
    order = np.lexsort((area, point))
    return pd.DataFrame(
        {"point_id": points.index.to_numpy()[point[order]], "area_id": areas.index.to_numpy()[area[order]]}
    )


def find_place_problems(
    points: gpd.GeoDataFrame, *, counties: gpd.GeoDataFrame, metric_crs: str, boundary_error: float
) -> pd.DataFrame:
    """Odd places of points: ``site_id, code, value, expected``.

    ``outside_city``: farther than five kilometres from every county. ``other_county``: the point lies in another
    county than its ``adcode`` says, farther from the border than the border's own error. ``near_boundary``: nearer to
    a border between counties than its stated error, so that nobody can tell the county from the map.

    Parameters
    ----------
    points
        Layer in EPSG:4490, index ``site_id``, with ``adcode`` as far as known.
    counties
        The city's counties, index adcode, same CRS.
    metric_crs, boundary_error
        Projected CRS, and how far the county lines may be from the truth, in metres.
    """
    check_same_crs(points, counties)
    if points.empty:
        return pd.DataFrame(columns=["site_id", "code", "value", "expected"])
    places = points.geometry.to_crs(metric_crs).array
    areas = counties.geometry.to_crs(metric_crs)
    distance = np.array([shapely.distance(area, places) for area in areas.array])
    border = np.array([shapely.distance(shapely.boundary(area), places) for area in areas.array])
    codes = np.asarray(areas.index.astype(str))
    nearest = codes[distance.argmin(axis=0)]
    told = (
        points["adcode"].fillna("").astype(str).to_numpy() if "adcode" in points else np.full(len(points), "")
    )
    away, edge = distance.min(axis=0), border.min(axis=0)
    # The outer edge of the city is a border too: a section there may belong to the neighbour.
    reasons = {
        "outside_city": (away > BORDER_METRES, [f"距本市 {metres / 1000:.0f} 千米" for metres in away]),
        "other_county": (
            (away == 0) & (edge > boundary_error) & np.isin(told, codes) & (told != nearest),
            [f"点在 {code} 内" for code in nearest],
        ),
        "near_boundary": (
            (away <= BORDER_METRES) & (edge <= boundary_error),
            [f"距界线 {metres:.0f} 米，界线误差约 {boundary_error:g} 米" for metres in edge],
        ),
    }
    rows = [
        {"site_id": points.index[place], "code": code, "value": told[place], "expected": texts[place]}
        for code, (holds, texts) in reasons.items()
        for place in np.flatnonzero(holds)
    ]
    return pd.DataFrame(rows, columns=["site_id", "code", "value", "expected"])
