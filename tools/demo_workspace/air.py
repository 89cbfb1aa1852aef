"""Daily air values of the three stations, 2016–2021: invented, scaled to the yearly means in ``air_levels.csv``."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np

from demo_workspace.ground import Row, generator, read_table, write_rows
from demo_workspace.series import persistent_noise, season

#: Share of a day's surprise that all stations have in common, and the weather that all pollutants share.
SHARED, MEMORY = 0.88, 0.62

#: Chance that an outage begins on a day, and its mean length in days.
OUTAGE, OUTAGE_DAYS = 0.004, 2.5


def write_air(folder: Path, stations: list[dict[str, str]]) -> None:
    """One CSV a year with codes as headers; a day without a value is an empty cell."""
    weather = generator("weather")
    for levels in read_table("air_levels.csv"):
        year = int(levels["year"])
        days = [
            date(year, 1, 1) + timedelta(day) for day in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
        ]
        months = np.array([day.month + day.day / 31 - 0.5 for day in days])
        common = persistent_noise(weather, shape=(len(days),), memory=MEMORY)
        values = {
            shape["code"]: _pollutant(
                shape, float(levels[shape["code"]]), months, common, year, len(stations)
            )
            for shape in read_table("air_shapes.csv")
        }
        # Coarse dust contains the fine; a station never reports more fine than all.
        values["pm2_5"] = np.minimum(values["pm2_5"], 0.93 * values["pm10"])
        values["pm2_5"] *= float(levels["pm2_5"]) / values["pm2_5"].mean()
        off = [_outages(len(days), f"outage {year} {station['site_id']}") for station in stations]
        rows = [
            _row(station, day.isoformat(), number, values, bool(off[place][number]), place)
            for number, day in enumerate(days)
            for place, station in enumerate(stations)
        ]
        write_rows(folder / f"air_{year}.csv", rows)


def _pollutant(
    shape: dict[str, str], mean: float, months: np.ndarray, common: np.ndarray, year: int, stations: int
) -> np.ndarray:
    """(days, stations) of one pollutant with the given mean over the year."""
    rng = generator(f"air {year} {shape['code']}")
    load = float(shape["common"])
    city = load * common + np.sqrt(1 - load**2) * persistent_noise(rng, shape=common.shape, memory=MEMORY)
    own = rng.normal(size=(len(common), stations))
    moving = SHARED * city[:, None] + np.sqrt(1 - SHARED**2) * own
    swing = float(shape["season"]) * season(months, peak=float(shape["peak_month"]))
    place = rng.normal(0, 0.04, stations)
    values = np.exp(swing[:, None] + float(shape["spread"]) * moving + place)
    return values * mean / values.mean()


def _outages(days: int, part: str) -> np.ndarray:
    rng = generator(part)
    off = np.zeros(days, dtype=bool)
    for day in np.flatnonzero(rng.uniform(size=days) < OUTAGE):
        off[day : day + 1 + rng.poisson(OUTAGE_DAYS)] = True
    return off


def _row(
    station: dict[str, str], day: str, number: int, values: dict[str, np.ndarray], off: bool, place: int
) -> Row:
    cells = {
        code: "" if off else f"{values[code][number, place]:.{decimals}f}"
        for code, decimals in _DECIMALS.items()
    }
    return {"site_id": station["site_id"], "site_name": station["site_name"], "time": day, **cells} | {
        "数据说明": "演示数据"
    }


_DECIMALS = {shape["code"]: int(shape["decimals"]) for shape in read_table("air_shapes.csv")}
