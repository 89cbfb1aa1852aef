"""Months of a station's air: HJ 663-2013 table 1 and annex A, GB 3095-2012 table 4 for how many days a month needs."""

import csv
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pandas as pd
import pytest

from suizhou_geo import assess, files
from tests.conftest import ROOT

DEMO = ROOT / "data" / "suizhou"


def days(first, last, value=35.0, indicator="pm2_5"):
    times = pd.date_range(first, last)
    return pd.DataFrame({"site_id": "A", "time": times, "indicator": indicator, "value": value})


def one(rows, month, **given):
    frame = assess.describe_air_months(rows, months=(month,), **given)
    return frame.iloc[0]


@pytest.mark.parametrize(
    ("last", "value"), [("2021-06-26", None), ("2021-06-27", 35), ("2021-02-24", None), ("2021-02-25", 35)]
)
def test_a_month_needs_27_days_and_february_25(last, value):
    month = one(days(f"{last[:8]}01", last), last[:7])
    assert (None if np.isnan(month["value"]) else month["value"]) == value
    assert month["n_valid"] == int(last[-2:])


@pytest.mark.parametrize(
    ("indicator", "value", "shown", "limit", "averaging"),
    [
        # Means against the limit of the year, ozone and CO as percentiles against that of the day; GB 3095-2012 table 1.
        ("so2", np.arange(1, 31), 16, 60, "annual"),
        ("pm10", 70.5, 70, 70, "annual"),
        ("pm2_5", 35.5, 36, 35, "annual"),
        # Ranks are joined by a line: the 90th of 1…30 stands at 1 + 0.9 × 29 = 27.1, the 95th of 0.1…3.0 at 2.855.
        ("o3_8h", np.arange(1, 31), 27, 160, "day"),
        ("co", np.arange(1, 31) / 10, 2.9, 4, "day"),
    ],
)
def test_the_statistic_of_a_month_and_its_limit(indicator, value, shown, limit, averaging):
    month = one(days("2021-06-01", "2021-06-30", value, indicator), "2021-06")
    assert (month["value"], month["limit"], month["averaging"]) == (shown, limit, averaging)


def test_the_limits_are_those_in_force_at_the_end_of_the_last_month():
    rows = days("2026-01-01", "2026-03-31")
    earlier, later = (one(rows, month) for month in ("2026-02", "2026-03"))
    assert (earlier["standard"], earlier["limit"]) == ("gb3095-2012", 35)
    assert (later["standard"], later["limit"]) == ("gb3095-2026-stage1", 30)
    assert one(rows, "2026-03", area_class=1)["limit"] == 15


def test_hours_become_valid_days_first_and_the_last_hour_of_a_month_belongs_to_it():
    hours = pd.date_range("2021-06-01 01:00", "2021-07-01 00:00", freq="h")
    rows = pd.DataFrame({"site_id": "A", "time": hours, "indicator": "pm2_5", "value": 20.0})
    # Without its last five hours a day has 19 (GB 3095-2012 table 4 asks for 20).
    assert one(rows[:-5], "2021-06")["n_valid"] == 29
    assert one(rows, "2021-06")["n_valid"] == 30


def test_a_month_of_the_demonstration_recomputed_from_its_cells():
    with (DEMO / "observations" / "air_2021.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = [
            Decimal(line["pm2_5"])
            for line in csv.DictReader(stream)
            if line["site_id"] == "2451A" and line["time"].startswith("2021-06") and line["pm2_5"]
        ]
    wanted = (sum(cells) / len(cells)).quantize(Decimal(1), ROUND_HALF_EVEN)
    rows = files.read_observations(DEMO / "observations" / "air_2021.csv", medium="air")
    frame = assess.describe_air_months(rows, months=("2021-05", "2021-06")).set_index(
        ["site_id", "pollutant", "period"]
    )
    assert frame.at[("2451A", "pm2_5", "2021-06"), "value"] == int(wanted)
