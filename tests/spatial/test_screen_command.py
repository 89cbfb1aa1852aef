"""``suizhou-geo screen``: a register for review from two files, and what it refuses."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from suizhou_geo.cli import main

LAYERS = Path(__file__).parents[2] / "data" / "suizhou" / "layers"


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    return int(stopped.value.code or 0)


def test_projects_against_redlines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "冲突.csv"
    asked = ("screen", str(LAYERS / "outfalls.geojson"), "--against", str(LAYERS / "redlines.geojson"))
    assert _run(*asked, "--kind", "redlines", "--distance", "800", "--error", "50", "-o", str(out)) == 0
    register = pd.read_csv(out)
    needed = [
        "feature_id",
        "area_id",
        "area_kind",
        "relation",
        "overlap_m2",
        "share",
        "distance_m",
        "p_conflict",
        "action",
    ]
    assert set(needed) <= set(register.columns)
    assert len(register) > 0
    # The same pairs by a plain join in the same projection.
    points, zones = (
        gpd.read_file(LAYERS / name).to_crs("EPSG:4547") for name in ("outfalls.geojson", "redlines.geojson")
    )
    pairs = points.sjoin(zones, predicate="dwithin", distance=800)
    expected = set(zip(pairs["site_id_left"], pairs["site_id_right"], strict=True))
    assert set(zip(register["feature_id"], register["area_id"], strict=True)) == expected
    assert register["area_kind"].eq("redlines").all()
    assert register["p_conflict"].between(0, 1).all()
    told = capsys.readouterr().err
    assert "不是违法认定" in told
    assert "违法" not in "".join(register["action"])


def test_nothing_near_is_a_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "点.csv"
    table.write_text("site_id,经度,纬度\nA,120.1,30.2\n", encoding="utf-8")
    out = tmp_path / "空.csv"
    assert _run("screen", str(table), "--against", str(LAYERS / "redlines.geojson"), "-o", str(out)) == 0
    assert "没有冲突，也没有邻近" in capsys.readouterr().err
    assert pd.read_csv(out).empty


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("screen", "{empty}", "--against", "{redlines}"), "0 要素，13 区域"),
        (("screen", "{outfalls}", "--against", "{empty}", "--error", "30"), "120 要素，0 区域"),
        (("redlines", "changes", "{empty}", "{redlines}"), "旧版 0 要素，新版 13 要素"),
        (("redlines", "changes", "{redlines}", "{empty}"), "旧版 13 要素，新版 0 要素"),
        (("redlines", "changes", "{empty}", "{empty}"), "旧版 0 要素，新版 0 要素"),
        (("redlines", "stakes", "{empty}", "--line", "{redlines}"), "0 个界桩，13 个区域：0 要素"),
        (("redlines", "stakes", "{projects}", "--line", "{empty}"), "9 个界桩，0 个区域：0 要素"),
    ],
)
def test_an_empty_layer_is_a_result(
    tmp_path: Path, asked: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "空.geojson"
    empty.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    paths = {
        "empty": empty,
        "redlines": LAYERS / "redlines.geojson",
        "outfalls": LAYERS / "outfalls.geojson",
        "projects": LAYERS / "projects.csv",
    }
    assert _run(*(each.format(**paths) for each in asked)) == 0
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("shape", "options", "told"),
    [
        (shapely.LineString([[113, 31], [113.1, 31.1]]), (), "不是面"),
        (shapely.box(113, 31, 113.1, 31.1), ("--error", "-3"), "不小于 0 的米数"),
    ],
)
def test_what_cannot_be_screened_is_told(
    tmp_path: Path,
    shape: shapely.Geometry,
    options: tuple[str, ...],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    areas = tmp_path / "范围.geojson"
    gpd.GeoDataFrame({"site_id": ["A"]}, geometry=[shape], crs="EPSG:4490").to_file(areas)
    assert _run("screen", str(LAYERS / "projects.csv"), "--against", str(areas), *options) == 2
    assert told in capsys.readouterr().err


def test_a_layer_wider_than_a_zone_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "全国.csv"
    table.write_text("site_id,经度,纬度\nA,80,40\nB,130,45\n", encoding="utf-8")
    assert _run("screen", str(table), "--against", str(LAYERS / "redlines.geojson")) == 2
    assert "不能在一个投影带里量距离" in capsys.readouterr().err


def test_the_kind_of_the_areas_is_one_that_has_a_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("screen", str(LAYERS / "outfalls.geojson"), "--against", str(LAYERS / "redlines.geojson"))
    named = []
    for kind in ("redlines", "生态保护红线"):
        assert _run(*asked, "--kind", kind, "-o", str(tmp_path / "册.csv")) == 0
        named.append(pd.read_csv(tmp_path / "册.csv"))
    assert len(named[0])
    pd.testing.assert_frame_equal(*named)
    assert _run(*asked, "--kind", "红色") == 2
    assert "种类“红色”未知" in capsys.readouterr().err
