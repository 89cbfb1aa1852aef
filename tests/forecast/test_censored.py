"""Values below detection: published means, and what cannot be said."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suizhou_geo.errors import InputError
from suizhou_geo.forecast import summarise_censored
from suizhou_geo.forecast.censored import impute_ros, kaplan_meier

#: Nine digits of the certified values; the likelihood is climbed, not solved; the others to what is printed.
TOLERANCE = {"half": 1e-9, "mle": 1e-6, "ros": 1e-6, "kaplan_meier": 2e-7}

GOLDEN = Path(__file__).parents[1] / "golden"
EXPECTED = pd.read_csv(GOLDEN / "censored_expected.csv")


def _vector(name: str) -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_csv(GOLDEN / "censored_values.csv")
    chosen = table[table["vector"] == name]
    return chosen["value"].to_numpy(), chosen["censored"].to_numpy() == 1


@pytest.mark.parametrize(
    "row", list(EXPECTED.itertuples()), ids=lambda row: f"{row.vector}-{row.method}-{row.statistic}"
)
def test_published_summaries(row: pd.Series) -> None:
    values, censored = _vector(row.vector)
    found = getattr(summarise_censored(values, censored=censored, method=row.method), row.statistic)
    assert found == pytest.approx(row.value, rel=TOLERANCE[row.method]), row.source


def test_the_leftover_probability_may_lie_elsewhere() -> None:
    # NADA2 prints 164.2036: it leaves the rest at the smallest value found (31), we at the smallest limit (28).
    values, censored = _vector("shepyrene")
    points, masses = kaplan_meier(values, censored)
    assert points[-1] == 28
    assert (points * masses).sum() + masses[-1] * (31 - 28) == pytest.approx(164.2036, abs=5e-5)


def test_imputed_values_of_wqio() -> None:
    values, censored = _vector("ros_basic35")
    # wqio@f97d5369 tests/test_ros.py:710-716, eight decimals.
    expected = [3.11279729, 3.60634338, 4.04602788, 4.04602788, 4.71008116, 6.14010906, 6.97841457]
    assert np.sort(impute_ros(values, censored)[censored]) == pytest.approx(expected, abs=1e-8)
    oahu = np.sort(impute_ros(*_vector("oahu"))).round(2)
    # wqio@f97d5369 tests/test_ros.py, after Helsel (2005), two decimals.
    assert oahu.tolist() == [
        0.35, 0.41, 0.46, 0.5, 0.5, 0.5, 0.57, 0.58, 0.6, 0.61, 0.68, 0.7, 0.7, 0.76, 0.81, 0.9, 0.95, 0.98, 1.14,
        1.42, 1.5, 1.7, 2.8, 3.2,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("n", "below", "method"),
    [
        (20, 0, "kaplan_meier"),
        (20, 10, "kaplan_meier"),
        (20, 11, "ros"),
        (60, 40, "mle"),
        (20, 17, "none"),
        (4, 2, "none"),
        (0, 0, "none"),
    ],
)
def test_the_method_follows_the_share_and_says_why(n: int, below: int, method: str) -> None:
    values = np.linspace(1, 9, n)
    found = summarise_censored(values, censored=np.arange(n) < below)
    assert found.method == method
    assert found.reason
    assert np.isnan(found.mean) == (method == "none")


def test_half_the_limit_and_refusals() -> None:
    assert summarise_censored(
        [0.02, 0.04, 0.06], censored=[True, False, False], method="half"
    ).mean == pytest.approx(0.11 / 3)
    with pytest.raises(InputError, match="选项“zero”未知"):
        summarise_censored([1.0], censored=[False], method="zero")
    with pytest.raises(InputError, match="须大于 0"):
        summarise_censored([0.0, 1, 2, 3], censored=[False] * 4, method="mle")


@given(st.lists(st.tuples(st.floats(0.01, 1e4), st.booleans()), min_size=4, max_size=40))
def test_without_anything_below_the_mean_is_the_mean(pairs: list[tuple[float, bool]]) -> None:
    values = np.array([value for value, _ in pairs])
    found = summarise_censored(values, censored=np.zeros(len(values), dtype=bool))
    assert found.mean == pytest.approx(values.mean())
    flags = np.array([flag for _, flag in pairs])
    points, masses = kaplan_meier(values, flags) if (~flags).any() else (values, np.ones(1))
    assert masses.sum() == pytest.approx(1)
    assert (points <= values.max()).all()
