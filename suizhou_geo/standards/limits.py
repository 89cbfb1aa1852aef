"""Class limits of surface water as arrays, read from the tables of an edition."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo.conventions import indicators
from suizhou_geo.errors import InputError, Place
from suizhou_geo.standards.catalogue import (
    Edition,
    edition_in_force,
    newest_edition,
    read_table,
)
from suizhou_geo.standards.rounding import Floats

CLASS_COLUMNS = ("I", "II", "III", "IV", "V")
WATER_BODIES = ("river", "lake")


@dataclass(frozen=True)
class ClassTable:
    """Limits of classes Ⅰ–Ⅴ for some items: ``low`` and ``high`` have shape (item, class), open ends are infinite.

    Equality passes (GB 3838-2002 table 1: ≤ and ≥); a value outside the limits of all five classes is class 6, 劣Ⅴ.
    """

    items: tuple[str, ...]
    low: Floats
    high: Floats

    def classify(self, values: npt.ArrayLike) -> npt.NDArray[np.int8]:
        """Class 1…6 of every value, 0 where there is none; ``values`` has shape (…, item).

        Where neighbouring classes share a limit the best class that is satisfied is given.

        >>> table = class_table(edition_in_force("surface-water", on=date(2021, 4, 1)), items=("ph", "do", "tp"))
        >>> table.classify([[7.2, 5.0, 0.2], [9.5, 1.9, float("nan")]]).tolist()
        [[1, 3, 3], [6, 6, 0]]
        """
        array = np.asarray(values, dtype=np.float64)
        classes = np.ones(array.shape, dtype=np.int8)
        # One class at a time: five passes over the values instead of an array five times as large.
        for column in range(self.low.shape[1]):
            classes += (array > self.high[:, column]) | (array < self.low[:, column])
        classes[np.isnan(array)] = 0
        return classes


@lru_cache(maxsize=64)
def class_table(edition: Edition, *, items: tuple[str, ...], water_body: str = "river") -> ClassTable:
    """The limits of ``items`` for a river section or a lake point.

    Raises ``InputError`` when the edition has no limit for an item in that kind of water.
    """
    rows = _rows(edition, water_body)
    absent = [item for item in items if item not in rows.index]
    if absent:
        raise InputError(
            f"{edition.number} 对{'湖库' if water_body == 'lake' else '河流'}没有 {'、'.join(absent)} 的限值",
            todo=f"可用的项目：{'、'.join(rows.index)}",
        )
    chosen = rows.loc[list(items)]
    bounds = np.array([_bounds(row, edition) for _, row in chosen.iterrows()]).reshape(len(items), 2, 5)
    return ClassTable(items, bounds[:, 0], bounds[:, 1])


def class_limits(target_class: int, *, water_body: str = "river", on: date | str) -> pd.DataFrame:
    """The limit of one class for every assessed item: columns ``limit, direction, decimals``, index the item.

    pH has no single limit and is left out.

    >>> class_limits(3, on="2021-04-01").at["do", "direction"]
    '>='
    """
    day = pd.Timestamp(on).date()
    edition = edition_in_force("surface-water", on=day)
    items = assessed_items(newest_edition("surface-water-method"), edition=edition)
    frame = _rows(edition, water_body).loc[list(items)]
    frame = frame[frame["direction"] != "range"]
    return pd.DataFrame(
        {
            "limit": frame[CLASS_COLUMNS[target_class - 1]].astype(float),
            "direction": frame["direction"],
            "decimals": [decimals_of(item) for item in frame.index],
        }
    )


def assessed_items(method: Edition, *, edition: Edition) -> tuple[str, ...]:
    """The items that decide the class under a method and an edition, in the order of the table.

    22号 leaves out temperature, total nitrogen and coliforms.

    >>> method, water = newest_edition("surface-water-method"), newest_edition("surface-water")
    >>> len(assessed_items(method, edition=water))
    21
    """
    limited = [set(_rows(edition, water_body).index) for water_body in WATER_BODIES]
    items = read_table(method, name="items")["indicator"]
    return tuple(item for item in items if all(item in rows for rows in limited))


def decimals_of(item: str, *, edition: Edition | None = None) -> int:
    """Decimals to which a mean is rounded before it is classified (82号; the newest edition if none is given).

    >>> decimals_of("tp"), decimals_of("ph")
    (3, 0)
    """
    chosen = edition or newest_edition("surface-water-rounding")
    table = read_table(chosen, name="decimals").set_index("indicator")["decimals"]
    if item not in table.index:
        raise InputError(
            f"{chosen.number} 没有 {item} 的修约位数", todo=f"可用的项目：{'、'.join(table.index)}"
        )
    return int(table[item])


def method_number(method: Edition, *, name: str) -> int:
    """A number that the assessment method fixes, such as how many main pollutants are named.

    >>> method_number(newest_edition("surface-water-method"), name="main_pollutants")
    3
    """
    return int(read_table(method, name="numbers").set_index("name").at[name, "value"])


@lru_cache(maxsize=64)
def _rows(edition: Edition, water_body: str) -> pd.DataFrame:
    if water_body not in WATER_BODIES:
        raise InputError(f"水体类型“{water_body}”未知", why="应为 river（河流）或 lake（湖库）")
    table = read_table(edition, name="table1")
    rows = table[table["water_body"].isin(["", water_body])].set_index("indicator")
    _check_rows(rows, edition)
    return rows


def _check_rows(rows: pd.DataFrame, edition: Edition) -> None:
    place = Place(str(edition.folder / edition.table("table1").file))
    if rows.index.has_duplicates:
        raise InputError("限值表中同一项目出现两次", where=place, todo="核对 water_body 一列")
    for item, row in rows.iterrows():
        unit = indicators()[str(item)].unit if item in indicators() else None
        if row["unit"] != unit:
            raise InputError(f"项目 {item} 的单位“{row['unit']}”应为“{unit}”", where=place)
        low, high = _bounds(row, edition)
        if (low[1:] > low[:-1]).any() or (high[1:] < high[:-1]).any():
            raise InputError(f"项目 {item} 的限值不随类别放宽", where=place, todo="逐格核对该行")


def _bounds(row: pd.Series, edition: Edition) -> Floats:
    # Shape (2, class): the lowest and the highest value that a class allows.
    cells = [str(row[column]) for column in CLASS_COLUMNS]
    open_end = np.full(len(cells), np.inf)
    try:
        if row["direction"] == "range":
            return np.array([[float(part) for part in cell.split("~")] for cell in cells]).T
        limits = np.array([float(cell) for cell in cells])
    except ValueError as error:
        raise InputError(
            f"限值“{'、'.join(cells)}”不是数值", where=Place(str(edition.folder)), why=str(error)
        ) from error
    bounds = {"<=": (-open_end, limits), ">=": (limits, open_end)}
    if row["direction"] not in bounds:
        raise InputError(
            f"方向“{row['direction']}”未知", why="应为 <=、>= 或 range", where=Place(str(edition.folder))
        )
    return np.array(bounds[str(row["direction"])])
