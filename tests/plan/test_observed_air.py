"""The air of the plan by hand: valid days, days of hours, duplicates, ranks and rounding (HJ 663, GB 3095 table 4)."""

import numpy as np
import pandas as pd
import pytest

from suizhou_geo.files import Target
from suizhou_geo.plan.air_chances import city_days
from suizhou_geo.plan.observed import air_values, network_values
from suizhou_geo.plan.targets import evaluate_targets

YEAR = pd.date_range("2021-01-01", "2021-12-31")


def rows(times, values, *, site="A", indicator="pm2_5") -> pd.DataFrame:
    return pd.DataFrame(
        {"site_id": site, "time": pd.to_datetime(times), "indicator": indicator, "value": values}
    )


def without(lost: dict[int, int]) -> pd.DatetimeIndex:
    """The year without so many days at the end of these months."""
    return YEAR[[day.day <= day.days_in_month - lost.get(day.month, 0) for day in YEAR]]


#: Four days of each long month, three of each other: 28 + 12 + 3 = 43 of 365, every month just long enough.
LONGEST = {month: 4 if pd.Period(f"2021-{month:02d}").days_in_month == 31 else 3 for month in range(1, 13)}


def test_a_year_is_judged_from_324_valid_days_on_and_not_from_323():
    enough = without(LONGEST | {1: 3, 3: 3})
    assert len(enough) == 324
    assert air_values(rows(enough, 30.0), year=2021, month=12)["pm2_5_mean"].value == 30.0
    short = without(LONGEST | {1: 3})
    assert len(short) == 323
    found = air_values(rows(short, 30.0), year=2021, month=12)["pm2_5_mean"]
    assert found.value is None
    assert "有效 323 天，应不少于 324 天" in found.reason


def test_a_month_with_26_days_or_a_february_with_24_spoils_the_mean_of_a_year():
    for month, days in ((4, 26), (2, 24)):
        lost = pd.Period(f"2021-{month:02d}").days_in_month - days
        found = air_values(rows(without({month: lost}), 30.0), year=2021, month=12)["pm2_5_mean"]
        assert found.value is None
        assert f"{month} 月有效天数不足" in found.reason
        kept = air_values(rows(without({month: lost - 1}), 30.0), year=2021, month=12)["pm2_5_mean"]
        assert kept.value == 30.0


def test_a_year_with_too_few_days_is_neither_met_nor_missed_on_the_board():
    target = Target(
        "G2", "G2", "细颗粒物", 2021, indicator="pm2_5_mean", unit="μg/m³", target=35.0, compare="<=", judged_by="computed", needs="逐日数据",
    )  # fmt: skip
    for days, state in ((YEAR, "met"), (YEAR[:200], "unknown")):
        found = air_values(rows(days, 30.0), year=2021, month=12)
        (row,) = evaluate_targets(
            [target], adcode="1", city="1", found={"G2": found["pm2_5_mean"]}, year=2021, month=12
        )
        assert row.state == state
    assert "数据不足" in row.note
    # In the middle of the year the mean so far is shown: nothing is judged by it.
    assert air_values(rows(YEAR[:90], 30.0), year=2021, month=6)["pm2_5_mean"].value == 30.0


@pytest.mark.parametrize(("mean", "shown"), [(34.5, 34.0), (35.5, 36.0), (35.4999, 35.0)])
def test_means_are_rounded_half_to_even(mean, shown):
    assert air_values(rows(YEAR[:60], mean), year=2021, month=6)["pm2_5_mean"].value == shown


def test_the_ninetieth_percentile_lies_between_its_ranks():
    # Ten days: k = 1 + 9 · 0.9 = 9.1, a tenth of the way from the ninth (100) to the tenth (124).
    values = [10, 20, 30, 40, 50, 60, 70, 80, 100, 124]
    found = air_values(rows(YEAR[:10], values, indicator="o3_8h"), year=2021, month=6)
    assert found["o3_p90"].value == 102.0


def hours(day: str, count: int, value: float, *, site: str = "A") -> pd.DataFrame:
    """So many hours of a day; the hour stands for the sixty minutes before it."""
    times = pd.date_range(f"{day} 01:00", periods=count, freq="h")
    return rows(times, np.full(count, value), site=site)


def test_of_hours_a_day_needs_twenty():
    observed = pd.concat(
        [hours("2021-06-01", 20, 40.0), hours("2021-06-02", 19, 90.0), hours("2021-06-03", 24, 50.0)]
    )
    days = city_days(observed, year=2021, month=6)
    assert days["value"].tolist() == [40.0, 50.0]
    assert air_values(observed, year=2021, month=6)["pm2_5_mean"].value == 45.0


def test_a_station_with_a_day_of_hours_has_not_reported_for_twenty_days():
    observed = pd.concat(
        [hours("2021-06-01", 24, 40.0), *(hours(str(day.date()), 24, 40.0, site="B") for day in pd.date_range("2021-06-02", periods=20))]
    )  # fmt: skip
    water = rows([], [])
    found = network_values([], water, observed, year=2021, month=6)["stations_reporting"]
    assert found.value == 50.0


def test_a_row_that_stands_twice_counts_once_and_one_that_contradicts_itself_not_at_all():
    twice = pd.concat([rows(["2021-06-01"] * 2, 40.0), rows(["2021-06-01"], 10.0, site="B")])
    assert city_days(twice, year=2021, month=6)["value"].tolist() == [25.0]
    contradicting = pd.concat([rows(["2021-06-01"] * 2, [40.0, 60.0]), rows(["2021-06-01"], 10.0, site="B")])
    assert city_days(contradicting, year=2021, month=6)["value"].tolist() == [10.0]


def test_a_year_known_until_august_is_not_called_a_year():
    known = YEAR[YEAR.month <= 8]
    assert air_values(rows(known, 30.0), year=2021, month=8)["pm2_5_mean"].note == "1 个站点 1–8 月"
    found = air_values(rows(known, 30.0), year=2021, month=11)["pm2_5_mean"]
    assert found.note == "1 个站点 1–8 月（其后至 11 月没有数据）"
