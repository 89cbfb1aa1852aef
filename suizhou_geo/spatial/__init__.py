"""What lies in, near, upstream or downstream of what."""

from suizhou_geo.spatial.datum import DatumProposal, propose_datum
from suizhou_geo.spatial.overlay import CONFLICT_COLUMNS, check_same_crs, find_conflicts
from suizhou_geo.spatial.places import find_place_problems

__all__ = [
    "CONFLICT_COLUMNS",
    "DatumProposal",
    "check_same_crs",
    "find_conflicts",
    "find_place_problems",
    "propose_datum",
]
