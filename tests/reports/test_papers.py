"""The papers as a reader meets them: paper, fonts, order, marks; the same bytes; the old file kept when refused."""

import io
import re
import shutil
import subprocess
import time
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from docx import Document
from docx.oxml.ns import qn
from openpyxl.utils import get_column_letter
from PIL import Image

from suizhou_geo import reports
from suizhou_geo.conventions import Account, Alert, Suspect
from suizhou_geo.errors import InputError, MissingFileError
from suizhou_geo.reports.brief import NO_PICTURE
from suizhou_geo.reports.control import control_rows
from tests.maps.sample_result import sample_result


def small_result():
    """The sample county with two sections and nothing else on its map."""
    sections = sample_result(outfalls=0, sources=0).layer("sections")
    return replace(sample_result(), layers=(replace(sections, features=sections.features[:2]),))


@pytest.fixture(scope="module")
def picture():
    blob = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(blob, "PNG")
    return blob.getvalue()


@pytest.fixture(scope="module")
def brief(tmp_path_factory, picture):
    return reports.write_brief(
        sample_result(), tmp_path_factory.mktemp("brief") / "曾都区.docx", picture=picture
    )


@pytest.fixture(scope="module")
def workbook(tmp_path_factory):
    return reports.write_workbook(sample_result(), tmp_path_factory.mktemp("book") / "曾都区.xlsx")


def texts(path):
    return [paragraph.text for paragraph in Document(str(path)).paragraphs]


def headings(path):
    return [each.text for each in Document(str(path)).paragraphs if each.style.name == "Heading 1"]


def test_paper_and_margins_are_those_of_an_official_document(brief):
    section = Document(str(brief)).sections[0]
    lengths = (section.page_width, section.page_height, section.top_margin, section.left_margin)
    assert [round(length.mm) for length in lengths] == [210, 297, 37, 28]
    assert round(section.page_width.mm - section.left_margin.mm - section.right_margin.mm) == 156


@pytest.mark.parametrize(
    ("style", "font", "points"),
    [
        ("Title", "方正小标宋简体", 22),
        ("Normal", "仿宋", 16),
        ("Heading 1", "黑体", 16),
        ("Heading 2", "楷体", 16),
    ],
)
def test_type_is_that_of_an_official_document(brief, style, font, points):
    found = Document(str(brief)).styles[style]
    fonts = found.element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == font
    assert found.font.size.pt == points
    table = zipfile.ZipFile(brief).read("word/fontTable.xml").decode("utf-8")
    assert re.search(f'w:name="{font}"><w:altName w:val="[^"]*CJK SC', table)


def test_the_brief_answers_in_the_order_of_its_readers_questions(brief):
    order = ["一、总体情况", "二、年度目标进展", "三、分布图", "四、主要问题", "五、下月控制要求", "六、说明"]
    assert headings(brief)[:6] == order
    assert [text[:3] for text in headings(brief)[6:]] == [f"附件{number}" for number in range(1, 10)]
    assert sample_result().headline in texts(brief)


def test_targets_stand_worst_first_with_word_and_shape(brief):
    table = Document(str(brief)).tables[0]
    assert [row.cells[4].text for row in table.rows[1:]] == [
        "■ 目前未达标",
        "▲ 有风险",
        "● 目前达标",
        "● 已达标",
    ]
    assert [cell.text for cell in table.rows[1].cells][1:4] == ["85.7%", "≥ 100%", "31%"]
    assert "另有 1 项因目标未公开或缺少数据暂无法判定，见附件1。" in texts(brief)


def test_synthetic_data_are_marked_in_title_header_and_properties(brief, tmp_path):
    document = Document(str(brief))
    title = next(each.text for each in document.paragraphs if each.style.name == "Title")
    section = document.sections[0]
    for text in (title, section.header.paragraphs[0].text, section.even_page_header.paragraphs[0].text):
        assert "演示数据" in text
    assert document.core_properties.keywords == "演示数据"
    real = replace(sample_result(), synthetic=False, layers=(), targets=(), conflicts=(), sources=())
    assert "演示数据" not in "".join(texts(reports.write_brief(real, tmp_path / "real.docx")))


def test_picture_is_there_with_a_caption_and_words_for_who_cannot_see_it(brief):
    document = Document(str(brief))
    (shape,) = document.inline_shapes
    # As high as leaves room for the tables before it on the same page.
    assert round(shape.width.mm) == 150
    assert round(shape.height.mm) == 100
    assert sample_result().headline in shape._inline.docPr.get("descr")
    assert any(text.startswith("图1") and "未经地图审核" in text for text in texts(brief))


def test_without_a_picture_the_brief_says_why(tmp_path):
    path = reports.write_brief(small_result(), tmp_path / "a.docx")
    assert NO_PICTURE in texts(path)
    assert len(Document(str(path)).inline_shapes) == 0


