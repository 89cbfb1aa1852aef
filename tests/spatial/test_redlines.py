"""Two versions of a redline and boundary stakes: areas add up, slivers are told, signs are right."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from suizhou_geo.cli import main
from suizhou_geo.errors import CRSError, InputError
from suizhou_geo.spatial import check_stakes, compare_versions, summarise_changes

METRIC = "EPSG:4547"


def areas(**shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        index=pd.Index(list(shapes), name="site_id"), geometry=list(shapes.values()), crs=METRIC
    )


def compare(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, tolerance: float = 0.0) -> gpd.GeoDataFrame:
    return compare_versions(old, after=new, metric_crs=METRIC, tolerance=tolerance)


def test_a_line_that_moves_gives_and_takes() -> None:
    # A common border moves by 100 m: A loses 10 000 m² to B; A wins a strip in the south, B is cut in the north.
    old = areas(A=shapely.box(0, 0, 1000, 100), B=shapely.box(1000, 0, 2000, 100))
    new = areas(A=shapely.box(0, -50, 900, 100), B=shapely.box(900, 0, 2000, 90))
    table = summarise_changes(compare(old, new)).set_index("area_id")
    # 90 m of 100 m: ten metres of the strip that A gave up are in no unit now.
    assert table.loc["A"].round(6).to_dict() == {
        "before_m2": 100_000, "after_m2": 135_000, "kept_m2": 90_000, "moved_out_m2": 9_000, "moved_in_m2": 0,
        "removed_m2": 1_000, "added_m2": 45_000, "sliver_m2": 0,
    }  # fmt: skip
    assert table.loc["B"].round(6).to_dict() == {
        "before_m2": 100_000, "after_m2": 99_000, "kept_m2": 90_000, "moved_out_m2": 0, "moved_in_m2": 9_000,
        "removed_m2": 10_000, "added_m2": 0, "sliver_m2": 0,
    }  # fmt: skip


def test_two_surveys_of_one_line_are_slivers_and_a_new_unit_is_not() -> None:
    old = areas(A=shapely.box(0, 0, 1000, 1000))
    new = areas(A=shapely.box(0, 0, 1003, 1000), B=shapely.box(5000, 0, 5100, 100))
    changes = compare(old, new, tolerance=5)
    added = changes[changes["change"] == "调入"].set_index("after_id")
    assert added["sliver"].to_dict() == {"A": True, "B": False}
    assert added["area_m2"].round(6).to_dict() == {"A": 3000, "B": 10_000}
    assert not compare(old, new, tolerance=2)["sliver"].any()


def test_an_empty_version_is_a_version() -> None:
    some, none = areas(A=shapely.box(0, 0, 10, 10)), areas()
    assert compare(some, none)["change"].tolist() == ["调出"]
    assert compare(none, some)["change"].tolist() == ["调入"]
    assert compare(none, none).empty
    assert summarise_changes(compare(none, none)).empty


def test_units_that_overlap_count_once_and_are_told() -> None:
    double = areas(A=shapely.box(0, 0, 100, 100), B=shapely.box(90, 0, 200, 100))
    changes = compare(double, areas())
    assert changes["area_m2"].sum() == pytest.approx(20_000)
    assert changes.attrs["notes"] == ["旧版的单元互相重叠 1000 平方米，计入在前的单元"]


def _version(seed: int) -> gpd.GeoDataFrame:
    # Cells of a random Voronoi diagram without some of them, so that units share borders and have gaps.
    random = np.random.default_rng(seed)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(random.uniform(0, 5000, (14, 2)))))
    square = shapely.Point(2500, 2500).buffer(2400, quad_segs=60)
    kept = [shapely.intersection(cell, square) for cell in cells]
    return areas(
        **{f"R{number}": shape for number, shape in enumerate(kept) if number % 5 and not shape.is_empty}
    )


@pytest.mark.parametrize("seed", range(6))
def test_areas_add_up(seed: int) -> None:
    old, new = _version(seed), _version(seed + 100)
    changes = compare(old, new)
    table = summarise_changes(changes).set_index("area_id")
    for frame, total in ((old, "before_m2"), (new, "after_m2")):
        np.testing.assert_allclose(
            table[total].reindex(frame.index, fill_value=0.0), frame.area, rtol=1e-9, atol=1e-6
        )
    # The pieces do not overlap: all of them together are both versions together.
    both = shapely.union_all([*old.geometry, *new.geometry])
    assert changes["area_m2"].sum() == pytest.approx(both.area, rel=1e-9)
    # Backwards, what was won is lost.
    back = summarise_changes(compare(new, old)).set_index("area_id")
    np.testing.assert_allclose(
        back["removed_m2"], table["added_m2"].reindex(back.index), rtol=1e-9, atol=1e-6
    )


def test_stakes_have_a_side_and_their_own_tolerance_comes_first() -> None:
    zones = areas(A=shapely.box(0, 0, 100, 100), B=shapely.box(200, 0, 300, 100))
    stakes = gpd.GeoDataFrame(
        {"area_id": ["A", "B", None, None], "tolerance_m": [np.nan, 0.1, np.nan, 5.0]},
        index=["on", "named", "out", "in"],
        geometry=shapely.points([[100, 50], [200.2, 50], [100, 102], [96, 50]]),
        crs=METRIC,
    )
    table = check_stakes(stakes, areas=zones, metric_crs=METRIC, tolerance=1.0).set_index("stake_id")
    assert table["deviation_m"].round(6).to_dict() == {"in": -4, "out": 2, "named": -0.2, "on": 0}
    assert table["verdict"].to_dict() == {"in": "符合", "out": "超差", "named": "超差", "on": "符合"}
    assert table.loc["named", "area_id"] == "B"
    unknown = check_stakes(stakes.drop(columns="tolerance_m"), areas=zones, metric_crs=METRIC)
    assert set(unknown["verdict"]) == {"未判定"}


@pytest.mark.parametrize("seed", range(3))
def test_a_stake_moved_out_of_a_circle_deviates_by_as_much(seed: int) -> None:
    random = np.random.default_rng(seed)
    circle = areas(A=shapely.Point(0, 0).buffer(1000, quad_segs=2000))
    angle, moved = random.uniform(0, 2 * np.pi, 40), random.uniform(-50, 50, 40)
    stakes = gpd.GeoDataFrame(
        geometry=shapely.points(
            np.column_stack([(1000 + moved) * np.cos(angle), (1000 + moved) * np.sin(angle)])
        ),
        crs=METRIC,
    )
    table = check_stakes(stakes, areas=circle, metric_crs=METRIC, tolerance=25).set_index("stake_id")
    np.testing.assert_allclose(table["deviation_m"].sort_index(), moved, atol=1e-3)
    assert (table["verdict"] == "超差").sum() == (np.abs(moved) > 25).sum()


def test_what_cannot_be_compared_is_refused() -> None:
    some = areas(A=shapely.box(0, 0, 10, 10))
    with pytest.raises(CRSError, match="没有坐标系"):
        compare(some, some.set_crs(None, allow_override=True))
    with pytest.raises(CRSError, match="坐标系不同"):
        compare(some.to_crs(4490), some)
    with pytest.raises(InputError, match="容差 -1 不合理"):
        compare(some, some, tolerance=-1.0)
    with pytest.raises(InputError, match="界桩不是点"):
        check_stakes(some, areas=some, metric_crs=METRIC)
    named = gpd.GeoDataFrame({"area_id": ["Z"]}, index=["J1"], geometry=[shapely.Point(0, 0)], crs=METRIC)
    with pytest.raises(InputError, match="J1 所属的“Z”不在面图层中"):
        check_stakes(named, areas=some, metric_crs=METRIC)


def _run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([str(each) for each in arguments])
    return int(stopped.value.code or 0)


def test_both_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Near Suizhou, so that the files' degrees are true to the metres of the projection.
    east, north = 441_000, 3_500_000
    files = {}
    for name, width in (("旧", 1000), ("新", 1200)):
        files[name] = tmp_path / f"{name}.gpkg"
        shape = shapely.box(east, north, east + width, north + 500)
        gpd.GeoDataFrame({"site_id": ["R1"]}, geometry=[shape], crs=METRIC).to_crs(4490).to_file(files[name])
    out, pieces = tmp_path / "变化.csv", tmp_path / "图斑.gpkg"
    assert _run("redlines", "changes", files["旧"], files["新"], "--pieces", pieces, "-o", out) == 0
    assert pd.read_csv(out).at[0, "added_m2"] == pytest.approx(100_000, rel=1e-6)
    assert sorted(gpd.read_file(pieces)["change"]) == ["保留", "调入"]
    assert "调入 0.1000 平方公里" in capsys.readouterr().err
    stakes = tmp_path / "界桩.csv"
    points = gpd.GeoSeries(shapely.points([[east, north + 100], [east - 3, north + 200]]), crs=METRIC).to_crs(
        4490
    )
    rows = [f"J{number},{point.x!r},{point.y!r}" for number, point in enumerate(points)]
    stakes.write_text("\n".join(["编号,经度,纬度", *rows]), encoding="utf-8")
    asked = (
        "redlines",
        "stakes",
        stakes,
        "--line",
        files["新"],
        "--tolerance",
        "1",
        "--only-beyond",
        "-o",
        out,
    )
    assert _run(*asked) == 1
    found = pd.read_csv(out)
    assert found["stake_id"].tolist() == ["J1"]
    assert found.at[0, "deviation_m"] == pytest.approx(3, abs=0.01)
