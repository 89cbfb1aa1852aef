"""Early warning: each rule on numbers one can do in one's head, one entry for what goes on, the rule cited."""

from dataclasses import replace

import pandas as pd
import pytest

from suizhou_geo.conventions import Feature, TargetRow
from suizhou_geo.files import AlertRule
from suizhou_geo.plan.alerts import Watched, find_alerts
from tests.maps.sample_result import sample_result

MONTHS = [f"{year}-{month:02d}" for year in (2020, 2021) for month in range(1, 13)][:18]


def section(classes: dict[str, int], *, target: int = 3) -> Feature:
    """One section S1 whose classes are given by month, Ⅱ in all others."""
    feature = next(
        each for each in sample_result(outfalls=0, sources=0).layer("sections").features if each.section
    )
    status = replace(
        feature.section,
        target_class=target,
        class_periods=tuple(MONTHS),
        classes=tuple(classes.get(month, 2) for month in MONTHS),
    )
    return replace(feature, id="S1", name="甲断面", section=status)


def rows(values: dict[str, float], *, site: str = "S1", indicator: str = "tp") -> pd.DataFrame:
    """Observations of one site; the file and its rows stand beside each."""
    times = pd.to_datetime(list(values))
    return pd.DataFrame(
        {
            "site_id": site, "time": times, "indicator": indicator, "value": list(values.values()), "unit": "mg/L",
            "censored": False, "source_file": "water.csv", "source_row": range(2, 2 + len(values)),
        }
    )  # fmt: skip


def watched(*, sections=(), stations=(), targets=(), water=None, air=None) -> Watched:
    empty = rows({})
    return Watched(
        "421303", 2021, 6, {"S1": "421321"}, targets, list(sections), list(stations),
        empty if water is None else water, empty if air is None else air, {"water": True, "air": False},
    )  # fmt: skip


def rule(kind: str, **given) -> AlertRule:
    return AlertRule(id="W", kind=kind, name="规则", year=2021, basis="计划文件 W", **given)


def target(**given) -> TargetRow:
    return TargetRow(
        id="G1", name="比例", value=80.0, unit="%", target=90.0, compare=">=", state="unlikely", p_attain=0.1, note="",
        due="2021-12-31", source="", verified="typed", synthetic=False, **given,
    )  # fmt: skip


def test_months_on_end_are_one_entry_and_a_whole_month_between_begins_a_new_one():
    site = section({"2021-01": 4, "2021-02": 5, "2021-03": 4, "2021-05": 4})
    found = find_alerts((rule("class_worse"),), watched=watched(sections=[site]))
    assert [(each.date, each.last) for each in found] == [
        ("2021-05-31", "2021-05-31"),
        ("2021-01-31", "2021-03-31"),
    ]
    assert {each.basis for each in found} == {"计划文件 W"}
    assert found[0].message == "甲断面：Ⅳ类，目标Ⅲ类"
    assert found[0].adcode == "421321"
    assert found[0].synthetic


def test_a_class_as_the_target_and_months_of_last_year_raise_nothing():
    site = section({"2020-12": 6, "2021-03": 3})
    assert find_alerts((rule("class_worse"),), watched=watched(sections=[site])) == ()
    two_worse = find_alerts(
        (rule("class_worse", steps=2),), watched=watched(sections=[section({"2021-03": 4})])
    )
    assert two_worse == ()


def test_a_spike_is_above_the_factor_of_the_median_of_the_months_before_and_names_its_row():
    values = dict.fromkeys(MONTHS, 0.1) | {"2021-04": 0.21, "2021-05": 0.2}
    found = find_alerts(
        (rule("spike", indicators=("tp",), factor=2.0, window=12, least=6),),
        watched=watched(sections=[section({})], water=rows(values)),
    )
    (alert,) = found
    assert (alert.date, alert.value, alert.limit) == ("2021-04-30", 0.21, 0.2)
    assert alert.source == "water.csv 第 17 行"
    assert alert.indicator == "tp"


def test_the_future_raises_nothing():
    values = dict.fromkeys(MONTHS, 0.1) | {"2021-07": 9.0}
    spikes = rule("spike", indicators=("tp",), window=12, least=6)
    assert find_alerts((spikes,), watched=watched(sections=[section({})], water=rows(values))) == ()


def test_a_short_record_raises_no_spike():
    values = {"2021-03": 0.1, "2021-04": 0.1, "2021-05": 0.9}
    spikes = rule("spike", indicators=("tp",), window=12, least=6)
    assert find_alerts((spikes,), watched=watched(sections=[section({})], water=rows(values))) == ()


@pytest.mark.parametrize(("last", "silent"), [("2021-06", False), ("2021-05", True), ("2021-03", True)])
def test_a_section_is_silent_from_a_month_without_data_on(last, silent):
    found = find_alerts(
        (rule("silent", silent=1),), watched=watched(sections=[section({})], water=rows({last: 0.1}))
    )
    assert bool(found) == silent
    assert all(last in each.message for each in found)


def test_data_of_the_month_after_do_not_end_a_silence():
    values = rows({"2021-05": 0.1, "2021-07": 0.1})
    (alert,) = find_alerts((rule("silent", silent=1),), watched=watched(sections=[section({})], water=values))
    assert "最近为 2021-05" in alert.message


def test_a_station_is_silent_by_days_and_one_without_any_data_says_so():
    station = replace(section({}), id="A1", name="甲站", section=None)
    silent = rule("silent", medium="air", silent=3)
    for last, expected in (("2021-06-28", 0), ("2021-06-27", 1)):
        air = rows({last: 20.0}, site="A1", indicator="pm2_5")
        assert len(find_alerts((silent,), watched=watched(stations=[station], air=air))) == expected
    (never,) = find_alerts((silent,), watched=watched(stations=[station]))
    assert "从未有数据" in never.message


def test_targets_warn_by_their_chance_else_by_their_pace():
    at_risk = rule("target_at_risk", p_below=0.5)
    cases = {
        "below": (target(), 1),
        "likely": (replace(target(), p_attain=0.9, state="likely"), 0),
        "behind": (replace(target(), p_attain=None, state="behind", required=5.0), 1),
        "unknown": (replace(target(), p_attain=None, state="unknown", value=None), 0),
    }
    for name, (row, count) in cases.items():
        found = find_alerts((at_risk,), watched=watched(targets=[row]))
        assert len(found) == count, name
        assert all(each.date == "2021-06-30" for each in found)
    assert "进度落后" in find_alerts((at_risk,), watched=watched(targets=[cases["behind"][0]]))[0].message


def test_the_citys_list_is_dated_newest_first_and_has_no_entry_twice(city):
    assert len(city.alerts) > 5
    assert [each.last for each in city.alerts] == sorted((each.last for each in city.alerts), reverse=True)
    keys = [(each.rule, each.subject, each.indicator, each.date) for each in city.alerts]
    assert len(keys) == len(set(keys))
    assert all(each.basis and each.source and each.last <= "2021-06-30" for each in city.alerts)
    assert {"W1", "W2", "W3"} <= {each.rule for each in city.alerts}
