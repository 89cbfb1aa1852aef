"""``suizhou-geo trend`` on tidy and on laboratory files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from suizhou_geo import forecast
from suizhou_geo.cli import main
from suizhou_geo.errors import InputError


def _file(folder: Path, months: int = 60) -> Path:
    times = pd.date_range("2016-01-15", periods=months, freq="MS")
    season = np.sin(np.arange(months) * np.pi / 6)
    frame = pd.DataFrame(
        {
            "断面名称": "厉山",
            "监测时间": times.strftime("%Y-%m-%d"),
            "氨氮(mg/L)": (0.9 - 0.005 * np.arange(months) + 0.1 * season).round(3),
            "总磷(mg/L)": ["0.01L"] * months,
        }
    )
    frame.to_csv(folder / "水质.csv", index=False)
    return folder / "水质.csv"


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return int(stopped.value.code or 0)


@pytest.mark.parametrize(
    "options", [(), ("--seasonal",), ("--every", "quarter", "--seasonal"), ("--every", "year")]
)
def test_a_falling_section(
    tmp_path: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "趋势.csv"
    assert _run("trend", str(_file(tmp_path, 120)), *options, "-o", str(out)) == 0
    found = pd.read_csv(out).set_index("indicator")
    needed = [
        "site_id",
        "n",
        "n_censored",
        "s",
        "var_s",
        "z",
        "p",
        "tau",
        "slope",
        "slope_low",
        "slope_high",
        "intercept",
        "confidence",
        "verdict",
    ]
    assert set(needed) <= set(found.columns)
    assert found.loc["nh3n", ["verdict", "meaning"]].tolist() == ["很可能下降", "很可能改善"]
    assert found.at["nh3n", "slope"] == pytest.approx(-0.06, abs=0.003)
    assert found.at["tp", "verdict"] == "未分析"
    assert "高于检出限的值少于 5 个" in found.at["tp", "note"]
    assert "共 2 个序列" in capsys.readouterr().err


def test_years_have_no_seasons_and_nothing_has_no_trend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("trend", str(_file(tmp_path)), "--every", "year", "--seasonal") == 2
    assert "年值没有季节" in capsys.readouterr().err
    empty = pd.DataFrame(
        {
            "site_id": [],
            "site_name": [],
            "time": pd.to_datetime([]),
            "indicator": [],
            "value": [],
            "censored": [],
            "unit": [],
        }
    )
    with pytest.raises(InputError, match="没有带日期的数值"):
        forecast.assess_trends(empty)


def test_a_month_is_the_mean_of_its_values_and_below_only_if_all_are() -> None:
    rows = pd.DataFrame(
        {
            "site_id": "A", "time": pd.to_datetime(["2021-01-01", "2021-01-02", "2021-01-02", "2021-02-01", "2021-02-09"]),
            "indicator": "tp", "value": [0.1, 0.02, 0.02, 0.01, 0.02], "censored": [False, True, True, True, True], "unit": "mg/L",
        }
    )  # fmt: skip
    cube = forecast.mean_cube(rows)
    assert cube["tp"].values.tolist() == [[pytest.approx(0.055), 0.02]]
    assert cube["tp_censored"].values.tolist() == [[False, True]]
    assert forecast.mean_cube(rows, halve=True)["tp"].values.tolist() == [
        [pytest.approx(0.055), pytest.approx(0.0075)]
    ]
