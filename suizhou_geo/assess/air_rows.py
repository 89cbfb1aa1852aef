"""Rows of air concentrations made ready: one unit, no negative, one value for one moment, nothing lost on the way."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from suizhou_geo.conventions import indicators
from suizhou_geo.errors import InputError, Place

#: Factors to μg/m³ of the spellings that are accepted.
_MICROGRAMS = {"μg/m³": 1.0, "µg/m³": 1.0, "μg/m3": 1.0, "ug/m3": 1.0, "ug/m³": 1.0}
_MILLIGRAMS = {"mg/m³": 1000.0, "mg/m3": 1000.0}


@dataclass(frozen=True)
class AirTable:
    """Concentrations of every site and time that occurs: ``values`` has one column per pollutant.

    ``contradicted`` holds for some of its rows the names of the pollutants that had several values at that moment.
    """

    values: pd.DataFrame
    contradicted: pd.Series


def air_rows(observations: pd.DataFrame) -> pd.DataFrame:
    """The dated rows of air pollutants in their standard units; negative, infinite and unreadable values become missing.

    Raises ``InputError`` naming the accepted units when one is unknown, or when there is no dated pollutant.
    """
    codes = air_codes()
    known = observations[observations["time"].notna() & observations["indicator"].isin(codes)]
    if known.empty:
        raise InputError(
            "没有可用于计算空气质量指数的数据",
            where=Place(str(observations.attrs.get("file", ""))),
            why="需要带年份的时间和至少一项污染物",
            todo=f"可用的项目：{'、'.join(codes)}",
        )
    value = pd.to_numeric(known["value"], errors="coerce")
    if "unit" in known.columns:
        value = value * _factors(known)
    return known.assign(value=value.mask((value < 0) | np.isinf(value)))


def air_table(rows: pd.DataFrame) -> AirTable:
    """Rows as a table with index ``(site_id, time)``: a moment without any value stays, one with two values of a
    pollutant has none of it.

    >>> rows = pd.DataFrame({"site_id": "A", "time": pd.Timestamp("2021-01-01"), "indicator": "co", "value": [1.0, 2.0]})
    >>> table = air_table(rows)
    >>> table.values["co"].isna().tolist(), table.contradicted.tolist()
    ([True], ['一氧化碳'])
    """
    # Whole numbers instead of names: a year of a province has a million rows.
    site, sites = pd.factorize(rows["site_id"], sort=True)
    time, times = pd.factorize(rows["time"], sort=True)
    item, items = pd.factorize(rows["indicator"], sort=True)
    moments, row = np.unique(site * len(times) + time, return_inverse=True)
    value = rows["value"].to_numpy(dtype=float)
    given = ~np.isnan(value)
    flat = (row * len(items) + item)[given]
    table = np.full(len(moments) * len(items), np.nan)
    # Written backwards, the first value of a moment is the one that stays; whoever differs from it contradicts it.
    table[flat[::-1]] = value[given][::-1]
    twice = np.unique(flat[table[flat] != value[given]])
    table[twice] = np.nan
    index = pd.MultiIndex.from_arrays(
        [np.asarray(sites)[moments // len(times)], times[moments % len(times)]], names=["site_id", "time"]
    )
    names = [indicators()[str(code)].name for code in items]
    told = pd.Series(
        [names[place] for place in twice % len(items)], index=index[twice // len(items)], dtype=object
    )
    values = pd.DataFrame(table.reshape(len(moments), len(items)), index=index, columns=pd.Index(items))
    return AirTable(values, told.groupby(level=["site_id", "time"]).agg("、".join) if len(told) else told)


def air_codes() -> tuple[str, ...]:
    """The codes of the air pollutants."""
    return tuple(code for code, item in indicators().items() if item.medium == "air")


def _factors(known: pd.DataFrame) -> pd.Series:
    pairs = known[["indicator", "unit"]].drop_duplicates()
    factors = {
        (code, unit): _factor(code, "" if pd.isna(unit) else str(unit).strip())
        for code, unit in pairs.itertuples(index=False)
    }
    return pd.Series(
        [factors[pair] for pair in zip(known["indicator"], known["unit"], strict=True)], index=known.index
    )


def _factor(code: str, unit: str) -> float:
    standard = indicators()[code].unit
    accepted = {**_MICROGRAMS, **_MILLIGRAMS}
    if unit in {"", standard}:
        return 1.0
    if unit not in accepted:
        raise InputError(
            f"{indicators()[code].name} 的单位“{unit}”未知",
            why=f"可用：{'、'.join(accepted)}",
            todo="改正 unit 一列",
        )
    return accepted[unit] / accepted[standard]
