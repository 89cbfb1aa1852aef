"""The target board: every goal and task of the plan for one county, with what was found and what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from suizhou_geo import files
from suizhou_geo.conventions import Conflict, CountyResult, Feature, SourceNote, TargetRow
from suizhou_geo.plan.air_chances import air_chances
from suizhou_geo.plan.chances import Chances
from suizhou_geo.plan.found import Found
from suizhou_geo.plan.inspections import inspection_value
from suizhou_geo.plan.observed import air_values, network_values, place_values, section_values
from suizhou_geo.plan.registers import registered_value
from suizhou_geo.plan.reported import DONE, reported_kinds, reported_value
from suizhou_geo.plan.targets import evaluate_targets
from suizhou_geo.saving import sha256_of

BOARD_COLUMNS = (
    "id", "adcode", "county", "goal", "name", "indicator", "value", "unit", "compare", "target", "status", "status_text",
    "p_attain", "progress", "required", "due", "judged_by", "layer", "note", "change", "source", "rows", "verified", "synthetic",
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """All that the rows of the plan are computed from, for one county (or the city) and month."""

    workspace: files.Workspace
    plan: files.WorkPlan
    adcode: str
    year: int
    month: int
    county: gpd.GeoDataFrame
    frames: Mapping[str, gpd.GeoDataFrame]
    sections: Sequence[Feature]
    conflicts: Sequence[Conflict]
    water: pd.DataFrame
    air: pd.DataFrame
    compensation: Found

    @property
    def layer_files(self) -> dict[str, str]:
        return {kind: spec.file for kind, spec in self.workspace.layers.items()}

    def is_synthetic(self, medium: str) -> bool:
        spec = self.workspace.observations.get(medium)
        return bool(spec and spec.synthetic)


def build_board(known: Known, *, water: Chances) -> tuple[TargetRow, ...]:
    """All rows of the plan that hold for the county, in the order of the plan."""
    observed = _observed(known)
    reports = files.read_reports(known.workspace, plan=known.plan)
    found = {target.id: _find(target, known, observed, reports) for target in known.plan.targets}
    air = air_chances(known.air, targets=known.plan.targets, year=known.year, month=known.month)
    return evaluate_targets(
        known.plan.targets,
        adcode=known.adcode,
        city=known.workspace.adcode,
        found=found,
        year=known.year,
        month=known.month,
        chances={
            **water.targets,
            **{key: each.p_attain for key, each in air.items() if each.p_attain is not None},
        },
        told={**water.notes, **{key: each.note for key, each in air.items()}},
        changes={key: each.change for key, each in air.items()},
    )


def board_table(results: Sequence[CountyResult]) -> pd.DataFrame:
    """The boards of several counties as one table with the columns ``BOARD_COLUMNS``, goals before tasks.

    >>> board_table([]).columns.tolist() == list(BOARD_COLUMNS)
    True
    """
    rows = [
        {
            **{name: getattr(row, name) for name in BOARD_COLUMNS if hasattr(row, name)},
            "adcode": result.adcode,
            "county": result.name,
            "status": row.state,
            "status_text": row.word,
            "rows": "；".join(row.rows),
        }
        for result in results
        for row in (*result.targets, *result.tasks)
    ]
    return pd.DataFrame(rows, columns=list(BOARD_COLUMNS))


def plan_sources(workspace: files.Workspace, plan: files.WorkPlan) -> tuple[SourceNote, ...]:
    """The files of the plan, its ledgers and its lists of units, as sources."""
    named = [
        *(("工作要点", file) for file in workspace.plan_files),
        *(("工作台账", file) for file in plan.reports),
        *(("抽查名单", each.units) for each in plan.inspections),
    ]
    return tuple(
        SourceNote(title, file, sha256_of(workspace.root / file), "", False)
        for title, file in dict.fromkeys(named)
    )


def _observed(known: Known) -> dict[str, Found]:
    span = {"year": known.year, "month": known.month}
    water = {
        **section_values(known.sections, known.water, **span),
        **network_values(known.sections, known.water, known.air, **span),
    }
    air = air_values(known.air, **span)
    places = place_values(
        known.frames,
        known.conflicts,
        county=known.county,
        files=known.layer_files,
        metric_crs=known.workspace.metric_crs,
    )
    marked = {
        **_marked(water, synthetic=known.is_synthetic("water")),
        **_marked(air, synthetic=known.is_synthetic("air")),
    }
    return {**marked, **places, "compensation": known.compensation}


def _marked(found: Mapping[str, Found], *, synthetic: bool) -> dict[str, Found]:
    return {
        key: Found(**{**vars(each), "synthetic": each.synthetic or synthetic}) for key, each in found.items()
    }


def _find(target: files.Target, known: Known, observed: Mapping[str, Found], reports: pd.DataFrame) -> Found:
    """What there is to know of one row: by lot, from a layer, from the ledgers, or from measurements."""
    span: dict[str, Any] = {"year": known.year, "month": known.month}
    area: dict[str, Any] = {"adcode": known.adcode, "city": known.workspace.adcode}
    if target.judged_by == "manual":
        return Found()
    lots = [each for each in known.plan.inspections if each.id == target.id]
    if target.judged_by == "drawn" and lots:
        units = files.read_units(known.workspace, inspection=lots[0])
        return inspection_value(target, lots[0], units, **area, **span)
    if target.indicator == DONE and target.done:
        return registered_value(target, known.frames, files=known.layer_files, **span)
    if target.schedule or target.indicator in reported_kinds():
        return reported_value(target, reports, counties=known.workspace.counties, **area, **span)
    return observed.get(target.indicator, Found())
