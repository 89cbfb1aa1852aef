"""Results as CSV, Excel, Parquet, GeoPackage or JSON: whole or not at all, with where they came from."""

import errno
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from suizhou_geo.errors import InputError
from suizhou_geo.saving import settle_package, write_atomically, write_text_atomically

EXPORT_ENDINGS = (".csv", ".xlsx", ".parquet", ".gpkg", ".json")

#: The date of every table, so that the same rows are the same bytes: the first that a zip member can have.
_EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001  (packages take it as it stands)

#: How a text begins that a spreadsheet would run as a formula.
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_HARMLESS = re.compile(r"^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[-—]+)$")


def write_table(
    frame: pd.DataFrame, *, path: str | Path, provenance: Mapping[str, Any] | None = None
) -> Path:
    """Write a table in the format of the path's ending, atomically, and its provenance with it.

    CSV is UTF-8 with a byte order mark and has its provenance beside it (``<name>.provenance.json``); Excel has a
    second sheet 说明; JSON is an object with ``provenance`` and ``rows``; Parquet and GeoPackage as CSV. Text that
    begins like a formula stays text.

    Raises ``InputError`` for an unknown ending.
    """
    target = Path(path)
    ending = target.suffix.lower()
    check_export_path(target)
    notes = dict(provenance or {})
    if ending == ".json":
        return write_text_atomically(target, json.dumps(_as_json(frame, notes), ensure_ascii=False, indent=1))
    writers = {
        ".csv": _write_csv,
        ".xlsx": _write_excel,
        ".parquet": _write_parquet,
        ".gpkg": _write_geopackage,
    }
    written = write_atomically(target, lambda temporary: writers[ending](frame, temporary, notes))
    if notes and ending != ".xlsx":
        text = json.dumps(notes, ensure_ascii=False, indent=1, default=str)
        write_text_atomically(target.with_name(f"{target.name}.provenance.json"), text)
    return written


def check_export_path(path: str | Path) -> None:
    """Raise ``InputError`` if a table cannot be written to a path with that ending."""
    if Path(path).suffix.lower() not in EXPORT_ENDINGS:
        raise InputError(
            f"不支持写出为“{Path(path).name}”",
            why=f"可用扩展名：{'、'.join(EXPORT_ENDINGS)}",
            todo="改用其中之一",
        )


def guard_formula(text: object) -> object:
    """A text cell that a spreadsheet cannot run: an apostrophe before ``= + - @``; numbers and dashes stay.

    >>> guard_formula("=1+1"), guard_formula("-0.5"), guard_formula("—"), guard_formula(3)
    ("'=1+1", '-0.5', '—', 3)
    """
    if isinstance(text, str) and _FORMULA.match(text) and not _HARMLESS.match(text):
        return f"'{text}"
    return text


def _write_csv(frame: pd.DataFrame, path: Path, _notes: Mapping[str, Any]) -> None:
    plain = pd.DataFrame(frame).drop(columns="geometry", errors="ignore")
    texts = [
        name
        for name in plain.columns
        if pd.api.types.is_string_dtype(plain[name]) or plain[name].dtype == object
    ]
    guarded = plain.assign(**{name: plain[name].map(guard_formula, na_action="ignore") for name in texts})
    guarded.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _write_excel(frame: pd.DataFrame, path: Path, notes: Mapping[str, Any]) -> None:
    from openpyxl import Workbook  # noqa: PLC0415  (only Excel files need it)
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.writer.excel import ExcelWriter  # noqa: PLC0415

    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = _EPOCH
    sheets = {
        "数据": _rows(frame),
        "说明": [["项目", "内容"], *([key, str(value)] for key, value in notes.items())],
    }
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        if title == "数据":
            sheet.freeze_panes = "A2"
        for row in rows:
            cells = []
            for value in row:
                cell = WriteOnlyCell(sheet, value=value)
                if isinstance(value, str):
                    cell.data_type = "s"
                cells.append(cell)
            sheet.append(cells)
    package = io.BytesIO()
    # Workbook.save would stamp the clock into the properties.
    ExcelWriter(book, zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED)).save()
    path.write_bytes(settle_package(package.getvalue(), date=_EPOCH))


def _rows(frame: pd.DataFrame) -> list[list[Any]]:
    plain = pd.DataFrame(frame).drop(columns="geometry", errors="ignore")
    body = plain.astype(object).where(plain.notna(), None).to_numpy().tolist()
    return [[str(name) for name in plain.columns], *body]


def _write_parquet(frame: pd.DataFrame, path: Path, _notes: Mapping[str, Any]) -> None:
    plain = frame.copy()
    plain.attrs = {}
    plain.to_parquet(path, index=False)


def _write_geopackage(frame: pd.DataFrame, path: Path, _notes: Mapping[str, Any]) -> None:
    import geopandas as gpd  # noqa: PLC0415

    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError("没有几何图形，不能写成 GeoPackage", todo="改用 .csv 或 .xlsx")
    import pyogrio  # noqa: PLC0415

    # The same rows, the same bytes: without this the file holds the time at which it was written.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{_EPOCH:%Y-%m-%dT%H:%M:%S}.000Z"})
    # A layer name of its own: the default is the name of the temporary file.
    frame.to_file(path, layer="data", driver="GPKG")
    # GDAL says nothing when there is no space left for the index, which it writes last.
    with closing(sqlite3.connect(path)) as database:
        names = database.execute(
            "SELECT count(*) FROM sqlite_master WHERE name LIKE 'rtree_data_%'"
        ).fetchone()
        [[state]] = database.execute("PRAGMA quick_check(1)").fetchall()
    if len(frame) and (names[0] == 0 or state != "ok"):
        raise OSError(errno.EIO, "空间索引没有写完")


def _as_json(frame: pd.DataFrame, notes: Mapping[str, Any]) -> dict[str, Any]:
    plain = pd.DataFrame(frame).drop(columns="geometry", errors="ignore")
    rows = json.loads(plain.to_json(orient="records", date_format="iso", force_ascii=False))
    return {"provenance": {key: str(value) for key, value in notes.items()}, "rows": rows}
