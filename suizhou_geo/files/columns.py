"""Single columns of small tables as numbers or dates; the first cell that is neither is named with its place."""

import numpy as np
import pandas as pd

from suizhou_geo.errors import InputError
from suizhou_geo.files.cells import read_cells
from suizhou_geo.files.tables import TextTable
from suizhou_geo.files.times import read_times


def number_column(table: TextTable, header: str) -> pd.Series:
    """The numbers of a column, NaN where a cell is empty or says that nothing is known.

    Raises ``InputError`` with file, row and column for a cell that is no number or one below detection.
    """
    texts = table.cells[header].str.strip()
    cells = read_cells(texts)
    _check_read(
        (~cells["understood"] | cells["censored"]).to_numpy(dtype=bool), texts, table, header, "应为一个数"
    )
    return cells["value"]


def date_column(table: TextTable, header: str, *, example: str) -> pd.Series:
    """The dates of a column, NaT where a cell is empty; ``example`` shows how one is written.

    Raises ``InputError`` with file, row and column for a cell that is no date.
    """
    texts = table.cells[header].str.strip()
    times = read_times(texts, years=pd.Series(np.nan, index=texts.index))
    _check_read((times.isna() & (texts != "")).to_numpy(), texts, table, header, f"应写成 {example}")
    return times


def _check_read(wrong: np.ndarray, texts: pd.Series, table: TextTable, header: str, why: str) -> None:
    if wrong.any():
        line = int(wrong.argmax())
        raise InputError(
            f"{header}“{texts.iloc[line]}”看不懂", where=table.place(line, column=header), why=why,
            todo="改正该单元格",
        )  # fmt: skip
