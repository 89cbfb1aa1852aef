"""Problems that no single room could tell: classes against values, points against counties and rivers."""

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from suizhou_geo import files, plan, spatial
from suizhou_geo.coordinates import from_cgcs2000
from tests.conftest import ROOT

DEMO = ROOT / "data" / "suizhou"
COUNTIES = files.read_counties(["421303", "421321", "421381"])


def _points(*places: tuple[float, float, str]) -> gpd.GeoDataFrame:
    longitude, latitude, adcode = zip(*places, strict=True)
    index = pd.Index([f"P{number}" for number in range(len(places))], name="site_id")
    return gpd.GeoDataFrame(
        {"adcode": adcode}, geometry=shapely.points(longitude, latitude), crs=4490, index=index
    )


def _find(*places: tuple[float, float, str], error: float = 214.0) -> dict[str, list[str]]:
    found = spatial.find_place_problems(
        _points(*places), counties=COUNTIES, metric_crs="EPSG:4547", boundary_error=error
    )
    return found.groupby("site_id")["code"].agg(list).to_dict()


def test_points_in_their_county_are_in_order() -> None:
    inside = COUNTIES.geometry.representative_point()
    assert _find(*[(point.x, point.y, code) for code, point in inside.items()]) == {}


def test_another_county_another_city_and_the_border_between() -> None:
    inside = COUNTIES.geometry.representative_point()
    shared = COUNTIES.geometry["421303"].boundary.intersection(COUNTIES.geometry["421321"].boundary)
    border = shapely.line_merge(shared).interpolate(0.5, normalized=True)
    found = _find(
        (inside["421303"].x, inside["421303"].y, "421321"),
        (114.3, 30.6, "421303"),
        (border.x, border.y, "421303"),
    )
    assert found == {"P0": ["other_county"], "P1": ["outside_city"], "P2": ["near_boundary"]}


@pytest.mark.parametrize("metres", [50, 150])
def test_within_the_stated_error_of_a_line_nobody_can_tell_the_county(metres: float) -> None:
    line = gpd.GeoSeries([COUNTIES.geometry["421303"].boundary], crs=4490).to_crs(4547)
    on = line.iloc[0].interpolate(0.3, normalized=True)
    near = gpd.GeoSeries([shapely.Point(on.x + metres, on.y)], crs=4547).to_crs(4490).iloc[0]
    assert "near_boundary" in _find((near.x, near.y, "421303"), error=214.0)["P0"]


def test_the_demonstration_workspace_has_no_errors() -> None:
    problems, looked_at = plan.check_everything([DEMO])
    assert looked_at > 10
    assert not [problem for problem in problems if problem.severity == "error"]


def test_sections_taken_from_a_vendors_map_are_suspected(tmp_path: Path) -> None:
    root = tmp_path / "w"
    shutil.copytree(DEMO, root)
    rivers = files.read_layer(files.open_workspace(root), kind="rivers")
    line = max(rivers.geometry.explode(), key=lambda part: part.length)
    on = shapely.line_interpolate_point(line, np.linspace(0.05, 0.95, 40) * line.length)
    shown = from_cgcs2000(shapely.get_x(on), shapely.get_y(on), datum="GCJ-02")
    table = pd.DataFrame(
        {
            "site_id": [f"V{number}" for number in range(40)], "site_name": "点", "longitude": shown[0], "latitude": shown[1],
            "adcode": "421303", "river": "", "water_body": "river", "target_class": "Ⅲ", "location_quality": "surveyed",
        }
    )  # fmt: skip
    table.to_csv(root / "layers" / "sections.csv", index=False)
    problems, _ = plan.check_everything([root])
    (found,) = [problem for problem in problems if problem.code == "datum_suspected"]
    assert found.value == "GCJ-02"
    assert "不自动平移" in found.hint
    assert pd.read_csv(root / "layers" / "sections.csv")["longitude"].tolist() == pytest.approx(
        shown[0].tolist()
    )
