"""Mean, median and spread of values of which some are only known to lie below a limit."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from suizhou_geo.errors import InputError
from suizhou_geo.forecast.pairs import Bools, Floats
from suizhou_geo.forecast.series import check_option

METHODS = ("auto", "half", "kaplan_meier", "ros", "mle")

#: Helsel (2012), table 6.11: up to this share below detection Kaplan–Meier, up to that a distribution, beyond nothing.
_NONPARAMETRIC, _PARAMETRIC = 0.5, 0.8

#: From so many values on a distribution is fitted by likelihood, below by regression on order statistics.
_MANY = 50

#: Fewer values above detection than this carry no distribution.
_FEWEST_EXACT = 3


@dataclass(frozen=True)
class CensoredSummary:
    """``mean, sd, median`` by ``method``, and ``reason`` why this one; NaN where nothing can be said."""

    n: int
    n_censored: int
    mean: float
    sd: float
    median: float
    method: str
    reason: str


def summarise_censored(
    values: npt.ArrayLike, *, censored: npt.ArrayLike, method: str = "auto"
) -> CensoredSummary:
    """Mean, standard deviation and median of values of which some lie below their limit.

    ``"half"`` puts in half the limit, as 环办监测函〔2020〕82号 item 7 asks of assessments. To describe, ``"auto"``
    follows Helsel (2012): Kaplan–Meier up to half below detection; beyond, robust regression on order statistics for
    fewer than 50 values and the likelihood of a lognormal from 50 on; above 80 % nothing but the share is said.

    Parameters
    ----------
    values, censored
        Shape (value,): the value, or the limit where ``censored`` is true. NaN is left out.
    method
        ``"auto", "half", "kaplan_meier", "ros"`` (lognormal, Helsel and Cohn 1988) or ``"mle"`` (lognormal).

    Raises
    ------
    InputError
        An unknown method, or values that are not above 0 for a lognormal.

    Examples
    --------
    >>> found = summarise_censored([2.0, 3.0, 4.0, 5.0, 2.0], censored=[False, False, False, False, True])
    >>> found.method, round(found.mean, 3), found.median
    ('kaplan_meier', 3.2, 3.0)
    >>> summarise_censored([1.0, 1.0, 2.0], censored=[True, True, False], method="half").mean
    1.0
    """
    check_option(method, METHODS)
    array = np.asarray(values, dtype=np.float64)
    flags = np.asarray(censored, dtype=bool)[np.isfinite(array)]
    array = array[np.isfinite(array)]
    n, n_censored = len(array), int(flags.sum())
    chosen, reason = _choose(n, n_censored) if method == "auto" else (method, "指定")
    enough = chosen in {"half", "none"} or n - n_censored >= _FEWEST_EXACT
    if chosen == "none" or n == 0 or not enough:
        told = reason if chosen == "none" else f"高于检出限的值少于 {_FEWEST_EXACT} 个"
        return CensoredSummary(n, n_censored, np.nan, np.nan, np.nan, "none", told if n else "没有数据")
    if chosen in {"ros", "mle"} and (array <= 0).any():
        raise InputError(
            "对数正态方法的值须大于 0", why=f"最小值为 {array.min():g}", todo="改用 kaplan_meier 或 half"
        )
    mean, sd, median = _BY_METHOD[chosen](array, flags)
    return CensoredSummary(n, n_censored, float(mean), float(sd), float(median), chosen, reason)


def impute_ros(values: Floats, censored: Bools) -> Floats:
    """Values below detection replaced by what a lognormal through the others expects there (Helsel and Cohn 1988).

    Same order as given. The plotting positions are those of several limits, without offset.

    >>> impute_ros(np.array([1.0, 2.0, 4.0, 8.0]), np.array([True, False, False, False])).round(3).tolist()
    [0.549, 2.0, 4.0, 8.0]
    """
    positions = _plotting_positions(values, censored)
    scores = stats.norm.ppf(positions)
    exact = ~censored
    slope, intercept = np.polyfit(scores[exact], np.log(values[exact]), 1)
    return np.where(censored, np.exp(intercept + slope * scores), values)


def kaplan_meier(values: Floats, censored: Bools) -> tuple[Floats, Floats]:
    """Values and the probability of each, from the largest down; what is left over lies at the smallest limit.

    >>> points, masses = kaplan_meier(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, True, False, False]))
    >>> points.tolist(), masses.round(3).tolist()
    ([3.0, 2.0, 1.0], [0.25, 0.25, 0.5])
    """
    points = np.unique(values[~censored])[::-1]
    left, masses = 1.0, []
    for point in points:
        at_risk = (values <= point).sum()
        here = left * (values[~censored] == point).sum() / at_risk
        masses.append(here)
        left -= here
    if left > 1e-12:
        # Efron: the smallest value counts as found at its limit.
        points, masses = np.append(points, values.min()), [*masses, left]
    return points, np.array(masses)


def _choose(n: int, n_censored: int) -> tuple[str, str]:
    share = n_censored / max(n, 1)
    if share <= _NONPARAMETRIC:
        return "kaplan_meier", f"低于检出限 {share:.0%}，不超过一半"
    if share > _PARAMETRIC:
        return "none", f"低于检出限 {share:.0%}，只能报告高于检出限的比例"
    return (
        ("mle", f"低于检出限 {share:.0%}，{n} 个值")
        if n >= _MANY
        else ("ros", f"低于检出限 {share:.0%}，{n} 个值")
    )


def _half(values: Floats, censored: Bools) -> tuple[float, float, float]:
    return _plain(np.where(censored, values / 2, values))


def _ros(values: Floats, censored: Bools) -> tuple[float, float, float]:
    return _plain(impute_ros(values, censored))


def _plain(values: Floats) -> tuple[float, float, float]:
    sd = values.std(ddof=1) if len(values) > 1 else np.nan
    return float(values.mean()), float(sd), float(np.median(values))


def _kaplan_meier(values: Floats, censored: Bools) -> tuple[float, float, float]:
    points, masses = kaplan_meier(values, censored)
    mean = float((points * masses).sum())
    sd = float(np.sqrt((masses * (points - mean) ** 2).sum()))
    # The smallest value that at least half of all do not exceed.
    below = 1 - np.concatenate([[0.0], np.cumsum(masses)[:-1]])
    return mean, sd, float(points[below >= 0.5 - 1e-12][-1])


def _mle(values: Floats, censored: Bools) -> tuple[float, float, float]:
    logs = np.log(values)

    def loss(parameters: Floats) -> float:
        mean, sd = parameters[0], np.exp(parameters[1])
        z = (logs - mean) / sd
        return -float(
            stats.norm.logcdf(z[censored]).sum() + (stats.norm.logpdf(z[~censored]) - np.log(sd)).sum()
        )

    start = np.array([logs.mean(), np.log(max(logs.std(), 1e-3))])
    options = {"xatol": 1e-12, "fatol": 1e-12, "maxiter": 10_000, "maxfev": 10_000}
    found = optimize.minimize(loss, start, method="Nelder-Mead", options=options)
    mean, sd = found.x[0], np.exp(found.x[1])
    middle = np.exp(mean + sd**2 / 2)
    return float(middle), float(middle * np.sqrt(np.expm1(sd**2))), float(np.exp(mean))


_BY_METHOD = {"half": _half, "ros": _ros, "kaplan_meier": _kaplan_meier, "mle": _mle}


def _plotting_positions(values: Floats, censored: Bools) -> Floats:
    # Hirsch and Stedinger (1987): the probability of exceeding each limit, from the highest limit down.
    limits = np.unique(values[censored])
    if not len(limits) or values[~censored].min() < limits[0]:
        limits = np.concatenate([[-np.inf], limits])
    upper = np.append(limits[1:], np.inf)
    exact = values[~censored]
    above = np.array(
        [((exact >= low) & (exact < high)).sum() for low, high in zip(limits, upper, strict=True)]
    )
    below = np.array([(exact < low).sum() + (censored & (values <= low)).sum() for low in limits])
    exceeded = np.zeros(len(limits) + 1)
    for group in range(len(limits) - 1, -1, -1):
        share = above[group] / (above[group] + below[group]) if above[group] + below[group] else 0.0
        exceeded[group] = exceeded[group + 1] + share * (1 - exceeded[group + 1])
    group_of = np.searchsorted(limits, values, side="right") - 1
    positions = np.empty(len(values))
    for group in range(len(limits)):
        found = np.flatnonzero(~censored & (group_of == group))
        ranks = stats.rankdata(values[found], method="ordinal")
        positions[found] = (1 - exceeded[group]) + (exceeded[group] - exceeded[group + 1]) * ranks / (
            len(found) + 1
        )
        hidden = np.flatnonzero(censored & (group_of == group))
        positions[hidden] = (1 - exceeded[group]) * np.arange(1, len(hidden) + 1) / (len(hidden) + 1)
    return positions
