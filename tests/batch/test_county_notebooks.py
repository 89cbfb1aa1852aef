"""Every county notebook runs through the batch, and what it says follows the county and the month."""

import json

import pandas as pd
import pytest

from suizhou_geo import batch
from tests.conftest import ROOT

DEMO = ROOT / "data" / "suizhou"


@pytest.mark.parametrize("notebook", ["trends", "attainment"])
def test_pages_follow_county_and_month(tmp_path, notebook):
    said, pages = {}, {}
    for adcode, month in (("421303", 6), ("421321", 6), ("421303", 5)):
        out = tmp_path / f"{adcode}-{month}"
        table = batch.run(DEMO, year=2021, month=month, counties=(adcode,), notebooks=(notebook,), out=out)
        assert table["state"].tolist() == ["完成"]
        pages[adcode, month] = (out / adcode / f"{notebook}.html").read_bytes()
        result = json.loads((out / adcode / f"{notebook}.json").read_text(encoding="utf-8"))
        sections = next(layer for layer in result["layers"] if layer["kind"] == "sections")["features"]
        said[adcode, month] = [
            (each["id"], each["section"]["trends"], each["section"]["p_attain"]) for each in sections
        ]
        outputs = json.loads((out / adcode / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
        assert not [
            each for cell in outputs for each in cell.get("outputs", []) if each["output_type"] == "error"
        ]
    assert len(set(pages.values())) == 3
    assert said["421303", 6] != said["421303", 5]
    assert {each[0] for each in said["421303", 6]} != {each[0] for each in said["421321", 6]}


def test_a_year_that_is_over_is_a_fact_in_the_notebook(tmp_path):
    table = batch.run(
        DEMO, year=2021, month=12, counties=("421303",), notebooks=("attainment",), out=tmp_path
    )
    assert table["state"].tolist() == ["完成"]
    result = json.loads((tmp_path / "421303" / "attainment.json").read_text(encoding="utf-8"))
    states = pd.Series(
        [row["state"] for row in result["targets"] if row["value"] is not None and row["target"] is not None]
    )
    assert set(states) <= {"met", "missed"}
