"""Windows of large polygons give what whole ones give: shared areas and lengths, distances, with holes and parts."""

import numpy as np
import pytest
import shapely

from suizhou_geo.spatial.windows import meet


def _coast(corners: int, *, seed: int, radius: float = 5000.0) -> shapely.Polygon:
    random = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    rough = radius * (1 + 0.2 * np.sin(7 * angle) + 0.02 * random.normal(size=corners))
    return shapely.Polygon(np.column_stack([rough * np.cos(angle), rough * np.sin(angle)]))


HOLED = shapely.difference(_coast(3000, seed=1), shapely.Point(500, 300).buffer(900, quad_segs=200))
PARTS = shapely.MultiPolygon([_coast(900, seed=2, radius=1500), shapely.box(4000, 0, 5000, 900)])
ZONES = np.array([HOLED, PARTS, shapely.box(-300, -300, 300, 300)], dtype=object)


def _features(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    places = random.uniform(-7000, 7000, (250, 2))
    sizes = random.uniform(5, 900, 250)
    boxes = shapely.box(*places.T, *(places + sizes[:, None]).T)
    lines = shapely.linestrings(np.stack([places, places[::-1]], axis=1))
    # Along an edge of its own, across the whole, and touching at a corner only.
    along = shapely.LineString(shapely.get_coordinates(HOLED)[:40])
    around = shapely.box(-9000, -9000, 9000, 9000)
    west = shapely.get_coordinates(HOLED)[shapely.get_coordinates(HOLED)[:, 0].argmin()]
    corner = shapely.box(west[0] - 50, west[1] - 50, *west)
    return np.concatenate([boxes, shapely.points(places), lines, [along, around, corner]])


@pytest.mark.parametrize("seed", range(3))
def test_windows_give_what_the_whole_gives(seed: int) -> None:
    features = _features(seed)
    left, right = (
        grid.ravel() for grid in np.meshgrid(np.arange(len(features)), np.arange(3), indexing="ij")
    )
    shared, gap = meet(features[left], ZONES, right)
    whole = shapely.intersection(features[left], ZONES[right])
    for measure in (shapely.area, shapely.length):
        np.testing.assert_allclose(measure(shared), measure(whole), rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(gap, shapely.distance(features[left], ZONES[right]), rtol=1e-9, atol=1e-6)
