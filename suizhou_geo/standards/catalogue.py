"""Which editions of which standards there are, and which one was in force on a day.

An edition is a folder: ``meta.toml`` and tables as CSV, shaped like the printed ones. A folder named in the
environment variable ``SUIZHOU_GEO_STANDARDS`` adds editions of its own; no Python is needed for a new one.
"""

import os
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

import pandas as pd

from suizhou_geo.errors import InputError, MissingFileError, Place, UnknownNameError

#: Where a user's own editions are looked for, beside the packaged ones.
EXTRA_FOLDER = "SUIZHOU_GEO_STANDARDS"


@dataclass(frozen=True)
class Table:
    """One table of an edition: its name, file, printed title, clause, number of rows and how sure it is."""

    name: str
    file: str
    title: str
    clause: str
    rows: int
    verified: str


@dataclass(frozen=True)
class Edition:
    """One edition of a standard. ``effective_to`` is the last day on which it was in force, or None.

    ``verified`` is ``primary`` (the text was read), ``n sources``, ``data`` (reproduces published rows) or
    ``unverified``.
    """

    id: str
    family: str
    number: str
    title: str
    effective_from: date
    effective_to: date | None
    verified: str
    note: str
    superseded_by: str
    tables: tuple[Table, ...]
    folder: Path

    def table(self, name: str) -> Table:
        """The table of that name; ``UnknownNameError`` if the edition has none."""
        found = next((table for table in self.tables if table.name == name), None)
        if found is None:
            known = "、".join(table.name for table in self.tables)
            raise UnknownNameError(f"{self.number} 没有名为 {name} 的表", why=f"已有：{known}")
        return found

    def in_force(self, on: date) -> bool:
        """Whether the edition was in force on that day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


def describe_certainty(verified: str) -> str:
    """In Chinese how sure a table is.

    >>> describe_certainty("primary"), describe_certainty("2 sources"), describe_certainty("unverified")
    ('已对照原文', '2 个来源', '未核实')
    """
    words = {"primary": "已对照原文", "data": "能复现公布结果", "unverified": "未核实"}
    sources = verified.removesuffix("s").removesuffix(" source")
    return words.get(verified, f"{sources} 个来源" if sources.isdigit() else verified)


def editions() -> tuple[Edition, ...]:
    """All editions, packaged and the user's own, by family and date.

    >>> "gb3838-2002" in [edition.id for edition in editions()]
    True
    """
    return _editions(os.environ.get(EXTRA_FOLDER, ""))


def find_edition(edition_id: str) -> Edition:
    """The edition with that id.

    >>> find_edition("gb3838-2002").number
    'GB 3838-2002'

    Raises ``UnknownNameError`` with the list of known ids.
    """
    found = next((edition for edition in editions() if edition.id == edition_id), None)
    if found is None:
        known = "、".join(edition.id for edition in editions())
        raise UnknownNameError(f"没有编号为“{edition_id}”的标准", why=f"已有：{known}", todo="核对编号")
    return found


def edition_in_force(family: str, *, on: date) -> Edition:
    """The edition of a family that was in force on a day.

    >>> edition_in_force("surface-water", on=date(2021, 4, 1)).id
    'gb3838-2002'

    Raises ``InputError`` naming the editions of the family and their dates when none was in force.
    """
    candidates = editions_of(family)
    found = [edition for edition in candidates if edition.in_force(on)]
    if not found:
        known = "；".join(
            f"{edition.id}（{edition.effective_from} 至 {edition.effective_to or '今'}）"
            for edition in candidates
        )
        raise InputError(
            f"{on} 没有现行标准可用", why=f"该类标准：{known}", todo="核对监测日期，或用 --standard 指定版本"
        )
    return max(found, key=lambda edition: edition.effective_from)


def editions_of(family: str) -> tuple[Edition, ...]:
    """The editions of a family, oldest first.

    >>> [edition.number for edition in editions_of("surface-water")]
    ['GB 3838-2002']

    Raises ``UnknownNameError`` with the list of known families.
    """
    found = tuple(edition for edition in editions() if edition.family == family)
    if not found:
        families = "、".join(sorted({edition.family for edition in editions()}))
        raise UnknownNameError(f"没有“{family}”这一类标准", why=f"已有：{families}")
    return found


def newest_edition(family: str) -> Edition:
    """The edition of a family that came into force last.

    >>> newest_edition("surface-water-method").id
    'mee22-2011'
    """
    return editions_of(family)[-1]


def editions_by_date(family: str, *, dates: pd.Series, backdate: bool = False) -> pd.Series:
    """For every date the id of the family's edition in force then; undated rows follow the newest edition.

    With ``backdate`` days before the first edition follow that one: a method or a rounding rule is applied to
    earlier data too, a limit is not.

    >>> editions_by_date("surface-water", dates=pd.Series(pd.to_datetime(["2021-04-01", None]))).tolist()
    ['gb3838-2002', 'gb3838-2002']

    Raises ``InputError`` for a date on which no edition was in force.
    """
    days = pd.to_datetime(dates).dt.normalize()
    candidates = editions_of(family)
    ids = pd.Series("", index=days.index, dtype=object)
    if backdate:
        ids[days < pd.Timestamp(candidates[0].effective_from)] = candidates[0].id
    for edition in candidates:
        known = days >= pd.Timestamp(edition.effective_from)
        if edition.effective_to is not None:
            known &= days <= pd.Timestamp(edition.effective_to)
        ids[known | days.isna()] = edition.id
    if (ids == "").any():
        edition_in_force(family, on=days[ids == ""].iloc[0].date())
    return ids


def read_table(edition: Edition, *, name: str) -> pd.DataFrame:
    """A table of an edition as text cells, checked against its row count.

    >>> read_table(find_edition("gb3838-2002"), name="table1").loc[0, "indicator"]
    'ph'
    """
    return _read_table(edition.folder, edition.table(name)).copy()


@lru_cache(maxsize=256)
def _read_table(folder: Path, table: Table) -> pd.DataFrame:
    path = folder / table.file
    if not path.is_file():
        raise MissingFileError(f"标准的表 {table.name} 没有文件", where=Place(str(path)), todo="补上该文件")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    if len(frame) != table.rows:
        raise InputError(
            f"表 {table.name} 有 {len(frame)} 行，应为 {table.rows} 行",
            where=Place(str(path)),
            why="与 meta.toml 中的 rows 不符",
            todo="逐格核对该表",
        )
    return frame


@lru_cache(maxsize=8)
def _editions(extra: str) -> tuple[Edition, ...]:
    roots = [Path(str(package_files("suizhou_geo.standards"))) / "data"]
    roots += [Path(folder) for folder in extra.split(os.pathsep) if folder]
    for root in roots:
        if not root.is_dir():
            raise MissingFileError(
                "自备标准的文件夹不存在", where=Place(str(root)), todo=f"核对环境变量 {EXTRA_FOLDER}"
            )
    # A user's own edition with the id of a packaged one replaces it: it comes later.
    found = {
        edition.id: edition
        for root in roots
        for edition in map(_read_edition, sorted(root.glob("*/meta.toml")))
    }
    return tuple(sorted(found.values(), key=lambda edition: (edition.family, edition.effective_from)))


def _read_edition(meta: Path) -> Edition:
    place = Place(str(meta))
    try:
        data: dict[str, Any] = tomllib.loads(meta.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("标准的 meta.toml 无法读取", where=place, why=str(error)) from error
    _check_fields(data, ("id", "family", "number", "title", "effective_from", "verified"), place)
    for key in ("effective_from", "effective_to"):
        if key in data and type(data[key]) is not date:
            raise InputError(
                f"{key} 应为日期", where=place, why=f"现为 {data[key]!r}", todo="写成 2002-06-01，不加引号"
            )
    return Edition(
        id=data["id"],
        family=data["family"],
        number=data["number"],
        title=data["title"],
        effective_from=data["effective_from"],
        effective_to=data.get("effective_to"),
        verified=data["verified"],
        note=data.get("note", ""),
        superseded_by=data.get("superseded_by", ""),
        tables=tuple(
            _read_entry(table, verified=data["verified"], place=place) for table in data.get("tables", ())
        ),
        folder=meta.parent,
    )


def _read_entry(table: dict[str, Any], *, verified: str, place: Place) -> Table:
    _check_fields(table, ("name", "file", "title", "clause", "rows"), place)
    return Table(
        name=table["name"],
        file=table["file"],
        title=table["title"],
        clause=table["clause"],
        rows=table["rows"],
        verified=table.get("verified", verified),
    )


def _check_fields(data: dict[str, Any], names: tuple[str, ...], place: Place) -> None:
    missing = [name for name in names if name not in data]
    if missing:
        raise InputError(f"标准的 meta.toml 缺少 {'、'.join(missing)}", where=place, todo="补全后重试")
