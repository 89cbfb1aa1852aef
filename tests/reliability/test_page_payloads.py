"""Every payload in every text, in every HTML product: nothing runs, nothing is fetched, all is shown unchanged.

By default a tenth of the payloads of every place and product, under ``make soak`` every payload in every place. The same
harness fires on plain folium in each of its sinks that are alive. What a product does not show is named here, place by
place, and held to: a new text of a result must be shown or be named.
"""

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import folium
import pytest
from xstatic.pkg import leaflet

from suizhou_geo.batch.index import write_index
from suizhou_geo.conventions import CountyResult, Feature, Layer
from suizhou_geo.maps import (
    BoardPage,
    CountyMap,
    Publication,
    TrendPage,
    withhold,
    write_page,
    write_screening,
)
from suizhou_geo.maps.board_page import TASK
from suizhou_geo.saving import write_text_atomically
from tests.reliability.payloads import FIRE, PAYLOADS, Poison, full_county, full_screening, in_turn, numbered

pytestmark = pytest.mark.browser

STEP = 1 if os.environ.get("SOAK") else 10
SHIFTS = range(0, len(PAYLOADS), STEP)
PUBLIC = Publication(public=True)

OPEN_EVERYTHING = """() => {
  const told = [];
  // What stands on the page: the block of data and the scripts are no text of it.
  const isShown = (node) => !["SCRIPT", "STYLE"].includes(node.parentNode.nodeName);
  const tell = () => {
    const texts = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) if (isShown(texts.currentNode)) told.push(texts.currentNode.data);
    told.push("\\u0000");
  };
  const walk = document.createTreeWalker(document, NodeFilter.SHOW_ELEMENT);
  tell();
  if (window.countyPage) {
    for (const feature of countyPage.layers.flatMap((layer) => layer.features)) {
      countyPage.openCard(feature);
      told.push(`${document.getElementById("card").textContent}\\u0000`);
    }
    countyPage.showMonth("2021-05");
    for (const feature of countyPage.layers.find((layer) => layer.kind === "stations").features) {
      countyPage.openCard(feature);
      told.push(`${document.getElementById("card").textContent}\\u0000`);
    }
    for (const input of document.querySelectorAll("#legend input")) input.click();
    for (const tab of document.querySelectorAll("#tabs button")) tab.click();
  }
  document.querySelectorAll("details").forEach((details) => { details.open = true; });
  for (const button of document.querySelectorAll("button.link")) button.click();
  const search = document.getElementById("search-box");
  if (search) {
    search.value = "script";
    search.dispatchEvent(new Event("input"));
  }
  while (walk.nextNode()) {
    for (const kind of ["mouseover", "focus", "toggle", "load", "error"]) walk.currentNode.dispatchEvent(new Event(kind));
  }
  tell();
  return told.join("");
}"""

#: Elements that none of the products has.
FOREIGN = "img, iframe, object, embed, video, audio, math, template, marquee, form:not(#search), base, link, body style, body meta"

Write = Callable[[Poison, Path], object]


def county(poison: Poison) -> CountyResult:
    return poison(full_county())


def write_public(poison: Poison, path: Path) -> None:
    result = county(poison)
    # What the rules of publication take out of a text is none of the payloads: the page shows each as it stands.
    shown = withhold(result, PUBLIC)
    assert (shown.headline, shown.notes, shown.targets) == (result.headline, result.notes, result.targets)
    write_page(result, path=path, publication=PUBLIC)


def write_notebook(poison: Poison, path: Path) -> None:
    text = CountyMap(county(poison))._repr_html_()
    write_text_atomically(path, f"<!DOCTYPE html><meta charset=utf-8>{text}")


def write_trends(poison: Poison, path: Path) -> None:
    TrendPage(with_trends_of_series(county(poison))).save(path)


def with_trends_of_series(result: CountyResult) -> CountyResult:
    """The same with the trends of each section named after its first series, beside which they are shown."""

    def aligned(feature: Feature) -> Feature:
        if feature.section is None:
            return feature
        trends = tuple(replace(each, name=feature.series[0].name) for each in feature.section.trends)
        return replace(feature, section=replace(feature.section, trends=trends))

    layers = (replace(each, features=tuple(map(aligned, each.features))) for each in result.layers)
    return replace(result, layers=tuple(layers))


def write_board(poison: Poison, path: Path) -> None:
    result = county(poison)
    layers = tuple(with_tasks(each, poison) if each.kind == "sources" else each for each in result.layers)
    BoardPage(replace(result, layers=layers)).save(path)


