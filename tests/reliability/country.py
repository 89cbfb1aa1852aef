"""A page for every county of many cities, one batch a city, in a process of its own: ``python -m tests.reliability.country N OUT``.

With a last word ``papers`` each county gets its Word and Excel files too. Prints one JSON list ``[counties so far, seconds so far, resident MB]`` a city.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from suizhou_geo import batch, files
from tools.synthetic_city import write_city

#: The order of the cities is the same in every run.
SEED = 20261128


def resident():
    """Resident megabytes of this process."""
    with Path("/proc/self/status").open(encoding="utf-8") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def run_cities(wanted, folder, *, papers):
    everywhere, cities = files.read_counties(), files.read_cities()
    order = np.random.default_rng(SEED).permutation(sorted(set(everywhere["city"]) & set(cities.index)))
    start, done = time.monotonic(), 0
    for city in order:
        if done >= wanted:
            return
        counties = everywhere[everywhere["city"] == city]
        workspace = write_city(
            folder / "cities" / city, city=city, name=cities.at[city, "name"], counties=counties
        )
        out = folder / "maps" / city
        table = batch.run(
            workspace,
            year=2021,
            month=6,
            counties=list(counties.index),
            out=out,
            parameters={"papers": papers},
        )
        assert set(table["state"]) == {"完成"}, table["reason"].unique()
        for adcode, county in counties.iterrows():
            page = (out / adcode / "county_overview.html").read_text(encoding="utf-8")
            assert county["name"] in page
            assert f"S{adcode}" in page
        done += len(counties)
        sys.stdout.write(json.dumps([done, time.monotonic() - start, resident()]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    batch.lend_process(many=True)
    run_cities(int(sys.argv[1]), Path(sys.argv[2]), papers="papers" in sys.argv)
