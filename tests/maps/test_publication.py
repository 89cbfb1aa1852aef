"""Public pages: what the rules name is left out, coordinates are rounded, the map says whether it was reviewed."""

import base64
import json
import re
from dataclasses import replace
from urllib.parse import quote

import pytest

from suizhou_geo import maps
from suizhou_geo.cli import main
from suizhou_geo.conventions import Feature, Layer
from suizhou_geo.errors import InputError
from suizhou_geo.maps import Publication, render_page, withhold, write_page
from suizhou_geo.packaged import packaged_folder
from tests.maps.sample_result import sample_result
from tests.maps.test_page_browser import open_section
from tests.maps.test_page_text import read_data

PUBLIC = Publication(public=True)
REVIEWED = Publication(public=True, review_number="鄂S(2021)005号")


def with_feature(**given):
    usual = {
        "id": "X",
        "name": "甲厂",
        "geometry": {"type": "Point", "coordinates": [113.381234567, 31.717654321]},
    }
    layer = Layer("sources", "", True, "测试用", "", (Feature(**{**usual, **given}),))
    return replace(sample_result(outfalls=1, sources=1), layers=(layer,), conflicts=())


def only_feature(result):
    return result.layers[0].features[0]


def test_internal_page_is_the_result_itself():
    result = sample_result()
    assert withhold(result, Publication()) is result
    assert render_page(result) == render_page(result, publication=Publication())


@pytest.mark.parametrize(
    "label",
    ["总库容(万立方米)", "管线走向", "取水口", "联系人", "联系电话", "经度", "备注", "用户名", "内部编号"],
)
def test_listed_attributes_are_dropped(label):
    shown = withhold(with_feature(facts={label: "秘密", "许可状态": "有效"}), PUBLIC)
    assert only_feature(shown).facts == {"许可状态": "有效"}


def test_further_labels_and_kinds_can_be_dropped():
    publication = Publication(public=True, dropped=("许可", "outfalls"))
    assert only_feature(withhold(with_feature(facts={"许可状态": "有效"}), publication)).facts == {}
    assert withhold(sample_result(), publication).layer("outfalls") is None


@pytest.mark.parametrize(
    ("decimals", "place"), [(4, [113.3812, 31.7177]), (2, [113.38, 31.72]), (0, [113.0, 32.0])]
)
def test_coordinates_are_rounded_in_shapes(decimals, place):
    shown = withhold(with_feature(), Publication(public=True, decimals=decimals))
    assert only_feature(shown).geometry["coordinates"] == place


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("位于 113.381234567,31.717654321", "位于 113.3812,31.7177"),
        ("浓度 0.0123456 毫克", "浓度 0.0123456 毫克"),
        ("见 /home/zhang/数据/a.xlsx，第 3 行", "见 （略），第 3 行"),
        (r"见 D:\数据\内部\a.xlsx；其他", "见 （略）；其他"),
        ("tk=0123456789abcdef0123456789abcdef", "tk=（略）"),
        ("密码：abc123。", "密码：（略）。"),
        ("https://example.invalid/a?x=1", "https://example.invalid/a?x=1"),
        ("donkey=5", "donkey=5"),
    ],
)
def test_texts_lose_places_paths_and_keys_and_nothing_else(text, public):
    assert withhold(replace(sample_result(), headline=text), PUBLIC).headline == public


def test_a_feature_kept_back_leaves_no_name_anywhere():
    result = with_feature(name="龙泉取水井", facts={"是否公开": "否"})
    result = replace(result, notes=("龙泉取水井缺测。",), headline="龙泉取水井有风险。")
    page = render_page(result, publication=PUBLIC)
    assert "龙泉取水井" not in page
    assert read_data(page)["notes"] == ["（不公开）缺测。"]


def test_conflicts_of_a_feature_kept_back_go_too():
    result = sample_result()
    layers = tuple(
        replace(layer, features=tuple(replace(each, facts={"敏感": "是"}) for each in layer.features))
        if layer.kind == "sources"
        else layer
        for layer in result.layers
    )
    assert withhold(replace(result, layers=layers), PUBLIC).conflicts == ()


@pytest.mark.parametrize(
    "number", ["鄂S(2021)005号", "GS(2019)1822号", "GS京(2022)1061号", "鄂随州S〔2023〕12号"]
)
def test_review_number_stands_at_the_lower_left_and_the_stamp_is_public(number):
    head = read_data(
        render_page(sample_result(), publication=Publication(public=True, review_number=number))
    )["head"]
    assert (head["stamp"], head["mapStamp"]) == ("公开", f"审图号：{number}")


@pytest.mark.parametrize("number", ["2021-005", "鄂S2021005", "审图号", "S(21)5号", "<b>S(2021)005号"])
def test_what_is_no_review_number_is_refused(number):
    with pytest.raises(InputError, match="审图号"):
        Publication(public=True, review_number=number)


@pytest.mark.parametrize("decimals", [-1, 6])
def test_finer_coordinates_than_the_page_has_are_refused(decimals):
    with pytest.raises(InputError, match="坐标小数位数"):
        Publication(public=True, decimals=decimals)


def test_public_without_review_is_stamped_internal():
    head = read_data(render_page(sample_result(), publication=PUBLIC))["head"]
    assert (head["stamp"], head["mapStamp"]) == ("内部使用", "内部工作用图 未经地图审核 不得公开")


