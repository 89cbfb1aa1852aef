"""What was measured: the cells of wide and of long tables as values in the standard units."""

import re
import unicodedata

import numpy as np
import pandas as pd

from suizhou_geo.conventions import indicator_of_header, indicators
from suizhou_geo.errors import InputError
from suizhou_geo.files.cells import SENTINELS, read_cell, read_cells
from suizhou_geo.files.findings import Column, Findings
from suizhou_geo.files.headers import Columns, column_unit, is_unit, unit_factor
from suizhou_geo.files.tables import TextTable

#: Indicators that may be below zero.
MAY_BE_NEGATIVE = frozenset({"temp"})

#: A number with a unit behind it, in one cell.
_WITH_UNIT = re.compile(r"(?P<number>[<]?\s*[\d.,]+)\s*(?P<unit>[^\d\s<].*)")

#: Indicators that are there or not there.
YES_OR_NO = frozenset({"odour", "visible"})


def read_wide(table: TextTable, columns: Columns, *, findings: Findings) -> pd.DataFrame:
    """The values of a table with one column per indicator: ``line, indicator, value, unit, censored, qualifier``."""
    parts = []
    for column in columns.indicators:
        texts = table.cells[column.header].str.strip()
        codes = pd.Series(column.code, index=texts.index)
        cells = _read_values(texts, codes, table, column=column.header, findings=findings)
        parts.append(
            cells.assign(
                line=np.arange(len(cells)),
                indicator=column.code,
                value=scale_values(cells["value"], column.factor),
            )
        )
    found = pd.concat(parts, ignore_index=True).sort_values("line", kind="stable")
    return _with_unit(found, columns.medium)


def read_long(table: TextTable, columns: Columns, *, findings: Findings) -> pd.DataFrame:
    """The values of a table with one value per line, as :func:`read_wide` gives them; unknown indicators are left out."""
    cells, roles = table.cells, columns.roles
    names = cells[roles["indicator"]].str.strip()
    known = {
        spelling: code for spelling in names.unique() if (code := _indicator_code(spelling, columns.medium))
    }
    unknown = ~names.isin(list(known))
    findings.report(
        unknown.to_numpy(),
        code="indicator_unknown",
        column=Column(table, roles["indicator"], names),
        what="不认识的监测项目“{text}”（共 {count} 处）",
        why=f"可用：{'、'.join(item.name for item in indicators(columns.medium).values())}",
        todo="改用标准名称",
    )
    codes = names.map(known).fillna("")
    found = _read_values(
        cells[roles["value"]].str.strip(), codes, table, column=roles["value"], findings=findings
    )
    found = found.assign(line=np.arange(len(found)), indicator=codes)[(codes != "").to_numpy()]
    found["value"] = scale_values(found["value"], _long_factors(table, columns, found, findings))
    if "censored" in roles:
        given = cells[roles["censored"]].str.strip().str.lower().isin(["true", "1", "是"])
        found["censored"] = found["censored"] | given[found.index]
    if "qualifier" in roles:
        given = cells[roles["qualifier"]].str.strip()[found.index]
        found["qualifier"] = given.where(given != "", found["qualifier"])
    return _with_unit(found, columns.medium)


def _long_factors(table: TextTable, columns: Columns, found: pd.DataFrame, findings: Findings) -> pd.Series:
    if "unit" not in columns.roles:
        return pd.Series(1.0, index=found.index)
    header = columns.roles["unit"]
    units = table.cells[header].str.strip()
    pairs = pd.DataFrame({"unit": units[found.index], "code": found["indicator"]})
    factors: dict[tuple[str, str], float] = {}
    for line, unit, code in pairs.drop_duplicates().itertuples():
        try:
            factors[unit, code] = unit_factor(
                unit, code=code, place=table.place(int(line), column=header), medium=columns.medium
            )
        except InputError as error:
            if not findings.collect:
                raise
            same = ((units == unit) & (found["indicator"].reindex(units.index) == code)).to_numpy()
            findings.report(
                same, code="unit_unknown", column=Column(table, header, units),
                what=error.what, why=error.why, todo=error.todo,
            )  # fmt: skip
            factors[unit, code] = float("nan")
    found_factors = pairs.drop_duplicates()
    if all(factors[pair] == 1.0 for pair in found_factors.itertuples(index=False, name=None)):
        return pd.Series(1.0, index=pairs.index)
    return pd.Series(
        [factors[pair] for pair in zip(pairs["unit"], pairs["code"], strict=True)], index=pairs.index
    )


