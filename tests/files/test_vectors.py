"""Layers: read into CGCS2000, or refused with file, row and column; never a guess, never a second file."""

import json

import geopandas as gpd
import pytest
import shapely

from suizhou_geo import files
from suizhou_geo.errors import CRSError, InputError, MissingFileError, UnknownNameError

POINTS = "site_id,断面名称,经度,纬度\nA,甲,113.38,31.69\n"


def write(folder, text, name="点.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_points_of_a_table_become_sites(tmp_path):
    layer = files.read_vector(write(tmp_path, POINTS))
    assert (layer.index.name, layer.index.tolist(), str(layer.crs)) == ("site_id", ["A"], "EPSG:4490")
    assert layer.at["A", "site_name"] == "甲"
    assert layer.geometry["A"].equals(shapely.Point(113.38, 31.69))


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "shp"])
def test_projected_layers_are_brought_to_cgcs2000(tmp_path, ending):
    square = gpd.GeoDataFrame(
        {"site_id": ["R1"]}, geometry=[shapely.box(441000, 3507000, 442000, 3508000)], crs=4547
    )
    path = tmp_path / f"红线.{ending}"
    square.to_file(path)
    layer = files.read_vector(path)
    assert str(layer.crs) == "EPSG:4490"
    assert layer.to_crs(4547).area.iloc[0] == pytest.approx(1e6, rel=1e-6)


