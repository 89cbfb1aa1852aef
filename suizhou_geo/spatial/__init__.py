"""What lies in, near, upstream or downstream of what."""

from suizhou_geo.spatial.datum import DatumProposal, propose_datum
from suizhou_geo.spatial.excesses import find_excesses
from suizhou_geo.spatial.grids import cross_validate, idw, krige
from suizhou_geo.spatial.overlay import CONFLICT_COLUMNS, check_same_crs, find_conflicts
from suizhou_geo.spatial.places import find_place_problems, locate_points
from suizhou_geo.spatial.redlines import check_stakes, compare_versions, summarise_changes
from suizhou_geo.spatial.rivers import RiverNetwork, build_river_network
from suizhou_geo.spatial.siting import choose_sites, river_mouths, site_stations
from suizhou_geo.spatial.snapping import snap_sites
from suizhou_geo.spatial.spills import SPILL_COLUMNS, find_border_crossings, trace_downstream
from suizhou_geo.spatial.tracing import EVIDENCE, TRACE_COLUMNS, trace_upstream
from suizhou_geo.spatial.transport import (
    peak_seconds,
    river_metres,
    spill_concentration,
    spill_passage,
    upstream_metres,
)
from suizhou_geo.spatial.variograms import Variogram, fit_variogram

__all__ = [
    "CONFLICT_COLUMNS",
    "EVIDENCE",
    "SPILL_COLUMNS",
    "TRACE_COLUMNS",
    "DatumProposal",
    "RiverNetwork",
    "Variogram",
    "build_river_network",
    "check_same_crs",
    "check_stakes",
    "choose_sites",
    "compare_versions",
    "cross_validate",
    "find_border_crossings",
    "find_conflicts",
    "find_excesses",
    "find_place_problems",
    "fit_variogram",
    "idw",
    "krige",
    "locate_points",
    "peak_seconds",
    "propose_datum",
    "river_metres",
    "river_mouths",
    "site_stations",
    "snap_sites",
    "spill_concentration",
    "spill_passage",
    "summarise_changes",
    "trace_downstream",
    "trace_upstream",
    "upstream_metres",
]
