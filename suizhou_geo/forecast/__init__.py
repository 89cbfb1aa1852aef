"""Where it is going, whether the target will be met, how sure that is, and whether we were right before."""

from suizhou_geo.forecast.censored import CensoredSummary, summarise_censored
from suizhou_geo.forecast.change_points import pettitt
from suizhou_geo.forecast.observed import TREND_COLUMNS, assess_trends, mean_cube
from suizhou_geo.forecast.regional import regional_direction
from suizhou_geo.forecast.trend import mann_kendall, seasonal_kendall, trend_table
from suizhou_geo.forecast.trend_verdicts import NOT_ANALYSED

__all__ = [
    "NOT_ANALYSED",
    "TREND_COLUMNS",
    "CensoredSummary",
    "assess_trends",
    "mann_kendall",
    "mean_cube",
    "pettitt",
    "regional_direction",
    "seasonal_kendall",
    "summarise_censored",
    "trend_table",
]
