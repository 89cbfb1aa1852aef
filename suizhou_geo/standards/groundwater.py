"""Classes of groundwater (GB/T 14848) as an array kernel, and limits of drinking-water sources (GB 3838 tables 2, 3)."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo.standards.catalogue import Edition, newest_edition, read_table
from suizhou_geo.standards.rounding import Floats

_COLUMNS = ("I", "II", "III", "IV")

#: Words of the printed table: 无 is a limit of nothing at all, 未检出 of nothing that was measured.
_WORDS = {"无": 0.0, "未检出": -np.inf, "": np.inf}


@dataclass(frozen=True)
class GroundwaterTable:
    """Limits of classes Ⅰ–Ⅳ: ``low`` and ``high`` have shape (item, class), in the project's units; Ⅴ lies beyond.

    ``open_end`` marks items whose class Ⅳ has no number: beyond Ⅲ nobody can tell Ⅳ from Ⅴ.
    """

    edition: Edition
    items: tuple[str, ...]
    low: Floats
    high: Floats
    open_end: tuple[bool, ...]
    clauses: tuple[str, ...]

    def classify(self, values: npt.ArrayLike, *, item: str) -> npt.NDArray[np.int8]:
        """Class 1…5 of every value of an item, 0 where there is none; the better class where limits are equal (6.3).

        >>> table = groundwater_table()
        >>> table.classify([6.5, 8.5, 6.4, 5.5, 5.4, 9.1], item="ph").tolist()
        [1, 1, 4, 4, 5, 5]
        >>> table.classify([1.0, 1.01, 2.0, 2.1], item="f").tolist()
        [1, 4, 4, 5]
        """
        place = self.items.index(item)
        array = np.asarray(values, dtype=np.float64)
        beyond = (array[..., None] > self.high[place]) | (array[..., None] < self.low[place])
        classes: npt.NDArray[np.int8] = (1 + beyond.sum(axis=-1)).astype(np.int8)
        classes[np.isnan(array)] = 0
        return classes


def groundwater_table(edition: Edition | None = None) -> GroundwaterTable:
    """The 39 regular and 54 other items of an edition, of the newest one unless it is given."""
    return _table(edition or newest_edition("groundwater"))


def source_limits(edition: Edition | None = None) -> pd.DataFrame:
    """Limits of the supplementary and specific items of surface drinking-water sources: ``name, unit, limit, clause``.

    >>> source_limits().loc[["nitrate", "benzo_a_pyrene"], "limit"].tolist()
    [10.0, 2.8e-06]
    """
    chosen = edition or newest_edition("surface-water")
    parts = [
        read_table(chosen, name=name).assign(clause=f"{chosen.number} {chosen.table(name).clause}")
        for name in ("table2", "table3")
    ]
    return pd.concat(parts).astype({"limit": float}).set_index("indicator")


@lru_cache(maxsize=8)
def _table(edition: Edition) -> GroundwaterTable:
    names = ("table1", "table2")
    parts = [read_table(edition, name=name).assign(clause=edition.table(name).clause) for name in names]
    rows = pd.concat(parts, ignore_index=True)
    bounds = np.array([_bounds(row) for _, row in rows.iterrows()])
    return GroundwaterTable(
        edition,
        tuple(rows["indicator"]),
        bounds[:, 0],
        bounds[:, 1],
        tuple(rows["IV"] == ""),
        tuple(f"{edition.number} {clause}" for clause in rows["clause"]),
    )


def _bounds(row: pd.Series) -> Floats:
    cells = [str(row[column]) for column in _COLUMNS]
    if "~" in cells[0]:
        return np.array([[float(part) for part in cell.split("~")] for cell in cells]).T
    factor = float(row["factor"])
    high = [_WORDS[cell] if cell in _WORDS else round(float(cell) * factor, 15) for cell in cells]
    return np.array([np.full(len(cells), -np.inf), high])
