"""Weather and effort: planted steps are found inside their interval, and nothing is found where nothing was planted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from suizhou_geo import files, forecast
from suizhou_geo.cli import main
from suizhou_geo.errors import InputError


def _weather(years: int = 3, seed: int = 2) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Daily values of three sites under one weather, and that weather."""
    random = np.random.default_rng(seed)
    days = pd.date_range("2015-01-01", periods=365 * years, freq="D")
    wind = 2 + random.gamma(2, 1, len(days))
    warmth = 15 - 12 * np.cos(2 * np.pi * np.arange(len(days)) / 365.25) + random.normal(0, 3, len(days))
    covariates = pd.DataFrame({"time": days, "wind": wind, "temp": warmth})
    frames = [
        pd.DataFrame(
            {
                "site_id": f"S{site}",
                "time": days,
                "indicator": "pm2_5",
                "value": np.exp(
                    4.2 - 0.35 * np.log(wind) - 0.02 * warmth + random.normal(0, 0.25, len(days))
                ),
            }
        )
        for site in range(3)
    ]
    return pd.concat(frames, ignore_index=True), covariates


VALUES, COVARIATES = _weather()


def test_a_planted_step_is_effort_and_lies_in_its_interval() -> None:
    planted = VALUES.copy()
    after = (planted["site_id"] == "S1") & (planted["time"] >= "2016-07-01")
    planted.loc[after, "value"] *= 0.7
    found = forecast.normalise(planted, covariates=COVARIATES)
    assert found.fit.set_index("site_id")["r2"].drop("S1").min() > 0.25
    split = forecast.split_changes(found, at="2016-07-01", months=12).set_index("site_id")
    assert split.at["S1", "low"] <= -30 <= split.at["S1", "high"]
    assert split.at["S1", "verdict"] == "有"
    assert split.at["S1", "effort"] == pytest.approx(-30, abs=6)
    assert abs(split.at["S0", "effort"]) < 6
    series = found.series[found.series["site_id"] == "S0"]
    assert series["normalised"].std() < series["value"].std()


def test_a_windy_year_is_weather() -> None:
    windy, values = COVARIATES.copy(), VALUES.copy()
    later = windy["time"] >= "2016-07-01"
    windy.loc[later, "wind"] *= 2.5
    values.loc[values["time"] >= "2016-07-01", "value"] *= 2.5**-0.35
    split = forecast.split_changes(forecast.normalise(values, covariates=windy), at="2016-07-01")
    assert (split["change"] < -15).all()
    assert (split["weather"] < -10).all()
    assert (split["effort"].abs() < 12).all()


def test_flow_explains_a_river() -> None:
    random = np.random.default_rng(4)
    days = pd.date_range("2008-01-15", periods=120, freq="MS")
    flow = np.exp(random.normal(2, 0.6, 120))
    rows = pd.DataFrame(
        {
            "site_id": "A",
            "time": days,
            "indicator": "tn",
            "value": 3 * flow**-0.4 * np.exp(random.normal(0, 0.1, 120)),
        }
    )
    found = forecast.normalise(rows, covariates=pd.DataFrame({"time": days, "Q": flow}), kind="flow")
    assert found.fit.loc[0, "r2"] > 0.7
    assert np.log(found.series["normalised"]).std() < 0.6 * np.log(found.series["value"]).std()


@pytest.mark.parametrize(
    ("values", "covariates", "match"),
    [
        (VALUES, COVARIATES[["time"]], "协变量表没有数值列"),
        (
            VALUES.assign(indicator=np.where(np.arange(len(VALUES)) % 2, "a", "b")),
            COVARIATES,
            "一次只归一化一个指标",
        ),
        (VALUES.assign(value=-1.0), COVARIATES, "须大于 0"),
        (VALUES, COVARIATES.assign(time=COVARIATES["time"] + pd.DateOffset(years=20)), "没有共同的时间"),
        (VALUES.iloc[:200], COVARIATES, "没有一个站点有 365 个"),
    ],
)
def test_what_cannot_be_normalised_is_refused(
    values: pd.DataFrame, covariates: pd.DataFrame, match: str
) -> None:
    with pytest.raises(InputError, match=match):
        forecast.normalise(values, covariates=covariates)


def test_a_date_at_the_edge_is_refused() -> None:
    found = forecast.normalise(VALUES[VALUES["site_id"] == "S0"], covariates=COVARIATES)
    with pytest.raises(InputError, match="前后各 12 个月的数据不足"):
        forecast.split_changes(found, at="2015-03-01")


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wide = VALUES.pivot(index="time", columns="site_id", values="value").reset_index()
    tidy = wide.melt(id_vars="time", var_name="站点编码", value_name="pm2_5")
    tidy.to_csv(tmp_path / "日值.csv", index=False)
    table = COVARIATES.assign(
        year=COVARIATES["time"].dt.year,
        month=COVARIATES["time"].dt.month,
        day=COVARIATES["time"].dt.day,
        remark="晴",
    )
    table.drop(columns="time").to_csv(tmp_path / "气象.csv", index=False)
    assert files.read_covariates(tmp_path / "气象.csv").columns.tolist() == ["time", "wind", "temp"]
    out, changes = tmp_path / "归一.csv", tmp_path / "分解.csv"
    with pytest.raises(SystemExit) as stopped:
        main(
            [
                "normalise",
                str(tmp_path / "日值.csv"),
                "--covariates",
                str(tmp_path / "气象.csv"),
                "--indicator",
                "pm2_5",
                "--at",
                "2016-07-01",
                "-o",
                str(out),
                "--changes",
                str(changes),
            ]
        )
    assert stopped.value.code == 0
    assert {"site_id", "indicator", "time", "value", "normalised"} <= set(pd.read_csv(out).columns)
    assert {"change", "weather", "effort", "low", "high"} <= set(pd.read_csv(changes).columns)
    assert "折外 R²" in capsys.readouterr().err
    (tmp_path / "无时间.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="协变量表没有时间列"):
        files.read_covariates(tmp_path / "无时间.csv")
