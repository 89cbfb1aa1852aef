"""The city's month is computed once for all counties, and anew when a file of the workspace has changed."""

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from suizhou_geo import files
from suizhou_geo.packaged import packaged_folder
from suizhou_geo.plan.city_month import read_city_month


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(packaged_folder("data", "suizhou"), tmp_path_factory.mktemp("w") / "city"))


def test_all_counties_of_a_month_look_at_one_and_the_same(folder: Path) -> None:
    first = read_city_month(files.open_workspace(folder), year=2021, month=6)
    assert read_city_month(files.open_workspace(folder), year=2021, month=6) is first
    assert read_city_month(files.open_workspace(folder), year=2021, month=5) is not first


def test_a_changed_value_is_seen_at_once(folder: Path) -> None:
    workspace = files.open_workspace(folder)
    before = read_city_month(workspace, year=2021, month=6)
    file = folder / "observations" / "water_2021.csv"
    kept = file.read_bytes()
    lines = kept.decode("utf-8-sig").splitlines()
    # One month of one section is gone.
    gone = next(line for line in lines if "2021-06" in line)
    file.write_text("\n".join(line for line in lines if line != gone) + "\n", encoding="utf-8-sig")
    after = read_city_month(workspace, year=2021, month=6)
    assert len(after.water) < len(before.water)
    assert len(after.months) == len(before.months) - 1
    file.write_bytes(kept)
    os.utime(file, ns=(1, 1))
    again = read_city_month(workspace, year=2021, month=6)
    pd.testing.assert_frame_equal(again.months, before.months)
