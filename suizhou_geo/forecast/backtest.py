"""Were we right before: every held-out year at every number of known months, beside the closed-form baselines."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from suizhou_geo.errors import InputError
from suizhou_geo.forecast.attainment import MeanTarget
from suizhou_geo.forecast.forecaster import AttainmentForecaster, _by_years
from suizhou_geo.forecast.marks import blocks_of, check_marks, interval_of, skill
from suizhou_geo.forecast.pairs import Floats
from suizhou_geo.forecast.scores import (
    brier,
    covers,
    crps,
    log_score,
    reliability_bins,
    reliability_slope,
    rps,
)

OURS, BAR, PERSISTENCE = "suizhou_geo", "year_to_date_last_year", "persistence"

BACKTEST_COLUMNS = (
    "k", "method", "crps", "brier", "log_score", "rps", "coverage_50", "coverage_80", "coverage_90", "width_90",
    "coverage_min_region", "reliability_slope", "brier_skill", "crps_skill", "low", "high", "skill_persistence", "n",
    "n_eff", "worst_site", "years",
)  # fmt: skip

#: Samples of a baseline's pooled errors; more would not change a score that is printed to three digits.
_POOLED = 1000

#: Years in which fewer sites are complete than this part of the best year's are not scored.
_FEWEST_SHARE = 0.25


def backtest(
    data: xr.DataArray | xr.Dataset,
    *,
    target: MeanTarget,
    years: list[int] | None = None,
    regions: Mapping[str, str] | None = None,
    covariates: pd.DataFrame | None = None,
    n_paths: int = 1000,
    random_state: int = 0,
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Scores of the forecast and of the baselines for every number of known months k = 0…11.

    Each held-out year is forecast from the years before it alone, at every k, and compared with what came. Baselines:
    climatology (the site's past years), persistence (last year's mean), year-to-date with last year's remaining
    months, the same annualised by ratio, seasonal naive paths, and their equal-weight combination; their errors are
    those of the years before, pooled over all sites. Only sites whose year and history are complete are scored.

    ``crps_skill`` is against year-to-date with last year's months, with a 90 % interval ``low … high`` of a block
    bootstrap over years and regions (over tenths of the sites where there is one year and no regions);
    ``skill_persistence`` and ``brier_skill`` are against persistence. ``n_eff`` counts the years and regions: sites of
    one year and region share their weather and are no independent cases.
    ``attrs["marks"]`` holds every pass mark with its figure, interval and verdict (:func:`check_marks`),
    ``attrs["reliability"]`` our probabilities beside what came, in tenths, over all k (``reliability_bins``).

    Parameters
    ----------
    data
        Monthly values, dims ``(site, time)``.
    years
        Held-out years; by default all with at least two years before them.
    covariates
        Weather or flow for our forecast, as for :meth:`AttainmentForecaster.fit`; the baselines use none.
    regions
        Region of each site; the first two of its own blocks are formed if not given (one region).

    Returns
    -------
    DataFrame
        Columns :data:`BACKTEST_COLUMNS`, one row per k and method.

    Raises
    ------
    InputError
        No year is complete with two years before it.
    """
    array = data[[target.indicator]] if isinstance(data, xr.Dataset) else data
    values, all_years, sites, _ = _by_years(array)
    values = values[:, 0]
    complete = {
        year: np.isfinite(values[:, place - 2 : place + 1]).all(axis=(1, 2))
        for place, year in enumerate(all_years)
        if place >= 2 and (years is None or year in years)
    }
    most = max((each.sum() for each in complete.values()), default=0)
    # A year with a handful of the sites says nothing about all of them.
    chosen = [year for year, each in complete.items() if each.sum() >= max(1, _FEWEST_SHARE * most)]
    cases = [
        case
        for year in chosen
        for case in _cases_of(
            array, values, all_years, year, sites, target, covariates, n_paths, random_state, progress
        )
    ]
    if not cases:
        raise InputError("没有可回测的年份", why="每个留出年之前至少要有两年完整的月值", todo="补充历史数据")
    by_site = pd.concat(cases, ignore_index=True)
    by_site["region"] = by_site["site"].map(regions or {}).fillna("") if regions else ""
    by_site["block"] = blocks_of(by_site)
    table = _summarise(by_site)
    ours = by_site[by_site["method"] == OURS]
    table.attrs["marks"] = check_marks(_beside_references(by_site)).to_dict("list")
    table.attrs["reliability"] = reliability_bins(ours["p"], ours["met"]).to_dict("list")
    return table


def _cases_of(
    array: xr.DataArray | xr.Dataset, values: Floats, all_years: list[int], year: int, sites: list[str],
    target: MeanTarget, covariates: pd.DataFrame | None, n_paths: int, random_state: int, progress: Callable[[str], None] | None,
) -> Iterator[pd.DataFrame]:  # fmt: skip
    place = all_years.index(year)
    complete = np.isfinite(values[:, place - 2 : place + 1]).all(axis=(1, 2))
    if not complete.any():
        return
    keep = np.flatnonzero(complete)
    picked = array.isel(site=keep) if "site" in array.dims else array
    model = AttainmentForecaster(n_paths=n_paths, random_state=random_state)
    model.fit(picked, year=year, covariates=covariates)
    truth = values[keep, place].mean(axis=1)
    # The baselines take the years that are complete at all of these sites, back to the first that is not.
    gaps = np.flatnonzero(~np.isfinite(values[keep, : place + 1]).all(axis=(0, 2)))
    whole = values[keep, gaps.max(initial=-1) + 1 : place + 1]
    for known in range(12):
        if progress:
            progress(f"{year} 年，已知 {known} 个月，{len(keep)} 个站点")
        samples = {OURS: next(model.iterate_paths(picked, known_months=known))[1].mean(axis=1)}
        samples |= _baselines(whole, known=known, random=np.random.default_rng(random_state + known))
        for method, drawn in samples.items():
            yield _score(method, drawn, truth, target=target).assign(
                k=known, year=year, site=[str(sites[each]) for each in keep]
            )


