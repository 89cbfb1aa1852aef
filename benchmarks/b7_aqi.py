"""B7: ten years of daily AQI at 40 stations under the 2026 edition, beside aqi-hub row by row.

Run by ``make bench``. The values are random and say nothing about any air. Equality is asserted on every row where
SO2 does not decide (the peer's row of SO2 is another one), apart from rows where the peer's ceiling is off: those are
counted, and exact fractions must side with us.
"""

import json
import statistics
import tempfile
import time
from fractions import Fraction
from itertools import pairwise
from math import ceil
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.peers import find_python, run_there
from benchmarks.record import record, seconds
from suizhou_geo import assess, standards
from suizhou_geo.standards.air import air_index, index_items

STATIONS, YEARS, RUNS = 40, 10, 5
EDITION = standards.find_edition("hj633-2026")
ITEMS = tuple(index_items(EDITION, interval="day"))
MIDDLE = {"so2": 10, "no2": 30, "co": 0.9, "o3_8h": 100, "pm10": 80, "pm2_5": 45}

PEER = """
import json, sys, time
from importlib.metadata import version
from aqi_hub.aqi_cn.aqi import cal_aqi_cn
rows = json.load(open(sys.argv[1]))
start = time.perf_counter()
found = [cal_aqi_cn(pm25=p, pm10=q, so2=s, no2=n, co=c, o3=o, data_type="daily")[0] for s, n, c, o, q, p in rows]
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "aqi": found, "version": version("aqi-hub")}))
"""


def make_values() -> np.ndarray:
    """Lognormal concentrations, already rounded as the edition asks (integers, CO one decimal)."""
    random = np.random.default_rng(20260301)
    days = len(pd.date_range("2026-03-01", periods=YEARS * 365))
    values = np.array([MIDDLE[item] for item in ITEMS]) * random.lognormal(
        0, 0.7, (STATIONS * days, len(ITEMS))
    )
    rounded = np.rint(values)
    rounded[:, ITEMS.index("co")] = np.round(values[:, ITEMS.index("co")], 1)
    return np.maximum(rounded, 0.1)


def exact_index(row: np.ndarray) -> int:
    """The index of one row with fractions, from the printed nodes."""
    nodes = standards.read_table(EDITION, name="nodes").set_index(["indicator", "averaging"])
    largest = 0
    for item, value in zip(ITEMS, row, strict=True):
        cells = nodes.loc[(item, "day")]
        points = [
            (Fraction(cells[name]), int(name.removeprefix("iaqi")))
            for name in cells.index
            if name.startswith("iaqi") and cells[name] != ""
        ]
        concentration = Fraction(f"{value:.12g}")
        if concentration > points[-1][0]:
            largest = max(largest, 500 if len(points) == 8 else 300)
            continue
        low, high = next(pair for pair in pairwise(points) if concentration <= pair[1][0])
        share = (high[1] - low[1]) / (high[0] - low[0])
        largest = max(largest, ceil(share * (concentration - low[0]) + low[1]))
    return max(largest, 1)


def compare(values: np.ndarray, ours: np.ndarray, theirs: np.ndarray, iaqi: np.ndarray) -> str:
    """How many rows agree; stops if any disagreement is not the peer's."""
    so2_decides = iaqi[:, ITEMS.index("so2")] == ours
    off = (ours != theirs) & ~so2_decides
    for row in np.flatnonzero(off):
        if exact_index(values[row]) != ours[row]:
            raise SystemExit(
                f"row {row}: ours {ours[row]}, theirs {theirs[row]}, and the fractions are not with us"
            )
    random = np.random.default_rng(2)
    for row in random.integers(0, len(values), 2000):
        if exact_index(values[row]) != ours[row]:
            raise SystemExit(f"row {row} is not that of exact fractions")
    return (
        f"{len(values) - so2_decides.sum() - off.sum()} of {len(values)} rows; left out {so2_decides.sum()} in which SO2 decides "
        f"(the peer's row of SO2 is another one) and {off.sum()} in which the peer rounds up a whole number (fractions side with us)"
    )


def main() -> None:
    """Print the machine, the agreement, and the ratios of the kernel and of the whole assessment."""
    values = make_values()
    with tempfile.TemporaryDirectory() as folder:
        python = find_python("aqi-hub")
        rows = Path(folder) / "rows.json"
        rows.write_text(json.dumps(values.tolist()), encoding="utf-8")
        tidy = make_tidy(values)
        cube = tidy.set_index(["site_id", "time", "indicator"])["value"].unstack("indicator").to_xarray()
        cube = cube.rename(site_id="site")
        kernel, cubes, whole, peer = [], [], [], []
        for _ in range(RUNS):
            start = time.perf_counter()
            index = air_index(values, edition=EDITION, interval="day")
            kernel.append(time.perf_counter() - start)
            start = time.perf_counter()
            found = assess.index_cube(cube, standard=EDITION.id)
            cubes.append(time.perf_counter() - start)
            start = time.perf_counter()
            frame = assess.assess_air(tidy, interval="day", standard=EDITION.id)
            whole.append(time.perf_counter() - start)
            answer = run_there(python, PEER, str(rows))
            peer.append(answer["seconds"])
    if (
        not (frame["aqi"].to_numpy(dtype=int) == index.aqi).all()
        or not (found["aqi"].values.ravel() == index.aqi).all()
    ):
        raise SystemExit("kernel, cube and rows do not agree")
    equal = compare(values, index.aqi.astype(int), np.array(answer["aqi"], dtype=int), index.iaqi.astype(int))
    for name, times in (
        ("kernel air_index", kernel),
        ("index_cube, xarray in and out", cubes),
        ("whole assess_air, rows in and frame out", whole),
    ):
        record(
            f"B7 AQI of {STATIONS} stations × {YEARS} years, {EDITION.id}: {name}", ours=seconds(times), peer=seconds(peer),
            result=f"{statistics.median(peer) / statistics.median(times):.1f} ×", mark="≥ 15 ×", equal=equal,
            versions=("numpy", f"aqi-hub {answer['version']}"),
        )  # fmt: skip


def make_tidy(values: np.ndarray) -> pd.DataFrame:
    """The same values as tidy rows, sites and days in the order in which an assessment returns them."""
    days = pd.date_range("2026-03-01", periods=YEARS * 365)
    sites = np.repeat([f"S{number:02d}" for number in range(STATIONS)], len(days))
    wide = pd.DataFrame(values, columns=list(ITEMS)).assign(site_id=sites, time=np.tile(days, STATIONS))
    tidy = wide.melt(id_vars=["site_id", "time"], var_name="indicator", value_name="value")
    return tidy.assign(site_name=tidy["site_id"])


if __name__ == "__main__":
    main()
