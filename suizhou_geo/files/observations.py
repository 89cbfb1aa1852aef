"""Monitoring files of any supported form as tidy observations: one row per site, time and indicator."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from suizhou_geo.conventions import OBSERVATION_COLUMNS
from suizhou_geo.errors import InputError
from suizhou_geo.files.air_habits import SWAPPED_OZONE, has_swapped_ozone, repair_air
from suizhou_geo.files.archives import is_wide_archive, melt_archive
from suizhou_geo.files.findings import Findings
from suizhou_geo.files.headers import Columns, find_columns
from suizhou_geo.files.keys import read_keys
from suizhou_geo.files.sites import SITE_JOIN_COLUMNS, join_sites
from suizhou_geo.files.tables import read_text_table
from suizhou_geo.files.values import read_long, read_wide
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
    keys = read_keys(table, columns, year=year, notes=notes, findings=found)
    read_values = read_long if columns.is_long else read_wide
    values = read_values(table, columns, findings=found)
    tidy = keys.loc[values["line"]].reset_index(drop=True)
    tidy = tidy.assign(**{name: values[name].to_numpy() for name in values.columns if name != "line"})
    if medium == "air":
        tidy = repair_air(tidy, columns=columns, notes=notes)
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


def _duplicates(tidy: pd.DataFrame) -> pd.Series:
    keys = ["site_id", "time", "time_text", "indicator", "value", "censored", "qualifier"]
    return tidy.duplicated(keys)


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
