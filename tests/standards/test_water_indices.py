"""Trophic state and ranking index: published lake years, the worked example, and formulae by hand."""

import csv

import numpy as np
import pytest

from suizhou_geo.standards import find_edition
from suizhou_geo.standards.water_indices import ranking_index, trophic_grade, trophic_index
from tests.conftest import ROOT

GB3838 = find_edition("gb3838-2002")


def lake_years():
    with (ROOT / "tests" / "golden" / "water_h_hulun_lake_tli.csv").open(
        encoding="utf-8", newline=""
    ) as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("row", lake_years(), ids=lambda row: row["year"])
def test_published_lake_years_without_codmn(row):
    parts = [float(row[f"tli_{item}"]) for item in ("chla", "tp", "tn", "sd")]
    index = float(trophic_index([*parts, np.nan]))
    # The published parts have three decimals.
    assert index == pytest.approx(float(row["published"]), abs=1.1e-3)
    assert trophic_grade(index) == row["grade"]


@pytest.mark.parametrize(
    ("index", "grade"),
    [
        (29.99, "贫营养"),
        (30, "中营养"),
        (50, "中营养"),
        (60, "轻度富营养"),
        (60.01, "中度富营养"),
        (70, "中度富营养"),
        (70.1, "重度富营养"),
    ],
)
def test_grades_at_their_ends(index, grade):
    assert trophic_grade(index) == grade


def test_nothing_known_is_no_index():
    assert np.isnan(trophic_index([np.nan] * 5))


def test_a_section_exactly_on_every_class_three_limit_has_one_per_item():
    items = ("do", "codmn", "nh3n", "tp")
    assert float(
        ranking_index([5.0, 6.0, 1.0, 0.2], items=items, water_body="river", edition=GB3838)
    ) == pytest.approx(4)
    assert float(
        ranking_index([5.0, 6.0, 1.0, 0.05], items=items, water_body="lake", edition=GB3838)
    ) == pytest.approx(4)


@pytest.mark.parametrize(("ph", "index"), [(7.0, 0.0), (6.5, 0.5), (8.0, 0.5), (9.0, 1.0), (6.0, 1.0)])
def test_ph_is_its_distance_from_seven(ph, index):
    assert float(ranking_index([ph], items=("ph",), water_body="river", edition=GB3838)) == pytest.approx(
        index
    )


def test_a_missing_item_adds_nothing_and_nothing_at_all_is_no_index():
    items = ("codmn", "tp")
    assert float(ranking_index([6.0, np.nan], items=items, water_body="river", edition=GB3838)) == 1.0
    assert np.isnan(ranking_index([np.nan, np.nan], items=items, water_body="river", edition=GB3838))
