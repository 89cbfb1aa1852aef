"""Stations on rivers: the exact choice is that of brute force, shares follow the river, the plan's two sites are ranked."""

from itertools import combinations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from suizhou_geo import files, plan
from suizhou_geo.cli import main
from suizhou_geo.errors import InputError
from suizhou_geo.spatial import build_river_network, choose_sites, river_mouths, site_stations

METRIC = "EPSG:4547"
DEMO = Path(__file__).parents[2] / "data" / "suizhou"


@pytest.mark.parametrize("seed", range(25))
def test_no_other_choice_covers_more(seed: int) -> None:
    random = np.random.default_rng(seed)
    sites, sources, count = (int(random.integers(*each)) for each in ((2, 9), (1, 30), (1, 5)))
    covers = random.random((sites, sources)) < random.uniform(0.1, 0.6)
    loads = random.lognormal(0, 2, sources)
    chosen = choose_sites(covers, loads=loads, count=count)
    assert len(chosen) <= count
    best = max(
        loads[covers[list(some)].any(axis=0)].sum() for some in combinations(range(sites), min(count, sites))
    )
    assert loads[covers[chosen].any(axis=0)].sum() == pytest.approx(best, rel=1e-9)
    # No site is taken that the others make useless.
    for place in chosen:
        others = covers[np.setdiff1d(chosen, place)].any(axis=0)
        assert (covers[place] & ~others).any()


def _y() -> gpd.GeoDataFrame:
    # A main river flowing west to east, 20 km long, and a tributary from the north that joins it half way.
    lines = [shapely.LineString([[0, 0], [20_000, 0]]), shapely.LineString([[10_000, 9_000], [10_000, 0]])]
    return gpd.GeoDataFrame(
        {"site_id": ["main", "side"], "name": ["大河", "支流"], "downstream_id": ["", "main"]},
        geometry=lines,
        crs=METRIC,
    )


def _points(loads: list[float] | None = None, **places: tuple[float, float]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        index=pd.Index(list(places), name="site_id"),
        geometry=shapely.points(list(places.values())),
        crs=METRIC,
    )
    return frame if loads is None else frame.assign(load=loads)


def test_shares_follow_the_river_and_its_length() -> None:
    network = build_river_network(_y(), metric_crs=METRIC)
    sources = _points([6.0, 3.0, 1.0], west=(2_000, 20), north=(10_000, 5_000), east=(15_000, 20))
    candidates = _points(above=(9_000, 0), below=(12_000, 0), side=(10_000, 1_000), off=(5_000, 50_000))
    far = site_stations(network, candidates=candidates, sources=sources, count=2, reach=30_000)
    assert far.set_index("site_id")["share"].to_dict() == {"below": 0.9, "above": 0.6, "side": 0.3}
    assert far["rank"].tolist() == [1, 2, 3]
    assert far.attrs["not_snapped"] == ["off"]
    # One alone covers what all three cover together: the second adds nothing.
    assert far.loc[far["chosen"], "site_id"].tolist() == ["below"]
    near = site_stations(network, candidates=candidates, sources=sources, count=2, reach=8_000)
    assert near.set_index("site_id")["share"].to_dict() == {"above": 0.6, "below": 0.3, "side": 0.3}
    assert near.attrs["covered"] == pytest.approx(0.9)


def test_mouths_are_where_rivers_end() -> None:
    mouths = river_mouths(build_river_network(_y(), metric_crs=METRIC))
    places = {name: (point.x, point.y) for name, point in mouths.geometry.items()}
    assert places == {"M-main": (19_900, 0), "M-side": (10_000, 100)}


def test_without_loads_or_stations_there_is_no_answer() -> None:
    network = build_river_network(_y(), metric_crs=METRIC)
    asked = {"candidates": _points(a=(9_000, 0)), "reach": 1000.0}
    with pytest.raises(InputError, match="都没有负荷"):
        site_stations(network, sources=_points(b=(2_000, 0)), count=1, **asked)
    with pytest.raises(InputError, match="站数 0 不合理"):
        site_stations(network, sources=_points([1.0], b=(2_000, 0)), count=0, **asked)


def test_the_two_sites_of_the_plan_are_ranked() -> None:
    table = plan.site_stations(files.open_workspace(DEMO), count=3, indicator="tp", reach=30_000)
    planned = table[table["origin"] == "计划"].set_index("site_id")
    assert planned["site_name"].to_dict() == {
        "X01": "浪河入河口水质微站",
        "X02": "平林市村黄家坝渠入河口水质微站",
    }
    # The demonstration network has no 黄家坝渠: the figure is that of the river it flows into, and says so.
    assert planned["note"].to_dict() == {"X01": "", "X02": "所写的黄家坝渠不在河网中，按涢水（府河）计"}
    assert planned["share"].between(0, 1).all()
    assert (planned["share"] > 0).all()
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    assert table["chosen"].sum() <= 3
    assert table.attrs["covered"] >= table["share"].max()
    assert "入河排污口" in table.attrs["synthetic"]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "选址.csv"
    with pytest.raises(SystemExit) as stopped:
        main(["site", str(DEMO), "--count", "2", "-o", str(out)])
    assert not stopped.value.code
    assert {"X01", "X02"} <= set(pd.read_csv(out)["site_id"])
    told = capsys.readouterr().err
    assert "假设，未核实" in told
    assert "含演示数据" in told
