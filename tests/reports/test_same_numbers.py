"""The same number stands on the page, in Word, in Excel and in JSON; a changed one is found."""

import json
import os
import re
import shutil
from collections import defaultdict
from types import SimpleNamespace

import openpyxl
import pytest
from docx import Document

from suizhou_geo import maps, reports
from suizhou_geo.saving import write_text_atomically
from tests.reports.products import (
    DATA,
    agrees,
    differences,
    read_board,
    read_brief,
    read_json,
    read_page,
    read_workbook,
    tables_of,
)

#: By default the county that has a section behind its target; all of them, and the city, with SOAK=1.
COUNTIES = ("421303", "421321", "421381", "421300") if os.environ.get("SOAK") else ("421381",)


@pytest.fixture(scope="module", params=COUNTIES)
def products(request, evaluate, tmp_path_factory):
    result = evaluate(request.param)
    folder = tmp_path_factory.mktemp("products")
    return SimpleNamespace(
        json=write_text_atomically(folder / "county.json", result.to_json()),
        page=maps.write_page(result, path=folder / "county.html"),
        board=maps.BoardPage(result).save(folder / "board.html"),
        brief=reports.write_brief(result, folder / "county.docx"),
        workbook=reports.write_workbook(result, folder / "county.xlsx"),
    )


#: Readers, and the kinds of numbers that a product leaves to the others.
READERS = {
    "page": (read_page, {"account", "alert"}),
    "board": (read_board, {"section", "conflict", "month", "account", "air"}),
    "brief": (read_brief, {"month", "alert", "account"}),
    "workbook": (read_workbook, ()),
}


def reference_of(products, product):
    """All numbers of the result; the county page has the goals only, tasks stand on the board."""
    numbers = read_json(products.json)
    if product != "page":
        return numbers
    tasks = {row["id"] for row in json.loads(products.json.read_text(encoding="utf-8"))["tasks"]}
    return {key: value for key, value in numbers.items() if not (key[0] == "target" and key[1] in tasks)}


@pytest.mark.parametrize("product", READERS)
def test_every_number_is_that_of_the_result(products, product):
    reader, without = READERS[product]
    reference = reference_of(products, product)
    for kind, least in (("target", 8), ("section", 15), ("conflict", 3), ("month", 500), ("alert", 2)):
        assert sum(key[0] == kind and value is not None for key, value in reference.items()) >= least
    assert differences(reference, reader(getattr(products, product)), without=without) == []


def test_compensation_is_the_same_in_word_and_excel(evaluate, tmp_path):
    """Excel holds every month and item; Word what they come to, per item and per section."""
    result = evaluate("421303")
    path = write_text_atomically(tmp_path / "a.json", result.to_json())
    reference = {key: value for key, value in read_json(path).items() if key[0] == "account"}
    assert len(reference) == 4 * len(result.accounts) > 100
    book = read_workbook(reports.write_workbook(result, tmp_path / "a.xlsx"))
    assert differences(reference, {key: value for key, value in book.items() if key[0] == "account"}) == []
    sums = defaultdict(float)
    for (_, section, _month, item, name), amount in reference.items():
        if name == "amount" and amount is not None:
            sums["account sum", section, item] += amount
            sums["account sum", section, "合计"] += amount
    told = read_brief(reports.write_brief(result, tmp_path / "a.docx"))
    assert differences(sums, {key: value for key, value in told.items() if key[0] == "account sum"}) == []


def test_air_is_the_same_everywhere(evaluate, tmp_path):
    result = evaluate("421303")
    path = write_text_atomically(tmp_path / "a.json", result.to_json())
    reference = {key: value for key, value in read_json(path).items() if key[0] == "air"}
    assert len(reference) == 3 * len(result.layer("stations").features) == 9
    for reader, product in (
        (read_page, maps.write_page(result, path=tmp_path / "a.html")),
        (read_brief, reports.write_brief(result, tmp_path / "a.docx")),
        (read_workbook, reports.write_workbook(result, tmp_path / "a.xlsx")),
    ):
        told = {key: value for key, value in reader(product).items() if key[0] == "air"}
        assert differences(reference, told) == []


def test_every_value_of_the_board_names_the_rows_behind_it(evaluate):
    for adcode in ("421303", "421381"):
        result = evaluate(adcode)
        files_known = {note.file for note in result.sources}
        for row in (*result.targets, *result.tasks):
            assert bool(row.rows) == (row.value is not None), row.id
            assert all(re.split(" 第 |：", text)[0] in files_known for text in row.rows), row.rows


