"""Every cell of every table of water, and what a table that is wrong does."""

import csv
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from suizhou_geo import standards
from suizhou_geo.errors import InputError, MissingFileError, UnknownNameError

GOLDEN = Path(__file__).parents[1] / "golden" / "gb3838_2002_table1.csv"
WATER = standards.find_edition("gb3838-2002")
CLASS_COLUMNS = ["I", "II", "III", "IV", "V"]
WAYS = {"≤": "<=", "≥": ">=", "range": "range"}

with GOLDEN.open(encoding="utf-8") as stream:
    PRINTED = list(csv.DictReader(stream))


def _limits(row: dict[str, str]) -> list[float]:
    return [float(row[column]) for column in CLASS_COLUMNS]


def test_the_table_has_the_printed_rows() -> None:
    ours = standards.read_table(WATER, name="table1")[["indicator", "water_body"]].values.tolist()
    assert ours == [[row["indicator"], row["water_body"]] for row in PRINTED]


@pytest.mark.parametrize("row", PRINTED, ids=lambda row: row["indicator"] + row["water_body"])
def test_every_cell_is_the_printed_one(row: dict[str, str]) -> None:
    table = standards.read_table(WATER, name="table1").set_index(["indicator", "water_body"])
    ours = table.loc[(row["indicator"], row["water_body"])]
    assert ours["direction"] == WAYS[row["direction"]]
    if row["direction"] == "range":
        assert [ours[column] for column in CLASS_COLUMNS] == ["6~9"] * 5
    else:
        assert [float(ours[column]) for column in CLASS_COLUMNS] == _limits(row)


@pytest.mark.parametrize(
    "row", [row for row in PRINTED if row["direction"] != "range"], ids=lambda row: row["indicator"]
)
def test_on_a_limit_the_best_class_and_beyond_it_the_next(row: dict[str, str]) -> None:
    body = row["water_body"] or "river"
    table = standards.class_table(WATER, items=(row["indicator"],), water_body=body)
    limits = _limits(row)
    worse = 1.000001 if row["direction"] == "≤" else 0.999999
    for limit in limits:
        best = limits.index(limit) + 1
        last = len(limits) - limits[::-1].index(limit)
        assert table.classify([[limit]]).tolist() == [[best]]
        assert table.classify([[limit * worse]]).tolist() == [[last + 1]]


def test_acid_and_alkaline_water_is_worse_than_five() -> None:
    table = standards.class_table(WATER, items=("ph",))
    assert table.classify([[5.99], [6.0], [9.0], [9.01]]).ravel().tolist() == [6, 1, 1, 6]


def test_temperature_nitrogen_and_coliforms_do_not_decide() -> None:
    items = standards.assessed_items(standards.newest_edition("surface-water-method"), edition=WATER)
    assert len(items) == 21
    assert not {"temp", "tn", "coliform"} & set(items)


def test_every_assessed_item_has_decimals() -> None:
    items = standards.assessed_items(standards.newest_edition("surface-water-method"), edition=WATER)
    assert {item: standards.decimals_of(item) for item in items} == {
        "ph": 0, "do": 1, "codmn": 1, "cod": 1, "bod5": 1, "nh3n": 2, "tp": 3, "cu": 3, "zn": 3, "f": 3, "se": 4,
        "as": 4, "hg": 5, "cd": 5, "cr6": 3, "pb": 3, "cn": 3, "phenol": 4, "oil": 2, "las": 2, "s2": 3,
    }  # fmt: skip


