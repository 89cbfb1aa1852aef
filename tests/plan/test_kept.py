"""A county's state is computed once a batch: what is kept is the same, tells what it was read from, and ends with its files."""

import dataclasses
import shutil

import pytest

from suizhou_geo import files, plan
from suizhou_geo.conventions import CountyResult
from suizhou_geo.plan.kept import kept_for_the_batch
from tests.conftest import ROOT

ASKED = {"adcode": "421321", "year": 2021, "month": 6}


@pytest.fixture
def workspace(tmp_path):
    return files.open_workspace(shutil.copytree(ROOT / "data" / "suizhou", tmp_path / "workspace"))


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """A made-up evaluation that reads sections and water, and the list of what it was asked."""
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setenv(files.RESULTS, str(kept))
    asked = []

    @kept_for_the_batch
    def evaluate(workspace, *, adcode, year, month):
        asked.append(adcode)
        rows = files.read_workspace_observations(workspace, medium="water", year=year)
        said = f"{len(rows)} {workspace.name}"
        return CountyResult(adcode, said, "", year, month, said, (), (), (), (), (), (), False, "0")

    return evaluate, asked


def test_it_is_computed_once_for_all_that_ask_and_again_for_another_question(workspace, calls):
    evaluate, asked = calls
    first = evaluate(workspace, **ASKED)
    assert evaluate(workspace, **ASKED) == first
    assert asked == ["421321"]
    evaluate(workspace, **{**ASKED, "month": 5})
    evaluate(dataclasses.replace(workspace, name="另一座城"), **ASKED)
    assert len(asked) == 3


@pytest.mark.parametrize(
    "name", ["observations/water_2021.csv", "layers/sections.csv", "plan_2021.toml", "plan/reports_2021.csv"]
)
def test_a_file_that_changes_ends_what_was_kept(workspace, calls, name):
    evaluate, asked = calls
    evaluate(workspace, **ASKED)
    path = workspace.root / name
    path.write_bytes(path.read_bytes() + b"\n")
    evaluate(workspace, **ASKED)
    assert len(asked) == 2


def test_who_uses_what_was_kept_records_what_it_was_read_from(workspace, calls, monkeypatch, tmp_path):
    evaluate, asked = calls
    records = []
    for name in ("first", "second"):
        with monkeypatch.context() as run:
            run.setenv(files.RECORD, str(tmp_path / name))
            evaluate(workspace, **ASKED)
        records.append(files.read_record(tmp_path / name))
    assert records[0] == records[1] != {}
    assert len(asked) == 1


def test_where_nothing_can_be_kept_the_result_is_there_all_the_same(workspace, calls, monkeypatch, tmp_path):
    evaluate, asked = calls
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv(files.RESULTS, str(tmp_path / "file"))
    assert evaluate(workspace, **ASKED) == evaluate(workspace, **ASKED)
    assert len(asked) == 2


@pytest.mark.usefixtures("calls")
def test_a_real_county_comes_back_as_it_was():
    demo = files.open_workspace(ROOT / "data" / "suizhou")
    first = plan.evaluate_county(demo, **ASKED)
    again = plan.evaluate_county(demo, **ASKED)
    assert again is not first
    assert again == first
    assert again.to_json() == first.to_json()
