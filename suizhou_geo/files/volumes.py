"""How much water a source gives: a table of sources and volumes."""

from pathlib import Path

import pandas as pd

from suizhou_geo.conventions import normalise_text
from suizhou_geo.errors import InputError
from suizhou_geo.files.columns import date_column, number_column
from suizhou_geo.files.headers import role_aliases
from suizhou_geo.files.tables import read_text_table

_VOLUMES = ("volume", "取水量", "取水量(万吨)", "取水量(万m3)", "供水量", "水量")
_PERIODS = ("period", "时段", "月份", "监测月份")


def read_volumes(path: str | Path, *, observations: pd.DataFrame) -> pd.DataFrame:
    """``site_id, volume`` and, where the file has it, ``period``: sources by id or by their name in the observations.

    Raises ``InputError`` naming file, row and column when a column is missing or a volume is no number.
    """
    table = read_text_table(path)
    spellings = {normalise_text(header): header for header in table.cells.columns}
    volume, period = (
        next((spellings[name] for name in names if name in spellings), "") for names in (_VOLUMES, _PERIODS)
    )
    site = next(
        (
            spellings[name]
            for role in ("site_id", "site_name")
            for name in role_aliases()[role]
            if name in spellings
        ),
        "",
    )
    if not volume or not site:
        raise InputError(
            "取水量表缺少水源或取水量列",
            where=table.place(),
            why=f"文件中的列：{'、'.join(table.cells.columns)}",
            todo="列名用 断面名称（或 site_id）和 取水量",
        )
    numbers = number_column(table, volume)
    names = observations.drop_duplicates("site_id").set_index("site_name")["site_id"].to_dict()
    ids = table.cells[site].str.strip().map(lambda name: names.get(name, name))
    found = pd.DataFrame({"site_id": ids, "volume": numbers})
    if not period:
        return found
    months = date_column(table, period, example="2021-05")
    if months.isna().any():
        line = int(months.isna().to_numpy().argmax())
        raise InputError("没有写时段", where=table.place(line, column=period), todo="写成 2021-05")
    return found.assign(period=months.dt.strftime("%Y-%m"))
