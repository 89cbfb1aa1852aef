"""Observation cubes as tidy rows, so that every assessment takes either."""

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from suizhou_geo.conventions import SITE_DIM, TIME_DIM

if TYPE_CHECKING:
    import xarray as xr

_FLAG = "_censored"


def as_rows(observations: "pd.DataFrame | xr.Dataset") -> pd.DataFrame:
    """Tidy rows of a cube with dims ``(site, time)``; a frame is given back as it is.

    Coordinates along ``site`` other than the site itself (``site_name, water_body, target_class`` …) become columns.

    >>> import xarray as xr
    >>> cube = xr.Dataset({"tp": (("site", "time"), [[0.1, float("nan")]])},
    ...     coords={"site": ["A"], "time": pd.to_datetime(["2021-01-01", "2021-02-01"])})
    >>> as_rows(cube)[["site_id", "indicator", "value"]].values.tolist()[0]
    ['A', 'tp', 0.1]
    """
    if isinstance(observations, pd.DataFrame):
        return observations
    cube: Any = observations
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
    names = extra.pop("site_name", pd.Series(sites, index=sites))
    rows = rows.assign(
        site_name=rows["site_id"].map(names),
        source_row=np.arange(len(rows)),
        **{name: rows["site_id"].map(values) for name, values in extra.items()},
    )
    return cast(pd.DataFrame, rows)


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
            "qualifier": np.where(np.isnan(values), "missing", ""),
        }
    )
