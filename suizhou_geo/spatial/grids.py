"""From points to a grid: kriging and inverse distance, where the data reach, and how likely a limit is exceeded."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from pyproj import CRS
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist
from scipy.special import ndtr
from sklearn.model_selection import GroupKFold

from suizhou_geo.errors import CRSError, InputError
from suizhou_geo.spatial.kriging import solve_kriging
from suizhou_geo.spatial.overlay import check_metric
from suizhou_geo.spatial.variograms import Floats, Variogram, fit_variogram

#: Points below which an interpolation says more of its assumptions than of the data.
FEWEST_POINTS = 10

#: Cells of a grid at the most.
MOST_CELLS = 4_000_000


def krige(
    points: gpd.GeoDataFrame,
    *,
    column: str,
    metric_crs: str,
    cell: float,
    limit: float | None = None,
    logarithms: bool = True,
    model: str = "spherical",
    variogram: Variogram | None = None,
) -> xr.Dataset:
    """Ordinary kriging of a column of points on a grid of square cells.

    With ``logarithms`` everything is computed on them: ``estimate`` is then the median (the exponential of the
    estimate), ``variance`` that of the logarithm. Cells farther from every point than the range of the variogram are
    NaN: the data do not reach there. Points at one place are averaged.

    Parameters
    ----------
    points
        At least ten points with a CRS; no river sections, as a river is not a field.
    column
        Values; rows without one are left out. Above 0 where ``logarithms``.
    metric_crs
        Projected CRS in metres, of the grid too.
    cell
        Width of a cell, metres.
    limit
        Adds ``p_exceed``, the probability that the value at a place lies above it.
    variogram
        Taken as it is; fitted to the points where not given.

    Returns
    -------
    Dataset
        ``estimate, variance`` (and ``p_exceed``), dims ``(northing, easting)``, centres of cells in metres;
        ``attrs``: ``crs, variogram, loo_rmse`` (of the values, points left out one by one) and ``notes``.

    Raises
    ------
    CRSError
        The points have no CRS, or ``metric_crs`` is not one in metres.
    InputError
        Fewer than ten points, river sections, values not above 0, all values equal, or a grid that is too large.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> east, north = random.uniform(0, 20_000, (2, 40))
    >>> points = gpd.GeoDataFrame({"tp": np.exp(east / 20_000)}, geometry=gpd.points_from_xy(east, north), crs="EPSG:4547")
    >>> grid = krige(points, column="tp", metric_crs="EPSG:4547", cell=2000, limit=2.0)
    >>> grid["estimate"].dims, bool(grid["p_exceed"][:, 0].max() < grid["p_exceed"][:, -1].min())
    (('northing', 'easting'), True)
    """
    places, values, notes = _field(points, column=column, metric_crs=metric_crs, logarithms=logarithms)
    fitted = variogram or fit_variogram(places, values, model=model)
    system = solve_kriging(places, values, variogram=fitted)
    easting, northing, cells = _cells(places, cell=cell)
    reached = KDTree(places).query(cells)[0] <= fitted.range
    estimate, variance = np.full((2, len(cells)), np.nan)
    estimate[reached], variance[reached] = system.predict(cells[reached])
    back = np.exp if logarithms else np.asarray
    found = {"estimate": back(estimate), "variance": variance}
    if limit is not None:
        found["p_exceed"] = _exceedance(estimate, variance, limit=_model_limit(limit, logarithms=logarithms))
    left_out, _ = system.leave_one_out()
    rmse = float(np.sqrt(np.mean((back(left_out) - back(values)) ** 2)))
    attrs = {
        "crs": metric_crs, "variogram": fitted, "loo_rmse": rmse, "notes": notes, "method": "普通克里金",
    }  # fmt: skip
    return _grid(found, easting, northing, attrs=attrs)


def idw(
    points: gpd.GeoDataFrame,
    *,
    column: str,
    metric_crs: str,
    cell: float,
    reach: float,
    power: float = 2.0,
    logarithms: bool = True,
) -> xr.Dataset:
    """Inverse distance weighting on a grid: ``estimate`` without any statement of how sure it is.

    Weights are ``distance ** -power`` over all points; cells farther than ``reach`` metres from every point are NaN.
    Arguments, result and errors as :func:`krige`.
    """
    places, values, notes = _field(points, column=column, metric_crs=metric_crs, logarithms=logarithms)
    easting, northing, cells = _cells(places, cell=cell)
    reached = KDTree(places).query(cells)[0] <= reach
    estimate = np.full(len(cells), np.nan)
    estimate[reached] = _inverse_distance(cdist(cells[reached], places), values, power=power)
    between = cdist(places, places)
    np.fill_diagonal(between, np.inf)
    left_out = _inverse_distance(between, values, power=power)
    back = np.exp if logarithms else np.asarray
    rmse = float(np.sqrt(np.mean((back(left_out) - back(values)) ** 2)))
    attrs = {"crs": metric_crs, "loo_rmse": rmse, "notes": notes, "method": "反距离加权"}
    return _grid({"estimate": back(estimate)}, easting, northing, attrs=attrs)


def cross_validate(
    points: gpd.GeoDataFrame,
    *,
    column: str,
    metric_crs: str,
    block: float,
    folds: int = 5,
    logarithms: bool = True,
    model: str = "spherical",
) -> pd.DataFrame:
    """Kriging judged on whole blocks that it has not seen: neighbours of a point left out give it away.

    Points are grouped by squares of ``block`` metres, the squares dealt to ``folds``; for each fold the variogram is
    fitted to, and the estimate made from, the other points.

    Returns
    -------
    DataFrame
        One row per place: ``easting, northing, value, estimate, fold, inside_90`` (whether the 90 % interval holds it).
    """
    places, values, _ = _field(points, column=column, metric_crs=metric_crs, logarithms=logarithms)
    squares = np.unique(np.floor(places / block), axis=0, return_inverse=True)[1].ravel()
    blocks = int(squares.max()) + 1
    if blocks < 2:
        raise InputError(f"{block:g} 米的方块只有一个", why="分块检验至少要两块", todo="减小 block")
    estimate, variance, fold = np.empty((3, len(values)))
    for number, (known, held) in enumerate(GroupKFold(min(folds, blocks)).split(places, groups=squares)):
        fitted = fit_variogram(places[known], values[known], model=model)
        system = solve_kriging(places[known], values[known], variogram=fitted)
        estimate[held], variance[held] = system.predict(places[held])
        fold[held] = number
    back = np.exp if logarithms else np.asarray
    return pd.DataFrame(
        {
            "easting": places[:, 0], "northing": places[:, 1], "value": back(values), "estimate": back(estimate),
            "fold": fold.astype(int), "inside_90": np.abs(values - estimate) <= 1.6449 * np.sqrt(variance),
        }
    )  # fmt: skip


def _field(
    points: gpd.GeoDataFrame, *, column: str, metric_crs: str, logarithms: bool
) -> tuple[Floats, Floats, tuple[str, ...]]:
    # Places and values (their logarithms), one per place.
    if points.crs is None:
        raise CRSError("点图层没有坐标系", why="没有坐标系就无法量距离", todo="写明坐标系后再插值")
    _refuse_rivers(points)
    crs: CRS = check_metric(metric_crs)
    known = points[points[column].notna() & ~points.geometry.is_empty]
    metric = known.geometry.to_crs(crs)
    rows = pd.DataFrame({"easting": metric.x, "northing": metric.y, "value": known[column].astype(float)})
    together = rows.groupby(["easting", "northing"], as_index=False)["value"].mean()
    notes = (f"{len(rows) - len(together)} 个点与别的点同位，取平均",) if len(rows) > len(together) else ()
    if len(together) < FEWEST_POINTS:
        raise InputError(
            f"只有 {len(together)} 个位置有值",
            why=f"插值至少要 {FEWEST_POINTS} 个",
            todo="补充点位，或只标出各点的值",
        )
    values = together["value"].to_numpy()
    if logarithms and (values <= 0).any():
        raise InputError("有值不大于 0", why="按对数插值要求都大于 0", todo="用 logarithms=False，或核对数据")
    return together[["easting", "northing"]].to_numpy(), np.log(values) if logarithms else values, notes


def _refuse_rivers(points: gpd.GeoDataFrame) -> None:
    kinds = set(points["kind"].dropna()) if "kind" in points.columns else set()
    bodies = set(points["water_body"].dropna()) if "water_body" in points.columns else set()
    if "sections" in kinds or "river" in bodies:
        raise InputError(
            "河流断面不能插值成面", why="河流不是场：相邻的两条河互不相通", todo="用河网溯源（trace）"
        )


def _cells(places: Floats, *, cell: float) -> tuple[Floats, Floats, Floats]:
    if not (np.isfinite(cell) and cell > 0):
        raise InputError(f"网格边长 {cell:g} 不合理", why="应大于 0，单位米")
    low, high = places.min(axis=0), places.max(axis=0)
    counts = np.ceil((high - low) / cell).astype(int) + 1
    if counts.prod() > MOST_CELLS:
        raise InputError(
            f"网格有 {counts.prod()} 格", why=f"至多 {MOST_CELLS} 格", todo="加大网格边长，或分区插值"
        )
    easting, northing = (low[axis] + cell * np.arange(counts[axis]) for axis in (0, 1))
    across, up = np.meshgrid(easting, northing)
    return easting, northing, np.column_stack([across.ravel(), up.ravel()])


def _inverse_distance(distances: Floats, values: Floats, *, power: float) -> Floats:
    # At a point itself its own value.
    nearest = distances.min(axis=1, keepdims=True)
    weights = (np.maximum(nearest, 1e-9) / np.maximum(distances, 1e-9)) ** power
    found: Floats = (weights @ values) / weights.sum(axis=1)
    return found


def _model_limit(limit: float, *, logarithms: bool) -> float:
    if logarithms and limit <= 0:
        raise InputError(f"限值 {limit:g} 不合理", why="应大于 0")
    return float(np.log(limit)) if logarithms else limit


def _exceedance(estimate: Floats, variance: Floats, *, limit: float) -> Floats:
    # Where the variance is 0 the value is known.
    spread = np.sqrt(variance)
    chance = ndtr((estimate - limit) / np.where(spread > 0, spread, 1.0))
    found: Floats = np.where(spread > 0, chance, np.where(np.isnan(estimate), np.nan, estimate > limit))
    return found


def _grid(found: dict[str, Any], easting: Floats, northing: Floats, *, attrs: dict[str, Any]) -> xr.Dataset:
    shape = (len(northing), len(easting))
    return xr.Dataset(
        {name: (("northing", "easting"), values.reshape(shape)) for name, values in found.items()},
        coords={"northing": northing, "easting": easting},
        attrs=attrs,
    )
