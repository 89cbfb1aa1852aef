"""What class, grade and verdict this is, by which clause, and whether there are enough data to say so."""

from suizhou_geo.assess.air import assess_air, index_cube
from suizhou_geo.assess.air_days import daily_values
from suizhou_geo.assess.air_months import AIR_MONTH_COLUMNS, describe_air_months
from suizhou_geo.assess.air_statistics import composite_index, composite_parts
from suizhou_geo.assess.changes import compare_periods
from suizhou_geo.assess.city import CITY, assess_city
from suizhou_geo.assess.class_cubes import classify_cube
from suizhou_geo.assess.comparisons import rank_changes, rank_cities, rank_values, year_on_year
from suizhou_geo.assess.contradictions import find_contradictions
from suizhou_geo.assess.drinking import assess_sources, source_ratios
from suizhou_geo.assess.goals import GoalResult, assess_count, assess_goals, assess_rate, assess_schedule
from suizhou_geo.assess.groundwater import assess_groundwater
from suizhou_geo.assess.lakes import assess_lakes
from suizhou_geo.assess.periods import PERIODS, assess_sections, period_means
from suizhou_geo.assess.platform import (
    apply_proposals,
    compare_with_platform,
    mark_inferred,
    propose_water_body,
)
from suizhou_geo.assess.quantities import (
    Estimate,
    carbon_dioxide,
    classify_waste_unit,
    inspection_visits,
    intensity_cut,
)
from suizhou_geo.assess.rank_trends import assess_rank_trends
from suizhou_geo.assess.ranking import ranking_indices
from suizhou_geo.assess.records import BELOW_DETECTION
from suizhou_geo.assess.regions import assess_regions, class_shares, region_grade, section_grade
from suizhou_geo.assess.scope import ITEM_SETS, propose_extra_items
from suizhou_geo.assess.soil import assess_soil
from suizhou_geo.assess.water import MODES, REFERENCES, assess_records

__all__ = [
    "AIR_MONTH_COLUMNS",
    "BELOW_DETECTION",
    "CITY",
    "ITEM_SETS",
    "MODES",
    "PERIODS",
    "REFERENCES",
    "Estimate",
    "GoalResult",
    "apply_proposals",
    "assess_air",
    "assess_city",
    "assess_count",
    "assess_goals",
    "assess_groundwater",
    "assess_lakes",
    "assess_rank_trends",
    "assess_rate",
    "assess_records",
    "assess_regions",
    "assess_schedule",
    "assess_sections",
    "assess_soil",
    "assess_sources",
    "carbon_dioxide",
    "class_shares",
    "classify_cube",
    "classify_waste_unit",
    "compare_periods",
    "compare_with_platform",
    "composite_index",
    "composite_parts",
    "daily_values",
    "describe_air_months",
    "find_contradictions",
    "index_cube",
    "inspection_visits",
    "intensity_cut",
    "mark_inferred",
    "period_means",
    "propose_extra_items",
    "propose_water_body",
    "rank_changes",
    "rank_cities",
    "rank_values",
    "ranking_indices",
    "region_grade",
    "section_grade",
    "source_ratios",
    "year_on_year",
]
