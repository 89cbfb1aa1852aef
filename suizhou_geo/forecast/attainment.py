"""Will the year's target be met: annual means inside the paths, rounded as the rule says, and what the rest must be."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from suizhou_geo import standards
from suizhou_geo.conventions import check_indicator, indicators
from suizhou_geo.errors import InputError
from suizhou_geo.forecast.forecaster import FEWEST_MONTHS, AttainmentForecaster
from suizhou_geo.forecast.pairs import Bools, Floats
from suizhou_geo.forecast.scenarios import attained_by, check_cut, smallest_cut

#: Probabilities for which the rest of the year's control value is given.
CONTROL_LEVELS = (0.5, 0.8)

FACT, FORECAST, NO_FORECAST = "全年已知", "预测", "无法判定"


@dataclass(frozen=True)
class MeanTarget:
    """An annual mean held against a limit, after rounding to ``decimals`` (None: not rounded at all)."""

    indicator: str
    limit: float
    decimals: int | None

    @property
    def at_most(self) -> bool:
        """Whether a smaller value is better; oxygen and transparency ask for more."""
        return indicators()[self.indicator].better != "high"

    def is_met(self, means: Floats) -> Bools:
        rounded = means if self.decimals is None else standards.round_half_even(means, decimals=self.decimals)
        return rounded <= self.limit if self.at_most else rounded >= self.limit


def mean_target(indicator: str, *, limit: float, year: int, rounding: str = "standard") -> MeanTarget:
    """The target of an annual mean, with the decimals that the rule of that year rounds to (HJ 663; 82号 for water).

    >>> mean_target("pm2_5", limit=35, year=2016).is_met(np.array([35.4, 35.5, 35.6])).tolist()
    [True, False, False]

    Raises ``InputError`` for an unknown indicator, one without a rule of rounding, or a limit that is not above 0.
    """
    about = check_indicator(indicator)
    if not limit > 0:
        raise InputError(f"目标 {limit:g} 不合理", why="应大于 0", todo="核对目标和单位")
    if rounding == "none":
        return MeanTarget(indicator, limit, None)
    if about.medium == "water":
        return MeanTarget(indicator, limit, standards.decimals_of(indicator))
    method = standards.edition_in_force(
        "air-evaluation", on=pd.Timestamp(year=max(year, 2014), month=12, day=31).date()
    )
    metrics = standards.read_table(method, name="metrics")
    row = metrics[(metrics["indicator"] == indicator) & (metrics["percentile"] == "")]
    if row.empty:
        raise InputError(
            f"{about.name}没有年均值的评价",
            why=f"{method.number} 用百分位数",
            todo="改用 --statistic p90 等",
        )
    return MeanTarget(indicator, limit, int(row["decimals"].iloc[0]))


def forecast_mean(
    data: xr.DataArray | xr.Dataset,
    *,
    target: MeanTarget,
    year: int,
    known_months: int,
    quantiles: int = 0,
    weights: Sequence[float] | None = None,
    cut: float = 0.0,
    covariates: pd.DataFrame | None = None,
    n_paths: int = 1000,
    random_state: int | None = 0,
) -> pd.DataFrame:
    """Whether an annual mean will attain, with the known months held fixed: one row per site.

    ``p_attain`` is the share of paths whose mean, rounded, meets the target. ``remaining_control_p50`` and ``_p80``
    are what the rest of the year must average for that to happen with that probability; ``rest_last_year`` is what
    the same months averaged last year, ``control_rank`` the share of past years whose rest was as low. ``skill`` is
    that of past forecasts at this number of known months against persistence (1 − ratio of squared errors of the
    year); at 0 or below the note says 无技巧. ``deficit`` is how far the mean is expected to be beyond the target (0
    in the paths that attain), ``cut_p80`` the least per cent off the remaining months that attains with probability
    0.8, ``p_attain_cut`` the probability with ``cut`` per cent off them; both for items where less is better.
    ``attrs["roll_up"]`` counts the sites that attain together.

    Parameters
    ----------
    data
        Monthly values, dims ``(site, time)``, or a cube with the indicator as a variable.
    known_months
        How many months of the year are taken as known; later ones are never looked at. 12 gives the fact.
    quantiles
        How many equally spaced quantiles of the annual mean to give (99: ``q01 … q99``).
    weights
        Weight of each month (valid days); equal if not given.
    cut
        A scenario: this many per cent off every remaining month.
    covariates
        Weather or flow (``time``, perhaps ``site_id``, numeric columns); how the known months differ from usual
        weather is then not taken for a change of level.

    Raises
    ------
    InputError
        Fewer than two years of history, a number of known months outside 0–12, or a cut outside 0–100.
    """
    check_cut(cut)
    array = data[[target.indicator]] if isinstance(data, xr.Dataset) else data
    share = np.full(12, 1 / 12) if weights is None else np.asarray(weights, dtype=float) / np.sum(weights)
    if known_months == 12:
        return _facts(array, target=target, year=year, share=share, quantiles=quantiles)
    model = AttainmentForecaster(n_paths=n_paths, random_state=random_state)
    model.fit(array, year=year, covariates=covariates)
    (_, paths), current = (
        next(model.iterate_paths(array, known_months=known_months)),
        model.current_year(array)[:, 0],
    )
    means = np.einsum("smp,m->sp", paths, share)
    rest_share = share[known_months:] / share[known_months:].sum()
    rest = np.einsum("smp,m->sp", paths[:, known_months:], rest_share)
    missing = np.isnan(current[:, :known_months]).sum(axis=1)
    usable = model.enough_[:, 0] & (missing == 0)
    met = target.is_met(means)
    past_rest = np.einsum("sym,m->sy", model.history_[:, 0, :, known_months:], rest_share)
    table = pd.DataFrame(
        {
            "site_id": model.sites_,
            "indicator": target.indicator,
            "year": year,
            "known_months": known_months,
            "mean": np.median(means, axis=1),
            **_quantiles(means, quantiles),
            "p_attain": met.mean(axis=1),
            "deficit": np.where(met, 0.0, np.abs(means - target.limit)).mean(axis=1),
            **_scenario(means, rest, target=target, share=share[known_months:].sum(), cut=cut),
            **_controls(means, rest, target=target, share=share[known_months:].sum()),
            "rest_last_year": past_rest[:, -1],
        }
    )
    table["control_rank"] = _rank(
        past_rest, table["remaining_control_p50"].to_numpy(), at_most=target.at_most
    )
    table["skill"] = _skill(model, known_months=known_months, share=share)
    table["verdict"] = np.where(usable, FORECAST, NO_FORECAST)
    table["note"] = _notes(model, missing, table["skill"].to_numpy())
    computed = [
        name
        for name in table.columns
        if name.startswith(("mean", "q", "p_attain", "deficit", "cut", "remaining", "control"))
    ]
    table.loc[~usable, computed] = np.nan
    table.attrs |= attained_by(model.sites_, met, usable)
    return table


def _facts(
    data: xr.DataArray | xr.Dataset, *, target: MeanTarget, year: int, share: Floats, quantiles: int
) -> pd.DataFrame:
    months = data if isinstance(data, xr.DataArray) else data[target.indicator]
    chosen = months.sel(time=months["time"].dt.year == year)
    sites = chosen["site"].to_numpy() if "site" in chosen.dims else [""]
    values = chosen.transpose(..., "time").to_numpy().reshape(len(sites), -1)
    complete = np.asarray(np.isfinite(values).all(axis=1) & (values.shape[1] == 12))
    means = np.where(complete, values @ share if values.shape[1] == 12 else np.nan, np.nan)
    return pd.DataFrame(
        {
            "site_id": sites, "indicator": target.indicator, "year": year, "known_months": 12, "mean": means,
            **_quantiles(means[:, None], quantiles),
            "p_attain": np.where(complete, target.is_met(means).astype(float), np.nan),
            "deficit": np.where(complete & ~target.is_met(means), np.abs(means - target.limit), means * 0),
            "cut_p80": np.nan, "p_attain_cut": np.nan,
            "remaining_control_p50": np.nan, "remaining_control_p80": np.nan, "rest_last_year": np.nan,
            "control_rank": np.nan, "skill": np.nan, "verdict": np.where(complete, FACT, NO_FORECAST),
            "note": np.where(complete, "十二个月都已知，这是事实，不是预测", "全年不足十二个月"),
        }
    )  # fmt: skip


def _quantiles(samples: Floats, count: int) -> dict[str, Floats]:
    levels = np.arange(1, count + 1) / (count + 1)
    width = max(2, len(str(count)))
    found = np.quantile(samples, levels, axis=1) if count else np.empty((0, len(samples)))
    return {f"q{number:0{width}d}": found[number - 1] for number in range(1, count + 1)}


def _scenario(
    means: Floats, rest: Floats, *, target: MeanTarget, share: float, cut: float
) -> dict[str, Floats]:
    if not target.at_most:
        return {name: np.full(len(means), np.nan) for name in ("cut_p80", "p_attain_cut")}
    cleaner = means - rest * share * cut / 100
    return {
        "cut_p80": smallest_cut(rest, allowed=_allowed(means, rest, target=target, share=share)),
        "p_attain_cut": target.is_met(cleaner).mean(axis=1),
    }


def _allowed(means: Floats, rest: Floats, *, target: MeanTarget, share: float) -> Floats:
    # What is known already, and what the rest may average before the mean rounds past the target.
    found: Floats = (_edge(target) - (means - rest * share)[:, 0]) / share
    return found


def _controls(means: Floats, rest: Floats, *, target: MeanTarget, share: float) -> dict[str, Floats]:
    allowed = _allowed(means, rest, target=target, share=share)
    middle = np.median(rest, axis=1)
    # The rest is scaled as a whole until that share of its paths keeps within what is allowed.
    levels = CONTROL_LEVELS if target.at_most else tuple(1 - level for level in CONTROL_LEVELS)
    limits = np.quantile(rest, levels, axis=1)
    names = [f"remaining_control_p{round(100 * level)}" for level in CONTROL_LEVELS]
    return {
        name: np.maximum(allowed * middle / np.where(limit > 0, limit, np.nan), 0.0)
        for name, limit in zip(names, limits, strict=True)
    }


def _edge(target: MeanTarget) -> float:
    # The largest (smallest) value that still rounds to the target; halves go to the even neighbour.
    if target.decimals is None:
        return target.limit
    step = 0.5 * 10.0**-target.decimals
    edge = target.limit + step if target.at_most else target.limit - step
    inside = bool(target.is_met(np.array([edge]))[0])
    return edge if inside else float(np.nextafter(edge, target.limit))


def _rank(past: Floats, control: Floats, *, at_most: bool) -> Floats:
    known = np.asarray(np.isfinite(past), dtype=bool)
    reached = (past <= control[:, None]) if at_most else (past >= control[:, None])
    count = known.sum(axis=1)
    return np.where(count > 0, (reached & known).sum(axis=1) / np.maximum(count, 1), np.nan)


def _skill(model: AttainmentForecaster, *, known_months: int, share: Floats) -> float:
    # Of the years that can be looked back at: the error of the year's mean beside that of last year's mean.
    past, back = model.past_[0], np.exp if model.logarithms_[0] else np.asarray
    actual = back(past.truth) @ share
    ours = back(past.truth - past.errors(known_months).vectors) @ share - actual
    last = np.stack([back(season.last_year) for season in past.seasons[:-1]]) @ share - actual
    both = np.isfinite(ours) & np.isfinite(last)
    below = float((last[both] ** 2).mean()) if both.any() else 0.0
    return 1 - float((ours[both] ** 2).mean()) / below if below > 0 else float("nan")


def _notes(model: AttainmentForecaster, missing: np.ndarray, skill: np.ndarray) -> list[str]:
    notes = []
    for enough, lacking, gained in zip(model.enough_[:, 0], missing, skill, strict=True):
        told = [
            "" if enough else f"历史不足 {FEWEST_MONTHS} 个月",
            f"已知月份中缺 {lacking} 个月" if lacking else "",
            "无技巧：不比去年的年均值更准" if gained <= 0 else "",
        ]
        notes.append("；".join(filter(None, told)))
    return notes
