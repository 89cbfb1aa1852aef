"""A page for every county of China: real boundaries, one synthetic section a county, city by city through the batch.

A handful by default, 300 counties with SOAK=1, all 2,870 with SOAK=all. What was measured is printed; what is extrapolated from
it says so.
"""

import os
import sys
import time

import numpy as np
import pytest

from suizhou_geo import batch, files
from suizhou_geo.batch.workers import count_processors
from tools.synthetic_city import write_city

COUNTIES = {"": 6, "all": 10_000}.get(os.environ.get("SOAK", ""), 300)
ALL = 2870


def memory(pid="self"):
    """Resident megabytes of a process."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as lines:  # noqa: PTH123
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@pytest.mark.slow
def test_every_county_gets_its_page(tmp_path, capsys):
    everywhere = files.read_counties()
    cities = files.read_cities()
    random = np.random.default_rng(20261128)
    chosen, total = [], 0
    for city in random.permutation(sorted(set(everywhere["city"]) & set(cities.index))):
        if total < COUNTIES:
            chosen.append(city)
            total += int((everywhere["city"] == city).sum())
    start, marks = time.monotonic(), []
    done = 0
    for city in chosen:
        counties = everywhere[everywhere["city"] == city]
        workspace = write_city(
            tmp_path / "cities" / city, city=city, name=cities.at[city, "name"], counties=counties
        )
        out = tmp_path / "maps" / city
        table = batch.run(workspace, year=2021, month=6, counties=list(counties.index), out=out)
        assert set(table["state"]) == {"完成"}, table["reason"].unique()
        for adcode, county in counties.iterrows():
            page = (out / adcode / "county_overview.html").read_text(encoding="utf-8")
            assert county["name"] in page
            assert f"S{adcode}" in page
        done += len(counties)
        marks.append((done, time.monotonic() - start, memory()))
    counts, seconds, resident = map(np.array, zip(*marks, strict=True))
    with capsys.disabled():
        rate = seconds[-1] / counts[-1]
        sys.stdout.write(
            f"\n{counts[-1]} counties of {len(chosen)} cities on {count_processors()} processors: {seconds[-1]:.0f} s, {rate:.2f} s each; "
            f"memory {resident[0]:.0f} → {resident[-1]:.0f} MB; "
            + (
                ""
                if counts[-1] >= ALL
                else f"extrapolated, not measured: {rate * ALL / 60:.0f} min for {ALL:,} (mark 30)"
            )
        )
    if len(chosen) >= 10:
        # Linear: the second half costs what the first did; flat: the batch itself keeps nothing of a county.
        half = int(np.searchsorted(counts, counts[-1] / 2))
        first, second = (
            seconds[half] / counts[half],
            (seconds[-1] - seconds[half]) / (counts[-1] - counts[half]),
        )
        assert second < 1.5 * first
        assert resident[-1] < resident[half] + 100
