"""Monitoring files of any supported form as tidy observations: one row per site, time and indicator."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from suizhou_geo.conventions import OBSERVATION_COLUMNS, indicator_of_header, indicators, site_key
from suizhou_geo.errors import InputError
from suizhou_geo.files.cells import SENTINELS, read_cells
from suizhou_geo.files.headers import Columns, find_columns, unit_factor
from suizhou_geo.files.sites import SITE_JOIN_COLUMNS, join_sites, read_target_class, read_water_body
from suizhou_geo.files.tables import TextTable, read_text_table
from suizhou_geo.files.times import is_no_time, lacks_year, read_times, year_in_name
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

MEDIA = ("water", "air")

#: Indicators that may be below zero.
MAY_BE_NEGATIVE = frozenset({"temp"})


def read_observations(
    path: str | Path,
    *,
    medium: str = "water",
    year: int | None = None,
    sites: str | Path | pd.DataFrame | None = None,
    sheet: str | None = None,
) -> pd.DataFrame:
    """Tidy observations of a file: one row per site, time and indicator, in the order of the file.

    Cells without a value stay as rows: ``qualifier`` says ``missing`` (缺测), ``not_monitored`` (未监测) or ``nd``
    (未检出 without a limit). Below a detection limit ``value`` is that limit, ``censored`` is true and ``qualifier``
    is ``<``. Values are in the standard unit of their indicator. ``source_row`` is the row that Excel shows.
    ``attrs`` hold ``file``, ``sha256``, ``encoding`` and ``notes`` (what was assumed).

    Parameters
    ----------
    path
        CSV (UTF-8, UTF-16 or GB 18030), Excel, Parquet or the platform's JSON; tidy long, or wide with one column per indicator.
    medium
        ``"water"`` or ``"air"``: whose indicator columns are read.
    year
        Of times that are written without one. Else a year column or a single year in the file's name is taken, and
        noted; else such times stay empty and only ``time_text`` holds them.
    sites
        A table (path or frame) with site columns such as ``water_body`` and ``target_class``, joined by ``site_id``,
        by province and name, or by name.
    sheet
        Of an Excel file; the first one if not given.

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
    table = read_text_table(path, sheet=sheet)
    columns = find_columns(list(table.cells.columns), medium=medium, place=table.place())
    notes = [*table.notes, *_column_notes(columns)]
    keys = _read_keys(table, columns, year=year, notes=notes)
    values = _read_long(table, columns) if columns.is_long else _read_wide(table, columns)
    tidy = keys.loc[values["line"]].reset_index(drop=True)
    tidy = tidy.assign(**{name: values[name].to_numpy() for name in values.columns if name != "line"})
    tidy["duplicate"] = _duplicates(tidy)
    if sites is not None:
        tidy, lacking = join_sites(tidy, sites=sites)
        notes.extend(lacking)
    tidy = tidy[[*OBSERVATION_COLUMNS, *EXTRA_COLUMNS]]
    tidy.attrs = {"file": str(path), "sha256": sha256_of(path), "encoding": table.encoding, "notes": notes}
    return tidy


def _read_keys(table: TextTable, columns: Columns, *, year: int | None, notes: list[str]) -> pd.DataFrame:
    # One row per line of the table: who, when and what the platform said about it.
    cells = table.cells

    def text(role: str) -> pd.Series:
        header = columns.roles.get(role)
        return cells[header].str.strip() if header else pd.Series("", index=cells.index, dtype=str)

    name, province = text("site_name"), text("province")
    given = text("site_id")
    made = pd.Series(
        [site_key(*pair) for pair in zip(province, name, strict=True)], index=cells.index, dtype=str
    )
    site_id = given.where(given != "", made)
    _check_named(site_id, table, columns)
    clock = text("time").where(text("hour") == "", text("time") + " " + text("hour") + ":00")
    when = text("time_text").where(text("time_text") != "", clock)
    rows = pd.to_numeric(text("source_row"), errors="coerce").fillna(
        pd.Series(list(table.rows), index=cells.index)
    )
    return pd.DataFrame(
        {
            "site_id": site_id,
            "site_name": name.where(name != "", site_id),
            "time": _read_time_column(table, columns, clock, text("year"), year=year, notes=notes),
            "time_text": when,
            "available_at": pd.to_datetime(text("available_at"), errors="coerce"),
            "source_row": rows.astype(int),
            "province": province,
            "basin": text("basin"),
            "river": text("river"),
            "adcode": text("adcode"),
            "assessed_city": text("assessed_city"),
            "water_body": text("water_body").map(read_water_body),
            "target_class": text("target_class").map(read_target_class).astype("Int64"),
            "platform_class": text("platform_class").map(read_target_class).astype("Int64"),
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
) -> pd.Series:
    if "time" not in columns.roles:
        texts = years
    yearless = texts.map(lacks_year)
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
    wrong = times.isna() & ~texts.map(is_no_time) & ~dateless
    if wrong.any():
        line = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"时间“{texts.iloc[line]}”看不懂或不存在（共 {int(wrong.sum())} 处）",
            where=table.place(line, column=columns.roles.get("time", columns.roles.get("year", ""))),
            why="应为 2021-04-01、2021-04-01 08:00、2021-04 或 04-01 08:00 之类",
            todo="改正该单元格",
        )
    return times


