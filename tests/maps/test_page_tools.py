"""Months, colours, tabs, paper, pictures and cards of the page in Chromium, with the network off."""

import struct
from dataclasses import replace

import pytest

from suizhou_geo.conventions import AirMonth, AirStatus, Fan, Suspect
from suizhou_geo.maps import write_page
from tests.maps.sample_result import MONTHS, sample_result
from tests.maps.test_page_browser import CLASS_BLUE, drawn, open_section, pixels_of

pytestmark = pytest.mark.browser

LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
COMING = ("2021-07", "2021-08", "2021-09", "2021-10", "2021-11", "2021-12")
SAFE_BLUE = (0x91, 0xBF, 0xDB)


def told_result():
    """The sample with a fan, a chance and suspects at its first section."""
    result = sample_result()
    sections = result.layer("sections")
    first, *others = sections.features
    fan = Fan("tp", COMING, LEVELS, tuple(tuple(0.1 + 0.1 * level for _ in COMING) for level in LEVELS))
    first = replace(
        first,
        fans=(fan,),
        section=replace(first.section, p_attain=0.31, binding="总磷", class_periods=MONTHS[-24:]),
    )
    own = {"sections": (first, *others), "stations": aired(result.layer("stations").features)}
    layers = tuple(replace(each, features=own.get(each.kind, each.features)) for each in result.layers)
    suspects = (
        Suspect("S0", "tp", 1, "企业-3", "企业 4", 12.34, 5.2, 0.6, "总磷负荷最大；许可待核实", True),
        Suspect("S0", "tp", 2, "不在图上", "图外企业", 30.0, 11.0, 0.2, "", True),
        Suspect("S1", "tp", 1, "企业-5", "企业 6", 1.0, 1.0, 0.5, "", True),
    )
    return replace(result, layers=layers, suspects=suspects)


def aired(stations):
    """The first station was 轻度污染 in May and 优 in June, the second had no index in June, the third measures nothing."""
    may = AirMonth("2021-05", "2021-05-31", 121, 3, "轻度污染", "臭氧8小时", (3, 20, 6, 1, 0, 0), 23)
    june = AirMonth("2021-06", "2021-06-29", 38, 1, "优", "", (28, 1, 0, 0, 0, 0), 29)
    silent = replace(june, date="", aqi=None, level=None, category="", days=(), good_days=0)
    first, second, third = stations
    return (
        replace(first, air=AirStatus((may, june), "hj633-2012", "HJ 633-2012 表1", "", True)),
        replace(second, air=AirStatus((may, silent), "", "", "", True)),
        third,
    )


@pytest.fixture(scope="module")
def told_file(tmp_path_factory):
    return write_page(told_result(), path=tmp_path_factory.mktemp("told") / "page.html")


