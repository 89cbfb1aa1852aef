"""The page as a folium map: shown in a notebook, saved as one file, foreign layers refused."""

import html
import re
import subprocess
import sys

import folium
import pytest

from suizhou_geo.errors import InputError
from suizhou_geo.maps import CountyMap, render_page
from tests.maps.sample_result import sample_result


def test_is_a_folium_map_that_shows_the_page():
    shown = CountyMap(sample_result())
    assert isinstance(shown, folium.Map)
    inner = re.search(r'srcdoc="([^"]*)"', shown._repr_html_()).group(1)
    assert html.unescape(inner) == render_page(sample_result())


def test_save_writes_the_page(tmp_path):
    path = CountyMap(sample_result()).save(tmp_path / "a.html")
    assert path.read_text(encoding="utf-8") == render_page(sample_result())


@pytest.mark.parametrize("child", [folium.Marker([31.7, 113.4]), folium.TileLayer()])
def test_foreign_layer_is_refused_and_nothing_is_written(tmp_path, child):
    shown = CountyMap(sample_result())
    child.add_to(shown)
    with pytest.raises(InputError, match=f"folium 自带的图层：{type(child).__name__}"):
        shown.save(tmp_path / "a.html")
    assert list(tmp_path.iterdir()) == []


def test_folium_is_imported_only_for_the_map_object():
    code = "import sys, suizhou_geo.maps as m; m.render_page; print('folium' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.browser
def test_notebook_output_draws_offline(open_page, tmp_path):
    path = tmp_path / "output.html"
    path.write_text(
        f"<!DOCTYPE html><meta charset=utf-8>{CountyMap(sample_result())._repr_html_()}", encoding="utf-8"
    )
    seen = open_page(path)
    frame = seen.page.frame_locator("iframe")
    assert frame.locator("#title").inner_text() == "曾都区 · 水环境"
    assert frame.locator("#picture").get_attribute("data-drawn").count("sections") == 1
    assert [url for url in seen.requests if not url.startswith(("file:", "about:"))] == []
    assert seen.complaints == []