def _baselines(values: Floats, *, known: int, random: np.random.Generator) -> dict[str, Floats]:
    # values: (site, year, month), the last year being the one that is forecast from its first ``known`` months.
    def year_to_date(upto: int) -> Floats:
        now, last = values[:, upto], values[:, upto - 1]
        found: Floats = np.where(np.arange(12) < known, now, last).mean(axis=1)
        return found

    def annualised(upto: int) -> Floats:
        found: Floats = values[:, upto - 1].mean(axis=1)
        if known:
            found *= values[:, upto, :known].sum(axis=1) / values[:, upto - 1, :known].sum(axis=1)
        return found

    def persisted(upto: int) -> Floats:
        found: Floats = values[:, upto - 1].mean(axis=1)
        return found

    last = values.shape[1] - 1
    past = [year for year in range(1, last) if np.isfinite(values[:, year - 1 : year + 1]).all()]
    found = {}
    for name, predict in ((BAR, year_to_date), ("annualised", annualised), (PERSISTENCE, persisted)):
        errors = np.concatenate([values[:, year].mean(axis=1) - predict(year) for year in past])
        drawn = errors if len(errors) <= _POOLED else random.choice(errors, _POOLED)
        found[name] = predict(last)[:, None] + drawn[None, :]
    means = values[:, :last].mean(axis=2)
    found["climatology"] = (
        means[:, :, None].mean(axis=1)
        + (means - means.mean(axis=1, keepdims=True)).ravel()[None, :][:, :_POOLED]
    )
    rest = values[:, :last, known:].mean(axis=2) * (12 - known) / 12
    found["seasonal_naive"] = values[:, last, :known].sum(axis=1)[:, None] / 12 + rest
    levels = np.linspace(0.005, 0.995, 199)
    members = [np.quantile(found[name], levels, axis=1).T for name in (BAR, PERSISTENCE, "seasonal_naive")]
    found["combination"] = np.mean(members, axis=0)
    return found


def _score(method: str, samples: Floats, truth: Floats, *, target: MeanTarget) -> pd.DataFrame:
    p, met = target.is_met(samples).mean(axis=1), target.is_met(truth)
    scored = {"method": method, "crps": crps(samples, truth), "p": p, "met": met, "brier": brier(p, met)}
    scored["log_score"] = log_score(p, met, n_paths=samples.shape[1])
    scored["rps"] = rps(np.stack([1 - p, p], axis=1), np.where(met, 2, 1))
    for level in (50, 80, 90):
        scored[f"coverage_{level}"], scored[f"width_{level}"] = covers(samples, truth, level=level / 100)
    return pd.DataFrame(scored)


def _summarise(by_site: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for k, cases in by_site.groupby("k"):
        wide = {
            name: cases[cases["method"] == name].reset_index(drop=True) for name in cases["method"].unique()
        }
        bar, last = wide[BAR], wide[PERSISTENCE]
        for method, own in wide.items():
            beside = own.assign(bar=bar["crps"])
            low, high = interval_of(beside, lambda c, counts: skill(c["crps"], c["bar"], counts))
            worst = own.groupby("site")["crps"].mean()
            rows.append(
                {
                    "k": k, "method": method,
                    **own[["crps", "brier", "log_score", "rps", "coverage_50", "coverage_80", "coverage_90", "width_90"]].mean().to_dict(),
                    "coverage_min_region": own.groupby("region")["coverage_90"].mean().min(),
                    "reliability_slope": float(reliability_slope(own["p"], own["met"])),
                    "brier_skill": float(skill(own["brier"], last["brier"])),
                    "crps_skill": float(skill(own["crps"], bar["crps"])), "low": low, "high": high,
                    "skill_persistence": float(skill(own["crps"], last["crps"])),
                    "n": len(own), "n_eff": own.groupby(["year", "region"]).ngroups, "worst_site": worst.idxmax(),
                    "years": "、".join(map(str, sorted(own["year"].unique()))),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)[list(BACKTEST_COLUMNS)]


def _beside_references(by_site: pd.DataFrame) -> pd.DataFrame:
    # Our cases with the scores of year-to-date and of persistence for the same site, year and k.
    keys = ["k", "year", "site"]
    bar, last = (
        by_site.loc[by_site["method"] == method, [*keys, "crps", "brier"]] for method in (BAR, PERSISTENCE)
    )
    ours = by_site[by_site["method"] == OURS]
    return ours.merge(bar, on=keys, suffixes=("", "_bar")).merge(last, on=keys, suffixes=("", "_last"))
