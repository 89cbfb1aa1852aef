"""What usual weather would have brought: the part of each month's value that its weather explains."""

import numpy as np
import pandas as pd

from suizhou_geo.errors import InputError
from suizhou_geo.forecast.pairs import Floats

#: Penalties that are tried on the weather's coefficients; leaving one out decides.
_PENALTIES = (1.0, 10.0, 100.0, 1000.0)

#: Fewer months with value and weather than this per covariate would fit noise.
_MONTHS_PER_COVARIATE = 10


def weather_by_years(covariates: pd.DataFrame, *, sites: list[object], years: list[int]) -> Floats:
    """Monthly means of the numeric columns, shape (site, year, month, covariate), NaN where nothing is known.

    ``covariates`` has ``time`` and perhaps ``site_id``; without sites all have the same weather.

    Raises ``InputError`` when no column is numeric, or no site of the data has covariates.
    """
    names = [
        str(name)
        for name in covariates.columns
        if name not in {"site_id", "time"} and pd.api.types.is_numeric_dtype(covariates[name])
    ]
    if not names:
        raise InputError("协变量表没有数值列", todo="给出气温、风速或流量等列")
    months = pd.MultiIndex.from_product([years, range(1, 13)])

    def spread(own: pd.DataFrame) -> Floats:
        means = own[names].groupby([own["time"].dt.year, own["time"].dt.month]).mean()
        found: Floats = means.reindex(months).to_numpy(dtype=float).reshape(len(years), 12, len(names))
        return found

    if "site_id" not in covariates.columns:
        return np.repeat(spread(covariates)[None], len(sites), axis=0)
    by_site = {site: spread(own) for site, own in covariates.groupby(covariates["site_id"].astype(str))}
    if not by_site.keys() & {str(site) for site in sites}:
        raise InputError(
            "协变量表与数据没有共同的站点",
            why=f"协变量的站点：{'、'.join(list(by_site)[:10])}",
            todo="核对 site_id 一列，或去掉它（各站点共用一份）",
        )
    unknown = np.full((len(years), 12, len(names)), np.nan)
    return np.stack([by_site.get(str(site), unknown) for site in sites])


def explain_by_weather(values: Floats, weather: Floats) -> Floats:
    """The part of each value that its weather explains, shape (series, year, month); 0 where no weather is known.

    Each covariate counts as its departure from the calendar month's mean in the years before the last; a ridge over
    all series finds how much of the values' departures goes with it. The last year is the one in hand: its values
    are never looked at, only its weather.

    Parameters
    ----------
    values
        Logarithms (or values), shape (series, year, month); the last year may be unknown.
    weather
        Shape (series, year, month, covariate).
    """
    from sklearn.linear_model import RidgeCV  # noqa: PLC0415  (takes a second to load)

    departed = weather - _mean(weather[:, :-1], axis=1)
    scale = np.sqrt(_mean(departed[:, :-1] ** 2, axis=(0, 1, 2)))
    departed = departed / np.where(scale > 0, scale, np.inf)
    # Without the levels of years, which may change for other reasons than the weather.
    history = values[:, :-1]
    around = history - _mean(history, axis=1)
    around = around - _mean(around, axis=2)
    within = departed[:, :-1] - _mean(departed[:, :-1], axis=2)
    usable = np.isfinite(around) & np.isfinite(within).all(axis=-1)
    if usable.sum() < _MONTHS_PER_COVARIATE * weather.shape[-1]:
        return np.zeros(values.shape)
    model = RidgeCV(alphas=_PENALTIES, fit_intercept=False).fit(within[usable], around[usable])
    found: Floats = np.nan_to_num(departed @ model.coef_)
    return found


def _mean(values: Floats, *, axis: int | tuple[int, ...]) -> Floats:
    known = np.isfinite(values)
    count = known.sum(axis=axis, keepdims=True)
    total = np.where(known, values, 0.0).sum(axis=axis, keepdims=True)
    found: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return found
