"""The wide hourly archive of air: one line per hour and pollutant, one column per station."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from suizhou_geo.conventions import indicator_of_header, indicators, normalise_text
from suizhou_geo.files.tables import TextTable

_STATION = re.compile(r"\d{3,5}[A-Za-z]")
_KEYS = ("date", "hour", "type")


def is_wide_archive(table: TextTable) -> bool:
    """Whether a table has ``date, hour, type`` and then one column per station code."""
    names = [normalise_text(name) for name in table.cells.columns]
    stations = [name for name in table.cells.columns if _STATION.fullmatch(name)]
    return set(_KEYS) <= set(names) and len(stations) >= 1 and len(stations) + len(_KEYS) >= len(names)


def melt_archive(table: TextTable) -> TextTable:
    """The archive as a long table: one line per hour, station and pollutant; other lines (AQI, 24 h means) are named.

    The row numbers stay those of the file.
    """
    cells = table.cells.rename(
        columns=lambda name: normalise_text(name) if normalise_text(name) in _KEYS else name
    )
    known = cells["type"].map(_is_pollutant)
    notes = list(table.notes)
    if not known.all():
        notes.append(f"未用到的类型：{'、'.join(sorted(cells.loc[~known, 'type'].unique()))}")
    rows = np.asarray(table.rows)[known.to_numpy()]
    kept = cells[known].reset_index(drop=True)
    stations = [name for name in cells.columns if _STATION.fullmatch(name)]
    long = kept.melt(id_vars=list(_KEYS), value_vars=stations, var_name="site_id", value_name="value")
    long = long.rename(columns={"type": "indicator", "date": "time"})
    order = np.argsort(np.tile(np.arange(len(kept)), len(stations)), kind="stable")
    repeated = np.tile(rows, len(stations))[order]
    return replace(
        table,
        cells=pd.DataFrame(long.iloc[order].reset_index(drop=True), dtype=str),
        rows=repeated.tolist(),
        notes=tuple(notes),
    )


def _is_pollutant(name: str) -> bool:
    found = indicator_of_header(name)
    return found is not None and indicators()[found[0]].medium == "air"
