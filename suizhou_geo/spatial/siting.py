"""Where to put stations on the rivers: which share of the load each candidate sees, and the best few together."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from suizhou_geo.errors import InputError
from suizhou_geo.spatial.overlay import check_metres
from suizhou_geo.spatial.rivers import RiverNetwork
from suizhou_geo.spatial.snapping import snap_sites
from suizhou_geo.spatial.transport import river_metres

SITING_COLUMNS = (
    "site_id", "site_name", "river", "rank", "share", "load", "sources", "chosen", "own_share", "snap_m", "note",
)  # fmt: skip


def site_stations(
    network: RiverNetwork,
    *,
    candidates: gpd.GeoDataFrame,
    sources: gpd.GeoDataFrame,
    count: int,
    reach: float,
    tolerance: float = 3000.0,
) -> pd.DataFrame:
    """Candidates by the share of the load that flows past them, and the ``count`` that cover most together.

    A candidate covers a source that lies upstream of it, no farther along the rivers than ``reach`` metres: from farther
    away a small load is not to be seen. The choice is the maximal-coverage problem, solved exactly.

    Parameters
    ----------
    candidates, sources
        Points with index ``site_id`` and a CRS; ``sources`` has ``load`` (any one unit); those without one have no
        weight and are counted in ``attrs``.
    count
        How many stations are to be chosen.
    reach, tolerance
        Metres along the rivers, and metres from a river beyond which a site is not on it.

    Returns
    -------
    DataFrame
        Columns ``SITING_COLUMNS``, by rank: the ``river`` that a candidate is counted on (``note`` says where that is not
        the one it names, or another one is as near), ``share`` of all load on the rivers that the candidate covers alone, ``load``
        and number of ``sources`` behind it, whether it is ``chosen``, and ``own_share``, which of the chosen it alone
        covers. ``attrs``: ``covered`` (share of the chosen together), ``not_snapped`` (candidates too far from any river),
        ``sources_off``, ``sources_without_load``.

    Raises
    ------
    InputError
        No source on a river has a load, or a count below 1.
    """
    check_metres(reach, "沿河距离")
    if count < 1:
        raise InputError(f"站数 {count} 不合理", why="至少一个", todo="改正 count")
    at_candidates, at_sources = (
        snap_sites(network, sites=each, tolerance=tolerance) for each in (candidates, sources)
    )
    placed, here = at_candidates[at_candidates["reach"] >= 0], at_sources[at_sources["reach"] >= 0]
    known = pd.to_numeric(sources["load"], errors="coerce") if "load" in sources.columns else None
    loads = np.zeros(len(here)) if known is None else known.loc[here.index].fillna(0).to_numpy(dtype=float)
    if not loads.sum() > 0:
        raise InputError(
            "河上的污染源都没有负荷", why="没有负荷就比不出点位", todo="补充 load 列，或换一个项目"
        )
    metres = [river_metres(network, at_sources=here, target=row) for _, row in placed.iterrows()]
    covers = np.array(metres).reshape(len(placed), len(here)) <= reach
    chosen = np.isin(np.arange(len(placed)), choose_sites(covers, loads=loads, count=count))
    alone = covers & (covers[chosen].sum(axis=0) == 1) & chosen[:, None]
    rivers = network.reaches["river"].reindex(placed["reach"]).astype(str).to_numpy()
    names = candidates["site_name"] if "site_name" in candidates.columns else candidates.index.to_series()
    table = pd.DataFrame(
        {
            "site_id": placed.index, "site_name": names.loc[placed.index].to_numpy(), "river": rivers, "share": covers @ loads / loads.sum(),
            "load": covers @ loads, "sources": covers.sum(axis=1), "chosen": chosen, "own_share": alone @ loads / loads.sum(),
            "snap_m": placed["snap_m"].to_numpy(), "note": _doubts(candidates, placed, rivers),
        }
    ).sort_values(["share", "site_id"], ascending=[False, True], kind="stable")  # fmt: skip
    table["rank"] = np.arange(1, len(table) + 1)
    table.attrs = {
        "covered": float(loads[covers[chosen].any(axis=0)].sum() / loads.sum()),
        "not_snapped": at_candidates.index[at_candidates["reach"] < 0].tolist(),
        "sources_off": int((at_sources["reach"] < 0).sum()),
        "sources_without_load": int((loads == 0).sum()),
    }
    return table[list(SITING_COLUMNS)].reset_index(drop=True)


def _doubts(candidates: gpd.GeoDataFrame, placed: pd.DataFrame, rivers: npt.NDArray[np.object_]) -> list[str]:
    named = candidates["river"].fillna("").astype(str) if "river" in candidates.columns else None
    told = []
    for site, river, ambiguous in zip(placed.index, rivers, placed["ambiguous"], strict=True):
        own = "" if named is None else named[site]
        missing = bool(own) and own not in river and river not in own
        told.append(
            f"所写的{own}不在河网中，按{river}计"
            if missing
            else f"也可能在{placed.at[site, 'alternatives']}"
            if ambiguous
            else ""
        )
    return told


def choose_sites(
    covers: npt.NDArray[np.bool_], *, loads: npt.NDArray[np.float64], count: int
) -> npt.NDArray[np.intp]:
    """The rows of ``covers`` (site, source) that together cover the largest load, at most ``count`` of them, sorted.

    Church and ReVelle's maximal covering location problem (1974), by ``scipy.optimize.milp``. Sites that add nothing are
    left out.

    >>> covers = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]], dtype=bool)
    >>> choose_sites(covers, loads=np.array([5.0, 4.0, 4.0, 3.0]), count=2).tolist()
    [0, 2]
    """
    sites, sources = covers.shape
    if sites == 0 or not loads.sum() > 0:
        return np.empty(0, dtype=np.intp)
    # Variables: site taken (whole numbers), source covered (0…1). A source is covered if a site that covers it is taken.
    covered_by = hstack([csr_array(-covers.T.astype(float)), eye_array(sources)])
    taken = np.concatenate([np.ones(sites), np.zeros(sources)])
    # Loads in millionths of the whole: the solver stops at differences of 1e-6.
    worth = np.concatenate([np.zeros(sites), -1e6 * loads / loads.sum()])
    found = milp(
        worth,
        constraints=[LinearConstraint(covered_by, ub=0), LinearConstraint(taken[None, :], ub=count)],
        integrality=taken,
        bounds=(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise InputError("选址求解失败", why=str(found.message), todo="减少候选点位")
    chosen = np.flatnonzero(found.x[:sites] > 0.5)
    weighty = covers & (loads > 0)
    for place in sorted(chosen, key=lambda site: loads[covers[site]].sum()):
        others = chosen[chosen != place]
        if not (weighty[place] & ~weighty[others].any(axis=0)).any():
            chosen = others
    return chosen


def river_mouths(network: RiverNetwork, *, upstream: float = 100.0) -> gpd.GeoDataFrame:
    """The last point of every river before it joins another one or leaves the map: candidates for a station.

    Index ``site_id`` (``M-`` and the river's id), columns ``site_name, river``; ``upstream`` metres above the mouth, so
    that the receiving river is not sampled. CRS of the network.
    """
    reaches = network.reaches
    last = reaches[~reaches["end"].isin(reaches["start"]) | _joins_another(reaches)]
    places = shapely.line_interpolate_point(
        last.geometry.to_numpy(), np.maximum(last["length"].to_numpy() - upstream, 0.0)
    )
    rivers = last["river"].astype(str).to_numpy()
    return gpd.GeoDataFrame(
        {"site_name": [f"{river}河口" for river in rivers], "river": rivers},
        index=pd.Index([f"M-{river}" for river in last["river_id"]], name="site_id"),
        geometry=places,
        crs=network.crs,
    )


def _joins_another(reaches: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    # The river does not go on below the end of this reach, but another one does.
    goes_on = set(zip(reaches["river_id"], reaches["start"], strict=True))
    ends = zip(reaches["river_id"], reaches["end"], strict=True)
    return np.array([each not in goes_on for each in ends], dtype=bool)
