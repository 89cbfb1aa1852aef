"""What lies in, near, upstream or downstream of what."""

from suizhou_geo.spatial.datum import DatumProposal, propose_datum
from suizhou_geo.spatial.grids import cross_validate, idw, krige
from suizhou_geo.spatial.overlay import CONFLICT_COLUMNS, check_same_crs, find_conflicts
from suizhou_geo.spatial.places import find_place_problems
from suizhou_geo.spatial.variograms import Variogram, fit_variogram

__all__ = [
    "CONFLICT_COLUMNS",
    "DatumProposal",
    "Variogram",
    "check_same_crs",
    "cross_validate",
    "find_conflicts",
    "find_place_problems",
    "fit_variogram",
    "idw",
    "krige",
    "propose_datum",
]
