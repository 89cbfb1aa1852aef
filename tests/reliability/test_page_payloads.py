"""Every payload in every text of a county, in every HTML product: nothing runs, nothing is fetched, all is shown.

By default a tenth of the payloads' places, under ``make soak`` every payload in every text. The same harness fires on
plain folium in each of its sinks that are alive.
"""

import os
from pathlib import Path

import folium
import pytest
from xstatic.pkg import leaflet

from suizhou_geo.batch.index import write_index
from suizhou_geo.maps import CountyMap, Publication, TrendPage, write_page
from suizhou_geo.saving import write_text_atomically
from tests.reliability.payloads import FIRE, PAYLOADS, hostile_county

pytestmark = pytest.mark.browser

SOAK = bool(os.environ.get("SOAK"))
SHIFTS = range(len(PAYLOADS)) if SOAK else range(0, len(PAYLOADS), 14)

OPEN_EVERYTHING = """() => {
  const told = [];
  const tell = () => told.push(document.documentElement.textContent);
  const walk = document.createTreeWalker(document, NodeFilter.SHOW_ELEMENT);
  tell();
  if (window.countyPage) {
    for (const feature of countyPage.layers.flatMap((layer) => layer.features)) {
      countyPage.openCard(feature, { move: true });
      told.push(document.getElementById("card").textContent);
    }
    for (const input of document.querySelectorAll("#legend input")) input.click();
    for (const tab of document.querySelectorAll("#tabs button")) tab.click();
  }
  document.querySelectorAll("details").forEach((details) => { details.open = true; });
  for (const button of document.querySelectorAll("button.link")) button.click();
  while (walk.nextNode()) {
    for (const kind of ["mouseover", "focus", "toggle", "load", "error"]) walk.currentNode.dispatchEvent(new Event(kind));
  }
  tell();
  return told.join("\\u0000");
}"""


def write_product(kind, folder, shift):
    """One product with the payloads in it, and the texts that must be found in it."""
    result, texts = hostile_county(PAYLOADS, shift=shift)
    path = folder / f"{kind}{shift}.html"
    if kind == "page":
        return write_page(result, path=path), shown_texts(result)
    if kind == "public":
        return write_page(result, path=path, publication=Publication(public=True)), []
    if kind == "trends":
        return TrendPage(result).save(path), [result.name]
    if kind == "notebook":
        return write_text_atomically(
            path, f"<!DOCTYPE html><meta charset=utf-8>{CountyMap(result)._repr_html_()}"
        ), []
    row = {
        "adcode": "421303", "county": texts[0], "notebook": "a", "title": texts[1], "state": "失败", "reason": texts[2], "seconds": 1.0,
        "headline": texts[3], "command": texts[4], "synthetic": True, "year": 2021, "month": 6, "page": "", "changes": [texts[6]],
        "targets": [{"id": texts[7], "name": texts[8], "state": "behind", "value": 1.0, "unit": texts[9], "target": 2.0, "compare": "<="}],
    }  # fmt: skip
    return write_index([row], title=texts[5], period="2021-06", path=path), [*texts[:3:2], texts[4], texts[6]]


def shown_texts(result):
    """What the county page must show as it stands."""
    sections = [each.section for layer in result.layers for each in layer.features if each.section]
    return [
        result.name, result.headline, *result.notes,
        *(layer.title for layer in result.layers),
        *(text for layer in result.layers for each in layer.features for text in (each.name, *each.facts, *each.facts.values())),
        *(text for each in result.targets for text in (each.name, each.note, each.source)),
        *(text for each in result.conflicts for text in (each.area_name, each.relation, each.action)),
        *(text for each in result.rules for text in (each.title, each.standard, each.clause)),
        *(text for each in result.sources for text in (each.title, each.file, each.note)),
        *(text for each in sections for text in (each.grade, each.verdict, each.main_pollutants, each.clause)),
        *(one.name for layer in result.layers for each in layer.features for one in each.series),
    ]  # fmt: skip


def test_there_are_enough_payloads():
    assert len(set(PAYLOADS)) >= 60


@pytest.mark.parametrize("kind", ["page", "public", "trends", "notebook", "index"])
def test_nothing_runs_and_all_is_shown(open_page, tmp_path, kind):
    for shift in SHIFTS if kind == "page" or SOAK else list(SHIFTS)[:1]:
        path, texts = write_product(kind, tmp_path, shift)
        seen = open_page(path)
        frames = seen.page.frames
        told = "\0".join(frame.evaluate(OPEN_EVERYTHING) for frame in frames)
        seen.page.wait_for_timeout(50)
        assert [frame.evaluate("window.fired") for frame in frames] == [None] * len(frames)
        assert [url for url in seen.requests if not url.startswith(("file:", "about:"))] == []
        assert seen.complaints == []
        # A text in a file has its line ends as LF once it is parsed; in the data it keeps every letter.
        assert [text for text in texts if text.strip() and text not in told] == []
        seen.page.context.close()


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


def test_the_harness_sees_every_sink_of_plain_folium_fire(browser, tmp_path):
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
    context.close()