def test_every_table_of_every_edition_reads_and_names_its_clause() -> None:
    for edition in standards.editions():
        assert edition.tables
        for table in edition.tables:
            assert len(standards.read_table(edition, name=table.name)) == table.rows
            assert table.clause
            assert table.verified


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="gb3838-2002"):
        standards.find_edition("gb9999")
    with pytest.raises(UnknownNameError, match="surface-water"):
        standards.newest_edition("noise")
    with pytest.raises(InputError, match="1999-12-31 没有现行标准"):
        standards.edition_in_force("surface-water", on=date(1999, 12, 31))


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the water standard that came into force in 2024, to be changed by the test."""
    folder = tmp_path / "own" / "city-2024"
    shutil.copytree(WATER.folder, folder)
    meta = (folder / "meta.toml").read_text(encoding="utf-8")
    meta = meta.replace('id = "gb3838-2002"', 'id = "city-2024"').replace("2002-06-01", "2024-01-01")
    (folder / "meta.toml").write_text(meta, encoding="utf-8")
    monkeypatch.setenv(standards.EXTRA_FOLDER, str(folder.parent))
    return folder


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_new_edition_is_a_folder_and_applies_from_its_date(own_folder: Path) -> None:
    _edit(own_folder / "table1.csv", "tp,river,mg/L,<=,0.02,0.1,0.2", "tp,river,mg/L,<=,0.02,0.1,0.15")
    dates = pd.Series(pd.to_datetime(["2023-12-31", "2024-01-01"]))
    assert standards.editions_by_date("surface-water", dates=dates).tolist() == ["gb3838-2002", "city-2024"]
    new = standards.class_table(standards.find_edition("city-2024"), items=("tp",))
    assert new.classify([[0.18]]).tolist() == [[4]]
    assert standards.class_limits(3, on="2024-06-01").at["tp", "limit"] == 0.15
    assert standards.class_limits(3, on="2023-06-01").at["tp", "limit"] == 0.2


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("0.02,0.1,0.2,0.3,0.4", "0.02,0.1,0.2,0.15,0.4", "不随类别放宽"),
        ("0.02,0.1,0.2,0.3,0.4", "0.02,0.1,O.2,0.3,0.4", "不是数值"),
        ("tp,river,mg/L,<=", "tp,river,mg/L,<", "方向“<”未知"),
        ("tp,river,mg/L,<=", "tp,river,μg/L,<=", "单位“μg/L”应为“mg/L”"),
        ("tn,lake", "tp,lake", "同一项目出现两次"),
        ("\nse,", "\n\nse,", ""),
        ("\nse,,mg/L,<=,0.01,0.01,0.01,0.02,0.02,", "", "有 23 行，应为 24 行"),
    ],
)
def test_a_table_that_is_wrong_is_refused(own_folder: Path, old: str, new: str, match: str) -> None:
    _edit(own_folder / "table1.csv", old, new)
    edition = standards.find_edition("city-2024")
    if not match:
        assert standards.class_table(edition, items=("se",)).classify([[0.015]]).tolist() == [[4]]
        return
    with pytest.raises(InputError, match=match):
        standards.class_table(edition, items=("tp",), water_body="lake" if "两次" in match else "river")


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("2024-01-01", '"2024"', "effective_from 应为日期"),
        ('title = "地表水环境质量标准"\n', "", "缺少 title"),
        ("rows = 24", "rows = ", "无法读取"),
        ("rows = 24\n", "", "缺少 rows"),
    ],
)
def test_a_description_that_is_wrong_is_refused(own_folder: Path, old: str, new: str, match: str) -> None:
    _edit(own_folder / "meta.toml", old, new)
    with pytest.raises(InputError, match=match):
        standards.editions()


def test_files_that_are_not_there_are_named(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own_folder / "table1.csv").unlink()
    with pytest.raises(MissingFileError, match="table1"):
        standards.read_table(standards.find_edition("city-2024"), name="table1")
    monkeypatch.setenv(standards.EXTRA_FOLDER, str(own_folder / "nowhere"))
    with pytest.raises(MissingFileError, match="SUIZHOU_GEO_STANDARDS"):
        standards.editions()


def test_gaps_have_no_class() -> None:
    table = standards.class_table(WATER, items=("do", "tp"))
    assert table.classify(np.array([[np.nan, 0.3]])).tolist() == [[0, 4]]
