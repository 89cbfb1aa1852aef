"""The page as a folium map: shown in a notebook, extended, saved as one file; folium's own children asked for by name."""

import base64
import html
import re
import subprocess
import sys

import folium
import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from shapely.geometry import LineString, Point, box

from suizhou_geo.errors import CRSError, InputError
from suizhou_geo.maps import CountyMap, render_page
from tests.maps.sample_result import HOSTILE, sample_result
from tests.maps.test_page_text import read_data

HERE = [31.72, 113.42]


def wells(**columns):
    given = {"井名": ["甲井", "乙井"], "深度": [12.5, None], **columns}
    return gpd.GeoDataFrame(given, geometry=[Point(113.3, 31.7), Point(113.5, 31.8)], crs="EPSG:4326")


def shown_page(shown):
    return html.unescape(re.search(r'srcdoc="([^"]*)"', shown._repr_html_()).group(1))


def test_is_a_folium_map_that_shows_the_page():
    shown = CountyMap(sample_result())
    assert isinstance(shown, folium.Map)
    assert shown_page(shown) == render_page(sample_result())


def test_save_writes_the_page(tmp_path):
    path = CountyMap(sample_result()).save(tmp_path / "a.html")
    assert path.read_text(encoding="utf-8") == render_page(sample_result())


def test_added_layer_is_data_of_the_page_with_its_facts(tmp_path):
    frame = wells(备注=list(HOSTILE[:2])).to_crs("EPSG:4547")
    path = CountyMap(sample_result()).add_layer(frame, title="监测井", name="井名").save(tmp_path / "a.html")
    layer = read_data(path.read_text(encoding="utf-8"))["layers"][-1]
    assert (layer["title"], layer["names"]) == ("监测井", ["甲井", "乙井"])
    assert layer["places"] == [11330000, 3170000, 20000, 10000]
    facts = [[layer["texts"][at] for at in row] for row in layer["facts"]]
    assert facts == [["深度", "12.5", "备注", HOSTILE[0]], ["备注", HOSTILE[1]]]


def test_result_is_not_changed_by_what_is_added():
    result = sample_result()
    before = result.to_json()
    CountyMap(result).add_layer(wells(), title="监测井")
    assert result.to_json() == before


def test_added_layer_needs_a_crs_and_its_columns():
    shown = CountyMap(sample_result())
    with pytest.raises(CRSError, match=r"监测井.*没有坐标系"):
        shown.add_layer(gpd.GeoDataFrame(geometry=[Point(113, 31)]), title="监测井")
    with pytest.raises(InputError, match=r"没有列 名称.*井名、深度"):
        shown.add_layer(wells(), title="监测井", name="名称")


@pytest.mark.parametrize(
    ("child", "loads", "ours"),
    [
        (folium.Marker(HERE), "不加载外网文件", "add_layer"),
        (folium.TileLayer(), "tile.openstreetmap.org", "tianditu"),
        (folium.Marker(HERE, icon=folium.Icon()), "leaflet.awesome-markers.js", "add_layer"),
        (folium.LayerControl(), "不加载外网文件", "图例"),
    ],
)
def test_foreign_layer_is_saved_only_by_name_and_told_what_it_loads(tmp_path, child, loads, ours):
    shown = CountyMap(sample_result())
    child.add_to(shown)
    name = type(child).__name__
    with pytest.raises(InputError, match=f"folium 自带的图层：{name}") as refused:
        shown.save(tmp_path / "a.html")
    assert list(tmp_path.iterdir()) == []
    assert loads in str(refused.value)
    assert ours in str(refused.value)
    assert f"foreign=['{name}']" in str(refused.value)
    assert shown.save(tmp_path / "a.html", foreign=[name]).is_file()


def test_one_name_does_not_let_another_in(tmp_path):
    shown = CountyMap(sample_result())
    folium.Marker(HERE).add_to(shown)
    folium.TileLayer().add_to(shown)
    with pytest.raises(InputError, match="图层：TileLayer，没有保存"):
        shown.save(tmp_path / "a.html", foreign=["Marker"])


def test_what_a_foreign_child_rendered_is_not_compiled_as_a_template_again(tmp_path):
    marker = tmp_path / "ran"
    shown = CountyMap(sample_result())
    text = "{{7*7}} {# 注 #} {{ cycler.__init__.__globals__.os.mkdir('MARK') }}".replace("MARK", str(marker))
    folium.Marker(HERE, tooltip=text).add_to(shown)
    page = shown_page(shown)
    assert not marker.exists()
    assert "{{7*7}} {# 注 #}" in page


