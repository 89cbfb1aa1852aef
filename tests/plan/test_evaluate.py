"""The state of a county: recomputed from its source rows, cut off at its month, and the same after JSON."""

import csv
import shutil

import pytest

import suizhou_geo as sg
from suizhou_geo.conventions import CountyResult
from suizhou_geo.errors import InputError, MissingFileError, UnknownNameError
from tests.conftest import ROOT

DEMO = ROOT / "data" / "suizhou"
COUNTIES = ("421303", "421321", "421381")


@pytest.fixture(scope="module")
def workspace():
    return sg.files.open_workspace(DEMO)


@pytest.fixture(scope="module")
def results(evaluate):
    return {adcode: evaluate(adcode) for adcode in (*COUNTIES, "421300")}


def sections(result):
    return result.layer("sections").features


def test_every_section_of_the_city_belongs_to_one_county(results):
    parts = [site.id for adcode in COUNTIES for site in sections(results[adcode])]
    assert sorted(parts) == sorted(site.id for site in sections(results["421300"]))
    assert len(parts) == len(set(parts)) > 10


def test_a_monthly_value_on_the_page_is_the_cell_of_the_file(results):
    site = next(site for site in sections(results["421321"]) if site.name == "厉山")
    phosphorus = next(series for series in site.series if series.indicator == "tp")
    with (DEMO / "observations" / "water_2021.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["监测时间"]: row for row in csv.DictReader(stream) if row["断面名称"] == "厉山"}
    header = next(name for name in rows["2021-06"] if name.startswith("总磷"))
    for month in ("2021-02", "2021-06"):
        cell = rows[month][header]
        value = phosphorus.values[phosphorus.times.index(month)]
        assert value == pytest.approx(float(cell.rstrip("L")) * (0.5 if cell.endswith("L") else 1))
    assert phosphorus.limit == 0.2


def test_the_share_of_good_sections_is_that_of_their_classes(results):
    result = results["421300"]
    row = next(row for row in result.targets if row.id == "G1.good_ratio")
    classes = [site.section.year_to_date_class for site in sections(result)]
    known = [water_class for water_class in classes if water_class]
    assert row.value == pytest.approx(100 * sum(each <= 3 for each in known) / len(known), abs=0.05)
    assert f"{len(known)} 个断面" in result.headline


def test_the_future_changes_nothing(results, tmp_path):
    folder = tmp_path / "city"
    shutil.copytree(DEMO, folder)
    file = folder / "observations" / "water_2021.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    kept = [line for line in lines if not any(f"2021-{month:02d}" in line for month in range(7, 13))]
    assert len(kept) < len(lines)
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    again = sg.plan.evaluate_county(sg.files.open_workspace(folder), adcode="421321", year=2021, month=6)
    assert again.headline == results["421321"].headline
    assert sections(again) == sections(results["421321"])


def test_a_result_survives_json(results):
    for result in results.values():
        assert CountyResult.from_json(result.to_json()) == result


def test_what_is_synthetic_says_so(results):
    result = results["421300"]
    assert result.synthetic
    assert result.layer("redlines").synthetic
    made = [site for site in sections(result) if "演示" in site.name]
    assert made
    assert all(site.synthetic for site in made)
    named = next(site for site in sections(result) if site.name == "厉山")
    assert (named.synthetic, named.location_quality) == (False, "approximate")


def test_only_the_county_in_question_is_marked(results):
    marks = {feature.id: feature.in_county for feature in results["421303"].layer("counties").features}
    assert marks == {"421303": True, "421321": False, "421381": False}


def test_conflicts_are_for_review_and_never_call_anything_illegal(results):
    conflicts = results["421300"].conflicts
    assert conflicts
    assert all("违法" not in each.action and each.action for each in conflicts)
    assert all(each.distance_m <= 500 for each in conflicts)
    inside = [each for each in conflicts if each.relation == "在内"]
    assert all(each.distance_m == 0 for each in inside)


def test_a_basis_that_nobody_has_checked_says_so_on_the_page(results):
    # Every citation of actions.csv of 自然资发 is unverified, those of articles 64 to 66 have one source.
    actions = {each.action for result in results.values() for each in result.conflicts}
    cited = {action for action in actions if "自然资发" in action}
    assert cited
    assert all("142号，未核实）" in action for action in cited)
    assert not [action for action in actions if "第六十四条" in action and "未核实" in action]
    assert "自然资发〔2022〕142号，未核实）" in sg.maps.render_page(results["421300"])


def test_a_month_before_all_data_is_a_result_without_classes(workspace):
    result = sg.plan.evaluate_county(workspace, adcode="421303", year=2011, month=6)
    assert {site.section.target_state for site in sections(result)} == {"unknown"}
    assert "没有可评价" in result.headline


def test_an_adcode_of_another_city_is_refused_with_what_there_is(workspace):
    with pytest.raises(UnknownNameError, match=r"420100.*421303"):
        sg.plan.evaluate_county(workspace, adcode="420100", year=2021, month=6)


def test_a_thirteenth_month_is_refused(workspace):
    with pytest.raises(InputError, match="13 月"):
        sg.plan.evaluate_county(workspace, adcode="421303", year=2021, month=13)


def broken(tmp_path, old, new):
    folder = tmp_path / "city"
    shutil.copytree(DEMO, folder)
    file = folder / "workspace.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("redlines.geojson", "没有.geojson", MissingFileError, "没有.geojson"),
        ("421381", "421399", UnknownNameError, "421399"),
        ("[layers.redlines]", "[layers.redline]", UnknownNameError, "redlines"),
        ('name = "随州市"', 'name = "随州市', InputError, "workspace.toml"),
        ('"CGCS2000"', '"Mars"', InputError, "GCJ-02"),
        ("metric_crs", "metric", InputError, "metric_crs"),
        ("water_*.csv", "沒有_*.csv", MissingFileError, "监测文件"),
    ],
)
def test_a_workspace_that_does_not_hold_is_refused_when_opened(tmp_path, old, new, error, message):
    with pytest.raises(error, match=r"workspace\.toml|421399|没有") as caught:
        sg.files.open_workspace(broken(tmp_path, old, new))
    assert message in str(caught.value)


