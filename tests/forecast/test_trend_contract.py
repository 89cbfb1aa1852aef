"""What every trend function keeps to, whatever series it is given: 26 awkward series under 13 invariants each."""

import pickle
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from suizhou_geo import forecast
from suizhou_geo.errors import InputError
from suizhou_geo.forecast.autocorrelation import bootstrap_probability

RANDOM = np.random.default_rng(5)
MONTHS = np.arange("2015-01", "2020-01", dtype="datetime64[M]").astype("datetime64[ns]")
N = len(MONTHS)
NAN = float("nan")


def _with(values: np.ndarray, places: object, value: float) -> np.ndarray:
    changed = values.astype(float).copy()
    changed[places] = value
    return changed


NOISE = RANDOM.normal(5, 1, N)
#: Each a series of 60 months.
SERIES = {
    "noise": NOISE,
    "constant": np.full(N, 3.0),
    "all missing": np.full(N, NAN),
    "one value": _with(np.full(N, NAN), 7, 1.0),
    "two values": _with(np.full(N, NAN), [3, 40], 1.0) * np.linspace(1, 2, N),
    "three values": _with(np.full(N, NAN), [0, 30, 59], 2.0) * np.linspace(1, 2, N),
    "seven values": np.where(np.arange(N) % 9 == 0, NOISE, NAN),
    "mostly missing": np.where(RANDOM.random(N) < 0.15, NOISE, NAN),
    "first half missing": _with(NOISE, slice(0, 30), NAN),
    "one month missing every year": _with(NOISE, slice(0, N, 12), NAN),
    "ramp": np.arange(N, dtype=float),
    "falling": -np.arange(N, dtype=float),
    "ramp and noise": np.arange(N) * 0.05 + NOISE,
    "step": np.where(np.arange(N) < 30, 1.0, 9.0),
    "two different values": RANDOM.integers(0, 2, N).astype(float),
    "many ties": RANDOM.integers(0, 5, N).astype(float),
    "long run": _with(NOISE, slice(5, 45), 4.0),
    "one outlier": _with(NOISE, 30, 1e6),
    "huge": NOISE * 1e300,
    "tiny": NOISE * 1e-300,
    "zeros": np.zeros(N),
    "negative": -NOISE,
    "infinite": _with(NOISE, [3, 9], np.inf),
    "season only": np.sin(np.arange(N) * np.pi / 6),
    "alternating": np.where(np.arange(N) % 2 == 0, 1.0, 2.0),
    "whole numbers": RANDOM.integers(10, 99, N).astype(float),
}


def _array(values: np.ndarray) -> xr.DataArray:
    return xr.DataArray(values, dims="time", coords={"time": MONTHS})


TRENDS: dict[str, Callable[..., xr.Dataset]] = {
    "mann_kendall": forecast.mann_kendall,
    "hamed_rao": lambda data, **options: forecast.mann_kendall(data, autocorrelation="hamed_rao", **options),
    "seasonal_kendall": forecast.seasonal_kendall,
    "block_bootstrap": lambda data, **options: forecast.mann_kendall(
        data, autocorrelation="block_bootstrap", rounds=40, **options
    ),
    "by quarter": lambda data, **options: forecast.seasonal_kendall(data, seasons="quarter", **options),
}


