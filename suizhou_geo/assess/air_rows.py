"""Rows of air concentrations made ready: one unit, no negative, one value for one moment, nothing lost on the way."""

from dataclasses import dataclass

import pandas as pd

from suizhou_geo.conventions import indicators
from suizhou_geo.errors import InputError, Place

_KEYS = ["site_id", "time", "indicator"]

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
    """The dated rows of air pollutants in their standard units; negative and unreadable values become missing.

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
    return known.assign(value=value.mask(value < 0))


def air_table(rows: pd.DataFrame) -> AirTable:
    """Rows as a table with index ``(site_id, time)``: a moment without any value stays, one with two values of a
    pollutant has none of it.

    >>> rows = pd.DataFrame({"site_id": "A", "time": pd.Timestamp("2021-01-01"), "indicator": "co", "value": [1.0, 2.0]})
    >>> table = air_table(rows)
    >>> table.values["co"].isna().tolist(), table.contradicted.tolist()
    ([True], ['一氧化碳'])
    """
    moments = pd.MultiIndex.from_frame(rows[["site_id", "time"]].drop_duplicates()).sort_values()
    once = rows[rows["value"].notna()].drop_duplicates([*_KEYS, "value"])
    twice = once.duplicated(_KEYS, keep=False)
    values = once[~twice].set_index(_KEYS)["value"].unstack("indicator").reindex(moments)
    named = once[twice].drop_duplicates(_KEYS)
    names = named["indicator"].map(lambda code: indicators()[code].name)
    told = names.groupby([named["site_id"], named["time"]]).agg("、".join)
    # A pollutant that only has contradicting values is a column all the same.
    return AirTable(values.reindex(columns=sorted({*values.columns, *rows["indicator"]})), told)


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
