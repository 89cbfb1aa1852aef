"""What a file is, before anything parses it: content and name agree, nothing unpacks to more than it may."""

import re
import zipfile
import zlib
from pathlib import Path

from suizhou_geo.errors import InputError, Place

#: Largest file, and largest sum of what its members unpack to.
MAX_BYTES, MAX_UNPACKED = 300 * 2**20, 600 * 2**20

#: More than this many times its packed size, beyond the first megabytes, no honest table unpacks to.
MAX_RATIO, RATIO_FREE = 100, 20 * 2**20

MAX_MEMBERS = 5_000

#: Cells of the rectangle that a sheet's used cells span.
MAX_CELLS = 60_000_000

#: Columns of a table; a sheet of Excel has no more.
MAX_COLUMNS = 16_384

_ZIP, _OLD_EXCEL, _PARQUET, _SQLITE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1", b"SQLite format 3\x00"

#: How files of these endings begin.
_STARTS = {".xlsx": (_ZIP,), ".xls": (_OLD_EXCEL,), ".parquet": (_PARQUET,)}

#: What a file really is, by its first bytes, for the message.
_KINDS = {
    _ZIP: "Excel（xlsx）或压缩文件",
    _OLD_EXCEL: "旧版 Excel（xls）",
    _PARQUET: "Parquet 文件",
    _SQLITE: "GeoPackage 或 SQLite 文件",
    b"\x80": "Python 序列化文件",
    b"%PDF": "PDF 文件",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
}
_MARKUP = re.compile(rb"^\s*(<\?xml|<!doctype|<html|<table|<[a-z]+[\s>])", re.IGNORECASE)
_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_CHUNK = 4 * 2**20

#: What the archive reader raises on spoilt bytes, unknown packing and undecodable names among them.
_BROKEN_ARCHIVE = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError, UnicodeDecodeError,
)  # fmt: skip


def check_table_content(file: Path, *, ending: str) -> None:
    """Raise ``InputError`` unless the file's content is what its ending says and is safe to unpack."""
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise InputError(
            f"文件太大（{size / 2**20:.0f} MB）", where=Place(str(file)), why=f"上限 {MAX_BYTES / 2**20:.0f} MB",
            todo="按年份或地区拆分后分别读取",
        )  # fmt: skip
    with file.open("rb") as stream:
        head = stream.read(512)
    starts = _STARTS.get(ending)
    if starts is None:
        _check_text(head, file=file, ending=ending)
    elif not head.startswith(starts):
        raise _mismatch(head, file=file, ending=ending)
    if ending == ".xlsx":
        _check_archive(file)


def check_cells(height: int, width: int, *, place: Place) -> None:
    """Raise ``InputError`` if a table of so many rows and columns is larger than any that is read."""
    if height * width > MAX_CELLS:
        raise InputError(
            f"表的已用区域有 {height} 行 × {width} 列",
            where=place,
            why=f"上限 {MAX_CELLS} 个单元格；Excel 中常是远离数据的地方有单元格（误按空格或设了格式）",
            todo="删去数据区以外的行和列，或按年份拆分，另存后重试",
        )


def _check_text(head: bytes, *, file: Path, ending: str) -> None:
    # A text may begin with almost anything, but not as one of these.
    binary = any(head.startswith(start) for start in _KINDS if len(start) > 1)
    if binary or (_MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")) and ending != ".json"):
        raise _mismatch(head, file=file, ending=ending)


def _mismatch(head: bytes, *, file: Path, ending: str) -> InputError:
    if not head:
        return InputError("文件是空的", where=Place(str(file)), todo="检查是否导出成功")
    kind = next((kind for start, kind in _KINDS.items() if head.startswith(start)), "")
    if not kind:
        kind = "网页或 XML" if _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")) else "其他内容"
    return InputError(
        "文件内容与扩展名不符",
        where=Place(str(file)),
        why=f"扩展名是 {ending}，内容却是{kind}",
        todo="在原软件中打开，另存为所需格式，不要只改扩展名",
    )


def _check_archive(file: Path) -> None:
    place = Place(str(file))
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _check_sizes(members, place=place)
            for member in members:
                if member.filename.lower().endswith((".xml", ".rels")):
                    _check_member(archive, member, place=place)
    except _BROKEN_ARCHIVE as error:
        raise InputError(
            "Excel 文件打不开", where=place, why=f"压缩结构损坏：{error}", todo="在 Excel 中打开并另存后重试"
        ) from error


def _check_sizes(members: list[zipfile.ZipInfo], *, place: Place) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    reasons = {
        f"内含 {len(members)} 个部件，上限 {MAX_MEMBERS}": len(members) > MAX_MEMBERS,
        f"解压后 {unpacked / 2**20:.0f} MB，上限 {MAX_UNPACKED / 2**20:.0f} MB": unpacked > MAX_UNPACKED,
        f"解压后是原来的 {unpacked / max(packed, 1):.0f} 倍，上限 {MAX_RATIO} 倍": (
            unpacked > RATIO_FREE and unpacked > MAX_RATIO * packed
        ),
    }
    for reason, holds in reasons.items():
        if holds:
            raise InputError(
                "Excel 文件不像正常的表", where=place, why=reason, todo="核对来源；在 Excel 中另存后重试"
            )


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, place: Place) -> None:
    # Read in pieces: a member may lie about its size, and a document type may name other files.
    is_sheet = bool(_SHEET.fullmatch(member.filename))
    read, tail, height, width = 0, b"", 0, 0
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            read += len(chunk)
            if read > MAX_UNPACKED or read > member.file_size:
                raise InputError(
                    "Excel 文件不像正常的表", where=place, why=f"部件 {member.filename} 的大小不实"
                )
            if read == len(chunk) and b"<!DOCTYPE" in chunk[:4096].upper():
                raise InputError(
                    "Excel 文件含有文档类型声明（DTD）", where=place, why="正常的 Excel 文件没有；它可能引用其他文件",
                    todo="核对来源；在 Excel 中另存后重试",
                )  # fmt: skip
            if is_sheet:
                for column, row in _CELL.findall(tail + chunk):
                    height, width = max(height, int(row)), max(width, _number_of(column))
                tail = chunk[-64:]
    check_cells(height, width, place=place)


def _number_of(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number
