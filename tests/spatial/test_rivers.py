"""The river network and what is traced on it: lengths one can add up, planted sources, and what is refused."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from suizhou_geo import spatial
from suizhou_geo.cli import main
from suizhou_geo.errors import CRSError, InputError, UnknownNameError
from suizhou_geo.packaged import packaged_folder

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
    circle = {"甲": [(0, 0), (1_000, 0)], "乙": [(1_000, 0), (500, 900)], "丙": [(500, 900), (0, 0)]}
    with pytest.raises(InputError, match="河网中有环：甲、乙、丙"):
        spatial.build_river_network(rivers(circle), metric_crs=METRIC)
    with pytest.raises(CRSError, match="河流图层没有坐标系"):
        spatial.build_river_network(rivers(LINES).set_crs(None, allow_override=True), metric_crs=METRIC)
    empty = spatial.build_river_network(rivers(LINES).iloc[:0], metric_crs=METRIC)
    assert len(empty.reaches) == 0
    assert spatial.snap_sites(empty, sites=sites({"甲": (0, 0)}), tolerance=10)["reach"].tolist() == [-1]


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


def plant(seed: int) -> tuple[int, int]:
    """Rank of a planted source among all on a comb of ten tributaries, and how many suspects there were."""
    random = np.random.default_rng(seed)
    lines = {"干流": [(0, 0), (60_000, 0)]}
    for number in range(10):
        mouth = 4_000 + 5_000 * number
        lines[f"支流{number}"] = [(mouth - 1_000, random.uniform(8_000, 20_000)), (mouth, 0)]
    network = spatial.build_river_network(
        rivers(lines, downstream_id=["", *["干流"] * 10]), metric_crs=METRIC
    )
    tributaries = random.integers(0, 10, 36)
    places = {
        f"P{number}": tuple(
            LineString(lines[f"支流{each}"]).interpolate(random.uniform(0.1, 0.9), normalized=True).coords[0]
        )
        for number, each in enumerate(tributaries)
    }
    sources = sites(places, load=random.lognormal(0, 0.5, 36), river=[f"支流{each}" for each in tributaries])
    # Six sections: four on tributaries near their mouths, two on the main river; the last one asks.
    watched = random.choice(10, 4, replace=False)
    points = {f"T{each}": (4_000 + 5_000 * each - 30, 400) for each in watched} | {
        "M1": (27_000, 0),
        "M2": (58_000, 0),
    }
    sections = sites(points, river=[*(f"支流{each}" for each in watched), "干流", "干流"])
    velocity, decay = 0.4, 0.3
    guilty = f"P{random.integers(36)}"
    at = spatial.snap_sites(network, sites=sections, tolerance=300)
    own = spatial.snap_sites(network, sites=sources.loc[[guilty]], tolerance=300)
    metres = np.array(
        [spatial.river_metres(network, at_sources=own, target=row)[0] for _, row in at.iterrows()]
    )
    seen = np.where(
        np.isfinite(metres), np.exp(-decay * np.where(np.isfinite(metres), metres, 0) / velocity / 86_400), 0
    )
    noisy = pd.Series(np.maximum(seen * (1 + random.normal(0, 0.2, len(seen))), 0), index=sections.index)
    table = spatial.trace_upstream(
        network, section="M2", sections=sections, sources=sources, excess=noisy,
        velocity=velocity, decay=decay * random.uniform(0.7, 1.3), tolerance=300,
    )  # fmt: skip
    return int(table.set_index("site_id").at[guilty, "rank"]), len(table)


def test_clean_sections_clear_whole_tributaries() -> None:
    ranks, counts = zip(*(plant(seed) for seed in range(12)), strict=True)
    assert min(counts) == 36
    # By chance one in twelve of the planted would be in the first three.
    assert sum(rank <= 3 for rank in ranks) >= 4


def test_impossible_requests_are_refused() -> None:
    section, source = sites({"断面": (9_000, 0), "岸上": (0, 9_000)}), sites({"源": (1_000, 0)})
    asked = {"sections": section, "sources": source, "excess": pd.Series({"断面": 1.0})}
    speed = {"velocity": 0.3, "decay": 0.1}
    with pytest.raises(UnknownNameError, match="没有断面 别的"):
        spatial.trace_upstream(NETWORK, section="别的", **asked, **speed)
    with pytest.raises(InputError, match="断面 岸上 不在河上"):
        spatial.trace_upstream(NETWORK, section="岸上", **asked, **speed)
    with pytest.raises(InputError, match="流速 0 不合理"):
        spatial.trace_upstream(NETWORK, section="断面", **asked, velocity=0, decay=0.1)
    with pytest.raises(InputError, match="降解系数 -1 不合理"):
        spatial.trace_downstream(NETWORK, site="源", sites=source, receptors=section, velocity=0.3, decay=-1)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return int(stopped.value.code or 0)


def test_the_command_ranks_suspects_of_the_demonstration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo, out = str(packaged_folder("data", "suizhou")), tmp_path / "溯源.csv"
    assert run("trace", demo, "--section", "S03", "--year", "2021", "--month", "6", "-o", str(out)) == 0
    found = pd.read_csv(out)
    assert found["rank"].tolist() == list(range(1, len(found) + 1))
    assert len(found) > 5
    assert found["evidence"].str.contains("单独可解释超标的").all()
    told = capsys.readouterr().err
    assert "缺省值为假设，未核实" in told
    assert "不是认定" in told
    assert run("trace", demo, "--section", "S01", "--downstream", "-o", str(out)) == 0
    below = pd.read_csv(out)
    assert "S02" in set(below["site_id"])
    assert below["travel_h"].is_monotonic_increasing
    assert run("trace", demo, "--section", "S03", "--indicator", "do") == 2
    assert "不能溯源" in capsys.readouterr().err
    assert run("trace", demo, "--section", "S99") == 2
    assert "S99 在 2021-12 没有 tp 的数据" in capsys.readouterr().err
