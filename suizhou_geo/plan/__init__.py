"""Where a county stands this month on the goals of the plan. Composes the siblings, computes nothing itself."""

from suizhou_geo.plan.checks import check_everything
from suizhou_geo.plan.conflicts import register_conflicts, show_register
from suizhou_geo.plan.evaluate import evaluate_county
from suizhou_geo.plan.screening import screen_project
from suizhou_geo.plan.siting import site_stations
from suizhou_geo.plan.tracing import trace_section

__all__ = [
    "check_everything",
    "evaluate_county",
    "register_conflicts",
    "screen_project",
    "show_register",
    "site_stations",
    "trace_section",
]
