"""A user's table as text cells with the row numbers that Excel shows; nothing is interpreted here."""

import csv
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from suizhou_geo.errors import InputError, MissingFileError, Place
from suizhou_geo.files.layout import fill_merged, find_table
from suizhou_geo.files.platform import read_platform_lines
from suizhou_geo.files.safety import MAX_COLUMNS, check_cells, check_table_content

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

#: Endings that can be read as a table.
TABLE_ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".xls", ".parquet", ".json")

#: Encodings in the order of trial; each either fits every byte or is not taken.
ENCODINGS = ("utf-8-sig", "gb18030")

_REMOTE = re.compile(r"^[a-z][a-z0-9+.-]*://|^/vsi", re.IGNORECASE)


#: A line with its end, as written on Windows, Unix or an old Mac.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


@dataclass(frozen=True)
class TextTable:
    """Cells as text: ``cells`` has the headers as columns; ``rows`` holds each line's number, the header being 1."""

    file: str
    sheet: str
    encoding: str
    cells: pd.DataFrame
    rows: Sequence[int]
    notes: tuple[str, ...] = ()

    def place(self, position: int | None = None, *, column: str = "") -> Place:
        """The place of a line (by position) and column in the user's file."""
        return Place(self.file, self.sheet, None if position is None else int(self.rows[position]), column)


def check_local_file(path: str | Path) -> Path:
    """The path if it is a regular local file; raises otherwise. Addresses and devices are never opened."""
    if _REMOTE.match(str(path)):
        raise InputError(f"只能读取本机文件，不能读取“{path}”", todo="先下载到本机，再给出文件路径")
    found = Path(path)
    if not found.exists():
        raise MissingFileError(f"找不到文件“{path}”", todo="核对路径和文件名")
    if not found.is_file():
        raise InputError(f"“{path}”不是普通文件", todo="给出一个文件的路径")
    return found


def read_text_table(path: str | Path, *, sheet: str | None = None) -> TextTable:
    """All cells of a CSV, Excel, Parquet or platform JSON file as text, with the row numbers that Excel shows.

    Empty lines are left out; a line that is longer than its header is refused with its place.
    """
    file = check_local_file(path)
    ending = file.suffix.lower()
    if ending not in TABLE_ENDINGS:
        raise InputError(
            f"不支持的文件类型“{ending or '无扩展名'}”",
            where=Place(str(file)),
            why=f"可读：{'、'.join(TABLE_ENDINGS)}",
        )
    check_table_content(file, ending=ending)
    if ending in {".xlsx", ".xls"}:
        return _read_excel(file, sheet=sheet)
    if ending == ".parquet":
        return _read_parquet(file)
    text, encoding = decode_text(file)
    if ending == ".json":
        records, notes = read_platform_lines(text, file=file)
        return _table(records, file=str(file), sheet="", encoding=encoding, notes=notes)
    delimiter = "\t" if ending == ".tsv" or "\t" in text.partition("\n")[0] else ","
    return _table(
        _split_lines(text, delimiter=delimiter, file=file), file=str(file), sheet="", encoding=encoding
    )


def _split_lines(text: str, *, delimiter: str, file: Path) -> list[list[str]]:
    # Line by line: a StringIO would hold the whole text once more, at four bytes a character.
    reader = csv.reader((match[0] for match in _LINE.finditer(text)), delimiter=delimiter)
    try:
        return list(reader)
    except csv.Error as error:
        raise InputError(
            "单元格过长",
            where=Place(str(file), row=reader.line_num),
            why=f"多半是引号没有成对：{error}",
            todo="在该行附近查找多余的引号，改正后重试",
        ) from error


def decode_text(file: Path) -> tuple[str, str]:
    """A text file's content and its encoding: UTF-8, UTF-16 by its mark, or GB 18030; every byte must fit."""
    data = file.read_bytes()
    # A byte order mark decides; GB 18030 would take almost any bytes.
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return _decode(data, ("utf-16",), file)
    if b"\0" in data:
        raise InputError(
            "文件内容不是文本", where=Place(str(file)), todo="检查文件是否损坏，或扩展名是否有误"
        )
    return _decode(data, ENCODINGS, file)


def _decode(data: bytes, encodings: Sequence[str], file: Path) -> tuple[str, str]:
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise InputError(
        "文件编码无法识别",
        where=Place(str(file)),
        why="不是 UTF-8、UTF-16 或 GB 18030",
        todo="另存为 UTF-8 CSV 后重试",
    )


