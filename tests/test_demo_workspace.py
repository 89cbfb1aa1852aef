"""The demonstration workspace: facts with their sources, everything else openly synthetic, the plan complete."""

import csv
import filecmp
import subprocess
import sys
import tomllib

import pytest
import shapely

import suizhou_geo as sg
from tests.conftest import ROOT

DEMO = ROOT / "data" / "suizhou"
POINTS = ("sections", "stations", "intakes", "sources", "projects")
PLAN_IDS = [f"G{number}" for number in range(1, 8)] + [f"T{number:02d}" for number in range(1, 20)]


@pytest.fixture(scope="module")
def workspace():
    return sg.files.open_workspace(DEMO)


def rows_of(name):
    with (DEMO / "layers" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_plan_names_every_goal_and_task(workspace):
    targets = sg.files.read_plan(workspace, year=2021)
    assert sorted({target.goal for target in targets}) == sorted(PLAN_IDS)
    assert all(target.source for target in targets)


def test_no_provincial_figure_is_invented():
    targets = tomllib.loads((DEMO / "plan_2021.toml").read_text(encoding="utf-8"))["target"]
    for target in targets:
        if "未公开" in target.get("note", "") and target["verified"] != "demo":
            assert "target" not in target, target["id"]


@pytest.mark.parametrize("name", POINTS)
def test_every_typed_row_has_a_source_and_a_date_and_every_made_row_says_so(name):
    for row in rows_of(name):
        assert row["source"], row
        assert row["updated"], row
        if row["synthetic"] == "true":
            assert "演示" in row["site_name"], row


def test_what_the_script_makes_is_marked_in_the_workspace(workspace):
    for kind in ("redlines", "units", "reserves", "water_zones", "rivers", "outfalls"):
        assert workspace.layers[kind].synthetic, kind
    assert all(spec.synthetic for spec in workspace.observations.values())


@pytest.mark.parametrize("name", POINTS)
def test_every_point_lies_in_the_county_that_it_names(workspace, name):
    counties = sg.files.read_counties(workspace.counties)
    layer = sg.files.read_layer(workspace, kind=name)
    for adcode, shape in zip(layer["adcode"].astype(str), layer.geometry, strict=True):
        assert counties.geometry[adcode].covers(shape)


def test_units_cover_the_counties_without_gaps_or_overlaps(workspace):
    counties = sg.files.read_counties(workspace.counties).to_crs(workspace.metric_crs)
    units = sg.files.read_layer(workspace, kind="units").to_crs(workspace.metric_crs)
    assert units.area.sum() == pytest.approx(counties.area.sum(), rel=1e-3)
    assert units.union_all().area == pytest.approx(units.area.sum(), rel=1e-3)


def test_a_tributary_ends_on_its_river(workspace):
    rivers = sg.files.read_layer(workspace, kind="rivers")
    names = rivers["site_name"] if "site_name" in rivers.columns else rivers["name"]
    lines = dict(zip(names, rivers.geometry, strict=True))
    joined = [
        (name, to) for name, to in zip(names, rivers["downstream"].fillna(""), strict=True) if to in lines
    ]
    assert joined
    for name, to in joined:
        mouth = shapely.Point(lines[name].coords[-1])
        assert lines[to].distance(mouth) < 1e-9, (name, to)


def test_every_section_has_every_month(workspace):
    observations = sg.files.read_workspace_observations(workspace, medium="water")
    sections = sg.files.read_layer(workspace, kind="sections")
    months = observations.groupby("site_id")["time"].nunique()
    assert set(months.index) == set(sections.index)
    assert (months == 72).all()


def test_the_script_makes_the_same_bytes(tmp_path):
    command = [sys.executable, str(ROOT / "tools" / "make_demo_workspace.py"), "--out", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert len(made) > 15
    differ = [str(path) for path in made if not filecmp.cmp(tmp_path / path, DEMO / path, shallow=False)]
    assert differ == []
