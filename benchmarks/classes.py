"""Time and memory of the classes of every national section: 3,641 sections × 120 months × 21 indicators.

Run by ``make bench``. The values are random and say nothing about any water. Before a time is printed, 2,000 sampled
cells are classified one by one with ``Decimal``, straight from the table, and must agree.
"""

import resource
import statistics
import time
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.record import record, seconds
from suizhou_geo import assess, standards

SECTIONS, MONTHS, RUNS = 3641, 120, 5
WATER = standards.find_edition("gb3838-2002")
METHOD = standards.newest_edition("surface-water-method")
ITEMS = standards.assessed_items(METHOD, edition=WATER)


def make_cube() -> xr.Dataset:
    """Random values around the class Ⅲ limits, one digit finer than the assessment decimals, 2 % missing."""
    random = np.random.default_rng(20260301)
    limits = standards.class_limits(3, on="2021-01-01")["limit"]
    shape = (SECTIONS, MONTHS)
    variables = {}
    for item in ITEMS:
        values = (
            random.normal(7.5, 0.4, shape)
            if item == "ph"
            else limits[item] * random.lognormal(-0.5, 0.4, shape)
        )
        values = np.round(values, standards.decimals_of(item) + 1)
        values[random.random(shape) < 0.02] = np.nan
        variables[item] = (("site", "time"), values)
    coordinates = {
        "site": np.arange(SECTIONS).astype(str),
        "time": pd.date_range("2016-01-01", periods=MONTHS, freq="MS"),
        "water_body": ("site", np.where(random.random(SECTIONS) < 0.15, "lake", "river")),
    }
    return xr.Dataset(variables, coords=coordinates)


def classify_cell(cube: xr.Dataset, site: int, month: int) -> int:
    """The class of one cell with decimals, by the printed table."""
    body = str(cube["water_body"].values[site])
    table = standards.read_table(WATER, name="table1")
    table = table[table["water_body"].isin(["", body])].set_index("indicator")
    worst = 0
    for item in ITEMS:
        value = float(cube[item].values[site, month])
        if not np.isnan(value):
            worst = max(
                worst, _class_of(Decimal(f"{value:.12g}"), table.loc[item], standards.decimals_of(item))
            )
    return worst


def _class_of(value: Decimal, row: pd.Series, decimals: int) -> int:
    rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    if rounded == 0 and value != 0:
        rounded = value.quantize(Decimal(1).scaleb(value.adjusted()), rounding=ROUND_HALF_EVEN)
    for place, column in enumerate(("I", "II", "III", "IV", "V"), start=1):
        cell = row[column]
        if row["direction"] == "range":
            low, high = map(Decimal, cell.split("~"))
            attained = low <= rounded <= high
        else:
            attained = rounded >= Decimal(cell) if row["direction"] == ">=" else rounded <= Decimal(cell)
        if attained:
            return place
    return 6


def main() -> None:
    """Print the machine, the agreement, the time and the memory."""
    cube = make_cube()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        classes = assess.classify_cube(cube)
        times.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    random = np.random.default_rng(1)
    cells = list(zip(random.integers(0, SECTIONS, 2000), random.integers(0, MONTHS, 2000), strict=True))
    wrong = [cell for cell in cells if classify_cell(cube, *cell) != int(classes.values[cell])]
    if wrong:
        raise SystemExit(f"{len(wrong)} of {len(cells)} cells differ: {wrong[:3]}")
    record(
        f"Classes of {SECTIONS} sections × {MONTHS} months × {len(ITEMS)} indicators", ours=seconds(times),
        result=f"{statistics.median(times):.2f} s, peak {peak:.0f} MiB ({before:.0f} MiB before)", mark="≤ 2 s, ≤ 2 GB",
        equal=f"the decimal rule in {len(cells)} sampled cells", versions=("numpy", "xarray"),
    )  # fmt: skip


if __name__ == "__main__":
    main()