def test_a_tall_picture_keeps_its_shape_and_its_page(tmp_path):
    blob = io.BytesIO()
    Image.new("RGB", (100, 400), "white").save(blob, "PNG")
    path = reports.write_brief(small_result(), tmp_path / "a.docx", picture=blob.getvalue())
    (shape,) = Document(str(path)).inline_shapes
    assert shape.height.mm == pytest.approx(100, abs=0.1)
    assert shape.height / shape.width == pytest.approx(4, rel=1e-3)


def test_papers_state_hash_clause_and_how_sure_every_table_is(brief, workbook, tmp_path):
    cells = {cell.text for table in Document(str(brief)).tables for row in table.rows for cell in row.cells}
    assert {"表 1", "4 个来源"} <= cells
    assert "各文件的 SHA-256 见工作簿“来源”。" in texts(brief)
    sheet = openpyxl.load_workbook(workbook)["来源"]
    assert {"ab" * 32, "cd" * 32} <= {cell.value for row in sheet.iter_rows() for cell in row}
    unsure = replace(sample_result().rules[0], verified="unverified")
    doubtful = replace(sample_result(), layers=(), rules=(unsure,))
    book = openpyxl.load_workbook(reports.write_workbook(doubtful, tmp_path / "a.xlsx"))
    assert book["依据"]["E2"].value == "未核实"
    annex = Document(str(reports.write_brief(doubtful, tmp_path / "a.docx"))).tables[-2]
    assert annex.rows[1].cells[3].text == "未核实"


def test_a_county_without_anything_is_a_brief_and_a_workbook(tmp_path):
    empty = replace(sample_result(), layers=(), targets=(), conflicts=(), notes=(), rules=(), sources=())
    told = texts(reports.write_brief(empty, tmp_path / "a.docx"))
    assert {"工作区没有给出年度目标。", "本区域没有可评价的水质断面。", "没有待复核的空间冲突。"} <= set(told)
    book = openpyxl.load_workbook(reports.write_workbook(empty, tmp_path / "a.xlsx"))
    assert book.sheetnames == ["概况"]
    assert sum("本期没有" in str(row[1].value) for row in book["概况"].iter_rows()) == 16


def test_suspects_warnings_tasks_and_accounts_stand_in_word_and_excel(tmp_path):
    sections = sample_result().layer("sections").features
    row = replace(sample_result().targets[0], id="T05.x", goal="T05", name="短板项目", judged_by="counted", state="behind",
                  value=20.0, target=49.0, unit="个", p_attain=None, progress=40.8, required=24.0, rows=("a.csv 第 2 行",))  # fmt: skip
    result = replace(
        sample_result(),
        tasks=(row,),
        suspects=(Suspect(sections[0].id, "tp", 1, "O001", "某排污口", 3.2, 2.5, 0.61, "在上游", True),),
        alerts=(Alert("2021-05-31", "2021-06-30", "W2", "水质劣于目标", "421303", sections[0].id, "甲", "甲：Ⅳ类，目标Ⅲ类", 4.0,
                      3.0, "类", "规则 W2", "a.csv 第 3 行", True),),
        accounts=(Account("S02", "甲", "421321", "421303", "2021-06", "tp", 0.3, 0.2, 0.1, "mg/L", 10.0, "万元", "price", "a.csv",
                          "demo", "演示", True),),
    )  # fmt: skip
    path = reports.write_brief(result, tmp_path / "a.docx")
    told = texts(path)
    assert f"{sections[0].name}（总磷）：某排污口（上游 3.2 公里）。" in told
    assert "1.2021-06-30 水质劣于目标：甲：Ⅳ类，目标Ⅲ类。" in told
    cells = {cell.text for table in Document(str(path)).tables for row in table.rows for cell in row.cells}
    assert {"T05 短板项目", "■ 进度落后", "40.8%", "10 万元", "2021-05-31 至 2021-06-30"} <= cells
    book = openpyxl.load_workbook(reports.write_workbook(result, tmp_path / "a.xlsx"))
    assert (book["任务"]["I2"].value, book["任务"]["J2"].value) == (40.8, 24)
    assert book["上游可疑源"]["F2"].value == "某排污口"
    assert book["预警"]["L2"].value == "规则 W2"
    assert book["生态补偿"]["K2"].value == 10


def test_control_values_are_limits_of_sections_that_need_attention(county):
    rows = control_rows(county)
    (row,) = [row for row in rows if row[0].startswith("演示断面02") and row[1] == "氨氮"]
    section = next(each for each in county.layer("sections").features if each.name == row[0])
    series = next(each for each in section.series if each.name == "氨氮")
    fan = next(each for each in section.fans if each.indicator == "nh3n")
    assert row[2:4] == (f"{series.values[-1]:.2f}", "≤ 1.00")
    assert fan.times[0] == "2021-07"
    assert row[4] == f"{fan.values[fan.levels.index(0.5)][0]:.2f}"
    assert row[5] == f"{fan.values[0][0]:.2f}–{fan.values[-1][0]:.2f}（90%）"


