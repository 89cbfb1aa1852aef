"""Dangerous texts are shown as they are, each in its place; plain folium fires. Every text of every product: ``tests/reliability``."""

import folium
import pytest

from suizhou_geo.maps import write_page
from tests.maps.sample_result import HOSTILE, hostile_result

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hostile_file(tmp_path_factory):
    return write_page(hostile_result(), path=tmp_path_factory.mktemp("hostile") / "page.html")


def test_every_text_is_shown_unchanged(open_page, hostile_file):
    page = open_page(hostile_file).page
    notes = page.evaluate("[...document.querySelectorAll('#notes li')].map((item) => item.textContent)")
    assert notes == list(HOSTILE)
    assert page.evaluate("document.getElementById('headline').textContent") == "".join(HOSTILE)
    page.evaluate("countyPage.openCard(countyPage.layers.find((l) => l.kind === 'sections').features[0])")
    shown = page.evaluate("[...document.querySelectorAll('#card dd')].map((item) => item.textContent)")
    assert set(HOSTILE) <= set(shown)
    assert page.evaluate("document.getElementById('card-title').textContent") == HOSTILE[0]


def test_template_marks_are_never_evaluated(hostile_file):
    text = hostile_file.read_text(encoding="utf-8")
    assert "{{7*7}}" in text
    assert "{# 注解 #}" in text


def test_the_harness_sees_plain_folium_fire(open_page, tmp_path):
    # Offline, folium's popups never open because Leaflet does not arrive; a caption written into the page does run.
    plain = folium.Map(tiles=None)
    plain.get_root().html.add_child(folium.Element(HOSTILE[7]))
    path = tmp_path / "plain.html"
    plain.save(str(path))
    seen = open_page(path)
    seen.page.wait_for_function("window.fired === 1", timeout=5000)
    assert len(seen.requests) > 1, "and it asks for files that the harness records"
    assert seen.complaints, "and complains, which the harness records too"


def test_the_harness_sees_folium_run_python_from_a_text(tmp_path):
    marker = folium.Marker([31.7, 113.4], popup=folium.Popup("{{7*7}}"))
    plain = folium.Map(tiles=None)
    marker.add_to(plain)
    plain.save(str(tmp_path / "plain.html"))
    assert "{{7*7}}" not in (tmp_path / "plain.html").read_text(encoding="utf-8")
