"""B2, our side: the full back-test of 200 sites, and one origin of a country; statsforecast beside it is not built yet.

Run by ``make bench``. The series are simulated and say nothing about any air.
"""

import platform
import time
from importlib.metadata import version

import numpy as np
import pandas as pd
import xarray as xr

from suizhou_geo import forecast

SITES, YEARS, COUNTIES, POLLUTANTS = 200, 7, 2_800, ("pm2_5", "pm10", "so2", "no2", "co", "o3_8h")


def make_months(sites: int, years: int) -> xr.DataArray:
    """Lognormal months with a season, memory from month to month and a part that all sites share."""
    random = np.random.default_rng(20260303)
    months = 12 * years
    noise, shared = np.zeros((sites, months)), np.zeros(months)
    for step in range(1, months):
        noise[:, step] = 0.4 * noise[:, step - 1] + random.normal(0, 0.15, sites)
        shared[step] = 0.4 * shared[step - 1] + random.normal(0, 0.08)
    season = 0.4 * np.cos(np.arange(months) * np.pi / 6)
    values = np.exp(random.normal(3.6, 0.3, (sites, 1)) + season + noise + shared)
    times = pd.date_range("2013-01-01", periods=months, freq="MS")
    return xr.DataArray(
        values, dims=("site", "time"), coords={"site": np.arange(sites).astype(str), "time": times}
    )


def main() -> None:
    print(f"{platform.machine()} · Python {platform.python_version()} · numpy {version('numpy')}")
    target = forecast.mean_target("pm2_5", limit=35, year=2019)
    start = time.perf_counter()
    table = forecast.backtest(make_months(SITES, YEARS), target=target)
    seconds = time.perf_counter() - start
    ours = table[table["method"] == "suizhou_geo"]
    held = YEARS - 2
    print(
        f"back-test of {SITES} sites x 12 origins x {held} years with all baselines: {seconds:.1f} s, "
        f"{1000 * seconds / (SITES * 12 * held):.2f} ms a forecast; 90 % interval holds {ours['coverage_90'].mean():.2f}, "
        f"CRPS skill against year-to-date with last year's months {ours['crps_skill'].min():.2f} to {ours['crps_skill'].max():.2f}"
    )
    country = make_months(COUNTIES, 4)
    start = time.perf_counter()
    for code in POLLUTANTS:
        aim = forecast.MeanTarget(code, 35.0, 0)
        forecast.forecast_mean(country, target=aim, year=2016, known_months=6, quantiles=99)
    print(
        f"{COUNTIES} counties x {len(POLLUTANTS)} pollutants x one origin: {time.perf_counter() - start:.1f} s"
    )


if __name__ == "__main__":
    main()
