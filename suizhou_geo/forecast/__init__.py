"""Where it is going, whether the target will be met, how sure that is, and whether we were right before."""

from suizhou_geo.forecast.attainment import MeanTarget, forecast_mean, mean_target
from suizhou_geo.forecast.backtest import BACKTEST_COLUMNS, backtest
from suizhou_geo.forecast.censored import CensoredSummary, summarise_censored
from suizhou_geo.forecast.change_points import pettitt
from suizhou_geo.forecast.classes import FAN_LEVELS, ClassPaths, draw_classes, forecast_classes
from suizhou_geo.forecast.daily import forecast_composite, forecast_good_days, forecast_percentile
from suizhou_geo.forecast.forecaster import AttainmentForecaster
from suizhou_geo.forecast.ledger import ledger_lines, read_ledger, score_ledger
from suizhou_geo.forecast.normalise import Normalised, normalise, split_changes
from suizhou_geo.forecast.observed import TREND_COLUMNS, assess_trends, daily_rows, mean_cube
from suizhou_geo.forecast.regional import regional_direction
from suizhou_geo.forecast.requests import (
    as_of,
    backtest_target,
    count_by_region,
    forecast_sections,
    forecast_target,
    medium_of,
)
from suizhou_geo.forecast.scenarios import cut_of_group
from suizhou_geo.forecast.trend import mann_kendall, seasonal_kendall, trend_table
from suizhou_geo.forecast.trend_verdicts import NOT_ANALYSED
from suizhou_geo.forecast.truths import CLASS, edition_of, medium_of_statistic, truth_of
from suizhou_geo.forecast.years import forecast_years

__all__ = [
    "BACKTEST_COLUMNS",
    "CLASS",
    "FAN_LEVELS",
    "NOT_ANALYSED",
    "TREND_COLUMNS",
    "AttainmentForecaster",
    "CensoredSummary",
    "ClassPaths",
    "MeanTarget",
    "Normalised",
    "as_of",
    "assess_trends",
    "backtest",
    "backtest_target",
    "count_by_region",
    "cut_of_group",
    "daily_rows",
    "draw_classes",
    "edition_of",
    "forecast_classes",
    "forecast_composite",
    "forecast_good_days",
    "forecast_mean",
    "forecast_percentile",
    "forecast_sections",
    "forecast_target",
    "forecast_years",
    "ledger_lines",
    "mann_kendall",
    "mean_cube",
    "mean_target",
    "medium_of",
    "medium_of_statistic",
    "normalise",
    "pettitt",
    "read_ledger",
    "regional_direction",
    "score_ledger",
    "seasonal_kendall",
    "split_changes",
    "summarise_censored",
    "trend_table",
    "truth_of",
]
