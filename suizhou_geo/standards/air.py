"""The air quality index of HJ 633 as array kernels: every rounded concentration is looked up, never interpolated twice."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo.errors import InputError
from suizhou_geo.standards.catalogue import Edition, read_table
from suizhou_geo.standards.rounding import Floats, round_half_even

Index = npt.NDArray[np.int16]

#: What stands in an index array where there is none.
NO_INDEX = -1

INTERVALS = ("day", "hour")

#: Nodes of an item that is defined up to the highest index; others end earlier.
ALL_NODES = 8


@dataclass(frozen=True)
class AirIndex:
    """Sub-indices (…, item), the index and its level (…): ``NO_INDEX`` where there is none.

    ``primary`` (…, item) marks the pollutants with the largest sub-index where the index is above 50, ties included.
    ``beyond`` (…, item) marks concentrations above the last node of an item that has no sub-index there; where nothing
    else settles the matter, there is no index.
    """

    items: tuple[str, ...]
    iaqi: Index
    aqi: Index
    level: Index
    primary: npt.NDArray[np.bool_]
    beyond: npt.NDArray[np.bool_]


def index_items(edition: Edition, *, interval: str) -> dict[str, bool]:
    """The pollutants of a daily or hourly index and whether one may be absent, in the order of the table."""
    if interval not in INTERVALS:
        raise InputError(f"时段“{interval}”未知", why=f"可选：{'、'.join(INTERVALS)}")
    rows = read_table(edition, name="items")
    rows = rows[rows["interval"] == interval]
    return dict(zip(rows["indicator"], rows["optional"] == "yes", strict=True))


def air_index(
    values: npt.ArrayLike, *, edition: Edition, interval: str, unmonitored: Collection[str] = ()
) -> AirIndex:
    """AQI of concentrations with shape (…, item), items as in :func:`index_items`, NaN or masked where there is none.

    Concentrations are rounded half to even first (integers, CO one decimal), sub-indices up to the next integer
    (HJ 633 formula 1). Under the 2026 edition an index with a pollutant missing is published only above 100, unless
    it is ``unmonitored``: outside the monitoring programme. Under
    the 2012 edition SO2 above 800 in an hour and O3 above 800 in eight hours have no sub-index; the edition names a
    substitute, and where that is not given either, there is an index only if another pollutant is above 100.

    >>> from suizhou_geo.standards.catalogue import find_edition
    >>> day = [8, 17, 0.9, 90, 130, 70]
    >>> index = air_index(day, edition=find_edition("hj633-2026"), interval="day")
    >>> int(index.aqi), [name for name, is_primary in zip(index.items, index.primary) if is_primary]
    (110, ['pm2_5'])
    """
    items = index_items(edition, interval=interval)
    array = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)
    if array.shape[-1:] != (len(items),):
        raise InputError(f"最后一维应为 {len(items)} 项", why=f"依次为：{'、'.join(items)}")
    tables = _lookup_tables(edition, interval)
    iaqi = np.stack([tables[item].look_up(array[..., place]) for place, item in enumerate(items)], axis=-1)
    rules = _rules(edition)
    largest = iaqi.max(axis=-1)
    required = np.array([not optional and item not in unmonitored for item, optional in items.items()])
    missing = (np.isnan(array) & required).any(axis=-1)
    beyond = (iaqi == NO_INDEX) & ~np.isnan(array)
    unsettled = (beyond & ~_substituted(iaqi, edition, interval)).any(axis=-1) & (
        largest <= rules["good_up_to"]
    )
    unpublished = (missing & (largest <= rules["missing_publish_above"])) | unsettled
    some = (largest != NO_INDEX) & ~unpublished
    aqi = np.where(some, np.maximum(largest, rules["aqi_minimum"]), NO_INDEX).astype(np.int16)
    primary = (iaqi == largest[..., None]) & (aqi > rules["primary_above"])[..., None]
    return AirIndex(tuple(items), iaqi, aqi, index_level(aqi, edition=edition), primary, beyond)


def good_up_to(edition: Edition) -> int:
    """The index up to which a day is good (优良天).

    >>> from suizhou_geo.standards.catalogue import find_edition
    >>> good_up_to(find_edition("hj633-2026"))
    100
    """
    return _rules(edition)["good_up_to"]


def _substituted(iaqi: Index, edition: Edition, interval: str) -> npt.NDArray[np.bool_]:
    # Items whose sub-index may be replaced by another one, where that one is given.
    rows = read_table(edition, name="items")
    rows = rows[rows["interval"] == interval].reset_index(drop=True)
    found = np.zeros(iaqi.shape, dtype=bool)
    for place, substitute in rows["substitute"].items():
        if substitute:
            found[..., place] = iaqi[..., rows.index[rows["indicator"] == substitute][0]] != NO_INDEX
    return found


def index_level(aqi: npt.ArrayLike, *, edition: Edition) -> Index:
    """Level 1…6 of an index (HJ 633 table 2), ``NO_INDEX`` where there is none."""
    starts = read_table(edition, name="levels")["from"].astype(int).to_numpy()
    array = np.asarray(aqi)
    return np.where(array == NO_INDEX, NO_INDEX, np.searchsorted(starts, array, side="right")).astype(
        np.int16
    )


@dataclass(frozen=True)
class _LookUp:
    """Sub-index of every rounded concentration up to the highest node, and of what lies above it."""

    decimals: int
    table: Index

    def look_up(self, values: Floats) -> Index:
        # The entry before the last is what lies above the highest node, the last one is "no value".
        steps = round_half_even(values, decimals=self.decimals) * 10**self.decimals
        place = np.where(
            np.isnan(steps), len(self.table) - 1, np.clip(np.rint(steps), 0, len(self.table) - 2)
        )
        found: Index = self.table[place.astype(np.int32)]
        return found


@lru_cache(maxsize=16)
def _lookup_tables(edition: Edition, interval: str) -> dict[str, _LookUp]:
    items = read_table(edition, name="items")
    nodes = read_table(edition, name="nodes").set_index(["indicator", "averaging"])
    wanted = items[items["interval"] == interval]
    return {
        row.indicator: _make_table(nodes.loc[(row.indicator, row.averaging)], edition, above=str(row.above))
        for row in wanted.itertuples()
    }


def _make_table(row: pd.Series, edition: Edition, *, above: str) -> _LookUp:
    decimals = int(row["decimals"])
    columns = [column for column in row.index if column.startswith("iaqi") and row[column] != ""]
    indices = [int(column.removeprefix("iaqi")) for column in columns]
    steps = [round(float(row[column]) * 10**decimals) for column in columns]
    entries = [indices[0]]
    for low, high, index_low, index_high in zip(steps, steps[1:], indices, indices[1:], strict=False):
        # Whole numbers only: an exact node such as 75 → 100 must not become 101.
        span, rise = high - low, index_high - index_low
        entries += [index_low - (-(step * rise) // span) for step in range(1, span + 1)]
    last = _rules(edition)["aqi_maximum"] if len(columns) == ALL_NODES else int(above or NO_INDEX)
    return _LookUp(decimals, np.array([*entries, last, NO_INDEX], dtype=np.int16))


@lru_cache(maxsize=16)
def _rules(edition: Edition) -> dict[str, int]:
    table = read_table(edition, name="rules")
    return {
        rule: int(value) if value else NO_INDEX
        for rule, value in zip(table["rule"], table["value"], strict=True)
    }
