"""Lists of sections and items: the X of 5+X, and what an authority has approved as natural background."""

from pathlib import Path

import pandas as pd

from suizhou_geo.conventions import indicator_of_header, normalise_text, site_key
from suizhou_geo.errors import InputError
from suizhou_geo.files.columns import date_column
from suizhou_geo.files.headers import role_aliases
from suizhou_geo.files.tables import TextTable, read_text_table

_WORDS = ("authority", "reason")
_DATES = ("approved", "valid_from", "valid_to")


def read_pairs(path: str | Path) -> pd.DataFrame:
    """One row per section and item: ``site_id, indicator`` (a code) and what else the file says of the pair.

    The file names the section by id, by province and name, or by name, and the item in Chinese or by code. Columns
    ``authority, approved, valid_from, valid_to, reason`` are read where they are; dates become timestamps.

    Raises ``InputError`` naming file, row and column when a column, an item or a date is not understood.
    """
    table = read_text_table(path)
    spellings = {normalise_text(header): header for header in table.cells.columns}
    roles = {
        role: next(spellings[alias] for alias in aliases if alias in spellings)
        for role, aliases in role_aliases().items()
        if any(alias in spellings for alias in aliases)
    }
    _check_roles(roles, table)
    cells = table.cells
    found = pd.DataFrame({"site_id": _sites(cells, roles), "indicator": _codes(table, roles["indicator"])})
    words = {role: cells[roles[role]].str.strip() for role in _WORDS if role in roles}
    days = {role: date_column(table, roles[role], example="2022-03-05") for role in _DATES if role in roles}
    return found.assign(**words, **days)


def _check_roles(roles: dict[str, str], table: TextTable) -> None:
    lacking = [
        name
        for name, known in (
            ("断面（site_id 或断面名称）", {"site_id", "site_name"} & roles.keys()),
            ("项目（indicator、监测项目）", {"indicator"} & roles.keys()),
        )
        if not known
    ]
    if lacking:
        raise InputError(
            f"找不到需要的列：{'；'.join(lacking)}",
            where=table.place(),
            why=f"文件中的列：{'、'.join(table.cells.columns)}",
            todo="每行写一个断面和一个项目",
        )


def _sites(cells: pd.DataFrame, roles: dict[str, str]) -> list[str]:
    if "site_id" in roles:
        return list(cells[roles["site_id"]].str.strip())
    names = cells[roles["site_name"]].str.strip()
    provinces = (
        cells[roles["province"]].str.strip() if "province" in roles else pd.Series("", index=cells.index)
    )
    return [site_key(province, name) for province, name in zip(provinces, names, strict=True)]


def _codes(table: TextTable, header: str) -> list[str]:
    codes = []
    for position, text in enumerate(table.cells[header].str.strip()):
        known = indicator_of_header(text)
        if known is None:
            raise InputError(
                f"项目“{text}”未知",
                where=table.place(position, column=header),
                todo="写成氟化物、f 等已知名称",
            )
        codes.append(known[0])
    return codes
