"""Where a point given in GCJ-02 (Amap, Tencent) or BD-09 (Baidu) lies in CGCS2000, and the other way round.

The public formulae imitate the confidential shift; metre-level differences from the vendors' own maps remain. At
Suizhou GCJ-02 points stand 600–626 m and BD-09 points 1 228–1 297 m off. WGS 84 and CGCS2000 agree to decimetres.
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from suizhou_geo.errors import InputError

Floats = npt.NDArray[np.float64]
Pair = tuple[Floats, Floats]

#: Datums of layers; the unshifted ones agree to decimetres.
UNSHIFTED_DATUMS = ("CGCS2000", "WGS84")
DATUMS = (*UNSHIFTED_DATUMS, "GCJ-02", "BD-09")

# Krasovsky 1940, as the public formulae use it.
_SEMI_MAJOR, _ECCENTRICITY_SQUARED = 6378245.0, 0.00669342162296594323
#: The shift is the identity outside this box.
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_BAIDU = np.pi * 3000 / 180
#: The inverse converges by a factor of about a thousand at each step; this is beyond double precision.
_STEPS = 8


def to_cgcs2000(longitude: npt.ArrayLike, latitude: npt.ArrayLike, *, datum: str) -> Pair:
    """Longitude and latitude in CGCS2000 of points given in ``datum``, in degrees, same shape.

    The inverse of the shift is found by iteration, to numerical precision.

    >>> longitude, latitude = to_cgcs2000([113.3895182], [31.6889269], datum="GCJ-02")
    >>> longitude.round(6).tolist(), latitude.round(6).tolist()
    ([113.3833], [31.6908])

    Raises ``InputError`` for an unknown datum.
    """
    return _convert(longitude, latitude, datum=datum, shifts=_BACK)


def from_cgcs2000(longitude: npt.ArrayLike, latitude: npt.ArrayLike, *, datum: str) -> Pair:
    """Longitude and latitude in ``datum`` of CGCS2000 points, in degrees, same shape. For display only.

    >>> longitude, latitude = from_cgcs2000(113.3833, 31.6908, datum="BD-09")
    >>> float(longitude.round(7)), float(latitude.round(7))
    (113.3959457, 31.6952195)
    """
    return _convert(longitude, latitude, datum=datum, shifts=_FORTH)


def _convert(
    longitude: npt.ArrayLike,
    latitude: npt.ArrayLike,
    *,
    datum: str,
    shifts: Mapping[str, Callable[[Floats, Floats], Pair]],
) -> Pair:
    if datum not in DATUMS:
        raise InputError(f"不认识的坐标基准“{datum}”", why=f"可用：{'、'.join(DATUMS)}")
    pair = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
    return shifts[datum](*pair) if datum in shifts else (pair[0].copy(), pair[1].copy())


def _to_gcj02(longitude: Floats, latitude: Floats) -> Pair:
    east, north = _offset(longitude, latitude)
    inside = (longitude >= _WEST) & (longitude <= _EAST) & (latitude >= _SOUTH) & (latitude <= _NORTH)
    return longitude + np.where(inside, east, 0.0), latitude + np.where(inside, north, 0.0)


def _offset(longitude: Floats, latitude: Floats) -> Pair:
    east, north = longitude - 105.0, latitude - 35.0
    common = 0.1 * east * north
    waves = 2 / 3 * (20 * np.sin(6 * np.pi * east) + 20 * np.sin(2 * np.pi * east))
    up = (
        -100 + 2 * east + 3 * north + 0.2 * north**2 + common + 0.2 * np.sqrt(np.abs(east)) + waves
        + 2 / 3 * (20 * np.sin(np.pi * north) + 40 * np.sin(np.pi * north / 3))
        + 2 / 3 * (160 * np.sin(np.pi * north / 12) + 320 * np.sin(np.pi * north / 30))
    )  # fmt: skip
    right = (
        300 + east + 2 * north + 0.1 * east**2 + common + 0.1 * np.sqrt(np.abs(east)) + waves
        + 2 / 3 * (20 * np.sin(np.pi * east) + 40 * np.sin(np.pi * east / 3))
        + 2 / 3 * (150 * np.sin(np.pi * east / 12) + 300 * np.sin(np.pi * east / 30))
    )  # fmt: skip
    phi = np.radians(latitude)
    bend = 1 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    root = np.sqrt(bend)
    return (
        right * 180 / (_SEMI_MAJOR / root * np.cos(phi) * np.pi),
        up * 180 / ((_SEMI_MAJOR * (1 - _ECCENTRICITY_SQUARED)) / (bend * root) * np.pi),
    )


def _gcj02_to_bd09(longitude: Floats, latitude: Floats) -> Pair:
    radius = np.hypot(longitude, latitude) + 0.00002 * np.sin(latitude * _BAIDU)
    angle = np.arctan2(latitude, longitude) + 0.000003 * np.cos(longitude * _BAIDU)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _to_bd09(longitude: Floats, latitude: Floats) -> Pair:
    return _gcj02_to_bd09(*_to_gcj02(longitude, latitude))


def _invert(shift: Callable[[Floats, Floats], Pair]) -> Callable[[Floats, Floats], Pair]:
    def back(longitude: Floats, latitude: Floats) -> Pair:
        east, north = longitude.copy(), latitude.copy()
        for _ in range(_STEPS):
            there_east, there_north = shift(east, north)
            east, north = east + (longitude - there_east), north + (latitude - there_north)
        return east, north

    return back


_FORTH = {"GCJ-02": _to_gcj02, "BD-09": _to_bd09}
_BACK = {datum: _invert(shift) for datum, shift in _FORTH.items()}
