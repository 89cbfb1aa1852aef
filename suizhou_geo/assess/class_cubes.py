"""Classes of a whole cube of sections and months at once, for maps, series and sample paths."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.classes import classify_rows, round_items
from suizhou_geo.assess.verdicts import check_choice
from suizhou_geo.assess.water import MODES
from suizhou_geo.conventions import SITE_DIM, TIME_DIM
from suizhou_geo.errors import InputError
from suizhou_geo.standards.rounding import Floats

if TYPE_CHECKING:
    import xarray as xr

#: Sections that are worked on at a time: bounds the memory, however large the cube.
_SITES_AT_ONCE = 256


def classify_cube(cube: "xr.Dataset", *, mode: str = "assessment", standard: str = "auto") -> "xr.DataArray":
    """The class of every site and time: int8 with dims ``(site, time)``, 1…6, 0 where there is no value.

    The worst item decides (22号). In mode ``assessment`` values are rounded first (82号), in ``realtime`` they are not.
    Values below detection count with what stands in the cube; :func:`assess_sections` weighs them.

    Parameters
    ----------
    cube
        One variable per indicator code with dims ``(site, time)``; a coordinate ``water_body`` along ``site``
        (``river``, ``lake``) chooses the row of total phosphorus, rivers where it is absent.
    mode
        ``"assessment"`` or ``"realtime"``.
    standard
        ``"auto"`` takes the edition in force at each time; otherwise the id of an edition.

    Raises
    ------
    InputError
        No variable of the cube can decide a class, or a choice is unknown.

    Examples
    --------
    >>> import xarray as xr
    >>> cube = xr.Dataset({"tp": (("site", "time"), [[0.2004, float("nan")], [0.2004, 0.01]])},
    ...     coords={"site": ["A", "B"], "time": pd.to_datetime(["2021-01-01", "2021-02-01"]),
    ...             "water_body": ("site", ["river", "lake"])})
    >>> classify_cube(cube).values.tolist()
    [[3, 0], [5, 1]]
    >>> classify_cube(cube, mode="realtime").values.tolist()
    [[4, 0], [6, 1]]
    """
    check_choice(mode, MODES, name="mode")
    times = pd.Series(pd.to_datetime(cube[TIME_DIM].values))
    editions = _editions(times, standard=standard)
    classes = np.zeros((cube.sizes[SITE_DIM], cube.sizes[TIME_DIM]), dtype=np.int8)
    for ids, group in editions.groupby(["water", "method", "rounding"], sort=False):
        water, method, rounding = map(standards.find_edition, ids)
        items = [item for item in standards.assessed_items(method, edition=water) if item in cube]
        if not items:
            raise InputError(
                "数据立方体中没有可用于评价类别的项目", why=f"已有：{'、'.join(map(str, cube.data_vars))}"
            )
        part = cube[items].isel({TIME_DIM: group.index.to_numpy()})
        for start in range(0, cube.sizes[SITE_DIM], _SITES_AT_ONCE):
            block = part.isel({SITE_DIM: slice(start, start + _SITES_AT_ONCE)})
            values = _values_of(block, items)
            rounded = round_items(values, items=items, edition=rounding) if mode == "assessment" else values
            lakes = np.repeat(_is_lake(block), len(group))
            found = classify_rows(rounded, items=items, is_lake=lakes, edition=water).worst
            classes[start : start + _SITES_AT_ONCE, group.index] = found.reshape(-1, len(group))
    return (
        cube[items[0]].transpose(SITE_DIM, TIME_DIM).copy(data=classes).rename("class").assign_attrs(units="")
    )


def _editions(times: pd.Series, *, standard: str) -> pd.DataFrame:
    water = (
        standards.editions_by_date("surface-water", dates=times)
        if standard == "auto"
        else pd.Series(standard, index=times.index)
    )
    return pd.DataFrame(
        {
            "water": water,
            "method": standards.editions_by_date("surface-water-method", dates=times, backdate=True),
            "rounding": standards.editions_by_date("surface-water-rounding", dates=times, backdate=True),
        }
    )


def _values_of(block: "xr.Dataset", items: list[str]) -> Floats:
    columns = [block[item].transpose(SITE_DIM, TIME_DIM).to_numpy().astype(float).ravel() for item in items]
    values: Floats = np.column_stack(columns)
    return values


def _is_lake(block: "xr.Dataset") -> np.ndarray:
    if "water_body" not in block.coords:
        return np.zeros(block.sizes[SITE_DIM], dtype=bool)
    found: np.ndarray = np.asarray(block["water_body"].values).astype(str) == "lake"
    return found
