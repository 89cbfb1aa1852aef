"""Published trend statistics: every row of the golden file names the page or line that it was read from."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from suizhou_geo import forecast
from suizhou_geo.forecast.autocorrelation import variance_factors
from suizhou_geo.forecast.change_points import pettitt
from suizhou_geo.forecast.pairs import score_pairs
from suizhou_geo.forecast.slopes import balanced_slopes

GOLDEN = Path(__file__).parents[1] / "golden"
EXPECTED = pd.read_csv(GOLDEN / "trend_expected.csv", dtype={"value": str})
VERIFIED = EXPECTED[EXPECTED["verified"] == "verified"]


@cache
def _series(vector: str) -> pd.DataFrame:
    table = pd.read_csv(GOLDEN / "trend_series.csv")
    return table[table["vector"] == vector].reset_index(drop=True)


def _array(frame: pd.DataFrame, times: object) -> tuple[xr.DataArray, xr.DataArray]:
    coords = {"time": times}
    values = xr.DataArray(frame["value"].to_numpy(), dims="time", coords=coords)
    return values, xr.DataArray(frame["censored"].to_numpy() == 1, dims="time", coords=coords)


def _mann_kendall(frame: pd.DataFrame) -> xr.Dataset:
    values, censored = _array(frame, frame["time"].to_numpy())
    return forecast.mann_kendall(values, censored=censored)


def _seasonal_kendall(frame: pd.DataFrame) -> xr.Dataset:
    # Steps of twelve a year; the series are complete months, or numbered from 0.
    first = frame["time"].min()
    steps = (
        frame["time"] if (frame["season"] == 0).all() else (frame["time"] - first) * 12 + frame["season"] - 1
    )
    values, censored = _array(frame, steps.to_numpy())
    return forecast.seasonal_kendall(values, censored=censored, seasons=12)


def _kernel(frame: pd.DataFrame) -> xr.Dataset:
    # Several values at one time: the cube has none of these, the kernel takes them.
    values = np.log(frame["value"].to_numpy(dtype=float))[None, :, None]
    censored, times = (
        frame["censored"].to_numpy()[None, :, None] == 1,
        frame["time"].to_numpy(dtype=float)[None],
    )
    scores = score_pairs(values, censored, times)
    slope, _, _ = balanced_slopes(values, censored, times, spread=np.zeros(1))
    return xr.Dataset({"s": scores.s[0, 0], "n": float(scores.n[0, 0]), "slope": slope[0]})


def _hamed_rao(frame: pd.DataFrame) -> xr.Dataset:
    # The package closes gaps before it correlates; ours keeps the steps in time, so the kernel is given what it takes.
    plain = _mann_kendall(frame)
    values = frame["value"].dropna().to_numpy()
    residuals = values - np.arange(1, len(values) + 1) * float(plain.slope)
    variance = float(plain.var_s) * variance_factors(residuals[None])[0]
    z = (float(plain.s) - np.sign(float(plain.s))) / np.sqrt(variance)
    return xr.Dataset({"s": plain.s, "n": plain.n, "var_s": variance, "z": z, "p": 2 * stats.norm.sf(abs(z))})


def _pettitt(frame: pd.DataFrame) -> xr.Dataset:
    return pettitt(_array(frame, frame["time"].to_numpy())[0])


TESTS: dict[str, Callable[[pd.DataFrame], xr.Dataset]] = {
    "mann_kendall": _mann_kendall,
    "hamed_rao": _hamed_rao,
    "kernel": _kernel,
    "seasonal_kendall": _seasonal_kendall,
    "pettitt": _pettitt,
}


@cache
def _found(vector: str, test: str) -> dict[str, float]:
    result = TESTS[test](_series(vector))
    found = {str(name): float(result[name]) for name in result.data_vars if result[name].dtype.kind in "fiu"}
    if "s" in found:
        # Some packages leave the ties out of the denominator.
        found["tau_a"] = found["s"] / (found["n"] * (found["n"] - 1) / 2)
    return found


def _agrees(found: float, printed: str) -> bool:
    """To nine digits, or to those that are printed if there are fewer."""
    digits = len(printed.split("e", maxsplit=1)[0].replace("-", "").replace(".", "").lstrip("0"))
    expected = float(printed)
    if expected == 0:
        return abs(found) < 1e-9
    # Half a unit of the last digit that is printed.
    return abs(found / expected - 1) <= max(0.51 * 10 ** (1 - digits) / float(f"{abs(expected):e}"[0]), 1e-9)


@pytest.mark.parametrize(
    "row", list(VERIFIED.itertuples()), ids=lambda row: f"{row.vector}-{row.test}-{row.statistic}"
)
def test_published(row: Any) -> None:
    found = _found(row.vector, row.test)[row.statistic]
    assert _agrees(found, row.value), f"{found} against {row.value} of {row.source}"


def test_the_golden_file_counts() -> None:
    assert len(VERIFIED) >= 75
    assert VERIFIED["source"].str.contains("@").all(), "a file at a commit"


@pytest.mark.parametrize("statistic", ["slope", "tau_a"])
def test_censored_slopes_against_an_unverified_vector(statistic: str) -> None:
    row = EXPECTED[(EXPECTED["vector"] == "cenken_synthetic") & (EXPECTED["statistic"] == statistic)].iloc[0]
    assert row["verified"] == "unverified"
    # The package steps to its slope; ours is where S changes its sign. Its variance is a formula that leaves some ties
    # out (405.33 here); ours, 404.67, is that of all orders, which test_pairs.py counts out.
    assert _found("cenken_synthetic", "mann_kendall")[statistic] == pytest.approx(
        float(row["value"]), rel=2e-3
    )


def test_precipitation_of_the_great_lakes_as_computed_by_hand() -> None:
    # No source that was opened prints this answer; S and its variance follow from the definition.
    found = _found("precip_gl", "mann_kendall")
    assert (found["s"], round(found["var_s"], 5)) == (989.0, 74398.33333)
    assert found["tau"] == pytest.approx(0.26458, abs=1e-5)


def test_phosphorus_at_guelph_as_computed_by_hand() -> None:
    frame = _series("guelph_p")
    values, _ = _array(
        frame, pd.to_datetime({"year": frame["time"], "month": frame["season"], "day": 1}).to_numpy()
    )
    found = forecast.seasonal_kendall(values)
    assert (float(found.s), round(float(found.var_s), 4)) == (-89.0, 290.3333)


def test_ramps_and_constants() -> None:
    ramp = xr.DataArray(
        np.stack([np.arange(360.0), np.full(360, 5.0)]), dims=("site", "time"), coords={"time": range(360)}
    )
    found = forecast.mann_kendall(ramp)
    assert found.s.values.tolist() == [64620.0, 0.0]
    assert found.slope.values.tolist() == [1.0, 0.0]
    assert found.p.values[1] == 1.0
    assert found.verdict.values.tolist() == ["很可能上升", "未分析"]
    assert forecast.seasonal_kendall(ramp, seasons=12).slope.values.tolist() == [12.0, 0.0]
