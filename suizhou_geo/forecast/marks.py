"""The pass marks of a back-test: each figure with its interval beside what is asked of it."""

from collections.abc import Callable, Iterator
from importlib.resources import files as package_files

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo.forecast.pairs import Floats
from suizhou_geo.forecast.scores import reliability_slope

MARK_COLUMNS = ("figure", "words", "k", "value", "low", "high", "at_least", "at_most", "verdict")

MET, MISSED, OPEN, UNKNOWN = "达到", "未达到", "不足，但区间含标准", "无法计算"

#: Rounds of the bootstrap over blocks.
_ROUNDS = 400

#: One year of one region is drawn in so many groups of its sites.
_GROUPS = 10

#: A figure of cases of which each counts so many times: counts of shape (…, case) give an array of shape (…).
Statistic = Callable[[pd.DataFrame, Floats], Floats]


def blocks_of(cases: pd.DataFrame) -> pd.Series:
    """What is drawn together: the sites of one year and region; a single block of all is cut into tenths of the sites.

    Such a tenth is no region: neighbours in different groups share their weather, so an interval is too narrow then.
    """
    blocks: pd.Series = cases["year"].astype(str) + cases["region"]
    if blocks.nunique() > 1:
        return blocks
    return blocks + "/" + (cases["site"].astype("category").cat.codes % _GROUPS).astype(str)


def check_marks(cases: pd.DataFrame) -> pd.DataFrame:
    """Every pass mark with the figure, its 90 % interval and a verdict, one row per mark and number of known months.

    The interval is that of a bootstrap over whole blocks (:func:`blocks_of`). A mark is missed when the interval lies
    wholly outside it; a figure outside whose interval reaches the mark is told as such.

    Parameters
    ----------
    cases
        Our cases, one row per k, year and site: ``k, year, site, region, p, met, crps, crps_bar, crps_last, brier,
        brier_last, coverage_90``.

    Returns
    -------
    DataFrame
        Columns :data:`MARK_COLUMNS`; ``k`` is a number of known months or ``全部`` (all together).
    """
    marks = pd.read_csv(package_files("suizhou_geo.forecast").joinpath("pass_marks.csv"))
    rows = []
    for mark in marks.itertuples():
        for k, chosen in _cases_for(cases, str(mark.known_months)):
            value, low, high = _estimate(chosen, _STATISTICS[str(mark.figure)])
            lower, upper = _bound(mark.at_least, -np.inf), _bound(mark.at_most, np.inf)
            verdict = _verdict((value, low, high), lower=lower, upper=upper)
            rows.append((mark.figure, mark.words, k, value, low, high, mark.at_least, mark.at_most, verdict))
    return pd.DataFrame(rows, columns=list(MARK_COLUMNS))


def skill(own: npt.ArrayLike, reference: npt.ArrayLike, counts: npt.ArrayLike = 1.0) -> Floats:
    """What part of the reference's score is saved, 1 at best; NaN where the reference is never wrong.

    >>> float(skill([1.0, 1.0], [2.0, 2.0]))
    0.5
    """
    ours, theirs, weights = (np.asarray(each, dtype=np.float64) for each in (own, reference, counts))
    total = (weights * theirs).sum(axis=-1)
    found: Floats = np.where(
        total > 0, 1 - (weights * ours).sum(axis=-1) / np.where(total > 0, total, 1), np.nan
    )
    return found


def interval_of(cases: pd.DataFrame, statistic: Statistic) -> tuple[float, float]:
    """90 % interval of a figure, from drawing whole blocks again and again; NaN with fewer than two blocks."""
    codes, found = pd.factorize(cases["block"])
    if len(found) < 2:
        return float("nan"), float("nan")
    random = np.random.default_rng(0)
    counts = random.multinomial(len(found), np.full(len(found), 1 / len(found)), size=_ROUNDS)
    drawn = statistic(cases, counts[:, codes].astype(float))
    if not np.isfinite(drawn).any():
        return float("nan"), float("nan")
    # A slope can be infinite: between drawn values nothing is interpolated.
    low, high = np.nanquantile(drawn, [0.05, 0.95], method="inverted_cdf")
    return float(low), float(high)


def _cases_for(cases: pd.DataFrame, known_months: str) -> Iterator[tuple[str, pd.DataFrame]]:
    if known_months == "pooled":
        yield "全部", cases
        return
    for k, chosen in cases.groupby("k"):
        if known_months in ("each", str(k)):
            yield str(k), chosen


def _estimate(cases: pd.DataFrame, statistic: Statistic) -> tuple[float, float, float]:
    return float(statistic(cases, np.ones(len(cases)))), *interval_of(cases, statistic)


def _bound(value: object, otherwise: float) -> float:
    return otherwise if pd.isna(value) else float(value)  # type: ignore[arg-type]


def _verdict(estimate: tuple[float, float, float], *, lower: float, upper: float) -> str:
    value, low, high = estimate
    if np.isnan(value):
        return UNKNOWN
    if lower <= value <= upper:
        return MET
    # Without an interval nothing says that the mark was not reached by chance, nor that it was.
    beyond = high < lower or low > upper or np.isnan(low)
    return MISSED if beyond else OPEN


def _coverage(cases: pd.DataFrame, counts: Floats) -> Floats:
    found: Floats = counts @ cases["coverage_90"].to_numpy(dtype=float) / counts.sum(axis=-1)
    return found


def _coverage_of_worst_region(cases: pd.DataFrame, counts: Floats) -> Floats:
    # Without regions there is none that could be the worst.
    if cases["region"].nunique() < 2:
        return np.full(counts.shape[:-1], np.nan)
    member = pd.get_dummies(cases["region"]).to_numpy(dtype=float)
    numbers = counts @ member
    hits = (counts * cases["coverage_90"].to_numpy(dtype=float)) @ member
    found: Floats = np.where(numbers > 0, hits / np.maximum(numbers, 1), np.inf).min(axis=-1)
    return found


_STATISTICS: dict[str, Statistic] = {
    "crps_skill": lambda cases, counts: skill(cases["crps"], cases["crps_bar"], counts),
    "skill_persistence": lambda cases, counts: skill(cases["crps"], cases["crps_last"], counts),
    "brier_skill": lambda cases, counts: skill(cases["brier"], cases["brier_last"], counts),
    "coverage_90": _coverage,
    "coverage_min_region": _coverage_of_worst_region,
    "reliability_slope": lambda cases, counts: reliability_slope(cases["p"], cases["met"], counts),
}
