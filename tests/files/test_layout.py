"""Sheets as offices keep them: titles, headers of two lines, merged cells, totals, remarks, several sheets, formulas."""

from pathlib import Path

import openpyxl
import pytest

from suizhou_geo import files
from suizhou_geo.errors import InputError
from suizhou_geo.files.layout import fill_merged, find_table

HEAD = ["断面名称", "监测时间", "氨氮", "总磷"]


def _book(folder: Path, *sheets: tuple[str, list[list[object]]], merge: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for area in merge:
        book.worksheets[0].merge_cells(area)
    path = folder / "水质.xlsx"
    book.save(path)
    return path


def test_a_title_units_in_a_second_line_totals_and_remarks(tmp_path: Path) -> None:
    rows = [
        ["随州市 2021 年 6 月水质监测结果"],
        HEAD,
        ["", "", "μg/L", "mg/L"],
        ["甲", "2021-06-03", 200, "0.02L"],
        ["乙", "2021-06-03", 300, 0.1],
        ["平均值", "", 250, 0.055],
        ["注：L 表示低于检出限"],
    ]
    tidy = files.read_observations(_book(tmp_path, ("手工", rows)))
    assert tidy["site_id"].drop_duplicates().tolist() == ["甲", "乙"]
    assert tidy.loc[tidy["indicator"] == "nh3n", "value"].tolist() == [0.2, 0.3]
    assert tidy["source_row"].drop_duplicates().tolist() == [4, 5]
    notes = "；".join(tidy.attrs["notes"])
    assert "跳过表头上方的 1 行标题" in notes
    assert "第 3 行是单位" in notes
    assert "第 6 行（平均值）是统计行" in notes
    assert "第 7 行是备注" in notes


def test_a_heading_over_the_names_of_the_columns(tmp_path: Path) -> None:
    rows = [
        ["断面名称", "监测时间", "监测项目(mg/L)", ""],
        ["", "", "氨氮", "总磷"],
        ["甲", "2021-06-03", 0.2, 0.1],
    ]
    tidy = files.read_observations(_book(tmp_path, ("手工", rows), merge=("C1:D1", "A1:A2", "B1:B2")))
    assert tidy["indicator"].tolist() == ["nh3n", "tp"]


def test_the_unit_of_a_heading_holds_for_the_names_below_it(tmp_path: Path) -> None:
    # pH has no unit and is not asked to have one; total phosphorus tells its own.
    rows = [
        ["断面名称", "监测时间", "监测结果（μg/L）", "", "", "水温（℃）"],
        ["", "", "pH", "氨氮", "总磷(mg/L)", ""],
        ["甲", "2021-06-03", 7.4, 200, 0.1, 21],
    ]
    tidy = files.read_observations(
        _book(tmp_path, ("手工", rows), merge=("C1:E1", "A1:A2", "B1:B2", "F1:F2"))
    )
    assert dict(zip(tidy["indicator"], tidy["value"], strict=True)) == {
        "ph": 7.4,
        "nh3n": 0.2,
        "tp": 0.1,
        "temp": 21.0,
    }


def test_a_header_of_three_lines(tmp_path: Path) -> None:
    rows = [
        ["2018 年 3 月水质月报"],
        ["断面名称", "采样时间", "监测结果", "", ""],
        ["", "", "pH", "溶解氧", "氨氮"],
        ["", "", "无量纲", "mg/L", "μg/L"],
        ["佳木斯上", "2018-03-05", 7.4, 9.2, 900],
    ]
    tidy = files.read_observations(_book(tmp_path, ("三月", rows), merge=("C2:E2", "A2:A4", "B2:B4")))
    assert tidy["indicator"].tolist() == ["ph", "do", "nh3n"]
    assert tidy["value"].tolist() == [7.4, 9.2, 0.9]
    assert tidy["source_row"].tolist() == [5, 5, 5]


def test_merged_names_are_repeated_and_merged_numbers_are_not(tmp_path: Path) -> None:
    rows = [HEAD, ["甲", "2021-06-03", 0.2, 0.1], ["", "2021-07-03", 0.3, ""], ["乙", "2021-06-03", 0.4, 0.2]]
    tidy = files.read_observations(_book(tmp_path, ("手工", rows), merge=("A2:A3", "D2:D3")))
    assert tidy["site_id"].tolist() == ["甲"] * 4 + ["乙"] * 2
    assert tidy.loc[tidy["indicator"] == "tp", "value"].isna().tolist() == [False, True, False]
    assert "合并单元格“甲”填入第 2–3 行" in tidy.attrs["notes"]


def test_blank_names_that_are_not_merged_are_refused(tmp_path: Path) -> None:
    path = _book(tmp_path, ("手工", [HEAD, ["甲", "2021-06-03", 0.2, 0.1], ["", "2021-07-03", 0.3, 0.1]]))
    with pytest.raises(InputError, match=r"没有断面或站点名称.*第 3 行"):
        files.read_observations(path)


def test_the_first_sheet_with_a_table_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    data = [HEAD, ["甲", "2021-06-03", 0.2, 0.1]]
    path = _book(tmp_path, ("封面", [["随州"]]), ("数据", data), ("另一", data))
    tidy = files.read_observations(path)
    assert tidy.attrs["sheet"] == "数据"
    assert "读取工作表“数据”，未读：封面、另一" in tidy.attrs["notes"]
    assert files.read_observations(path, sheet="另一").attrs["sheet"] == "另一"


def test_a_formula_without_a_result_is_refused(tmp_path: Path) -> None:
    path = _book(tmp_path, ("手工", [HEAD, ["甲", "2021-06-03", "=0.1+0.1", 0.1]]))
    with pytest.raises(InputError, match=r"公式“=0.1\+0.1”没有计算结果.*第 2 行 · 列 氨氮"):
        files.read_observations(path)


def test_nothing_is_a_table() -> None:
    assert find_table([["", " "], []]) is None


def test_a_plain_table_has_no_notes() -> None:
    found = find_table([HEAD, ["甲", "2021-06-03", "0.2", "0.1"]])
    assert found is not None
    assert found.notes == ()
    assert fill_merged([["a"], ["b"]], []) == ([["a"], ["b"]], [])
