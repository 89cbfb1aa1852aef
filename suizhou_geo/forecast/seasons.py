"""Steps of time laid out by season, so that only values of the same season are compared."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
import xarray as xr

from suizhou_geo.errors import InputError
from suizhou_geo.forecast.pairs import Floats
from suizhou_geo.forecast.series import check_option

SEASONS = ("month", "quarter")

T = TypeVar("T", bound=np.generic)


def seasons_of(time: xr.DataArray, seasons: str | int) -> tuple[npt.NDArray[np.intp], Floats]:
    if isinstance(seasons, int):
        if time.dtype.kind == "M" or seasons < 2:
            raise InputError(
                f"季节数 {seasons} 与时间不符", why="日期的季节用 month 或 quarter", todo="改正 seasons"
            )
        steps = np.floor(time.to_numpy().astype(float)).astype(np.intp)
        return steps % seasons, (steps // seasons).astype(np.float64)
    check_option(seasons, SEASONS)
    if time.dtype.kind != "M":
        raise InputError(
            "时间不是日期", why="按月、季比较需要日期", todo="用日期作时间，或给出一年的步数，如 seasons=12"
        )
    part = time.dt.month if seasons == "month" else time.dt.quarter
    return part.to_numpy().astype(np.intp), time.dt.year.to_numpy().astype(np.float64)


def lay_out(season: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The places of every season's steps, shape (season, step); −1, one beyond the last, fills the shorter ones."""
    groups = [np.flatnonzero(season == each) for each in np.unique(season)]
    length = max(map(len, groups), default=0)
    return np.array([[*group, *[-1] * (length - len(group))] for group in groups], dtype=np.intp)


def arrange(array: npt.NDArray[T], layout: npt.NDArray[np.intp], empty: object) -> npt.NDArray[T]:
    # Shape (season, step, series); a season with fewer steps ends in empty ones.
    padded = np.concatenate([array.T, np.full((1, len(array)), empty, dtype=array.dtype)])
    return np.ascontiguousarray(padded[layout])
