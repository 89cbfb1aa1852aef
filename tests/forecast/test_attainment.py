"""Attainment: nothing of the future is seen, known months stay, probabilities mean what they say."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from sklearn.base import clone

from suizhou_geo import assess, forecast, standards
from suizhou_geo.errors import InputError
from suizhou_geo.forecast.scores import covers


def simulate(
    sites: int, years: int, *, seed: int, shared: float = 0.0, first: int = 2015, memory: float = 0.4
) -> xr.DataArray:
    """Monthly lognormal values with a season of each site's own, memory from month to month, and a shared part."""
    random = np.random.default_rng(seed)
    months = 12 * years
    season = random.normal(0.4, 0.1, (sites, 1)) * np.cos(
        np.arange(months) * np.pi / 6 + random.normal(0, 0.3, (sites, 1))
    )
    noise = np.zeros((sites, months))
    common = np.zeros(months)
    for step in range(months):
        before = (noise[:, step - 1], common[step - 1]) if step else (np.zeros(sites), 0.0)
        noise[:, step] = memory * before[0] + random.normal(0, 0.15, sites)
        common[step] = memory * before[1] + random.normal(0, 0.15 * shared)
    level = random.normal(3.6, 0.25, (sites, 1))
    times = pd.date_range(f"{first}-01-01", periods=months, freq="MS")
    names = [f"S{number:03d}" for number in range(sites)]
    return xr.DataArray(
        np.exp(level + season + noise + common), dims=("site", "time"), coords={"site": names, "time": times}
    )


DATA = simulate(30, 5, seed=1)
TARGET = forecast.mean_target("pm2_5", limit=35, year=2019)


@pytest.mark.parametrize("known", [0, 3, 6, 9, 11])
def test_intervals_of_three_times_500_independent_series_hold_what_they_promise(known: int) -> None:
    held: dict[float, list[float]] = {0.5: [], 0.8: [], 0.9: []}
    for seed in range(3):
        data = simulate(500, 5, seed=20260301 + 100 * seed + known)
        model = forecast.AttainmentForecaster(n_paths=400, random_state=3).fit(data, year=2019)
        means = next(model.iterate_paths(data, known_months=known))[1].mean(axis=1)
        truth = data.sel(time="2019").mean("time").to_numpy()
        for level, shares in held.items():
            shares.append(float(covers(means, truth, level=level)[0].mean()))
    for level, shares in held.items():
        assert np.mean(shares) == pytest.approx(level, abs=0.04)


@pytest.mark.parametrize("known", [0, 6, 11])
def test_the_future_is_never_looked_at(known: int) -> None:
    random = np.random.default_rng(9)
    later = DATA["time"] >= np.datetime64(f"2019-{known + 1:02d}-01")
    plain = forecast.forecast_mean(DATA, target=TARGET, year=2019, known_months=known, quantiles=9)
    for changed in (
        DATA.where(~later, 1e6),
        DATA.where(~later),
        DATA.where(~later, DATA * random.random(DATA.shape)),
    ):
        again = forecast.forecast_mean(changed, target=TARGET, year=2019, known_months=known, quantiles=9)
        pd.testing.assert_frame_equal(again, plain, check_exact=True)
    gone = forecast.forecast_mean(
        DATA.where(~later, drop=True), target=TARGET, year=2019, known_months=known, quantiles=9
    )
    pd.testing.assert_frame_equal(gone, plain, check_exact=True)


def test_known_months_are_the_same_in_every_path_and_the_seed_decides_the_rest() -> None:
    model = forecast.AttainmentForecaster(n_paths=50, random_state=1).fit(DATA, year=2019)
    paths = model.sample_paths(DATA, known_months=5)
    known = DATA.sel(time="2019").isel(time=slice(0, 5)).to_numpy()
    assert (paths.isel(indicator=0, month=slice(0, 5)).to_numpy() == known[:, :, None]).all()
    assert (paths.isel(month=slice(5, 12)).std("path") > 0).all()
    assert model.sample_paths(DATA, known_months=5).identical(paths)
    other = clone(model).set_params(random_state=2).fit(DATA, year=2019).sample_paths(DATA, known_months=5)
    assert not other.identical(paths)


