"""Which datum the coordinates of points are in, judged by lines that the points ought to lie on. A proposal only."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from suizhou_geo.coordinates import to_cgcs2000
from suizhou_geo.errors import InputError
from suizhou_geo.spatial.overlay import check_same_crs

#: Fewer points than this prove nothing.
FEWEST_POINTS = 12

#: A shift is proposed if this share of the points comes nearer to the lines, and the middle distance shrinks to less
#: than this part of what it was.
_SHARE_NEARER, _PART_LEFT = 0.8, 0.5

_SHIFTED = ("GCJ-02", "BD-09")
_AS_GIVEN, _UNDECIDED = "CGCS2000", "无法判定"


@dataclass(frozen=True)
class DatumProposal:
    """What the points look like: ``datum`` is CGCS2000 (as given), GCJ-02, BD-09 or 无法判定.

    ``distances`` are the middle distances to the lines in metres, as given and after undoing each shift; ``shares``
    the parts of the points that come nearer. Nothing is moved: the analyst decides and writes ``datum`` down.
    """

    datum: str
    n: int
    distances: dict[str, float]
    shares: dict[str, float]
    reason: str


def propose_datum(
    points: gpd.GeoDataFrame, *, lines: gpd.GeoDataFrame, metric_crs: str, line_error: float
) -> DatumProposal:
    """Whether points look as if taken from a map in GCJ-02 (Amap) or BD-09 (Baidu), by their distances to lines.

    The points ought to lie on the lines: sections on rivers, stakes on a boundary. A shift is proposed when undoing
    it brings four of five points nearer and more than halves the middle distance, down to what the error of the
    lines explains. 无法判定 when there are fewer than twelve points, or when the error of the lines is more than half
    of the shift, which it then hides.

    Parameters
    ----------
    points, lines
        Layers in EPSG:4490; lines may be lines or the outlines of areas.
    metric_crs
        Projected CRS in which distances are measured.
    line_error
        How far the lines may be from the truth, in metres (their stated error).

    Raises
    ------
    CRSError, InputError
        A CRS is absent or differs, or there are no lines.

    Examples
    --------
    >>> from suizhou_geo.coordinates import from_cgcs2000
    >>> steps = np.linspace(0, 12, 60)
    >>> path = np.column_stack([113.2 + 0.02 * steps, 31.6 + 0.03 * np.sin(steps)])
    >>> lines = gpd.GeoDataFrame(geometry=[shapely.LineString(path)], crs="EPSG:4490")
    >>> east, north = from_cgcs2000(path[5:55, 0], path[5:55, 1], datum="GCJ-02")
    >>> points = gpd.GeoDataFrame(geometry=shapely.points(east, north), crs="EPSG:4490")
    >>> propose_datum(points, lines=lines, metric_crs="EPSG:4547", line_error=30).datum
    'GCJ-02'
    >>> propose_datum(points, lines=lines, metric_crs="EPSG:4547", line_error=400).datum
    '无法判定'
    """
    check_same_crs(points, lines)
    if lines.empty:
        raise InputError("没有可比较的线", todo="给出河流或边界图层")
    longitude, latitude = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    # One geometry: a tree over single segments would answer the same question slower for a few hundred points.
    target = shapely.boundary(lines.geometry.array) if _are_areas(lines) else lines.geometry.array
    reference = gpd.GeoSeries(target, crs=lines.crs).to_crs(metric_crs)
    candidates = {_AS_GIVEN: (longitude, latitude)}
    candidates |= {datum: to_cgcs2000(longitude, latitude, datum=datum) for datum in _SHIFTED}
    placed = {
        datum: gpd.GeoSeries(shapely.points(*place), crs=points.crs).to_crs(metric_crs)
        for datum, place in candidates.items()
    }
    distances = {datum: _distances(place, reference) for datum, place in placed.items()}
    middles = {datum: float(np.median(each)) for datum, each in distances.items()}
    shares = {datum: float((distances[datum] < distances[_AS_GIVEN]).mean()) for datum in _SHIFTED}
    shift = {datum: float(placed[datum].distance(placed[_AS_GIVEN]).median()) for datum in _SHIFTED}
    datum, reason = _decide(len(points), middles, shares, shift, line_error)
    return DatumProposal(datum, len(points), middles, shares, reason)


def _decide(
    n: int, middles: dict[str, float], shares: dict[str, float], shift: dict[str, float], line_error: float
) -> tuple[str, str]:
    if n < FEWEST_POINTS:
        return _UNDECIDED, f"只有 {n} 个点，少于 {FEWEST_POINTS} 个"
    smallest = min(shift.values())
    if line_error > smallest / 2:
        return _UNDECIDED, f"参照线误差 {line_error:g} 米，超过偏移量（约 {smallest:.0f} 米）的一半"
    best = min(_SHIFTED, key=lambda datum: middles[datum])
    given, left = middles[_AS_GIVEN], middles[best]
    near_enough = max(3 * line_error, smallest / 6)
    if left < _PART_LEFT * given and shares[best] >= _SHARE_NEARER and left <= near_enough:
        told = f"还原 {best} 后 {shares[best]:.0%} 的点更近，距线中位数由 {given:.0f} 米变为 {left:.0f} 米"
        return best, told
    if given <= near_enough:
        return _AS_GIVEN, f"按原坐标距线中位数 {given:.0f} 米，没有偏移迹象"
    return _UNDECIDED, f"按原坐标距线中位数 {given:.0f} 米，还原任何一种偏移后都不明显贴近"


def _distances(points: gpd.GeoSeries, lines: gpd.GeoSeries) -> npt.NDArray[np.float64]:
    tree = shapely.STRtree(lines.array)
    _, distance = tree.query_nearest(points.array, return_distance=True, all_matches=False)
    found: npt.NDArray[np.float64] = distance
    return found


def _are_areas(lines: gpd.GeoDataFrame) -> bool:
    return bool(lines.geom_type.isin(["Polygon", "MultiPolygon"]).all())
