"""The conflict register of a county: the same pairs as a plain join, names, and the notebook that shows it."""

import json

import pandas as pd
import pytest

from suizhou_geo import batch, files, plan
from suizhou_geo.errors import UnknownNameError
from tests.conftest import ROOT

DEMO = ROOT / "data" / "suizhou"


@pytest.fixture(scope="module")
def demo():
    return files.open_workspace(DEMO)


def test_the_city_register_holds_all_pairs_of_a_plain_join(demo) -> None:
    register = plan.register_conflicts(demo, adcode="421300", distance=800, error=50)
    features, areas = (
        pd.concat([files.read_layer(demo, kind=kind).to_crs(demo.metric_crs)[["geometry"]] for kind in kinds])
        for kinds in (("sources", "outfalls", "projects"), ("redlines", "water_zones", "reserves"))
    )
    pairs = features.sjoin(areas.rename_axis("area_id").reset_index(), predicate="dwithin", distance=800)
    expected = set(zip(pairs.index, pairs["area_id"], strict=True))
    found = register[register["area_kind"] != "units"]
    assert set(zip(found["feature_id"], found["area_id"], strict=True)) == expected
    assert (register.loc[register["area_kind"] == "units", "distance_m"] == 0).all()
    assert register["feature_name"].notna().all()
    assert register["area_name"].notna().all()
    assert register["synthetic"].all()


def test_counties_have_parts_of_the_citys_register(demo) -> None:
    asked = {"distance": 800.0, "error": None}
    city = plan.register_conflicts(demo, adcode="421300", **asked)
    keys = set(zip(city["feature_id"], city["area_id"], strict=True))
    for adcode in demo.counties:
        county = plan.register_conflicts(demo, adcode=adcode, **asked)
        assert set(zip(county["feature_id"], county["area_id"], strict=True)) < keys
        assert county["p_conflict"].isna().all()
    with pytest.raises(UnknownNameError, match="没有区划代码 420100"):
        plan.register_conflicts(demo, adcode="420100", **asked)


def test_without_layers_the_register_is_empty(tmp_path) -> None:
    (tmp_path / "workspace.toml").write_text(
        '[region]\nname = "随州市"\nadcode = "421300"\ncounties = ["421303"]\nmetric_crs = "EPSG:4547"\n',
        encoding="utf-8",
    )
    register = plan.register_conflicts(files.open_workspace(tmp_path), adcode="421303", distance=800)
    assert register.empty
    assert {"feature_id", "area_kind", "p_conflict", "action", "synthetic"} <= set(register.columns)


def test_the_notebook_follows_the_county(tmp_path, demo) -> None:
    table = batch.run(
        DEMO,
        year=2021,
        month=6,
        counties=("421303", "421300"),
        notebooks=("redline_conflicts",),
        parameters={"distance": "800"},
        out=tmp_path,
    )
    assert table["state"].tolist() == ["完成", "完成"]
    for adcode in ("421303", "421300"):
        register = plan.register_conflicts(demo, adcode=adcode, distance=800, error=100)
        shown = register[register["area_kind"] != "units"]
        result = json.loads((tmp_path / adcode / "redline_conflicts.json").read_text(encoding="utf-8"))
        assert [row["feature_id"] for row in result["conflicts"]] == shown["feature_id"].tolist()
        assert f"邻近 {(shown['relation'] == '邻近').sum()} 处" in result["headline"]
        written = pd.read_excel(tmp_path / adcode / "redline_conflicts.xlsx", engine="openpyxl")
        assert written["area_id"].tolist() == register["area_id"].tolist()
        page = (tmp_path / adcode / "redline_conflicts.html").read_text(encoding="utf-8")
        assert "://" not in page
        assert "违法" not in "".join(register["action"])
