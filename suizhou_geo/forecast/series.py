"""Data of any shape as one block of series: values, flags and times, and the way back to labelled arrays."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from suizhou_geo.conventions import TIME_DIM
from suizhou_geo.errors import InputError
from suizhou_geo.forecast.pairs import Bools, Floats


@dataclass(frozen=True)
class Series:
    """``values`` and ``censored`` of shape (series, time), and the coordinates of the dims before the time."""

    values: Floats
    censored: Bools
    time: xr.DataArray
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    coords: Mapping[str, npt.NDArray[np.generic]]

    def unstack(self, columns: Mapping[str, npt.NDArray[np.generic]]) -> xr.Dataset:
        """Columns of shape (series,) as variables with the dims of the data."""
        variables = {name: (self.dims, column.reshape(self.shape)) for name, column in columns.items()}
        return xr.Dataset(variables, coords={name: (name, labels) for name, labels in self.coords.items()})


def as_series(data: xr.DataArray | xr.Dataset, *, censored: xr.DataArray | None = None) -> Series:
    """All series of an array or of a cube, whose variables become the dim ``indicator``.

    A cube has one variable per indicator and beside it, if there are values below detection, ``<code>_censored``;
    of an array they are given by ``censored``. Infinite values are no values.

    Raises ``InputError`` when it is no array with dims, there is no time, a time stands there twice or is not known, or values are no numbers.
    """
    if not isinstance(data, xr.DataArray | xr.Dataset):
        # Typed away, but a list is what a notebook tries first.
        raise InputError(
            f"数据不是带维度的数组（{type(data).__name__}）",
            why="时间要写明，趋势才有单位",
            todo='写成 xarray.DataArray(数值, dims="time", coords={"time": 日期})，或用 files.observation_cube',
        )
    if isinstance(data, xr.Dataset):
        data, censored = _stack_cube(data)
    if TIME_DIM not in data.dims:
        raise InputError(
            f"数据没有维度 {TIME_DIM}",
            why=f"已有：{'、'.join(map(str, data.dims))}",
            todo="把时间维命名为 time",
        )
    if data.dtype.kind not in "fiu":
        raise InputError(f"数据不是数值（{data.dtype}）", todo="先用 files.read_observations 读取并整理")
    time = data[TIME_DIM]
    _check_times(time)
    others = tuple(str(dim) for dim in data.dims if dim != TIME_DIM)
    ordered = data.transpose(*others, TIME_DIM).sortby(TIME_DIM)
    values = ordered.to_numpy().astype(np.float64).reshape(-1, len(time))
    values = np.where(np.isfinite(values), values, np.nan)
    flags = np.zeros(values.shape, dtype=bool)
    if censored is not None:
        ordered_flags = censored.transpose(*others, TIME_DIM).sortby(TIME_DIM).fillna(False)
        flags = ordered_flags.to_numpy().astype(bool).reshape(values.shape)
    coords = {dim: data[dim].to_numpy() for dim in others if dim in data.coords}
    return Series(
        values,
        flags & np.isfinite(values),
        ordered[TIME_DIM],
        others,
        tuple(ordered.sizes[dim] for dim in others),
        coords,
    )


def decimal_years(time: xr.DataArray) -> Floats:
    """Times as years with decimals; months that are dated on their first day are twelfths; numbers stay as they are.

    >>> decimal_years(xr.DataArray(np.array(["2021-01-01", "2021-04-01"], dtype="datetime64[ns]"), dims="time"))
    array([2021.  , 2021.25])
    """
    if time.dtype.kind != "M":
        return time.to_numpy().astype(np.float64)
    moments = time.dt
    year = moments.year.to_numpy()
    if (moments.day == 1).all() and (moments.hour == 0).all():
        return year + (moments.month.to_numpy() - 1) / 12
    length = np.where(moments.is_leap_year, 366, 365)
    found: Floats = year + (moments.dayofyear.to_numpy() - 1 + moments.hour.to_numpy() / 24) / length
    return found


def _stack_cube(cube: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    codes = [
        str(name)
        for name in cube.data_vars
        if not str(name).endswith("_censored") and TIME_DIM in cube[name].dims
    ]
    if not codes:
        raise InputError("数据集中没有随时间变化的变量", todo="用 files.observation_cube 生成")
    values = xr.concat(
        [cube[code].astype(float) for code in codes], dim="indicator", coords="minimal", compat="override"
    )
    flags = [cube.get(f"{code}_censored", xr.zeros_like(cube[code], dtype=bool)) for code in codes]
    stacked = xr.concat(flags, dim="indicator", coords="minimal", compat="override")
    labels = {"indicator": codes}
    order = [dim for dim in values.dims if dim not in {"indicator", TIME_DIM}]
    return (
        values.assign_coords(labels).transpose(*order, "indicator", TIME_DIM),
        stacked.assign_coords(labels).transpose(*order, "indicator", TIME_DIM),
    )


def _check_times(time: xr.DataArray) -> None:
    moments = time.to_numpy()
    if time.dtype.kind not in "Mfiu":
        raise InputError(f"时间不是日期或数值（{time.dtype}）", todo="用 pandas.to_datetime 转换后重试")
    missing = np.isnat(moments) if time.dtype.kind == "M" else ~np.isfinite(moments.astype(float))
    if missing.any():
        raise InputError(f"{int(missing.sum())} 个时间是空的", todo="去掉没有时间的记录")
    if len(np.unique(moments)) < len(moments):
        raise InputError(
            "时间有重复", why="每个序列每个时间只能有一个值", todo="先按月求均值，或去掉重复记录"
        )


def check_option(value: str, choices: tuple[str, ...]) -> None:
    """Raise ``InputError`` unless the value is one of the choices."""
    if value not in choices:
        raise InputError(f"选项“{value}”未知", why=f"可选：{'、'.join(choices)}")
