"""Change between two periods by both rules, and Daniel's rank correlation."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suizhou_geo import assess, standards
from suizhou_geo.errors import InputError
from suizhou_geo.standards.rank_correlation import critical_values, rank_correlation, tail_probability


def _unit(
    good: tuple[float, float], bad: tuple[float, float], grades: tuple[str, str] = ("良好", "良好")
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit": "府河",
            "period": ["2020", "2021"],
            "grade": grades,
            "n_classified": 19,
            "ratio_good": good,
            "ratio_bad": bad,
        }
    )


# 22号: ΔG − ΔD; the edges belong to the weaker word.
@pytest.mark.parametrize(
    ("good", "bad", "word"),
    [
        ((80.0, 90.0), (0.0, 0.0), "无明显变化"),
        ((80.0, 90.1), (0.0, 0.0), "有所好转"),
        ((80.0, 90.0), (10.0, 0.0), "有所好转"),
        ((80.0, 90.1), (10.0, 0.0), "明显好转"),
        ((80.0, 70.0), (0.0, 0.1), "有所变差"),
        ((80.0, 60.0), (0.0, 5.0), "明显变差"),
        ((89.5, 89.5), (5.3, 5.3), "无明显变化"),
        ((80.0, np.nan), (0.0, np.nan), "无法判定"),
    ],
)
def test_combined_ratio(good, bad, word) -> None:
    found = assess.compare_periods(_unit(good, bad), earlier="2020", later="2021").loc[0]
    assert found["change_by_ratio"] == found["change"] == word


@pytest.mark.parametrize(
    ("grades", "word"),
    [
        (("良好", "良好"), "无明显变化"),
        (("良好", "优"), "有所好转"),
        (("优", "良好"), "有所变差"),
        (("轻度污染", "优"), "明显好转"),
        (("优", "重度污染"), "明显变差"),
        (("优", ""), "无法判定"),
    ],
)
def test_grades(grades, word) -> None:
    frame = pd.DataFrame({"site_id": "A", "site_name": "A", "period": ["2020", "2021"], "grade": grades})
    found = assess.compare_periods(frame, earlier="2020", later="2021").loc[0]
    assert found[["change_by_grade", "change", "rule"]].tolist() == [word, word, "水质状况等级"]


def test_both_rules_stand_side_by_side_and_say_when_they_differ() -> None:
    found = assess.compare_periods(
        _unit((74.0, 76.0), (0.0, 0.0), ("轻度污染", "良好")), earlier="2020", later="2021"
    ).loc[0]
    assert found[["change_by_grade", "change_by_ratio", "agree"]].tolist() == [
        "有所好转",
        "无明显变化",
        False,
    ]
    assert found["verified"] == "unverified"


def test_a_section_of_one_period_only_has_no_change() -> None:
    frame = pd.DataFrame(
        {
            "site_id": ["A", "A", "B"],
            "site_name": ["A", "A", "B"],
            "period": ["2020", "2021", "2021"],
            "grade": "优",
        }
    )
    found = assess.compare_periods(frame, earlier="2020", later="2021").set_index("site_id")
    assert found["change"].to_dict() == {"A": "无明显变化", "B": "无法判定"}


def test_an_unknown_period_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"没有时段“2019”.*2020、2021"):
        assess.compare_periods(_unit((1, 2), (0, 0)), earlier="2019", later="2021")


@pytest.mark.parametrize("n", [5, 6, 7])
def test_tail_probability_is_that_of_all_orders(n: int) -> None:
    every = rank_correlation(np.array(list(itertools.permutations(range(n)))))
    for series in ([*range(n - 2), n - 1, n - 2], [n - 1, *range(n - 1)]):
        found = float(rank_correlation(series))
        one, both = tail_probability(series, exact_up_to=12)
        out = every >= found - 1e-9 if found > 0 else every <= found + 1e-9
        assert one == pytest.approx(out.mean())
        assert both == pytest.approx((np.abs(every) >= abs(found) - 1e-9).mean())


def test_ties_are_counted_too() -> None:
    series = [1.0, 2.0, 2.0, 4.0, 3.0, 6.0]
    every = np.array([rank_correlation(list(order)) for order in itertools.permutations(series)])
    assert tail_probability(series, exact_up_to=12)[0] == pytest.approx(
        (every >= rank_correlation(series) - 1e-9).mean()
    )


def test_the_official_table_is_one_sided_at_five_per_cent() -> None:
    # W_0.05 is the smallest attainable r_s whose one-sided tail, by full enumeration, does not exceed 5 %.
    for n in (5, 6, 7, 8):
        every = rank_correlation(np.array(list(itertools.permutations(range(n)))))
        critical = critical_values(n)[0] - 5e-4
        assert (every >= critical).mean() <= 0.05
        next_lower = every[every < critical].max()
        assert (every >= next_lower - 1e-9).mean() > 0.05


def test_critical_values_fall_with_n() -> None:
    table = standards.read_table(standards.find_edition("spearman-daniel"), name="critical").astype(float)
    assert (table[["w_05", "w_01"]].diff().iloc[1:] < 0).all(axis=None)
    assert (table["w_05"] < table["w_01"]).all()
    assert critical_values(31) != critical_values(31)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 9), min_size=5, max_size=9))
def test_turned_round_the_probability_is_the_same(series: list[int]) -> None:
    forward, backward = (tail_probability(each, exact_up_to=12) for each in (series, series[::-1]))
    assert forward[1] == pytest.approx(backward[1])
    assert 0 < forward[0] <= 1
    assert forward[0] <= forward[1] + 1e-12


def _years(item: str, values: list[float]) -> pd.DataFrame:
    times = pd.to_datetime([f"{2012 + place}-07-01" for place in range(len(values))])
    return pd.DataFrame(
        {
            "site_id": "A",
            "site_name": "A",
            "indicator": item,
            "value": values,
            "time": times,
            "censored": False,
        }
    )


@pytest.mark.parametrize(
    ("item", "values", "verdict"),
    [
        ("nh3n", [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "显著好转"),
        ("nh3n", [0.4, 0.5, 0.6, 0.7, 0.8, 0.9], "显著恶化"),
        ("do", [5, 6, 7, 8, 9, 10], "显著好转"),
        ("ph", [7, 7.1, 7.2, 7.3, 7.4, 7.5], "显著上升"),
        ("nh3n", [0.4, 0.9, 0.6, 0.7, 0.5, 0.8], "无显著变化"),
        ("nh3n", [0.9, 0.8, 0.7, 0.6], "数据不足"),
        ("nh3n", [0.5] * 6, "无显著变化"),
    ],
)
def test_verdicts_of_trends(item, values, verdict) -> None:
    found = assess.assess_rank_trends(_years(item, values)).loc[0]
    assert found["verdict"] == verdict
    assert found["n"] == len(values)


def test_what_weakens_a_trend_is_named() -> None:
    gap = _years("tp", [0.1, 0.2, 0.2, 0.3, 0.4, 0.5, 0.6]).drop(index=3)
    note = assess.assess_rank_trends(gap).loc[0, "note"]
    assert "其间缺 1 个时段" in note
    assert "并列" in note
    edge = assess.assess_rank_trends(_years("tp", [0.1, 0.2, 0.3, 0.5, 0.4])).loc[0]
    assert edge[["rs", "verdict"]].tolist() == [0.9, "无显著变化"]
    assert "等于临界值" in edge["note"]


def test_long_series_are_approximated_and_say_so() -> None:
    found = assess.assess_rank_trends(_years("tp", [0.1 + place / 100 for place in range(13)])).loc[0]
    assert found["p_method"] == "t 近似"
    assert found["critical_05"] == 0.506
