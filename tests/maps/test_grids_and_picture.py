"""Grids as pictures inside the page, and the static picture of the map for Word."""

import base64
import io
import struct
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from PIL import Image
from pyproj import Transformer

from suizhou_geo.conventions import CountyResult
from suizhou_geo.errors import CRSError, InputError, MissingFileError
from suizhou_geo.maps import encode_grid, picture, render_page
from suizhou_geo.maps.columns import SCALE
from suizhou_geo.reports import write_brief
from tests.maps.sample_result import HOSTILE, hostile_result, sample_result
from tests.maps.test_page_text import read_data

METRIC = "EPSG:4547"


def make_grid(values, *, cell=1000.0, west=420_000.0, south=3_500_000.0):
    values = np.asarray(values, dtype=float)
    rows, columns = values.shape
    coordinates = {"northing": south + cell * np.arange(rows), "easting": west + cell * np.arange(columns)}
    return xr.DataArray(values, dims=("northing", "easting"), coords=coordinates, attrs={"crs": METRIC})


def pixels(encoded):
    return np.array(Image.open(io.BytesIO(base64.b64decode(encoded["image"]))).convert("RGBA"))


def colour_at(encoded, longitude, latitude):
    """The colour of a place of the picture, found as a web map finds it (Mercator)."""
    image = pixels(encoded)
    west, south, east, north = (value / SCALE for value in encoded["box"])
    height = [np.arcsinh(np.tan(np.radians(each))) for each in (south, latitude, north)]
    row = int((height[2] - height[1]) / (height[2] - height[0]) * image.shape[0])
    column = int((longitude - west) / (east - west) * image.shape[1])
    return tuple(image[row, column])


def test_every_cell_stands_where_its_coordinates_say_in_the_colour_of_its_class():
    random = np.random.default_rng(5)
    grid = make_grid(random.uniform(0, 1, (12, 9)))
    encoded = encode_grid(grid, title="总磷", unit="mg/L")
    to_degrees = Transformer.from_crs(METRIC, "EPSG:4490", always_xy=True)
    for row, column in ((0, 0), (3, 5), (11, 8), (7, 1)):
        place = to_degrees.transform(float(grid["easting"][column]), float(grid["northing"][row]))
        value = float(grid[row, column])
        step = next(
            each
            for each in encoded["steps"]
            if float(each["label"].split("–")[0]) <= value <= float(each["label"].split("–")[1])
        )
        assert "#{:02x}{:02x}{:02x}".format(*colour_at(encoded, *place)[:3]) == step["colour"]


def test_a_grid_that_runs_from_north_to_south_is_the_same_picture():
    grid = make_grid(np.arange(20.0).reshape(4, 5))
    assert encode_grid(grid[::-1], title="a") == encode_grid(grid, title="a")


def test_cells_without_a_value_are_transparent():
    values = np.ones((6, 6))
    values[0] = np.nan
    alpha = pixels(encode_grid(make_grid(values), title="a"))[..., 3]
    assert set(np.unique(alpha)) == {0, 255}
    assert (alpha[-1] == 0).all(), "the southernmost row"


@pytest.mark.parametrize(
    ("grid", "options", "error", "words"),
    [
        (make_grid(np.ones((3, 3))).drop_attrs(), {}, CRSError, "没有坐标系"),
        (make_grid(np.ones((3, 3))), {"crs": "EPSG:4490"}, CRSError, "以度为单位"),
        (make_grid(np.ones((3, 3))).T, {}, InputError, "northing, easting"),
        (make_grid(np.full((3, 3), np.nan)), {}, InputError, "没有可画的数值"),
        (make_grid(np.ones((1, 3))), {}, InputError, "没有可画的数值"),
    ],
)
def test_a_grid_that_cannot_be_placed_is_refused(grid, options, error, words):
    with pytest.raises(error, match=words):
        encode_grid(grid, title="总磷", **options)


def test_grid_travels_in_the_page_with_a_legend_and_the_page_stays_the_same():
    encoded = encode_grid(make_grid(np.arange(400.0).reshape(20, 20)), title="总磷</script>", unit="mg/L")
    page = render_page(sample_result(), grids=[encoded])
    assert read_data(page)["grids"] == [encoded]
    assert page == render_page(
        sample_result(),
        grids=[encode_grid(make_grid(np.arange(400.0).reshape(20, 20)), title="总磷</script>", unit="mg/L")],
    )
    assert "://" not in page


def test_picture_is_as_wide_as_an_official_page_and_the_same_twice():
    first, second = (picture.draw_picture(sample_result()) for _ in range(2))
    assert first == second
    width, height = struct.unpack(">II", first[16:24])
    assert width / picture.DOTS * 25.4 == pytest.approx(156, abs=1)
    assert 0.6 < height / width < 1.1
    assert b"Software" not in first


def test_picture_has_the_official_colours():
    image = Image.open(io.BytesIO(picture.draw_picture(sample_result()))).convert("RGB")
    counts = {colour: count for count, colour in image.getcolors(maxcolors=10**6)}
    for colour in ((0x2B, 0x7D, 0xE0), (0xD7, 0x26, 0x2B), (0xFF, 0xD9, 0x2F), (0x2F, 0xA8, 0x4F)):
        assert counts.get(colour, 0) > 100, colour


def test_no_letter_is_a_box_and_no_text_is_a_formula():
    hostile = replace(hostile_result(), name="$\\frac{1}{0}$ \U0010ffff")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert picture.draw_picture(hostile).startswith(b"\x89PNG")
    assert picture._printable("总磷$\U0010ffff\n") == "总磷\\$〓\n"
    assert len(HOSTILE) > 30


def test_without_a_chinese_font_there_is_no_picture_but_a_message(monkeypatch, tmp_path):
    monkeypatch.setattr(picture, "find_chinese_font", lambda: None)
    with pytest.warns(UserWarning, match="没有中文字体.*fonts-noto-cjk"):
        assert picture.draw_picture(sample_result()) is None
    with pytest.raises(MissingFileError, match="没有中文字体"):
        picture.write_picture(sample_result(), path=tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_picture_of_a_county_without_anything_is_drawn():
    empty = CountyResult(
        "421303", "曾都区", "随州市", 2021, 6, "无。", (), (), (), (), (), (), False, "0.1.0"
    )
    assert picture.draw_picture(empty).startswith(b"\x89PNG")


def test_picture_stands_in_the_brief(tmp_path):
    drawn = picture.draw_picture(sample_result())
    path = write_brief(sample_result(), tmp_path / "a.docx", picture=drawn)
    with zipfile.ZipFile(path) as package:
        media = [package.read(name) for name in package.namelist() if name.startswith("word/media/")]
    assert media == [drawn]