def test_the_order_of_months_in_the_file_does_not_matter() -> None:
    model = forecast.AttainmentForecaster(n_paths=20, random_state=4).fit(DATA, year=2019)
    shuffled = DATA.isel(time=np.random.default_rng(0).permutation(DATA.sizes["time"]))
    again = clone(model).fit(shuffled, year=2019)
    assert again.sample_paths(shuffled, known_months=3).identical(model.sample_paths(DATA, known_months=3))


def test_the_control_value_attains_with_its_probability() -> None:
    found = forecast.forecast_mean(DATA, target=TARGET, year=2019, known_months=6).set_index("site_id")
    model = forecast.AttainmentForecaster(random_state=0).fit(DATA, year=2019)
    paths = next(model.iterate_paths(DATA, known_months=6))[1]
    rest, known = paths[:, 6:].mean(axis=1), paths[:, :6, 0].sum(axis=1)
    for column, wanted in (("remaining_control_p50", 0.5), ("remaining_control_p80", 0.8)):
        control = found[column].to_numpy()
        scaled = rest * (control / np.median(rest, axis=1))[:, None]
        attained = TARGET.is_met((known[:, None] + 6 * scaled) / 12).mean(axis=1)
        possible = control > 0
        assert attained[possible] == pytest.approx(wanted, abs=0.01)
    assert (found["remaining_control_p80"] <= found["remaining_control_p50"]).all()
    assert found["p_attain"].between(0, 1).all()
    assert found["skill"].iloc[0] > 0.2


def test_the_smallest_cut_attains_and_a_smaller_one_does_not() -> None:
    plain = forecast.forecast_mean(DATA, target=TARGET, year=2019, known_months=6).set_index("site_id")
    asked = plain.index[(plain["cut_p80"] > 1) & (plain["cut_p80"] <= 100)]
    assert len(asked) >= 5
    assert (plain.loc[plain["p_attain"] >= 0.81, "cut_p80"] == 0).all()
    for site in asked[:5]:
        cut = plain.at[site, "cut_p80"]

        def after(percent: float, site: str = site) -> float:
            found = forecast.forecast_mean(DATA, target=TARGET, year=2019, known_months=6, cut=percent)
            # A scenario changes the scenario and nothing else.
            np.testing.assert_array_equal(found["p_attain"], plain["p_attain"])
            return float(found.set_index("site_id").at[site, "p_attain_cut"])

        assert after(cut) >= 0.8
        assert after(cut - 0.5) < 0.81
    assert (plain["p_attain_cut"] == plain["p_attain"]).all()
    # Where the known months alone are too much, no cut is enough.
    dirty = DATA.where(DATA["time"] < np.datetime64("2019-01-01"), DATA * 20)
    lost = forecast.forecast_mean(dirty, target=TARGET, year=2019, known_months=6)
    assert lost["cut_p80"].isna().all()
    assert (lost["deficit"] > 0).all()
    with pytest.raises(InputError, match="削减比例 120"):
        forecast.forecast_mean(DATA, target=TARGET, year=2019, known_months=6, cut=120)


def test_sites_are_counted_together_in_each_path() -> None:
    table = forecast.forecast_mean(DATA, target=TARGET, year=2019, known_months=6)
    together = table.attrs["roll_up"]
    assert together.expected == pytest.approx(table["p_attain"].sum())
    assert together.low <= together.expected <= together.high
    assert together.p_all <= table["p_attain"].min()


def test_rounding_decides_and_can_be_left_out() -> None:
    standard = forecast.mean_target("pm2_5", limit=35, year=2016)
    plain = forecast.mean_target("pm2_5", limit=35, year=2016, rounding="none")
    means = np.array([34.4, 35.4, 35.5, 36.5])
    assert standard.is_met(means).tolist() == [True, True, False, False]
    assert plain.is_met(means).tolist() == [True, False, False, False]
    oxygen = forecast.mean_target("do", limit=5, year=2021)
    assert oxygen.is_met(np.array([4.94, 4.96])).tolist() == [False, True]


