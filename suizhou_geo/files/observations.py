"""Monitoring files of any supported form as tidy observations: one row per site, time and indicator."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from suizhou_geo.conventions import (
    OBSERVATION_COLUMNS,
    indicator_of_header,
    indicators,
    normalise_text,
)
from suizhou_geo.errors import InputError
from suizhou_geo.files.archives import is_wide_archive, melt_archive
from suizhou_geo.files.cells import SENTINELS, read_cell, read_cells
from suizhou_geo.files.findings import Findings
from suizhou_geo.files.headers import Columns, column_unit, find_columns, is_unit, unit_factor
from suizhou_geo.files.sites import SITE_JOIN_COLUMNS, join_sites, read_target_class, read_water_body
from suizhou_geo.files.tables import TextTable, read_text_table
from suizhou_geo.files.times import (
    is_ambiguous,
    is_no_time,
    is_repaired_time,
    lacks_year,
    read_times,
    year_in_name,
)
from suizhou_geo.saving import sha256_of

#: Columns of tidy observations beside ``OBSERVATION_COLUMNS``.
EXTRA_COLUMNS = (
    "province",
    "basin",
    *SITE_JOIN_COLUMNS,
    "platform_class",
    "station_state",
    "time_text",
    "duplicate",
)

MEDIA = ("water", "air", "soil")

#: Indicators that may be below zero.
MAY_BE_NEGATIVE = frozenset({"temp"})


#: A number with a unit behind it, in one cell.
_WITH_UNIT = re.compile(r"(?P<number>[<]?\s*[\d.,]+)\s*(?P<unit>[^\d\s<].*)")

#: Indicators that are there or not there.
YES_OR_NO = frozenset({"odour", "visible"})

#: Part of the rows in which an hour of ozone exceeds its day, above which the two columns look exchanged.
SWAPPED_SHARE = 0.5
SWAPPED_OZONE = "o3 与 o3_24h 两列像是颠倒（小时值多数大于日最大值），未作交换，请核对来源"

#: mg/m³ of carbon monoxide that no place has in the middle of its values: the file holds μg/m³.
IMPOSSIBLE_CO = 30.0


def read_observations(
    path: str | Path,
    *,
    medium: str = "water",
    year: int | None = None,
    sites: str | Path | pd.DataFrame | None = None,
    sheet: str | None = None,
    findings: Findings | None = None,
) -> pd.DataFrame:
    """Tidy observations of a file: one row per site, time and indicator, in the order of the file.

    Cells without a value stay as rows: ``qualifier`` says ``missing`` (缺测), ``not_monitored`` (未监测) or ``nd``
    (未检出 without a limit). Below a detection limit ``value`` is that limit, ``censored`` is true and ``qualifier``
    is ``<``. Values are in the standard unit of their indicator. ``source_row`` is the row that Excel shows.
    ``attrs`` hold ``file``, ``sha256``, ``encoding``, ``sheet``, ``notes`` (what was assumed), ``headers`` (the column
    of each indicator) and ``changes``, the log of cells that were read as something else than they say.

    Parameters
    ----------
    path
        CSV (UTF-8, UTF-16 or GB 18030), Excel, Parquet or the platform's JSON; tidy long, or wide with one column per indicator.
    medium
        ``"water"``, ``"air"`` or ``"soil"``: whose indicator columns are read; soil needs no time.
    year
        Of times that are written without one. Else a year column or a single year in the file's name is taken, and
        noted; else such times stay empty and only ``time_text`` holds them.
    sites
        A table (path or frame) with site columns such as ``water_body`` and ``target_class``, joined by ``site_id``,
        by province and name, or by name.
    sheet
        Of an Excel file; the first one if not given.
    findings
        Given with ``collect``, every bad cell is noted there and left out, instead of the first one being raised.

    Returns
    -------
    DataFrame
        Columns ``OBSERVATION_COLUMNS`` and ``EXTRA_COLUMNS``.

    Raises
    ------
    InputError
        A needed column is not there, a unit is unknown or a cell says nothing that is understood: with file, sheet,
        row and column.
    MissingFileError
        There is no such file.
    """
    if medium not in MEDIA:
        raise InputError(f"介质“{medium}”未知", why=f"可选：{'、'.join(MEDIA)}")
    found = Findings() if findings is None else findings
    table = read_text_table(path, sheet=sheet)
    if medium == "air" and is_wide_archive(table):
        table = melt_archive(table)
    columns = find_columns(list(table.cells.columns), medium=medium, place=table.place())
    swapped = medium == "air" and has_swapped_ozone(table)
    notes = [*table.notes, *_column_notes(columns), *([SWAPPED_OZONE] if swapped else [])]
    keys = _read_keys(table, columns, year=year, notes=notes, findings=found)
    read_values = _read_long if columns.is_long else _read_wide
    values = read_values(table, columns, findings=found)
    tidy = keys.loc[values["line"]].reset_index(drop=True)
    tidy = tidy.assign(**{name: values[name].to_numpy() for name in values.columns if name != "line"})
    if medium == "air":
        tidy = _repair_air(tidy, columns=columns, notes=notes)
    tidy["duplicate"] = _duplicates(tidy)
    if sites is not None:
        tidy, lacking = join_sites(tidy, sites=sites)
        notes.extend(lacking)
    tidy = tidy[[*OBSERVATION_COLUMNS, *EXTRA_COLUMNS]].astype({"censored": bool, "value": float})
    tidy.attrs = {
        "file": str(path),
        "sheet": table.sheet,
        "sha256": sha256_of(path),
        "encoding": table.encoding,
        "notes": notes,
        "swapped_ozone": swapped,
        "headers": {column.code: column.header for column in columns.indicators},
        "changes": found.change_log().to_dict("list"),
    }
    return tidy


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


def _read_keys(
    table: TextTable, columns: Columns, *, year: int | None, notes: list[str], findings: Findings
) -> pd.DataFrame:
    # One row per line of the table: who, when and what the platform said about it.
    cells = table.cells

    def text(role: str) -> pd.Series:
        header = columns.roles.get(role)
        return cells[header].str.strip() if header else pd.Series("", index=cells.index, dtype=str)

    name, province = text("site_name"), text("province")
    given = text("site_id")
    # site_key, for whole columns.
    made = name.where(province == "", province + "|" + name)
    site_id = given.where(given != "", made)
    _check_named(site_id, table, columns, findings)
    day = text("time") if "time" in columns.roles else _join_date(text("year"), text("month"), text("day"))
    clock = day.where(text("hour") == "", day + " " + text("hour") + ":00")
    when = text("time_text").where(text("time_text") != "", clock)
    rows = pd.to_numeric(text("source_row"), errors="coerce").fillna(
        pd.Series(list(table.rows), index=cells.index)
    )
    return pd.DataFrame(
        {
            "site_id": site_id,
            "site_name": name.where(name != "", site_id),
            "time": _read_time_column(
                table, columns, clock, text("year"), year=year, notes=notes, findings=findings
            ),
            "time_text": when,
            "available_at": pd.to_datetime(text("available_at"), errors="coerce"),
            "source_row": rows.astype(int),
            "province": province,
            "basin": text("basin"),
            "river": text("river"),
            "adcode": text("adcode"),
            "assessed_city": text("assessed_city").where(text("assessed_city") != "", text("city")),
            "water_body": map_unique(text("water_body"), read_water_body),
            "target_class": map_unique(text("target_class"), read_target_class).astype("Int64"),
            "platform_class": map_unique(text("platform_class"), read_target_class).astype("Int64"),
            "station_state": text("station_state"),
        }
    )


def _read_time_column(
    table: TextTable,
    columns: Columns,
    texts: pd.Series,
    years: pd.Series,
    *,
    year: int | None,
    notes: list[str],
    findings: Findings,
) -> pd.Series:
    header = next((columns.roles[role] for role in ("time", "month", "year") if role in columns.roles), "")
    if not {"time", "month"} & columns.roles.keys():
        texts = years
    # An empty template has no texts: without a type pandas would take the answers for texts too.
    yearless = map_unique(texts, lacks_year).astype(bool)
    own = pd.to_numeric(years.str.extract(r"^(\d{4})", expand=False), errors="coerce")
    if year is not None:
        own = pd.Series(float(year), index=texts.index)
    elif yearless.any() and own[yearless].isna().all():
        guess = year_in_name(Path(table.file).name)
        own = own.fillna(guess if guess is not None else np.nan)
        notes.append(
            f"监测时间没有年份，按文件名取 {guess} 年"
            if guess
            else "监测时间没有年份，未作推断；可加 --year 指定"
        )
    times = read_times(texts, years=own)
    dateless = yearless & own.isna()
    wrong = times.isna() & ~map_unique(texts, is_no_time).astype(bool) & ~dateless
    ambiguous = map_unique(texts, is_ambiguous).astype(bool)
    findings.report(
        (wrong & ~ambiguous).to_numpy(),
        code="time_unreadable",
        texts=texts,
        table=table,
        column=header,
        what="时间“{text}”看不懂或不存在（共 {count} 处）",
        why="应为 2021-04-01、2021-04-01 08:00、2021-04 或 04-01 08:00 之类",
        todo="改正该单元格",
    )
    findings.report(
        ambiguous.to_numpy(),
        code="time_ambiguous",
        texts=texts,
        table=table,
        column=header,
        what="时间“{text}”有歧义（共 {count} 处）",
        why="可能是 1 月，也可能是 10 月的末位 0 被 Excel 去掉",
        todo="写成 2024-01 或 2024-10",
    )
    repaired = times.notna() & map_unique(texts, is_repaired_time).astype(bool)
    findings.log(
        repaired.to_numpy(),
        table=table,
        column=header,
        before=texts,
        after=times,
        reason="日期序列号、24:00 或全角",
    )
    return times


def _join_date(year: pd.Series, month: pd.Series, day: pd.Series) -> pd.Series:
    # Year, month and day in columns of their own; a month column may also hold whole months (2014-12).
    whole = month.where(month.str.contains(r"^\d{4}\D"), year + "-" + month)
    return whole.where(day == "", whole + "-" + day).where(month != "", "")


def _read_wide(table: TextTable, columns: Columns, *, findings: Findings) -> pd.DataFrame:
    parts = []
    for column in columns.indicators:
        texts = table.cells[column.header].str.strip()
        codes = pd.Series(column.code, index=texts.index)
        cells = _read_values(texts, codes, table, column=column.header, findings=findings)
        parts.append(
            cells.assign(
                line=np.arange(len(cells)), indicator=column.code, value=_scale(cells["value"], column.factor)
            )
        )
    found = pd.concat(parts, ignore_index=True).sort_values("line", kind="stable")
    return _with_unit(found, columns.medium)


def _repair_air(tidy: pd.DataFrame, *, columns: Columns, notes: list[str]) -> pd.DataFrame:
    # Two habits of air files, both too plain to be anything else, and both said.
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
        value = value.mask(is_co, _scale(value, 0.001))
    qualifier = tidy["qualifier"].mask(zero, "missing")
    return tidy.assign(value=value, qualifier=qualifier)


def _read_long(table: TextTable, columns: Columns, *, findings: Findings) -> pd.DataFrame:
    cells, roles = table.cells, columns.roles
    names = cells[roles["indicator"]].str.strip()
    known = {
        spelling: code for spelling in names.unique() if (code := _indicator_code(spelling, columns.medium))
    }
    unknown = ~names.isin(list(known))
    findings.report(
        unknown.to_numpy(),
        code="indicator_unknown",
        texts=names,
        table=table,
        column=roles["indicator"],
        what="不认识的监测项目“{text}”（共 {count} 处）",
        why=f"可用：{'、'.join(item.name for item in indicators(columns.medium).values())}",
        todo="改用标准名称",
    )
    codes = names.map(known).fillna("")
    found = _read_values(
        cells[roles["value"]].str.strip(), codes, table, column=roles["value"], findings=findings
    )
    found = found.assign(line=np.arange(len(found)), indicator=codes)[(codes != "").to_numpy()]
    found["value"] = _scale(found["value"], _long_factors(table, columns, found, findings))
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
                same, code="unit_unknown", texts=units, table=table, column=header,
                what=error.what, why=error.why, todo=error.todo,
            )  # fmt: skip
            factors[unit, code] = float("nan")
    found_factors = pairs.drop_duplicates()
    if all(factors[pair] == 1.0 for pair in found_factors.itertuples(index=False, name=None)):
        return pd.Series(1.0, index=pairs.index)
    return pd.Series(
        [factors[pair] for pair in zip(pairs["unit"], pairs["code"], strict=True)], index=pairs.index
    )


def map_unique(texts: pd.Series, read: Callable[[str], object]) -> pd.Series:
    """What ``read`` makes of every text, each spelling read once however often it stands there."""
    return texts.map({text: read(text) for text in texts.unique()})


def _scale(values: pd.Series, factor: float | pd.Series) -> pd.Series:
    # 12 digits: a factor of 0.001 must not turn 20 into 0.020000000000000004.
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
    findings.report(
        ~cells["understood"].to_numpy(dtype=bool),
        code="cell_unreadable",
        texts=texts,
        table=table,
        column=column,
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
        texts=texts,
        table=table,
        column=column,
        what="{text}：浓度不能为负（该列共 {count} 处）",
        why="浓度不小于 0；表示缺测请用 --",
        todo="改正该单元格",
    )
    findings.log(
        sentinel, table=table, column=column, before=texts, after=["缺测"] * len(texts), reason="缺测标记值"
    )
    repaired = cells["repaired"].to_numpy(dtype=bool)
    findings.log(
        repaired,
        table=table,
        column=column,
        before=texts,
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


def _duplicates(tidy: pd.DataFrame) -> pd.Series:
    keys = ["site_id", "time", "time_text", "indicator", "value", "censored", "qualifier"]
    return tidy.duplicated(keys)


def _check_named(site_id: pd.Series, table: TextTable, columns: Columns, findings: Findings) -> None:
    findings.report(
        (site_id == "").to_numpy(),
        code="site_missing",
        texts=site_id,
        table=table,
        column=columns.roles.get("site_name", columns.roles.get("site_id", "")),
        what="该行没有断面或站点名称（共 {count} 行）",
        why="每一行都要写明是哪个断面或站点",
        todo="补上名称，合并单元格请先取消合并并填满",
    )


def _column_notes(columns: Columns) -> list[str]:
    return [f"未用到的列：{'、'.join(columns.unused)}"] if columns.unused else []


def observation_cube(observations: pd.DataFrame) -> Any:
    """The observations as an xarray Dataset with dims ``(site, time)``, one variable per indicator code.

    Each variable has ``attrs["units"]`` and beside it ``<code>_censored`` (bool). Where a site has several values at
    one time the first is taken: exact duplicates count once.

    >>> rows = pd.DataFrame({"site_id": ["A", "A"], "time": pd.to_datetime(["2021-01-01", "2021-02-01"]),
    ...     "indicator": "tp", "value": [0.1, 0.2], "censored": [False, True], "unit": "mg/L"})
    >>> cube = observation_cube(rows)
    >>> dict(cube.sizes), cube["tp"].attrs["units"], cube["tp_censored"].values.tolist()
    ({'site': 1, 'time': 2}, 'mg/L', [[False, True]])
    """
    import xarray as xr  # noqa: PLC0415  (reading a table does not need it)

    dated = observations[observations["time"].notna()].drop_duplicates(["site_id", "time", "indicator"])
    sites, times = sorted(dated["site_id"].unique()), np.sort(dated["time"].unique())
    cube = xr.Dataset(coords={"site": sites, "time": times})
    for code, rows in dated.groupby("indicator"):
        values = rows.pivot(index="site_id", columns="time", values="value").reindex(
            index=sites, columns=times
        )
        flags = rows.pivot(index="site_id", columns="time", values="censored").reindex(
            index=sites, columns=times
        )
        cube[str(code)] = (("site", "time"), values.to_numpy(dtype=float), {"units": rows["unit"].iloc[0]})
        cube[f"{code}_censored"] = (("site", "time"), flags.eq(True).to_numpy(dtype=bool))
    return cube
