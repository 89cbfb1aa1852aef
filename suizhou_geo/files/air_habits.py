"""Habits of air files that are too plain to be anything else: zeros, micrograms of CO, exchanged ozone. All are told."""

import pandas as pd

from suizhou_geo.conventions import normalise_text
from suizhou_geo.files.headers import Columns
from suizhou_geo.files.tables import TextTable
from suizhou_geo.files.values import scale_values

#: Part of the rows in which an hour of ozone exceeds its day, above which the two columns look exchanged.
SWAPPED_SHARE = 0.5
SWAPPED_OZONE = "o3 与 o3_24h 两列像是颠倒（小时值多数大于日最大值），未作交换，请核对来源"

#: mg/m³ of carbon monoxide that no place has in the middle of its values: the file holds μg/m³.
IMPOSSIBLE_CO = 30.0


def has_swapped_ozone(table: TextTable) -> bool:
    """Whether the columns of hourly ozone and of its 24-hour value look exchanged, as in some national feeds.

    The largest hour of a day is never below the hour itself: where most rows say so, the two are exchanged.
    """
    spellings = {normalise_text(header): header for header in table.cells.columns}
    if not {"o3", "o3_24h"} <= spellings.keys():
        return False
    hour, day = (pd.to_numeric(table.cells[spellings[name]], errors="coerce") for name in ("o3", "o3_24h"))
    both = (hour.notna() & day.notna()).to_numpy()
    return bool(both.any() and (hour[both] > day[both]).mean() > SWAPPED_SHARE)


def repair_air(tidy: pd.DataFrame, *, columns: Columns, notes: list[str]) -> pd.DataFrame:
    """The rows with zeros as missing and μg/m³ of CO as mg/m³, each told in ``notes``."""
    value = tidy["value"]
    zero = value == 0
    if zero.any():
        notes.append(f"{int(zero.sum())} 个浓度为 0，按缺测处理（公布的浓度没有 0）")
        value = value.mask(zero)
    unitless = {column.code for column in columns.indicators if not column.unit} | (
        {"co"} if columns.is_long and "unit" not in columns.roles else set()
    )
    is_co = tidy["indicator"] == "co"
    middle = value[is_co].median()
    if "co" in unitless and middle > IMPOSSIBLE_CO:
        notes.append(f"一氧化碳没有写单位，中位数 {middle:g} 不可能是 mg/m³，按 μg/m³ 换算")
        value = value.mask(is_co, scale_values(value, 0.001))
    qualifier = tidy["qualifier"].mask(zero, "missing")
    return tidy.assign(value=value, qualifier=qualifier)
