"""GB/T 8170: half to even on the decimal value, once."""

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suizhou_geo import standards
from suizhou_geo.errors import InputError


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [
        (0.0034, 3, 0.003),
        (0.0035, 3, 0.004),
        (0.0045, 3, 0.004),
        (1.05, 1, 1.0),
        (1.15, 1, 1.2),
        (0.285, 2, 0.28),
        (2.5, 0, 2.0),
        (-0.25, 1, -0.2),
        # Times 100 in binary these lie beside the half: 267.49999…, 57.49999…, 834.50000…1.
        (2.675, 2, 2.68),
        (0.575, 2, 0.58),
        (8.345, 2, 8.34),
    ],
)
def test_published_and_hand_made_halves(value: float, decimals: int, rounded: float) -> None:
    assert standards.round_half_even([value], decimals=decimals).tolist() == [rounded]


def test_a_value_that_would_vanish_keeps_one_digit() -> None:
    assert standards.round_for_assessment([0.00005, 0.000047, 0.0], decimals=3).tolist() == [
        5e-05,
        5e-05,
        0.0,
    ]


def test_shape_and_gaps_are_kept() -> None:
    values = np.array([[0.15, np.nan], [np.inf, 7.0]])
    rounded = standards.round_half_even(values, decimals=1)
    np.testing.assert_array_equal(rounded, [[0.2, np.nan], [np.inf, 7.0]])


@given(st.integers(min_value=-(10**7), max_value=10**7), st.integers(0, 5), st.integers(0, 6))
def test_it_is_the_decimal_rule(digits: int, places: int, decimals: int) -> None:
    exact = Decimal(digits).scaleb(-places)
    expected = float(exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN))
    assert standards.round_half_even([float(exact)], decimals=decimals).tolist() == [expected]


# Twelve digits, as many as a value is taken to have.
@given(st.integers(-(10**10), 10**10), st.integers(0, 6))
def test_every_half_goes_to_the_even_neighbour(number: int, decimals: int) -> None:
    half = Decimal(10 * number + 5).scaleb(-decimals - 1)
    even = Decimal(number + number % 2).scaleb(-decimals)
    assert standards.round_half_even([float(half)], decimals=decimals).tolist() == [float(even)]


def test_what_lies_beside_a_half_is_none() -> None:
    beside = [0.2500001, 0.2499999, -0.2500001, 1234.5000001]
    assert standards.round_half_even(beside[:3], decimals=1).tolist() == [0.3, 0.2, -0.3]
    assert standards.round_half_even(beside[3:], decimals=0).tolist() == [1235.0]


def test_shares_need_a_total_and_all_parts_to_be_adjusted() -> None:
    with pytest.raises(InputError, match="总数为 0"):
        standards.percentages([0, 0])
    with pytest.raises(InputError, match="3 不等于总数 4"):
        standards.percentages([1, 2], total=4, adjust=True)
    # A share that is whole keeps its digit: 100 × 29/100 is 28.999999999999996 in binary.
    assert standards.percentages([29, 71], total=100, decimals=0, adjust=True).tolist() == [29.0, 71.0]


@given(st.lists(st.floats(0, 1000, allow_nan=False), min_size=1, max_size=20), st.integers(0, 5))
def test_rounding_twice_changes_nothing(values: list[float], decimals: int) -> None:
    once = standards.round_half_even(values, decimals=decimals)
    np.testing.assert_array_equal(standards.round_half_even(once, decimals=decimals), once)
