"""What is said about a project's place: plain data for the page and for JSON, never a verdict."""

import json
from dataclasses import asdict, dataclass

from suizhou_geo.conventions.results import SourceNote


@dataclass(frozen=True)
class UnitEntry:
    """A control unit that the project touches. ``requirements`` are aspect → text as the unit's layer has them;
    ``mentions`` the aspects whose text names the industry."""

    id: str
    name: str
    category: str
    relation: str
    share: float
    requirements: dict[str, str]
    mentions: tuple[str, ...]
    action: str
    synthetic: bool


@dataclass(frozen=True)
class AreaEntry:
    """A redline, zone or reserve that the project touches or comes near to."""

    id: str
    name: str
    kind: str
    category: str
    relation: str
    share: float
    overlap_m2: float
    distance_m: float
    p_conflict: float | None
    action: str
    synthetic: bool


@dataclass(frozen=True)
class ReceptorEntry:
    """A section or an intake downstream of the project, by kilometres along the river; synthetic where either is."""

    id: str
    name: str
    kind: str
    distance_km: float
    synthetic: bool


@dataclass(frozen=True)
class ProjectScreening:
    """All that was found about one project's place. ``snap_m`` is the distance to the ``river`` that was followed."""

    id: str
    name: str
    industry: str
    county: str
    longitude: float
    latitude: float
    area_m2: float
    distance_m: float
    units: tuple[UnitEntry, ...]
    areas: tuple[AreaEntry, ...]
    river: str
    snap_m: float | None
    downstream: tuple[ReceptorEntry, ...]
    notes: tuple[str, ...]
    sources: tuple[SourceNote, ...]
    synthetic: bool
    tool_version: str

    def to_json(self) -> str:
        """The same as text: UTF-8, fields in order."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, allow_nan=False)
