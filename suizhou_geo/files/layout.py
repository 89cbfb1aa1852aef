"""Where in a sheet the table stands: titles above it, headers of two lines, merged cells, totals and remarks below."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from suizhou_geo.conventions import indicator_of_header, normalise_text
from suizhou_geo.files.headers import can_be_given_in, is_unit

#: How many lines above a table can be titles.
_TITLE_LINES = 6

#: What a heading has in brackets at its end.
_BRACKETS = re.compile(r"\(([^()]+)\)$")

#: First cells of lines that sum up the lines above, and of remarks below a table.
_TOTALS = {
    "平均",
    "平均值",
    "均值",
    "年均值",
    "月均值",
    "合计",
    "总计",
    "最大值",
    "最小值",
    "标准差",
    "中位数",
}
_TOTALS |= {"标准限值", "标准值", "限值", "ⅲ类标准", "iii类标准", "检出限", "样本数", "超标率"}
_REMARKS = ("注:", "注：", "备注", "说明:", "说明：", "填表人", "审核人", "制表")


@dataclass(frozen=True)
class Layout:
    """The table in a sheet: its header, the number of the header's line, numbered lines, and what was passed over."""

    header: tuple[str, ...]
    header_row: int
    body: tuple[tuple[int, tuple[str, ...]], ...]
    notes: tuple[str, ...]


def fill_merged(
    lines: Sequence[Sequence[str]], ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]
) -> tuple[list[list[str]], list[str]]:
    """The lines with merged key cells repeated down; numbers are never repeated, they were measured once.

    ``ranges`` are ((top, left), (bottom, right)), counted from 0.

    >>> fill_merged([["河流"], ["府河"], [""]], [((1, 0), (2, 0))])
    ([['河流'], ['府河'], ['府河']], ['合并单元格“府河”填入第 2–3 行'])
    """
    filled = [list(line) for line in lines]
    notes = []
    for (top, left), (bottom, right) in ranges:
        if bottom <= top or left != right or bottom >= len(filled):
            continue
        value = filled[top][left] if left < len(filled[top]) else ""
        if not value.strip() or _is_number(value):
            continue
        for row in range(top + 1, bottom + 1):
            filled[row] += [""] * (left + 1 - len(filled[row]))
            filled[row][left] = value
        notes.append(f"合并单元格“{value}”填入第 {top + 1}–{bottom + 1} 行")
    return filled, notes


def find_table(lines: Sequence[Sequence[str]]) -> Layout | None:
    """The table in these lines, or None if every cell is empty. Lines are numbered from 1, as Excel does.

    >>> found = find_table([["六月水质"], ["断面", "氨氮"], ["", "mg/L"], ["甲", "0.2"], ["平均值", "0.2"], ["注：L 表示未检出"]])
    >>> found.header, found.header_row, [number for number, _ in found.body]
    (('断面', '氨氮(mg/L)'), 2, [4])
    >>> found.notes
    ('跳过表头上方的 1 行标题', '第 3 行是单位，并入表头', '第 5 行（平均值）是统计行，未读', '第 6 行是备注，未读')
    """
    filled = [
        (number, tuple(line)) for number, line in enumerate(lines, start=1) if any(map(str.strip, line))
    ]
    if not filled:
        return None
    notes: list[str] = []
    titles = _count_titles([line for _, line in filled])
    if titles:
        notes.append(f"跳过表头上方的 {titles} 行标题")
    (header_row, first), body = filled[titles], filled[titles + 1 :]
    header = _trimmed(first)
    # A heading over several columns, the names below it, their units below those: three lines at most.
    for _ in range(min(2, len(body))):
        joined, note = _join_second_header(header, body[0])
        if not note:
            break
        header, body = joined, body[1:]
        notes.append(note)
    kept = []
    for number, line in body:
        note = _passed_over(number, line)
        if note:
            notes.append(note)
        else:
            kept.append((number, line))
    return Layout(header, header_row, tuple(kept), tuple(notes))


def _count_titles(lines: Sequence[tuple[str, ...]]) -> int:
    # A title is one text above a table of several columns.
    for count, line in enumerate(lines[: _TITLE_LINES + 1]):
        if sum(bool(cell.strip()) for cell in line) > 1:
            return count
    return 0


def _join_second_header(
    header: tuple[str, ...], second: tuple[int, tuple[str, ...]]
) -> tuple[tuple[str, ...], str]:
    number, line = second
    wide = max(len(header), len(line))
    high = _padded(header, wide)
    # A name that is merged over both lines stands in each of them.
    cells = [
        "" if cell.strip() == name else cell.strip()
        for name, cell in zip(high, _padded(line, wide), strict=True)
    ]
    given = [cell for cell in cells if cell]
    units = [bool(name) and is_unit(cell) for name, cell in zip(high, cells, strict=True) if cell]
    if given and all(units) and any(len(cell) > 1 for cell in given):
        return _with_units(high, cells), f"第 {number} 行是单位，并入表头"
    # A heading over several columns (监测项目) with the names of the columns below it.
    named = sum(bool(indicator_of_header(cell)) for cell in given)
    if named >= 1 and named == len([cell for cell in given if cell not in header]):
        return _trimmed(_below_headings(high, cells)), f"表头有两行，第 {number} 行并入表头"
    return header, ""


def _below_headings(high: Sequence[str], low: Sequence[str]) -> list[str]:
    # 监测结果（μg/L） holds for every column below it whose name has no unit and that can be given in it.
    names, unit = [], ""
    for heading, name in zip(high, low, strict=True):
        if heading:
            written = _BRACKETS.search(normalise_text(heading))
            unit = written.group(1) if written and is_unit(written.group(1)) else ""
        names.append(f"{name}({unit})" if name and unit and can_be_given_in(name, unit) else name or heading)
    return names


def _with_units(header: Sequence[str], cells: Sequence[str]) -> tuple[str, ...]:
    return _trimmed(
        [
            f"{name}({unit.strip('()（）')})" if unit else name
            for name, unit in zip(header, cells, strict=True)
        ]
    )


def _passed_over(number: int, line: tuple[str, ...]) -> str:
    first = next(cell for cell in line if cell.strip()).strip()
    if first.startswith(_REMARKS) and sum(bool(cell.strip()) for cell in line) <= 3:
        return f"第 {number} 行是备注，未读"
    return f"第 {number} 行（{first}）是统计行，未读" if _is_total(first) else ""


@lru_cache(maxsize=4096)
def _is_total(text: str) -> bool:
    return normalise_text(text) in _TOTALS


def _trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