def test_a_complete_year_is_a_fact() -> None:
    found = forecast.forecast_mean(DATA, target=TARGET, year=2019, known_months=12)
    means = DATA.sel(time="2019").mean("time").to_numpy()
    assert found["mean"].to_numpy() == pytest.approx(means)
    assert set(found["verdict"]) == {"全年已知"}
    assert set(found["p_attain"]) <= {0.0, 1.0}
    assert found["note"].str.contains("不是预测").all()
    short = forecast.forecast_mean(DATA.isel(time=slice(0, 58)), target=TARGET, year=2019, known_months=12)
    assert set(short["verdict"]) == {"无法判定"}


def test_short_histories_and_gaps_get_no_number() -> None:
    gaps = DATA.copy()
    gaps[0, 48 + 2] = np.nan
    gaps[1, :30] = np.nan
    found = forecast.forecast_mean(gaps, target=TARGET, year=2019, known_months=6, quantiles=3)
    for row, told in ((0, "已知月份中缺 1 个月"), (1, "历史不足 24 个月")):
        assert found.loc[row, "verdict"] == "无法判定"
        assert told in found.loc[row, "note"]
        assert found.loc[row, ["mean", "p_attain", "q02", "remaining_control_p50"]].isna().all()
    assert found.loc[2:, "verdict"].eq("预测").all()
    with pytest.raises(InputError, match="2016 年以前只有 1 年的数据"):
        forecast.forecast_mean(DATA, target=TARGET, year=2016, known_months=6)


def test_one_site_alone_can_be_forecast() -> None:
    found = forecast.forecast_mean(
        DATA.isel(site=[3]), target=TARGET, year=2019, known_months=6, quantiles=99
    ).iloc[0]
    assert found["q05"] < found["q50"] < found["q95"]
    assert found["verdict"] == "预测"


def test_more_knowledge_narrows_the_year() -> None:
    widths = []
    for known in (0, 4, 8, 11):
        found = forecast.forecast_mean(DATA, target=TARGET, year=2019, known_months=known, quantiles=19)
        widths.append(float((found["q19"] - found["q01"]).mean()))
    assert widths == sorted(widths, reverse=True)


def _cube(values: xr.DataArray) -> xr.Dataset:
    base = values / values.mean("time")
    return xr.Dataset({"codmn": 4.5 * base, "nh3n": 0.6 * base, "tp": 0.1 * base, "do": 8.5 / base})


def test_classes_add_up_and_name_what_binds() -> None:
    cube = _cube(DATA)
    cube["tp"] = cube["tp"].where(cube["site"] != "S005", cube["tp"] * 2.4)
    found = forecast.forecast_classes(
        cube, targets={"S005": 3, "S006": 1}, year=2019, known_months=6, n_paths=300
    ).set_index("site_id")
    shares = found[[f"p_class_{number}" for number in range(1, 7)]].astype(float)
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1)
    assert found.at["S005", "binding"] == "tp"
    assert found.at["S005", "p_attain"] < 0.3
    assert found.at["S005", "deficit"] > 0
    assert found.at["S006", "p_attain"] == 0
    assert found.at["S001", "p_attain"] > 0.9
    facts = _cube(DATA).sel(time="2019").mean("time")
    assert float(facts["codmn"].max()) < 6


def test_twelve_known_months_of_a_section_are_a_fact() -> None:
    cube = _cube(DATA)
    found = forecast.forecast_classes(cube, targets=3, year=2019, known_months=12)
    assert set(found["verdict"]) == {"全年已知"}
    assert set(found["p_attain"]) <= {0.0, 1.0}


