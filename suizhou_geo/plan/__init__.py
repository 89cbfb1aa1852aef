"""Where a county stands this month on the goals of the plan. Composes the siblings, computes nothing itself."""

from suizhou_geo.plan.board import BOARD_COLUMNS, board_table
from suizhou_geo.plan.checks import check_everything
from suizhou_geo.plan.compensation import account_compensation, account_table
from suizhou_geo.plan.evaluate import evaluate_county, read_workspace_counties
from suizhou_geo.plan.inspections import draw_inspections
from suizhou_geo.plan.tracing import trace_section

__all__ = [
    "BOARD_COLUMNS",
    "account_compensation",
    "account_table",
    "board_table",
    "check_everything",
    "draw_inspections",
    "evaluate_county",
    "read_workspace_counties",
    "trace_section",
]
