"""In which projection a layer is measured: the 3-degree Gauss–Krüger zones of CGCS2000."""

import geopandas as gpd
import numpy as np

from suizhou_geo.errors import InputError

#: Degrees of longitude beyond which one zone would stretch lengths by more than two in a thousand.
WIDEST = 9.0


def metric_crs_at(longitude: float) -> str:
    """The EPSG code of the 3-degree CGCS2000 zone, without zone prefix, in which a longitude lies.

    >>> metric_crs_at(113.4), metric_crs_at(121.5)
    ('EPSG:4547', 'EPSG:4549')
    """
    # EPSG 4534 has the central meridian 75°E, 4554 has 135°E.
    return f"EPSG:{4534 + round(longitude / 3) - 25}"


def metric_crs_of(*layers: gpd.GeoDataFrame) -> str:
    """The zone of the middle of some layers in EPSG:4490, of which the first one is measured.

    Raises ``InputError`` where the first layer is too wide to be measured in one zone.

    >>> from shapely import Point
    >>> metric_crs_of(gpd.GeoDataFrame(geometry=[Point(113.4, 31.7)], crs="EPSG:4490"))
    'EPSG:4547'
    """
    first = next((layer for layer in layers if not layer.empty), None)
    if first is None:
        return metric_crs_at(114.0)
    west, _, east, _ = first.total_bounds
    if not np.isfinite([west, east]).all():
        return metric_crs_at(114.0)
    if east - west > WIDEST:
        raise InputError(
            f"图层东西跨 {east - west:.1f} 度，不能在一个投影带里量距离",
            why=f"超过 {WIDEST:g} 度",
            todo="按市或省分开核对",
        )
    return metric_crs_at((west + east) / 2)
