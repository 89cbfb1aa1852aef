"""Where a county stands this month on the goals of the plan. Composes the siblings, computes nothing itself."""

from suizhou_geo.plan.evaluate import evaluate_county

__all__ = ["evaluate_county"]