def _read_excel(file: Path, *, sheet: str | None) -> TextTable:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415  (only Excel files need it)

    try:
        book = CalamineWorkbook.from_path(str(file))
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(
            "Excel 文件打不开", where=Place(str(file)), why=str(error), todo="在 Excel 中打开并另存后重试"
        ) from error
    names = book.sheet_names
    if sheet is not None and sheet not in names:
        raise InputError(f"没有工作表“{sheet}”", where=Place(str(file)), why=f"已有：{'、'.join(names)}")
    name = sheet or _first_with_data(book) or names[0]
    chosen = book.get_sheet_by_name(name)
    lines = [[_text(value) for value in row] for row in chosen.to_python(skip_empty_area=False)]
    _check_formulas(file, name=name, lines=lines)
    lines, notes = fill_merged(lines, chosen.merged_cell_ranges or [])
    others = [other for other in names if other != name]
    if others and sheet is None:
        notes.append(f"读取工作表“{name}”，未读：{'、'.join(others)}")
    return _table(lines, file=str(file), sheet=name, encoding="", notes=notes)


def _first_with_data(book: "CalamineWorkbook") -> str:
    # A cover or an empty sheet may stand before the table.
    for meta in book.sheets_metadata:
        sheet = book.get_sheet_by_name(meta.name) if "WorkSheet" in str(meta.typ) else None
        if sheet is not None and sheet.width > 1 and sheet.height > 1:
            return str(meta.name)
    return ""


def _check_formulas(file: Path, *, name: str, lines: Sequence[Sequence[str]]) -> None:
    # A formula that was never computed has no value: to every reader the cell looks empty.
    if file.suffix.lower() != ".xlsx" or not _has_formulas(file):
        return
    from openpyxl import load_workbook  # noqa: PLC0415  (only files with formulas need it)

    book = load_workbook(file, read_only=True, data_only=False)
    for number, row in enumerate(book[name].iter_rows(values_only=True), start=1):
        for column, value in enumerate(row):
            is_formula = isinstance(value, str) and value.startswith("=")
            if is_formula and not _cell_at(lines, number - 1, column).strip():
                raise InputError(
                    f"公式“{value}”没有计算结果",
                    where=Place(str(file), name, number, _cell_at(lines, 0, column)),
                    why="文件由程序生成，没有在 Excel 中算过",
                    todo="在 Excel 中打开并保存一次，或改为数值",
                )


def _has_formulas(file: Path) -> bool:
    with zipfile.ZipFile(file) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        return any(b"<f" in archive.read(name) for name in sheets)


def _cell_at(lines: Sequence[Sequence[str]], row: int, column: int) -> str:
    return lines[row][column] if row < len(lines) and column < len(lines[row]) else ""


def _read_parquet(file: Path) -> TextTable:
    from pyarrow import parquet  # noqa: PLC0415  (only Parquet files need it)

    try:
        shape = parquet.read_metadata(file)
        check_cells(shape.num_rows, shape.num_columns, place=Place(str(file)))
        # What other programs wrote beside the columns (an index, types of theirs) is not needed.
        frame = (
            parquet.read_table(file)
            .to_pandas(ignore_metadata=True)
            .filter(regex=r"^(?!__index_level_\d+__$)")
        )
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("Parquet 文件打不开", where=Place(str(file)), why=str(error)) from error
    cells = pd.DataFrame(
        {str(name): [_text(value) for value in frame[name]] for name in frame.columns}, dtype=str
    )
    return TextTable(str(file), "", "", cells, range(2, len(frame) + 2))


def _table(
    lines: Sequence[Sequence[str]], *, file: str, sheet: str, encoding: str, notes: Sequence[str] = ()
) -> TextTable:
    found = find_table(lines)
    if found is None:
        raise InputError("文件是空的", where=Place(file, sheet), todo="检查是否导出成功")
    names = found.header
    if len(names) > MAX_COLUMNS:
        raise InputError(
            f"表头有 {len(names)} 列", where=Place(file, sheet, found.header_row), why=f"上限 {MAX_COLUMNS} 列",
            todo="核对文件；监测表一般不超过几百列",
        )  # fmt: skip
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        raise InputError(
            f"列名重复：{'、'.join(repeated)}",
            where=Place(file, sheet, found.header_row),
            todo="改名或删去多余的列",
        )
    for number, line in found.body:
        if any(cell.strip() for cell in line[len(names) :]):
            raise InputError(
                f"该行有 {len(line)} 个单元格，表头只有 {len(names)} 列",
                where=Place(file, sheet, number),
                todo="检查多余的分隔符，或文本中的逗号是否加了引号",
            )
    columns = [name or f"未命名{index}" for index, name in enumerate(names, start=1)]
    width = len(columns)
    cells = pd.DataFrame(
        [[*line[:width], *[""] * (width - len(line))] for _, line in found.body], columns=columns, dtype=str
    )
    rows = [number for number, _ in found.body]
    return TextTable(file, sheet, encoding, cells, rows, (*notes, *found.notes))


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124  (NaN differs from itself)
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is pd.NaT or value is pd.NA else str(value)
