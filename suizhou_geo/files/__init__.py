"""The gate: what the user's file says, and what is wrong with it. The only room that reads users' data.

Names are loaded when first used: reading a table does not need the libraries that read maps.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from suizhou_geo.files.boundaries import BOUNDARY_SOURCE, counties_of_city, read_cities, read_counties
    from suizhou_geo.files.bulletins import is_bulletin, read_bulletin
    from suizhou_geo.files.checking import Checked, as_frame, check_file, check_paths, problem_by_rule
    from suizhou_geo.files.checks import check_rules, find_problems
    from suizhou_geo.files.covariates import read_covariates
    from suizhou_geo.files.events import read_events
    from suizhou_geo.files.export import EXPORT_ENDINGS, check_export_path, write_table
    from suizhou_geo.files.findings import Findings
    from suizhou_geo.files.goals import read_goals
    from suizhou_geo.files.ledgers import append_lines, read_forecast, read_lines, read_regions
    from suizhou_geo.files.observations import MEDIA, observation_cube, read_observations
    from suizhou_geo.files.pairs import read_pairs
    from suizhou_geo.files.plan_rules import plan_indicators
    from suizhou_geo.files.plan_tables import UNUSABLE, PlanTable
    from suizhou_geo.files.plans import (
        AlertRule,
        Compensation,
        Inspection,
        PlanFindings,
        Target,
        WorkPlan,
        check_plans,
        read_plan,
        read_work_plan,
    )
    from suizhou_geo.files.projections import metric_crs_of
    from suizhou_geo.files.regions import GREAT_REGIONS, find_regions
    from suizhou_geo.files.reports import check_reports, read_reports, read_units
    from suizhou_geo.files.slices import (
        RECORD,
        RESULTS,
        CurrentSlices,
        hash_sources,
        note_again,
        noting,
        read_record,
        reads_for_one_county,
    )
    from suizhou_geo.files.templates import create_workspace
    from suizhou_geo.files.vectors import read_areas, read_place, read_vector
    from suizhou_geo.files.volumes import read_volumes
    from suizhou_geo.files.workspace import (
        LayerSpec,
        ObservationSpec,
        Workspace,
        describe_sources,
        find_plan_files,
        open_workspace,
        read_layer,
        read_workspace_counties,
        read_workspace_observations,
        stamp_observations,
        stamp_workspace,
    )

_HOMES = {
    "boundaries": ("BOUNDARY_SOURCE", "counties_of_city", "read_cities", "read_counties"),
    "bulletins": ("is_bulletin", "read_bulletin"),
    "checking": ("Checked", "as_frame", "check_file", "check_paths", "problem_by_rule"),
    "checks": ("check_rules", "find_problems"),
    "covariates": ("read_covariates",),
    "events": ("read_events",),
    "export": ("EXPORT_ENDINGS", "check_export_path", "write_table"),
    "findings": ("Findings",),
    "goals": ("read_goals",),
    "ledgers": ("append_lines", "read_forecast", "read_lines", "read_regions"),
    "observations": ("MEDIA", "observation_cube", "read_observations"),
    "pairs": ("read_pairs",),
    "plan_rules": ("plan_indicators",),
    "plan_tables": ("UNUSABLE", "PlanTable"),
    "plans": (
        "AlertRule",
        "Compensation",
        "Inspection",
        "PlanFindings",
        "Target",
        "WorkPlan",
        "check_plans",
        "read_plan",
        "read_work_plan",
    ),
    "projections": ("metric_crs_of",),
    "regions": ("GREAT_REGIONS", "find_regions"),
    "reports": ("check_reports", "read_reports", "read_units"),
    "slices": (
        "RECORD",
        "RESULTS",
        "CurrentSlices",
        "hash_sources",
        "note_again",
        "noting",
        "read_record",
        "reads_for_one_county",
    ),
    "templates": ("create_workspace",),
    "vectors": ("read_areas", "read_place", "read_vector"),
    "volumes": ("read_volumes",),
    "workspace": (
        "LayerSpec",
        "ObservationSpec",
        "Workspace",
        "describe_sources",
        "find_plan_files",
        "open_workspace",
        "read_layer",
        "read_workspace_counties",
        "read_workspace_observations",
        "stamp_observations",
        "stamp_workspace",
    ),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "BOUNDARY_SOURCE",
    "EXPORT_ENDINGS",
    "GREAT_REGIONS",
    "MEDIA",
    "RECORD",
    "RESULTS",
    "UNUSABLE",
    "AlertRule",
    "Checked",
    "Compensation",
    "CurrentSlices",
    "Findings",
    "Inspection",
    "LayerSpec",
    "ObservationSpec",
    "PlanFindings",
    "PlanTable",
    "Target",
    "WorkPlan",
    "Workspace",
    "append_lines",
    "as_frame",
    "check_export_path",
    "check_file",
    "check_paths",
    "check_plans",
    "check_reports",
    "check_rules",
    "counties_of_city",
    "create_workspace",
    "describe_sources",
    "find_plan_files",
    "find_problems",
    "find_regions",
    "hash_sources",
    "is_bulletin",
    "metric_crs_of",
    "note_again",
    "noting",
    "observation_cube",
    "open_workspace",
    "plan_indicators",
    "problem_by_rule",
    "read_areas",
    "read_bulletin",
    "read_cities",
    "read_counties",
    "read_covariates",
    "read_events",
    "read_forecast",
    "read_goals",
    "read_layer",
    "read_lines",
    "read_observations",
    "read_pairs",
    "read_place",
    "read_plan",
    "read_record",
    "read_regions",
    "read_reports",
    "read_units",
    "read_vector",
    "read_volumes",
    "read_work_plan",
    "read_workspace_counties",
    "read_workspace_observations",
    "reads_for_one_county",
    "stamp_observations",
    "stamp_workspace",
    "write_table",
]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        return getattr(import_module(f"suizhou_geo.files.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module 'suizhou_geo.files' has no attribute {name!r}")