@pytest.mark.parametrize("name", TRENDS)
@pytest.mark.parametrize("series", SERIES)
def test_invariants(name: str, series: str) -> None:
    trend, values = TRENDS[name], SERIES[series]
    given = _array(values)
    before = given.copy(deep=True)
    found = trend(given)
    # 1 the input is not touched
    assert given.identical(before)
    # 2 a verdict is a word, and without one there is a reason
    verdict, note = str(found.verdict.values), str(found.note.values)
    assert verdict
    assert (verdict == forecast.NOT_ANALYSED) == (note != "")
    # 3 no probability is NaN or outside 0–1
    assert 0 <= float(found.p) <= 1
    # 4 confidence is at least one half
    assert 0.5 <= float(found.confidence) <= 1
    # 5 the variance is finite and not negative
    assert float(found.var_s) >= 0
    # 6 the slope lies in its interval
    low, middle, high = (float(found[part]) for part in ("slope_low", "slope", "slope_high"))
    slack = 1e-12 * abs(middle)
    assert np.isnan(middle) or low - slack <= middle <= high + slack
    # 7 the same again gives the same
    assert trend(given).identical(found)
    # 8 upside down S changes its sign and nothing else
    flipped = trend(-given)
    assert float(flipped.s) == -float(found.s)
    assert float(flipped.p) == pytest.approx(float(found.p), abs=1e-12)
    # 9 the unit scales the slope and nothing else
    scaled = trend(given * 4)
    assert float(scaled.s) == float(found.s)
    np.testing.assert_allclose(float(scaled.slope), 4 * middle, rtol=1e-9)
    # 10 the order of the rows does not matter
    shuffled = given.isel(time=RANDOM.permutation(N))
    assert trend(shuffled).identical(found)
    # 11 months without a value change nothing
    longer = given.reindex(
        time=np.arange("2015-01", "2021-01", dtype="datetime64[M]").astype("datetime64[ns]")
    )
    assert float(trend(longer).s) == float(found.s)
    # 12 a result can be sent to another process
    assert pickle.loads(pickle.dumps(found)).identical(found)  # noqa: S301  (our own bytes)
    # 13 beside other series it is what it is alone
    beside = xr.concat([given, _array(NOISE), _array(np.full(N, NAN))], dim="site")
    assert float(trend(beside).s[0]) == float(found.s)
    assert str(trend(beside).verdict.values[0]) == verdict


@pytest.mark.parametrize("series", SERIES)
def test_change_points_keep_to_the_same(series: str) -> None:
    given = _array(SERIES[series])
    before = given.copy(deep=True)
    found = forecast.pettitt(given)
    p, n = float(found.p), int(found.n)
    # 1 the input is not touched; 2 the same again gives the same; 3 p is a probability, or there is nothing to test
    assert given.identical(before)
    assert forecast.pettitt(given).identical(found)
    assert np.isnan(p) or 0 <= p <= 1
    # 4 fewer than two values have no change; 5 the change lies within the values; 6 its time is one of theirs
    assert np.isnan(p) == (n < 2)
    assert 0 <= int(found.position) <= max(n, 1)
    assert found.changed_after.values in MONTHS
    # Adding swallows the last digits of the very large, the very small, and of sines that are equal but for them.
    # 7 the unit, 8 the sign and 9 the zero of the scale do not matter to the test; 10 the shift follows the unit
    for changed in (given * 4, -given, given + 2 if series not in {"huge", "tiny", "season only"} else given):
        again = forecast.pettitt(changed)
        np.testing.assert_array_equal(again.k, found.k)
        np.testing.assert_array_equal(again.p, found.p)
    np.testing.assert_allclose(forecast.pettitt(given * 4)["shift"], 4 * found["shift"], rtol=1e-9)
    # 11 the order of the rows, 12 months without a value and 13 other series beside it change nothing
    assert forecast.pettitt(given.isel(time=RANDOM.permutation(N))).identical(found)
    longer = given.reindex(
        time=np.arange("2015-01", "2021-01", dtype="datetime64[M]").astype("datetime64[ns]")
    )
    np.testing.assert_array_equal(forecast.pettitt(longer).k, found.k)
    np.testing.assert_array_equal(
        forecast.pettitt(xr.concat([given, _array(NOISE)], dim="site")).k[0], found.k
    )


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("below", [0.0, 0.3, 0.9])
def test_summaries_keep_to_the_same(series: str, below: float) -> None:
    values = np.abs(np.nan_to_num(SERIES[series], posinf=np.nan, nan=np.nan)) + 1
    if series == "huge":
        values = np.minimum(values, 1e150)
    flags = np.random.default_rng(1).random(N) < below
    before = values.copy()
    found = forecast.summarise_censored(values, censored=flags)
    # 1 the input is not touched; 2 the same again gives the same; 3 there is always a reason; 4 and a method
    np.testing.assert_array_equal(values, before)
    assert repr(forecast.summarise_censored(values, censored=flags)) == repr(found)
    assert found.reason
    assert found.method in {"kaplan_meier", "ros", "mle", "none"}
    # 5 no mean without a method, and none missing with one; 6 counts add up
    assert np.isnan(found.mean) == (found.method == "none")
    assert found.n == int(np.isfinite(values).sum())
    assert 0 <= found.n_censored <= found.n
    # 7 the mean lies within the values, from 0 up; 8 the median too; 9 the spread is not negative
    if found.method != "none":
        top = np.nanmax(values) * (50 if found.method == "mle" else 1 + 1e-9)
        assert 0 <= found.mean <= top
        assert 0 <= found.median <= top
        assert found.sd >= 0 or np.isnan(found.sd)
    # 10 the order of the values does not matter; 11 the unit scales all three; 12 values that are missing neither
    turned = forecast.summarise_censored(values[::-1], censored=flags[::-1])
    scaled = forecast.summarise_censored(values * 4, censored=flags)
    longer = forecast.summarise_censored(
        np.append(values, [np.nan] * 5), censored=np.append(flags, [True] * 5)
    )
    for other, factor in ((turned, 1), (scaled, 4), (longer, 1)):
        assert (other.method, other.n_censored) == (found.method, found.n_censored)
        np.testing.assert_allclose(
            [other.mean, other.sd, other.median],
            [factor * each for each in (found.mean, found.sd, found.median)],
            rtol=1e-5,
        )
    # 13 it can be sent to another process
    assert repr(pickle.loads(pickle.dumps(found))) == repr(found)  # noqa: S301  (our own bytes)


