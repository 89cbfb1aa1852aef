"""What a run has read of a workspace: as wide as what it asked for, and no wider."""

import shutil

import pytest

from suizhou_geo import files
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("sites", "changed", "same"),
    [(["S01"], "S03,", True), (["S01"], "S01,", False), (None, "S03,", False), ([], "S03,", True)],
)
def test_only_a_change_of_what_was_asked_for_counts(tmp_path, monkeypatch, sites, changed, same):
    root = shutil.copytree(ROOT / "data" / "suizhou", tmp_path / "workspace")
    opened = files.open_workspace(root)
    record = tmp_path / "slices"
    with monkeypatch.context() as during:
        during.setenv(files.RECORD, str(record))
        rows = files.read_workspace_observations(opened, medium="water", sites=sites)
    assert set(rows["site_id"]) == set(sites) if sites is not None else rows["site_id"].nunique() > 5
    recorded = files.read_record(record)
    assert files.CurrentSlices(opened).same(recorded)
    path = root / "observations" / "water_2021.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith(changed))
    lines[place] = lines[place].replace(",2021-01,", ",2021-01,9", 1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert files.CurrentSlices(files.open_workspace(root)).same(recorded) == same
