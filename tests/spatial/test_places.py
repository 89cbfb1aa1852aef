"""Points in areas: the pairs of a plain join, on corners and edges too."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from suizhou_geo.errors import CRSError, InputError
from suizhou_geo.files import read_counties
from suizhou_geo.spatial import locate_points


def _frames(seed: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    counties = read_counties(["421303", "421321", "421381", "420683", "420982"])
    west, south, east, north = counties.total_bounds
    random = np.random.default_rng(seed)
    # Corners of the counties themselves: most of them are points of two.
    corners = random.choice(shapely.get_coordinates(counties.geometry), 60)
    places = np.vstack([random.uniform((west, south), (east, north), (400, 2)), corners])
    shapes = [*shapely.points(places), shapely.Point()]
    points = gpd.GeoDataFrame(
        index=[f"P{number}" for number in range(len(shapes))], geometry=shapes, crs=4490
    )
    return points, counties


@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_those_of_a_plain_join(seed: int) -> None:
    points, counties = _frames(seed)
    joined = points.sjoin(counties[["geometry"]].rename_axis("code").reset_index())
    found = locate_points(points, areas=counties)
    assert len(found) > 200
    assert sorted(zip(found["point_id"], found["area_id"], strict=True)) == sorted(
        zip(joined.index, joined["code"], strict=True)
    )


def test_nothing_is_found_in_nothing() -> None:
    points, counties = _frames(1)
    assert locate_points(points.iloc[:0], areas=counties).empty
    assert locate_points(points, areas=counties.iloc[:0]).empty


def test_lines_and_other_systems_are_refused() -> None:
    points, counties = _frames(2)
    with pytest.raises(InputError, match="有要素不是点"):
        locate_points(counties, areas=counties)
    with pytest.raises(CRSError, match="坐标系不同"):
        locate_points(points, areas=counties.to_crs("EPSG:4547"))
