"""The variance of S and its exact distribution, against all orders counted out."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suizhou_geo.forecast.exact import exact_probabilities, exact_probability
from suizhou_geo.forecast.pairs import score_pairs
from suizhou_geo.forecast.slopes import balanced_slopes

ORDERS = np.array(list(itertools.permutations(range(6))))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 4), min_size=6, max_size=6),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.lists(st.integers(0, 4), min_size=6, max_size=6),
)
def test_the_variance_is_that_of_all_orders(values: list[int], below: list[bool], times: list[int]) -> None:
    levels, flags = np.array(values, dtype=float), np.array(below)
    moments = np.sort(np.array(times, dtype=float))[None]
    scores = score_pairs(levels[ORDERS].T[None], flags[ORDERS].T[None], moments)
    assert scores.variance[0, 0] == pytest.approx(scores.s[0].var())
    assert scores.s[0].mean() == pytest.approx(0)


@pytest.mark.parametrize(
    "values", [[1, 2, 3, 4, 5, 6], [1, 2, 2, 5, 5, 5], [1, 1, 1, 1, 2, 2], [3, 3, 3, 3, 3, 3]]
)
def test_the_exact_probability_is_that_of_all_orders(values: list[int]) -> None:
    levels = np.array(values, dtype=float)
    scores = score_pairs(levels[ORDERS].T[None], np.zeros((1, 6, 720), dtype=bool), np.arange(6.0)[None]).s[0]
    ties = np.unique(levels, return_counts=True)[1].tolist()
    for s in range(16):
        expected = (np.abs(scores) >= s).mean()
        assert exact_probability(s, n=6, ties=ties) == pytest.approx(expected)


def test_the_slope_balances_its_residuals() -> None:
    random = np.random.default_rng(2)
    values = random.normal(size=(1, 30, 50)) + 0.1 * np.arange(30)[None, :, None]
    censored = random.random(values.shape) < 0.25
    times = np.arange(30.0)[None]
    slope, low, high = balanced_slopes(values, censored, times, spread=np.full(50, 60.0))

    def score(line: np.ndarray) -> np.ndarray:
        return score_pairs(values - line * times[0][None, :, None], censored, times).s[0]

    nudge = 1e-9
    assert (score(slope - nudge) >= 0).all()
    assert (score(slope + nudge) <= 0).all()
    assert (score(low - nudge) >= 60 - 2).all()
    assert (score(high + nudge) <= -60 + 2).all()


def test_exact_probabilities_are_counted_up_to_twenty_values_and_only_where_every_pair_has_an_order():
    def counted(values, censored=()):
        below = np.isin(np.arange(len(values)), censored)
        s = np.array([1.0])
        return np.isfinite(exact_probabilities(np.array([values], dtype=float), below[None], s))[0]

    assert counted(range(20))
    assert not counted(range(21))
    assert not counted([1.0])
    # A value at the limit lies above what is below it; one under the limit has no order with it.
    assert counted([0.5, 0.5, 0.7], censored=[0])
    assert not counted([0.5, 0.4, 0.7], censored=[0])
    # Below one limit twice is a tie; below two limits there is no order, whether or not a value lies between.
    assert counted([0.5, 0.5, 0.7], censored=[0, 1])
    assert not counted([0.5, 0.6, 0.7], censored=[0, 1])