def test_a_lake_has_its_own_phosphorus() -> None:
    cube = _cube(DATA)[["codmn", "tp"]]
    bodies = {"S001": "lake"}
    found = forecast.forecast_classes(
        cube, targets=3, year=2019, known_months=6, water_bodies=bodies, n_paths=100
    ).set_index("site_id")
    # 0.1 mg/L is class II in a river and IV in a lake.
    assert found.at["S001", "p_attain"] < 0.1 < found.at["S002", "p_attain"]
    assert "按河流评价" in found.at["S002", "note"]
    assert "按河流评价" not in found.at["S001", "note"]


def test_sections_without_items_or_with_impossible_targets() -> None:
    with pytest.raises(InputError, match="没有可评价的水质项目"):
        forecast.forecast_classes(xr.Dataset({"temp": DATA}), targets=3, year=2019, known_months=6)
    with pytest.raises(InputError, match="目标类别 7"):
        forecast.forecast_classes(_cube(DATA), targets=7, year=2019, known_months=6)
    few = _cube(DATA)
    few["tp"] = few["tp"].where(few["time"] >= np.datetime64("2018-01-01"))
    found = forecast.forecast_classes(few, targets=3, year=2019, known_months=6, n_paths=50)
    assert found["note"].str.contains("未参评").all()


def test_the_back_test_scores_itself_and_the_baselines() -> None:
    regions = {str(site): "北" if place % 2 else "南" for place, site in enumerate(DATA["site"].to_numpy())}
    table = forecast.backtest(DATA, target=TARGET, regions=regions, n_paths=200)
    ours = table[table["method"] == "suizhou_geo"].set_index("k")
    assert ours.index.tolist() == list(range(12))
    assert set(table["method"]) >= {
        "persistence",
        "climatology",
        "year_to_date_last_year",
        "annualised",
        "seasonal_naive",
        "combination",
    }
    assert ours["n"].eq(90).all()
    assert ours["n_eff"].eq(6).all()
    assert (ours["skill_persistence"].loc[3:] > 0).all()
    assert (ours["low"] <= ours["crps_skill"] + 1e-9).all()
    assert (ours["crps_skill"] <= ours["high"] + 1e-9).all()
    assert ours["coverage_90"].mean() == pytest.approx(0.9, abs=0.06)
    with pytest.raises(InputError, match="没有可回测的年份"):
        forecast.backtest(DATA.isel(time=slice(0, 24)), target=TARGET)


def _days(years: int = 4) -> xr.Dataset:
    random = np.random.default_rng(6)
    times = pd.date_range("2016-01-01", periods=365 * years + 1, freq="D")
    season = 1 + 0.5 * np.cos(2 * np.pi * np.arange(len(times)) / 365.25)
    middle = {"so2": 8, "no2": 30, "co": 0.8, "o3_8h": 90, "pm10": 70, "pm2_5": 40}
    values = {
        item: (
            ("site", "time"),
            (
                value
                * (season if item != "o3_8h" else 2.1 - season)
                * np.exp(random.normal(0, 0.4, (3, len(times))))
            ),
        )
        for item, value in middle.items()
    }
    return xr.Dataset(values, coords={"site": ["甲", "乙", "丙"], "time": times})


def test_percentiles_and_good_days_come_from_days() -> None:
    days = _days()
    through = pd.Timestamp("2019-06-01")
    ozone = forecast.forecast_percentile(
        days["o3_8h"],
        percent=90,
        limit=160,
        decimals=0,
        year=2019,
        known_through=through,
        quantiles=9,
        n_paths=100,
    )
    truth = np.percentile(days["o3_8h"].sel(time="2019").to_numpy(), 90, axis=1)
    assert np.abs(ozone["mean"] - truth).max() < 25
    assert ozone["p_attain"].between(0, 1).all()
    good = forecast.forecast_good_days(days, target=80, year=2019, known_through=through, n_paths=60)
    assert good["mean"].between(0, 100).all()
    assert (good["bad_days_left"] >= 0).all()
    changed = days.where(days["time"] < np.datetime64("2019-07-01"), 1e5)
    again = forecast.forecast_good_days(changed, target=80, year=2019, known_through=through, n_paths=60)
    pd.testing.assert_frame_equal(again, good)
    with pytest.raises(InputError, match="缺少污染物 so2"):
        forecast.forecast_good_days(days.drop_vars("so2"), target=80, year=2019, known_through=through)


