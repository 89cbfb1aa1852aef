"""Tables of an official document: thin full rules, a header that repeats on every page, rows that stay whole."""

from collections.abc import Sequence
from typing import Any

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Mm

from suizhou_geo.reports.document import HEADING, SIZE_5, TABLE_TEXT, add_text
from suizhou_geo.reports.texts import visible

#: A column: its header, its width in millimetres, and whether its cells are centred (short words and figures).
Column = tuple[str, float, bool]

#: A table of so many rows is not broken across pages.
_KEPT_TOGETHER = 5

#: As many rows of a longer one never stand alone at the foot or the head of a page.
_NEVER_ALONE = 3


def add_table(
    document: Any,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    caption: str = "",
    size: float = SIZE_5,
) -> Any:
    """A table with a caption above; every text is made ``visible`` here."""
    if caption:
        document.add_paragraph(visible(caption), style="Caption")
    table = document.add_table(rows=1, cols=len(columns))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for grid, (_header, width, _centred) in zip(table.columns, columns, strict=True):
        grid.width = Mm(width)
    style = document.styles[TABLE_TEXT].style_id
    head = table.rows[0]
    _mark_row(head, "w:tblHeader")
    _fill_row(head, [header for header, _width, _centred in columns], columns, style, size=size, head=True)
    for row in rows:
        _fill_row(table.add_row(), row, columns, style, size=size)
    for row in _kept_rows(table):
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True
    return table


def _kept_rows(table: Any) -> list[Any]:
    """Rows that stay on the page of the next: all of a short table, else the first ones and the last ones."""
    rows = list(table.rows)
    return rows[:-1] if len(rows) <= _KEPT_TOGETHER + 1 else [*rows[:_NEVER_ALONE], *rows[-_NEVER_ALONE:-1]]


def _fill_row(
    row: Any, texts: Sequence[str], columns: Sequence[Column], style: str, *, size: float, head: bool = False
) -> None:
    _mark_row(row, "w:cantSplit")
    for cell, text, (_header, width, centred) in zip(row.cells, texts, columns, strict=True):
        cell.width = Mm(width)
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = cell.paragraphs[0]
        # By its id: looking a style up by name for every cell takes most of the time of a brief.
        paragraph._p.style = style
        if head or centred:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        add_text(paragraph, visible(text), font=HEADING if head else "", size=size)


def _mark_row(row: Any, mark: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(mark))