def test_a_folder_that_is_no_workspace(tmp_path):
    with pytest.raises(MissingFileError, match=r"workspace\.toml"):
        sg.files.open_workspace(tmp_path)


def test_points_taken_from_a_vendors_map_are_brought_to_cgcs2000_and_it_is_said(tmp_path, workspace):
    old = 'file = "layers/stations.csv"\ndatum = "CGCS2000"'
    folder = broken(tmp_path, old, old.replace("CGCS2000", "GCJ-02"))
    moved = sg.files.open_workspace(folder)
    there, here = (sg.files.read_layer(each, kind="stations").to_crs(4547) for each in (moved, workspace))
    assert there.distance(here).between(600, 626).all()
    result = sg.plan.evaluate_county(moved, adcode="421303", year=2021, month=6)
    assert "GCJ-02" in result.layer("stations").source


def test_the_air_goals_hold_the_year_so_far_of_the_stations(results, workspace):
    rows = {row.id: row for row in results["421300"].targets}
    air = sg.files.read_workspace_observations(workspace, medium="air", year=2021)
    pm = air[(air["indicator"] == "pm2_5") & (air["time"] < "2021-07-01")]
    daily = pm.groupby("time")["value"].mean()
    assert rows["G2.pm2_5"].value == round(daily.mean())
    assert rows["G2.pm2_5"].state == "unknown"
    assert "未公开" in rows["G2.pm2_5"].note
    assert 0 < rows["G2.good_days"].value <= 100
    assert {"hj633-2012", "hj663-2013"} <= {rule.standard for rule in results["421300"].rules}


def test_a_county_without_stations_has_no_air_value(results):
    rows = {row.id: row for row in results["421381"].targets}
    assert rows["G2.pm2_5"].value is None