def _read_wide(table: TextTable, columns: Columns) -> pd.DataFrame:
    parts = []
    for column in columns.indicators:
        texts = table.cells[column.header].str.strip()
        cells = _understood(texts, table, column=column.header)
        cells = _without_sentinels(cells, texts, table, code=column.code, column=column.header)
        parts.append(
            cells.assign(
                line=np.arange(len(cells)), indicator=column.code, value=_scale(cells["value"], column.factor)
            )
        )
    found = pd.concat(parts, ignore_index=True).sort_values("line", kind="stable")
    return _with_unit(found)


def _read_long(table: TextTable, columns: Columns) -> pd.DataFrame:
    cells, roles = table.cells, columns.roles
    names = cells[roles["indicator"]].str.strip()
    known = {spelling: code for spelling in names.unique() if (code := _indicator_code(spelling))}
    unknown = ~names.isin(list(known))
    if unknown.any():
        line = int(np.flatnonzero(unknown)[0])
        raise InputError(
            f"不认识的监测项目“{names.iloc[line]}”",
            where=table.place(line, column=roles["indicator"]),
            why=f"可用：{'、'.join(item.name for item in indicators().values())}",
            todo="改用标准名称",
        )
    found = _understood(cells[roles["value"]].str.strip(), table, column=roles["value"])
    found = found.assign(line=np.arange(len(found)), indicator=names.map(known))
    found["value"] = _scale(found["value"], _long_factors(table, columns, found["indicator"]))
    if "censored" in roles:
        given = cells[roles["censored"]].str.strip().str.lower().isin(["true", "1", "是"])
        found["censored"] = found["censored"] | given
    if "qualifier" in roles:
        given = cells[roles["qualifier"]].str.strip()
        found["qualifier"] = given.where(given != "", found["qualifier"])
    return _with_unit(found)


def _long_factors(table: TextTable, columns: Columns, codes: pd.Series) -> pd.Series:
    if "unit" not in columns.roles:
        return pd.Series(1.0, index=codes.index)
    header = columns.roles["unit"]
    pairs = pd.DataFrame({"unit": table.cells[header].str.strip(), "code": codes})
    first = pairs.drop_duplicates()
    factors = {
        (unit, code): unit_factor(unit, code=code, place=table.place(int(line), column=header))
        for line, unit, code in first.itertuples()
    }
    return pd.Series([factors[pair] for pair in zip(pairs["unit"], codes, strict=True)], index=codes.index)


def _scale(values: pd.Series, factor: float | pd.Series) -> pd.Series:
    # 12 digits: a factor of 0.001 must not turn 20 into 0.020000000000000004.
    if isinstance(factor, float) and factor == 1.0:
        return values
    scaled = values * factor
    return scaled.map(lambda value: float(f"{value:.12g}"))


def _with_unit(found: pd.DataFrame) -> pd.DataFrame:
    units = {code: item.unit for code, item in indicators().items()}
    columns = ["line", "indicator", "value", "unit", "censored", "qualifier"]
    return found.assign(unit=found["indicator"].map(units))[columns]


def _understood(texts: pd.Series, table: TextTable, *, column: str) -> pd.DataFrame:
    cells = read_cells(texts)
    bad = ~cells["understood"].to_numpy(dtype=bool)
    if bad.any():
        line = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"单元格“{texts.iloc[line]}”看不懂（该列共 {int(bad.sum())} 处）",
            where=table.place(line, column=column),
            why="应为数值、0.02L、<0.01、未检出、--（缺测）或 *（未监测）",
            todo="改正该单元格",
        )
    return cells.drop(columns="understood")


def _without_sentinels(
    cells: pd.DataFrame, texts: pd.Series, table: TextTable, *, code: str, column: str
) -> pd.DataFrame:
    if code in MAY_BE_NEGATIVE:
        return cells
    sentinel = cells["value"].isin(SENTINELS)
    negative = (cells["value"] < 0) & ~sentinel
    if negative.any():
        line = int(np.flatnonzero(negative)[0])
        raise InputError(
            f"{indicators()[code].name} 不能为负：“{texts.iloc[line]}”",
            where=table.place(line, column=column),
            why="浓度不小于 0；表示缺测请用 --",
            todo="改正该单元格",
        )
    # The platform writes −1 and laboratories −99 where nothing was measured.
    return cells.assign(
        value=cells["value"].mask(sentinel), qualifier=cells["qualifier"].mask(sentinel, "missing")
    )


def _indicator_code(spelling: str) -> str | None:
    found = indicator_of_header(spelling)
    return None if found is None else found[0]


def _duplicates(tidy: pd.DataFrame) -> pd.Series:
    keys = ["site_id", "time", "time_text", "indicator", "value", "censored", "qualifier"]
    return tidy.duplicated(keys)


def _check_named(site_id: pd.Series, table: TextTable, columns: Columns) -> None:
    nameless = (site_id == "").to_numpy()
    if nameless.any():
        line = int(np.flatnonzero(nameless)[0])
        raise InputError(
            "该行没有断面或站点名称",
            where=table.place(line, column=columns.roles.get("site_name", columns.roles.get("site_id", ""))),
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
