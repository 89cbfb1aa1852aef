"""The goals of the work plan against what is known this month."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from suizhou_geo import assess
from suizhou_geo.conventions import Feature, TargetRow
from suizhou_geo.files import Target
from suizhou_geo.plan.words import status

#: How a value is held against its target.
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": lambda value, target: value >= target,
    "<=": lambda value, target: value <= target,
    "==": lambda value, target: value == target,
    ">": lambda value, target: value > target,
    "<": lambda value, target: value < target,
}


#: From this probability on a target is likely to be met, and below what is left of it unlikely.
_LIKELY = 0.8


def evaluate_targets(
    targets: Sequence[Target],
    *,
    adcode: str,
    values: Mapping[str, float],
    month: int,
    synthetic: bool,
    chances: Mapping[str, float] | None = None,
    told: Mapping[str, str] | None = None,
) -> tuple[TargetRow, ...]:
    """One row per goal of the plan that holds for this county, in the order of the plan.

    ``values`` holds what could be computed for the year so far, by the plan's name of the indicator; ``chances`` the
    probabilities of attaining by the id of the target, and ``told`` a sentence about each.
    """
    return tuple(
        _target_row(
            target,
            value=values.get(target.indicator),
            month=month,
            synthetic=synthetic,
            chance=(chances or {}).get(target.id),
            told=(told or {}).get(target.id, ""),
        )
        for target in targets
        if target.id.startswith("G") and (target.counties == "all" or adcode in target.counties)
    )


def section_ratios(sections: Sequence[Feature]) -> dict[str, float]:
    """Shares of sections whose mean of the year so far is class Ⅲ or better, and worse than Ⅴ, in per cent.

    Sections without a class are in neither the numerator nor the denominator (环办〔2011〕22号: 断面类别比例).

    >>> section_ratios([])
    {}
    """
    classes = [status(site).year_to_date_class for site in sections if site.section]
    shares = assess.class_shares(pd.Series(classes, dtype="float64"))
    return {name: value for name, value in shares.items() if name != "n"}


def air_values(observations: pd.DataFrame, *, year: int, month: int) -> dict[str, float]:
    """Mean of PM2.5 and share of good days of the year so far, over the stations in these observations.

    >>> air_values(pd.DataFrame(columns=["site_id", "time", "indicator", "value"]), year=2021, month=6)
    {}
    """
    times = pd.to_datetime(observations["time"])
    so_far = observations[(times.dt.year == year) & (times.dt.month <= month)]
    if so_far["value"].isna().all():
        return {}
    # The stations of one county or city, whatever city they are assessed for.
    statistics = assess.assess_city(so_far.drop(columns="assessed_city", errors="ignore"), year=year)
    whole = assess.CITY if (statistics["site_id"] == assess.CITY).any() else statistics["site_id"].iloc[0]
    city = statistics[statistics["site_id"] == whole].set_index(["statistic", "pollutant"])["value"]
    wanted = {"pm2_5_mean": ("annual_mean", "pm2_5"), "good_day_ratio": ("good_ratio", "")}
    return {name: float(city[key]) for name, key in wanted.items() if key in city.index}


def _target_row(
    target: Target, *, value: float | None, month: int, synthetic: bool, chance: float | None, told: str
) -> TargetRow:
    return TargetRow(
        id=target.id,
        name=target.name,
        value=value,
        unit=target.unit,
        target=target.target,
        compare=target.compare,
        state=_state(target, value=value, month=month, chance=chance),
        p_attain=chance,
        note="；".join(filter(None, (_note(target, value=value, month=month), told))),
        due=str(target.due or ""),
        source=target.source,
        verified=target.verified,
        synthetic=synthetic and value is not None,
    )


def _state(target: Target, *, value: float | None, month: int, chance: float | None) -> str:
    if value is None or target.target is None:
        return "unknown"
    if month < 12 and chance is not None:
        return state_of_chance(chance)
    attained = COMPARISONS[target.compare](value, target.target)
    if month < 12:
        return "on_track" if attained else "behind"
    return "met" if attained else "missed"


def state_of_chance(chance: float) -> str:
    """The word for a probability of attaining the year's target: four in five is likely, one in five unlikely.

    >>> state_of_chance(0.8), state_of_chance(0.5), state_of_chance(0.19)
    ('likely', 'at_risk', 'unlikely')
    """
    if chance >= _LIKELY:
        return "likely"
    return "at_risk" if chance >= 1 - _LIKELY else "unlikely"


def _note(target: Target, *, value: float | None, month: int) -> str:
    if value is not None:
        return "；".join(filter(None, (f"1–{month} 月累计", target.note)))
    if target.judged_by == "manual":
        return target.note or "人工填报"
    return target.note or "缺少计算所需的数据"
