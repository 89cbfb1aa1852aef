"""A table of goals: its kinds as words, its amounts as numbers."""

from pathlib import Path

import pandas as pd

from suizhou_geo import standards
from suizhou_geo.errors import InputError
from suizhou_geo.files.columns import number_column
from suizhou_geo.files.tables import read_text_table

_OTHER_NUMBERS = {"目标": "target", "年份": "year", "月份": "month", "完成值": "achieved"}


def read_goals(path: str | Path) -> pd.DataFrame:
    """``id, kind``, the numbers the file has (NaN where a cell is empty) and ``source_row``; ``attrs["file"]``.

    Columns are named as in ``standards show goals-2021``, in Chinese or English; others are left out.

    Raises ``InputError`` naming file, row and column for a missing column or a cell that is no number.
    """
    table = read_text_table(path)
    amounts = standards.read_table(standards.newest_edition("plan-goals"), name="amounts")
    names = dict(zip(amounts["name"], amounts["amount"], strict=True)) | _OTHER_NUMBERS
    headers = {names.get(header.strip(), header.strip()): header for header in table.cells.columns}
    lacking = [name for name in ("id", "kind") if name not in headers]
    if lacking:
        raise InputError(
            f"目标表缺少列 {'、'.join(lacking)}",
            where=table.place(),
            why=f"文件中的列：{'、'.join(table.cells.columns)}",
            todo="id 是目标的编号，kind 是算法（见 standards show goals-2021）",
        )
    found = {name: table.cells[headers[name]].str.strip() for name in ("id", "kind")}
    numbers = {name: number_column(table, headers[name]) for name in names.values() if name in headers}
    goals = pd.DataFrame({**found, **numbers, "source_row": list(table.rows)})
    goals.attrs["file"] = table.file
    return goals
