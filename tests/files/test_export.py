"""Tables on disk: whole or not at all, text stays text, and where they came from goes with them."""

import json

import pandas as pd
import pytest
from openpyxl import load_workbook

from suizhou_geo import files
from suizhou_geo.errors import InputError
from suizhou_geo.saving import write_atomically

TEXTS = ["=1+1", "+86", "-0.5", "@SUM(A1)", "—", "-", "甲", "=HYPERLINK(0)"]
FRAME = pd.DataFrame({"说明": TEXTS, "value": [-0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, None]})


def test_excel_holds_no_formula_and_every_text_unchanged(tmp_path):
    path = files.write_table(FRAME, path=tmp_path / "a.xlsx", provenance={"标准": "gb3838-2002"})
    book = load_workbook(path)
    sheet = book["数据"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == TEXTS
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert sheet["B2"].value == -0.5
    assert [row[1].value for row in book["说明"].iter_rows(min_row=2)] == ["gb3838-2002"]


def test_csv_guards_formulas_and_leaves_numbers_and_dashes(tmp_path):
    path = files.write_table(FRAME, path=tmp_path / "a.csv")
    back = pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    assert back["说明"].tolist() == ["'=1+1", "+86", "-0.5", "'@SUM(A1)", "—", "-", "甲", "'=HYPERLINK(0)"]
    assert back["value"].tolist()[0] == "-0.5"


def test_json_carries_rows_and_provenance(tmp_path):
    path = files.write_table(FRAME, path=tmp_path / "a.json", provenance={"工具版本": "0"})
    data = json.loads(path.read_text(encoding="utf-8"))
    assert data["provenance"] == {"工具版本": "0"}
    assert [row["说明"] for row in data["rows"]] == TEXTS


def test_an_unknown_ending_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"a\.docx.*\.xlsx"):
        files.write_table(FRAME, path=tmp_path / "a.docx")


def test_a_writer_that_fails_leaves_the_old_file_and_no_other(tmp_path):
    target = tmp_path / "页.html"
    target.write_text("旧", encoding="utf-8")

    def fails(temporary):
        temporary.write_text("新的一半", encoding="utf-8")
        raise OSError("磁盘已满")

    with pytest.raises(OSError, match="磁盘已满"):
        write_atomically(target, fails)
    assert [path.name for path in tmp_path.iterdir()] == ["页.html"]
    assert target.read_text(encoding="utf-8") == "旧"
