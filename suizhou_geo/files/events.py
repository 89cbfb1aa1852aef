"""A list of days that an authority has approved to be left out, such as sand-dust days."""

from pathlib import Path

import numpy as np
import pandas as pd

from suizhou_geo.conventions import indicator_of_header, normalise_text
from suizhou_geo.errors import InputError
from suizhou_geo.files.headers import role_aliases
from suizhou_geo.files.tables import TextTable, read_text_table
from suizhou_geo.files.times import read_times

_KINDS = ("kind", "类型", "事件类型", "事件")
_ROLES = ("time", "site_id", "city", "indicator", "authority")


def read_events(path: str | Path) -> pd.DataFrame:
    """Days of exceptional events, one row per line: ``time, site_id, city, indicator, kind, authority``.

    The file needs a column of days (日期, time …). It may name a station (站点编码), a city (城市) and a pollutant
    (污染物); what is empty stands for all. ``kind`` (类型: 沙尘 …) and ``authority`` (批准单位) are kept as they are.

    Raises ``InputError`` naming file, row and column when there is no column of days, or when a day or a pollutant is
    not understood.
    """
    table = read_text_table(path)
    spellings = {normalise_text(header): header for header in table.cells.columns}
    aliases = {**{role: role_aliases()[role] for role in _ROLES}, "kind": _KINDS}
    found = {
        role: next((spellings[name] for name in names if name in spellings), "")
        for role, names in aliases.items()
    }
    if not found["time"]:
        raise InputError(
            "例外事件表中找不到日期列",
            where=table.place(),
            why=f"文件中的列：{'、'.join(table.cells.columns)}",
            todo="每行一天，列名用 日期",
        )
    texts = table.cells[found["time"]].str.strip()
    times = read_times(texts, years=pd.Series(np.nan, index=texts.index))
    if times.isna().any():
        line = int(times.isna().to_numpy().argmax())
        raise InputError(
            f"日期“{texts.iloc[line]}”看不懂",
            where=table.place(line, column=found["time"]),
            why="应写成 2022-03-05",
            todo="改正该单元格",
        )
    words = {
        role: table.cells[header].str.strip() if header else pd.Series("", index=texts.index)
        for role, header in found.items()
        if role != "time"
    }
    words["indicator"] = _codes(words["indicator"], table, found["indicator"])
    return pd.DataFrame({"time": times.dt.normalize(), **words})


def _codes(names: pd.Series, table: TextTable, header: str) -> pd.Series:
    codes = names.map(lambda name: name and (indicator_of_header(name) or (None,))[0])
    if codes.isna().any():
        line = int(codes.isna().to_numpy().argmax())
        raise InputError(
            f"污染物“{names.iloc[line]}”未知",
            where=table.place(line, column=header),
            todo="写成 PM10、臭氧8小时 等",
        )
    return codes
