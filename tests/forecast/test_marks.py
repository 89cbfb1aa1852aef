"""Pass marks: the verdict follows the interval, and blocks are drawn whole."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from suizhou_geo.forecast.marks import blocks_of, check_marks, interval_of, skill
from suizhou_geo.forecast.scores import reliability_slope


def _cases(*, held: float, regions: int = 4, k: int = 6) -> pd.DataFrame:
    # 40 sites per region; the first ``held`` of each region lie inside their interval, all skills are one half.
    count = 40
    inside = np.tile(np.arange(count) < held * count, regions)
    cases = pd.DataFrame(
        {"k": k, "year": 2016, "region": np.repeat([f"区{n}" for n in range(regions)], count)}
    )
    cases["site"] = [f"S{number:03d}" for number in range(len(cases))]
    cases["p"] = np.where(np.arange(len(cases)) % 2, 0.9, 0.1)
    cases["met"] = np.arange(len(cases)) % 20 % 19 % 2 == 1
    cases = cases.assign(crps=1.0, crps_bar=2.0, crps_last=2.0, brier=0.1, brier_last=0.2, coverage_90=inside)
    return cases.assign(block=blocks_of(cases))


def _verdicts(cases: pd.DataFrame) -> pd.Series:
    return check_marks(cases).set_index(["figure", "k"])["verdict"]


def test_a_figure_inside_is_met_and_one_far_outside_is_missed() -> None:
    met, missed = _verdicts(_cases(held=0.9)), _verdicts(_cases(held=0.5))
    for figure in ("coverage_90", "coverage_min_region"):
        assert met.loc[(figure, "全部")] == "达到"
        assert missed.loc[(figure, "全部")] == "未达到"
    # At six known months there are two marks: as good as the baseline, and better by .05.
    assert met.loc[("crps_skill", "6")].tolist() == ["达到", "达到"]


def test_a_figure_outside_whose_interval_reaches_the_mark_is_told_apart() -> None:
    cases = _cases(held=0.9)
    worse = cases["region"].isin(["区0"]) & (np.arange(len(cases)) % 40 >= 20)
    cases["coverage_90"] = cases["coverage_90"] & ~worse
    found = check_marks(cases).set_index(["figure", "k"]).loc[("coverage_90", "全部")]
    assert found["value"] == pytest.approx(0.8)
    assert found["low"] < 0.86 <= found["high"]
    assert found["verdict"] == "不足，但区间含标准"


def test_without_regions_there_is_no_worst_one() -> None:
    found = check_marks(_cases(held=0.9, regions=1)).set_index(["figure", "k"])
    assert found.loc[("coverage_min_region", "全部"), "verdict"] == "无法计算"
    assert found.loc[("coverage_90", "全部"), "verdict"] == "达到"


def test_years_are_drawn_whole_and_a_single_year_in_tenths() -> None:
    cases = _cases(held=0.9, regions=1).assign(region="")
    assert blocks_of(cases).nunique() == 10
    assert blocks_of(pd.concat([cases, cases.assign(year=2017)])).nunique() == 2


def test_equal_blocks_have_no_spread_and_one_block_no_interval() -> None:
    cases = _cases(held=0.9)
    statistic = lambda chosen, counts: skill(chosen["crps"], chosen["crps_bar"], counts)  # noqa: E731
    assert interval_of(cases, statistic) == pytest.approx((0.5, 0.5))
    assert np.isnan(interval_of(cases.assign(block="同一块"), statistic)).all()


def test_the_slope_is_that_of_logistic_regression_for_every_row_of_counts() -> None:
    random = np.random.default_rng(3)
    given = random.uniform(0.02, 0.98, 200)
    came = random.random(200) < given**1.5
    counts = random.integers(0, 3, (6, 200))
    odds = np.log(given / (1 - given))[:, None]
    fitted = [
        LogisticRegression(C=np.inf, max_iter=1000, tol=1e-10).fit(odds, came, sample_weight=row).coef_[0, 0]
        for row in counts
    ]
    np.testing.assert_allclose(reliability_slope(given, came, counts), fitted, rtol=1e-5)


def test_a_slope_that_is_not_there_is_not_a_number() -> None:
    assert np.isnan(reliability_slope([0.1, 0.9], [True, True]))
    assert np.isnan(reliability_slope([0.5, 0.5], [True, False]))
    assert np.isposinf(reliability_slope([0.1, 0.2, 0.8], [False, False, True]))
