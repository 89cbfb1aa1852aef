"""The same batch on a Dask cluster of this machine: same products, and a worker that dies costs nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from suizhou_geo import assess, batch, forecast
from suizhou_geo.errors import InputError
from tests.batch.tiny import WRITE, write_notebook
from tests.conftest import ROOT

pytest.importorskip("distributed")
DEMO = ROOT / "data" / "suizhou"


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers on the loopback, each in a folder of its own; their processes and the address."""
    known = tmp_path / "scheduler.json"
    start = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    scheduler = start_quietly([*start, "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(known)])  # fmt: skip
    give_up = time.monotonic() + 60
    while not (known.exists() and known.stat().st_size) and time.monotonic() < give_up:
        time.sleep(0.1)
    address = json.loads(known.read_text(encoding="utf-8"))["address"]
    start = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny", "--no-dashboard"]
    places = [tmp_path / "first", tmp_path / "second"]
    for place in places:
        place.mkdir()
    workers = [start_quietly([*start, "--nthreads", "1", "--host", "127.0.0.1", "--local-directory", str(place)], place) for place in places]  # fmt: skip
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


def start_quietly(command, folder=None):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=folder
    )


def test_a_batch_on_a_cluster_survives_the_death_of_a_worker(tmp_path, cluster):
    address, workers = cluster
    # The first job of a county waits until its own worker is dead: it must be done by the other one.
    mark = tmp_path / "begun"
    wait = f"""
from pathlib import Path
mark = Path({str(mark)!r})
if adcode == "421321" and not mark.exists():
    import os, time
    mark.write_text(str(os.getpid()))
    time.sleep(600)
"""
    # What the workers are sent is read there, and not where it came from.
    see = f'import suizhou_geo as sg\nassert not workspace.startswith("{DEMO}")\nsg.files.open_workspace(workspace)'
    notebook = write_notebook(tmp_path, wait, see, WRITE)
    killed = []

    def kill_its_worker(*_told):
        # Told of the first outcome, of the other worker; by then the waiting one has begun, or will in a moment.
        if killed:
            return
        give_up = time.monotonic() + 60
        while not mark.exists() and time.monotonic() < give_up:
            time.sleep(0.1)
        for worker in workers:
            if works_on(worker.pid, "421321"):
                worker.send_signal(signal.SIGKILL)
                killed.append(worker.pid)

    start = time.monotonic()
    table = batch.run(
        DEMO, year=2021, month=6, notebooks=str(notebook), out=tmp_path / "maps", scheduler=address, scatter=True, progress=kill_its_worker
    )  # fmt: skip
    assert len(killed) == 1
    assert set(table["state"]) == {"完成"}, table["reason"].tolist()
    assert (tmp_path / "maps" / "421321" / "tiny.html").read_text(encoding="utf-8") == "421321 0.5"
    executed = (tmp_path / "maps" / "421321" / "tiny.ipynb").read_text(encoding="utf-8")
    assert f'workspace = \\"{DEMO}\\"' in executed
    assert str(tmp_path / "first") not in executed
    assert str(tmp_path / "second") not in executed
    assert not list((tmp_path / "maps").glob("*/.*"))
    assert time.monotonic() - start < 300
    # The same table as without a cluster: nothing is left to do.
    again = batch.run(DEMO, year=2021, month=6, notebooks=str(notebook), out=tmp_path / "maps")
    assert not again["again"].any()
    # The one that is left sees the folders as they are, and does there what is asked of it.
    shared = str(write_notebook(tmp_path, f'assert workspace == "{DEMO}"', WRITE, name="shared"))
    table = batch.run(
        DEMO, year=2021, month=6, notebooks=shared, counties=["421303"], out=tmp_path / "maps", scheduler=address
    )  # fmt: skip
    assert table["reason"].tolist() == [""]


def works_on(pid, adcode):
    """Whether a process has that county's folder as its own: papermill goes there while a notebook runs."""
    return f"/{adcode}/" in str(Path(f"/proc/{pid}/cwd").readlink())


def test_a_scheduler_that_is_not_there_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("suizhou_geo.batch.cluster.PATIENCE", 1)
    notebook = str(write_notebook(tmp_path, WRITE))
    with pytest.raises(InputError, match=r"连不上 Dask 调度器 tcp://127\.0\.0\.1:9"):
        batch.run(DEMO, year=2021, month=6, notebooks=notebook, out=tmp_path / "maps", scheduler="tcp://127.0.0.1:9")  # fmt: skip


def test_a_large_cube_is_worked_on_part_by_part(tmp_path):
    random = np.random.default_rng(9)
    shape = (1100, 24)
    cube = xr.Dataset(
        {code: (("site", "time"), random.lognormal(low, 0.8, shape)) for code, low in (("nh3n", -1), ("tp", -2.5), ("codmn", 1))},
        coords={"site": np.arange(shape[0]), "time": pd.date_range("2020-01-01", periods=shape[1], freq="MS")},
    )  # fmt: skip
    whole = assess.classify_cube(cube)
    seen = []

    def classify(part):
        seen.append(part.sizes["site"])
        return assess.classify_cube(part)

    # A file is opened and not read: its parts are, by whoever works on them.
    cube.to_netcdf(tmp_path / "cube.nc", engine="scipy")
    with xr.open_dataset(tmp_path / "cube.nc", engine="scipy", chunks={"site": 100}) as opened:
        assert opened.chunksizes["site"] == (100,) * 11
        parts = batch.map_sites(classify, cube=opened, sites_at_once=500)
        trends = batch.map_sites(lambda part: forecast.seasonal_kendall(part["tp"]), cube=opened)
    xr.testing.assert_identical(parts, whole)
    assert sorted(seen) == [100, 500, 500]
    xr.testing.assert_identical(trends, forecast.seasonal_kendall(cube["tp"]))


@pytest.mark.slow
def test_a_cluster_of_this_machine_needs_no_address(tmp_path):
    notebook = str(write_notebook(tmp_path, WRITE))
    table = batch.run(
        DEMO, year=2021, month=6, notebooks=notebook, counties=["421303", "421321"], jobs=2, out=tmp_path / "maps", scheduler="local"
    )  # fmt: skip
    assert table["state"].tolist() == ["完成", "完成"]
