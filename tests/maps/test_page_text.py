"""The page as text: one file, no address, same bytes; and what is refused."""

import json
import math
import os
import re
import subprocess
import sys
import zlib
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from suizhou_geo.conventions import AirStatus, Fan, Feature, Layer, Series
from suizhou_geo.errors import InputError
from suizhou_geo.maps import render_document, render_page, write_page
from suizhou_geo.maps.columns import (
    SCALE,
    Calendars,
    card_facts,
    encode_geometry,
    encode_layer,
    encode_values,
    simplify_borders,
)
from suizhou_geo.maps.frame import encode_data
from tests.maps.page_data import unpack
from tests.maps.sample_result import hostile_result, sample_result

ROOT = Path(__file__).resolve().parents[2]
DATA = re.compile(r'<script type="application/json" id="page-data">(.*?)</script>', re.DOTALL)


def read_data(page):
    return json.loads(DATA.search(page).group(1))


def _run(code, environment):
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    return done.stdout.strip()


def with_geometry(geometry):
    result = sample_result(outfalls=1, sources=1)
    layer = Layer("redlines", "", True, "测试用", "", (Feature("R", "坏图形", geometry),))
    return replace(result, layers=(layer,))


@pytest.mark.parametrize("build", [sample_result, hostile_result])
def test_no_address_is_anywhere_in_the_file(build):
    page = render_page(build())
    assert "://" not in page
    assert "sourceMappingURL" not in page
    assert not re.search(
        r"url\(|@import|<link|<iframe|\ssrc=['\"]?(?!x)", page.split(DATA.search(page).group())[0]
    )


def test_same_result_gives_the_same_bytes_in_every_process():
    code = (
        "import zlib; from tests.maps.sample_result import sample_result; from suizhou_geo.maps import render_page;"
        "print(zlib.crc32(render_page(sample_result()).encode()))"
    )
    environments = [
        {"PYTHONHASHSEED": "0", "TZ": "UTC"},
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LANG": "C"},
    ]
    sums = {_run(code, environment) for environment in environments}
    assert sums == {str(zlib.crc32(render_page(sample_result()).encode()))}


OTHER = {str: "别的", bool: True, float: 0.5, int: 9, tuple: (), dict: {}}


@pytest.mark.parametrize(
    "name", [each.name for each in fields(Series)] + [each.name for each in fields(Feature)]
)
def test_every_field_of_a_feature_and_its_series_is_in_the_fingerprint(name):
    result = sample_result(outfalls=2, sources=2)
    layer = result.layer("sections")
    first, *others = layer.features
    if name in {each.name for each in fields(Series)}:
        one = first.series[0]
        old = getattr(one, name)
        new = old[::-1] if isinstance(old, tuple) else OTHER[type(old)]
        changed = replace(first, series=(replace(one, **{name: new}), *first.series[1:]))
    else:
        new = {
            "id": "x",
            "in_county": False,
            "synthetic": False,
            "fans": (Fan("tp", (), (), ()),),
            "section": None,
            "air": AirStatus((), "", ""),
        }
        old = getattr(first, name)
        changed = replace(first, **{name: new.get(name, OTHER.get(type(old)))})
    sections = replace(layer, features=(changed, *others))
    layers = tuple(sections if each.kind == "sections" else each for each in result.layers)
    assert replace(result, layers=layers).fingerprint != result.fingerprint


def test_a_gap_moved_by_a_month_is_another_fingerprint():
    def with_values(values):
        series = Series("tp", "总磷", "mg/L", ("2021-01", "2021-02", "2021-03"), values)
        layer = Layer("sections", "", False, "", "", (Feature("a", "甲", {}, series=(series,)),))
        return replace(sample_result(), layers=(layer,)).fingerprint

    assert (
        len(
            {
                with_values(each)
                for each in ((None, 0.1, 0.2), (0.1, None, 0.2), (0.1, 0.2, None), (0.1, 0.2, 0.0))
            }
        )
        == 4
    )
    assert with_values((0.1, None, 0.2)) == with_values((0.1, None, 0.2))
    with pytest.raises(InputError, match="非有限"):
        with_values((0.1, float("nan"), 0.2))


def test_result_is_not_changed():
    result = sample_result()
    before = result.to_json()
    render_page(result)
    assert result.to_json() == before


def test_page_is_small():
    assert len(render_page(sample_result()).encode()) < 500_000


def test_county_without_any_layer_is_a_page():
    empty = replace(sample_result(), layers=(), targets=(), conflicts=(), notes=(), rules=(), sources=())
    assert read_data(render_page(empty))["layers"] == []


def test_data_date_is_the_last_month_measured_not_the_date_of_a_boundary():
    assert read_data(render_page(sample_result()))["head"]["dataDate"] == "2021-06"


def test_partly_synthetic_is_said():
    head = read_data(render_page(replace(sample_result(), synthetic=False)))["head"]
    assert (head["synthetic"], head["partlySynthetic"]) == (False, True)


