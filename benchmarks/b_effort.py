"""Planted steps of effort at the twelve Beijing stations: how often the interval holds them, how often nothing is called.

Run by ``make bench`` where ``../shared/data`` is. Sixty steps (station, date, size) are planted one by one into the
real daily PM2.5; the same stations and dates without a step are the placebos.
"""

import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.record import record
from suizhou_geo import forecast

DATA = Path(__file__).parents[2] / "shared" / "data" / "air" / "beijing12_hourly_2013_2017.parquet"
STEPS, SIZES = 60, (-0.4, -0.3, -0.2, -0.1, 0.1, 0.2, 0.3)
WINDS = ["N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"]
WEATHER = ["TEMP", "PRES", "DEWP", "RAIN", "WSPM", "u", "v"]


def read_days() -> pd.DataFrame:
    hours = pd.read_parquet(DATA)
    angle = np.deg2rad(hours["wd"].map({name: 22.5 * place for place, name in enumerate(WINDS)}))
    hours = hours.assign(
        time=pd.to_datetime(hours[["year", "month", "day"]]), site_id=hours["station"],
        u=hours["WSPM"] * np.sin(angle), v=hours["WSPM"] * np.cos(angle),
    )  # fmt: skip
    return hours.groupby(["site_id", "time"])[["PM2.5", *WEATHER]].mean().reset_index()


def main() -> None:
    if not DATA.exists():
        print(f"{DATA.name} is not there: nothing measured")
        return
    days = read_days()
    values = (
        days.rename(columns={"PM2.5": "value"})[["site_id", "time", "value"]]
        .assign(indicator="pm2_5")
        .dropna()
    )
    covariates = days.drop(columns="PM2.5")
    start = time.perf_counter()
    plain = forecast.normalise(values, covariates=covariates)
    seconds = time.perf_counter() - start
    r2 = plain.fit["r2"]
    random = np.random.default_rng(1)
    dates = pd.date_range("2014-03-01", "2016-03-01", freq="MS")
    held, called, widths = [], [], []
    for _ in range(STEPS):
        site, at = random.choice(plain.fit["site_id"]), random.choice(dates)
        size = float(random.choice(SIZES))
        own = values[values["site_id"] == site].copy()
        own.loc[own["time"] >= at, "value"] *= 1 + size
        one = forecast.normalise(own, covariates=covariates)
        others = plain.residuals[plain.residuals["site_id"] != site]
        mixed = forecast.Normalised(plain.series, plain.fit, pd.concat([others, one.residuals]))
        day = str(pd.Timestamp(at).date())
        found = forecast.split_changes(mixed, at=day).set_index("site_id").loc[site]
        placebo = forecast.split_changes(plain, at=day).set_index("site_id").loc[site]
        held.append(found["low"] <= 100 * size <= found["high"])
        called.append(placebo["verdict"] == "有")
        widths.append(found["high"] - found["low"])
    record(
        f"Weather or effort: {STEPS} planted steps at the twelve Beijing stations",
        ours=f"normalised in {seconds:.0f} s, R² out of fold {r2.min():.2f} to {r2.max():.2f}",
        result=f"90 % interval holds {np.mean(held):.0%}, median width {np.median(widths):.0f} points; placebos called {np.mean(called):.0%}",
        mark="≥ 85 %; ≤ 10 %", versions=("scikit-learn",),
    )  # fmt: skip


if __name__ == "__main__":
    main()
