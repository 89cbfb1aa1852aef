"""A planted shift is proposed, an honest layer is left alone, and a coarse line decides nothing."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from suizhou_geo import files, spatial
from suizhou_geo.coordinates import from_cgcs2000
from suizhou_geo.errors import CRSError, InputError

PLACES = {
    "随州": (113.4, 31.7, "EPSG:4547"),
    "成都": (104.1, 30.6, "EPSG:4543"),
    "哈尔滨": (126.6, 45.8, "EPSG:4550"),
}


def _river(random: np.random.Generator, longitude: float, latitude: float) -> np.ndarray:
    """A winding line of about 60 km."""
    heading = np.cumsum(random.normal(0, 0.35, 400)) * 0.4
    steps = 0.0015 * np.column_stack([np.cos(heading), np.sin(heading)])
    return np.array([longitude, latitude]) + np.cumsum(steps, axis=0)


def _layers(
    seed: int, place: str, *, datum: str, noise: float, n: int = 30
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    random = np.random.default_rng(seed)
    longitude, latitude, _ = PLACES[place]
    path = _river(random, longitude, latitude)
    line = shapely.LineString(path)
    on = shapely.line_interpolate_point(line, random.uniform(0, line.length, n))
    metres = noise / 111_000 * random.normal(size=(n, 2))
    east, north = shapely.get_x(on) + metres[:, 0], shapely.get_y(on) + metres[:, 1]
    shown = from_cgcs2000(east, north, datum=datum)
    points = gpd.GeoDataFrame(geometry=shapely.points(*shown), crs="EPSG:4490")
    return points, gpd.GeoDataFrame(geometry=[line], crs="EPSG:4490")


def _propose(seed: int, place: str, *, datum: str, noise: float = 20.0, line_error: float = 30.0) -> str:
    points, lines = _layers(seed, place, datum=datum, noise=noise)
    found = spatial.propose_datum(points, lines=lines, metric_crs=PLACES[place][2], line_error=line_error)
    return found.datum


@pytest.mark.parametrize("place", list(PLACES))
@pytest.mark.parametrize("datum", ["GCJ-02", "BD-09"])
def test_a_planted_shift_is_proposed_in_19_of_20(place: str, datum: str) -> None:
    found = [_propose(seed, place, datum=datum) for seed in range(40)]
    assert found.count(datum) >= 38
    other = {"GCJ-02": "BD-09", "BD-09": "GCJ-02"}[datum]
    assert found.count(other) == 0


@pytest.mark.parametrize("place", list(PLACES))
def test_honest_points_raise_no_alarm(place: str) -> None:
    found = [_propose(1000 + seed, place, datum="CGCS2000", noise=60.0) for seed in range(50)]
    assert sum(datum in {"GCJ-02", "BD-09"} for datum in found) <= 1


def test_points_that_have_nothing_to_do_with_the_line_are_undecided() -> None:
    random = np.random.default_rng(5)
    points, lines = _layers(5, "随州", datum="CGCS2000", noise=0)
    away = points.assign(
        geometry=shapely.points(random.uniform(113.0, 113.9, 30), random.uniform(31.3, 32.2, 30))
    )
    found = spatial.propose_datum(away, lines=lines, metric_crs="EPSG:4547", line_error=30)
    assert found.datum == "无法判定"
    assert "都不明显贴近" in found.reason


def test_a_line_coarser_than_half_the_shift_decides_nothing() -> None:
    assert _propose(1, "随州", datum="GCJ-02", line_error=320.0) == "无法判定"
    points, lines = _layers(1, "随州", datum="GCJ-02", noise=10, n=5)
    few = spatial.propose_datum(points, lines=lines, metric_crs="EPSG:4547", line_error=30)
    assert few.datum == "无法判定"
    assert "只有 5 个点" in few.reason


def test_the_outline_of_areas_serves_as_a_line_and_nothing_is_moved() -> None:
    county = files.read_counties(["421321"])
    ring = shapely.get_parts(shapely.boundary(county.geometry.iloc[0]))[0]
    on = shapely.line_interpolate_point(ring, np.linspace(0, ring.length, 80))
    shown = from_cgcs2000(shapely.get_x(on), shapely.get_y(on), datum="BD-09")
    stakes = gpd.GeoDataFrame(geometry=shapely.points(*shown), crs="EPSG:4490")
    before = stakes.copy()
    found = spatial.propose_datum(stakes, lines=county, metric_crs="EPSG:4547", line_error=50)
    assert found.datum == "BD-09"
    assert found.distances["BD-09"] < 1 < found.distances["CGCS2000"]
    assert stakes.equals(before)


def test_layers_in_two_systems_are_refused() -> None:
    points, lines = _layers(1, "随州", datum="GCJ-02", noise=10)
    with pytest.raises(CRSError):
        spatial.propose_datum(points.to_crs(4547), lines=lines, metric_crs="EPSG:4547", line_error=30)
    with pytest.raises(InputError, match="没有可比较的线"):
        spatial.propose_datum(points, lines=lines.iloc[:0], metric_crs="EPSG:4547", line_error=30)