def with_tasks(layer: Layer, poison: Poison) -> Layer:
    """The same as places that the plan names: these stand in the board's register."""
    features = tuple(
        replace(
            feature,
            synthetic=False,
            facts={
                label: poison("x", at="layers.sources.features.place") for label in (TASK, "进展", "说明")
            },
        )
        for feature in layer.features
    )
    return replace(layer, synthetic=False, features=features)


def write_run_index(poison: Poison, path: Path) -> None:
    texts = {
        name: poison("x", at=f"rows.{name}") for name in ("county", "title", "reason", "headline", "command")
    }
    target = {name: poison("x", at=f"rows.targets.{name}") for name in ("id", "name", "unit")}
    row = {
        **texts, "adcode": "421303", "notebook": "a", "state": "失败", "seconds": 1.0, "synthetic": True, "year": 2021, "month": 6,
        "page": "", "changes": [poison("x", at="rows.changes")],
        "targets": [{**target, "state": "behind", "value": 1.0, "target": 2.0, "compare": "<="}],
    }  # fmt: skip
    write_index([row], title=poison("x", at="title"), period="2021-06", path=path)


PRODUCTS: dict[str, Write] = {
    "page": lambda poison, path: write_page(county(poison), path=path),
    "public": write_public,
    "notebook": write_notebook,
    "trends": write_trends,
    "board": write_board,
    "screening": lambda poison, path: write_screening(poison(full_screening()), path=path),
    "index": write_run_index,
}

#: Places whose texts a product does not show: the page leaves tasks, warnings and accounts to the board, the board
#: what is measured to the page, and the page of trends everything but the sections' series.
_COUNTY_PAGE = (
    "accounts.*", "alerts.*", "tasks.*", "targets.goal", "targets.judged_by", "targets.layer", "targets.rows", "targets.verified",
    "layers.*.source", "layers.*.updated", "layers.*.features.category", "*.section.class_label", "*.trends.verdict",
    "*.section.year_to_date_pollutants", "*.air.standard",
)  # fmt: skip
LEFT_OUT: dict[str, tuple[str, ...]] = {
    "page": _COUNTY_PAGE,
    "public": _COUNTY_PAGE,
    "notebook": _COUNTY_PAGE,
    "trends": (
        "accounts.*", "alerts.*", "conflicts.*", "headline", "notes", "rules.*", "sources.*", "suspects.*", "targets.*", "tasks.*", "layers.*",
    ),
    "board": (
        "accounts.section", "accounts.source", "accounts.unit", "accounts.verified", "alerts.subject*", "alerts.unit", "conflicts.*", "notes",
        "rules.*", "suspects.*", "*.goal", "*.verified", "layers.*",
    ),
    "screening": ("sources.file", "units.mentions", "units.relation"),
    "index": ("rows.targets.id",),
}  # fmt: skip

#: Of these, what is shown all the same.
SHOWN: dict[str, tuple[str, ...]] = {
    "trends": (
        "layers.sections.features.name", "*.section.binding", "*.section.target_state", "*.trends.meaning", "*.trends.unit", "*.series.name", "*.series.unit",
        "*.series.limit_label",
    ),
    "board": ("layers.counties.features.name", "layers.sources.features.name", "layers.sources.features.location_quality", "*.features.place"),
}  # fmt: skip


def is_left_out(kind: str, place: str) -> bool:
    def named(patterns: tuple[str, ...]) -> bool:
        return any(fnmatchcase(place, pattern) for pattern in patterns)

    return named(LEFT_OUT[kind]) and not named(SHOWN.get(kind, ()))


