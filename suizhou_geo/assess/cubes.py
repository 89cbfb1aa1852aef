"""Observation cubes as tidy rows, so that every assessment takes either."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from suizhou_geo.conventions import SITE_DIM, TIME_DIM
from suizhou_geo.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

_FLAG = "_censored"

#: The qualifier of a value that no concentration can have. The gate tells of it; whoever comes without the gate must not get
#: the best class for a negative value, nor the worst for an infinite one.
IMPOSSIBLE = "impossible"


def as_rows(observations: "pd.DataFrame | xr.Dataset") -> pd.DataFrame:
    """Tidy rows of a cube with dims ``(site, time)``, or of a frame, with every column that an assessment needs.

    Coordinates along ``site`` other than the site itself (``site_name, water_body, target_class`` …) become columns.

    >>> import xarray as xr
    >>> cube = xr.Dataset({"tp": (("site", "time"), [[0.1, float("nan")]])},
    ...     coords={"site": ["A"], "time": pd.to_datetime(["2021-01-01", "2021-02-01"])})
    >>> as_rows(cube)[["site_id", "indicator", "value"]].values.tolist()[0]
    ['A', 'tp', 0.1]

    Raises ``InputError`` when a frame lacks a column that cannot be filled in.
    """
    return _completed(tidy_rows(observations))


def tidy_rows(observations: "pd.DataFrame | xr.Dataset") -> pd.DataFrame:
    """The rows of a frame or cube as they are; ``InputError`` when one of the four columns that nobody can fill in lacks."""
    rows = observations if isinstance(observations, pd.DataFrame) else _rows_of_cube(observations)
    lacking = [name for name in ("site_id", "time", "indicator", "value") if name not in rows.columns]
    if lacking:
        raise InputError(
            f"监测数据缺少列 {'、'.join(lacking)}",
            why=f"已有：{'、'.join(map(str, rows.columns))}",
            todo="补上这些列",
        )
    return rows


def _completed(rows: pd.DataFrame) -> pd.DataFrame:
    defaults = {"censored": False, "qualifier": "", "source_row": np.arange(len(rows))}
    filled = {name: value for name, value in defaults.items() if name not in rows.columns}
    if "site_name" not in rows.columns:
        filled["site_name"] = rows["site_id"]
    return _without_impossible(rows.assign(**filled) if filled else rows)


def _without_impossible(rows: pd.DataFrame) -> pd.DataFrame:
    value = rows["value"].to_numpy(dtype=float)
    below = (value < 0) & (rows["indicator"] != "temp").to_numpy()
    impossible = below | np.isinf(value)
    if not impossible.any():
        return rows
    return rows.assign(
        value=rows["value"].mask(impossible), qualifier=rows["qualifier"].mask(impossible, IMPOSSIBLE)
    )


def _rows_of_cube(cube: Any) -> pd.DataFrame:
    sites = np.asarray(cube[SITE_DIM].values).astype(str)
    times = pd.to_datetime(cube[TIME_DIM].values)
    codes = [str(name) for name in cube.data_vars if not str(name).endswith(_FLAG)]
    parts = [_rows_of(cube, code, sites, times) for code in codes]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["site_id", "time"])
    extra = {
        str(name): pd.Series(np.asarray(coordinate.values), index=sites)
        for name, coordinate in cube.coords.items()
        if coordinate.dims == (SITE_DIM,) and name != SITE_DIM
    }
    return rows.assign(**{name: rows["site_id"].map(values) for name, values in extra.items()})


def _rows_of(
    cube: Any, code: str, sites: "np.ndarray[Any, np.dtype[np.str_]]", times: pd.DatetimeIndex
) -> pd.DataFrame:
    values = cube[code].transpose(SITE_DIM, TIME_DIM).to_numpy().astype(float).ravel()
    flag = f"{code}{_FLAG}"
    flags = cube[flag].transpose(SITE_DIM, TIME_DIM).to_numpy().ravel() if flag in cube else False
    return pd.DataFrame(
        {
            "site_id": np.repeat(sites, len(times)),
            "time": np.tile(times.to_numpy(), len(sites)),
            "indicator": code,
            "value": values,
            "censored": flags,
        }
    )
