"""Who could it have been, and who will be reached: suspects upstream of a section, receptors downstream of a site."""

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.errors import InputError, UnknownNameError
from suizhou_geo.spatial.rivers import RiverNetwork, snap_sites
from suizhou_geo.spatial.variograms import Floats

TRACE_COLUMNS = ("site_id", "distance_km", "travel_h", "load", "rank", "evidence", "snap_m")

#: Relative error of an observed excess, for how far a suspect's pattern may miss it.
_NOISE = 0.3


def trace_upstream(
    network: RiverNetwork,
    *,
    section: str,
    sections: gpd.GeoDataFrame,
    sources: gpd.GeoDataFrame,
    excess: pd.Series,
    velocity: float,
    decay: float,
    tolerance: float = 3000.0,
) -> pd.DataFrame:
    """Sources upstream of a section, those first whose discharge alone would best explain what all sections saw.

    A source adds to a section below it ``load · exp(-decay · travel time)``; sections that are not below it see
    nothing of it. For each source the strength is fitted to the excesses of all sections (least squares, not below 0).
    Its plausibility is the likelihood of what remains, with an error of 30 % of the largest excess, times its share of
    the loads that would arrive; loads are taken as equal where none is known. A clean section below a source thus
    clears it. This ranks where to look first; it proves nothing.

    Parameters
    ----------
    sections, sources
        Sites with index ``site_id`` and a CRS; ``sources`` may have ``load`` (any one unit) and ``permit_status``.
    excess
        By section: how far its value lies above the background, 0 where it does not; sections not named are unknown.
    velocity, decay
        Metres per second and per day.
    tolerance
        Metres from a river beyond which a site is not on it.

    Returns
    -------
    DataFrame
        ``site_id, distance_km, travel_h, load, rank, plausibility, evidence, snap_m``; ``attrs["not_snapped"]`` holds
        the sources that lie too far from any river.

    Raises
    ------
    UnknownNameError
        There is no such section.
    InputError
        The section lies on no river, or velocity or decay is not possible.
    """
    _check_transport(velocity, decay)
    if section not in sections.index:
        raise UnknownNameError(f"没有断面 {section}", why=f"有：{'、'.join(map(str, sections.index[:20]))}")
    at_sections = snap_sites(network, sites=sections, tolerance=tolerance)
    if at_sections.at[section, "reach"] < 0:
        raise InputError(
            f"断面 {section} 不在河上", why=f"{tolerance:g} 米内没有河流", todo="核对坐标，或加大容差"
        )
    at_sources = snap_sites(network, sites=sources, tolerance=tolerance)
    on_river = at_sources[at_sources["reach"] >= 0]
    seen = [name for name in excess.index if name in at_sections.index and at_sections.at[name, "reach"] >= 0]
    metres = np.array(
        [
            river_metres(network, at_sources=on_river, target=at_sections.loc[name])
            for name in (section, *seen)
        ]
    )
    upstream = np.isfinite(metres[0])
    suspects = on_river[upstream]
    hours = metres[:, upstream] / velocity / 3600
    load = _loads(sources, suspects.index)
    arriving = load * np.exp(-decay * hours / 24)
    patterns = np.where(
        np.isfinite(hours[1:]), np.exp(-decay * np.where(np.isfinite(hours[1:]), hours[1:], 0) / 24), 0.0
    )
    plausibility, explained = _plausibility(patterns, excess.reindex(seen).to_numpy(dtype=float), arriving[0])
    table = pd.DataFrame(
        {
            "site_id": suspects.index,
            "distance_km": metres[0, upstream] / 1000,
            "travel_h": hours[0],
            "load": load if "load" in sources.columns else np.nan,
            "plausibility": plausibility,
            "snap_m": suspects["snap_m"].to_numpy(),
        }
    )
    clean = [name for name in seen if excess[name] <= 0]
    below = pd.DataFrame(np.isfinite(metres[1:, upstream]), index=seen, columns=suspects.index)
    table["evidence"] = [
        _evidence(sources, site, share, below[site], clean, ambiguous)
        for site, share, ambiguous in zip(suspects.index, explained, suspects["ambiguous"], strict=True)
    ]
    table = table.sort_values(
        ["plausibility", "distance_km", "site_id"], ascending=[False, True, True], kind="stable"
    )
    table["rank"] = np.arange(1, len(table) + 1)
    table.attrs["not_snapped"] = at_sources.index[at_sources["reach"] < 0].tolist()
    return table[[*TRACE_COLUMNS, "plausibility"]].reset_index(drop=True)


