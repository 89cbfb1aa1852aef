"""The estimator: fitted on whole years, it draws the year in hand with its known months held fixed."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from suizhou_geo.conventions import TIME_DIM
from suizhou_geo.errors import InputError
from suizhou_geo.forecast.pairs import Floats
from suizhou_geo.forecast.paths import Past, sample_year
from suizhou_geo.forecast.series import as_series
from suizhou_geo.forecast.weather import explain_by_weather, weather_by_years

#: Months of history that a forecast needs before it is shown to anyone.
FEWEST_MONTHS = 24

#: A year in which fewer sites than this part of the best year were measured says nothing about all of them.
_FEWEST_SHARE = 0.25


class AttainmentForecaster(BaseEstimator):  # type: ignore[misc]
    """Joint sample paths of the months of a year for all sites and indicators at once.

    Members (level and season at four speeds, fading anomaly, last year's months) are weighed by their past errors,
    which are also what the paths are spread by: pooled over sites, drawn towards a site's own. Values are modelled as
    logarithms where all are above 0.

    Parameters
    ----------
    n_paths
        How many paths are drawn.
    random_state
        Seed, or a generator; the same seed gives the same paths.

    Attributes
    ----------
    history_
        Values, shape (site, indicator, year, month).
    years_, sites_, indicators_
        Their labels.
    enough_
        Shape (site, indicator): 24 months or more are known.

    Examples
    --------
    >>> times = pd.date_range("2018-01-01", "2021-06-01", freq="MS")
    >>> values = 40 + 20 * np.cos(np.arange(len(times)) * np.pi / 6) + np.arange(2)[:, None]
    >>> data = xr.DataArray(values, dims=("site", "time"), coords={"site": ["甲", "乙"], "time": times})
    >>> paths = AttainmentForecaster(n_paths=200, random_state=1).fit(data, year=2021).sample_paths(data, known_months=6)
    >>> dict(paths.sizes), bool((paths.isel(month=0) == data.sel(time="2021-01-01")).all())
    ({'site': 2, 'indicator': 1, 'month': 12, 'path': 200}, True)
    """

    def __init__(self, *, n_paths: int = 1000, random_state: int | np.random.Generator | None = None) -> None:
        self.n_paths = n_paths
        self.random_state = random_state

    def fit(
        self,
        X: xr.DataArray | xr.Dataset,
        y: None = None,  # noqa: ARG002
        *,
        year: int,
        covariates: pd.DataFrame | None = None,
    ) -> "AttainmentForecaster":
        """Take the years before ``year`` as history; no value of ``year`` or later is looked at.

        ``X`` has monthly dates in ``time``, the dim ``site`` and, of an array, perhaps ``indicator``. With
        ``covariates`` (``time``, perhaps ``site_id``, numeric columns: weather or flow) members follow the level that
        usual weather would have shown; of the year in hand the weather of its known months is used.

        Raises ``InputError`` when fewer than two of these years hold values.
        """
        values, years, self.sites_, self.indicators_ = _by_years(X)
        before = [place for place, each in enumerate(years) if each < year]
        known = np.isfinite(values[:, :, : len(before)]).sum(axis=(0, 1, 3))
        found = [place for place in before if known[place] and known[place] >= _FEWEST_SHARE * known.max()]
        if len(found) < FEWEST_MONTHS // 12:
            raise InputError(
                f"{year} 年以前只有 {len(found)} 年的数据",
                why="预测至少要两年（24 个月）的历史",
                todo="补充历史数据",
            )
        self.history_ = values[:, :, found[0] : before[-1] + 1]
        self.years_ = years[found[0] : before[-1] + 1]
        self.year_ = year
        self.logarithms_ = [
            not bool((self.history_[:, place] <= 0).any()) for place in range(len(self.indicators_))
        ]
        weather = (
            None
            if covariates is None
            else weather_by_years(covariates, sites=self.sites_, years=[*self.years_, year])
        )
        self.past_ = [
            _past(np.log(self.history_[:, place]) if log else self.history_[:, place], weather)
            for place, log in enumerate(self.logarithms_)
        ]
        # An indicator without one whole year to learn errors from cannot be forecast at any site.
        self.learnable_ = [bool(past.errors(0).complete.any()) for past in self.past_]
        months = np.isfinite(self.history_).sum(axis=(2, 3))
        self.enough_ = (months >= FEWEST_MONTHS) & np.array(self.learnable_)
        return self

    def sample_paths(self, X: xr.DataArray | xr.Dataset, *, known_months: int) -> xr.DataArray:
        """Paths with dims ``(site, indicator, month, path)``; the first ``known_months`` months are those of ``X``."""
        paths = np.stack([paths for _, paths in self.iterate_paths(X, known_months=known_months)], axis=1)
        coords = {"site": self.sites_, "indicator": self.indicators_, "month": np.arange(1, 13)}
        return xr.DataArray(paths, dims=("site", "indicator", "month", "path"), coords=coords)

    def iterate_paths(
        self, X: xr.DataArray | xr.Dataset, *, known_months: int
    ) -> Iterator[tuple[str, Floats]]:
        """The paths of one indicator after the other, shape (site, month, path): a year of a country fits in memory.

        All indicators share their draws, so that months that are bad for one can be bad for another.
        """
        check_is_fitted(self)
        if not 0 <= known_months < 12:
            raise InputError(
                f"已知月数 {known_months} 不合理", why="应在 0 与 11 之间；十二个月都已知时没有可预测的"
            )
        current = self.current_year(X)
        seed = np.random.default_rng(self.random_state).integers(2**63)
        for place, code in enumerate(self.indicators_):
            log, months = self.logarithms_[place], current[:, place]
            if not self.learnable_[place]:
                yield code, np.full((*months.shape, self.n_paths), np.nan)
                continue
            # A zero has no logarithm: the model does without it, the path keeps it.
            usable = np.log(np.where(months > 0, months, np.nan)) if log else months
            drawn = sample_year(
                self.past_[place],
                usable,
                known_months=known_months,
                n_paths=self.n_paths,
                random=np.random.default_rng(seed),
            )
            fixed = np.asarray(np.isfinite(months) & (np.arange(12) < known_months), dtype=bool)
            yield code, np.where(fixed[:, :, None], months[:, :, None], np.exp(drawn) if log else drawn)

    def current_year(self, X: xr.DataArray | xr.Dataset) -> Floats:
        """The months of the year that is forecast, shape (site, indicator, month), NaN where nothing is known."""
        values, years, sites, indicators = _by_years(X)
        found = np.full((len(self.sites_), len(self.indicators_), 12), np.nan)
        if self.year_ not in years:
            return found
        rows, columns = (
            pd.Index(sites).get_indexer(self.sites_),
            pd.Index(indicators).get_indexer(self.indicators_),
        )
        year = values[:, :, list(years).index(self.year_)]
        chosen: Floats = np.where(
            (rows[:, None] >= 0)[..., None] & (columns >= 0)[None, :, None], year[rows][:, columns], np.nan
        )
        return chosen


def _past(history: Floats, weather: Floats | None) -> Past:
    if weather is None:
        return Past(history)
    beyond = np.full_like(history[:, :1], np.nan)
    return Past(history, by_weather=explain_by_weather(np.concatenate([history, beyond], axis=1), weather))


def _by_years(data: xr.DataArray | xr.Dataset) -> tuple[Floats, list[int], list[Any], list[str]]:
    if 0 in data.sizes.values():
        raise InputError("数据是空的", why="没有站点或没有时间", todo="给出至少一个站点的逐月值")
    series = as_series(data)
    if series.time.dtype.kind != "M":
        raise InputError("时间不是日期", why="预测按年和月进行", todo="用每月第一天作时间")
    frame = xr.DataArray(
        series.values.reshape(*series.shape, -1), dims=(*series.dims, TIME_DIM),
        coords={**{dim: (dim, labels) for dim, labels in series.coords.items()}, TIME_DIM: series.time.to_numpy()},
    )  # fmt: skip
    for dim in ("site", "indicator"):
        if dim not in frame.dims:
            frame = frame.expand_dims({dim: [""]})
    frame = frame.transpose("site", "indicator", TIME_DIM)
    months = pd.PeriodIndex(pd.DatetimeIndex(frame[TIME_DIM].to_numpy()), freq="M")
    if months.has_duplicates:
        raise InputError("一个月有几个时间", why="预测用月均值", todo="先用 mean_cube 求月均值")
    years = list(range(months.min().year, months.max().year + 1)) if len(months) else []
    wanted = pd.period_range(f"{years[0]}-01", f"{years[-1]}-12", freq="M") if years else months
    places = months.get_indexer(wanted)
    values = np.where(places >= 0, frame.to_numpy()[..., places], np.nan)
    labels: list[list[Any]] = [
        list(frame[dim].to_numpy()) if dim in frame.coords else list(range(frame.sizes[dim]))
        for dim in ("site", "indicator")
    ]
    return (
        values.reshape(*values.shape[:2], len(years), 12),
        years,
        labels[0],
        [str(each) for each in labels[1]],
    )
