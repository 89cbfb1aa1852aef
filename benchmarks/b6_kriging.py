"""B6: kriging of a grid and leaving every point out once, beside PyKrige with the same variogram, equal values asserted.

Run by ``make bench``. Points are simulated. PyKrige (vectorised, the same spherical variogram, not fitted) solves the grid
once and, for leaving one out, once without each point. Both compute on one thread, so that other work on the machine
weighs on both alike. With ``--golden FILE`` it writes the small table that the tests
hold ours against.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.peers import find_python, run_there
from benchmarks.record import record, seconds
from suizhou_geo.spatial import Variogram
from suizhou_geo.spatial.kriging import solve_kriging

POINTS, CELLS, RUNS = 400, 60, 5
NUGGET, SILL, RANGE = 0.2, 1.5, 8000.0

PEER = """
import json, sys, time, warnings
import numpy as np
from pykrige.ok import OrdinaryKriging
warnings.simplefilter("ignore")
asked = json.load(open(sys.argv[1]))
data, targets = np.array(asked["data"]), np.array(asked["targets"])
parameters = {"nugget": asked["nugget"], "psill": asked["sill"], "range": asked["range"]}
def krige(data, targets):
    model = OrdinaryKriging(*data.T, variogram_model=asked["model"], variogram_parameters=parameters)
    found, variance = model.execute("points", *targets.T)
    return np.asarray(found).tolist(), np.asarray(variance).tolist()
start = time.perf_counter()
estimate, variance = krige(data, targets)
grid = time.perf_counter() - start
start = time.perf_counter()
left_out = [krige(np.delete(data, place, axis=0), data[[place], :2])[0][0] for place in range(len(data))] if asked["loo"] else []
loo = time.perf_counter() - start
print(json.dumps({"estimate": estimate, "variance": variance, "left_out": left_out, "grid": grid, "loo": loo}))
"""


def simulate(points: int, cells: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points with values, shape (point, 3), and a grid of targets, shape (target, 2), in metres."""
    random = np.random.default_rng(seed)
    places = random.uniform(0, 30_000, (points, 2))
    values = np.sin(places[:, 0] / 4000) + np.cos(places[:, 1] / 5000) + random.normal(0, 0.3, points)
    line = np.linspace(500, 29_500, cells)
    return np.column_stack([places, values]), np.array(np.meshgrid(line, line)).reshape(2, -1).T


def ask_peer(
    python: Path, folder: Path, data: np.ndarray, targets: np.ndarray, *, model: str, loo: bool
) -> dict:
    asked = folder / "asked.json"
    wanted = {"nugget": NUGGET, "sill": SILL, "range": RANGE, "model": model, "loo": loo}
    asked.write_text(json.dumps({"data": data.tolist(), "targets": targets.tolist(), **wanted}))
    return run_there(python, PEER, str(asked))


def write_golden(python: Path, folder: Path, path: Path) -> None:
    rows = []
    data, _ = simulate(15, 2, seed=3)
    targets = np.random.default_rng(4).uniform(0, 30_000, (12, 2))
    for model in ("spherical", "exponential"):
        found = ask_peer(python, folder, data, targets, model=model, loo=False)
        rows += [(model, "data", *each, np.nan) for each in data]
        rows += [
            (model, "target", *place, value, variance)
            for place, value, variance in zip(targets, found["estimate"], found["variance"], strict=True)
        ]
    columns = ["model", "kind", "easting", "northing", "value", "variance"]
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False, lineterminator="\n")


def compare(python: Path, folder: Path) -> None:
    data, targets = simulate(POINTS, CELLS, seed=1)
    variogram = Variogram("spherical", nugget=NUGGET, sill=SILL, range=RANGE)
    ours, theirs = [], []
    for _ in range(RUNS):
        start = time.perf_counter()
        system = solve_kriging(data[:, :2], data[:, 2], variogram=variogram)
        estimate, variance = system.predict(targets)
        left_out, _ = system.leave_one_out()
        ours.append(time.perf_counter() - start)
        peer = ask_peer(python, folder, data, targets, model="spherical", loo=True)
        theirs.append(peer["grid"] + peer["loo"])
    apart = max(
        np.abs(np.array(peer[name]) - found).max()
        for name, found in (("estimate", estimate), ("variance", variance), ("left_out", left_out))
    )
    assert apart < 1e-8, apart
    ratio = statistics.median(theirs) / statistics.median(ours)
    record(
        f"B6 kriging {POINTS} points to {len(targets)} cells and leaving one out", ours=seconds(ours), peer=seconds(theirs),
        result=f"{ratio:.0f} ×", mark="≥ 100 ×", equal=f"estimates, variances and left-out values to {apart:.0e}",
        versions=("scipy", "PyKrige 1.7.3"),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--golden", type=Path, help="write the table of the tests instead")
    asked = parser.parse_args()
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(limits=1):
        python = find_python("pykrige")
        if asked.golden:
            write_golden(python, Path(folder), asked.golden)
        else:
            compare(python, Path(folder))


if __name__ == "__main__":
    main()
