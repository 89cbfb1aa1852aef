"""What cells say, and what they must not be taken for."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suizhou_geo.files.cells import read_cell, read_cells
from suizhou_geo.files.times import read_time, year_in_name


@pytest.mark.parametrize(
    ("text", "value", "censored"),
    [
        ("0.02L", 0.02, True),
        ("<0.01", 0.01, True),
        ("＜0.05", 0.05, True),
        ("０．０５", 0.05, False),
        ("1,234", 1234.0, False),
        ("1.2×10^3", 1200.0, False),
        (" 7.8 ", 7.8, False),
        ("1e-5", 1e-5, False),
        (".5", 0.5, False),
        ("-0.3", -0.3, False),
    ],
)
def test_a_number_in_any_spelling(text, value, censored):
    cell = read_cell(text)
    assert (cell.value, cell.censored) == (pytest.approx(value), censored)


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [("", "missing"), ("--", "missing"), ("—", "missing"), ("NA", "missing"), ("*", "not_monitored"),
     ("未监测", "not_monitored"), ("未检出", "nd"), ("ND", "nd")],
)  # fmt: skip
def test_missing_not_monitored_and_not_detected_are_three_things(text, qualifier):
    cell = read_cell(text)
    assert math.isnan(cell.value)
    assert cell.qualifier == qualifier
    assert cell.censored == (qualifier == "nd")


@pytest.mark.parametrize(
    "text", ["约3", "0.5 毫克", "1.2.3", "inf", "1,23", "L", "<", "0L", "<-1", "3-4", "#DIV/0!"]
)
def test_a_cell_that_says_nothing_known_is_not_read(text):
    assert read_cell(text) is None


@given(st.floats(min_value=0, max_value=1e6, allow_nan=False).map(lambda number: f"{number:.6g}"))
def test_a_column_reads_like_its_cells(text):
    column = read_cells(pd.Series([text, f"<{text}", "--"]))
    assert column.loc[0, "value"] == float(text)
    assert column["qualifier"].tolist()[2] == "missing"
    if float(text) > 0:
        assert column.loc[1, "censored"]


@pytest.mark.parametrize(
    "text", ["2023-02-29", "2024-13-01", "2024-04-31", "04-01", "24/2/30", "昨天", "2021-04-01 25:00"]
)
def test_a_day_that_does_not_exist_or_has_no_year_is_no_time(text):
    assert read_time(text) is None


def test_a_leap_day_needs_a_leap_year():
    assert read_time("02-29 08:00", year=2024).day == 29
    assert read_time("02-29 08:00", year=2023) is None


@pytest.mark.parametrize(
    ("name", "year"),
    [("a_202104.csv", 2021), ("water_2016.csv", 2016), ("2021-04-05.csv", 2021), ("20210405水质.csv", 2021),
     ("2020-2021.csv", None), ("no12021x.csv", None), ("第3期.csv", None)],
)  # fmt: skip
def test_the_year_in_a_file_name_must_be_the_only_one(name, year):
    assert year_in_name(name) == year
