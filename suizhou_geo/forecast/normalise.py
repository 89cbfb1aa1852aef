"""Was it effort or the weather: a series without what weather or flow explains, and a change split into the two."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from suizhou_geo.errors import InputError
from suizhou_geo.forecast.pairs import Floats
from suizhou_geo.forecast.series import check_option

KINDS = ("weather", "flow")

#: Folds of whole months: neighbouring days must not tell each other's value.
_FOLDS = 6

#: Values with covariates that a site needs: two years of days, or of months.
FEWEST = {"weather": 365, "flow": 24}

#: Times that level and weather are found in turns.
_ROUNDS = 3

#: Coverage that the interval of an effort is meant to have.
_COVERAGE = 0.9


@dataclass(frozen=True)
class Normalised:
    """``series``: ``site_id, indicator, time, value, normalised``; ``fit``: per site ``r2`` out of fold, ``n, note``.

    ``residuals`` hold the logarithm of value over prediction, columns ``site_id, time, residual, expected``.
    """

    series: pd.DataFrame
    fit: pd.DataFrame
    residuals: pd.DataFrame


def normalise(
    values: pd.DataFrame, *, covariates: pd.DataFrame, kind: str = "weather", random_state: int = 0
) -> Normalised:
    """A series with the part taken out that weather (air) or flow (water) explains, by models that never saw the month.

    The logarithm is predicted from the covariates and the season, each month by a model of the others: gradient
    boosting for ``weather``; for ``flow`` a line in the logarithm of flow, its square and the season. The models learn
    from values without their level over a year: a step of effort must not be taken for weather, nor a month left out
    be judged by the months beyond the step. What remains is put on the mean prediction of its calendar month: the
    value as it would have been in usual weather.

    Parameters
    ----------
    values
        Tidy rows of one indicator, ``site_id, time, indicator, value`` (above 0), one a day or month.
    covariates
        ``time`` and numeric columns, with ``site_id`` if they differ between sites.
    kind
        ``"weather"`` or ``"flow"``.

    Raises
    ------
    InputError
        No covariate column, several indicators, values infinite or not above 0, or no time in common.
    """
    check_option(kind, KINDS)
    joined, names = _join(values, covariates)
    series, fits, residuals = [], [], []
    for site, own in joined.groupby("site_id", sort=False):
        if len(own) < FEWEST[kind]:
            fits.append(
                {"site_id": site, "n": len(own), "r2": np.nan, "note": f"有协变量的值少于 {FEWEST[kind]} 个"}
            )
            continue
        expected, level = _out_of_fold(own, names, kind=kind, random_state=random_state)
        truth = np.log(own["value"].to_numpy())
        around = truth - level
        usual = pd.Series(expected).groupby(own["time"].dt.month.to_numpy()).transform("mean").to_numpy()
        series.append(own.assign(normalised=np.exp(truth - expected + usual)))
        residuals.append(
            pd.DataFrame(
                {
                    "site_id": site,
                    "time": own["time"].to_numpy(),
                    "residual": truth - expected,
                    "expected": expected,
                }
            )
        )
        fits.append({"site_id": site, "n": len(own), **_fit_of(around, expected)})
    if not series:
        raise InputError(f"没有一个站点有 {FEWEST[kind]} 个带协变量的值", todo="补充协变量或更长的数据")
    columns = ["site_id", "indicator", "time", "value", "normalised"]
    return Normalised(
        pd.concat(series, ignore_index=True)[columns],
        pd.DataFrame(fits),
        pd.concat(residuals, ignore_index=True),
    )


def split_changes(normalised: Normalised, *, at: str | None = None, months: int = 12) -> pd.DataFrame:
    """The change between the months before and after a date, split into weather (or flow) and effort.

    ``change`` is that of the mean logarithm, as per cent; ``weather`` what the predictions explain of it, ``effort``
    the rest. The interval ``low … high`` of the effort is as wide as the efforts that the same reckoning finds where
    nothing was said to happen: at the other dates and sites, those that share a day with the tested windows left out
    where enough others remain. ``verdict`` is 有 (an effect stands out), 无 or 无法判定.

    Parameters
    ----------
    at
        First day of the months after; the middle of the series if not given.
    months
        How many months before and after are compared; whole years keep the season out.

    Raises
    ------
    InputError
        The series do not reach ``months`` before and after that date at any site.
    """
    table = normalised.residuals
    day = pd.Timestamp(at) if at else _middle(table)
    tested = pd.DataFrame(_steps_at(table, day, months))
    if tested.empty:
        raise InputError(f"{day:%Y-%m-%d} 前后各 {months} 个月的数据不足", todo="换一个日期，或减少 months")
    placebo = _placebos(table, day, months)
    rows = []
    for row in tested.to_dict("records"):
        half = _half_width(placebo, site=row["site_id"])
        effort, weather = row["effort"], row["weather"]
        called = "无法判定" if np.isnan(half) else ("有" if abs(effort) > half else "无")
        rows.append(
            {
                "site_id": row["site_id"], "at": day, "change": _percent(effort + weather), "weather": _percent(weather),
                "effort": _percent(effort), "low": _percent(effort - half), "high": _percent(effort + half),
                "n_placebo": len(placebo), "verdict": called,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _join(values: pd.DataFrame, covariates: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    if values["indicator"].nunique() != 1:
        raise InputError(
            "一次只归一化一个指标",
            why=f"有：{'、'.join(sorted(values['indicator'].unique()))}",
            todo="用 --indicator 选一个",
        )
    names = [
        str(name)
        for name in covariates.columns
        if name not in {"site_id", "time"}
        and pd.api.types.is_numeric_dtype(covariates[name])
        and covariates[name].notna().any()
    ]
    if not names:
        raise InputError(
            "协变量表没有数值列",
            why=f"列：{'、'.join(map(str, covariates.columns))}",
            todo="给出气温、风速或流量等列",
        )
    known = values[values["value"].notna() & values["time"].notna()]
    if np.isinf(known["value"]).any():
        raise InputError("归一化的值不是有限的数", why="有无穷大", todo="核对数据文件")
    if (known["value"] <= 0).any():
        raise InputError("归一化的值须大于 0", why=f"最小值 {known['value'].min():g}", todo="先处理 0 和负值")
    keys = ["site_id", "time"] if "site_id" in covariates.columns else ["time"]
    joined = known.merge(
        covariates[[*keys, *names]].dropna(subset=names, how="all").drop_duplicates(keys),
        on=keys,
        how="inner",
    )
    if joined.empty:
        raise InputError("数据与协变量没有共同的时间", todo="核对两个文件的时间和站点")
    return joined.sort_values(["site_id", "time"]).reset_index(drop=True), names


def _fit_of(values: Floats, expected: Floats) -> dict[str, object]:
    # Values that differ by no more than the last digits have nothing to explain.
    spread = float(((values - values.mean()) ** 2).sum())
    if spread <= 1e-20 * len(values):
        return {"r2": np.nan, "note": "值没有变化，无从解释"}
    return {"r2": 1 - float(((values - expected) ** 2).sum()) / spread, "note": ""}


def _out_of_fold(
    own: pd.DataFrame, names: list[str], *, kind: str, random_state: int
) -> tuple[Floats, Floats]:
    """What covariates and season predict, each month by a model that did not see it, and the yearly level beside it."""
    features = _features(own, names, kind=kind)
    truth = np.log(own["value"].to_numpy())
    level = _yearly_level(own["time"], truth)
    for _ in range(_ROUNDS):
        # The level is what weather leaves of the yearly mean; both are found in turns.
        level = _yearly_level(
            own["time"], truth - _model(kind, random_state).fit(features, truth - level).predict(features)
        )
    truth = truth - level
    months = own["time"].dt.year.to_numpy() * 12 + own["time"].dt.month.to_numpy()
    # Months go to folds in turn by a fixed shuffle, so that every fold holds all seasons and years.
    places = np.random.default_rng(random_state).permutation(np.unique(months))
    fold_of = {month: place % _FOLDS for place, month in enumerate(places)}
    folds = np.array([fold_of[month] for month in months])
    expected = np.full(len(own), np.nan)
    for fold in range(_FOLDS):
        held = folds == fold
        if held.any() and (~held).any():
            model = _model(kind, random_state).fit(features[~held], truth[~held])
            expected[held] = model.predict(features[held])
    return expected, level


def _yearly_level(time: pd.Series, values: Floats) -> Floats:
    # The mean of half a year before and after.
    level = pd.Series(values, index=pd.DatetimeIndex(time)).rolling("365D", center=True, min_periods=1).mean()
    found: Floats = level.to_numpy()
    return found


def _features(own: pd.DataFrame, names: list[str], *, kind: str) -> Floats:
    angle = 2 * np.pi * (own["time"].dt.day_of_year.to_numpy() - 1) / 365.25
    season = np.column_stack([np.sin(angle), np.cos(angle)])
    given = own[names].to_numpy(dtype=float)
    if kind == "weather":
        return np.column_stack([given, season, own["time"].dt.day_of_week.to_numpy()])
    # Flow acts on the logarithm; where there is none, none is known.
    flow = np.log(np.where(given > 0, given, np.nan))
    flow = np.where(np.isnan(flow), np.nanmean(flow, axis=0), flow)
    return np.column_stack([flow, flow**2, season])


def _model(kind: str, random_state: int) -> Any:
    # Forecasts and pages, which share this room, do without these.
    if kind == "weather":
        from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415

        return HistGradientBoostingRegressor(
            max_iter=200, learning_rate=0.06, max_leaf_nodes=15, min_samples_leaf=15, l2_regularization=1.0,
            random_state=random_state,
        )  # fmt: skip
    from sklearn.linear_model import LinearRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    return make_pipeline(StandardScaler(), LinearRegression())


def _steps_at(table: pd.DataFrame, day: pd.Timestamp, months: int) -> Iterator[dict[str, object]]:
    start, end = day - pd.DateOffset(months=months), day + pd.DateOffset(months=months)
    window = table[(table["time"] >= start) & (table["time"] < end)]
    monthly = window.assign(after=window["time"] >= day, month=window["time"].dt.to_period("M"))
    # Means of months, so that a month with many gaps counts as much as another.
    means = monthly.groupby(["site_id", "after", "month"])[["residual", "expected"]].mean()
    for site, own in means.groupby(level=0):
        sides = own.groupby(level=1)
        if len(own) < 2 * months * 0.75 or sides.ngroups < 2 or sides.size().min() < months * 0.75:
            continue
        both = sides.mean()
        step = both.loc[True] - both.loc[False]
        yield {"site_id": site, "effort": float(step["residual"]), "weather": float(step["expected"])}


def _placebos(table: pd.DataFrame, day: pd.Timestamp, months: int) -> pd.DataFrame:
    first, last = table["time"].min(), table["time"].max()
    starts = pd.date_range(
        first + pd.DateOffset(months=months), last - pd.DateOffset(months=months), freq="MS"
    )
    rows = [
        {**step, "at": each, "near": abs((each - day).days) < 15}
        for each in starts
        for step in _steps_at(table, each, months)
    ]
    return pd.DataFrame(rows, columns=["site_id", "effort", "weather", "at", "near"])


def _half_width(placebo: pd.DataFrame, *, site: object) -> float:
    # The tested site near the tested date would measure itself.
    others = placebo[(placebo["site_id"] != site) | ~placebo["near"]]
    if len(others) < 4:
        return float("nan")
    sizes = np.abs(others["effort"].to_numpy())
    # The next one is no larger than the k-th of n with probability k/(n + 1).
    rank = min(int(np.ceil(_COVERAGE * (len(sizes) + 1))), len(sizes))
    return float(np.sort(sizes)[rank - 1])


def _middle(table: pd.DataFrame) -> pd.Timestamp:
    middle = table["time"].min() + (table["time"].max() - table["time"].min()) / 2
    return pd.Timestamp(year=middle.year, month=middle.month, day=1)


def _percent(logarithm: float) -> float:
    return float(100 * np.expm1(logarithm))
