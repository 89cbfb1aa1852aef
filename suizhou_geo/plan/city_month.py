"""What is the same for every county of a city in one month: computed once, kept until a file of the workspace changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import pandas as pd

from suizhou_geo import files, forecast
from suizhou_geo.conventions import Trend
from suizhou_geo.plan.chances import draw_water
from suizhou_geo.plan.layers import text_of
from suizhou_geo.plan.sections import assess_months, monthly_values
from suizhou_geo.plan.trends import section_trends


@dataclass(frozen=True)
class CityMonth:
    """The sections of a whole city in one month, seen from its observations ``water``.

    ``months`` and ``so_far`` are those of ``assess_months``, ``monthly`` that of ``monthly_values``, ``trends`` by site;
    ``paths`` are None without a history to forecast from. Nobody may change the frames: others look at them too.
    """

    water: pd.DataFrame
    sites: pd.DataFrame
    months: pd.DataFrame
    so_far: pd.DataFrame
    monthly: pd.DataFrame
    trends: Mapping[str, tuple[Trend, ...]]
    paths: forecast.ClassPaths | None


def read_city_month(workspace: files.Workspace, *, year: int, month: int) -> CityMonth:
    """The city's month from the files as they stand; raises what reading them raises.

    Errors of forecasts are pooled over all sections, so the paths of a section are the same whichever county asks.
    """
    # Read here and not below, so that every county's reading is noted.
    water = files.read_workspace_observations(workspace, medium="water")
    return _compute(_Asked(files.stamp_observations(workspace, medium="water"), year, month, water))


@dataclass(frozen=True)
class _Asked:
    stamps: tuple[tuple[str, int, int], ...]
    year: int
    month: int
    water: pd.DataFrame = field(compare=False)


@lru_cache(maxsize=2)
def _compute(asked: _Asked) -> CityMonth:
    water, span = asked.water, {"year": asked.year, "month": asked.month}
    sites = water.drop_duplicates("site_id").set_index("site_id", drop=False)
    bodies = sites["water_body"] if "water_body" in sites.columns else pd.Series(dtype=object)
    months, so_far = assess_months(water, **span)
    return CityMonth(
        water=water,
        sites=sites,
        months=months,
        so_far=so_far,
        monthly=monthly_values(water, **span),
        trends=section_trends(water, **span),
        paths=draw_water(
            water,
            water_bodies={str(site): text_of(body) for site, body in bodies.items()},
            **span,
        ),
    )
