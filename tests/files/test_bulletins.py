"""Bulletin tables: merged rivers, classes, verdicts and multiples; published rows hold, changed ones are told."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from suizhou_geo import files
from suizhou_geo.cli import main
from suizhou_geo.conventions import CLASS_LABELS
from suizhou_geo.errors import InputError
from suizhou_geo.files.bulletins import find_bulletin_problems, read_exceedances
from suizhou_geo.files.tables import read_text_table

HEAD = ["河流", "监测断面", "功能类别", "水质现状", "达标情况", "同比变化", "主要污染物(超标倍数)"]
GOLDEN = Path(__file__).parents[1] / "golden" / "water_b_exceedance.csv"


def _book(folder: Path, rows: list[list[object]], merged: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    for row in (["2021年6月地表水水质状况"], HEAD, *rows):
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(folder / "公报.xlsx")
    return folder / "公报.xlsx"


def _problems(path: Path) -> list[tuple[str, int | None]]:
    return [(each.code, each.row) for each in find_bulletin_problems(read_text_table(path))]


def test_merged_rivers_classes_and_multiples(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["府河", "平林", "Ⅲ", "Ⅳ类", "不达标", "变差", "化学需氧量(0.05)、总磷（0.2倍）"],
        [None, "魏家畈", "III", "Ⅱ", "达标", "持平", "/"],
        ["涢水", "涢水大桥", "Ⅱ", "劣Ⅴ", "超标", None, "溶解氧、氨氮(3.1)"],
    ]
    frame = files.read_bulletin(_book(tmp_path, rows, merged=("A3:A4",)))
    assert frame["river"].tolist() == ["府河", "府河", "涢水"]
    assert frame["class"].tolist() == [4, 2, 6]
    assert frame["target_class"].tolist() == [3, 3, 2]
    assert frame["attained"].tolist() == [False, True, False]
    assert frame["exceedance"].tolist() == ["化学需氧量(0.05)、总磷(0.2)", "", "溶解氧、氨氮(3.1)"]
    assert frame["source_row"].tolist() == [3, 4, 5]
    assert _problems(tmp_path / "公报.xlsx") == []


def _published(shift: int) -> list[list[object]]:
    numbers = {label: number for number, label in CLASS_LABELS.items()}
    rows: list[list[object]] = []
    for row in pd.read_csv(GOLDEN).itertuples():
        parts = [part.split() for part in row.published_multiples.split(", ")]
        told = "、".join(f"{name}({multiple})" for name, multiple in parts)
        label = CLASS_LABELS[numbers[row.published_class] + shift]
        rows.append(["", row.section, row.target, label, "不达标", "", told])
    return rows


def test_published_multiples_fit_their_class_and_no_other(tmp_path: Path) -> None:
    assert len(_published(0)) == 6
    assert _problems(_book(tmp_path, _published(0))) == []
    assert {code for code, _ in _problems(_book(tmp_path, _published(1)))} == {"multiple_contradicts"}
    assert len(_problems(_book(tmp_path, _published(1)))) == 6
    better = _problems(_book(tmp_path, _published(-1)))
    assert {row for code, row in better if code == "multiple_contradicts"} == {3, 4, 5, 6, 7, 8}


def test_a_verdict_against_its_class_is_told(tmp_path: Path) -> None:
    rows: list[list[object]] = [["", "甲", "Ⅱ", "Ⅲ", "达标", "", ""], ["", "乙", "Ⅲ", "Ⅲ", "不达标", "", ""]]
    assert _problems(_book(tmp_path, rows)) == [("verdict_contradicts", 3), ("verdict_contradicts", 4)]


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        (3, "较好", "水质现状“较好”看不懂"),
        (4, "还行", "达标情况“还行”看不懂"),
        (6, "见附表", "“见附表”看不懂"),
    ],
)
def test_cells_that_say_nothing_are_named(tmp_path: Path, column: int, cell: str, told: str) -> None:
    row: list[object] = ["府河", "平林", "Ⅲ", "Ⅳ", "不达标", "", ""]
    row[column] = cell
    path = _book(tmp_path, [row])
    with pytest.raises(InputError, match=rf"{told}.*公报.xlsx.*第 3 行"):
        files.read_bulletin(path)
    with pytest.raises(SystemExit) as stopped:
        main(["check", str(path)])
    assert stopped.value.code == 1


def test_read_takes_a_bulletin_and_refuses_what_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _book(tmp_path, [["府河", "平林", "Ⅲ", "Ⅳ", "不达标", "", "总磷(0.1)"]])
    with pytest.raises(SystemExit) as stopped:
        main(["read", str(path), "-o", str(tmp_path / "out.csv")])
    assert stopped.value.code == 0
    assert pd.read_csv(tmp_path / "out.csv")["class"].tolist() == [4]
    assert "水质公报表，1 个断面" in capsys.readouterr().err
    (tmp_path / "other.csv").write_text("断面名称,监测时间,氨氮\n甲,2021-04-01,0.2\n", encoding="utf-8")
    with pytest.raises(InputError, match="不是水质公报表"):
        files.read_bulletin(tmp_path / "other.csv")


@pytest.mark.parametrize("text", ["", "/", "--", "无", "*"])
def test_nothing_exceeds(text: str) -> None:
    assert read_exceedances(text) == ()