@pytest.fixture
def open_all(browser, tmp_path) -> Iterator[Callable[[str, Iterator[str]], tuple[Poison, str]]]:
    """Write a product with these texts, open it with the network off, and everything on it: what was put in and is shown."""
    context = browser.new_context(viewport={"width": 480, "height": 320}, offline=True)
    page = context.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on(
        "console", lambda message: message.type in {"error", "warning"} and complaints.append(message.text)
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def opened(kind: str, texts: Iterator[str]) -> tuple[Poison, str]:
        poison, path = Poison(texts), tmp_path / f"{kind}.html"
        PRODUCTS[kind](poison, path)
        page.goto(path.as_uri())
        frames = page.frames
        told = "\0".join(frame.evaluate(OPEN_EVERYTHING) for frame in frames)
        page.wait_for_timeout(20)
        assert [frame.evaluate("window.fired") for frame in page.frames] == [None] * len(frames)
        # No text has become an element.
        assert frames[-1].evaluate(f"document.querySelectorAll({FOREIGN!r}).length") == 0
        assert [url for url in requests if not url.startswith(("file:", "about:"))] == []
        assert complaints == []
        return poison, told

    yield opened
    context.close()


def test_there_are_enough_payloads():
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60


@pytest.mark.parametrize("kind", PRODUCTS)
def test_every_text_is_shown_or_known_to_be_left_out(open_all, kind):
    poison, told = open_all(kind, numbered())
    missing = {place for place, text in poison.placed if text not in told}
    assert missing == {place for place, _ in poison.placed if is_left_out(kind, place)}
    assert missing.isdisjoint(place for place, text in poison.placed if text in told)


@pytest.mark.parametrize("kind", PRODUCTS)
def test_nothing_runs_and_all_is_shown(open_all, record_property, kind):
    tried = 0
    for shift in SHIFTS:
        poison, told = open_all(kind, in_turn(PAYLOADS, shift=shift))
        shown = [
            (place, text) for place, text in poison.placed if text.strip() and not is_left_out(kind, place)
        ]
        assert [pair for pair in shown if pair[1] not in told] == []
        tried += len(poison.placed)
    # Every place has had a tenth of the payloads, or all.
    assert tried >= math.ceil(len(PAYLOADS) / STEP) * len(poison.placed)
    record_property("tried", f"{kind}: {len(SHIFTS)} pages, {tried} texts")


SINKS = {
    "popup text": lambda text, at: folium.Marker(at, popup=text),
    "popup": lambda text, at: folium.Marker(at, popup=folium.Popup(text)),
    "tooltip": lambda text, at: folium.Marker(at, tooltip=text),
    "circle popup": lambda text, at: folium.CircleMarker(at, popup=folium.Popup(text)),
    "circle tooltip": lambda text, at: folium.CircleMarker(at, tooltip=text),
    "polygon popup": lambda text, at: folium.Polygon([at, [31, 113], [31, 114]], popup=text),
    "line tooltip": lambda text, at: folium.PolyLine([at, [31, 113]], tooltip=text),
    "div icon": lambda text, at: folium.Marker(at, icon=folium.DivIcon(html=text)),
    "tile credit": lambda text, _at: folium.TileLayer("tiles/{z}", attr=text),
    "GeoJSON popup": lambda text, at: folium.GeoJson(_point(text, at), popup=folium.GeoJsonPopup(["text"])),
    "GeoJSON tooltip": lambda text, at: folium.GeoJson(
        _point(text, at), tooltip=folium.GeoJsonTooltip(["text"])
    ),
}

OPEN_FOLIUM = """() => {
  const map = Object.entries(window).find(([name]) => /^map_[0-9a-f]{32}$/.test(name))[1];
  map.eachLayer((layer) => { if (layer.openTooltip) layer.openTooltip(); if (layer.openPopup) layer.openPopup(); });
}"""


def _point(text, at):
    point = {"type": "Point", "coordinates": at[::-1]}
    feature = {"type": "Feature", "properties": {"text": text}, "geometry": point}
    return {"type": "FeatureCollection", "features": [feature]}


def test_the_harness_sees_every_sink_of_plain_folium_fire(browser, tmp_path, record_property):
    script = (Path(leaflet.BASE_DIR) / "leaflet.js").read_text(encoding="utf-8")
    jquery = (
        "window.$ = (m) => [document.createRange().createContextualFragment(m.trim()).firstElementChild];"
    )
    context = browser.new_context()
    context.route(
        "http*://**/leaflet.js", lambda route: route.fulfill(body=script, content_type="text/javascript")
    )
    context.route(
        "http*://**/jquery*.js", lambda route: route.fulfill(body=jquery, content_type="text/javascript")
    )
    context.route(
        lambda url: url.startswith("http") and not url.endswith("leaflet.js") and "jquery" not in url,
        lambda route: route.abort(),
    )
    page = context.new_page()
    for name, build in SINKS.items():
        drawn = folium.Map(location=[31.7, 113.4], tiles=None)
        build(f"<img src=x onerror={FIRE}>", [31.7, 113.4]).add_to(drawn)
        path = tmp_path / "plain.html"
        drawn.save(str(path))
        page.goto(path.as_uri())
        page.evaluate(OPEN_FOLIUM)
        page.wait_for_function("window.fired === 1", timeout=5000)
        assert page.evaluate("window.fired") == 1, name
    record_property("control", f"plain folium fires in {len(SINKS)} of {len(SINKS)} sinks")
    context.close()
