"""The plan board in a real browser: every row, place, warning and account of the result, offline, texts stay texts."""

from dataclasses import replace

import pytest

from suizhou_geo.conventions import Account, Alert, CountyResult
from suizhou_geo.maps import BoardPage
from suizhou_geo.maps.board_page import TASK, board_data, register_map
from tests.maps.sample_result import HOSTILE, hostile_result


@pytest.fixture(scope="module")
def county(evaluate) -> CountyResult:
    return evaluate("421303")


@pytest.mark.browser
def test_every_row_place_and_warning_is_shown(open_page, tmp_path, county):
    path = BoardPage(county).save(tmp_path / "board.html")
    seen = open_page(path)
    seen.page.wait_for_selector("html[data-ready=true]", state="attached")
    assert seen.requests == [path.as_uri()]
    assert seen.complaints == []
    rows = (*county.targets, *county.tasks)
    shown = seen.page.evaluate(
        "[...document.querySelectorAll('#rows tr[data-id]')].map((row) => row.dataset.id)"
    )
    assert shown == [row.id for row in rows]
    text = seen.page.evaluate("document.body.textContent")
    for row in rows:
        assert row.name in text
        assert row.word in text
        assert all(part in text for part in row.rows)
    assert all(alert.message in text and alert.basis in text for alert in county.alerts)
    assert "演示数据" in text
    places = seen.page.evaluate("document.querySelectorAll('#register .place').length")
    assert places == len(register_map(county)["places"]) > 8


@pytest.mark.browser
def test_choices_show_what_needs_attention_and_what_nobody_can_judge(open_page, tmp_path, county):
    page = open_page(BoardPage(county).save(tmp_path / "board.html")).page
    rows = (*county.targets, *county.tasks)
    for choice, states in (
        ("需要关注", {"missed", "unlikely", "behind", "at_risk"}),
        ("无法判定", {"unknown"}),
    ):
        page.click(f"#choices button[data-choice={choice}]")
        shown = page.evaluate(
            "[...document.querySelectorAll('#rows tr[data-id]')].map((row) => row.dataset.id)"
        )
        assert shown == [row.id for row in rows if row.state in states]
        assert page.get_attribute(f"#choices button[data-choice={choice}]", "aria-pressed") == "true"


@pytest.mark.browser
def test_nothing_is_wider_than_the_screen_but_what_scrolls(open_page, tmp_path, county):
    page = open_page(BoardPage(county).save(tmp_path / "board.html"), width=400).page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.browser
def test_hostile_texts_are_shown_and_run_nothing(open_page, tmp_path):
    result = hostile_result()
    nasty = "".join(HOSTILE)
    row = replace(result.targets[0], change=nasty, rows=HOSTILE, goal="G1", judged_by=HOSTILE[5])
    alert = Alert(
        "2021-06-30",
        "2021-06-30",
        nasty,
        nasty,
        "421303",
        nasty,
        nasty,
        nasty,
        1.0,
        2.0,
        nasty,
        nasty,
        nasty,
        True,
    )
    account = Account(
        nasty,
        nasty,
        nasty,
        nasty,
        "2021-06",
        "tp",
        1.0,
        1.0,
        1.0,
        nasty,
        1.0,
        nasty,
        nasty,
        nasty,
        "demo",
        nasty,
        True,
    )
    layers = tuple(
        replace(
            each,
            synthetic=False,
            features=tuple(replace(one, facts={TASK: nasty}, synthetic=False) for one in each.features),
        )
        if each.kind == "sources"
        else each
        for each in result.layers
    )
    path = BoardPage(
        replace(result, targets=(row,), tasks=(row,), alerts=(alert,), accounts=(account,), layers=layers)
    ).save(tmp_path / "board.html")
    seen = open_page(path)
    seen.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert seen.page.evaluate("window.fired") is None
    assert seen.requests == [path.as_uri()]
    assert seen.complaints == []
    assert seen.page.evaluate("document.querySelectorAll('iframe, img, a').length") == 0
    text = seen.page.evaluate("document.body.textContent")
    assert text.count(nasty) >= 8


def test_the_register_holds_named_places_with_task_and_how_sure_they_are(evaluate):
    city = evaluate("421300")
    register = register_map(city)
    tasks = {place["name"]: place["task"] for place in register["places"]}
    assert tasks["浪河入河口水质微站"] == tasks["平林市村黄家坝渠入河口水质微站"] == "T07"
    assert tasks["张家楼尾矿库（随县卸甲沟金矿）"] == "T10"
    assert tasks["湖北麒臻能源（废铅蓄电池收集转运点）"] == "T09"
    named = [place for place in register["places"] if not place["synthetic"]]
    assert len(named) == 12
    assert not any(place["sure"] for place in named), "no position of the plan is surveyed"
    assert {place["quality"] for place in named} == {"位置为约数", "演示位置"}
    assert sum(each["count"] for each in register["others"]) == sum(
        feature.synthetic for kind in ("sources", "outfalls") for feature in city.layer(kind).features
    )


def test_the_same_result_gives_the_same_page_and_an_empty_one_is_a_page(county):
    assert BoardPage(county).render() == BoardPage(county).render()
    assert "://" not in BoardPage(county).render()
    empty = replace(county, layers=(), targets=(), tasks=(), alerts=(), accounts=())
    assert board_data(empty)["register"]["places"] == []
    assert "<!DOCTYPE html>" in BoardPage(empty).render()
