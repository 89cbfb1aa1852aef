"""B3: a hundred county notebooks, beside the papermill command called once per county.

Run by ``make bench``. The notebooks import what county notebooks import and do little of their own (under .4 s); the command
would take minutes, so it runs on a sample drawn with a seed and is compared per notebook. Pages and the outputs of all cells
must be equal before a ratio is printed. Overhead is what a run takes beside its own cells, as papermill times them. For
``county_overview`` the ratio is printed against the command and against ``papermill.execute_notebook`` in one process.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import suizhou_geo as sg
from benchmarks.record import record

COUNTIES, SAMPLE, SEED, JOBS = 100, 8, 20260305, 2
DEMO = {"year": 2021, "month": 6}

CELLS = (
    "workspace: str = ''  # 工作区\nadcode: str = '421303'  # 区划代码\nyear: int = 2021  # 年份\nmonth: int = 6  # 月份\npage: str = ''  # 页面",
    "import folium\nimport geopandas as gpd\nimport matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd\nimport scipy.stats\nimport xarray as xr\nfrom pathlib import Path",
    "random = np.random.default_rng(int(adcode))\nvalues = xr.DataArray(random.normal(size=(20, 60)), dims=('site', 'time'))\ntaus = [scipy.stats.kendalltau(range(60), one)[0] for one in values.values]",
    "points = gpd.GeoDataFrame({'tau': taus}, geometry=gpd.points_from_xy(*random.uniform(30, 31, (2, 20))), crs=4490)\npoints.describe()",
    "Path(page).write_text(points.to_crs(4547).to_json(), encoding='utf-8')",
)


def write_notebook(folder: Path) -> Path:
    """A notebook of its own imports and a tenth of a second of work."""
    cells = [
        {
            "cell_type": "code", "id": f"c{number}", "metadata": {"tags": ["parameters"] if number == 0 else []},
            "source": source, "outputs": [], "execution_count": None,
        }
        for number, source in enumerate(CELLS)
    ]  # fmt: skip
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / "heavy.ipynb"
    path.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}), "utf-8"
    )
    return path


def write_workspace(folder: Path) -> Path:
    """A workspace of a hundred counties without data."""
    counties = sorted(sg.files.read_counties().index)[: COUNTIES - 1]
    text = f'[region]\nname = "一百个区县"\nadcode = "421300"\ncounties = {json.dumps(counties)}\nmetric_crs = "EPSG:4547"\n'
    folder.mkdir()
    (folder / "workspace.toml").write_text(text, encoding="utf-8")
    return folder


def run_command(notebook: Path, folder: Path, *, workspace: Path, adcode: str) -> float:
    """Seconds of one call of the papermill command."""
    folder.mkdir(parents=True)
    values = {
        "workspace": str(workspace.resolve()),
        "adcode": adcode,
        **DEMO,
        "page": f"{notebook.stem}.html",
    }
    words = [
        word
        for name, value in values.items()
        for word in ("-r" if name == "adcode" else "-p", name, str(value))
    ]
    start = time.perf_counter()
    subprocess.run(
        [
            sys.executable, "-m", "papermill", notebook.resolve(), folder / notebook.name, "--cwd", folder,
            "--no-progress-bar", "--log-level", "ERROR", *words,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return time.perf_counter() - start


def check_equal(ours: Path, theirs: Path) -> None:
    """Same page, same outputs of all cells."""
    assert ours.with_suffix(".html").read_bytes() == theirs.with_suffix(".html").read_bytes(), ours
    outputs = [
        [
            cell["outputs"]
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
            if "outputs" in cell
        ]
        for path in (ours, theirs)
    ]
    assert outputs[0] == outputs[1], ours


def own_seconds(executed: Path) -> float:
    """What the cells of an executed notebook took."""
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    return sum(cell["metadata"]["papermill"]["duration"] or 0 for cell in cells)


def compare_heavy(folder: Path) -> None:
    notebook, workspace, out = write_notebook(folder), write_workspace(folder / "workspace"), folder / "ours"
    start = time.perf_counter()
    table = sg.batch.run(workspace, **DEMO, notebooks=str(notebook), jobs=JOBS, out=out)
    ours = (time.perf_counter() - start) / COUNTIES
    assert set(table["state"]) == {"完成"}, table["reason"].unique()
    seconds = []
    for adcode in np.random.default_rng(SEED).choice(table["adcode"], SAMPLE, replace=False):
        there = folder / "theirs" / adcode
        seconds.append(run_command(notebook, there, workspace=workspace, adcode=adcode))
        check_equal(out / adcode / notebook.name, there / notebook.name)
    own = [own_seconds(out / adcode / notebook.name) for adcode in table["adcode"]]
    # The first run of each worker waits for the libraries to be imported, once a batch; it is in the ratio.
    over = sorted(taken - cells for taken, cells in zip(table["seconds"], own, strict=True))
    theirs = statistics.median(seconds)
    record(
        f"B3 {COUNTIES} county notebooks, {JOBS} processes",
        ours=f"{ours:.2f} s each; own cells {statistics.median(own):.2f} s, beside them {statistics.median(over):.2f} s, "
        f"nine in ten within {over[9 * len(over) // 10]:.2f} s (mark .2)",
        peer=f"papermill command {theirs:.2f} s each (median of {SAMPLE} drawn, {min(seconds):.2f}–{max(seconds):.2f})",
        result=f"{theirs / ours:.1f} ×", mark="≥ 8 ×", equal=f"pages and outputs of all cells of {SAMPLE} notebooks",
        versions=("papermill",),
    )  # fmt: skip


def compare_overview(folder: Path) -> None:
    import papermill  # noqa: PLC0415  (after our own engine has had its chance to be imported by it)

    demo, notebook = sg.packaged.packaged_folder("data", "suizhou"), sg.batch.find_notebook("county_overview")
    start = time.perf_counter()
    table = sg.batch.run(demo, **DEMO, jobs=JOBS, out=folder / "overview")
    ours = (time.perf_counter() - start) / len(table)
    command = [
        run_command(notebook, folder / "command" / adcode, workspace=demo, adcode=adcode)
        for adcode in table["adcode"][:2]
    ]
    start = time.perf_counter()
    for adcode in table["adcode"][:2]:
        there = folder / "api" / adcode
        there.mkdir(parents=True)
        values = {"workspace": str(demo.resolve()), "adcode": adcode, **DEMO, "page": f"{notebook.stem}.html"}
        papermill.execute_notebook(
            str(notebook.resolve()),
            str(there / notebook.name),
            parameters=values,
            cwd=str(there),
            progress_bar=False,
        )
    api = (time.perf_counter() - start) / 2
    for adcode in table["adcode"][:2]:
        for kind in ("command", "api"):
            theirs = folder / kind / adcode / f"{notebook.stem}.html"
            assert theirs.read_bytes() == (folder / "overview" / adcode / theirs.name).read_bytes()
    record(
        f"B3 county_overview, {len(table)} runs, {JOBS} processes", ours=f"{ours:.2f} s each",
        peer=f"papermill command {statistics.mean(command):.2f} s; papermill.execute_notebook {api:.2f} s (mean of 2)",
        result=f"{statistics.mean(command) / ours:.1f} ×; {api / ours:.1f} ×", equal="pages of two counties",
        versions=("papermill",),
    )  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        compare_heavy(Path(folder))
        compare_overview(Path(folder))


if __name__ == "__main__":
    main()
