"""The days of a year: those so far as they were, the others like days of past years, scaled to the forecast of a month."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from suizhou_geo.forecast.forecaster import AttainmentForecaster
from suizhou_geo.forecast.pairs import Bools, Floats

#: Days of a month that a past year must have for its days to be used.
_FEWEST_DAYS = 20


@dataclass(frozen=True)
class DayPaths:
    """A year of days of several items at every site.

    ``known`` has shape (site, day, item): the days so far; ``months`` (site, month, path, item): the months to come,
    in the paths of the monthly forecast, ``first`` being the number of the first of them; ``shapes[site][month]``
    holds past years' days of that month by their mean, shape (year, day, item); ``enough`` (site,): two years of all
    items; ``gaps`` (site,): days so far without a value of every item.
    """

    sites: tuple[str, ...]
    items: tuple[str, ...]
    known: Floats
    months: Floats
    first: int
    shapes: list[list[Floats]]
    enough: Bools
    year: int

    @property
    def is_complete(self) -> bool:
        return self.first == 12

    @property
    def gaps(self) -> np.ndarray:
        found: np.ndarray = np.isnan(self.known).any(axis=2).sum(axis=1)
        return found

    def rest(self, site: int) -> Floats:
        """The days to come at a site, shape (path, day, item): of one past year for all items together."""
        drawn = [
            _fill(shapes, self.months[site, place], seed=(site, self.first + place))
            for place, shapes in enumerate(self.shapes[site])
        ]
        empty = np.empty((self.months.shape[2], 0, len(self.items)))
        return np.concatenate([empty, *drawn], axis=1)


def draw_days(
    data: xr.Dataset,
    *,
    items: Sequence[str],
    year: int,
    known_through: pd.Timestamp,
    n_paths: int,
    random_state: int | None,
) -> DayPaths:
    """Days of ``year`` from daily values, dims ``(site, time)``; nothing after ``known_through``'s month is looked at.

    Raises ``InputError`` when there are fewer than two years of history.
    """
    first = known_through.month if known_through.year == year else 0
    chosen = data[list(items)]
    monthly = chosen.resample(time="MS").mean()
    model = AttainmentForecaster(n_paths=n_paths, random_state=random_state).fit(monthly, year=year)
    # A complete year is one path: the fact.
    months = np.empty((len(model.sites_), 12 - first, n_paths if first < 12 else 1, len(items)))
    if first < 12:
        for place, (_, paths) in enumerate(model.iterate_paths(monthly, known_months=first)):
            months[..., place] = paths[:, first:]
    values = chosen.to_dataarray("item").transpose("site", "time", "item")
    end = known_through + pd.offsets.MonthEnd(0)
    this_year = (values["time"].dt.year == year) & (values["time"] <= end)
    past = values.sel(time=values["time"].dt.year < year)
    return DayPaths(
        sites=tuple(model.sites_),
        items=tuple(items),
        known=values.sel(time=this_year).to_numpy(),
        months=months,
        first=first,
        shapes=_shapes(past, months=range(first + 1, 13)),
        enough=model.enough_.all(axis=1),
        year=year,
    )


def _shapes(past: xr.DataArray, *, months: Sequence[int]) -> list[list[Floats]]:
    # For every site and month the past years that have enough days of all items, padded to the longest month.
    times = pd.DatetimeIndex(past["time"].to_numpy())
    values = past.to_numpy()
    found: list[list[Floats]] = []
    for site in range(len(values)):
        found.append([])
        for month in months:
            of_month = times.month == month
            years = [values[site, of_month & (times.year == each)] for each in times[of_month].year.unique()]
            kept = [days for days in years if (np.isfinite(days).sum(axis=0) >= _FEWEST_DAYS).all()]
            longest = max(map(len, kept), default=0)
            padded = [
                np.pad(days, ((0, longest - len(days)), (0, 0)), constant_values=np.nan) for days in kept
            ]
            found[-1].append(np.array([days / np.nanmean(days, axis=0) for days in padded]))
    return found


def _fill(shapes: Floats, means: Floats, *, seed: tuple[int, int]) -> Floats:
    # Days of a month, shape (path, day, item): the pattern of a past year, the means of the path.
    if not len(shapes):
        return np.full((len(means), 1, means.shape[1]), np.nan)
    chosen = np.random.default_rng(seed).integers(0, len(shapes), len(means))
    found: Floats = shapes[chosen] * means[:, None, :]
    return found
