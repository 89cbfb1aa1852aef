"""A page for every county of China: real boundaries, one synthetic section a county, city by city through the batch.

A handful by default, 300 counties with SOAK=1, all 2,870 with SOAK=all. What was measured is printed; what is extrapolated from
it says so.
"""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from suizhou_geo.batch.workers import count_processors
from tests.conftest import ROOT

COUNTIES = {"": 6, "all": 10_000}.get(os.environ.get("SOAK", ""), 300)
ALL = 2870


@pytest.mark.slow
def test_every_county_gets_its_page(tmp_path, capsys):
    command = [sys.executable, "-m", "tests.reliability.country", str(COUNTIES), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    marks = [json.loads(line) for line in done.stdout.splitlines()]
    counts, seconds, resident = map(np.array, zip(*marks, strict=True))
    with capsys.disabled():
        rate = seconds[-1] / counts[-1]
        sys.stdout.write(
            f"\n{counts[-1]} counties of {len(marks)} cities on {count_processors()} processors: {seconds[-1]:.0f} s, {rate:.2f} s each; "
            f"memory {resident[0]:.0f} → {resident[-1]:.0f} MB; "
            + (
                ""
                if counts[-1] >= ALL
                else f"extrapolated, not measured: {rate * ALL / 60:.0f} min for {ALL:,} (mark 30)"
            )
        )
    assert counts[-1] >= min(COUNTIES, 2_800)
    if len(marks) >= 10:
        # Linear: the second half costs what the first did; flat: the batch itself keeps nothing of a county.
        half = int(np.searchsorted(counts, counts[-1] / 2))
        first, second = (
            seconds[half] / counts[half],
            (seconds[-1] - seconds[half]) / (counts[-1] - counts[half]),
        )
        assert second < 1.5 * first
        assert resident[-1] < resident[half] + 100