@pytest.fixture(scope="module")
def shared(browser, told_file):
    """One page for the tests that leave it as they found it."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, offline=True, accept_downloads=True
    )
    page = context.new_page()
    page.goto(told_file.as_uri())
    yield page
    context.close()


def test_card_draws_the_fan_in_three_bands_and_says_it_in_words(shared):
    open_section(shared, 0)
    chart = shared.locator("#card figure.chart").first
    assert chart.locator("path.band").count() == 3
    assert "12 月预测 0.150（90% 区间 0.105–0.195 mg/L）" in chart.inner_text()
    assert "50%、80%、90% 预测区间" in shared.inner_text("#card")
    assert (
        chart.locator("svg")
        .get_attribute("aria-label")
        .endswith("12 月预测 0.150（90% 区间 0.105–0.195 mg/L）")
    )


def test_fan_begins_at_the_last_known_month_and_ends_in_december(shared):
    open_section(shared, 0)
    widest = shared.locator("#card path.band").first.get_attribute("d")
    places = [float(pair.split()[0]) for pair in widest.strip("MZ").split("L")]
    left, right = 34 + 5 / 11 * 212, 34 + 212
    assert (min(places), max(places)) == (pytest.approx(left, abs=0.1), pytest.approx(right, abs=0.1))


def test_card_says_chance_binding_indicator_and_suspects(shared):
    open_section(shared, 0)
    assert "达标概率 31%" in shared.inner_text(".chance-line")
    assert "不达标时多由总磷决定" in shared.inner_text(".chance-line")
    rows = shared.locator(".suspects li").all_inner_texts()
    assert rows == [
        "企业 4\n上游 12.3 千米 · 水流约 5 小时 · 总磷负荷最大 · 许可待核实",
        "图外企业\n上游 30 千米 · 水流约 11 小时",
    ]
    shared.click(".suspects button")
    assert shared.inner_text("#card-title") == "企业 4"
    assert "上游可疑源：企业 4、图外企业" in shared.inner_text("#next")


def test_slider_recolours_sections_and_the_table_and_comes_back(shared):
    shared.keyboard.press("Escape")
    before = pixels_of(shared, CLASS_BLUE)
    slider = shared.locator("#time-slider")
    slider.focus()
    shared.keyboard.press("Home")
    assert "2019 年 7 月" in shared.inner_text("#time-word")
    assert slider.get_attribute("aria-valuetext").startswith("2019 年 7 月，")
    assert "2019.07" in shared.inner_text("#sections thead")
    assert pixels_of(shared, CLASS_BLUE) != before
    shared.keyboard.press("ArrowRight")
    assert "2019 年 8 月" in shared.inner_text("#time-word")
    open_section(shared, 0)
    assert shared.locator("#card circle.marked").count() >= 1
    shared.click("#time-back")
    assert "2021 年 6 月" in shared.inner_text("#time-word")
    shared.keyboard.press("Escape")
    open_section(shared, 0)
    assert shared.locator("#card circle.marked").count() == 0


def test_month_counts_are_the_classes_of_that_month(shared):
    wanted = {}
    for feature in told_result().layer("sections").features:
        known = dict(zip(feature.section.class_periods, feature.section.classes, strict=True))
        wanted[known["2020-03"]] = wanted.get(known["2020-03"], 0) + 1
    shared.evaluate("countyPage.showMonth('2020-03')")
    words = shared.inner_text("#time-word").splitlines()[-1]
    assert words == " · ".join(
        f"{label} {wanted[each]}" for each, label in ((2, "Ⅱ类"), (3, "Ⅲ类"), (4, "Ⅳ类")) if each in wanted
    )
    shared.evaluate("countyPage.showMonth('2021-06')")


def legend_rows(page, kind):
    layer = page.locator(f".legend-layer:has(input[data-kind={kind}])")
    return [text for text in layer.locator(".legend-row, small").all_inner_texts() if text]


def test_stations_have_the_colour_of_the_month_and_its_words(shared):
    # HJ 633-2012 table 2: 优 is (0, 228, 0), 轻度污染 is (255, 126, 0).
    good, light = (0, 228, 0), (255, 126, 0)
    assert pixels_of(shared, good) > 50
    assert pixels_of(shared, light) == 0
    open_station = (
        "(i) => countyPage.openCard(countyPage.layers.find((l) => l.kind === 'stations').features[i])"
    )
    shared.evaluate(open_station, 0)
    card = shared.inner_text("#card")
    for words in (
        "AQI 38 优",
        "2021-06-29",
        "当月最后一个有 AQI 的日子",
        "29 天",
        "演示数据",
        "HJ 633-2012 表1",
    ):
        assert words in card
    label = shared.locator("#card svg[role=img]").get_attribute("aria-label")
    assert label == "2021-05 优 3 天、良 20 天、轻度污染 6 天、中度污染 1 天；2021-06 优 28 天、良 1 天"
    shared.evaluate(open_station, 1)
    assert "无数据" in shared.inner_text("#card .verdict")
    shared.evaluate(open_station, 0)
    shared.evaluate("countyPage.showMonth('2021-05')")
    assert pixels_of(shared, light) > 50
    assert pixels_of(shared, good) == 0
    assert "AQI 121 轻度污染" in shared.inner_text("#card")
    assert "臭氧8小时" in shared.inner_text("#card")
    shared.keyboard.press("Escape")
    shared.evaluate("countyPage.showMonth('2021-06')")


def test_the_table_of_stations_follows_the_slider(shared):
    cells = "[...document.querySelectorAll('#stations tbody tr')].map((row) => [...row.children].map((cell) => cell.innerText))"
    assert shared.evaluate(cells) == [
        ["空气站 1", "2021-06-29", "AQI 38 优", "29 / 29"],
        ["空气站 2", "—", "无数据", "—"],
    ]
    shared.evaluate("countyPage.showMonth('2021-05')")
    assert shared.evaluate(cells)[0] == ["空气站 1\n臭氧8小时", "2021-05-31", "AQI 121 轻度污染", "23 / 30"]
    shared.evaluate("countyPage.showMonth('2021-06')")


def test_legend_says_of_which_month_the_ring_is_and_of_which_day_the_air(shared):
    assert "（环只判断 2021 年 6 月）" in legend_rows(shared, "sections")
    rows = legend_rows(shared, "stations")
    assert [row for row in rows if "（" not in row] == ["3", "演示数据", "优", "轻度污染", "无数据"]
    assert any("当月最后一个有 AQI 的日子，监测为演示数据" in row for row in rows)
    shared.evaluate("countyPage.showMonth('2021-05')")
    assert "对照目标（6 月）" in shared.inner_text("#sections thead")
    shared.evaluate("countyPage.showMonth('2021-06')")


def test_playing_goes_month_by_month_and_stops_at_the_end(shared):
    shared.evaluate("countyPage.showMonth('2021-05')")
    shared.click("#time-play")
    shared.wait_for_selector("#time-word:has-text('2021 年 6 月')")
    shared.wait_for_selector("#time-play[aria-label=逐月播放]")


def test_colours_for_every_colour_vision_are_one_click_away(shared):
    assert pixels_of(shared, SAFE_BLUE) == 0
    shared.check("#safe-colours")
    assert pixels_of(shared, SAFE_BLUE) > 500
    assert pixels_of(shared, CLASS_BLUE) == 0
    shared.uncheck("#safe-colours")
    assert pixels_of(shared, CLASS_BLUE) > 500


def test_a_group_switches_its_layers_together(shared):
    group = shared.locator("input[data-group=污染源]")
    before = drawn(shared)["sources"]
    assert before > 0
    group.uncheck()
    assert drawn(shared)["sources"] == drawn(shared)["outfalls"] == 0
    group.check()
    assert drawn(shared)["sources"] == before
    shared.locator("input[data-kind=sources]").uncheck()
    assert group.evaluate("box => box.indeterminate") is True
    shared.locator("input[data-kind=sources]").check()


def test_picture_is_a_png_of_map_title_and_legend(shared):
    with shared.expect_download() as waiting:
        shared.click("#export")
    picture = waiting.value
    assert picture.suggested_filename == "曾都区_2021-06.png"
    data = picture.path().read_bytes()
    assert data.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", data[16:24])
    frame = shared.locator("#map-frame").bounding_box()
    assert width == pytest.approx(2 * frame["width"], abs=2)
    assert height > 2 * frame["height"] + 200, "title above, legend below"
    assert len(data) > 50_000


@pytest.mark.parametrize(("paper", "width", "points"), [("A4", 186, (595, 842)), ("A3", 396, (1191, 842))])
def test_paper_has_its_size_and_nothing_of_the_screen(open_page, told_file, paper, width, points):
    page = open_page(told_file).page
    page.evaluate("window.print = () => { window.printed = document.documentElement.dataset.paper; }")
    page.click(f"#print-{paper}")
    assert page.evaluate("window.printed") == paper
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("#map-frame").bounding_box()["width"] == pytest.approx(width / 25.4 * 96, abs=2)
    hidden = ["#time", "#tools", "#tabs", "#search", "#safe-colours"]
    assert [each for each in hidden if page.locator(each).is_visible()] == []
    box = page.pdf(prefer_css_page_size=True).split(b"/MediaBox [")[1].split(b"]")[0].split()
    assert [float(value) for value in box[2:]] == pytest.approx(points, abs=1)


def test_narrow_screen_has_tabs_that_the_keyboard_walks(open_page, told_file):
    page = open_page(told_file, width=390, height=844).page
    blocks = ("#headline", "#sections", "#legend", "#notes")

    def visible():
        return [each for each in blocks if page.locator(each).is_visible()]

    assert visible() == ["#headline"]
    page.locator("#tab-state").focus()
    for shown in ("#sections", "#legend", "#notes", "#headline"):
        page.keyboard.press("ArrowRight")
        assert visible() == [shown]
    assert page.locator("[role=tab][aria-selected=true]").inner_text() == "状况"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_wide_screen_has_no_tabs_and_a_way_past_the_map(shared):
    assert not shared.locator("#tabs").is_visible()
    assert shared.locator("#skip").get_attribute("href") == "#panel"
    assert shared.locator("#panel").get_attribute("tabindex") == "-1"


def test_every_control_has_a_name_for_those_who_hear_the_page(shared):
    nameless = shared.evaluate(
        """() => [...document.querySelectorAll("button, input, [role=img]")].filter((node) =>
          !(node.getAttribute("aria-label") || node.textContent.trim() || node.labels?.[0]?.textContent.trim())).map((node) => node.outerHTML)"""
    )
    assert nameless == []


def test_a_county_without_sections_has_neither_slider_nor_colours(open_page, tmp_path):
    bare = replace(sample_result(), layers=(sample_result().layer("counties"),))
    seen = open_page(write_page(bare, path=tmp_path / "bare.html"))
    assert not seen.page.locator("#time").is_visible()
    assert seen.page.locator("#safe-colours").count() == 0
    assert seen.complaints == []


def test_a_crowd_of_points_is_all_counted_and_the_page_says_that_it_is_large(open_page, tmp_path):
    result = sample_result(outfalls=20_000, sources=3)
    with pytest.warns(UserWarning, match=r"页面有 [\d.]+ MB，超过 1.5 MB.*入河排污口|outfalls"):
        path = write_page(result, path=tmp_path / "large.html")
    seen = open_page(path)
    assert drawn(seen.page)["outfalls"] == 20_000
    assert pixels_of(seen.page, (0x3D, 0x48, 0x4D)) > 20_000
    assert seen.complaints == []
