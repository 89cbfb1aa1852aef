"""The workbook of one county and month: one sheet per question, every figure a number, every text a text."""

import io
import math
import re
import unicodedata
import zipfile
from collections.abc import Iterable
from copy import copy
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from suizhou_geo.conventions import CountyResult
from suizhou_geo.reports.office import check_ending, period_start
from suizhou_geo.reports.sheets import Figure, Sheet, build_sheets
from suizhou_geo.reports.texts import visible
from suizhou_geo.reports.wording import STAMP, demo_mark
from suizhou_geo.saving import settle_package, write_atomically

OVERVIEW = "概况"

#: What Excel holds in one cell; longer texts are cut where it can be seen.
_LONGEST = 32_767

#: Points of one line, and of the highest row that Excel can have.
_LINE_HEIGHT, _HIGHEST = 15, 405

#: How a text begins that Excel would take for a formula once somebody edits its cell.
_FORMULA_STARTS = ("=", "+", "-", "@")

#: Excel reads ``_x0041_`` as the letter A: an underscore that begins such a code is written as a code itself.
_CODE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

#: Characters that one printed page is wide: about seven points of type on A4. Columns beyond, such as where a figure
#: comes from, are read on the screen.
_PRINTED_WIDTH = 200

_FONT = "等线"
_LINE = Side(style="hair", color="A0A8AC")
_HEAD = NamedStyle(
    "表头",
    font=Font(name=_FONT, bold=True, color="FFFFFF"),
    fill=PatternFill("solid", fgColor="0B6E75"),
    alignment=Alignment(horizontal="center", vertical="center", wrap_text=True),
)
_TEXT = NamedStyle(
    "文字",
    font=Font(name=_FONT),
    border=Border(bottom=_LINE),
    alignment=Alignment(vertical="top", wrap_text=True),
)
_NUMBER = NamedStyle(
    "数字",
    font=Font(name=_FONT),
    border=Border(bottom=_LINE),
    alignment=Alignment(horizontal="right", vertical="top", indent=1),
)


def write_workbook(result: CountyResult, path: str | Path) -> Path:
    """Write the county's numbers as Excel to ``path``: the finished file takes the place of the old one.

    The first sheet (概况) holds the sentence of the month, the notes and what each other sheet answers; then follow
    targets, sections, monthly values, classes, forecasts, trends, conflicts, features, rules and sources. Numbers are
    numbers with a format of their own; texts are texts, whatever they begin with; there are no formulas. The same
    result gives the same bytes.

    Raises ``InputError`` if the path does not end in ``.xlsx`` or a number is not finite.

    >>> import tempfile
    >>> result = CountyResult("421303", "曾都区", "随州市", 2021, 6, "无断面。", (), (), (), (), (), (), False, "0.1.0")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_workbook(result, Path(folder) / "曾都区.xlsx").name
    '曾都区.xlsx'
    """
    target = check_ending(path, ".xlsx", product="工作簿")
    # Made within, as openpyxl keeps each sheet in a file until the package is whole: that disk may be full too.
    return write_atomically(target, lambda temporary: temporary.write_bytes(_render(result)))


def _render(result: CountyResult) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for style in (_HEAD, _TEXT, _NUMBER):
        book.add_named_style(copy(style))
    book.properties.creator = f"suizhou_geo {visible(result.tool_version)}"
    book.properties.title = visible(f"{result.name} {result.period} {demo_mark(result)}".strip())
    book.properties.created = book.properties.modified = period_start(result)
    sheets = build_sheets(result)
    for sheet in (_overview(result, sheets), *(each for each in sheets if each.rows)):
        _add_sheet(book, sheet, result)
    package = io.BytesIO()
    # Workbook.save would stamp the clock into the properties.
    ExcelWriter(book, zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED)).save()
    return settle_package(package.getvalue(), date=period_start(result))


