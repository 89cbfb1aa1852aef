"""B1: seasonal Kendall and Sen's slope of 1,000 series of 120 months, beside pymannkendall and MannKS.

Run by ``make bench``. The values are random and say nothing about any water. Without values below detection S, z, p and
slope of every series must equal pymannkendall's; with 10 % of them below detection S must equal MannKS's on a sample
(its slopes treat limits in another way and are printed, not asserted). Then the national scale alone.
"""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import xarray as xr

from benchmarks.peers import find_python, run_there
from benchmarks.record import record, seconds
from suizhou_geo import forecast

SERIES, MONTHS, RUNS, SAMPLE = 1_000, 120, 5, 60
NATIONAL = (3_641, 5)

PMK = """
import json, sys, time
from importlib.metadata import version
import numpy as np, pymannkendall as mk
values = np.load(sys.argv[1])
start = time.perf_counter()
found = [mk.seasonal_test(row, period=12) for row in values]
seconds = time.perf_counter() - start
columns = {name: [getattr(each, name) for each in found] for name in ("s", "z", "p", "slope")}
print(json.dumps({"seconds": seconds, "version": version("pymannkendall"), **{k: [float(v) for v in c] for k, c in columns.items()}}))
"""

MANNKS = """
import json, sys, time, warnings
from importlib.metadata import version
import numpy as np, pandas as pd
warnings.simplefilter("ignore")
import MannKS
values, censored = np.load(sys.argv[1]), np.load(sys.argv[2])
times = pd.date_range("2012-01-01", periods=values.shape[1], freq="MS")
start = time.perf_counter()
s = []
for row, flags in zip(values, censored):
    frame = MannKS.prepare_censored_data([f"<{v!r}" if f else float(v) for v, f in zip(row.tolist(), flags)])
    s.append(float(MannKS.seasonal_trend_test(frame, times, period=12, season_type="month").s))
print(json.dumps({"seconds": time.perf_counter() - start, "version": version("mannks"), "s": s}))
"""


def make_cube(shape: tuple[int, ...]) -> xr.DataArray:
    """Lognormal months with a season and, in half of the series, a trend."""
    random = np.random.default_rng(20260302)
    season = 0.3 * np.sin(np.arange(MONTHS) * np.pi / 6)
    trend = np.linspace(0, 0.4, MONTHS) * (random.random((*shape, 1)) < 0.5)
    values = np.round(np.exp(season + trend + random.normal(0, 0.4, (*shape, MONTHS))), 3)
    dims = ("site", "indicator")[: len(shape)]
    times = np.arange("2012-01", "2022-01", dtype="datetime64[M]").astype("datetime64[ns]")
    return xr.DataArray(values, dims=(*dims, "time"), coords={"time": times})


def time_ours(values: xr.DataArray, censored: xr.DataArray | None = None) -> tuple[float, xr.Dataset]:
    start = time.perf_counter()
    found = forecast.seasonal_kendall(values, censored=censored)
    return time.perf_counter() - start, found


def main() -> None:
    values = make_cube((SERIES,))
    limits = values.quantile(0.1, dim="time")
    censored = values < limits
    limited = values.where(~censored, limits)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        np.save(root / "values.npy", values.values)
        np.save(root / "limited.npy", limited.values[:SAMPLE])
        np.save(root / "flags.npy", censored.values[:SAMPLE])
        pmk, mannks = find_python("pymannkendall"), find_python("mannks")
        ours, theirs = [], []
        for _ in range(RUNS):
            peer = run_there(pmk, PMK, str(root / "values.npy"))
            taken, found = time_ours(values)
            theirs.append(peer["seconds"])
            ours.append(taken)
        for name in ("s", "z", "p", "slope"):
            np.testing.assert_allclose(found[name].values, peer[name], rtol=1e-9, atol=1e-12)
        ratio = statistics.median(t / o for t, o in zip(theirs, ours, strict=True))
        record(
            f"B1 seasonal Kendall and Sen, {SERIES} series of {MONTHS} months", ours=seconds(ours), peer=seconds(theirs),
            result=f"{ratio:.0f} ×", mark="≥ 60 ×", equal=f"S, z, p and slope of {SERIES} series, to 1e-9",
            versions=("numpy", f"pymannkendall {peer['version']}"),
        )  # fmt: skip
        slow = run_there(mannks, MANNKS, str(root / "limited.npy"), str(root / "flags.npy"))
        runs = [time_ours(limited, censored) for _ in range(RUNS)]
        ours_limited = statistics.median(each for each, _ in runs)
        same = int((runs[0][1]["s"].values[:SAMPLE] == np.array(slow["s"])).sum())
        ratio = (slow["seconds"] / SAMPLE) / (ours_limited / SERIES)
        assert same == SAMPLE, "S differs"
        record(
            "B1 the same with 10 % below detection", ours=f"{1000 * ours_limited / SERIES:.4f} ms a series (median of {RUNS})",
            peer=f"{1000 * slow['seconds'] / SAMPLE:.1f} ms a series ({SAMPLE} of them, once)",
            result=f"{ratio:.0f} ×", mark="≥ 60 ×", equal=f"S in {same} of {SAMPLE}; slopes treat limits in another way",
            versions=("numpy", f"MannKS {slow['version']}"),
        )  # fmt: skip
    nation = make_cube(NATIONAL)
    flags = nation < nation.quantile(0.1, dim="time")
    for name, trend in (("seasonal", forecast.seasonal_kendall), ("all pairs", forecast.mann_kendall)):
        start = time.perf_counter()
        trend(nation, censored=flags)
        taken = time.perf_counter() - start
        record(
            f"B1 national: {NATIONAL[0]} sections × {NATIONAL[1]} indicators × {MONTHS} months, {name}",
            ours="once", result=f"{taken:.2f} s", versions=("numpy",),
        )  # fmt: skip


if __name__ == "__main__":
    main()