def test_the_composite_index_adds_the_rounded_parts() -> None:
    days = _days()
    asked = {"target": 4.0, "year": 2019, "n_paths": 60}
    june = forecast.forecast_composite(days, known_through=pd.Timestamp("2019-06-01"), **asked)
    # The official number of the finished year, from the room that assesses.
    whole = forecast.forecast_composite(days, known_through=pd.Timestamp("2019-12-01"), **asked)
    year = days.sel(time="2019").isel(site=0)
    values = {
        item: standards.round_half_even(
            [np.percentile(year[item], percent) if percent else float(year[item].mean())], decimals=decimals
        )[0]
        for item, percent, decimals in (
            ("so2", 0, 0),
            ("no2", 0, 0),
            ("pm10", 0, 0),
            ("pm2_5", 0, 0),
            ("co", 95, 1),
            ("o3_8h", 90, 0),
        )
    }
    assert whole.at[0, "mean"] == pytest.approx(assess.composite_index(pd.Series(values)))
    assert whole["verdict"].eq("全年已知").all()
    assert (june["mean"] - whole["mean"]).abs().max() < 0.4
    assert june["p_attain_cut"].ge(june["p_attain"]).all()
    with pytest.raises(InputError, match="缺少污染物 co"):
        forecast.forecast_composite(days.drop_vars("co"), known_through=pd.Timestamp("2019-06-01"), **asked)


def test_the_truth_of_days_is_what_the_finished_year_came_to() -> None:
    days = _days()
    series = days.to_dataframe().rename_axis(columns="indicator").stack().rename("value").reset_index()
    observations = series.rename(columns={"site": "site_id"}).assign(unit="")
    ozone = forecast.truth_of(observations, indicator="o3_8h", statistic="p90", target=160)
    for row in ozone.itertuples():
        year = days["o3_8h"].sel(site=row.site_id, time=str(row.year))
        assert row.mean == standards.round_half_even([np.percentile(year, 90)], decimals=0)[0]
        assert row.met == (row.mean <= 160)
    assert len(ozone) == 12
    asked = {"year": 2019, "known_through": pd.Timestamp("2019-12-01"), "n_paths": 20}
    whole = {
        "good_days": forecast.forecast_good_days(days, target=80, **asked),
        "composite": forecast.forecast_composite(days, target=80, **asked),
    }
    for statistic, fact in whole.items():
        came = forecast.truth_of(observations, indicator="", statistic=statistic, target=80)
        came = came[came["year"] == 2019].set_index("site_id")
        expected = fact.set_index("site_id").loc[came.index]
        assert came["mean"].tolist() == pytest.approx(expected["mean"].tolist())
        assert came["met"].tolist() == (expected["p_attain"] == 1).tolist()


def test_the_smallest_cut_of_days_attains_and_a_smaller_one_does_not() -> None:
    asked = {"year": 2019, "known_through": pd.Timestamp("2019-06-01"), "n_paths": 60}
    likely = forecast.forecast_good_days(_days(), target=50, **asked)["mean"]
    asked["target"] = float(likely.max()) + 5
    least = forecast.forecast_good_days(_days(), **asked)["cut_p80"]
    assert least.between(0.1, 99.9).all()
    for site, cut in enumerate(least):
        with_it = forecast.forecast_good_days(_days(), cut=cut, **asked)
        without = forecast.forecast_good_days(_days(), cut=cut - 0.1, **asked)
        assert with_it.at[site, "p_attain_cut"] >= 0.8 > without.at[site, "p_attain_cut"]