def _overview(result: CountyResult, sheets: Iterable[Sheet]) -> Sheet:
    rows = (
        ("区域", f"{result.city} {result.name}（{result.adcode}）"),
        ("月份", result.period),
        ("概况", result.headline),
        ("使用范围", "，".join(filter(None, (STAMP, demo_mark(result))))),
        *(("说明", note) for note in result.notes),
        *((f"工作表：{each.title}", _answer(each)) for each in sheets),
        ("生成工具", f"suizhou_geo {result.tool_version}"),
        ("结果指纹 SHA-256", result.fingerprint),
    )
    return Sheet(OVERVIEW, "", (("项目", 20), ("内容", 100)), rows)


def _answer(sheet: Sheet) -> str:
    return f"{sheet.question}（{len(sheet.rows)} 行）" if sheet.rows else f"{sheet.question}：本期没有"


def _add_sheet(book: Workbook, sheet: Sheet, result: CountyResult) -> None:
    page: Worksheet = book.create_sheet(sheet.title)
    page.freeze_panes = "A2" if sheet.title == OVERVIEW else "C2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{len(sheet.rows) + 1}"
    _set_paper(page, sheet, result)
    for column, (header, width) in enumerate(sheet.columns, start=1):
        page.column_dimensions[get_column_letter(column)].width = width
        _fill_text(page.cell(1, column), header, style=_HEAD.name)
    for place, row in enumerate(sheet.rows, start=2):
        for column, value in enumerate(row, start=1):
            cell = page.cell(place, column)
            if isinstance(value, Figure):
                cell.value, cell.style, cell.number_format = value.number, _NUMBER.name, value.shown_as
            else:
                _fill_text(cell, visible(value), style=_TEXT.name)
        page.row_dimensions[place].height = _row_height(row, sheet)


def _row_height(row: Iterable[Any], sheet: Sheet) -> float:
    """Points that the longest text of a row needs in its column: not every program finds that out by itself."""
    lines = [
        _count_lines(visible(value), width)
        for value, (_header, width) in zip(row, sheet.columns, strict=True)
        if not isinstance(value, Figure)
    ]
    return min(_LINE_HEIGHT * max(lines, default=1), _HIGHEST)


# Names, units and clauses stand in thousands of rows.
@lru_cache(maxsize=4096)
def _count_lines(text: str, width: float) -> int:
    return sum(max(1, math.ceil(_width(line) / width)) for line in text.split("\n"))


def _width(text: str) -> int:
    """Columns that a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def _set_paper(page: Any, sheet: Sheet, result: CountyResult) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = 9  # A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = "1:1"
    printed = _printed_columns(sheet)
    page.print_area = f"A1:{get_column_letter(printed)}{len(sheet.rows) + 1}"
    page.page_margins = PageMargins(left=0.4, right=0.4, top=0.7, bottom=0.6, header=0.3, footer=0.3)
    # An ampersand starts a code in headers and footers.
    page.oddHeader.left.text = visible(f"{result.name} {result.period} {sheet.title}").replace("&", "&&")
    page.oddHeader.right.text = "，".join(filter(None, (STAMP, demo_mark(result))))
    page.oddFooter.center.text = "&P / &N"
    if printed < len(sheet.columns):
        page.oddFooter.right.text = f"另有 {len(sheet.columns) - printed} 列（说明、来源等）不打印，见文件"


def _printed_columns(sheet: Sheet) -> int:
    widths = accumulate(width for _header, width in sheet.columns)
    return max(1, sum(width <= _PRINTED_WIDTH for width in widths))


def _fill_text(cell: Any, text: str, *, style: str) -> None:
    coded = _CODE.sub("_x005F_", text)
    if len(coded) > _LONGEST:
        rest = f"…（共 {len(text)} 字，只列出前面部分）"
        coded = coded[: _LONGEST - len(rest)] + rest
    cell.style = style
    if not coded:
        return
    cell.value = coded
    # Whatever it begins with, and even if it reads like an error or a formula.
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(_FORMULA_STARTS)
