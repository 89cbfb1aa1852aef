"""Percentages of published bulletins, plain and forced to add up to 100."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suizhou_geo import standards
from suizhou_geo.errors import InputError
from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"
PLAIN = pd.read_csv(GOLDEN / "water_d2_counts_to_percent.csv")
ADJUSTED = pd.read_csv(GOLDEN / "water_d2_adjusted.csv")
#: All four counts of the bulletins whose percentages only add up with an adjustment.
WHOLE = {"gov.cn 2007wk2": [49, 9, 6, 19], "Wuhan 2021-07": [8, 13, 9, 2], "Wuhan 2018-05": [22, 3, 3, 1]}


@pytest.mark.parametrize("row", list(PLAIN.itertuples()), ids=lambda row: f"{row.case}-{row.count}")
def test_published_percentages(row) -> None:
    assert standards.percentages([row.count], total=row.n).tolist() == [row.published_percent]


@pytest.mark.parametrize("row", list(ADJUSTED.itertuples()), ids=lambda row: row.case)
def test_percentages_forced_to_a_hundred(row) -> None:
    counts = WHOLE[row.case]
    place = counts.index(row.count)
    assert standards.percentages(counts)[place] != row.published_percent
    adjusted = standards.percentages(counts, adjust=True)
    assert adjusted[place] == row.published_percent
    assert round(adjusted.sum(), 6) == 100
    published = PLAIN[PLAIN["case"] == row.case]
    others = dict(zip(published["count"], published["published_percent"], strict=True))
    assert {
        count: share for count, share in zip(counts, adjusted.tolist(), strict=True) if count in others
    } == others


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=12).filter(any), st.integers(0, 3))
def test_adjusted_shares_add_up_and_stay_within_one_digit(counts, decimals) -> None:
    adjusted = standards.percentages(counts, decimals=decimals, adjust=True)
    exact = 100 * np.array(counts) / sum(counts)
    assert adjusted.sum() == pytest.approx(100)
    assert (np.abs(adjusted - exact) < 10.0**-decimals + 1e-9).all()


def test_nothing_to_share_is_refused() -> None:
    with pytest.raises(InputError, match="总数为 0"):
        standards.percentages([0, 0])
    with pytest.raises(InputError, match="不等于总数"):
        standards.percentages([3, 4], total=9, adjust=True)