def test_bad_days_left_are_borne_and_one_more_may_not_be() -> None:
    # 365 days of which 36 may lie above the limit: the 90th percentile is at rank 1 + 364 * .9 = 328.6.
    times = pd.date_range("2016-01-01", "2019-12-31", freq="D")
    quiet = xr.DataArray(
        np.full((1, len(times)), 100.0), dims=("site", "time"), coords={"site": ["甲"], "time": times}
    )
    asked = {"percent": 90, "limit": 160, "decimals": 0, "year": 2019, "n_paths": 20}
    none = forecast.forecast_percentile(quiet, known_through=pd.Timestamp("2019-06-01"), **asked)
    allowed = int(none.at[0, "bad_days_left"])
    assert allowed == 36
    for bad, attained in ((allowed, 1.0), (allowed + 1, 0.0)):
        year = quiet.copy(deep=True)
        year.values[0, -bad:] = 500.0
        whole = forecast.forecast_percentile(year, known_through=pd.Timestamp("2019-12-01"), **asked)
        assert whole.at[0, "p_attain"] == attained


@pytest.mark.parametrize(
    ("wander", "noise", "common"), [(0.04, 0.06, 0.0), (0.0, 0.08, 0.0), (0.05, 0.05, 0.3)]
)
def test_the_intervals_of_years_ahead_hold_what_they_promise(
    wander: float, noise: float, common: float
) -> None:
    inside = []
    for seed in range(6):
        random = np.random.default_rng(seed)

        def effect(size: float, random: np.random.Generator = random) -> np.ndarray:
            own, shared = random.standard_normal((60, 15)), random.standard_normal(15)
            return size * (np.sqrt(1 - common) * own + np.sqrt(common) * shared)

        annual = np.log(40) + np.cumsum(effect(wander), axis=1) + effect(noise)
        season = 0.4 * np.cos(np.arange(12) * np.pi / 6)
        months = np.exp(annual[:, :, None] + season + random.normal(0, 0.15, (60, 15, 12)))
        times = pd.date_range("2005-01-01", periods=180, freq="MS")
        data = xr.DataArray(months.reshape(60, -1), dims=("site", "time"), coords={"time": times})
        data = data.assign_coords(site=[f"S{number}" for number in range(60)])
        table = forecast.forecast_years(
            data.sel(time=slice(None, "2014-06")), target=TARGET, year=2014, known_months=6, last_year=2019,
            quantiles=19,
        )  # fmt: skip
        truth = months.mean(axis=2)
        for step in (1, 3, 5):
            rows = table[table["years_ahead"] == step]
            actual = truth[:, 9 + step]
            inside.append(((rows["q01"] <= actual) & (actual <= rows["q19"])).mean())
    assert np.mean(inside) == pytest.approx(0.9, abs=0.05 if common == 0 else 0.1)


def test_a_ledger_line_that_was_touched_is_noticed() -> None:
    found = forecast.forecast_mean(DATA, target=TARGET, year=2019, known_months=6, quantiles=19)
    origin = {"indicator": "pm2_5", "statistic": "mean", "target": 35, "known_through": "2019-06"}
    lines = forecast.ledger_lines(found, origin=origin)
    ledger = forecast.read_ledger([*lines, *lines[:3]])
    assert len(ledger) == 30
    truth = pd.DataFrame(
        {
            "site_id": DATA["site"].to_numpy(),
            "indicator": "pm2_5",
            "year": 2019,
            "mean": DATA.sel(time="2019").mean("time").to_numpy(),
        }
    )
    truth["met"] = TARGET.is_met(truth["mean"].to_numpy())
    scored = forecast.score_ledger(ledger, truth=truth)
    assert len(scored) == 30
    assert scored["brier"].mean() < 0.25
    assert 0.7 < scored["inside_90"].astype(float).mean() <= 1
    touched = lines[0].replace('"target": 35', '"target": 36')
    with pytest.raises(InputError, match="台账第 1 行被改动过"):
        forecast.read_ledger([touched])
    with pytest.raises(InputError, match="台账第 2 行看不懂"):
        forecast.read_ledger([lines[0], "{"])
