"""Trends on the card of a section: the surest first, nothing from later months, only what decides the class."""

import pandas as pd

from suizhou_geo import files, plan
from suizhou_geo.conventions import CountyResult
from suizhou_geo.maps.columns import _section_facts
from suizhou_geo.packaged import packaged_folder
from suizhou_geo.plan.trends import section_trends

DEMO = files.open_workspace(packaged_folder("data", "suizhou"))
WATER = files.read_workspace_observations(DEMO, medium="water")


def test_later_months_change_nothing() -> None:
    cut = WATER[WATER["time"] < "2021-07-01"]
    assert section_trends(WATER, year=2021, month=6) == section_trends(cut, year=2021, month=6)


def test_a_planted_rise_is_told_as_getting_worse() -> None:
    rising = WATER.copy()
    mine = (rising["site_id"] == "S01") & (rising["indicator"] == "tp")
    years = rising.loc[mine, "time"].dt.year - 2016
    rising.loc[mine, "value"] += 0.1 * years
    first = section_trends(rising, year=2021, month=6)["S01"][0]
    assert (first.indicator, first.meaning) == ("tp", "很可能恶化")
    assert first.slope_low <= 0.1 <= first.slope_high or abs(first.slope - 0.1) < 0.03
    assert (first.first, first.last) == ("2016-01", "2021-06")


def test_too_little_or_nothing_tells_nothing() -> None:
    assert section_trends(WATER.iloc[:0], year=2021, month=6) == {}
    assert section_trends(WATER[WATER["time"] >= "2021-01-01"], year=2021, month=6) == {}


def test_the_card_says_what_the_result_holds() -> None:
    result = plan.evaluate_county(DEMO, adcode="421303", year=2021, month=6)
    layer = result.layer("sections")
    assert layer is not None
    told = [feature.section for feature in layer.features if feature.section and feature.section.trends]
    assert told
    for section in told:
        text = _section_facts(section)["趋势"]
        for trend in section.trends:
            assert trend.name in text
            assert trend.meaning in text
            assert trend.slope != 0
    assert CountyResult.from_json(result.to_json()) == result
    assert pd.Series([len(section.trends) for section in told]).max() <= 3
