"""Points that cannot be where they are said to be: outside the city, in another county, on a border nobody knows well."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.spatial.overlay import check_same_crs

#: How far outside a city a point may lie and still belong to it (border sections), in metres.
BORDER_METRES = 5_000.0


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
