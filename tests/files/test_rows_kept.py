"""Rows that were read are kept as long as the files stand as they were."""

import os
import shutil
from pathlib import Path

from suizhou_geo import files
from tests.conftest import ROOT


def test_rows_are_read_anew_when_a_file_was_written_anew_and_a_caller_may_change_his_own(
    tmp_path: Path,
) -> None:
    shutil.copytree(ROOT / "data" / "suizhou", tmp_path / "w")
    opened = files.open_workspace(tmp_path / "w")
    first = files.read_workspace_observations(opened, medium="water", year=2021)
    first.loc[0, "value"] = -1.0
    again = files.read_workspace_observations(opened, medium="water", year=2021)
    assert again.loc[0, "value"] != -1.0
    table = tmp_path / "w" / "observations" / "water_2021.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    before = table.stat()
    table.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    os.utime(table, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert len(files.read_workspace_observations(opened, medium="water", year=2021)) < len(first)
