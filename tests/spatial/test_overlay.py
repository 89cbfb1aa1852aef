"""Features in or near areas: simple shapes whose answers one can do in one's head, and properties."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from suizhou_geo.errors import CRSError, InputError
from suizhou_geo.spatial import CONFLICT_COLUMNS, find_conflicts

METRIC = "EPSG:4547"


def frame(ids, shapes, **columns):
    return gpd.GeoDataFrame(columns, index=pd.Index(ids, name="site_id"), geometry=list(shapes), crs=METRIC)


SQUARE = frame(["R1"], [shapely.box(0, 0, 100, 100)], kind=["redlines"])


def test_a_point_inside_on_the_edge_near_and_far():
    points = frame(
        ["in", "edge", "near", "far"], shapely.points([[50, 50], [100, 50], [150, 50], [5000, 50]])
    )
    register = find_conflicts(points, areas=SQUARE, metric_crs=METRIC, distance=100)
    assert register.set_index("feature_id")["relation"].to_dict() == {
        "in": "在内",
        "edge": "在内",
        "near": "邻近",
    }
    assert register.set_index("feature_id").loc["near", "distance_m"] == pytest.approx(50)


def test_half_a_parcel_has_half_its_area_in_the_redline():
    parcel = frame(["P"], [shapely.box(50, 0, 150, 100)])
    row = find_conflicts(parcel, areas=SQUARE, metric_crs=METRIC).iloc[0]
    assert (row["relation"], row["overlap_m2"], row["share"]) == (
        "相交",
        pytest.approx(5000),
        pytest.approx(0.5),
    )


def test_a_line_is_shared_by_length():
    line = frame(["L"], [shapely.LineString([[-300, 50], [100, 50]])])
    row = find_conflicts(line, areas=SQUARE, metric_crs=METRIC).iloc[0]
    assert row["share"] == pytest.approx(0.25)


def test_nothing_near_is_an_empty_register_with_all_columns():
    register = find_conflicts(frame([], []), areas=SQUARE, metric_crs=METRIC)
    assert register.empty
    assert tuple(register.columns) == CONFLICT_COLUMNS


def test_the_action_of_a_first_grade_zone_cites_its_article():
    zone = frame(["Z"], [shapely.box(0, 0, 10, 10)], kind=["water_zones"], category=["一级"])
    row = find_conflicts(frame(["A"], [shapely.Point(5, 5)]), areas=zone, metric_crs=METRIC).iloc[0]
    assert "第六十五条" in row["basis"]
    assert "非法" not in row["action"]
    assert row["verified"] == "1 source"
    assert find_conflicts(SQUARE, areas=SQUARE, metric_crs=METRIC).at[0, "verified"] == "unverified"


def test_inputs_stay_as_they_were():
    points, zones = frame(["A"], [shapely.Point(5, 5)]), SQUARE.copy()
    before = points.copy(), zones.copy()
    find_conflicts(points, areas=zones, metric_crs=METRIC)
    pd.testing.assert_frame_equal(points, before[0])
    pd.testing.assert_frame_equal(zones, before[1])


def test_a_layer_without_crs_is_refused():
    with pytest.raises(CRSError, match="没有坐标系"):
        find_conflicts(SQUARE.set_crs(None, allow_override=True), areas=SQUARE, metric_crs=METRIC)


def test_two_different_crs_are_refused():
    with pytest.raises(CRSError, match="坐标系不同"):
        find_conflicts(SQUARE.to_crs("EPSG:4490"), areas=SQUARE, metric_crs=METRIC)


def test_degrees_are_no_unit_of_distance():
    with pytest.raises(CRSError, match="投影坐标系"):
        find_conflicts(SQUARE, areas=SQUARE, metric_crs="EPSG:4490")


@pytest.mark.parametrize("seed", range(5))
def test_a_larger_distance_contains_the_smaller_and_agrees_with_brute_force(seed):
    random = np.random.default_rng(seed)
    points = frame(range(60), shapely.points(random.uniform(-500, 700, (60, 2))))
    near, far = (find_conflicts(points, areas=SQUARE, metric_crs=METRIC, distance=d) for d in (100, 300))
    assert set(near["feature_id"]) <= set(far["feature_id"])
    brute = points.index[points.distance(SQUARE.geometry.iloc[0]) <= 300]
    assert set(far["feature_id"]) == set(brute)


def test_a_sliver_within_the_error_is_hardly_more_than_even():
    parcels = frame(
        ["sliver", "deep", "gap", "swallows"],
        [
            shapely.box(99, 0, 300, 100),
            shapely.box(-300, 0, 60, 100),
            shapely.box(130, 0, 300, 100),
            shapely.box(-500, -500, 600, 600),
        ],
    )
    chance = find_conflicts(parcels, areas=SQUARE, metric_crs=METRIC, error=30).set_index("feature_id")[
        "p_conflict"
    ]
    # One metre in is 0.065, thirty metres out 1.96 standard deviations.
    assert chance["sliver"] == pytest.approx(0.526, abs=0.001)
    assert chance["gap"] == pytest.approx(0.025, abs=0.001)
    assert chance["deep"] > 0.99
    assert chance["swallows"] > 0.99
    plain = find_conflicts(parcels, areas=SQUARE, metric_crs=METRIC)
    assert plain["p_conflict"].isna().all()
    sure = find_conflicts(parcels, areas=SQUARE, metric_crs=METRIC, error=0).set_index("feature_id")
    assert sure["p_conflict"].to_dict() == {"sliver": 1.0, "deep": 1.0, "gap": 0.0, "swallows": 1.0}


def test_a_shifted_point_falls_inside_as_often_as_is_said():
    random = np.random.default_rng(3)
    places = np.column_stack([np.linspace(-40, 90, 14), np.full(14, 50.0)])
    wide = frame(["R"], [shapely.box(0, -5000, 10000, 5000)], kind=["redlines"])
    points = frame([f"P{number:02d}" for number in range(14)], shapely.points(places))
    told = find_conflicts(points, areas=wide, metric_crs=METRIC, error=50).set_index("feature_id")[
        "p_conflict"
    ]
    shifted = places[:, None, :] + random.normal(0, 50 / 1.96, (14, 20000, 2))
    truth = shapely.covers(wide.geometry.iloc[0], shapely.points(shifted)).mean(axis=1)
    np.testing.assert_allclose(told.sort_index(), truth, atol=0.015)


@pytest.mark.parametrize("wrong", [{"distance": -1.0}, {"error": -5.0}, {"error": float("nan")}])
def test_metres_that_are_none_are_refused(wrong):
    with pytest.raises(InputError, match="不小于 0 的米数"):
        find_conflicts(SQUARE, areas=SQUARE, metric_crs=METRIC, **wrong)


def test_nearer_register_is_part_of_the_farther():
    random = np.random.default_rng(1)
    points = frame([f"P{number}" for number in range(90)], shapely.points(random.uniform(-400, 500, (90, 2))))
    keys = [
        set(find_conflicts(points, areas=SQUARE, metric_crs=METRIC, distance=reach)["feature_id"])
        for reach in (0, 100, 200, 400)
    ]
    assert keys[0] < keys[1] < keys[2] < keys[3]


@pytest.mark.parametrize(
    ("kind", "category", "told"),
    [
        ("units", "优先保护单元", "优先保护单元禁止或限制"),
        ("units", "重点", "重点管控单元加强"),
        ("units", "一般管控", "一般管控单元落实"),
        ("units", "", "对照该单元准入清单"),
        ("water_zones", "二级保护区", "二级保护区内禁止排放污染物"),
        ("water_zones", "准保护区", "准保护区内禁止新建、扩建严重污染"),
        ("reserves", "核心保护区", "核心保护区原则上禁止人为活动"),
        ("reserves", "一般控制区", "一般控制区限制人为活动"),
        ("redlines", "水源涵养", "有限人为活动"),
        ("本地自定", "x", "请复核"),
    ],
)
@pytest.mark.parametrize("place", [50, 100])
def test_the_rule_follows_kind_and_legal_category(kind, category, told, place):
    zone = frame(["Z"], [shapely.box(0, 0, 100, 100)], kind=[kind], category=[category])
    row = find_conflicts(frame(["A"], [shapely.Point(place, 50)]), areas=zone, metric_crs=METRIC).iloc[0]
    assert told in row["action"]
    assert "复核" in row["action"]
    assert row["category"] == category
    assert not [word for word in ("违法", "非法", "违规") if word in row["action"]]


def test_what_lies_within_the_error_asks_for_the_boundary_first():
    parcels = frame(["sliver", "deep"], [shapely.box(99, 0, 300, 100), shapely.box(-300, 0, 60, 100)])
    register = find_conflicts(parcels, areas=SQUARE, metric_crs=METRIC, error=30).set_index("feature_id")
    assert register["within_error"].to_dict() == {"sliver": True, "deep": False}
    assert register.loc["sliver", "action"].startswith("在位置误差之内，先核实边界；请复核")
    assert register.loc["deep", "action"].startswith("请复核")


def test_shares_of_areas_that_cover_everything_add_up_to_one():
    random = np.random.default_rng(5)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(random.uniform(0, 9000, (40, 2)))))
    units = frame([f"U{number}" for number in range(len(cells))], cells, kind=["units"] * len(cells))
    west, south = random.uniform(1000, 6000, (2, 50))
    size = random.uniform(10, 2000, 50)
    parcels = frame(
        [f"P{number}" for number in range(50)], shapely.box(west, south, west + size, south + size)
    )
    register = find_conflicts(parcels, areas=units, metric_crs=METRIC, distance=0)
    sums = register.groupby("feature_id")[["overlap_m2", "share"]].sum().loc[parcels.index]
    np.testing.assert_allclose(sums["overlap_m2"], parcels.area, rtol=1e-9)
    np.testing.assert_allclose(sums["share"], 1, rtol=1e-9)
