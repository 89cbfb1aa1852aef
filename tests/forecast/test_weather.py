"""Weather where it is given: a warm spring is not taken for a change of level, and later weather is never looked at."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from suizhou_geo import forecast
from suizhou_geo.errors import InputError
from suizhou_geo.forecast.scores import crps
from suizhou_geo.forecast.weather import explain_by_weather

YEAR = 2020


def _world(*, seed: int, effect: float) -> tuple[xr.DataArray, pd.DataFrame]:
    # 20 sites, five years: levels step at every new year, and the logarithm follows the wind of the month by ``effect``.
    random = np.random.default_rng(seed)
    times = pd.date_range("2016-01-01", f"{YEAR}-12-01", freq="MS")
    sites = [f"S{number:02d}" for number in range(20)]
    wind = random.normal(0, 1, (len(sites), len(times)))
    level = 3.6 + np.repeat(random.normal(0, 0.15, (len(sites), len(times) // 12)).cumsum(axis=1), 12, axis=1)
    season = 0.4 * np.cos(np.arange(len(times)) * np.pi / 6)
    values = np.exp(level + season + effect * wind + random.normal(0, 0.05, wind.shape))
    data = xr.DataArray(values, dims=("site", "time"), coords={"site": sites, "time": times})
    table = pd.DataFrame(
        {"site_id": np.repeat(sites, len(times)), "time": np.tile(times, len(sites)), "wind": wind.ravel()}
    )
    return data, table


def _score(data: xr.DataArray, weather: pd.DataFrame | None) -> float:
    model = forecast.AttainmentForecaster(n_paths=300, random_state=1).fit(
        data, year=YEAR, covariates=weather
    )
    means = next(model.iterate_paths(data, known_months=6))[1].mean(axis=1)
    return float(crps(means, data.sel(time=str(YEAR)).mean("time").to_numpy()).mean())


def test_the_effect_that_was_put_in_is_found() -> None:
    data, table = _world(seed=4, effect=-0.2)
    values = np.log(data.to_numpy()).reshape(20, 5, 12)
    wind = table["wind"].to_numpy().reshape(20, 5, 12, 1)
    found = explain_by_weather(values, wind)
    departed = wind - wind[:, :-1].mean(axis=1, keepdims=True)
    slope = (found * departed[..., 0]).sum() / (departed**2).sum()
    assert slope == pytest.approx(-0.2, abs=0.02)


def test_weather_that_matters_makes_better_forecasts_and_weather_that_does_not_hardly_worse() -> None:
    matters = [_world(seed=seed, effect=-0.2) for seed in range(8)]
    plain, told = (np.mean([_score(data, each) for data, each in pairs]) for pairs in (
        [(data, None) for data, _ in matters], matters))  # fmt: skip
    assert told < plain
    idle = [_world(seed=seed, effect=0.0) for seed in range(8)]
    without, beside = (np.mean([_score(data, each) for data, each in pairs]) for pairs in (
        [(data, None) for data, _ in idle], idle))  # fmt: skip
    assert beside < 1.05 * without


@pytest.mark.parametrize("known", [0, 5])
def test_weather_of_later_months_is_never_looked_at(known: int) -> None:
    data, table = _world(seed=1, effect=-0.2)
    target = forecast.mean_target("pm2_5", limit=35, year=YEAR)
    later = table["time"] >= pd.Timestamp(YEAR, known + 1, 1)
    plain, changed = (
        forecast.forecast_mean(data, target=target, year=YEAR, known_months=known, covariates=weather)
        for weather in (table, table.assign(wind=table["wind"].where(~later, 99.0)))
    )
    pd.testing.assert_frame_equal(plain, changed, check_exact=True)


def test_weather_without_sites_serves_all_and_unknown_sites_are_refused() -> None:
    data, table = _world(seed=2, effect=-0.2)
    common = table.groupby("time", as_index=False)["wind"].mean()
    assert _score(data, common) > 0
    with pytest.raises(InputError, match="没有共同的站点"):
        _score(data, table.assign(site_id="别处"))
    with pytest.raises(InputError, match="没有数值列"):
        _score(data, table[["time", "site_id"]])


def test_covariates_serve_means_only_and_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from suizhou_geo.cli import main

    data, table = _world(seed=3, effect=-0.2)
    rows = data.to_dataframe("value").reset_index().rename(columns={"site": "site_id"})
    rows.assign(indicator="pm2_5", unit="μg/m³").to_csv(tmp_path / "值.csv", index=False)
    table.to_csv(tmp_path / "气象.csv", index=False)
    asked = [
        "forecast", str(tmp_path / "值.csv"), "--indicator", "pm2_5", "--target", "35", "--year", str(YEAR),
        "--known-through", f"{YEAR}-06", "--covariates", str(tmp_path / "气象.csv"),
    ]  # fmt: skip
    found = {}
    for name, options in (("with", asked), ("without", asked[:-2])):
        with pytest.raises(SystemExit) as ended:
            main([*options, "-o", str(tmp_path / f"{name}.csv")])
        assert ended.value.code == 0
        found[name] = pd.read_csv(tmp_path / f"{name}.csv")
    assert (found["with"]["mean"] != found["without"]["mean"]).any()
    with pytest.raises(SystemExit) as ended:
        main([*asked, "--statistic", "good_days"])
    assert ended.value.code == 2
    assert "协变量只用于当年的年均值" in capsys.readouterr().err