def test_a_shapefile_without_projection_is_refused(tmp_path):
    path = tmp_path / "红线.shp"
    gpd.GeoDataFrame({"site_id": ["R1"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4490).to_file(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(CRSError, match=r"红线\.shp.*处理"):
        files.read_vector(path)


def test_an_empty_layer_is_a_result(tmp_path):
    path = write(tmp_path, json.dumps({"type": "FeatureCollection", "features": []}), name="空.geojson")
    assert len(files.read_vector(path)) == 0


BAD_POINTS = {
    "no longitude": ("site_id,断面名称,纬度\nA,甲,31.69\n", ["经度", "断面名称"]),
    "swapped axes": (
        "site_id,longitude,latitude\nA,31.69,113.38\n",
        ["31.69", "第 2 行", "longitude", "写反"],
    ),
    "a projected coordinate": ("site_id,longitude,latitude\nA,441530.86,31.7\n", ["441530.86", "第 2 行"]),
    "a missing coordinate": ("site_id,longitude,latitude\nA,113.3,31.7\nB,,31.7\n", ["第 3 行", "longitude"]),
    "the same id twice": ("site_id,longitude,latitude\nA,113.3,31.7\nA,113.4,31.7\n", ["编号重复", "A"]),
}


@pytest.mark.parametrize("case", BAD_POINTS, ids=str)
def test_bad_points_are_refused_with_their_place(tmp_path, case):
    text, wanted = BAD_POINTS[case]
    with pytest.raises(InputError, match=r"点\.csv") as caught:
        files.read_vector(write(tmp_path, text))
    assert all(part in str(caught.value) for part in wanted), str(caught.value)


VRT = """<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource relativeToVRT="0">{target}</SrcDataSource>
<GeometryType>wkbNone</GeometryType></OGRVRTLayer></OGRVRTDataSource>"""


@pytest.mark.parametrize("ending", ["geojson", "json", "shp", "gpkg", "csv"])
def test_a_file_that_is_really_a_pointer_to_another_file_is_refused(tmp_path, ending):
    secret = write(tmp_path, "site_id,longitude,latitude,note\nX,113,31,机密\n", name="secret.csv")
    path = write(tmp_path, VRT.format(target=secret), name=f"layer.{ending}")
    with pytest.raises(InputError) as caught:
        files.read_vector(path)
    assert "机密" not in str(caught.value)


def test_drivers_that_reach_other_places_are_switched_off(tmp_path):
    files.read_vector(write(tmp_path, POINTS))
    import pyogrio

    assert not {"OGR_VRT", "WFS", "OAPIF", "CSW", "HTTP"} & set(pyogrio.list_drivers())


@pytest.mark.parametrize("name", ["没有.gpkg", "没有.csv"])
def test_a_missing_layer_is_named(tmp_path, name):
    with pytest.raises(MissingFileError, match=name):
        files.read_vector(tmp_path / name)


def test_published_areas_of_the_three_counties():
    counties = files.read_counties(["421303", "421321", "421381"]).to_crs("ESRI:102025")
    areas = (counties.area / 1e6).to_dict()
    assert areas == pytest.approx({"421303": 1423.3, "421321": 5535.3, "421381": 2640.5}, rel=2e-3)


def test_every_county_of_china_is_there_once_and_valid():
    counties = files.read_counties()
    assert len(counties) > 2800
    assert counties.index.is_unique
    assert counties.index.str.fullmatch(r"\d{6}").all()
    assert counties.is_valid.all()
    assert counties.attrs["repaired"]


def test_an_unknown_county_is_refused_with_neighbours():
    with pytest.raises(UnknownNameError, match=r"421304.*是否为"):
        files.read_counties(["421304"])


def test_a_layer_that_ends_in_json_is_geojson(tmp_path):
    path = tmp_path / "layer.json"
    point = (
        '{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [113.4, 31.7]}}'
    )
    path.write_text(f'{{"type": "FeatureCollection", "features": [{point}]}}', encoding="utf-8")
    assert files.read_vector(path).geometry.iloc[0].x == 113.4


KML = """<?xml version="1.0" encoding="UTF-8"?>{dtd}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Placemark><name>平林</name><Point><coordinates>113.4,31.7</coordinates></Point></Placemark></Document></kml>"""


def test_kml_is_read_unless_it_names_other_files(tmp_path):
    frame = files.read_vector(write(tmp_path, KML.format(dtd=""), "a.kml"))
    assert frame.geometry.iloc[0].x == 113.4
    evil = KML.format(dtd='<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>')
    with pytest.raises(InputError, match="文档类型声明"):
        files.read_vector(write(tmp_path, evil, "b.kml"))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_a_shapefile_without_cpg_keeps_its_chinese(tmp_path, encoding):
    path = tmp_path / "断面.shp"
    points = gpd.GeoDataFrame(
        {"断面": ["东门渡", "水阳江"]}, geometry=shapely.points([[118.7, 31.1], [118.8, 31.0]]), crs=4490
    )
    points.to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink()
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = 0
    path.with_suffix(".dbf").write_bytes(bytes(dbf))
    frame = files.read_vector(path)
    assert frame["site_name"].tolist() == ["东门渡", "水阳江"]
    assert "没有 .cpg" in frame.attrs["notes"][0]


def _areas(path, *rings):
    gpd.GeoDataFrame(
        {"site_id": range(len(rings))}, geometry=[shapely.Polygon(ring) for ring in rings], crs=4490
    ).to_file(path)
    return path


SQUARE = [(113.0, 31.0), (113.1, 31.0), (113.1, 31.1), (113.0, 31.1)]


def test_a_small_flaw_is_mended_and_told_and_a_large_one_refused(tmp_path):
    spike = [*SQUARE[:2], (113.1, 31.05), (113.2, 31.05), (113.1, 31.05), *SQUARE[2:]]
    frame = files.read_vector(_areas(tmp_path / "a.gpkg", SQUARE, spike))
    assert frame.geometry.is_valid.all()
    assert "1 个无效图形已修复" in frame.attrs["notes"][0]
    bowtie = [(113.0, 31.0), (113.1, 31.1), (113.1, 31.0), (113.0, 31.1)]
    with pytest.raises(InputError, match=r"第 2 个要素的图形无效.*面积变化 100%"):
        files.read_vector(_areas(tmp_path / "b.gpkg", SQUARE, bowtie))


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("31.69,113.38", "经纬度写反"),
        ("38441530.860,3507732.376", "EPSG:4526，带号 38"),
        ("3507732.376,38441530.860", "北、东次序）（EPSG:4526，带号 38"),
        ("19725987.4,3510037.1", "EPSG:4497，带号 19"),
        ("441530.86,3507732.38", "不带带号的高斯投影坐标"),
        ("1133833,316908", "可能缺小数点"),
        (",31.7", "该格为空"),
    ],
)
def test_coordinates_that_are_no_degrees_are_refused_with_a_guess(tmp_path, pair, words):
    with pytest.raises(InputError, match=words):
        files.read_vector(write(tmp_path, f"site_id,经度,纬度\nA,{pair}\n"))


def test_a_layer_calls_its_features_in_words_of_its_own(tmp_path):
    path = tmp_path / "红线.gpkg"
    gpd.GeoDataFrame(
        {"红线编码": ["HX-1"], "红线名称": ["大洪山"]}, geometry=[shapely.box(113, 31, 113.1, 31.1)], crs=4490
    ).to_file(path)
    frame = files.read_vector(path)
    assert (frame.index.tolist(), frame["name"].tolist()) == (["HX-1"], ["大洪山"])
    # A name that is there already stays, and so does the column beside it.
    gpd.GeoDataFrame(
        {"id": ["a"], "name": ["甲"], "名称": ["乙"]}, geometry=[shapely.Point(113, 31)], crs=4490
    ).to_file(tmp_path / "点.gpkg")
    kept = files.read_vector(tmp_path / "点.gpkg")
    assert (kept.at["a", "name"], kept.at["a", "名称"]) == ("甲", "乙")
