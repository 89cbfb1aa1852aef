"""The index in Chromium: hostile texts stay texts, failures carry their command, several notebooks stand side by side."""

import pytest

from suizhou_geo.batch.index import write_index

HOSTILE = "<img src=x onerror=\"document.title='run'\">{{7*7}}</script>"


def row(adcode, county, notebook, **given):
    usual = {
        "year": 2021, "month": 6, "state": "完成", "reason": "", "seconds": 3.25, "page": f"{adcode}/{notebook}.html",
        "executed_notebook": "", "headline": "", "command": "", "title": notebook, "targets": [],
        "synthetic": False, "changes": [],
    }  # fmt: skip
    return {"adcode": adcode, "county": county, "notebook": notebook, **usual, **given}


TARGET = {
    "id": "G1",
    "name": "优良比例",
    "value": 66.7,
    "unit": "%",
    "target": 100,
    "compare": ">=",
    "state": "behind",
    "p_attain": 0.42,
}
ROWS = [
    row("421303", "曾都区", "one", headline=HOSTILE, synthetic=True),
    row("421303", "曾都区", "two"),
    row(
        "421321",
        "随县",
        "one",
        state="失败",
        reason=HOSTILE,
        page="",
        command="suizhou-geo run w --county 421321",
    ),
    row("421381", "广水市", "one", targets=[TARGET], month=5, changes=["优良比例 80 % → 66.7 %"]),
]


@pytest.mark.browser
def test_the_index_shows_counties_down_and_notebooks_across(tmp_path, open_page):
    seen = open_page(write_index(ROWS, title="随州市", period="2021-06", path=tmp_path / "index.html"))
    page = seen.page
    assert seen.complaints == []
    assert len(seen.requests) == 1
    assert [cell.inner_text() for cell in page.locator("thead button").all()] == ["区县", "one", "two"]
    lines = page.locator("tbody tr")
    assert lines.count() == 3
    assert "共 4 项，完成 3，失败 1" in page.inner_text("#summary")
    assert page.inner_text("body").count(HOSTILE) == 2
    assert "run" not in page.title()
    assert page.locator("img").count() == 0
    assert page.inner_text("code") == "suizhou-geo run w --county 421321"
    assert page.locator(".synthetic").all_inner_texts() == ["演示数据"]
    assert "66.7 % · 目前未达标 · 达标概率 42%" in page.inner_text("li.behind")
    assert page.locator(".changes").all_inner_texts() == ["较上次：优良比例 80 % → 66.7 %"]
    assert "较上次有变化 1 项" in page.inner_text("#summary")
    assert page.locator(".period").all_inner_texts() == ["数据至 2021-05"]


@pytest.mark.browser
def test_the_index_sorts_what_is_wrong_to_the_top_and_filters_what_is_shown(tmp_path, open_page):
    page = open_page(write_index(ROWS, title="随州市", period="2021-06", path=tmp_path / "index.html")).page
    lines = page.locator("tbody tr")
    page.click("thead button >> nth=1")
    assert [line.locator("th").inner_text().split()[0] for line in lines.all()] == [
        "随县",
        "广水市",
        "曾都区",
    ]
    page.click("thead button >> nth=1")
    assert "曾都区" in lines.nth(0).inner_text()
    # Names of fields are not shown, so they find nothing.
    for wanted, count in (("失败", 1), ("421381", 1), ("优良", 1), ("较上次", 1), ("headline", 0), ("", 3)):
        page.fill("#filter", wanted)
        assert lines.count() == count, wanted


@pytest.mark.browser
def test_goals_stand_once_in_a_line_and_what_needs_no_attention_is_folded(tmp_path, open_page):
    met = {**TARGET, "id": "G2", "name": "水源达标率", "state": "attained", "p_attain": None}
    likely = {**TARGET, "id": "G3", "name": "优良天数", "state": "likely", "p_attain": 0.9}
    unknown = {**TARGET, "id": "G4", "name": "细颗粒物", "state": "unknown", "value": None, "p_attain": None}
    targets = [met, likely, unknown, TARGET]
    other = [{**TARGET, "value": 70.0}]
    rows = [row("421303", "曾都区", name, targets=targets) for name in ("one", "two")]
    rows.append(row("421303", "曾都区", "three", targets=other))
    page = open_page(write_index(rows, title="随州市", period="2021-06", path=tmp_path / "index.html")).page
    first, second, third = page.locator("tbody td").all()
    shown = first.locator(":scope > ul > li").all_inner_texts()
    assert [text.split()[0] for text in shown] == ["优良比例", "优良天数", "另有"]
    assert "水源达标率" not in first.inner_text()
    first.locator("summary").click()
    assert "水源达标率" in first.inner_text()
    assert "结论和目标同“one”" in second.inner_text()
    assert second.locator("li").count() == 0
    assert "70" in third.inner_text()