def test_public_page_keeps_the_fingerprint_of_its_result():
    page = render_page(sample_result(), publication=PUBLIC)
    assert read_data(page)["head"]["fingerprint"] == sample_result().fingerprint


@pytest.mark.browser
def test_review_number_is_seen_at_the_lower_left(open_page, tmp_path):
    seen = open_page(write_page(sample_result(), path=tmp_path / "a.html", publication=REVIEWED))
    box = seen.page.locator("#map-origin").bounding_box()
    frame = seen.page.locator("#map-frame").bounding_box()
    assert "审图号：鄂S(2021)005号" in seen.page.inner_text("#map-origin")
    assert box["x"] - frame["x"] < 40
    assert frame["y"] + frame["height"] - box["y"] - box["height"] < 40
    assert seen.page.inner_text("#stamps .stamp >> nth=0") == "公开"


CANARIES = {
    "tk": "5b2a9c417de04f6f8a1b3c5d7e9f0a2b",
    "password": "金丝雀口令7741",
    "home path": "/home/jinsique/工作/金丝雀.xlsx",
    "user name": "jinsique",
    "hidden column": "金丝雀库容8812",
    "comment": "金丝雀批注3390",
    "coordinate": "113.4567891",
    "sensitive name": "金丝雀雷达站",
}


def canary_result():
    """A county with the eight in every kind of place where a table could have brought them."""
    tk, password, path, user, column, comment, place, name = CANARIES.values()
    result = sample_result()
    features = (
        Feature("K1", name, {"type": "Point", "coordinates": [float(place), 31.7123456]}, {"敏感": "是"}, source_type="industry"),
        Feature(
            "K2", "普通企业", {"type": "Point", "coordinates": [float(place), 31.7123456]},
            {"水库库容": column, "备注": comment, "录入人": user, "来源": f"{path} tk={tk} 密码为{password}", "说明": f"邻近{name}，{place}"},
            source_type="industry",
        ),
    )  # fmt: skip
    layers = tuple(
        replace(each, features=(*each.features, *features)) if each.kind == "sources" else each
        for each in result.layers
    )
    sources = tuple(replace(each, file=path, note=f"密码：{password}") for each in result.sources)
    notes = (f"{name} 缺测", f"tk：{tk}", f"user={user}")
    return replace(result, layers=layers, sources=sources, notes=notes, headline=f"{name}（{place}）")


def test_eight_canaries_stand_on_the_internal_page_and_none_on_the_public_one():
    inside, outside = (
        json.dumps(read_data(render_page(canary_result(), publication=each)), ensure_ascii=False)
        for each in (Publication(), PUBLIC)
    )
    assert [name for name, text in CANARIES.items() if name != "coordinate" and text not in inside] == []
    assert [name for name, text in CANARIES.items() if text in outside] == []
    places = re.findall(
        r"11345\d\d\d", json.dumps(read_data(render_page(canary_result(), publication=PUBLIC)))
    )
    assert [place for place in places if not place.endswith("0")] == []


def test_canaries_are_in_no_byte_of_the_public_products(tmp_path):
    """As text, percent-encoded, in base64 at any offset, in escapes of JSON."""
    written = [
        write_page(canary_result(), path=tmp_path / "page.html", publication=PUBLIC).read_bytes(),
        maps.draw_picture(canary_result(), publication=PUBLIC) or b"",
        maps.CountyMap(canary_result(), publication=PUBLIC)._repr_html_().encode(),
    ]
    for name, text in CANARIES.items():
        plain = text.encode()
        forms = {plain, quote(text).encode(), json.dumps(text)[1:-1].encode()}
        forms |= {base64.b64encode(b"x" * pad + plain)[4 if pad else 0 : -4] for pad in range(3)}
        assert [form for form in forms for product in written if form in product] == [], name


def test_key_of_the_environment_is_in_no_page_even_if_a_text_brings_it(monkeypatch):
    monkeypatch.setenv("TIANDITU_KEY", "geheim-4711-key")
    with pytest.raises(InputError, match="天地图密钥"):
        render_page(replace(sample_result(), headline="见 geheim-4711-key"))


@pytest.mark.browser
def test_command_writes_a_public_page_of_the_demo_that_opens_in_silence(open_page, tmp_path):
    path = tmp_path / "a.html"
    place = ("--county", "421381", "--year", "2021", "--month", "6", "-o", str(path))
    with pytest.raises(SystemExit, match="0"):
        main(
            [
                "map",
                str(packaged_folder("data", "suizhou")),
                *place,
                "--public",
                "--review-number",
                "鄂S(2021)005号",
            ]
        )
    data = read_data(path.read_text(encoding="utf-8"))
    assert data["head"]["stamp"] == "公开"
    assert "intakes" not in [layer["kind"] for layer in data["layers"]]
    assert path.stat().st_size < maps.PAGE_BUDGET
    seen = open_page(path)
    seen.page.evaluate(
        "countyPage.layers.flatMap((layer) => layer.features).forEach((feature) => countyPage.openCard(feature))"
    )
    open_section(seen.page, 0)
    assert seen.page.locator("#card path.band").count() >= 6, "two charts, each with three bands"
    assert seen.requests == [path.as_uri()]
    assert seen.complaints == []
