"""What goes with observations without being one: weather, flow."""

from pathlib import Path

import numpy as np
import pandas as pd

from suizhou_geo.conventions import normalise_text
from suizhou_geo.errors import InputError
from suizhou_geo.files.cells import MISSING
from suizhou_geo.files.headers import role_aliases
from suizhou_geo.files.tables import read_text_table
from suizhou_geo.files.times import read_times

#: Parts of a date that files write in columns of their own.
_PARTS = ("year", "month", "day", "hour")


def read_covariates(path: str | Path) -> pd.DataFrame:
    """Daily means of the numeric columns of a table, with ``time`` and, if it has sites, ``site_id``.

    A column counts as numeric if all its filled cells are numbers; others are left out. Times may be in one column,
    or in year, month, day and hour.

    Raises ``InputError`` naming the file when there is no time, a time that is not understood, or no numeric column.
    """
    table = read_text_table(path)
    spellings = {normalise_text(header): header for header in table.cells.columns}
    roles = {
        role: next(spellings[alias] for alias in role_aliases()[role] if alias in spellings)
        for role in ("site_id", "site_name", "time", *_PARTS)
        if any(alias in spellings for alias in role_aliases()[role])
    }
    times = _times(table.cells, roles)
    if times is None:
        raise InputError(
            "协变量表没有时间列", where=table.place(), why=f"文件中的列：{'、'.join(table.cells.columns)}",
            todo="给出 日期 一列，或 year、month、day 三列",
        )  # fmt: skip
    wrong = times.isna().to_numpy()
    if wrong.any():
        line = int(wrong.argmax())
        raise InputError(
            "时间看不懂", where=table.place(line, column=roles.get("time", "year")), todo="写成 2016-06-30"
        )
    found = {"time": times.dt.floor("D")}
    site = roles.get("site_id", roles.get("site_name"))
    if site:
        found["site_id"] = table.cells[site].str.strip()
    numbers = {
        header: values
        for header in table.cells.columns
        if header not in roles.values() and (values := _numbers(table.cells[header])) is not None
    }
    if not numbers:
        raise InputError("协变量表没有数值列", where=table.place(), todo="给出气温、风速或流量等列")
    frame = pd.DataFrame({**found, **numbers})
    return frame.groupby(list(found), sort=True)[list(numbers)].mean().reset_index()


def _times(cells: pd.DataFrame, roles: dict[str, str]) -> pd.Series | None:
    if {"year", "month", "day"} <= roles.keys():
        parts = {
            part: pd.to_numeric(cells[roles[part]], errors="coerce") for part in ("year", "month", "day")
        }
        return pd.to_datetime(parts, errors="coerce")
    if "time" not in roles:
        return None
    texts = cells[roles["time"]].str.strip()
    return read_times(texts, years=pd.Series(np.nan, index=texts.index))


def _numbers(texts: pd.Series) -> pd.Series | None:
    blank = texts.str.strip().str.lower().isin(MISSING)
    values = pd.to_numeric(texts.where(~blank), errors="coerce")
    return None if (values.isna() & ~blank).any() or values.isna().all() else values
