"""Screening a project: every unit it touches, what is near, what is below, on one page; for review, never a verdict."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from suizhou_geo import files, maps, plan
from suizhou_geo.cli import main
from suizhou_geo.errors import CRSError, InputError
from tests.conftest import ROOT

DEMO = ROOT / "data" / "suizhou"


@pytest.fixture(scope="module")
def demo():
    return files.open_workspace(DEMO)


def project(*shapes: shapely.Geometry, name: str = "某项目", crs: int | None = 4490) -> gpd.GeoDataFrame:
    ids = [f"P{number}" for number in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame({"site_name": name}, index=ids, geometry=list(shapes), crs=crs)


def test_a_parcel_has_all_its_units_and_their_requirements(demo) -> None:
    parcel = project(shapely.box(113.30, 31.62, 113.44, 31.74))
    found = plan.screen_project(demo, project=parcel, industry="化工、电镀")
    units = files.read_layer(demo, kind="units")
    touched = units[units.intersects(parcel.geometry.iloc[0])]
    assert {unit.id for unit in found.units} == set(touched.index)
    assert len(found.units) > 1
    for unit in found.units:
        row = touched.loc[unit.id]
        assert unit.requirements["空间布局约束"] == row["空间布局约束"]
        assert len(unit.requirements) == 4
        assert unit.synthetic
        assert ("空间布局约束" in unit.mentions) == ("化工" in row["空间布局约束"])
    # Units cover the county, so that the shares of a parcel inside it are all of it.
    assert sum(unit.share for unit in found.units) == pytest.approx(1, abs=2e-3)
    assert found.synthetic


def test_what_is_near_and_what_is_below_agree_with_plain_geometry(demo) -> None:
    place = project(shapely.Point(113.40, 31.70))
    found = plan.screen_project(demo, project=place, distance=5000)
    metric = place.to_crs(demo.metric_crs).geometry.iloc[0]
    for kind in ("redlines", "water_zones", "reserves"):
        layer = files.read_layer(demo, kind=kind).to_crs(demo.metric_crs)
        near = layer.index[layer.distance(metric) <= 5000]
        assert {area.id for area in found.areas if area.id in layer.index} == set(near)
    distances = [site.distance_km for site in found.downstream]
    assert distances == sorted(distances)
    assert len(distances) > 0
    sections = files.read_layer(demo, kind="sections").to_crs(demo.metric_crs)
    for site in found.downstream:
        if site.id in sections.index:
            # Along the river is never shorter than straight, but for both ways to the river.
            assert 1000 * site.distance_km >= sections.distance(metric)[site.id] - 6000
    # Downstream of a section on the same river all that it reaches is reached too, later.
    farther = plan.screen_project(demo, project=project(shapely.Point(113.25, 31.86)))
    assert {site.id for site in found.downstream} <= {site.id for site in farther.downstream}


def test_nothing_is_said_to_be_illegal(demo) -> None:
    for x, y in ((113.33, 31.66), (113.49, 31.93), (113.0, 31.5), (113.9, 31.6)):
        found = plan.screen_project(demo, project=project(shapely.Point(x, y).buffer(0.03)), error=50)
        text = found.to_json()
        assert not [word for word in ("违法", "非法", "违规", "不符合准入") if word in text]
        assert all("复核" in unit.action for unit in found.units)
        assert all(0 <= area.p_conflict <= 1 for area in found.areas)


def test_far_from_everything_is_a_result(demo) -> None:
    found = plan.screen_project(demo, project=project(shapely.Point(120.0, 30.0)), industry="化工")
    assert (found.units, found.areas, found.downstream, found.county) == ((), (), (), "")
    assert "项目不在本工作区的区县内" in found.notes
    assert "没有落在任何管控单元内" in found.notes
    assert "3000 米内没有河流，未沿河推算下游" in found.notes
    assert not found.synthetic


def test_a_workspace_without_layers_says_what_was_not_checked(tmp_path: Path) -> None:
    (tmp_path / "workspace.toml").write_text(
        '[region]\nname = "随州市"\nadcode = "421300"\ncounties = ["421303"]\nmetric_crs = "EPSG:4547"\n',
        encoding="utf-8",
    )
    found = plan.screen_project(files.open_workspace(tmp_path), project=project(shapely.Point(113.4, 31.7)))
    assert found.county == "曾都区"
    assert any(note.startswith("工作区没有这些图层，未核对：环境管控单元、") for note in found.notes)
    assert "工作区没有河流图层，未沿河推算" in found.notes


def test_what_is_no_project_is_refused(demo) -> None:
    point = shapely.Point(113.4, 31.7)
    for wrong in (project(), project(point, point), project(shapely.Point())):
        with pytest.raises(InputError, match="项目图层有"):
            plan.screen_project(demo, project=wrong)
    with pytest.raises(CRSError, match="没有坐标系"):
        plan.screen_project(demo, project=project(point, crs=None))
    with pytest.raises(CRSError, match="坐标系不同"):
        plan.screen_project(demo, project=project(point).to_crs(demo.metric_crs))


def _run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([str(each) for each in arguments])
    return int(stopped.value.code or 0)


def test_the_command_takes_a_point_a_layer_and_a_project_of_the_workspace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "研判.json"
    assert _run("project", DEMO, "--at", "113.40,31.70", "--industry", "化工", "-o", out) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["units"]
    assert _run("project", DEMO, "--id", "X01", "-o", out) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["name"] == "浪河入河口水质微站"
    table = tmp_path / "点.csv"
    pd.DataFrame({"site_id": ["A"], "经度": [113.4], "纬度": [31.7]}).to_csv(table, index=False)
    assert _run("project", DEMO, "--shape", table, "--name", "乙", "--quiet") == 0
    assert json.loads(capsys.readouterr().out)["name"] == "乙"
    for wrong, told in (
        (("--at", "31.7,113.4"), "像是经纬度写反"),
        (("--at", "113.4"), "不能用"),
        (("--id", "没有"), "项目图层中没有编号“没有”"),
        (("--at", "113.4,31.7", "-o", tmp_path / "x.docx"), "可用扩展名：.html、.json"),
    ):
        assert _run("project", DEMO, *wrong) == 2
        assert told in capsys.readouterr().err


@pytest.mark.browser
def test_the_page_is_one_sheet_and_shows_hostile_texts_as_texts(open_page, tmp_path: Path, demo) -> None:
    hostile = '</script><img src=x onerror="document.title=1"><b>'
    parcel = project(shapely.box(113.31, 31.65, 113.33, 31.67), name=hostile)
    found = plan.screen_project(demo, project=parcel, industry=hostile, distance=3000, error=100)
    seen = open_page(maps.write_screening(found, path=tmp_path / "页.html"))
    assert seen.page.locator("html").get_attribute("data-ready") == "true"
    assert seen.page.locator("#title").inner_text() == f"{hostile} · 空间准入研判"
    assert seen.page.locator("#screening table").count() == 3
    for name in (*(unit.name for unit in found.units), *(area.name for area in found.areas)):
        assert name in seen.page.locator("#screening").inner_text()
    assert seen.complaints == []
    assert len(seen.requests) == 1
    assert seen.page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    assert seen.page.locator(".synthetic-stamp").inner_text() == "演示数据"
