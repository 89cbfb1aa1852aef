"""How cost grows: batches of 3, 30 and 300 counties, and one county of 100 to 10,000 sites.

Run by ``make bench``; ``python -m benchmarks.growth 3,30 100,1000`` sets other sizes. Counties are real, sections synthetic. The exponent is
the slope of log(seconds) over log(size): 1 is linear. Between the two largest sizes it says what the next step will cost;
over all sizes the fixed cost of a start makes it smaller.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.record import record
from suizhou_geo import batch, files, maps, plan
from tools.synthetic_city import write_city

COUNTIES, SITES = (3, 30, 300), (100, 1_000, 10_000)
DEMO = {"year": 2021, "month": 6}


def run_counties(count: int, folder: Path) -> float:
    """Seconds of a cold batch of that many counties."""
    chosen = files.read_counties().iloc[200 : 200 + count]
    workspace = write_city(folder / "workspace", city="421300", name="演示市", counties=chosen)
    start = time.perf_counter()
    table = batch.run(workspace, **DEMO, counties=list(chosen.index), out=folder / "maps")
    seconds = time.perf_counter() - start
    assert set(table["state"]) == {"完成"}, table["reason"].unique()
    return seconds


def evaluate_sites(count: int, folder: Path) -> tuple[float, float]:
    """Seconds until a county of that many sections is evaluated, from its files, and until its page is written."""
    county = files.read_counties().loc[["421321"]]
    path = write_city(folder / "workspace", city="421300", name="演示市", counties=county, sections=count)
    start = time.perf_counter()
    workspace = files.open_workspace(path)
    result = plan.evaluate_county(workspace, adcode="421321", **DEMO)
    evaluated = time.perf_counter()
    maps.write_page(result, path=folder / "page.html")
    sections = result.layer("sections")
    assert sections is not None
    assert len(sections.features) == count
    return evaluated - start, time.perf_counter() - evaluated


def exponents(sizes: tuple[int, ...], seconds: list[float]) -> str:
    """The slope over all sizes and between the last two.

    >>> exponents((1, 10, 100), [2.0, 2.0, 20.0])
    '0.50 over all, 1.00 between the last two'
    """
    over, taken = np.log(sizes), np.log(seconds)
    last = (taken[-1] - taken[-2]) / (over[-1] - over[-2])
    return f"{np.polyfit(over, taken, 1)[0]:.2f} over all, {last:.2f} between the last two"


def told(sizes: tuple[int, ...], seconds: list[float]) -> str:
    return ", ".join(f"{size:,}: {taken:.2f} s" for size, taken in zip(sizes, seconds, strict=True))


def main() -> None:
    counties, sites = COUNTIES, SITES
    if len(sys.argv) == 3:
        counties, sites = (tuple(map(int, given.split(","))) for given in sys.argv[1:])
    # Every size has a hearth that knows its workspace, as each call of the command has.
    batch.lend_process(many=True)
    with tempfile.TemporaryDirectory() as folder:
        run_counties(2, Path(folder) / "first")  # what is imported once is not the first size's
        taken = [run_counties(count, Path(folder) / f"counties-{count}") for count in counties]
        record(
            "Growth: batches of counties, one page each", ours=told(counties, taken), mark="≤ 1.1",
            result=f"exponent {exponents(counties, taken)}", equal="every county done",
        )  # fmt: skip
        evaluate_sites(10, Path(folder) / "warm")
        both = [evaluate_sites(count, Path(folder) / f"sites-{count}") for count in sites]
        for name, times in zip(
            ("evaluated from its files", "its page written"), zip(*both, strict=True), strict=True
        ):
            record(
                f"Growth: a county of many sections, {name}", ours=told(sites, list(times)), mark="≤ 1.1",
                result=f"exponent {exponents(sites, list(times))}", equal="every section in the result",
            )  # fmt: skip


if __name__ == "__main__":
    main()
