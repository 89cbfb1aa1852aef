"""Where sites lie on the river network: the nearest reach within a tolerance, what else it might be, and a flag."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.errors import CRSError
from suizhou_geo.spatial.rivers import RiverNetwork

_NOWHERE = {"reach": -1, "along_m": np.nan, "snap_m": np.nan, "alternatives": "", "ambiguous": False}

#: Another river less than this many times as far might as well be meant.
_RIVAL = 2.0


def snap_sites(network: RiverNetwork, *, sites: gpd.GeoDataFrame, tolerance: float) -> pd.DataFrame:
    """Where sites lie on the network: the nearest reach, a reach of the river that the site names before any other.

    Returns
    -------
    DataFrame
        By ``site_id``: ``reach`` (−1 where no river lies within ``tolerance`` metres: listed, not snapped), ``along_m``
        from the upper end, ``snap_m``, ``alternatives`` (other rivers within the tolerance) and ``ambiguous``: one of
        them lies less than twice as far, and the site names none.

    Raises
    ------
    CRSError
        The sites have no CRS.
    """
    if sites.crs is None:
        raise CRSError("点图层没有坐标系", why="没有坐标系就无法找到河段", todo="写明坐标系")
    places = sites.to_crs(network.crs).geometry.representative_point().to_numpy()
    named = (
        sites["river"].fillna("").astype(str).to_numpy() if "river" in sites.columns else [""] * len(sites)
    )
    shapes = network.reaches.geometry.to_numpy()
    place, reach = shapely.STRtree(shapes).query(places, predicate="dwithin", distance=tolerance)
    metres = shapely.distance(places[place], shapes[reach])
    rivers = network.reaches[["river_id", "river"]].astype(str).to_numpy()
    near: list[list[int]] = [[] for _ in range(len(places))]
    for pair, number in enumerate(place):
        near[number].append(pair)
    rows = []
    for number, pairs in enumerate(near):
        row = _chosen(reach[pairs], metres[pairs], rivers, named[number]) if pairs else dict(_NOWHERE)
        if pairs:
            row["along_m"] = float(shapely.line_locate_point(shapes[row["reach"]], places[number]))
        rows.append(row)
    return pd.DataFrame(rows, index=sites.index.rename("site_id"), columns=list(_NOWHERE))


def _chosen(reaches: np.ndarray, metres: np.ndarray, rivers: np.ndarray, named: str) -> dict[str, Any]:
    names = rivers[reaches, 1]
    own = np.array([bool(named) and bool(name) and (named in name or name in named) for name in names])
    pick = int(np.where(own, metres, np.inf).argmin()) if own.any() else int(metres.argmin())
    rivals: dict[str, float] = {}
    for name, river, far in zip(names, rivers[reaches, 0], metres, strict=True):
        if river != rivers[reaches[pick], 0]:
            rivals[name] = min(far, rivals.get(name, np.inf))
    close = any(far < _RIVAL * metres[pick] for far in rivals.values())
    return {
        **_NOWHERE,
        "reach": int(reaches[pick]),
        "snap_m": float(metres[pick]),
        "alternatives": "、".join(sorted(rivals)),
        "ambiguous": bool(close and not own.any()),
    }
