"""The river network and what is traced on it: lengths one can add up, planted sources, and what is refused."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from suizhou_geo import spatial
from suizhou_geo.errors import CRSError, InputError, UnknownNameError

METRIC = "EPSG:4547"
WEST, SOUTH = 440_000, 3_500_000


def rivers(lines: dict[str, list[tuple[float, float]]], **columns) -> gpd.GeoDataFrame:
    shapes = [LineString([(WEST + across, SOUTH + up) for across, up in line]) for line in lines.values()]
    return gpd.GeoDataFrame(
        {"site_id": list(lines), "name": list(lines), **columns}, geometry=shapes, crs=METRIC
    )


def sites(places: dict[str, tuple[float, float]], **columns) -> gpd.GeoDataFrame:
    across, up = np.array(list(places.values())).T
    return gpd.GeoDataFrame(
        columns,
        index=pd.Index(places, name="site_id"),
        geometry=gpd.points_from_xy(WEST + across, SOUTH + up),
        crs=METRIC,
    )


# The main river flows east along up = 0; 支流 comes down to it at across = 5,000 and stops 40 m short; 反向 is drawn
# from its mouth at across = 8,000 upwards.
LINES = {
    "干流": [(0, 0), (10_000, 0)],
    "支流": [(5_000, 4_000), (5_000, 40)],
    "反向": [(8_000, 0), (8_000, 3_000)],
}
NETWORK = spatial.build_river_network(
    rivers(LINES, downstream_id=["", "干流", "干流"]), metric_crs=METRIC, tolerance=100
)


def test_gaps_and_turned_lines_are_mended_and_told() -> None:
    told = set(zip(NETWORK.report["river"], NETWORK.report["problem"], strict=True))
    assert {("反向", "方向已反转"), ("干流", "按绘制方向")} <= told
    gaps = NETWORK.report[NETWORK.report["problem"] == "缺口已接"]
    assert gaps["distance_m"].tolist() == [40.0]
    assert NETWORK.reaches["length"].sum() == pytest.approx(10_000 + 3_960 + 3_000)
    assert len(NETWORK.reaches) == 5


def test_distances_add_up_along_the_rivers_and_lead_downstream_only() -> None:
    places = sites({"源": (5_000, 2_040), "上": (2_000, 0), "下": (9_000, 0), "旁": (8_000, 1_000)})
    at = spatial.snap_sites(NETWORK, sites=places, tolerance=50)
    to_lower = spatial.river_metres(NETWORK, at_sources=at, target=at.loc["下"])
    assert to_lower.tolist() == pytest.approx([2_000 + 4_000, 7_000, 0, 1_000 + 1_000])
    assert np.isinf(spatial.river_metres(NETWORK, at_sources=at, target=at.loc["上"])[[0, 2, 3]]).all()


def test_upstream_is_transitive_and_never_downstream() -> None:
    random = np.random.default_rng(2)
    across, up = random.uniform(0, 10_000, 30), random.uniform(0, 3_900, 30)
    places = sites(
        {
            f"P{number}": ((a, 0), (5_000, u + 50), (8_000, u * 0.7))[number % 3]
            for number, (a, u) in enumerate(zip(across, up, strict=True))
        }
    )
    at = spatial.snap_sites(NETWORK, sites=places, tolerance=50)
    above = np.array(
        [np.isfinite(spatial.river_metres(NETWORK, at_sources=at, target=row)) for _, row in at.iterrows()]
    )  # above[i, j]: j lies upstream of i
    strictly = above & ~np.eye(len(at), dtype=bool)
    assert strictly.any()
    assert not (strictly & strictly.T).any()
    assert not ((strictly.astype(int) @ strictly.astype(int) > 0) & ~above).any()


def test_a_site_is_snapped_to_the_river_it_names_and_a_far_one_is_listed() -> None:
    places = sites({"近干流": (5_200, 150), "远": (0, 3_000)}, river=["支流", ""])
    at = spatial.snap_sites(NETWORK, sites=places, tolerance=500)
    assert NETWORK.reaches.at[at.at["近干流", "reach"], "river"] == "支流"
    assert at.at["近干流", "snap_m"] == pytest.approx(200)
    assert "干流" in at.at["近干流", "alternatives"]
    assert at.at["远", "reach"] == -1


def test_directions_from_an_outlet_and_what_stays_undecided() -> None:
    lines = rivers({**LINES, "别处": [(0, 50_000), (1_000, 50_000)]}).to_crs("EPSG:4490")
    mouth = (
        gpd.GeoSeries(gpd.points_from_xy([WEST + 10_000], [SOUTH]), crs=METRIC).to_crs("EPSG:4490").iloc[0]
    )
    network = spatial.build_river_network(lines, metric_crs=METRIC, outlet=(mouth.x, mouth.y))
    at = spatial.snap_sites(network, sites=sites({"源": (8_000, 2_000), "口": (9_900, 0)}), tolerance=50)
    assert spatial.river_metres(network, at_sources=at, target=at.loc["口"])[0] == pytest.approx(3_900, abs=1)
    undecided = network.report[network.report["problem"] == "方向未定"]
    assert undecided["river"].tolist() == ["别处"]


def test_circles_missing_crs_and_empty_layers() -> None:
    # A triangle drawn in one sense.
    circle = {"甲": [(0, 0), (1_000, 0)], "乙": [(1_000, 0), (500, 900)], "丙": [(500, 900), (0, 0)]}
    with pytest.raises(InputError, match="河网中有环：甲、乙、丙"):
        spatial.build_river_network(rivers(circle), metric_crs=METRIC)
    with pytest.raises(CRSError, match="河流图层没有坐标系"):
        spatial.build_river_network(rivers(LINES).set_crs(None, allow_override=True), metric_crs=METRIC)
    empty = spatial.build_river_network(rivers(LINES).iloc[:0], metric_crs=METRIC)
    assert len(empty.reaches) == 0
    assert spatial.snap_sites(empty, sites=sites({"甲": (0, 0)}), tolerance=10)["reach"].tolist() == [-1]


def test_a_mouth_may_be_told_by_name_and_an_outlet_too() -> None:
    lines = rivers(LINES, downstream=["市外", "干流", "干流"])
    by_name = spatial.build_river_network(lines, metric_crs=METRIC)
    assert by_name.reaches["length"].sum() == pytest.approx(NETWORK.reaches["length"].sum())
    assert {("反向", "方向已反转")} <= set(
        zip(by_name.report["river"], by_name.report["problem"], strict=True)
    )
    by_outlet = spatial.build_river_network(rivers(LINES), metric_crs=METRIC, outlet="干流")
    at = spatial.snap_sites(by_outlet, sites=sites({"源": (8_000, 2_000), "口": (9_900, 0)}), tolerance=50)
    assert spatial.river_metres(by_outlet, at_sources=at, target=at.loc["口"])[0] == pytest.approx(3_900)
    with pytest.raises(UnknownNameError, match="没有河流 黄河"):
        spatial.build_river_network(rivers(LINES), metric_crs=METRIC, outlet="黄河")


def test_a_braid_is_told_and_the_shorter_arm_counts() -> None:
    braid = {
        "上段": [(0, 0), (1_000, 0)],
        "北汊": [(1_000, 0), (2_000, 800), (3_000, 0)],
        "南汊": [(1_000, 0), (3_000, 0)],
        "下段": [(3_000, 0), (5_000, 0)],
    }
    network = spatial.build_river_network(rivers(braid), metric_crs=METRIC)
    told = network.report[network.report["problem"] == "辫状"]
    assert told["note"].str.contains("北汊、南汊").tolist() == [True]
    at = spatial.snap_sites(
        network, sites=sites({"北": (2_000, 800), "头": (0, 0), "口": (5_000, 0)}), tolerance=50
    )
    metres = spatial.river_metres(network, at_sources=at, target=at.loc["口"])
    assert metres[0] == pytest.approx(np.hypot(1_000, 800) + 2_000)
    assert metres[1] == pytest.approx(5_000)


def test_lines_that_meet_without_going_on_and_lines_too_short_are_told() -> None:
    lines = {"甲": [(0, 0), (1_000, 0)], "乙": [(2_000, 0), (1_000, 0)], "点": [(1_000, 0), (1_050, 0)]}
    report = spatial.build_river_network(rivers(lines), metric_crs=METRIC).report
    told = dict(zip(report["problem"], report["note"], strict=True))
    assert told["方向可疑"] == "甲、乙：汇合后没有去向"
    assert report.loc[report["problem"] == "过短未用", "river"].tolist() == ["点"]


@pytest.mark.parametrize(
    ("name", "least"),
    [("gshhg_rivers_suizhou.geojson", 11), ("ne_10m_rivers_lake_centerlines_hubei_bbox.geojson", 15)],
)
def test_real_lines_become_a_network_whose_gaps_are_told(shared_data: Path, name: str, least: int) -> None:
    lines = gpd.read_file(shared_data / "rivers" / name)
    network = spatial.build_river_network(lines, metric_crs=METRIC, tolerance=1_000)
    assert len(network.reaches) >= least
    gaps = network.report[network.report["problem"] == "缺口已接"]
    assert len(gaps) > 0
    assert gaps["distance_m"].between(0.01, 10_000).all()
    # No length is made and none is lost but in lines shorter than the tolerance.
    short = network.report.loc[network.report["problem"] == "过短未用", "distance_m"].sum()
    assert network.reaches["length"].sum() + short == pytest.approx(
        lines.to_crs(METRIC).length.sum(), rel=1e-6
    )


def test_arrival_downstream_is_distance_by_speed_and_decay() -> None:
    found = spatial.trace_downstream(
        NETWORK,
        site="源",
        sites=sites({"源": (5_000, 2_000)}),
        receptors=sites({"下": (9_000, 0), "上": (1_000, 0), "远": (0, 9_000)}),
        velocity=0.5,
        decay=0.24,
        tolerance=60,
    )
    assert found["site_id"].tolist() == ["下"]
    assert found.at[0, "travel_h"] == pytest.approx(5_960 / 0.5 / 3600)
    assert found.at[0, "load"] == pytest.approx(np.exp(-0.01 * found.at[0, "travel_h"]))
    assert found.attrs["not_snapped"] == ["远"]


def test_impossible_requests_are_refused() -> None:
    section, source = sites({"断面": (9_000, 0), "岸上": (0, 9_000)}), sites({"源": (1_000, 0)})
    asked = {"sections": section, "sources": source, "excess": pd.Series({"断面": 1.0})}
    speed = {"velocity": 0.3, "decay": 0.1}
    with pytest.raises(UnknownNameError, match="没有断面 别的"):
        spatial.trace_upstream(NETWORK, section="别的", **asked, **speed)
    with pytest.raises(InputError, match="断面 岸上 不在河上"):
        spatial.trace_upstream(NETWORK, section="岸上", **asked, **speed)
    with pytest.raises(InputError, match="没有断面的数据"):
        spatial.trace_upstream(
            NETWORK, section="断面", **{**asked, "excess": pd.Series(dtype=float)}, **speed
        )
    with pytest.raises(InputError, match="没有 tp 的降解系数"):
        spatial.trace_upstream(
            NETWORK, section="断面", sections=section, sources=source, velocity=0.3, decay={"cod": 0.1},
            excess=pd.Series([1.0], index=pd.MultiIndex.from_tuples([("断面", "tp")])),
        )  # fmt: skip
    with pytest.raises(InputError, match="流速 0 不合理"):
        spatial.trace_upstream(NETWORK, section="断面", **asked, velocity=0, decay=0.1)
    with pytest.raises(InputError, match="降解系数 -1 不合理"):
        spatial.trace_downstream(NETWORK, site="源", sites=source, receptors=section, velocity=0.3, decay=-1)
