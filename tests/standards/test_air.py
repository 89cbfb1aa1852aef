"""The air quality index: published station-hours, the nodes of both editions, and properties."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suizhou_geo.errors import InputError
from suizhou_geo.standards import edition_in_force, find_edition, read_table
from suizhou_geo.standards.air import NO_INDEX, air_index, index_items
from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"
OLD, NEW = find_edition("hj633-2012"), find_edition("hj633-2026")
NAMES = {
    "颗粒物(PM10)": "pm10",
    "细颗粒物(PM2.5)": "pm2_5",
    "臭氧1小时": "o3",
    "二氧化硫": "so2",
    "二氧化氮": "no2",
    "一氧化碳": "co",
}


def rows(name):
    with (GOLDEN / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def number(text):
    return float(text) if text not in {"", "NaN", "—", "–"} else np.nan


def index_of(edition, *, interval="day", **values):
    items = index_items(edition, interval=interval)
    return air_index([values.get(item, 0.0) for item in items], edition=edition, interval=interval)


def primary_of(index):
    return {item for item, marked in zip(index.items, index.primary, strict=True) if marked}


def test_published_station_hours_of_suizhou():
    table = rows("air_g1_station_hours.csv")
    items = list(index_items(OLD, interval="hour"))
    index = air_index([[number(row[item]) for item in items] for row in table], edition=OLD, interval="hour")
    assert index.aqi.tolist() == [int(row["aqi"]) for row in table]
    for row, marks in zip(table, index.primary, strict=True):
        wanted = {NAMES[name] for name in row["primary"].split(";") if name not in {"", "–"}}
        assert {item for item, mark in zip(items, marks, strict=True) if mark} == wanted


def test_every_published_hour_of_the_development_cases():
    table = rows("cases_aqi_hourly_dev.csv")
    columns = {"pm2_5": "pm25", "o3": "o3_1h"}
    items = list(index_items(OLD, interval="hour"))
    values = [[number(row[columns.get(item, item)]) for item in items] for row in table]
    index = air_index(values, edition=OLD, interval="hour")
    assert index.aqi.tolist() == [int(row["aqi"]) for row in table]
    assert len(table) == 156


# published_cases G4, read off the text of HJ 633-2026.
NODES_2026 = [
    ({"pm2_5": 35}, 50), ({"pm2_5": 60}, 100), ({"pm2_5": 60.5}, 100), ({"pm2_5": 60.6}, 101), ({"pm2_5": 115}, 150),
    ({"pm2_5": 500}, 500), ({"pm2_5": 900}, 500), ({"pm10": 50}, 50), ({"pm10": 120}, 100), ({"pm10": 121}, 101),
    ({"co": 4}, 100), ({"o3_8h": 160}, 100), ({"o3_8h": 900}, 300),
]  # fmt: skip


@pytest.mark.parametrize(("values", "wanted"), NODES_2026)
def test_nodes_of_2026(values, wanted):
    assert index_of(NEW, **values).aqi == wanted


def test_hourly_rules_of_2026():
    assert index_of(NEW, interval="hour", no2=200).aqi == 100
    assert index_of(NEW, interval="hour", so2=900).aqi == 200


def test_above_the_last_node_of_2012_only_a_substitute_or_a_worse_item_settles_the_index():
    # 4.4 of the 2012 edition: SO2 above 800 in an hour and O3 above 800 in 8 hours have no sub-index.
    hour = index_of(OLD, interval="hour", so2=900, no2=100)
    assert hour.aqi == NO_INDEX
    assert hour.beyond[hour.items.index("so2")]
    assert index_of(OLD, interval="hour", so2=900, pm2_5=200).aqi == 250
    assert index_of(OLD, interval="hour", so2=800, no2=100).aqi == 200
    unsettled = index_of(OLD, o3_8h=850, o3=np.nan, pm10=60)
    assert unsettled.aqi == NO_INDEX
    substituted = index_of(OLD, o3_8h=850, o3=900, pm10=60)
    assert substituted.aqi == 350
    assert primary_of(substituted) == {"o3"}


def test_the_same_day_under_the_two_editions():
    day = {"pm2_5": 70, "pm10": 130}
    old, new = index_of(OLD, **day), index_of(NEW, **day)
    assert (int(old.aqi), int(old.level), primary_of(old)) == (94, 2, {"pm2_5"})
    assert (int(new.aqi), int(new.level), primary_of(new)) == (110, 3, {"pm2_5"})
    assert int(new.iaqi[new.items.index("pm10")]) == 104


def test_nothing_at_all_is_0_before_and_1_since_2026():
    assert index_of(OLD).aqi == 0
    assert index_of(NEW).aqi == 1


def test_a_missing_pollutant_hides_a_clean_day_only_since_2026():
    clean, dirty = {"pm2_5": np.nan, "pm10": 60}, {"pm2_5": np.nan, "pm10": 300}
    assert index_of(OLD, **clean).aqi == 55
    assert index_of(NEW, **clean).aqi == NO_INDEX
    assert index_of(NEW, **dirty).aqi > 100
    assert index_of(NEW, **clean).level == NO_INDEX


def test_a_value_on_every_node_gets_exactly_its_index():
    for edition in (OLD, NEW):
        nodes = read_table(edition, name="nodes").set_index(["indicator", "averaging"])
        for interval in ("day", "hour"):
            table = read_table(edition, name="items")
            for row in table[table["interval"] == interval].itertuples():
                limits = nodes.loc[(row.indicator, row.averaging)]
                for wanted in (50, 100, 150, 200, 300, 400, 500):
                    if limits[f"iaqi{wanted}"] != "":
                        value = float(limits[f"iaqi{wanted}"])
                        found = index_of(edition, interval=interval, **{row.indicator: value})
                        assert int(found.iaqi.max()) == wanted, (edition.id, row.indicator)


@given(
    st.floats(0, 700),
    st.floats(0, 700),
    st.sampled_from(["pm2_5", "pm10", "no2", "so2"]),
    st.sampled_from([OLD, NEW]),
)
def test_more_pollution_is_never_a_better_index(first, second, item, edition):
    low, high = sorted((first, second))
    assert index_of(edition, **{item: low}).aqi <= index_of(edition, **{item: high}).aqi


def test_the_edition_is_that_of_the_day():
    from datetime import date

    assert edition_in_force("air-index", on=date(2026, 2, 28)).id == "hj633-2012"
    assert edition_in_force("air-index", on=date(2026, 3, 1)).id == "hj633-2026"
    assert edition_in_force("air-limits", on=date(2030, 12, 31)).id == "gb3095-2026-stage1"
    assert edition_in_force("air-limits", on=date(2031, 1, 1)).id == "gb3095-2026-stage2"
    with pytest.raises(InputError, match="hj633-2012"):
        edition_in_force("air-index", on=date(2005, 1, 1))
