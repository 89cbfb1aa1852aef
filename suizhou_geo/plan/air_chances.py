"""The chances of this year's goals for air: the mean over a city's stations, its good days, its ozone."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from suizhou_geo import forecast
from suizhou_geo.conventions import indicators
from suizhou_geo.errors import InputError
from suizhou_geo.files import Target
from suizhou_geo.plan.observed import daily_air

#: Paths behind every chance: their spread is 3 points at most.
_PATHS = 300
_SEED = 20210101

#: The plan's indicator → pollutant and statistic of ``forecast.forecast_target``.
_ASKED = {
    "pm2_5_mean": ("pm2_5", "mean"),
    "pm10_mean": ("pm10", "mean"),
    "o3_p90": ("o3_8h", "p90"),
    "good_day_ratio": ("", "good_days"),
}


@dataclass(frozen=True)
class AirChance:
    """What the forecast says of one target: the probability (None without a target), the year, and what is left."""

    p_attain: float | None
    note: str
    change: str


def air_chances(
    observations: pd.DataFrame, *, targets: Sequence[Target], year: int, month: int
) -> dict[str, AirChance]:
    """Chances of the plan's air targets by id, for the mean over these stations day by day, from what was known then.

    A target without a figure gets the forecast of the year and no probability. Nothing is said of a finished year, or
    without two years of history.
    """
    if month == 12 or observations.empty:
        return {}
    city = city_days(observations, year=year, month=month)
    asked = [target for target in targets if target.indicator in _ASKED]
    # The forecast is the same whatever it is held against; what is asked twice is computed once.
    aims = {target.indicator: target.target for target in asked if target.target is not None}
    found: dict[tuple[str, float], pd.Series | None] = {}
    chances = {}
    for target in asked:
        aim = target.target if target.target is not None else aims.get(target.indicator)
        if aim is None:
            continue
        key = (target.indicator, aim)
        if key not in found:
            found[key] = _forecast(city, target.indicator, aim=aim, year=year, month=month)
        row = found[key]
        if row is not None:
            chances[target.id] = _told(row, target)
    return chances


def city_days(observations: pd.DataFrame, *, year: int, month: int) -> pd.DataFrame:
    """The mean over all stations of every pollutant and day up to the month, as one station of its own."""
    end = pd.Period(f"{year:04d}-{month:02d}", freq="M").end_time
    days = daily_air(observations[observations["time"] <= end])
    means = days.groupby(["time", "indicator"], as_index=False)["value"].mean()
    units = means["indicator"].map(lambda code: indicators()[code].unit)
    return means.assign(site_id="城市", unit=units, censored=False)


def _forecast(city: pd.DataFrame, name: str, *, aim: float, year: int, month: int) -> pd.Series | None:
    pollutant, statistic = _ASKED[name]
    try:
        table = forecast.forecast_target(
            city, indicator=pollutant, statistic=statistic, target=aim, year=year,
            known_through=f"{year:04d}-{month:02d}", quantiles=9, n_paths=_PATHS, random_state=_SEED,
        )  # fmt: skip
    except InputError:
        # Too short a history, or days that are no days: there is nothing to say.
        return None
    row = table.iloc[0]
    return None if pd.isna(row["p_attain"]) else row


def _told(row: pd.Series, target: Target) -> AirChance:
    unit = "%" if target.unit == "%" else f" {target.unit}"
    note = f"预测全年 {row['q01']:.1f}–{row['q09']:.1f}{unit}（八成把握，居中 {row['mean']:.1f}{unit}）"
    if target.target is None:
        return AirChance(None, note, "")
    return AirChance(round(float(row["p_attain"]), 3), note, _change(row, target))


def _change(row: pd.Series, target: Target) -> str:
    if "remaining_control_p80" in row.index:
        return (
            f"其余月份均值控制在 {row['remaining_control_p80']:.1f} {target.unit} 以内，达标把握八成；"
            f"{row['remaining_control_p50']:.1f} 以内五成（去年同期 {row['rest_last_year']:.1f}）"
        )
    return f"到年底最多还可有 {int(row['bad_days_left'])} 个超标日"