def test_policy_of_a_foreign_page_names_its_hosts_and_no_other(tmp_path):
    shown = CountyMap(sample_result())
    folium.TileLayer("https://{s}.tiles.example/{z}/{x}/{y}.png", attr="瓦片").add_to(shown)
    text = shown.save(tmp_path / "a.html", foreign=["TileLayer"]).read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text).group(1)
    assert "img-src data: https://*.tiles.example;" in policy
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]


def test_tiles_need_their_name_and_a_saved_page_has_no_key(tmp_path, monkeypatch):
    monkeypatch.setenv("TIANDITU_KEY", "geheim4711")
    shown = CountyMap(sample_result(), basemap="tianditu")
    assert "geheim4711" in shown_page(shown)
    text = shown.save(tmp_path / "a.html").read_text(encoding="utf-8")
    assert "geheim4711" not in text
    assert "img-src data: https://*.tianditu.gov.cn;" in text
    assert read_data(text)["basemap"]["key"] == ""
    with pytest.raises(InputError, match="只有天地图"):
        CountyMap(sample_result(), basemap="osm").render()


@pytest.mark.browser
def test_a_saved_page_asks_for_tiles_only_with_its_readers_key(browser, tmp_path):
    """The tile server is a stand-in inside the browser: what is asked, and that the page's policy lets it be shown."""
    path = CountyMap(sample_result(), basemap="tianditu").save(tmp_path / "a.html")
    tile = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    context = browser.new_context(viewport={"width": 900, "height": 700})
    asked, complaints = [], []
    context.route(
        re.compile("^https?:"),
        lambda route: asked.append(route.request.url) or route.fulfill(body=tile, content_type="image/png"),
    )
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready=true]", state="attached")
    assert asked == []
    assert "底图：天地图" in page.inner_text("#map-origin")
    # Another address of the same page: a change after # alone would not load it again.
    page.goto("about:blank")
    page.goto(f"{path.as_uri()}#tk=reader-4711")
    page.wait_for_selector("img.leaflet-tile-loaded", state="attached")
    assert len(asked) >= 4
    shape = r"https://t[0-7]\.tianditu\.gov\.cn/vec_w/wmts\?SERVICE=WMTS.*&TILEMATRIX=\d+&TILEROW=\d+&TILECOL=\d+&tk=reader-4711"
    assert all(re.fullmatch(shape, url) for url in asked)
    assert complaints == []
    context.close()


def test_folium_and_matplotlib_are_imported_only_where_they_are_needed():
    code = (
        "import sys, suizhou_geo.maps as m; m.render_page; print({'folium', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.browser
def test_notebook_output_draws_offline_with_everything_that_was_added(open_page, tmp_path):
    shown = CountyMap(sample_result()).add_layer(wells(), title="监测井", name="井名")
    shown.add_layer(
        gpd.GeoDataFrame(
            geometry=[box(113.3, 31.6, 113.4, 31.7), LineString([HERE[::-1], (113.5, 31.9)])], crs=4326
        ),
        title="图斑",
    )
    easting, northing = np.arange(420_000, 480_000, 1000.0), np.arange(3_485_000, 3_535_000, 1000.0)
    grid = xr.DataArray(
        np.add.outer(northing, easting) / 1e6,
        dims=("northing", "easting"),
        coords={"northing": northing, "easting": easting},
    )
    shown.add_grid(grid, title="总磷插值", unit="mg/L", crs="EPSG:4547")
    folium.Marker(HERE, popup=folium.Popup("<img src=x onerror=window.fired=1>弹窗")).add_to(shown)
    path = tmp_path / "output.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8>{shown._repr_html_()}", encoding="utf-8")
    seen = open_page(path)
    frame = seen.page.frames[1]
    frame.wait_for_selector("html[data-ready=true]", state="attached")
    assert frame.inner_text("#title") == "曾都区 · 水环境"
    legend = frame.inner_text("#legend")
    assert [words for words in ("监测井", "图斑", "总磷插值", "无数据") if words not in legend] == []
    drawn = frame.evaluate("JSON.parse(document.getElementById('picture').dataset.drawn)")
    assert (drawn["added-0"], drawn["added-1"]) == (2, 2)
    assert frame.locator(".leaflet-marker-icon").count() == 1, (
        "the foreign marker, with its picture from the package"
    )
    frame.locator(".leaflet-marker-icon").dispatch_event("click")
    seen.page.wait_for_timeout(200)
    assert frame.locator(".leaflet-popup").inner_text().strip().startswith("弹窗")
    assert frame.evaluate("window.fired") is None, "markup in its texts cannot bring a script"
    assert [url for url in seen.requests if not url.startswith(("file:", "about:", "data:"))] == []
