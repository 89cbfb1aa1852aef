"""The page of trends in a real browser: from the result alone, offline, and texts stay texts."""

import dataclasses

import pytest

from suizhou_geo import files, plan
from suizhou_geo.conventions import CountyResult, Trend
from suizhou_geo.maps import TrendPage
from suizhou_geo.packaged import packaged_folder
from tests.maps.sample_result import HOSTILE, hostile_result

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def county() -> CountyResult:
    demo = files.open_workspace(packaged_folder("data", "suizhou"))
    return plan.evaluate_county(demo, adcode="421381", year=2021, month=6)


def test_every_section_has_a_row_with_charts_and_the_words_of_the_result(open_page, tmp_path, county):
    path = TrendPage(county).save(tmp_path / "trends.html")
    seen = open_page(path)
    assert seen.requests == [path.as_uri()]
    assert seen.complaints == []
    sections = [
        each for each in county.layer("sections").features if each.in_county and each.section and each.series
    ]
    assert seen.page.evaluate("document.querySelectorAll('.section-row').length") == len(sections) > 2
    assert seen.page.evaluate("document.querySelectorAll('.section-row svg path').length") > len(sections)
    text = seen.page.evaluate("document.body.textContent")
    for site in sections:
        assert site.name in text
        shown = {trend.meaning for trend in site.section.trends}
        assert all(meaning in text for meaning in shown)
    assert "演示数据" in text
    # The section that will miss its target stands first.
    worst = min(sections, key=lambda site: site.section.p_attain)
    assert seen.page.evaluate("document.querySelector('.section-row h2').textContent").startswith(worst.name)


def test_hostile_texts_are_shown_and_run_nothing(open_page, tmp_path):
    result = hostile_result()
    trend = Trend("tp", HOSTILE[0], HOSTILE[1], "很可能上升", HOSTILE[2], 0.1, 0.0, 0.2, "2016-01", "2021-06")
    layers = tuple(
        dataclasses.replace(
            layer,
            features=tuple(
                dataclasses.replace(
                    each,
                    in_county=True,
                    section=each.section
                    and dataclasses.replace(each.section, trends=(trend,), p_attain=0.4, binding=HOSTILE[0]),
                )
                for each in layer.features
            ),
        )
        for layer in result.layers
    )
    path = TrendPage(dataclasses.replace(result, layers=layers)).save(tmp_path / "hostile.html")
    seen = open_page(path)
    assert seen.page.evaluate("window.fired") is None
    assert seen.requests == [path.as_uri()]
    assert seen.complaints == []
    assert seen.page.evaluate("document.querySelectorAll('iframe, img, body style').length") == 0
    assert HOSTILE[0] in seen.page.evaluate("document.body.textContent")


def test_the_same_result_gives_the_same_bytes_and_a_county_without_sections_says_so(county):
    assert TrendPage(county).render() == TrendPage(county).render()
    empty = dataclasses.replace(county, layers=())
    assert "没有有数据的断面" in TrendPage(empty).render()
