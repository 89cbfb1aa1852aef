"""The air at a station month by month: days by level, and the last day that has an index. All values are made up."""

import pandas as pd
import pytest

from suizhou_geo.conventions import CountyResult, Feature, Layer
from suizhou_geo.plan.air_status import with_air_status

ITEMS = ("so2", "no2", "co", "o3_8h", "pm10")
STATIONS = Layer("stations", "", False, "", "", (Feature("A", "甲", {}), Feature("B", "乙", {})))


def rows(values: dict[str, float | None], *, site: str = "A") -> pd.DataFrame:
    """Days with this much PM2.5 and next to nothing else."""
    days = [
        {"site_id": site, "site_name": site, "time": pd.Timestamp(day), "indicator": item, "value": value}
        for day, pm2_5 in values.items()
        for item, value in (*((each, 1.0) for each in ITEMS), ("pm2_5", pm2_5))
        if pm2_5 is not None
    ]
    return pd.DataFrame(days)


def air_of(table, *, site: str = "A", year: int = 2021, month: int = 6):
    layer = with_air_status(STATIONS, table, year=year, month=month)
    return next(each.air for each in layer.features if each.id == site)


def test_a_month_is_its_last_day_with_an_index_and_its_days_by_level():
    # PM2.5 of 20, 70, 100, 140 and 200 μg/m³: IAQI 29, 94, 132, 186 and 250 (HJ 633-2012 table 1).
    days = {"2021-06-01": 20, "2021-06-02": 70, "2021-06-03": 100, "2021-06-10": 200, "2021-06-28": 140}
    now = air_of(rows(days)).now
    assert (now.date, now.aqi, now.level, now.category, now.primary) == (
        "2021-06-28",
        186,
        4,
        "中度污染",
        "细颗粒物",
    )
    assert now.days == (1, 1, 1, 1, 1, 0)
    assert (now.good_days, now.valid_days) == (2, 5)


def test_days_after_the_month_are_not_looked_at_and_earlier_months_keep_their_own():
    status = air_of(rows({"2021-05-31": 20, "2021-06-02": 70, "2021-07-01": 200}))
    assert [month.period for month in status.months][::23] == ["2019-07", "2021-06"]
    assert [(month.date, month.aqi) for month in status.months[-2:]] == [
        ("2021-05-31", 29),
        ("2021-06-02", 94),
    ]


def test_a_month_without_an_index_says_so():
    status = air_of(rows({"2021-05-31": 20}))
    assert (status.now.date, status.now.aqi, status.now.days, status.clause) == ("", None, (), "")


def test_the_edition_is_the_one_in_force_on_the_day():
    # 70 μg/m³ is 94 by HJ 633-2012 and more by HJ 633-2026, whose nodes are 60 (100) and 115 (150).
    status = air_of(rows({"2026-02-28": 70, "2026-03-01": 70}), year=2026, month=3)
    assert [month.aqi for month in status.months[-2:]] == [94, 110]
    assert (status.standard, status.clause) == ("hj633-2026", "HJ 633-2026 表1")


def test_months_before_the_first_edition_have_no_index():
    status = air_of(rows({"2012-02-01": 70, "2012-03-01": 70}), year=2012, month=3)
    assert [month.aqi for month in status.months[-2:]] == [None, 94]


@pytest.mark.parametrize("table", [rows({"2021-06-01": 20}, site="B"), rows({}).reindex(columns=["site_id"])])
def test_a_station_that_measures_nothing_has_no_air(table):
    assert air_of(table) is None


def test_the_air_survives_json(evaluate):
    result = evaluate("421303")
    stations = result.layer("stations").features
    assert all(each.air and each.air.synthetic and each.air.now.valid_days >= 27 for each in stations)
    assert CountyResult.from_json(result.to_json()) == result
    assert "hj633-2012" in {rule.standard for rule in result.rules}