@pytest.mark.parametrize("series", SERIES)
def test_regional_directions_keep_to_the_same(series: str) -> None:
    # The series at four sites, of which two carry noise of their own, beside one that is never analysed.
    values = SERIES[series]
    random = np.random.default_rng(7)
    sites = [
        values,
        values,
        values + random.normal(0, 1, N),
        values + random.normal(0, 1, N),
        np.full(N, NAN),
    ]
    given = xr.DataArray(
        np.stack(sites), dims=("site", "time"), coords={"site": [*"甲乙丙丁戊"], "time": MONTHS}
    )
    before = given.copy(deep=True)

    def direction(data: xr.DataArray) -> dict[str, object]:
        frame = forecast.regional_direction(forecast.mann_kendall(data), data=data)
        assert len(frame) == 1
        return dict(frame.iloc[0])

    def assert_same(found: dict[str, object], expected: dict[str, object]) -> None:
        assert found["direction"] == expected["direction"]
        assert found["n_sites"] == expected["n_sites"]
        for name in ("share", "confidence", "confidence_if_independent"):
            np.testing.assert_allclose(float(found[name]), float(expected[name]), rtol=1e-9)  # type: ignore[arg-type]

    found = direction(given)
    # 1 the input is not touched; 2 the same again gives the same; 3 a site without values does not count
    assert given.identical(before)
    assert_same(direction(given), found)
    assert_same(direction(given.isel(site=slice(0, 4))), found)
    # 4 a direction, or a reason why there is none; 5 never both; 6 no number without a direction
    assert (found["direction"] == "") == (found["note"] != "")
    assert found["direction"] in {"", "上升", "下降"}
    assert np.isnan(float(found["confidence"])) == (found["direction"] == "")  # type: ignore[arg-type]
    # 7 it is the majority's; 8 its confidence a probability, not below one half; 9 sites alike tell less than unlike
    if found["direction"]:
        assert 0.5 <= float(found["share"]) <= 1  # type: ignore[arg-type]
        assert 0.5 <= float(found["confidence"]) <= 1  # type: ignore[arg-type]
        assert float(found["confidence"]) <= float(found["confidence_if_independent"]) + 1e-9  # type: ignore[arg-type]
    # 10 the order of sites, 11 of rows, 12 and the unit do not matter; 13 upside down turns it, where it is not even
    assert_same(direction(given.isel(site=[3, 1, 4, 0, 2])), found)
    assert_same(direction(given.isel(time=random.permutation(N))), found)
    assert_same(direction(given * 4), found)
    if found["direction"] and float(found["share"]) > 0.5:  # type: ignore[arg-type]
        assert {direction(-given)["direction"], found["direction"]} == {"上升", "下降"}


def _rows(values: np.ndarray, site: str) -> pd.DataFrame:
    return pd.DataFrame({"site_id": site, "time": MONTHS, "indicator": "tn", "value": values})


