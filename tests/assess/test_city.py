"""A year of a city's air: published composite indices, percentiles by hand, validity, exceptional days."""

import csv

import numpy as np
import pandas as pd
import pytest

from suizhou_geo import assess, files, standards
from suizhou_geo.errors import InputError
from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"
ITEMS = {"so2": 8.0, "no2": 20.0, "co": 0.7, "o3_8h": 100.0, "pm10": 50.0, "pm2_5": 30.0}


def rows(name):
    with (GOLDEN / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def year_of(year=2021, *, sites=("A",), days=None, **changed):
    dates = pd.date_range(f"{year}-01-01", f"{year}-12-31")[:days]
    parts = [
        pd.DataFrame({"site_id": site, "time": dates, "indicator": item, "value": changed.get(item, value)})
        for site in sites
        for item, value in ITEMS.items()
    ]
    return pd.concat(parts, ignore_index=True)


def value_of(frame, statistic, pollutant="", **where):
    chosen = frame[(frame["statistic"] == statistic) & (frame["pollutant"] == pollutant)]
    for column, wanted in where.items():
        chosen = chosen[chosen[column] == wanted]
    return chosen.iloc[0]


@pytest.mark.parametrize("row", rows("air_f_composite_index.csv"), ids=lambda row: row["case"])
def test_published_composite_indices(row):
    values = pd.Series({item: float(row[item]) for item in ("so2", "no2", "pm10", "pm2_5", "co", "o3_8h")})
    assert assess.composite_index(values) == float(row["published"])


@pytest.mark.parametrize("row", rows("air_d1_good_days.csv"), ids=lambda row: row["case"])
def test_published_good_day_ratios(row):
    ratio = standards.round_half_even([100 * int(row["good"]) / int(row["valid"])], decimals=1)[0]
    assert ratio == float(row["published_percent"])


@pytest.mark.parametrize("row", rows("e1_year_on_year.csv"), ids=lambda row: row["case"])
def test_published_changes_are_of_rounded_means_rounded_half_even(row):
    new, old = float(row["new"]), float(row["old"])
    change = standards.round_half_even([100 * (new - old) / old], decimals=1)[0]
    assert change == float(row["published_percent"])


def test_percentiles_are_linear_between_ranks():
    # HJ 663 annex A, n = 365, p = 90: X(328) + 0.6 (X(329) − X(328)).
    values = np.arange(1.0, 366.0)
    frame = assess.assess_city(year_of(o3_8h=values), year=2021)
    assert value_of(frame, "p90", "o3_8h")["value"] == round(328 + 0.6)


def test_a_mean_on_the_limit_attains_after_rounding():
    frame = assess.assess_city(year_of(pm2_5=35.4), year=2021)
    row = value_of(frame, "annual_mean", "pm2_5")
    assert (row["value"], row["verdict"]) == (35.0, "达标")
    assert (
        value_of(assess.assess_city(year_of(pm2_5=35.6), year=2021), "annual_mean", "pm2_5")["verdict"]
        == "不达标"
    )


def test_the_same_air_is_judged_by_the_limits_of_its_year():
    old, new = (assess.assess_city(year_of(year, pm2_5=33.0), year=year) for year in (2021, 2027))
    assert value_of(old, "annual_mean", "pm2_5")["verdict"] == "达标"
    assert value_of(new, "annual_mean", "pm2_5")["verdict"] == "不达标"
    again = assess.assess_city(year_of(2027, pm2_5=33.0), year=2027, standard="gb3095-2012")
    assert value_of(again, "annual_mean", "pm2_5")["verdict"] == "达标"
    assert "未核实" in value_of(new, "annual_mean", "pm2_5")["note"]


def test_too_few_days_are_said_with_their_direction():
    row = value_of(assess.assess_city(year_of(days=300), year=2021), "annual_mean", "pm2_5")
    assert row["verdict"] == "数据不足(达标趋向)"
    assert "324" in row["note"]
    assert "11、12 月" in row["note"]


def test_a_city_is_the_mean_of_its_stations_day_by_day():
    both = year_of(sites=("A", "B"))
    both.loc[(both["site_id"] == "B") & (both["indicator"] == "pm2_5"), "value"] = 50.0
    frame = assess.assess_city(both, year=2021)
    assert value_of(frame, "annual_mean", "pm2_5", site_id=assess.CITY)["value"] == 40.0


def test_exceptional_days_give_both_results(tmp_path):
    pm10 = np.full(365, 60.0)
    pm10[[70, 71]] = 800.0
    file = tmp_path / "沙尘.csv"
    file.write_text("日期,类型\n2021-03-12,沙尘\n2021-03-13,沙尘\n", encoding="utf-8")
    frame = assess.assess_city(year_of(pm10=pm10), year=2021, exceptional=files.read_events(file))
    means = {flag: value_of(frame, "annual_mean", "pm10", excluded=flag) for flag in (False, True)}
    assert (means[False]["value"], means[True]["value"]) == (64.0, 60.0)
    assert (means[False]["n_valid"], means[True]["n_valid"]) == (365, 363)
    assert value_of(frame, "good_days", excluded=False)["value"] == 363.0


def test_good_days_of_a_leap_year():
    row = value_of(assess.assess_city(year_of(2024), year=2024), "good_ratio")
    assert (row["value"], row["n_valid"], row["n_total"]) == (100.0, 366, 366)


def test_a_year_without_data_is_refused_with_the_years_that_there_are():
    with pytest.raises(InputError, match=r"2019.*2021"):
        assess.assess_city(year_of(2021), year=2019)


def test_an_events_table_without_days_is_refused(tmp_path):
    file = tmp_path / "沙尘.csv"
    file.write_text("事件\n沙尘\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"沙尘\.csv"):
        files.read_events(file)
