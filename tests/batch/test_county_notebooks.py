"""Every county notebook runs through the batch, and what it says follows the county and the month."""

import json
import re

import pandas as pd
import pytest

from suizhou_geo import batch
from tests.batch.conftest import run_in_this_process
from tests.batch.tiny import write_notebook
from tests.conftest import ROOT

pytestmark = pytest.mark.usefixtures("one_hearth")
DEMO = ROOT / "data" / "suizhou"


COUNTIES = {"421303": "曾都区", "421321": "随县", "421381": "广水市", "421300": "随州市"}
ASKED = (("421303", 6), ("421321", 6), ("421303", 5))


@pytest.fixture(scope="module")
def packaged(tmp_path_factory):
    """All packaged notebooks, run for the months and counties that are asked about."""
    with pytest.MonkeyPatch.context() as patch:
        run_in_this_process(patch)
        return execute(list(batch.list_notebooks()), tmp_path_factory.mktemp("packaged"))


def execute(notebooks, folder):
    for month in {month for _, month in ASKED}:
        asked = [adcode for adcode, asked_month in ASKED if asked_month == month]
        table = batch.run(
            DEMO, year=2021, month=month, counties=asked, notebooks=notebooks, out=folder / str(month)
        )
        assert set(table["state"]) == {"完成"}, table["reason"].tolist()
    return folder


def find_what_stays(notebook, folder):
    """``county`` or ``month`` if what a notebook says and draws stays the same when that changes, but for its name."""
    said = {}
    for adcode, month in ASKED:
        executed = folder / str(month) / adcode / f"{notebook}.ipynb"
        cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", ())]
        assert not [output for output in outputs if output["output_type"] == "error"]
        page = executed.with_suffix(".html").read_text(encoding="utf-8")
        said[adcode, month] = [_nameless(page), _nameless(json.dumps(outputs, ensure_ascii=False))]
    here, elsewhere, earlier = (said[asked] for asked in ASKED)
    same = {"county": _any_same(here, elsewhere), "month": _any_same(here, earlier)}
    return [what for what, stays in same.items() if stays]


def _any_same(these, those):
    return any(this == that for this, that in zip(these, those, strict=True))


def _nameless(text):
    # A title that follows is not enough.
    for code, name in COUNTIES.items():
        text = text.replace(code, "#").replace(name, "#")
    return re.sub(r"20\d\d ?[-年] ?\d{1,2}( ?月)?|(?<!\d)\d{1,2} ?月|sha256[^,]*|[0-9a-f]{12,}", "#", text)


@pytest.mark.parametrize("notebook", list(batch.list_notebooks()))
def test_maps_and_verdicts_follow_county_and_month(packaged, notebook):
    assert find_what_stays(notebook, packaged) == []


def test_a_notebook_that_follows_only_in_its_title_is_found_out(tmp_path):
    fixed = 'from pathlib import Path\nprint(adcode)\nPath(page).write_text(f"{adcode} 2021-{month:02d} {month} 月 优")'
    notebook = write_notebook(tmp_path, fixed)
    assert find_what_stays(notebook.stem, execute([str(notebook)], tmp_path)) == ["county", "month"]


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