@pytest.mark.parametrize("series", SERIES)
def test_normalising_keeps_to_the_same(series: str) -> None:
    # A logarithm is taken: what is not above zero has no place, and is refused in words.
    values = SERIES[series]
    flow = pd.DataFrame({"time": MONTHS, "flow": np.exp(np.random.default_rng(3).normal(2, 0.5, N))})
    rows = _rows(values, "甲")
    before = rows.copy(deep=True)

    def normalised(table: pd.DataFrame, covariates: pd.DataFrame = flow) -> forecast.Normalised:
        return forecast.normalise(table, covariates=covariates, kind="flow")

    usable = np.isfinite(values)
    if (values[usable] <= 0).any() or np.isinf(values).any():
        with pytest.raises(InputError, match=r"大于 0|不是有限的数"):
            normalised(rows)
        return
    if usable.sum() < 24:
        with pytest.raises(InputError, match=r"没有|共同的时间"):
            normalised(rows)
        return
    found = normalised(rows)
    table = found.series
    # 1 the input is not touched; 2 the same again gives the same; 3 every value that had a flow is there, and no other
    pd.testing.assert_frame_equal(rows, before)
    pd.testing.assert_frame_equal(normalised(rows).series, table)
    assert len(table) == usable.sum()
    # 4 every normalised value is a number above zero; 5 the fit is told; 6 a site short of values would have a note
    assert np.isfinite(table["normalised"]).all()
    assert (table["normalised"] > 0).all()
    fit = found.fit.iloc[0]
    assert np.isnan(fit["r2"]) or fit["r2"] <= 1
    assert fit["n"] == usable.sum()
    assert (fit["note"] != "") == bool(np.isnan(fit["r2"]))
    # 7 the unit scales the series and nothing else; 8 the unit of the flow nothing at all
    np.testing.assert_allclose(
        normalised(rows.assign(value=rows["value"] * 4)).series["normalised"], 4 * table["normalised"]
    )
    np.testing.assert_allclose(
        normalised(rows, flow.assign(flow=flow["flow"] * 1000)).series["normalised"],
        table["normalised"],
        rtol=1e-6,
    )
    # 9 the order of the rows does not matter; 10 nor do months without a flow, 11 nor another site beside it
    pd.testing.assert_frame_equal(normalised(rows.sample(frac=1, random_state=1)).series, table)
    later = flow["time"] >= MONTHS[2]
    assert normalised(rows, flow[later]).series["time"].min() >= pd.Timestamp(MONTHS[2])
    both = normalised(pd.concat([rows, _rows(np.exp(NOISE), "乙")])).series
    pd.testing.assert_frame_equal(both[both["site_id"] == "甲"].reset_index(drop=True), table)
    # 12 it can be sent to another process; 13 the split is words and numbers, its parts make up the whole
    again = pickle.loads(pickle.dumps(found))  # noqa: S301  (our own bytes)
    pd.testing.assert_frame_equal(again.residuals, found.residuals)
    try:
        split = forecast.split_changes(found, at="2017-07-01", months=12)
    except InputError as error:
        assert "数据不足" in str(error)  # noqa: PT017  (either is an answer)
        return
    assert set(split["verdict"]) <= {"有", "无", "无法判定"}
    whole = (1 + split["weather"] / 100) * (1 + split["effort"] / 100) - 1
    np.testing.assert_allclose(100 * whole, split["change"], atol=1e-6)


def test_values_below_detection_widen_nothing_they_should_not() -> None:
    # The lowest values, all below one limit, are a tie group: the same S and variance as if they were equal.
    values = _array(RANDOM.permutation(np.arange(N, dtype=float)))
    limit = values.where(values >= 12, 12.0)
    flags = values < 12
    tied = values.where(values >= 12, 11.0)
    as_limit, as_tie = forecast.mann_kendall(limit, censored=flags), forecast.mann_kendall(tied)
    assert float(as_limit.s) == float(as_tie.s)
    assert float(as_limit.var_s) == pytest.approx(float(as_tie.var_s))
    assert int(as_limit.n_censored) == 12


def test_a_limit_above_every_value_says_nothing() -> None:
    flags = _array(np.arange(N)) >= 30
    values = _array(np.where(np.arange(N) >= 30, 1e9, np.arange(N, dtype=float)))
    half = forecast.mann_kendall(values.isel(time=slice(0, 30)))
    assert float(forecast.mann_kendall(values, censored=flags).s) == float(half.s)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (xr.DataArray(np.zeros(3), dims="month"), "没有维度 time"),
        (np.arange(10.0), "不是带维度的数组"),
        (xr.DataArray(["a", "b"], dims="time", coords={"time": [1, 2]}), "不是数值"),
        (xr.DataArray([1.0, 2.0], dims="time", coords={"time": [1, 1]}), "时间有重复"),
        (
            xr.DataArray(
                [1.0, 2.0], dims="time", coords={"time": np.array(["2021-01-01", "NaT"], "datetime64[ns]")}
            ),
            "1 个时间是空的",
        ),
        (xr.DataArray([1.0, 2.0], dims="time", coords={"time": ["一月", "二月"]}), "时间不是日期或数值"),
        (xr.Dataset(), "没有随时间变化的变量"),
    ],
)
def test_what_is_no_series_is_refused(data: xr.DataArray, match: str) -> None:
    for trend in (forecast.mann_kendall, forecast.pettitt):
        with pytest.raises(InputError, match=match):
            trend(data)


