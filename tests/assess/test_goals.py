"""Rates, schedules and counts of the plan: published numbers, and input that makes no sense."""

import math
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suizhou_geo import assess, files
from suizhou_geo.cli import main
from suizhou_geo.errors import InputError
from suizhou_geo.standards.discharge import combined_limit, discharge_limits

WASTE = {"utilised": 2004.6, "disposed": 698.2, "generated": 3465.2, "old_stock": 84.5}


def test_the_yearbook_of_2012() -> None:
    found = assess.assess_rate("hazardous_waste", amounts=WASTE)
    assert round(found.value, 1) == 76.1
    assert found.verified == "data"
    # Dividing by what was generated alone gives another number: the denominator is part of the rule.
    assert round(100 * (2004.6 + 698.2) / 3465.2, 1) == 78.0


@pytest.mark.parametrize(
    ("kind", "target", "year", "required"),
    [
        ("geometric", 18, 2021, 3.89),
        ("geometric", 13.5, 2021, 2.86),
        ("linear", 10, 2021, 2.0),
        ("linear", 8, 2025, 8.0),
        ("geometric", 18, 2025, 18.0),
    ],
)
def test_schedules(kind: str, target: float, year: int, required: float) -> None:
    assert round(assess.assess_schedule(kind, target=target, year=year).required, 2) == required


@given(st.floats(0.5, 60), st.integers(2021, 2025))
def test_a_geometric_schedule_asks_no_more_in_the_end_and_more_on_the_way(target: float, year: int) -> None:
    linear, geometric = (
        assess.assess_schedule(kind, target=target, year=year).required for kind in ("linear", "geometric")
    )
    assert geometric >= linear - 1e-9
    assert geometric <= target + 1e-9


def test_farmland_is_the_sum_of_three_measures() -> None:
    areas = {"priority": 50, "safe_use": 30, "strict_control": 13, "polluted": 100}
    assert assess.assess_rate("farmland", amounts=areas, target=93).verdict == "达标"
    assert assess.assess_rate("farmland", amounts=areas, target=93.01).verdict == "不达标"
    assert assess.assess_rate("farmland", amounts=areas).verdict == "无法判定"


@pytest.mark.parametrize(
    ("kind", "amounts", "match"),
    [
        ("done", {"done": 5}, "缺少数量 planned"),
        ("done", {"done": 5, "planned": -1}, "planned 为负"),
        ("done", {"done": 5, "planned": 4}, "分子 5 大于分母 4"),
        ("noise", {}, "kind 不能是“noise”"),
    ],
)
def test_amounts_that_make_no_sense_are_refused(kind: str, amounts: dict[str, float], match: str) -> None:
    with pytest.raises(InputError, match=match):
        assess.assess_rate(kind, amounts=amounts)


def test_nothing_planned_has_no_rate() -> None:
    found = assess.assess_rate("done", amounts={"done": 0, "planned": 0}, target=100)
    assert (math.isnan(found.value), found.verdict) == (True, "无法判定")


@pytest.mark.parametrize(
    ("year", "target", "match"), [(2020, 10, "不在计划期内"), (2026, 10, "2021–2025"), (2022, 0, "目标 0%")]
)
def test_schedules_outside_the_plan_are_refused(year: int, target: float, match: str) -> None:
    with pytest.raises(InputError, match=match):
        assess.assess_schedule("linear", target=target, year=year)


def test_a_schedule_by_months() -> None:
    required = [
        assess.assess_schedule("linear", target=12, year=2022, month=month).required for month in (1, 6, 12)
    ]
    assert required == pytest.approx([2.6, 3.6, 4.8])
    with pytest.raises(InputError, match="月份 13 不存在"):
        assess.assess_schedule("linear", target=12, year=2022, month=13)


def test_a_rise_is_said_to_be_one() -> None:
    found = assess.assess_schedule("linear", target=10, year=2022, achieved=-1.5)
    assert (found.verdict, found.note) == ("不达标", "完成值为负：比基年上升")


def test_accidents_may_not_be_above_their_target() -> None:
    verdicts = [assess.assess_count("radiation_accidents", count=n, target=0).verdict for n in (0, 1)]
    assert verdicts == ["达标", "不达标"]
    assert assess.assess_count("radiation_accidents", count=0).verdict == "无法判定"
    for wrong in (-1, 0.5, math.nan, math.inf):
        with pytest.raises(InputError, match="应为不小于 0 的整数"):
            assess.assess_count("radiation_accidents", count=wrong, target=0)