def change_workbook(path):
    book = openpyxl.load_workbook(path)
    cell = next(row[2] for row in book["目标"].iter_rows(min_row=2) if isinstance(row[2].value, int | float))
    cell.value += 0.1
    book.save(path)
    return read_workbook(path)


def change_month(path):
    book = openpyxl.load_workbook(path)
    column = [cell.value for cell in book["月度数据"][1]].index("月均值")
    cell = next(row[column] for row in book["月度数据"].iter_rows(min_row=2) if row[column].value is not None)
    cell.value += 0.001
    book.save(path)
    return read_workbook(path)


def change_brief(path):
    document = Document(str(path))
    table = next(each for each in document.tables if each.rows[0].cells[0].text == "序号")
    table.rows[1].cells[5].paragraphs[0].runs[0].text += "7"
    document.save(str(path))
    return read_brief(path)


def change_task(path):
    document = Document(str(path))
    table = next(each for each in document.tables if each.rows[0].cells[1].text == "任务")
    row = next(each for each in table.rows[1:] if each.cells[5].text != "—")
    row.cells[5].paragraphs[0].runs[0].text = "3.2%"
    document.save(str(path))
    return read_brief(path)


def change_board(path):
    text = path.read_text(encoding="utf-8")
    data = json.loads(DATA.search(text).group(1))
    row = next(row for group in data["tasks"] for row in group["rows"] if row["value"] is not None)
    row["value"] += 1
    path.write_text(text.replace(DATA.search(text).group(1), json.dumps(data)), encoding="utf-8")
    return read_board(path)


def drop_from_brief(path):
    document = Document(str(path))
    table = next(
        each for each in document.tables if each.rows[0].cells[0].text == "断面" and len(each.columns) > 6
    )
    table._tbl.remove(table.rows[1]._tr)
    document.save(str(path))
    return read_brief(path)


def change_page(path):
    text = path.read_text(encoding="utf-8")
    data = json.loads(DATA.search(text).group(1))
    section = next(layer for layer in data["layers"] if layer["kind"] == "sections")["sections"][0]
    section["yearClass"] += 1
    path.write_text(text.replace(DATA.search(text).group(1), json.dumps(data)), encoding="utf-8")
    return read_page(path)


MUTATIONS = {
    "one target in the workbook": ("workbook", change_workbook),
    "one month in the workbook": ("workbook", change_month),
    "one distance in Word": ("brief", change_brief),
    "one section left out of Word": ("brief", drop_from_brief),
    "one class on the page": ("page", change_page),
    "the progress of one task in Word": ("brief", change_task),
    "one task on the board": ("board", change_board),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_comparison_finds_a_planted_change(products, tmp_path, mutation):
    product, change = MUTATIONS[mutation]
    copied = tmp_path / getattr(products, product).name
    shutil.copyfile(getattr(products, product), copied)
    found = differences(reference_of(products, product), change(copied), without=READERS[product][1])
    assert len(found) == (5 if "left out" in mutation else 1), found


@pytest.mark.parametrize(
    ("number", "shown", "same"),
    [
        (92.857, "92.86%", True),
        (92.857, "92.9%", True),
        (92.857, "92.8%", False),
        (0.31, "31%", True),
        (0.31, "32%", False),
        (-1234.5, "−1,234.5", True),
        (1.0, "大于 99%", True),
        (0.9, "大于 99%", False),
        (0.005, "小于 1%", True),
        (None, "—", True),
        (0.0, "—", False),
        (None, "0", False),
        (3, 3, True),
        (3, 4, False),
    ],
)
def test_a_shown_number_is_compared_at_the_decimals_that_it_has(number, shown, same):
    assert agrees(number, shown) is same


@pytest.mark.browser
def test_what_the_page_shows_is_what_word_shows(products, open_page):
    page = open_page(products.page).page
    tables = tables_of(products.brief)
    targets, sections = tables["targets"], tables["sections"]
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    shown = [item.inner_text().replace("\n", " ") for item in page.locator("#targets li").all()]
    assert len(shown) == len(targets)
    assert {row["编号"] for row in targets} > {"G1.good_ratio"}
    for row in targets:
        assert any(
            row["目标"] in text and f"{row['现值']} 目标 {row['目标值']}" in text and row["判断"][2:] in text
            for text in shown
        ), (row, shown)
    names = page.locator("#sections tbody th button").all_inner_texts()
    assert names == [row["断面"].removesuffix("（演示数据）") for row in sections], "worst first on both"
