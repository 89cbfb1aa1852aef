"""B8: the whole month end to end: every notebook for every county and the city, cold, unchanged, and after one county has changed.

Run by ``make bench``; ``python -m benchmarks.b8_month 30`` sets how many counties the synthetic city has, else it is measured as a usual
and as a large one: the start is the same for both. Each run is the command
``suizhou-geo run`` in a process of its own. First the demonstration with all packaged notebooks, then a synthetic city with
the two notebooks that need no layers. "One county changed" is one value of its newest month, at a section on no border. It must
give what a cold run of the changed workspace gives, which is asserted before a ratio is printed: every product of a run that was
done again byte by byte, of the others every figure (they name the hash of the file as it was when they were made).
Memory is the largest sum over the process and all its descendants of their proportional share (PSS), looked at once a second.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import psutil

from benchmarks.record import record
from suizhou_geo import files
from suizhou_geo.batch.notebooks import list_notebooks
from suizhou_geo.packaged import packaged_folder
from suizhou_geo.saving import sha256_of
from tools.synthetic_city import write_city

YEAR, MONTH, COUNTIES = 2021, 6, (12, 36)
MARK = 0.30


@dataclass(frozen=True)
class Run:
    """Seconds on the clock and the largest memory, in MiB."""

    seconds: float
    memory: float


def run_month(workspace: Path, out: Path, notebooks: list[str]) -> Run:
    """One call of ``suizhou-geo run``."""
    words = [word for name in notebooks for word in ("--notebook", name)]
    command = [sys.executable, "-m", "suizhou_geo.cli", "run", workspace, "--year", YEAR, "--month", MONTH]
    start = time.perf_counter()
    process = subprocess.Popen(
        list(map(str, [*command, *words, "--out", out, "--quiet"])), stdout=subprocess.DEVNULL
    )
    peak = [0.0]
    watcher = threading.Thread(target=watch, args=(process.pid, peak), daemon=True)
    watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - start
    watcher.join()
    assert code == 0, code
    return Run(seconds, peak[0])


def watch(pid: int, peak: list[float]) -> None:
    """Keep the largest memory of a process and its descendants in ``peak``, until it ends."""
    while psutil.pid_exists(pid):
        total = 0.0
        try:
            head = psutil.Process(pid)
            family = [head, *head.children(recursive=True)]
        except psutil.Error:
            return
        for each in family:
            try:
                total += each.memory_full_info().pss / 2**20
            except psutil.Error:
                continue
        peak[0] = max(peak[0], total)
        time.sleep(1.0)


def change_one_value(path: Path, *, site: str, month: str) -> None:
    """Multiply the last number in the row of a section and month by ten."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    [place] = [
        n for n, line in enumerate(lines) if line.startswith(f"{site},") and line.split(",")[2] == month
    ]
    header, cells = lines[0].split(","), lines[place].split(",")
    at = next(n for n, name in enumerate(header) if name.startswith("总磷"))
    cells[at] = f"{10 * float(cells[at]):.3f}"
    lines[place] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def products(out: Path, *, of: set[tuple[str, str]] | None = None) -> dict[str, str]:
    """Hash of every page, Word and Excel of every county and notebook, or of those in ``of``."""
    return {
        str(path.relative_to(out)): sha256_of(path)
        for path in sorted(out.glob("*/*"))
        if path.suffix != ".ipynb" and (of is None or (path.parent.name, path.stem) in of)
    }


def figures(out: Path) -> dict[str, str]:
    """What every county's result says, but for the hashes of the files that it was computed from."""
    found = {}
    for path in sorted(out.glob("*/*.json")):
        said = json.loads(path.read_text(encoding="utf-8"))
        del said["sources"]
        found[str(path.relative_to(out))] = json.dumps(said, sort_keys=True)
    return found


def measure(name: str, workspace: Path, notebooks: list[str], *, site: str, folder: Path) -> None:
    """Cold, unchanged, changed, and cold again with the change."""
    cold = run_month(workspace, folder / "maps", notebooks)
    before = products(folder / "maps")
    unchanged = run_month(workspace, folder / "maps", notebooks)
    assert products(folder / "maps") == before
    water = next(workspace.rglob(f"water_{YEAR}.csv"))
    change_one_value(water, site=site, month=f"{YEAR}-{MONTH:02d}")
    changed = run_month(workspace, folder / "maps", notebooks)
    table = pd.read_csv(folder / "maps" / "run.csv", dtype=str)
    redone = set(
        table.loc[table["again"] == "True", ["adcode", "notebook"]].itertuples(index=False, name=None)
    )
    again = run_month(workspace, folder / "cold", notebooks)
    after = products(folder / "maps", of=redone)
    assert after == products(folder / "cold", of=redone), "the changed month is not what a cold run gives"
    assert figures(folder / "maps") == figures(folder / "cold"), "what was not done again has other figures"
    assert any(before[key] != after[key] for key in after), "the change changed nothing"
    once = (cold.seconds + again.seconds) / 2
    record(
        f"B8 {name}", ours=f"cold {cold.seconds:.1f} and {again.seconds:.1f} s, peak {max(cold.memory, again.memory):.0f} MiB; "
        f"nothing changed {unchanged.seconds:.1f} s; one county's month changed {changed.seconds:.1f} s for {len(redone)} of {len(table)} runs, peak {changed.memory:.0f} MiB",
        result=f"changed/cold {changed.seconds / once:.0%}", mark=f"≤ {MARK:.0%}",
        equal=f"{len(after)} products done again as in a cold run of the changed workspace, {len(figures(folder / 'maps'))} results with its figures",
        versions=("papermill",),
    )  # fmt: skip


def main() -> None:
    sizes = tuple(map(int, sys.argv[1:])) or COUNTIES
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        demo = root / "demo" / "workspace"
        shutil.copytree(packaged_folder("data", "suizhou"), demo)
        notebooks = list(list_notebooks())
        measure(
            f"the demonstration: 3 counties and the city, {len(notebooks)} notebooks", demo, notebooks,
            site="S01", folder=root / "demo",
        )  # fmt: skip
        for counties in sizes:
            chosen = files.read_counties().iloc[200 : 200 + counties]
            own = root / f"city-{counties}"
            city = write_city(own / "workspace", city="421300", name="演示市", counties=chosen)
            simple = ["county_overview", "trends"]
            measure(
                f"a synthetic city: {counties} counties and the city, {len(simple)} notebooks", city, simple,
                site=f"S{chosen.index[0]}", folder=own,
            )  # fmt: skip


if __name__ == "__main__":
    main()
