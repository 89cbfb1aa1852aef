"""Rows of air concentrations made ready: one unit, no negative, one value for one moment, nothing lost on the way."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from suizhou_geo.assess.cubes import tidy_rows
from suizhou_geo.conventions import indicators
from suizhou_geo.errors import InputError, Place

if TYPE_CHECKING:
    import xarray as xr

#: Factors to μg/m³ of the spellings that are accepted.
_MICROGRAMS = {"μg/m³": 1.0, "µg/m³": 1.0, "μg/m3": 1.0, "ug/m3": 1.0, "ug/m³": 1.0}
_MILLIGRAMS = {"mg/m³": 1000.0, "mg/m3": 1000.0}

#: Stations report by this clock, and a natural day is one of it.
_CLOCK = "Asia/Shanghai"


@dataclass(frozen=True)
class AirTable:
    """Concentrations of every site and time that occurs: ``values`` has one column per pollutant.

    ``contradicted`` holds for some of its rows the names of the pollutants that had several values at that moment.
    """

    values: pd.DataFrame
    contradicted: pd.Series


def air_rows(observations: "pd.DataFrame | xr.Dataset") -> pd.DataFrame:
    """The dated rows of air pollutants in their standard units; negative, infinite and unreadable values become missing.

    Times with a zone are brought to the clock of Beijing, texts and dates are read. The unit of a cube's variable is its
    attribute ``units``.

    >>> rows = pd.DataFrame({"site_id": "A", "time": ["2026-02-28T16:00:00Z"], "indicator": "co", "value": 900, "unit": "μg/m³"})
    >>> found = air_rows(rows).iloc[0]
    >>> str(found["time"]), float(found["value"]), found["unit"]
    ('2026-03-01 00:00:00', 0.9, 'mg/m³')

    Raises ``InputError`` naming the accepted units when one is unknown, or when there is no dated pollutant, a time
    cannot be read, or a row has no site.
    """
    codes = air_codes()
    rows = _with_units(observations)
    known = rows[rows["time"].notna() & rows["indicator"].isin(codes)]
    if known.empty:
        raise InputError(
            "没有可用于计算空气质量指数的数据",
            where=Place(str(observations.attrs.get("file", ""))),
            why="需要带年份的时间和至少一项污染物",
            todo=f"可用的项目：{'、'.join(codes)}",
        )
    nameless = int(known["site_id"].isna().sum())
    if nameless:
        raise InputError(f"{nameless} 行没有 site_id", why="每一行都要写明是哪个站点", todo="补上站点编码")
    value = pd.to_numeric(known["value"], errors="coerce")
    changed = {}
    if "unit" in known.columns:
        value = value * _factors(known)
        changed["unit"] = (
            known["indicator"].astype(object).map({code: indicators()[code].unit for code in codes})
        )
    return known.assign(
        time=clock_times(known["time"]), value=value.mask((value < 0) | np.isinf(value)), **changed
    )


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


def _with_units(observations: "pd.DataFrame | xr.Dataset") -> pd.DataFrame:
    rows = tidy_rows(observations)
    if isinstance(observations, pd.DataFrame):
        return rows
    units = {str(name): variable.attrs.get("units", "") for name, variable in observations.data_vars.items()}
    return rows.assign(unit=rows["indicator"].map(units))


def clock_times(times: pd.Series) -> pd.Series:
    """Times by the clock of Beijing, without a zone: texts and dates are read, a zone is taken off."""
    read = times
    if not pd.api.types.is_datetime64_any_dtype(times):
        # A number such as 20210401 would be read as nanoseconds.
        texts = times.map(lambda time: "" if isinstance(time, (int, float)) else str(time))
        read = pd.to_datetime(texts, format="ISO8601", errors="coerce")
        if read.isna().any():
            raise InputError(
                f"时间“{times[read.isna()].iloc[0]}”看不懂", why="应为 2021-04-01 或 2021-04-01 08:00 之类"
            )
    return read if read.dt.tz is None else read.dt.tz_convert(_CLOCK).dt.tz_localize(None)


def _factors(known: pd.DataFrame) -> pd.Series:
    pairs = known[["indicator", "unit"]].drop_duplicates()
    factors = {(code, unit): unit_factor(code, unit) for code, unit in pairs.itertuples(index=False)}
    return pd.Series(
        [factors[pair] for pair in zip(known["indicator"], known["unit"], strict=True)], index=known.index
    )


def unit_factor(code: str, unit: object) -> float:
    """What brings a pollutant's concentrations to its standard unit; 1 where no unit is given.

    >>> unit_factor("co", "μg/m³"), unit_factor("so2", None)
    (0.001, 1.0)
    """
    unit = "" if pd.isna(unit) else str(unit).strip()
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
