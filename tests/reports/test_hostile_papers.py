"""Dangerous texts in every field: shown as they are or visibly escaped, and nothing in the files acts on them."""

import re
import zipfile
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from docx import Document

from suizhou_geo import reports
from suizhou_geo.conventions import Account, Alert, Suspect
from suizhou_geo.reports.texts import visible
from tests.maps.sample_result import HOSTILE, hostile_result

FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x")', "#REF!", "-", "_x0041_", "TRUE",
)  # fmt: skip
UNSEEN = ("总\x00磷", "\x1b[31m红", "回\r车", "\u202egpj.图", "\ud800半", "\ufffe", "a\x7fb\x85c")
LONG = "很长的名称" * 8000


@pytest.fixture(scope="module")
def nasty():
    result = hostile_result()
    sections = result.layer("sections")
    names = (*FORMULAS, *UNSEEN, LONG)
    features = tuple(
        replace(feature, name=name) for feature, name in zip(sections.features, names, strict=False)
    )
    layers = tuple(
        replace(each, features=features) if each.kind == "sections" else each for each in result.layers
    )
    told = "".join(UNSEEN) + FORMULAS[0] + "".join(HOSTILE)
    alert = Alert(
        "2021-06-30", "2021-06-30", told, told, told, told, told, told, 1.0, 2.0, told, told, told, True
    )
    account = Account(
        told,
        told,
        told,
        told,
        "2021-06",
        "tp",
        1.0,
        1.0,
        1.0,
        told,
        1.0,
        told,
        told,
        told,
        "demo",
        told,
        True,
    )
    suspect = Suspect(told, "tp", 1, told, told, 1.0, 1.0, 0.5, told, True)
    task = replace(result.targets[0], name=told, change=told, rows=(told, "=1"), goal="T01")
    return replace(
        result, layers=layers, notes=(*HOSTILE, *names), name="=县\x07", headline="\u202e" + result.headline,
        tasks=(task,), alerts=(alert,), accounts=(account,), suspects=(suspect,),
    )  # fmt: skip


@pytest.fixture(scope="module")
def files(nasty, tmp_path_factory):
    folder = tmp_path_factory.mktemp("nasty")
    return reports.write_brief(nasty, folder / "a.docx"), reports.write_workbook(nasty, folder / "a.xlsx")


def test_every_text_stands_in_word(files, nasty):
    document = Document(str(files[0]))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    shown = "\x00".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    assert [note for note in nasty.notes if visible(note) not in shown] == []
    assert [
        feature.name for feature in nasty.layer("sections").features if visible(feature.name) not in shown
    ] == []


def test_every_text_stands_in_excel_and_none_is_a_formula(files, nasty):
    book = openpyxl.load_workbook(files[1])
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    decoded = {str(cell.value).replace("_x005F_", "_") for cell in cells}
    short = [note for note in nasty.notes if len(note) < 32_000]
    assert len(short) == len(nasty.notes) - 1
    assert [note for note in short if visible(note) not in decoded] == []
    assert all(cell.quotePrefix for cell in cells if str(cell.value)[0] in "=+-@" and cell.data_type == "s")


def test_a_second_reader_sees_texts_as_texts(files):
    notes = pd.read_excel(files[1], sheet_name="概况", engine="calamine", dtype=str, keep_default_na=False)[
        "内容"
    ]
    assert {"=1+1", "@SUM(A1)", "#REF!", "TRUE", "总␀磷", "⟨U+202E⟩gpj.图"} <= set(notes)


def test_a_text_longer_than_a_cell_is_cut_where_it_can_be_seen(files):
    book = openpyxl.load_workbook(files[1])
    longest = max((str(cell.value) for row in book["概况"].iter_rows() for cell in row), key=len)
    assert len(longest) == 32_767
    assert longest.endswith(f"…（共 {len(LONG)} 字，只列出前面部分）")


def test_nothing_in_the_packages_points_outside_or_acts(files):
    for path in files:
        package = zipfile.ZipFile(path)
        for name in package.namelist():
            text = package.read(name).decode("utf-8", "replace")
            assert 'TargetMode="External"' not in text, name
            assert not re.search(r"<f>|<f |<w:hyperlink|<w:instrText|oleObject|vbaProject", text), name
            assert set(re.findall(r'w:instr="([^"]*)"', text)) <= {"PAGE"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("总\x00磷", "总␀磷"),
        ("a\r\nb", "a\nb"),
        ("回\r车", "回␍车"),
        ("\ud800", "⟨U+D800⟩"),
        ("\u202e反", "⟨U+202E⟩反"),
        ("㵐水𡋾", "㵐水𡋾"),
        ("=1+1", "=1+1"),
        ("\x7f", "␡"),
    ],
)
def test_what_cannot_be_seen_is_made_visible(text, shown):
    assert visible(text) == shown
