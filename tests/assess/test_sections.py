"""Classes of months, quarters and years from means, and of regions from their sections."""

import pandas as pd
import pytest

from suizhou_geo import assess
from suizhou_geo.errors import InputError
from tests.assess.water_rows import GOOD, tidy


def _months(values: list[float], *, year: int = 2020, **more: object) -> list[dict[str, object]]:
    return [
        {**GOOD, "tp": value, "time": pd.Timestamp(year, month, 5), **more}
        for month, value in enumerate(values, start=1)
    ]


def test_a_year_is_the_mean_of_its_months_not_of_its_values() -> None:
    january = [{**GOOD, "tp": 0.4, "time": pd.Timestamp(2020, 1, day)} for day in (1, 9, 17, 25)]
    others = _months([0.4, *[0.1] * 11])[1:]
    found = assess.assess_sections(tidy([*january, *others]), period="year").loc[0]
    # Months: (0.4 + 11 × 0.1) / 12 = 0.125; values: (4 × 0.4 + 11 × 0.1) / 15 = 0.18.
    assert (found["period"], found["n"], found["class"], found["verdict"]) == ("2020", 12, 3, "达标")
    means = assess.period_means(tidy([*january, *others]), period="year").set_index("indicator")
    assert means.at["tp", "value"] == pytest.approx(0.125)


@pytest.mark.parametrize(
    ("months", "value", "verdict"),
    [(5, 0.1, "数据不足(达标趋向)"), (5, 0.3, "数据不足(不达标趋向)"), (6, 0.1, "达标"), (6, 0.3, "不达标")],
)
def test_too_few_months(months: int, value: float, verdict: str) -> None:
    found = assess.assess_sections(tidy(_months([value] * months)), period="year")
    assert found["verdict"].tolist() == [verdict]


def test_quarters() -> None:
    found = assess.assess_sections(tidy(_months([0.1, 0.3, 0.2, 0.1])), period="quarter")
    assert found["period"].tolist() == ["2020Q1", "2020Q2"]
    assert found["n"].tolist() == [3, 1]
    assert found["class"].tolist() == [3, 2]
    assert found["verdict"].tolist() == ["达标", "数据不足(达标趋向)"]


def test_the_mean_is_rounded_first_in_an_assessment() -> None:
    rows = tidy([{**GOOD, "codmn": 6.04}])
    assert assess.assess_sections(rows).loc[0, "class"] == 3
    assert assess.assess_sections(rows, mode="realtime").loc[0, "class"] == 4


def test_duplicates_count_once_and_gaps_not_at_all() -> None:
    rows = tidy(
        [{**GOOD, "tp": 0.1}, {**GOOD, "tp": 0.1}, {**GOOD, "tp": 0.3, "time": pd.Timestamp("2021-04-03")}]
    )
    gap = tidy([{**dict.fromkeys(GOOD, "--"), "time": pd.Timestamp("2021-05-01")}])
    means = assess.period_means(pd.concat([rows, gap]), period="month").set_index("indicator")
    assert means.at["tp", "value"] == pytest.approx(0.2)
    found = assess.assess_sections(pd.concat([rows, gap])).set_index("period")
    assert found.at["2021-05", "verdict"] == "无法判定"
    assert found.at["2021-05", "n"] == 0


def test_items_with_few_months_are_named() -> None:
    records = _months([0.1] * 8)
    records[0]["cod"] = 10.0
    note = assess.assess_sections(tidy(records), period="year").loc[0, "note"]
    assert "化学需氧量的数据少于 6 个" in note


def test_below_detection_in_means() -> None:
    rows = tidy([{**GOOD, "hg": "0.00008L"}])
    assert assess.assess_sections(rows).loc[0, "class"] == 2
    assert "低于检出限的取值方式决定类别" in assess.assess_sections(rows).loc[0, "note"]
    assert assess.assess_sections(rows, below_detection="full").loc[0, "class"] == 3


def test_times_without_a_year_are_refused() -> None:
    with pytest.raises(InputError, match="--year 2021"):
        assess.assess_sections(tidy([{**GOOD, "time": pd.NaT}]))


def _sections(classes_by_tp: list[float]) -> pd.DataFrame:
    return tidy(
        [{**GOOD, "site_id": f"S{i}", "river": "府河", "tp": tp} for i, tp in enumerate(classes_by_tp)]
    )


def test_five_sections_are_graded_by_shares() -> None:
    found = assess.assess_regions(_sections([0.1, 0.1, 0.1, 0.1, 0.5]), by="river").loc[0]
    assert (found["n"], found["ratio_good"], found["ratio_bad"], found["grade"]) == (5, 80.0, 20.0, "良好")
    assert (pd.isna(found["class"]), found["rule"]) == (True, "断面类别比例法")


def test_four_sections_are_graded_by_means() -> None:
    found = assess.assess_regions(_sections([0.1, 0.1, 0.1, 0.5]), by="river").loc[0]
    assert (found["n"], found["class"], found["grade"], found["rule"]) == (4, 3, "良好", "均值法")
    with pytest.raises(InputError, match="没有“basin”这一列"):
        assess.assess_regions(_sections([0.1]), by="basin")
