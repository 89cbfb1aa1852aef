"""Where a county stands this month on the goals of the plan. Composes the siblings, computes nothing itself."""

from suizhou_geo.files import read_workspace_counties
from suizhou_geo.plan.board import BOARD_COLUMNS, board_table
from suizhou_geo.plan.checks import check_everything
from suizhou_geo.plan.city_month import CityMonth, read_city_month
from suizhou_geo.plan.compensation import account_compensation, account_table
from suizhou_geo.plan.conflicts import register_conflicts, show_register
from suizhou_geo.plan.evaluate import evaluate_county
from suizhou_geo.plan.inspections import draw_inspections
from suizhou_geo.plan.screening import screen_project
from suizhou_geo.plan.siting import site_stations
from suizhou_geo.plan.suspects import find_suspects
from suizhou_geo.plan.tracing import (
    TraceInput,
    build_workspace_network,
    rank_suspects,
    read_trace_input,
    trace_section,
    trace_spill,
)

__all__ = [
    "BOARD_COLUMNS",
    "CityMonth",
    "TraceInput",
    "account_compensation",
    "account_table",
    "board_table",
    "build_workspace_network",
    "check_everything",
    "draw_inspections",
    "evaluate_county",
    "find_suspects",
    "rank_suspects",
    "read_city_month",
    "read_trace_input",
    "read_workspace_counties",
    "register_conflicts",
    "screen_project",
    "show_register",
    "site_stations",
    "trace_section",
    "trace_spill",
]
