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

from suizhou_geo.errors import CRSError, InputError, UnknownNameError
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
    outlet: tuple[float, float] | str | None = None,
) -> RiverNetwork:
    """The network of lines whose ends lie within ``tolerance`` metres of another line.

    Lines are cut where another one ends on them. A river flows to the end nearest to the river that ``downstream_id``
    (or, without such a column, the name in ``downstream``) tells. Where neither says anything of a river, the line is
    taken as drawn, unless an ``outlet`` is given, as longitude and latitude in the CRS of the layer or as the name of
    the river at whose drawn end the water leaves: then everything connected to it flows towards it, and what is not,
    or is equally far both ways, is undecided and left out.

    Returns
    -------
    RiverNetwork
        ``report`` has ``problem`` 缺口已接, 过短未用 (shorter than the tolerance), 方向已反转, 按绘制方向, 方向未定,
        方向可疑 (rivers meet and none leaves, or several leave and none arrives), 辫状 (two ways between the same
        places; both are kept, distances take the shorter) and 孤立.

    Raises
    ------
    CRSError
        The layer has no CRS, or ``metric_crs`` is not in metres.
    InputError
        The directions make a circle, whose rivers are named.
    UnknownNameError
        No river has the name of the ``outlet``.
    """
    if rivers.crs is None:
        raise CRSError("河流图层没有坐标系", why="没有坐标系就无法量距离", todo="写明坐标系后再建河网")
    check_metric(metric_crs)
    lines = rivers.to_crs(metric_crs).explode(index_parts=False)
    lines = lines[lines.geometry.geom_type.eq("LineString") & (lines.length > 0)]
    report: list[dict[str, Any]] = []
    pieces = _cut(lines, tolerance=tolerance)
    pieces = _joined(pieces, tolerance=tolerance, report=report)
    point = None if outlet is None else _outlet_point(outlet, lines, rivers)
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
    _tell_doubtful(graph, pieces, report)
    _tell_braids(pieces, report)
    _tell_isolated(graph, pieces, report)
    return RiverNetwork(graph, pieces, pd.DataFrame(report, columns=list(REPORT_COLUMNS)), metric_crs)


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
    short = found["start"] == found["end"]
    report += [
        _line_of(row, "过短未用", row["length"], "两端在容差之内，并为一处")
        for _, row in found[short].iterrows()
    ]
    return found[~short].reset_index(drop=True)


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
    below, ids = _told_mouths(lines)
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


def _told_mouths(lines: gpd.GeoDataFrame) -> tuple[pd.Series | None, np.ndarray]:
    # What each line says that it flows into, and the keys by which it says it.
    if "downstream_id" in lines.columns:
        ids = lines["site_id"] if "site_id" in lines.columns else lines.index.to_series()
        return lines["downstream_id"].fillna("").astype(str), ids.astype(str).to_numpy()
    if {"downstream", "name"} <= set(lines.columns):
        return lines["downstream"].fillna("").astype(str), lines["name"].fillna("").astype(str).to_numpy()
    return None, np.full(len(lines), "")


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


def _tell_doubtful(graph: nx.DiGraph, pieces: gpd.GeoDataFrame, report: list[dict[str, Any]]) -> None:
    into, out = pieces.groupby("end").size(), pieces.groupby("start").size()
    for node in graph.nodes:
        arrive, leave = int(into.get(node, 0)), int(out.get(node, 0))
        if (arrive > 1 and not leave) or (leave > 1 and not arrive):
            here = pieces[(pieces["start"] == node) | (pieces["end"] == node)]
            names = "、".join(map(str, here["river"].unique()))
            note = "汇合后没有去向" if arrive else "只有流出，没有来水"
            report.append(_line_of(here.iloc[0], "方向可疑", 0.0, f"{names}：{note}"))


def _tell_braids(pieces: gpd.GeoDataFrame, report: list[dict[str, Any]]) -> None:
    plain = nx.MultiGraph(list(zip(pieces["start"], pieces["end"], strict=True)))
    double = {frozenset(edge) for *edge, number in plain.edges if number}
    rings = [set(ring) for ring in nx.cycle_basis(nx.Graph(plain))] + [set(ends) for ends in double]
    for ring in rings:
        inside = pieces[pieces["start"].isin(ring) & pieces["end"].isin(ring)]
        names = "、".join(map(str, inside["river"].unique()))
        report.append(
            _line_of(inside.iloc[0], "辫状", inside["length"].max(), f"{names}：同样两处之间不止一条水路")
        )


def _tell_isolated(graph: nx.DiGraph, pieces: gpd.GeoDataFrame, report: list[dict[str, Any]]) -> None:
    parts: Sequence[set[int]] = sorted(nx.weakly_connected_components(graph), key=len, reverse=True)
    for part in parts[1:]:
        inside = pieces[pieces["start"].isin(part)]
        for river in inside["river_id"].unique():
            row = inside[inside["river_id"] == river].iloc[0]
            report.append(_line_of(row, "孤立", 0.0, "与最大的河网不相连"))


def _outlet_point(
    outlet: tuple[float, float] | str, lines: gpd.GeoDataFrame, rivers: gpd.GeoDataFrame
) -> Any:
    if isinstance(outlet, str):
        named = (
            lines[lines["name"].fillna("").astype(str) == outlet] if "name" in lines.columns else lines[:0]
        )
        if named.empty:
            known = (
                "、".join(map(str, lines["name"].dropna().unique()[:20]))
                if "name" in lines.columns
                else "无名称"
            )
            raise UnknownNameError(f"没有河流 {outlet}", why=f"有：{known}", todo="换一个河名，或给出经纬度")
        return shapely.get_point(max(named.geometry, key=lambda line: line.length), -1)
    return (
        gpd.GeoSeries(gpd.points_from_xy([outlet[0]], [outlet[1]]), crs=rivers.crs).to_crs(lines.crs).iloc[0]
    )


def _line_of(row: pd.Series, problem: str, metres: float, note: str) -> dict[str, Any]:
    return {
        "river_id": row["river_id"],
        "river": row["river"],
        "problem": problem,
        "distance_m": round(metres, 1),
        "note": note,
    }
