"""What came of years that were forecast, and under which edition they are judged: the other half of the ledger."""

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.forecast.attainment import mean_target
from suizhou_geo.forecast.classes import forecast_classes
from suizhou_geo.forecast.daily import year_of_days
from suizhou_geo.forecast.observed import mean_cube
from suizhou_geo.forecast.requests import (
    PERCENTILE,
    cube_of,
    daily_cube,
    medium_of,
    percentile_decimals,
    water_bodies_of,
)

#: The statistic, and in the ledger the indicator, of a section's annual class.
CLASS = "class"

#: Which family of editions judges a statistic; means and percentiles of air and the values of water have their own.
_FAMILIES = {"good_days": "air-index", "composite": "air-composite", CLASS: "surface-water"}


def truth_of(
    observations: pd.DataFrame,
    *,
    indicator: str,
    target: float,
    statistic: str = "mean",
    rounding: str = "standard",
) -> pd.DataFrame:
    """What complete years came to and whether they met the target: ``site_id, indicator, year, mean, met``.

    ``mean`` is the statistic that was asked for: an annual mean or percentile in the indicator's unit, good days in
    per cent, the composite index, or with ``class`` the number of a section's annual class (of the items that have two
    years of history and all twelve months, as the forecast takes them).
    """
    if statistic == CLASS:
        return _classes(observations, target=int(target))
    if statistic == "mean":
        return _means(observations, indicator=indicator, target=target, rounding=rounding)
    cube = daily_cube(observations)
    found = []
    for year in _years(cube["time"].dt.year.to_numpy()):
        decimals = percentile_decimals(indicator, statistic, year) if PERCENTILE.fullmatch(statistic) else 0
        values, complete = year_of_days(
            cube, statistic=statistic, indicator=indicator, decimals=decimals, year=year
        )
        met = values >= target if statistic == "good_days" else values <= target
        found.append(_rows(cube["site"].to_numpy(), indicator, year, values, met)[complete])
    return _together(found)


def medium_of_statistic(indicator: str, *, statistic: str) -> str:
    """``water`` or ``air``: the days of good days and of the composite index have no single indicator, nor has a class.

    >>> medium_of_statistic("", statistic="class"), medium_of_statistic("pm2_5", statistic="mean")
    ('water', 'air')

    Raises ``InputError`` for an indicator that is not known.
    """
    if statistic == CLASS:
        return "water"
    return "air" if statistic in _FAMILIES else medium_of(indicator)


def edition_of(indicator: str, *, statistic: str, year: int) -> str:
    """The edition that judges a statistic of a year, for the ledger.

    >>> edition_of("pm2_5", statistic="good_days", year=2026), edition_of("", statistic="class", year=2024)
    ('HJ 633-2026', 'GB 3838-2002')

    Raises ``InputError`` for an indicator that is not known.
    """
    family = _FAMILIES.get(statistic) or (
        "air-evaluation" if medium_of(indicator) == "air" else "surface-water"
    )
    day = pd.Timestamp(year=max(year, 2014), month=12, day=31).date()
    return standards.edition_in_force(family, on=day).number


def _means(observations: pd.DataFrame, *, indicator: str, target: float, rounding: str) -> pd.DataFrame:
    values = cube_of(observations, [indicator])[indicator].transpose("site", "time")
    found = []
    for year in _years(values["time"].dt.year.to_numpy()):
        months = values.sel(time=values["time"].dt.year == year).to_numpy()
        complete = np.isfinite(months).all(axis=1) & (months.shape[1] == 12)
        means = months.mean(axis=1)
        met = mean_target(indicator, limit=target, year=year, rounding=rounding).is_met(means)
        found.append(_rows(values["site"].to_numpy(), indicator, year, means, met)[complete])
    return _together(found)


def _classes(observations: pd.DataFrame, *, target: int) -> pd.DataFrame:
    cube = mean_cube(observations, halve=True)
    bodies = water_bodies_of(observations)
    found = []
    # The first two years are the history that a forecast needs.
    for year in _years(cube["time"].dt.year.to_numpy())[2:]:
        table = forecast_classes(cube, targets=target, year=year, known_months=12, water_bodies=bodies)
        table = table[table["p_attain"].notna()]
        numbers = (
            table[[f"p_class_{number}" for number in range(1, 7)]].to_numpy(dtype=float).argmax(axis=1) + 1
        )
        met = table["p_attain"].astype(float).to_numpy() == 1
        found.append(_rows(table["site_id"].to_numpy(), CLASS, year, numbers, met))
    return _together(found)


def _rows(sites: np.ndarray, indicator: str, year: int, values: np.ndarray, met: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"site_id": sites, "indicator": indicator, "year": year, "mean": values, "met": met})


def _together(found: list[pd.DataFrame]) -> pd.DataFrame:
    nothing = _rows(np.array([], dtype=object), "", 0, np.array([], dtype=float), np.array([], dtype=bool))
    return pd.concat(found, ignore_index=True) if found else nothing


def _years(years: np.ndarray) -> list[int]:
    return sorted({int(year) for year in years})