def test_choices_that_are_none_are_refused() -> None:
    given = _array(NOISE)
    for call, match in (
        (lambda: forecast.mann_kendall(given, autocorrelation="ar1"), "选项“ar1”未知"),
        (lambda: forecast.mann_kendall(given, confidence=95), "置信水平 95"),
        (lambda: forecast.seasonal_kendall(given, seasons="week"), "可选：month、quarter"),
        (lambda: forecast.seasonal_kendall(given, seasons=12), "季节数 12 与时间不符"),
        (lambda: forecast.seasonal_kendall(given.assign_coords(time=range(N))), "时间不是日期"),
        (lambda: forecast.regional_direction(forecast.mann_kendall(given), data=given), "没有站点维"),
    ):
        with pytest.raises(InputError, match=match):
            call()


def test_a_cube_gives_one_trend_per_site_and_indicator_with_its_meaning() -> None:
    rising = np.arange(N) * 0.1 + NOISE
    cube = xr.Dataset(
        {
            "tp": (("site", "time"), np.stack([rising, rising[::-1]])),
            "do": (("site", "time"), np.stack([rising, rising[::-1]])),
            "tp_censored": (("site", "time"), np.zeros((2, N), dtype=bool)),
        },
        coords={"site": ["甲", "乙"], "time": MONTHS},
    )
    found = forecast.seasonal_kendall(cube)
    assert found.sizes == {"site": 2, "indicator": 2}
    words = forecast.trend_table(found).set_index(["site", "indicator"])["meaning"].to_dict()
    assert words == {
        ("甲", "tp"): "很可能恶化",
        ("甲", "do"): "很可能改善",
        ("乙", "tp"): "很可能改善",
        ("乙", "do"): "很可能恶化",
    }


def test_monthly_data_against_quarters_compare_years_only() -> None:
    # Within a year the values of a quarter differ wildly; from year to year each rises by 1.
    year, month = np.divmod(np.arange(N), 12)
    values = _array(year + np.array([0, 50, 100])[month % 3])
    found = forecast.seasonal_kendall(values, seasons="quarter")
    assert int(found.n_seasons) == 4
    assert float(found.slope) == 1.0


def test_a_region_is_less_sure_when_its_sites_move_together() -> None:
    random = np.random.default_rng(3)
    shared = random.normal(size=N)
    sites = 0.01 * np.arange(N) + 0.9 * shared + 0.3 * random.normal(size=(12, N))
    data = xr.DataArray(sites, dims=("site", "time"), coords={"site": range(12), "time": MONTHS})
    found = forecast.regional_direction(forecast.mann_kendall(data), data=data).iloc[0]
    assert found["n_sites"] == 12
    assert found["direction"] == "上升"
    assert 0.5 < found["confidence"] < found["confidence_if_independent"] <= 1
    few = data.isel(site=slice(0, 2))
    assert "少于 3 个" in forecast.regional_direction(forecast.mann_kendall(few), data=few).loc[0, "note"]


def test_blocks_of_neighbours_make_a_red_series_less_sure() -> None:
    random = np.random.default_rng(8)
    plain, blocked = [], []
    red = np.zeros((40, N))
    for step in range(1, N):
        red[:, step] = 0.8 * red[:, step - 1] + random.normal(size=40)
    data = xr.DataArray(red, dims=("site", "time"), coords={"site": range(40), "time": MONTHS})
    plain = forecast.mann_kendall(data).p.values
    corrected = forecast.mann_kendall(data, autocorrelation="hamed_rao").p.values
    blocked = bootstrap_probability(
        red, np.zeros(red.shape, dtype=bool), np.arange(float(N)), block=8, rounds=200, random_state=1
    )
    # Of 40 series without a trend, some two should be called at 0.05.
    assert (plain < 0.05).sum() >= 12
    assert (corrected < 0.05).sum() <= 10
    assert (blocked < 0.05).sum() <= 10
    again = bootstrap_probability(
        red, np.zeros(red.shape, dtype=bool), np.arange(float(N)), block=8, rounds=200, random_state=1
    )
    assert (again == blocked).all()