def test_sheets_have_a_frozen_header_a_filter_widths_and_formats(workbook):
    book = openpyxl.load_workbook(workbook)
    assert book.sheetnames == ["概况", "目标", "断面", "月度数据", "逐月类别", "冲突", "要素", "依据", "来源"]
    for sheet in book:
        assert sheet.freeze_panes in {"A2", "C2"}
        assert sheet.auto_filter.ref.startswith("A1:")
        assert "演示数据" in sheet.oddHeader.right.text
        assert {sheet.cell(1, column).style for column in range(1, sheet.max_column + 1)} == {"表头"}
    assert book["月度数据"]["E2"].number_format == "#,##0.000"
    assert book["目标"]["H2"].number_format == '[>0.99]"大于 99%";[<0.01]"小于 1%";0%'
    assert book["目标"]["H2"].value == 0.31
    assert all(
        "来源" in [cell.value for cell in book[name][1]]
        for name in ("目标", "断面", "月度数据", "冲突", "要素")
    )


def test_a_printed_sheet_has_its_header_on_every_page_and_type_that_can_be_read(workbook):
    for sheet in openpyxl.load_workbook(workbook):
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$1:$1"
        (area,) = sheet.print_area.split(",")
        first, last = area.rpartition("!")[2].replace("$", "").split(":")
        assert first == "A1"
        assert int(re.sub(r"\D", "", last)) == sheet.max_row
        letters = [get_column_letter(at) for at in range(1, sheet[last].column + 1)]
        # Two hundred characters on the 277 mm of A4: seven points of type.
        assert sum(sheet.column_dimensions[letter].width for letter in letters) <= 200
        left_out = sheet.max_column - len(letters)
        assert (f"另有 {left_out} 列" in (sheet.oddFooter.right.text or "")) == bool(left_out), sheet.title


def test_a_long_annex_is_cut_and_says_where_the_rest_is(tmp_path):
    conflicts = tuple(
        replace(sample_result().conflicts[0], feature_id=f"O{number:03d}") for number in range(75)
    )
    path = reports.write_brief(replace(small_result(), conflicts=conflicts), tmp_path / "a.docx")
    table = next(each for each in Document(str(path)).tables if each.rows[0].cells[2].text == "保护范围")
    assert len(table.rows) == 61
    assert "共 75 行，以上为前 60 行，全部见工作簿。" in texts(path)
    assert f"复核要点（1）{conflicts[0].action}。" in texts(path)


WRITERS = {"a.docx": reports.write_brief, "a.xlsx": reports.write_workbook}


@pytest.mark.parametrize("name", WRITERS)
def test_same_result_gives_the_same_bytes_whatever_the_clock_says(tmp_path, monkeypatch, name):
    first = WRITERS[name](small_result(), tmp_path / name).read_bytes()
    later = time.localtime(time.time() + 400 * 86_400)
    monkeypatch.setattr(time, "localtime", lambda *_seconds: later)
    assert WRITERS[name](small_result(), tmp_path / name).read_bytes() == first
    dates = {member.date_time for member in zipfile.ZipFile(tmp_path / name).infolist()}
    assert dates == {(2021, 6, 1, 0, 0, 0)}
    properties = zipfile.ZipFile(tmp_path / name).read("docProps/core.xml").decode("utf-8")
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z?", properties)) == {"2021-06-01T00:00:00Z"}


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_refused_leaves_the_old_file(tmp_path, name):
    path = WRITERS[name](small_result(), tmp_path / name)
    before = path.read_bytes()
    broken = replace(small_result(), targets=(replace(small_result().targets[0], value=float("nan")),))
    with pytest.raises(InputError, match="非有限"):
        WRITERS[name](broken, path)
    with pytest.raises(InputError, match=r"不能写成“a\.odt”"):
        WRITERS[name](small_result(), tmp_path / "a.odt")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("blob", [b"", b"no picture", b"\x89PNG\r\n\x1a\n cut off"])
def test_a_picture_that_is_none_is_refused(tmp_path, blob):
    with pytest.raises(InputError, match="附图不是可以读出的图片"):
        reports.write_brief(small_result(), tmp_path / "a.docx", picture=blob)
    assert list(tmp_path.iterdir()) == []


def test_without_libreoffice_pdf_is_refused_with_a_way_out(tmp_path, monkeypatch, brief):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingFileError, match=r"没有 LibreOffice.*\.docx"):
        reports.write_pdf(brief, tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice Writer on PATH")
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no poppler on PATH")
def test_the_brief_becomes_a_pdf_with_chinese_type_and_page_numbers(tmp_path, brief):
    pdf = reports.write_pdf(brief, tmp_path / "曾都区.pdf")
    assert pdf.read_bytes().startswith(b"%PDF")
    shown = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = [re.sub(r"\s", "", page) for page in shown.split("\f")[:-1]]
    assert "曾都区2021年6月生态环境工作简报" in pages[0]
    assert all(f"—{number}—" in page and "内部使用" in page for number, page in enumerate(pages, start=1))
    assert "附件5" in "".join(pages)
    fonts = subprocess.run(["pdffonts", str(pdf)], capture_output=True, text=True, check=True).stdout
    assert re.search("SerifCJK|FangSong|SimSun", fonts), "仿宋, or what stands in for it"
    assert re.search("SansCJK|SimHei", fonts), "黑体, or what stands in for it"