@pytest.mark.parametrize(
    ("geometry", "pieces"),
    [
        ({"type": "Point", "coordinates": [113.38, 31.7]}, [[0, 11338000, 3170000]]),
        ({"type": "Point", "coordinates": [113.38, 31.7, 88.0]}, [[0, 11338000, 3170000]]),
        ({"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}, [[0, 100000, 200000, 300000, 400000]]),
        ({"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]]]}, [[1, [0, 0, 100000, 100000]]]),
        (
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 0]]]},
            [[2, [0, 0, 100000, 0, -100000, 0]]],
        ),
        (
            {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 1]}]},
            [[0, 100000, 100000]],
        ),
        ({"type": "MultiPolygon", "coordinates": []}, []),
        ({}, []),
    ],
)
def test_shapes_become_whole_steps(geometry, pieces):
    assert encode_geometry(geometry) == pieces


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Circle", "coordinates": [1, 2]},
        {"type": "Point", "coordinates": [float("nan"), 31.0]},
        {"type": "Point", "coordinates": [float("inf"), 31.0]},
        {"type": "LineString", "coordinates": [[113.0]]},
        {"type": "Point", "coordinates": ["东经", "北纬"]},
    ],
)
def test_shape_that_cannot_be_drawn_is_named(geometry):
    with pytest.raises(InputError, match="坏图形"):
        render_page(with_geometry(geometry))


def test_number_that_is_not_finite_is_refused():
    result = sample_result()
    targets = (replace(result.targets[0], value=float("nan")),)
    with pytest.raises(InputError, match="非有限"):
        render_page(replace(result, targets=targets))


def test_layer_of_a_kind_not_known_here_is_still_listed():
    layer = Layer(
        "reserves",
        "湿地公园",
        False,
        "",
        "",
        (Feature("N1", "湿地", {"type": "Point", "coordinates": [1, 1]}),),
    )
    columns = encode_layer(layer, calendars=Calendars())
    assert (columns["title"], columns["names"]) == ("湿地公园", ["湿地"])


def test_card_says_quality_and_origin_once():
    feature = Feature(
        "a", "甲", {}, {"坐标质量": "位置为约数"}, location_quality="approximate", synthetic=True
    )
    assert card_facts(feature) == {"坐标质量": "位置为约数", "数据性质": "演示数据"}


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_number_that_json_has_not_is_refused(number):
    with pytest.raises(InputError, match="页面数据中有非有限"):
        encode_data({"a": [1.0, number]})


@pytest.mark.parametrize(
    "text", ["</script>", "<!--", "\u2028\u2029", "a/b//c", "\ud800", "{{x}}", "&amp;", "\x00\x1f", "𡋾"]
)
def test_data_come_back_unchanged(text):
    encoded = encode_data({text: [text]})
    assert json.loads(encoded) == {text: [text]}
    assert not re.search("[<>&/\u2028\u2029\ud800]", encoded)


@pytest.mark.parametrize("script", ["a</script>", "a</SCRIPT >", "<!-- a"])
def test_script_that_ends_itself_is_refused(script):
    with pytest.raises(InputError, match="页面的 script 含有"):
        render_document(title="", data=None, script=script, style="", body="")


@pytest.mark.parametrize("style", ["a{background:url(x.png)}", "@import 'a.css'", "</style>"])
def test_style_that_loads_or_ends_itself_is_refused(style):
    with pytest.raises(InputError, match="页面的 style 含有"):
        render_document(title="", data=None, script="", style=style, body="")


def test_single_points_stand_in_one_column_and_come_back():
    layer = sample_result(outfalls=50).layer("outfalls")
    columns = encode_layer(layer, calendars=Calendars())
    assert columns["shapes"] == []
    places = np.cumsum(np.array(columns["places"]).reshape(-1, 2), axis=0) / SCALE
    wanted = [feature.geometry["coordinates"] for feature in layer.features]
    assert np.abs(places - wanted).max() <= 0.5 / SCALE + 1e-12


def test_values_come_back_exactly_from_whole_numbers():
    layer = sample_result().layer("sections")
    sections = tuple(
        replace(
            each,
            series=tuple(
                replace(one, values=tuple(v and round(v, one.decimals) for v in one.values))
                for one in each.series
            ),
        )
        for each in layer.features
    )
    columns = encode_layer(replace(layer, features=sections), calendars=Calendars())
    assert len(columns["heads"]) == 4, "name, unit, months and limit stand once"
    for head, packed in enumerate(columns["values"]):
        wanted = [value for each in sections for value in each.series[head].values]
        assert packed[0] == columns["heads"][head][5]
        assert unpack(packed) == wanted


def test_a_value_with_more_decimals_than_the_standard_prints_is_kept():
    assert encode_values([(0.12345, None)], 2) == [0, 0.12345, None]
    assert encode_values([(400.0, None)], 2) == [0, 400.0, None], "and one with more digits than are packed"


def test_shared_borders_are_simplified_as_one_line():
    wave = [(113.4 + 0.00002 * math.sin(step), 31.5 + 0.0002 * step) for step in range(2001)]
    left = shapely.Polygon([(113.2, 31.5), *wave, (113.2, 31.9)])
    right = shapely.Polygon([(113.6, 31.5), *wave, (113.6, 31.9)])
    shapes = [shapely.geometry.mapping(each) for each in (left, right)]
    simple = [shapely.geometry.shape(each) for each in simplify_borders(shapes)]
    assert shapely.get_num_coordinates(simple).sum() < shapely.get_num_coordinates([left, right]).sum() / 3
    assert shapely.coverage_is_valid(simple), "no gap and no overlap between the neighbours"
    assert simple[0].union(simple[1]).area == pytest.approx(left.union(right).area, rel=1e-6)


def test_areas_that_share_no_border_stay_as_they_are():
    apart = [
        shapely.geometry.mapping(shapely.box(0, 0, 2, 2)),
        shapely.geometry.mapping(shapely.box(1, 1, 3, 3)),
    ]
    assert simplify_borders(apart) == apart


def test_failed_render_leaves_the_old_page(tmp_path):
    path = write_page(sample_result(), path=tmp_path / "a.html")
    before = path.read_bytes()
    with pytest.raises(InputError):
        write_page(with_geometry({"type": "Circle", "coordinates": [1]}), path=path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