def scale_values(values: pd.Series, factor: float | pd.Series) -> pd.Series:
    """Values times a factor, to twelve digits: 0.001 must not turn 20 into 0.020000000000000004."""
    changed = pd.Series(factor, index=values.index) != 1.0
    scaled = (values * factor)[changed].map(lambda value: float(f"{value:.12g}"))
    return values.where(~changed, scaled.reindex(values.index))


def _with_unit(found: pd.DataFrame, medium: str) -> pd.DataFrame:
    units = {code: item.unit for code, item in indicators(medium).items()}
    columns = ["line", "indicator", "value", "unit", "censored", "qualifier"]
    return found.assign(unit=found["indicator"].map(units))[columns]


def _read_values(
    texts: pd.Series, codes: pd.Series, table: TextTable, *, column: str, findings: Findings
) -> pd.DataFrame:
    # Smell and what the eye sees are written as 无 and 有.
    worded = codes.isin(YES_OR_NO)
    cells = read_cells(texts.mask(worded, texts.replace({"无": "0", "有": "1"})) if worded.any() else texts)
    cells = _with_units_in_cells(cells, texts, codes, table, column=column)
    whole = Column(table, column, texts)
    findings.report(
        ~cells["understood"].to_numpy(dtype=bool),
        code="cell_unreadable",
        column=whole,
        what="单元格“{text}”看不懂（该列共 {count} 处）",
        why="应为数值、0.02L、<0.01、未检出、--（缺测）或 *（未监测）",
        todo="改正该单元格",
    )
    may_be_negative = codes.isin(MAY_BE_NEGATIVE).to_numpy()
    sentinel = cells["value"].isin(SENTINELS).to_numpy() & ~may_be_negative
    negative = (cells["value"] < 0).to_numpy() & ~sentinel & ~may_be_negative
    findings.report(
        negative,
        code="negative",
        column=whole,
        what="{text}：浓度不能为负（该列共 {count} 处）",
        why="浓度不小于 0；表示缺测请用 --",
        todo="改正该单元格",
    )
    findings.log(sentinel, column=whole, after=["缺测"] * len(texts), reason="缺测标记值")
    repaired = cells["repaired"].to_numpy(dtype=bool)
    findings.log(
        repaired,
        column=whole,
        after=cells["value"],
        reason="全角、千分位、乘幂或带单位的写法",
    )
    # The platform writes −1 and laboratories −99 where nothing was measured.
    return cells.drop(columns=["understood", "repaired"]).assign(
        value=cells["value"].mask(sentinel | negative), qualifier=cells["qualifier"].mask(sentinel, "missing")
    )


def _with_units_in_cells(
    cells: pd.DataFrame, texts: pd.Series, codes: pd.Series, table: TextTable, *, column: str
) -> pd.DataFrame:
    # 0.5mg/L, 200 μg/L: a number with a unit that can be converted is that number, whatever the column's unit.
    found = cells.copy()
    written = column_unit(column)
    for label in found.index[~found["understood"].astype(bool)]:
        match = _WITH_UNIT.fullmatch(unicodedata.normalize("NFKC", texts[label]).strip())
        code = codes[label]
        if match is None or not is_unit(match["unit"]) or not code:
            continue
        medium = "soil" if code not in indicators() else ""
        cell = read_cell(match["number"])
        if cell is None:
            continue
        try:
            factor = unit_factor(match["unit"], code=code, place=table.place(), medium=medium)
            outer = unit_factor(written, code=code, place=table.place(), medium=medium)
        except InputError:
            continue
        found.loc[label, ["value", "censored", "qualifier"]] = [
            float(f"{cell.value * factor / outer:.12g}"), cell.censored, cell.qualifier,
        ]  # fmt: skip
        found.loc[label, ["understood", "repaired"]] = True
    return found


def _indicator_code(spelling: str, medium: str) -> str | None:
    found = indicator_of_header(spelling, medium)
    return None if found is None else found[0]
