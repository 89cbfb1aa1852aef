"""Content and name agree, and nothing unpacks to more than it may; each refusal says what to do."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from suizhou_geo import files
from suizhou_geo.errors import InputError

HEAD = ["断面名称", "监测时间", "氨氮"]


def _plain(folder: Path, name: str = "水质.xlsx") -> Path:
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    book.active.append(["甲", "2021-06-03", 0.2])
    path = folder / name
    book.save(path)
    return path


def _with_sheet(path: Path, extra: bytes, *, prefix: bytes = b"") -> Path:
    """The book with more in its sheet than was saved."""
    target = path.with_name("改.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("sheet1.xml"):
                data = prefix + data.replace(b"</sheetData>", extra + b"</sheetData>")
            out.writestr(name, data)
    return target


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("a.xlsx", "断面,氨氮\n甲,0.2\n".encode(), "内容却是其他内容"),
        ("a.xlsx", b"<html><table><tr><td>1</td></tr></table></html>", "内容却是网页或 XML"),
        ("a.xls", b"<table><tr><td>1</td></tr></table>", "内容却是网页或 XML"),
        ("a.parquet", b"PK\x03\x04abc", "内容却是Excel"),
        ("a.csv", b"PK\x03\x04abc", "内容却是Excel"),
        ("a.csv", b"\xd0\xcf\x11\xe0abc", "内容却是旧版 Excel"),
        ("a.csv", b"PAR1abc", "内容却是Parquet"),
        ("a.csv", b"SQLite format 3\x00", "内容却是GeoPackage"),
        ("a.csv", b"%PDF-1.7", "内容却是PDF"),
        ("a.csv", b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "内容却是网页或 XML"),
        ("a.csv", b'\xef\xbb\xbf<?xml version="1.0"?><x/>', "内容却是网页或 XML"),
        ("a.xlsx", b"", "文件是空的"),
        ("a.xlsx", b"PK\x03\x04" + b"\0" * 100, "压缩结构损坏"),
    ],
)
def test_content_and_name_disagree(tmp_path: Path, name: str, content: bytes, match: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=match) as refused:
        files.read_observations(path)
    assert str(path) in str(refused.value)
    assert "处理：" in str(refused.value)


def test_a_cell_far_away_is_refused_and_a_stray_blank_below_is_passed_over(tmp_path: Path) -> None:
    far = _with_sheet(_plain(tmp_path), b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    with pytest.raises(InputError, match="1048576 行 × 16384 列"):
        files.read_observations(far)
    near = _with_sheet(
        _plain(tmp_path), b'<row r="90000"><c r="A90000" t="inlineStr"><is><t> </t></is></c></row>'
    )
    assert files.read_observations(near)["site_id"].tolist() == ["甲"]


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    entity = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(InputError, match="文档类型声明"):
        files.read_observations(_with_sheet(_plain(tmp_path), b"", prefix=entity))


def test_too_many_parts_are_refused(tmp_path: Path) -> None:
    path = _plain(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(5_001):
            archive.writestr(f"x/{number}", b"")
    with pytest.raises(InputError, match="个部件"):
        files.read_observations(path)


BOMB = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (2**30 * 3 // 2, 2**30 * 3 // 2))
from suizhou_geo.files.checking import check_file
checked = check_file(Path(sys.argv[1]))
print(*(f"{each.value}|{each.expected}" for each in checked.problems), checked.observations is not None)
# The high-water mark of this process; ru_maxrss would be that of the one that started it.
lines = open("/proc/self/status").read().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""

ENTITIES = b"".join(b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(9))
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha">' + ENTITIES + b"]>"
CELL = b'<row r="9"><c r="A9" t="inlineStr"><is><t>%s</t></is></c></row>'
FAR = b'<row r="1048576"><c r="%s1048576"><v>1</v></c></row>'
STRAY = b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t> </t></is></c></row>'


def _constant_column(path: Path) -> None:
    values = pa.array(np.zeros(200_000_000, dtype=np.int8))
    column = pa.DictionaryArray.from_arrays(values, pa.array(["甲"]))
    parquet.write_table(pa.table({"断面名称": column}), path, compression="zstd")


#: Eight bombs: how each is made, and what the refusal says (the stray blank is passed over, not refused).
BOMBS: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "ratio": ("改.xlsx", lambda path: _with_sheet(_plain(path.parent), CELL % (b" " * 200_000_000)), "倍，上限 100 倍"),
    "far cell": ("改.xlsx", lambda path: _with_sheet(_plain(path.parent), FAR % b"XFD"), "1048576 行 × 16384 列"),
    "stray blank": ("改.xlsx", lambda path: _with_sheet(_plain(path.parent), STRAY), "True"),
    "entities": ("改.xlsx", lambda path: _with_sheet(_plain(path.parent), CELL % b"&j;", prefix=LAUGHS), "DTD"),
    "entities in a layer": ("点.kml", lambda path: path.write_bytes(LAUGHS + b"<kml>&j;</kml>"), "DTD"),
    "nested": ("层.json", lambda path: path.write_bytes(b'{"tbody":' + b"[" * 2_000_000 + b"]" * 2_000_000), "嵌套过深"),
    "one value, many rows": ("甲.parquet", _constant_column, "200000000 行 × 1 列"),
    "wide": ("宽.csv", lambda path: path.write_bytes(b"a," * 2_000_000), "表头有 2000000 列"),
    "open quote": ("引号.csv", lambda path: path.write_bytes(b'a,b\n"' + b"x" * 100_000_000), "引号没有成对"),
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_takes_little_time_and_memory(
    tmp_path: Path, bomb: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("tried", f"{len(BOMBS)} bombs, each in a process of its own with a limit")
    name, make, told = BOMBS[bomb]
    path = tmp_path / name
    make(path)
    done = subprocess.run(
        [sys.executable, "-c", BOMB, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    message, peak = done.stdout.strip().splitlines()
    assert told in message
    assert int(peak) < 2**20, "more than 1 GB"


@pytest.mark.skipif(not os.environ.get("SOAK"), reason="half a minute of memory errors: only with SOAK=1")
def test_plain_reading_does_not_survive_a_far_cell(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    name, make, _ = BOMBS["far cell"]
    path = tmp_path / name
    make(path)
    plain = (
        BOMB.partition("from suizhou_geo")[0]
        + "import pandas as pd\npd.read_excel(sys.argv[1], engine='openpyxl')"
    )
    done = subprocess.run(
        [sys.executable, "-c", plain, str(path)], capture_output=True, check=False, timeout=300
    )
    record_property("control", "pandas with openpyxl: out of memory on one far cell")
    assert done.returncode != 0
