"""Each rule of the gate on a table that breaks it and on one that does not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from suizhou_geo import files
from suizhou_geo.files.checks import check_rules, find_problems
from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"


def _rows(
    values: dict[str, list[float]], *, times: list[str] | pd.DatetimeIndex, below: bool = False
) -> pd.DataFrame:
    frame = pd.DataFrame(values).assign(time=pd.to_datetime(times), source_row=np.arange(2, len(times) + 2))
    long = frame.melt(id_vars=["time", "source_row"], var_name="indicator", value_name="value")
    return long.assign(site_id="A", site_name="A", censored=below)


def _codes(rows: pd.DataFrame) -> list[str]:
    return [problem.code for problem in find_problems(rows)]


DAY = ["2021-01-01"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"ph": [70.0]}, "out_of_range"),
        ({"chla": [22.83]}, "out_of_range"),
        ({"temp": [-5.0]}, "out_of_range"),
        ({"nh3n": [3.0], "tn": [1.0]}, "ammonia_above_nitrogen"),
        ({"bod5": [30.0], "cod": [10.0]}, "bod_above_cod"),
        ({"codmn": [30.0], "cod": [20.0]}, "codmn_above_cod"),
        ({"do": [26.0], "temp": [20.0]}, "oxygen_above_saturation"),
    ],
)
def test_one_row(values: dict[str, list[float]], code: str) -> None:
    assert _codes(_rows(values, times=DAY)) == [code]


@pytest.mark.parametrize(
    "values",
    [
        {"ph": [9.4]},
        {"nh3n": [1.05], "tn": [1.0]},
        {"bod5": [3.0], "cod": [20.0]},
        {"do": [14.0], "temp": [20.0]},
    ],
)
def test_one_row_that_is_in_order(values: dict[str, list[float]]) -> None:
    assert _codes(_rows(values, times=DAY)) == []


def test_a_detection_limit_above_class_three() -> None:
    assert _codes(_rows({"hg": [0.0002]}, times=DAY, below=True)) == ["limit_above_criterion"]
    assert _codes(_rows({"hg": [0.0001]}, times=DAY, below=True)) == []


def test_repeated_and_contradicting_rows() -> None:
    twice = _rows({"tp": [0.1, 0.1], "do": [8.0, 8.0]}, times=["2021-01-01", "2021-01-01"])
    assert [(problem.code, problem.row) for problem in find_problems(twice)] == [("duplicate_row", 3)]
    other = _rows({"tp": [0.1, 0.2], "do": [8.0, 8.0]}, times=["2021-01-01", "2021-01-01"])
    found = find_problems(other)
    assert [(problem.code, problem.row, problem.value) for problem in found] == [
        ("contradictory_rows", 3, "0.2")
    ]
    assert "第 2 行为 0.1" in found[0].expected


def test_a_month_that_stands_twice_in_a_monthly_series() -> None:
    months = pd.date_range("2021-01-05", periods=9, freq="MS") + pd.Timedelta("4D")
    steady = _rows({"tp": list(np.linspace(0.1, 0.12, 9))}, times=months)
    assert _codes(steady) == []
    twice = steady.assign(time=steady["time"].where(steady["source_row"] != 6, pd.Timestamp("2021-03-20")))
    assert _codes(twice) == ["duplicate_month"]
    daily = _rows({"tp": list(np.linspace(0.1, 0.2, 300))}, times=pd.date_range("2021-01-01", periods=300))
    assert "duplicate_month" not in _codes(daily)


def test_a_frozen_sensor_and_a_spike() -> None:
    hours = pd.date_range("2021-01-01", periods=40, freq="4h")
    moving = 0.1 + 0.001 * np.arange(40)
    assert _codes(_rows({"nh3n": list(moving)}, times=hours)) == []
    frozen = np.where(np.arange(40) < 20, 0.13, moving)
    assert _codes(_rows({"nh3n": list(frozen)}, times=hours)) == ["frozen_sensor"]
    spike = np.where(np.arange(40) == 20, 9.9, moving)
    assert _codes(_rows({"nh3n": list(spike)}, times=hours)) == ["spike"]


def test_a_column_of_cod_that_looks_like_codmn() -> None:
    months = pd.date_range("2021-01-01", periods=14, freq="MS")
    assert _codes(_rows({"cod": list(np.linspace(4, 8, 14))}, times=months)) == ["cod_like_codmn"]
    assert _codes(_rows({"cod": list(np.linspace(14, 28, 14))}, times=months)) == []


def test_every_rule_has_its_words() -> None:
    for rule in check_rules().values():
        assert rule.severity in {"error", "warning", "info"}
        assert rule.title
        assert rule.reason
        assert rule.hint


@pytest.mark.parametrize("name", ["air_d1_truncated.csv", "water_d2_adjusted.csv"])
def test_published_percentages_that_do_not_follow_from_their_counts_are_flagged(name: str) -> None:
    # The rows of the published cases that the rule does not reproduce: they test the gate.
    checked = files.check_file(GOLDEN / name)
    rows = len(pd.read_csv(GOLDEN / name))
    assert [problem.code for problem in checked.problems] == ["percent_contradicts"] * rows


@pytest.mark.parametrize("name", ["air_d1_good_days.csv", "water_d2_counts_to_percent.csv"])
def test_published_percentages_that_do_are_not(name: str) -> None:
    assert files.check_file(GOLDEN / name).problems == ()


def test_a_bad_file_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("断面名称,监测时间,氨氮\n甲,2021-01-01,约0.2\n", encoding="utf-8")
    (tmp_path / "b.xlsx").write_text("不是 Excel", encoding="utf-8")
    (tmp_path / "c.csv").write_text("断面名称,监测时间,氨氮\n甲,2021-01-01,0.2\n", encoding="gb18030")
    (tmp_path / "d.geojson").write_text("{", encoding="utf-8")
    found = {
        each.path.name: [problem.code for problem in each.problems] for each in files.check_paths([tmp_path])
    }
    assert found == {
        "a.csv": ["cell_unreadable"],
        "b.xlsx": ["file_unreadable"],
        "c.csv": [],
        "d.geojson": ["file_unreadable"],
    }


def test_a_workspace_stands_for_its_files_and_an_empty_folder_for_a_problem(tmp_path: Path) -> None:
    checked = files.check_paths([ROOT / "data" / "suizhou"])
    assert {each.path.suffix for each in checked} >= {".csv"}
    assert all(problem.severity != "error" for each in checked for problem in each.problems)
    (empty,) = files.check_paths([tmp_path])
    assert "没有可检查的文件" in empty.problems[0].value


def test_the_medium_of_a_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "air.csv"
    path.write_text("站点名称,时间,PM2.5,臭氧\n甲,2021-01-01,20000,80\n", encoding="utf-8")
    checked = files.check_file(path)
    assert [problem.code for problem in checked.problems] == ["out_of_range"]
    assert checked.observations is not None
    assert checked.observations["indicator"].tolist() == ["pm2_5", "o3"]


def test_soil_is_not_held_against_the_limits_of_water(tmp_path):
    wide = tmp_path / "农用地.csv"
    wide.write_text(
        "样点编号,采样日期,pH,镉,铬,镍\nS1,2022-05-06,6.8,0.01L,70,20\nS2,2022-05-06,5.2,4.5,70,20\n",
        encoding="utf-8",
    )
    long = tmp_path / "地块.csv"
    long.write_text("地块,采样日期,项目,检测结果,单位\nA,2021-03-01,镉,0.01L,mg/kg\n", encoding="utf-8")
    water = tmp_path / "水.csv"
    water.write_text("断面,时间,pH,镉\n甲,2021-03-01,7,0.01L\n", encoding="utf-8")
    assert files.check_file(wide).problems == ()
    assert files.check_file(long).problems == ()
    assert [problem.code for problem in files.check_file(water).problems] == ["limit_above_criterion"]
