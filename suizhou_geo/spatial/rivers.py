"""A river network from imperfect lines: joined where they nearly meet, directed, and told where that was needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree
from shapely.ops import substring

from suizhou_geo.errors import CRSError, InputError
from suizhou_geo.spatial.overlay import check_metric

#: What was found wrong with a line, as the report says it.
REPORT_COLUMNS = ("river_id", "river", "problem", "distance_m", "note")

#: Metres below which two ends are the same point.
_SAME = 0.01


@dataclass(frozen=True)
class RiverNetwork:
    """Directed reaches between nodes.

    ``graph`` has an edge per reach (``reach``, ``length`` in metres); ``reaches`` is a GeoDataFrame by reach number with
    ``river_id, river, start, end, length`` and the line in its direction of flow, in ``crs``; ``report`` lists what was
    mended or left open; undecided reaches are in the report only.
    """

    graph: nx.DiGraph
    reaches: gpd.GeoDataFrame
    report: pd.DataFrame
    crs: str

    def metres_to(self, node: int) -> dict[int, float]:
        """Metres along the rivers from every node upstream of ``node`` down to it."""
        found: dict[int, float] = nx.single_source_dijkstra_path_length(
            self.graph.reverse(copy=False), node, weight="length"
        )
        return found

    def metres_from(self, node: int) -> dict[int, float]:
        """Metres along the rivers from ``node`` down to every node below it."""
        found: dict[int, float] = nx.single_source_dijkstra_path_length(self.graph, node, weight="length")
        return found


def build_river_network(
    rivers: gpd.GeoDataFrame,
    *,
    metric_crs: str,
    tolerance: float = 100.0,
    outlet: tuple[float, float] | None = None,
) -> RiverNetwork:
    """The network of lines whose ends lie within ``tolerance`` metres of another line.

    Lines are cut where another one ends on them. A river flows to the end nearest to the river that ``downstream_id``
    names. Where the layer has no such column, or it is empty for a river, the line is taken as drawn, unless an
    ``outlet`` (longitude and latitude in the CRS of the layer) is given: then everything connected to it flows towards
    it, and what is not, or is equally far both ways, is undecided.

    Returns
    -------
    RiverNetwork
        ``report`` has ``problem`` 缺口已接, 方向已反转, 按绘制方向, 方向未定, 孤立.

    Raises
    ------
    CRSError
        The layer has no CRS, or ``metric_crs`` is not in metres.
    InputError
        The directions make a circle, whose rivers are named.
    """
    if rivers.crs is None:
        raise CRSError("河流图层没有坐标系", why="没有坐标系就无法量距离", todo="写明坐标系后再建河网")
    check_metric(metric_crs)
    lines = rivers.to_crs(metric_crs).explode(index_parts=False)
    lines = lines[lines.geometry.geom_type.eq("LineString") & (lines.length > 0)]
    report: list[dict[str, Any]] = []
    pieces = _cut(lines, tolerance=tolerance)
    pieces = _joined(pieces, tolerance=tolerance, report=report)
    point = None if outlet is None else _metric_point(outlet, rivers, metric_crs)
    pieces = _directed(pieces, lines, outlet=point, report=report)
    graph = nx.DiGraph()
    graph.add_nodes_from(
        range(int(max(pieces["start"].max(), pieces["end"].max(), -1)) + 1 if len(pieces) else 0)
    )
    for reach, row in pieces.iterrows():
        # Of two braids between the same nodes the shorter one carries the way.
        known = graph.get_edge_data(row["start"], row["end"])
        if known is None or row["length"] < known["length"]:
            graph.add_edge(row["start"], row["end"], reach=reach, length=row["length"])
    _refuse_circles(graph, pieces)
    _tell_isolated(graph, pieces, report)
    return RiverNetwork(graph, pieces, pd.DataFrame(report, columns=list(REPORT_COLUMNS)), metric_crs)


def snap_sites(network: RiverNetwork, *, sites: gpd.GeoDataFrame, tolerance: float) -> pd.DataFrame:
    """Where sites lie on the network: the nearest reach, a reach of the river that the site names before any other.

    Returns
    -------
    DataFrame
        By ``site_id``: ``reach`` (−1 where no river lies within ``tolerance`` metres), ``along_m`` from the upper end,
        ``snap_m``, ``alternatives`` (other rivers within the tolerance) and ``ambiguous``: one of them lies less than
        twice as far.
    """
    if sites.crs is None:
        raise CRSError("点图层没有坐标系", why="没有坐标系就无法找到河段", todo="写明坐标系")
    places = sites.to_crs(network.crs).geometry.representative_point()
    named = sites["river"].fillna("").astype(str) if "river" in sites.columns else pd.Series("", sites.index)
    tree = shapely.STRtree(network.reaches.geometry.to_numpy())
    rows = [
        _snapped(network, tree, place, river, tolerance=tolerance)
        for place, river in zip(places, named, strict=True)
    ]
    return pd.DataFrame(rows, index=sites.index.rename("site_id"))


def _snapped(
    network: RiverNetwork, tree: shapely.STRtree, place: Any, river: str, *, tolerance: float
) -> dict[str, Any]:
    near = tree.query(place, predicate="dwithin", distance=tolerance)
    if not len(near):
        return {"reach": -1, "along_m": np.nan, "snap_m": np.nan, "alternatives": "", "ambiguous": False}
    rows = network.reaches.iloc[near]
    metres = rows.distance(place)
    own = rows["river"].map(lambda name: bool(river) and bool(name) and (river in name or name in river))
    reach = (metres[own] if own.any() else metres).idxmin()
    other = rows["river_id"] != rows.at[reach, "river_id"]
    rivals = metres[other].groupby(rows.loc[other, "river"]).min()
    return {
        "reach": int(reach),
        "along_m": float(rows.geometry[reach].project(place)),
        "snap_m": float(metres[reach]),
        "alternatives": "、".join(map(str, rivals.index)),
        "ambiguous": bool((rivals < 2 * metres[reach]).any()) and not own.any(),
    }


def _cut(lines: gpd.GeoDataFrame, *, tolerance: float) -> gpd.GeoDataFrame:
    # Every line in pieces, cut where another one ends on or near it.
    shapes = lines.geometry.to_numpy()
    ends = np.concatenate([shapely.get_point(shapes, 0), shapely.get_point(shapes, -1)])
    owner = np.tile(np.arange(len(shapes)), 2)
    if not len(shapes):
        return gpd.GeoDataFrame({"river_id": [], "river": [], "line": []}, geometry=[], crs=lines.crs)
    end, line = shapely.STRtree(shapes).query(ends, predicate="dwithin", distance=tolerance)
    other = owner[end] != line
    end, line = end[other], line[other]
    along = shapely.line_locate_point(shapes[line], ends[end])
    inner = (along > tolerance) & (along < shapely.length(shapes[line]) - tolerance)
    rows = []
    for number, shape in enumerate(shapes):
        cuts = [0.0, *sorted(set(along[inner & (line == number)])), shape.length]
        rows += [(number, substring(shape, low, high)) for low, high in pairwise(cuts) if high > low]
    kept = [number for number, _ in rows]
    ids = lines["site_id"].astype(str) if "site_id" in lines.columns else lines.index.astype(str)
    names = lines["name"].fillna("").astype(str) if "name" in lines.columns else ids
    return gpd.GeoDataFrame(
        {"river_id": np.asarray(ids)[kept], "river": np.asarray(names)[kept], "line": kept},
        geometry=[piece for _, piece in rows],
        crs=lines.crs,
    )


def _joined(pieces: gpd.GeoDataFrame, *, tolerance: float, report: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    # Ends within the tolerance become one node; a gap that had to be closed is told.
    shapes = pieces.geometry.to_numpy()
    places = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(shapes, end)).reshape(-1, 2) for end in (0, -1)]
    )
    tree = KDTree(places)
    near = tree.sparse_distance_matrix(tree, tolerance)
    nodes = connected_components(near + near.T, directed=False)[1] if len(places) else np.empty(0, dtype=int)
    # Two ends at one place have distance 0, which a sparse matrix does not hold.
    same = (
        KDTree(places).query_pairs(_SAME, output_type="ndarray")
        if len(places)
        else np.empty((0, 2), dtype=int)
    )
    for one, two in same:
        nodes[nodes == nodes[two]] = nodes[one]
    nodes = np.unique(nodes, return_inverse=True)[1]
    count = len(pieces)
    for number in range(count):
        for end in (number, number + count):
            others = np.flatnonzero(nodes == nodes[end])
            gap = np.hypot(*(places[others] - places[end]).T).max(initial=0.0)
            if gap > _SAME and end == others[0]:
                row = pieces.iloc[number]
                report.append(_line_of(row, "缺口已接", gap, "端点没有落在同一处"))
    found = pieces.assign(start=nodes[:count], end=nodes[count:], length=shapely.length(shapes))
    return found[found["start"] != found["end"]].reset_index(drop=True)


def _directed(
    pieces: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, *, outlet: Any, report: list[dict[str, Any]]
) -> gpd.GeoDataFrame:
    turned = _by_attribute(pieces, lines, report) if outlet is None else _by_outlet(pieces, outlet, report)
    kept = pieces[turned != 0].copy()
    back = turned[turned != 0] < 0
    kept.loc[back, ["start", "end"]] = kept.loc[back, ["end", "start"]].to_numpy()
    kept.loc[back, "geometry"] = kept.loc[back, "geometry"].reverse()
    return kept.reset_index(drop=True)


def _by_attribute(
    pieces: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, report: list[dict[str, Any]]
) -> np.ndarray:
    # 1 as drawn, -1 turned round.
    turned = np.ones(len(pieces), dtype=int)
    below = lines["downstream_id"].fillna("").astype(str) if "downstream_id" in lines.columns else None
    ids = lines["site_id"].astype(str).to_numpy() if "site_id" in lines.columns else lines.index.astype(str)
    for number in sorted(set(pieces["line"])):
        own = np.flatnonzero(pieces["line"] == number)
        row, shape = pieces.iloc[own[0]], lines.geometry.iloc[number]
        named = "" if below is None else below.iloc[number]
        target = np.flatnonzero((ids == named) & (named != ""))
        if not len(target):
            report.append(_line_of(row, "按绘制方向", 0.0, "没有写明流入哪条河"))
            continue
        mouth = lines.geometry.iloc[target].union_all()
        first, last = (shapely.get_point(shape, end).distance(mouth) for end in (0, -1))
        if first < last:
            turned[own] = -1
            report.append(_line_of(row, "方向已反转", 0.0, "起点比终点离所流入的河更近"))
    return turned


def _by_outlet(pieces: gpd.GeoDataFrame, outlet: Any, report: list[dict[str, Any]]) -> np.ndarray:
    plain = nx.Graph()
    for row in pieces.itertuples():
        known = plain.get_edge_data(row.start, row.end)
        plain.add_edge(row.start, row.end, length=min(row.length, known["length"] if known else np.inf))
    if not len(pieces):
        return np.ones(0, dtype=int)
    ends = np.concatenate([shapely.get_point(pieces.geometry.to_numpy(), end) for end in (0, -1)])
    nearest = int(shapely.distance(ends, outlet).argmin())
    node = np.concatenate([pieces["start"], pieces["end"]])[nearest]
    far = nx.single_source_dijkstra_path_length(plain, node, weight="length")
    start, end = (pieces[name].map(far).to_numpy(dtype=float) for name in ("start", "end"))
    turned = np.where(np.isnan(start), 0, np.sign(start - end)).astype(int)
    report += [
        _line_of(pieces.iloc[number], "方向未定", 0.0, "与出口不相连，或两端到出口一样远")
        for number in np.flatnonzero(turned == 0)
    ]
    return turned


def _refuse_circles(graph: nx.DiGraph, pieces: gpd.GeoDataFrame) -> None:
    try:
        circle = nx.find_cycle(graph)
    except nx.NetworkXNoCycle:
        return
    names = [str(pieces.at[graph.edges[edge]["reach"], "river"]) for edge in circle]
    raise InputError(
        f"河网中有环：{'、'.join(dict.fromkeys(names))}",
        why="水不会流回自己的上游",
        todo="改正这些河段的方向，或给出出口",
    )


def _tell_isolated(graph: nx.DiGraph, pieces: gpd.GeoDataFrame, report: list[dict[str, Any]]) -> None:
    parts: Sequence[set[int]] = sorted(nx.weakly_connected_components(graph), key=len, reverse=True)
    for part in parts[1:]:
        inside = pieces[pieces["start"].isin(part)]
        for river in inside["river_id"].unique():
            row = inside[inside["river_id"] == river].iloc[0]
            report.append(_line_of(row, "孤立", 0.0, "与最大的河网不相连"))


def _metric_point(outlet: tuple[float, float], rivers: gpd.GeoDataFrame, metric_crs: str) -> Any:
    return (
        gpd.GeoSeries(gpd.points_from_xy([outlet[0]], [outlet[1]]), crs=rivers.crs).to_crs(metric_crs).iloc[0]
    )


def _line_of(row: pd.Series, problem: str, metres: float, note: str) -> dict[str, Any]:
    return {
        "river_id": row["river_id"],
        "river": row["river"],
        "problem": problem,
        "distance_m": round(metres, 1),
        "note": note,
    }
