"""Is it rising or falling, how fast, and how sure: Kendall's tests with Sen's slope for all series at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr
from scipy import stats

from suizhou_geo.errors import InputError
from suizhou_geo.forecast.autocorrelation import bootstrap_probability, variance_factors
from suizhou_geo.forecast.exact import exact_probabilities
from suizhou_geo.forecast.pairs import Bools, Floats, score_pairs
from suizhou_geo.forecast.seasons import arrange, lay_out, seasons_of
from suizhou_geo.forecast.series import Series, as_series, check_option, decimal_years
from suizhou_geo.forecast.slopes import balanced_slopes
from suizhou_geo.forecast.trend_verdicts import judge_trends

AUTOCORRELATIONS = ("none", "hamed_rao", "block_bootstrap")

#: Neighbouring steps that stay together in a block: a year of months.
_BLOCK = 12

#: Pair slopes that are held at one time, and the fewest series worth a round.
_SLOPES_HELD, _FEWEST = 1_000_000, 128


def mann_kendall(
    data: xr.DataArray | xr.Dataset,
    *,
    censored: xr.DataArray | None = None,
    autocorrelation: str = "none",
    confidence: float = 0.95,
    rounds: int = 1000,
    random_state: int = 0,
) -> xr.Dataset:
    """Mann–Kendall's test and Sen's slope of every series.

    S is the number of pairs that rise less those that fall (Mann 1945, Kendall 1975); a value below detection lies
    anywhere below its limit. Its variance counts ties and such values exactly. ``z`` has the continuity correction;
    ``p`` is two-sided; ``p_exact``, up to 20 values and where every pair has a known order, counts all orders.
    The verdict is in the words of confidence in the direction (Snelder and others 2022): 1 − p/2 from 0.9 up 很可能,
    from 0.67 up 可能, else 方向不明; too few values give 未分析 and the reason.

    Parameters
    ----------
    data
        Array with a dim ``time`` and any others, or a cube of indicators as ``files.observation_cube`` gives it. Times
        are dates (slopes are per year) or numbers (per unit).
    censored
        Of an array: where the value is a detection limit that nothing reached.
    autocorrelation
        ``"none"``; ``"hamed_rao"`` (1998): the variance grows with the significant autocorrelation of the ranks; or
        ``"block_bootstrap"``: ``p`` is that of ``rounds`` series of joined blocks of twelve steps (``random_state``).
    confidence
        Of the interval of the slope.

    Returns
    -------
    Dataset
        Per series ``n, n_censored, s, var_s, z, p, p_exact, tau`` (tau-b), ``slope, slope_low, slope_high`` in units of
        the indicator per year, ``intercept`` (at the first time, Conover 1980), ``confidence`` (in the direction),
        ``verdict``, ``meaning`` (改善 or 恶化, where the indicator has a good side) and ``note``.

    Raises
    ------
    InputError
        There is no time, a time stands there twice, values are no numbers, or a choice is unknown.

    Examples
    --------
    >>> years = xr.DataArray([[1.0, 2.0, 3.0, 4.0, 4.0, 6.0, 7.0, 8.0]], dims=("site", "time"), coords={"time": range(8)})
    >>> found = mann_kendall(years).isel(site=0)
    >>> float(found.s), float(found.slope), str(found.verdict.values)
    (27.0, 1.0, '很可能上升')
    >>> str(mann_kendall(years * float("nan")).note.values[0])
    '没有数据'
    """
    series = as_series(data, censored=censored)
    times = decimal_years(series.time)
    check_option(autocorrelation, AUTOCORRELATIONS)
    layout = np.arange(len(times))[None, :]
    return _analyse(
        series,
        layout,
        (times - times[:1])[None, :],
        moments=times,
        seasonal=False,
        adjust=autocorrelation,
        confidence=confidence,
        bootstrap=lambda: bootstrap_probability(
            series.values,
            series.censored,
            times - times[:1],
            block=_BLOCK,
            rounds=rounds,
            random_state=random_state,
        ),
    )


def seasonal_kendall(
    data: xr.DataArray | xr.Dataset,
    *,
    censored: xr.DataArray | None = None,
    seasons: str | int = "month",
    confidence: float = 0.95,
) -> xr.Dataset:
    """The seasonal Kendall test and slope of every series: only values of the same season are compared.

    S and its variance are summed over the seasons (Hirsch, Slack and Smith 1982), slopes are those of pairs within a
    season in different years. ``heterogeneity`` is χ² of the seasons' own trends with its ``heterogeneity_p`` (van
    Belle and Hughes 1984): a small one says that the seasons disagree and their sum means little.

    Parameters
    ----------
    data, censored, confidence
        As in :func:`mann_kendall`.
    seasons
        ``"month"``; ``"quarter"``, also for monthly data; or, for numbers as times, how many steps a year has.

    Returns
    -------
    Dataset
        As :func:`mann_kendall`, with ``heterogeneity, heterogeneity_p, n_seasons``. No ``p_exact``.

    Raises
    ------
    InputError
        As :func:`mann_kendall`, or seasons that do not fit the times.

    Examples
    --------
    >>> months = xr.DataArray(np.arange(48) // 12 + np.arange(48) % 12 * 5.0, dims="time", coords={"time": range(48)})
    >>> found = seasonal_kendall(months, seasons=12)
    >>> float(found.s), float(found.slope), float(found.heterogeneity_p) > 0.99
    (72.0, 1.0, True)
    """
    series = as_series(data, censored=censored)
    season, year = seasons_of(series.time, seasons)
    layout = lay_out(season)
    padded = np.append(year, year.max(initial=0) + 1.0)
    moments = decimal_years(series.time) / (seasons if isinstance(seasons, int) else 1)
    return _analyse(
        series,
        layout,
        padded[layout],
        moments=moments,
        seasonal=True,
        adjust="none",
        confidence=confidence,
    )


def trend_table(trends: xr.Dataset) -> pd.DataFrame:
    """Trends as a table, one row per site and indicator that has a value."""
    table = trends.to_dataframe().reset_index()
    return table[table["n"] > 0].reset_index(drop=True)


def _analyse(
    series: Series,
    layout: npt.NDArray[np.intp],
    times: Floats,
    *,
    moments: Floats,
    seasonal: bool,
    adjust: str,
    confidence: float,
    bootstrap: Callable[[], Floats] | None = None,
) -> xr.Dataset:
    if not 0.5 < confidence < 1:
        raise InputError(f"置信水平 {confidence} 不合理", why="应在 0.5 与 1 之间，如 0.95")
    pairs = layout.shape[0] * layout.shape[1] * (layout.shape[1] - 1) // 2
    step = max(_FEWEST, _SLOPES_HELD // max(pairs, 1))
    chunks = [slice(start, start + step) for start in range(0, len(series.values), step)]

    def work(part: slice) -> dict[str, npt.NDArray[np.generic]]:
        return _analyse_chunk(
            series.values[part], series.censored[part], layout, times, seasonal=seasonal, adjust=adjust,
            confidence=confidence,
        )  # fmt: skip

    with ThreadPoolExecutor() as pool:
        found = list(pool.map(work, chunks))
    columns = {name: np.concatenate([each[name] for each in found]) for name in found[0]} if found else {}
    columns["intercept"] = _intercepts(series.values, moments - moments[:1], columns["slope"])
    if adjust == "block_bootstrap" and bootstrap is not None:
        # What the blocks say takes the place of every probability that needs independent values.
        columns["p"], columns["p_exact"] = bootstrap(), np.full(len(series.values), np.nan)
    elif not seasonal:
        columns["p_exact"] = exact_probabilities(series.values, series.censored, columns["s"])
    columns |= judge_trends(series, columns, layout=layout if seasonal else None)
    return series.unstack({name: columns[name] for name in _ORDER if name in columns})


_ORDER = (
    "n", "n_censored", "s", "var_s", "z", "p", "p_exact", "tau", "slope", "slope_low", "slope_high", "intercept",
    "heterogeneity", "heterogeneity_p", "n_seasons", "confidence", "verdict", "meaning", "note",
)  # fmt: skip


def _analyse_chunk(
    values: Floats, censored: Bools, layout: npt.NDArray[np.intp], times: Floats, *, seasonal: bool, adjust: str,
    confidence: float,
) -> dict[str, npt.NDArray[np.generic]]:  # fmt: skip
    arranged, flags = arrange(values, layout, np.nan), arrange(censored, layout, False)
    scores = score_pairs(arranged, flags, times)
    s, variance = scores.s.sum(axis=0), scores.variance.sum(axis=0)
    if adjust == "hamed_rao":
        line, _, _ = balanced_slopes(arranged, flags, times, spread=np.zeros(len(values)))
        variance = variance * variance_factors(values - np.nan_to_num(line)[:, None] * times[0])
    z = _z(s, variance)
    spread = stats.norm.ppf((1 + confidence) / 2) * np.sqrt(variance)
    slope, low, high = balanced_slopes(arranged, flags, times, spread=spread)
    with np.errstate(divide="ignore", invalid="ignore"):
        tau = s / np.sqrt(scores.untied * scores.pairs).sum(axis=0)
    columns: dict[str, npt.NDArray[np.generic]] = {
        "n": scores.n.sum(axis=0), "n_censored": censored.sum(axis=1), "s": s, "var_s": variance, "z": z,
        "p": 2 * stats.norm.sf(np.abs(z)), "tau": np.nan_to_num(tau), "slope": slope, "slope_low": low,
        "slope_high": high,
    }  # fmt: skip
    return columns | (_heterogeneity(scores.s, scores.variance) if seasonal else {})


def _z(s: Floats, variance: Floats) -> Floats:
    # Without variance nothing can be told from chance.
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (s - np.sign(s)) / np.sqrt(variance)
    return np.where(variance > 0, z, 0.0)


def _heterogeneity(s: Floats, variance: Floats) -> dict[str, npt.NDArray[np.generic]]:
    usable = variance > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(usable, s / np.sqrt(variance), 0.0)
    count = usable.sum(axis=0)
    mean = z.sum(axis=0) / np.maximum(count, 1)
    statistic = (z**2).sum(axis=0) - count * mean**2
    statistic = np.where(count > 1, np.maximum(statistic, 0.0), np.nan)
    return {
        "heterogeneity": statistic,
        "heterogeneity_p": stats.chi2.sf(statistic, np.maximum(count - 1, 1)),
        "n_seasons": count,
    }


def _intercepts(values: Floats, times: Floats, slope: Floats) -> Floats:
    known = np.isfinite(values)
    found = np.full(len(values), np.nan)
    some = known.any(axis=1)
    if some.any():
        moments = np.where(known, times, np.nan)
        found[some] = np.nanmedian(values[some], axis=1) - slope[some] * np.nanmedian(moments[some], axis=1)
    return found