def test_shares_of_waste_divide_by_another_sum() -> None:
    amounts = {"utilised": 60, "disposed": 30, "stored_left": 10, "dumped": 0}
    assert assess.assess_rate("hazardous_waste_shares", amounts=amounts).value == 90.0


def test_counts_and_categories() -> None:
    assert assess.inspection_visits(key_units=19, general_units=42) == 40
    assert assess.inspection_visits(key_units=0, general_units=5) == 3
    assert [assess.classify_waste_unit(tonnes)["category"] for tonnes in (0, 9.99, 10, 99.9, 100)] == [
        "registered", "registered", "simplified", "simplified", "key",
    ]  # fmt: skip
    assert "次年 3 月 31 日前" in assess.classify_waste_unit(5, own_facility=True)["due"]
    with pytest.raises(InputError, match="尚未施行"):
        assess.classify_waste_unit(5, year=2020)


def test_carbon_and_intensity() -> None:
    found = assess.carbon_dioxide({"coal": 1, "oil": 1, "gas": 1})
    assert found.value == pytest.approx(5.95)
    assert (found.unit, found.verified) == ("吨 CO2", "unverified")
    with pytest.raises(InputError, match="coal 的数量“-1”不合理"):
        assess.carbon_dioxide({"coal": -1})
    assert assess.intensity_cut(amount=82, output=100, base_amount=100, base_output=100) == pytest.approx(
        18.0
    )
    with pytest.raises(InputError, match="须为正"):
        assess.intensity_cut(amount=82, output=0, base_amount=100, base_output=100)


def test_discharge_limits() -> None:
    works = discharge_limits("gb18918-2002", level="1A")
    assert works["high"][["cod", "bod5", "ss", "nh3n", "tn", "tp", "coliform"]].tolist() == [
        50,
        10,
        10,
        5,
        15,
        0.5,
        1000,
    ]
    assert (
        discharge_limits("gb18918-2002", level="1B", conditions={"tp": "before_2006"}).at["tp", "high"] == 1.5
    )
    others = discharge_limits("gb8978-1996", level="2")
    assert others["high"][["cod", "nh3n", "hg", "cr6"]].tolist() == [150, 25, 0.05, 0.5]
    assert "nh3n" not in discharge_limits("gb8978-1996", level="3").index
    with pytest.raises(InputError, match=r"没有级别“4”.*1A"):
        discharge_limits("gb18918-2002", level="4")
    with pytest.raises(InputError, match="不是水污染物排放标准"):
        discharge_limits("gb3838-2002", level="1")
    with pytest.raises(InputError, match="个数不同"):
        combined_limit([1, 2], water=[1], output=[1, 2])


def test_the_command_reads_a_table_of_goals(tmp_path: Path) -> None:
    path, out = tmp_path / "goals.csv", tmp_path / "out.csv"
    path.write_text(
        "id,kind,target,year,achieved,完成数,计划数\nT1,done,60,,,235,354\nG5,linear,10,2022,3,,\n",
        encoding="utf-8",
    )
    with pytest.raises(SystemExit) as stopped:
        main(["assess", "goal", str(path), "-o", str(out)])
    assert stopped.value.code == 0
    assert pd.read_csv(out)[["id", "value", "verdict"]].values.tolist() == [
        ["T1", 66.38, "达标"],
        ["G5", 3.0, "不达标"],
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("T1,done,60,,abc,354", r"完成数“abc”看不懂.*goals.csv · 第 3 行 · 列 完成数"),
        ("T1,done,60,,,354", r"T1：done 缺少数量 done.*第 3 行"),
        ("T1,done,60,,360,354", r"T1：完成率：分子 360 大于分母 354.*第 3 行"),
        ("T1,linear,10,2022.5,,", r"T1：2022.5 年不在计划期内.*第 3 行"),
        ("T1,linear,,2022,,", r"T1：linear 需要 target 和 year.*第 3 行"),
        ("T1,noise,,,,", r"T1：kind 不能是“noise”.*第 3 行.*radiation_accidents"),
    ],
)
def test_a_bad_goal_is_told_with_its_row(
    tmp_path: Path, line: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "goals.csv"
    path.write_text(f"id,kind,目标,年份,完成数,计划数\nT0,done,60,,235,354\n{line}\n", encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main(["assess", "goal", str(path)])
    assert stopped.value.code == 2
    assert re.search(told, capsys.readouterr().err)


def test_a_table_without_kinds_names_its_columns(tmp_path: Path) -> None:
    (tmp_path / "goals.csv").write_text("id,完成数\nT1,3\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"目标表缺少列 kind.*文件中的列：id、完成数"):
        files.read_goals(tmp_path / "goals.csv")
