"""A list of days that an authority has approved to be left out, such as sand-dust days."""

from pathlib import Path

import numpy as np
import pandas as pd

from suizhou_geo.conventions import normalise_text
from suizhou_geo.errors import InputError
from suizhou_geo.files.headers import role_aliases
from suizhou_geo.files.tables import read_text_table
from suizhou_geo.files.times import read_times


def read_events(path: str | Path) -> pd.DataFrame:
    """Days of exceptional events: columns ``time`` and ``site_id`` (empty: every site), one row per line of the file.

    The file needs a column of days (日期, time …) and may have one of site ids (站点编码, site_id …).

    Raises ``InputError`` naming file, row and column when there is no column of days or a day is not understood.
    """
    table = read_text_table(path)
    spellings = {normalise_text(header): header for header in table.cells.columns}
    found = {
        role: next((spellings[alias] for alias in role_aliases()[role] if alias in spellings), "")
        for role in ("time", "site_id")
    }
    if not found["time"]:
        raise InputError(
            "例外事件表中找不到日期列",
            where=table.place(),
            why=f"文件中的列：{'、'.join(table.cells.columns)}",
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
    sites = (
        table.cells[found["site_id"]].str.strip() if found["site_id"] else pd.Series("", index=texts.index)
    )
    return pd.DataFrame({"time": times.dt.normalize(), "site_id": sites})