def trace_downstream(
    network: RiverNetwork,
    *,
    site: str,
    sites: gpd.GeoDataFrame,
    receptors: gpd.GeoDataFrame,
    velocity: float,
    decay: float = 0.0,
    tolerance: float = 3000.0,
) -> pd.DataFrame:
    """What lies below a site on the rivers: distance, time until the water arrives, and what part is left by then.

    The columns are those of :func:`trace_upstream`; ``load`` is the part left, 1 at the site, before any dilution.
    Concentrations need discharge and are not given. Parameters and errors as there.
    """
    _check_transport(velocity, decay)
    if site not in sites.index:
        raise UnknownNameError(f"没有点位 {site}", why=f"有：{'、'.join(map(str, sites.index[:20]))}")
    start = snap_sites(network, sites=sites.loc[[site]], tolerance=tolerance)
    if start["reach"].iloc[0] < 0:
        raise InputError(
            f"点位 {site} 不在河上", why=f"{tolerance:g} 米内没有河流", todo="核对坐标，或加大容差"
        )
    at_receptors = snap_sites(network, sites=receptors.drop(index=site, errors="ignore"), tolerance=tolerance)
    on_river = at_receptors[at_receptors["reach"] >= 0]
    metres = np.array(
        [river_metres(network, at_sources=start, target=row)[0] for _, row in on_river.iterrows()]
    )
    reached = np.isfinite(metres) if len(metres) else np.empty(0, dtype=bool)
    hours = metres[reached] / velocity / 3600
    table = pd.DataFrame(
        {
            "site_id": on_river.index[reached], "distance_km": metres[reached] / 1000, "travel_h": hours,
            "load": np.exp(-decay * hours / 24), "evidence": "在其下游", "snap_m": on_river.loc[reached, "snap_m"].to_numpy(),
        }
    ).sort_values(["travel_h", "site_id"], kind="stable")  # fmt: skip
    table["rank"] = np.arange(1, len(table) + 1)
    table.attrs["not_snapped"] = at_receptors.index[at_receptors["reach"] < 0].tolist()
    return table[list(TRACE_COLUMNS)].reset_index(drop=True)


def river_metres(network: RiverNetwork, *, at_sources: pd.DataFrame, target: pd.Series) -> Floats:
    """Metres along the rivers from snapped places down to a snapped target; infinite where none leads there.

    ``at_sources`` and ``target`` are rows of :func:`snap_sites`.
    """
    reaches = network.reaches
    reach, along = int(target["reach"]), float(target["along_m"])
    to_start = network.metres_to(int(reaches.at[reach, "start"]))
    own = reaches.loc[at_sources["reach"]]
    rest = own["length"].to_numpy() - at_sources["along_m"].to_numpy()
    through = own["end"].map(to_start).fillna(np.inf).to_numpy(dtype=float)
    found = rest + through + along
    same = (at_sources["reach"] == reach).to_numpy()
    ahead = along - at_sources["along_m"].to_numpy()
    return np.where(same, np.where(ahead >= 0, ahead, np.inf), found)


def _plausibility(patterns: Floats, seen: Floats, arriving: Floats) -> tuple[Floats, Floats]:
    # The share of all plausibility that falls to each source, and how much of the excesses each one explains alone.
    if not patterns.shape[1]:
        return np.empty(0), np.empty(0)
    norm = (patterns**2).sum(axis=0)
    strength = np.maximum(patterns.T @ seen, 0) / np.maximum(norm, 1e-300)
    left = ((seen[:, None] - patterns * strength) ** 2).sum(axis=0)
    error = _NOISE * max(seen.max(initial=0.0), 1e-12)
    likelihood = np.exp(-0.5 * (left - left.min()) / error**2) * np.maximum(arriving, 0)
    total = likelihood.sum()
    whole = (seen**2).sum()
    shares = likelihood / total if total > 0 else np.full(len(likelihood), 1 / len(likelihood))
    return shares, np.clip(1 - left / whole, 0, 1) if whole > 0 else np.zeros(len(left))


def _loads(sources: gpd.GeoDataFrame, sites: pd.Index) -> Floats:
    # Equal where none is known at all; a source without a figure counts as the middle one.
    if "load" not in sources.columns or sources["load"].notna().sum() == 0:
        return np.ones(len(sites))
    known = pd.to_numeric(sources["load"], errors="coerce")
    found: Floats = known.fillna(known.median()).loc[sites].to_numpy(dtype=float)
    return found


def _evidence(
    sources: gpd.GeoDataFrame,
    site: object,
    explained: float,
    below: pd.Series,
    clean: list[str],
    ambiguous: bool,
) -> str:
    cleared = [name for name in clean if below[name]]
    permit = str(sources.at[site, "permit_status"]) if "permit_status" in sources.columns else ""
    told = [
        f"单独可解释超标的 {explained:.0%}",
        f"其下游 {'、'.join(cleared)} 未见超标" if cleared else "",
        f"许可状态：{permit}" if permit and permit != "nan" else "",
        "所在河段不确定" if ambiguous else "",
    ]
    return "；".join(filter(None, told))


def _check_transport(velocity: float, decay: float) -> None:
    if not (np.isfinite(velocity) and velocity > 0):
        raise InputError(f"流速 {velocity:g} 不合理", why="应大于 0，单位 m/s", todo="改正 velocity")
    if not (np.isfinite(decay) and decay >= 0):
        raise InputError(f"降解系数 {decay:g} 不合理", why="应不小于 0，单位 1/d", todo="改正 decay")
