"""Who will be reached, when and how strongly: what lies downstream of a site on the river network."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.errors import CRSError, InputError
from suizhou_geo.spatial.likelihoods import Floats
from suizhou_geo.spatial.rivers import RiverNetwork
from suizhou_geo.spatial.snapping import snap_sites
from suizhou_geo.spatial.tracing import TRACE_COLUMNS, snap_asked
from suizhou_geo.spatial.transport import check_velocity, decay_rates, river_metres, spill_passage

#: What a spill of known mass adds to the columns of a trace.
SPILL_COLUMNS = ("arrival_h", "peak_h", "passed_h", "peak_mg_l")


def trace_downstream(
    network: RiverNetwork,
    *,
    site: str,
    sites: gpd.GeoDataFrame,
    receptors: gpd.GeoDataFrame,
    velocity: float,
    decay: float = 0.0,
    mass: float | None = None,
    discharge: float | None = None,
    dispersion: float = 20.0,
    tolerance: float = 3000.0,
) -> pd.DataFrame:
    """What lies below a site on the rivers: distance, travel time, the part left by then; for a spill its passage.

    With ``mass`` and ``discharge`` the spill is an instantaneous release into a uniform channel
    (:func:`suizhou_geo.spatial.transport.spill_concentration`): arrival (1 % of the peak), peak, end of the passage in
    hours and the peak concentration. Where ``receptors`` has a ``discharge``, the mass is diluted in that.

    Parameters
    ----------
    velocity, decay
        Metres per second; per day.
    mass, discharge, dispersion
        Kilograms released; m³/s at the site; longitudinal dispersion in m²/s (20 is an assumption: rivers have 1 to 1,000).

    Returns
    -------
    DataFrame
        The columns of ``trace_upstream``, nearest first; ``load`` is the part left by decay, 1 at the site. With a
        mass also ``arrival_h, peak_h, passed_h, peak_mg_l``. ``attrs["not_snapped"]`` holds receptors on no river.

    Raises
    ------
    UnknownNameError
        There is no such site.
    InputError
        The site lies on no river; velocity, decay, mass, discharge or dispersion is not possible, or one of mass and
        discharge is missing.
    """
    check_velocity(velocity)
    rate = float(decay_rates(decay, indicators=("",))[0])
    _check_spill(mass, discharge, dispersion)
    start = snap_asked(network, site=site, sites=sites, kind="点位", tolerance=tolerance).loc[[site]]
    at = snap_sites(network, sites=receptors.drop(index=site, errors="ignore"), tolerance=tolerance)
    on_river = at[at["reach"] >= 0]
    metres = np.array(
        [river_metres(network, at_sources=start, target=row)[0] for _, row in on_river.iterrows()]
    )
    reached = np.isfinite(metres)
    hours = metres[reached] / velocity / 3600
    found = on_river.index[reached]
    table = pd.DataFrame(
        {
            "site_id": found, "distance_km": metres[reached] / 1000, "travel_h": hours,
            "load": np.exp(-rate * hours / 24), "evidence": "在其下游", "snap_m": on_river.loc[found, "snap_m"].to_numpy(),
        }
    )  # fmt: skip
    columns = list(TRACE_COLUMNS)
    if mass is not None and discharge is not None:
        flow = _flow_at(receptors, found, discharge)
        passage = spill_passage(
            metres[reached],
            mass=1000 * mass,
            discharge=flow,
            velocity=velocity,
            dispersion=dispersion,
            decay=rate,
        )
        table = pd.concat([table, passage], axis=1)
        columns += SPILL_COLUMNS
    table = table.sort_values(["travel_h", "site_id"], kind="stable")
    table["rank"] = np.arange(1, len(table) + 1)
    table.attrs["not_snapped"] = at.index[at["reach"] < 0].tolist()
    return table[columns].reset_index(drop=True)


def find_border_crossings(network: RiverNetwork, *, counties: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Points where a river leaves one county for another, in the CRS of ``counties``, as receptors of a spill.

    ``counties`` has ``name``; index ``site_id`` is ``界<number>``, with ``site_name`` (``曾都区→广水市``; 市外 where
    no county follows) and ``river``. Rivers that run along a border cross it several times: each crossing is a point.

    Raises ``CRSError`` where the counties have no CRS.
    """
    if counties.crs is None:
        raise CRSError("区县图层没有坐标系", why="没有坐标系就无法找到交界", todo="写明坐标系")
    borders = counties.to_crs(network.crs)
    lines = borders.boundary.union_all()
    rows = []
    for reach in network.reaches.itertuples():
        crossings = shapely.get_parts(reach.geometry.intersection(lines))
        points = crossings[shapely.get_type_id(crossings) == 0]
        along = np.sort(shapely.line_locate_point(reach.geometry, points))
        for metres in along:
            before, after = (_county_at(borders, reach.geometry, metres + step) for step in (-30.0, 30.0))
            if before != after:
                rows.append((f"{before}→{after}", reach.river, reach.geometry.interpolate(metres)))
    names, rivers, shapes = zip(*rows, strict=True) if rows else ((), (), ())
    found = gpd.GeoDataFrame(
        {"site_name": list(names), "river": list(rivers), "kind": "borders"},
        geometry=list(shapes),
        crs=network.crs,
    )
    found.index = pd.Index(
        [f"界{number}" for number in range(1, len(found) + 1)], name="site_id", dtype=object
    )
    return found.to_crs(counties.crs)


def _county_at(counties: gpd.GeoDataFrame, line: shapely.LineString, metres: float) -> str:
    if not 0 <= metres <= line.length:
        return "市外"
    inside = counties.index[counties.geometry.covers(line.interpolate(metres))]
    return str(counties.at[inside[0], "name"]) if len(inside) else "市外"


def _flow_at(receptors: gpd.GeoDataFrame, found: pd.Index, discharge: float) -> Floats:
    if "discharge" not in receptors.columns:
        return np.full(len(found), float(discharge))
    own = pd.to_numeric(receptors["discharge"], errors="coerce").loc[found]
    return np.asarray(own.fillna(discharge), dtype=float)


def _check_spill(mass: float | None, discharge: float | None, dispersion: float) -> None:
    if (mass is None) != (discharge is None):
        raise InputError(
            "只给了泄漏量或流量中的一个",
            why="浓度要由两者算出",
            todo="同时给出 mass（kg）和 discharge（m³/s）",
        )
    named = (("泄漏量", mass, "kg"), ("流量", discharge, "m³/s"), ("离散系数", dispersion, "m²/s"))
    for name, value, unit in named:
        if value is not None and not (np.isfinite(value) and value > 0):
            raise InputError(f"{name} {value:g} 不合理", why=f"应大于 0，单位 {unit}", todo="改正这个数")
