"""Batches that are killed, that meet faults and full disks, and that meet each other. Full counts with SOAK=1."""

import os
import resource
import sqlite3
import sys
import time

import numpy as np
import pandas as pd
import pytest

from tests.batch.test_engine import FAULTS
from tests.batch.tiny import WRITE
from tests.reliability.counties import (
    hashes,
    kernels_of,
    kill_group,
    leftovers,
    make_notebook,
    make_workspace,
    start_batch,
    told_by,
    wait_for,
)

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="process groups and /proc of Linux"
)

SOAK = bool(os.environ.get("SOAK"))

#: No fault: a run that warns has done what it should.
WARNED = f"import warnings\nwarnings.warn('断面不足')\n{WRITE}"
SEED = int(os.environ.get("SOAK_SEED", "9"))


def states(out):
    if not (out / "runs.sqlite").exists():
        return {}
    with sqlite3.connect(out / "runs.sqlite", timeout=20) as database:
        try:
            return dict(database.execute("SELECT adcode, state FROM runs"))
        except sqlite3.OperationalError:
            return {}


def test_a_batch_killed_at_any_moment_goes_on_where_it_was(tmp_path, record_property):
    kills, counties = (20, 30) if SOAK else (2, 3)
    moments = np.random.default_rng(SEED)
    workspace, codes = make_workspace(tmp_path / "workspace", counties=counties)
    notebook = make_notebook(tmp_path)
    start = time.monotonic()
    assert start_batch(workspace, notebook, tmp_path / "calm").wait(timeout=600) == 0
    whole = time.monotonic() - start
    calm = hashes(tmp_path / "calm")
    assert len(calm) == 4 * len(codes)
    kept, cut = 0, 0
    for number in range(kills):
        out = tmp_path / f"killed-{number}"
        process = start_batch(workspace, notebook, out)
        # From the first run on, as what is killed before it leaves nothing to lose.
        wait_for(lambda out=out: "运行" in states(out).values())
        time.sleep(moments.uniform(0, 0.6 * whole))
        kill_group(process)
        wait_for(lambda out=out: not kernels_of(out), seconds=10)
        finished = {code for code, state in states(out).items() if state == "完成"}
        kept, cut = kept + len(finished), cut + len(set(codes) - finished)
        assert start_batch(workspace, notebook, out).wait(timeout=600) == 0, told_by(out)
        table = pd.read_csv(out / "run.csv", dtype=str)
        assert set(table["state"]) == {"完成"}
        again = set(table["adcode"][table["again"] == "True"])
        assert not again & finished, "a finished run was done once more"
        assert again | finished == set(codes)
        assert hashes(out) == calm
        assert leftovers(out) == []
    assert cut, "every kill came too late to cut anything"
    record_property("tried", f"{kills} kills of {len(codes)} counties: {kept} runs kept, {cut} done after")
    record_property("seed", SEED)


def test_every_fault_is_told_as_it_is_and_costs_no_other_county(tmp_path, record_property):
    kinds = list(FAULTS) if SOAK else ["an exception after the page", "a kernel that ends itself", "no page"]
    counties = 30 if SOAK else len(kinds) + 2
    workspace, codes = make_workspace(tmp_path / "workspace", counties=counties)
    faulty = dict(zip(codes, kinds, strict=False))
    steps = max(len(cells) for cells, _ in FAULTS.values())
    cells = [
        "cells = "
        + repr({code: FAULTS[kind][0] for code, kind in faulty.items()} | {codes[-1]: [WARNED]})
        + f".get(adcode, [{WRITE!r}])"
    ]
    cells += [f"exec(cells[{step}] if len(cells) > {step} else '')" for step in range(steps)]
    out = tmp_path / "maps"
    notebook = make_notebook(tmp_path, *cells)
    options = ["--timeout", "20"] if SOAK else []
    assert start_batch(workspace, notebook, out, *options).wait(timeout=600) == 1
    rows = pd.read_csv(out / "run.csv", dtype=str).fillna("").set_index("adcode")
    for code in codes:
        if code not in faulty:
            assert rows.at[code, "state"] == "完成", rows.at[code, "reason"]
            continue
        wanted = FAULTS[faulty[code]][1].replace("3 秒", "20 秒")
        assert rows.at[code, "state"] == "失败", faulty[code]
        assert wanted in rows.at[code, "reason"]
        assert [path.name for path in (out / code).iterdir()] == ["nano.failed.ipynb"]
    assert leftovers(out) == []
    record_property("tried", f"{len(kinds)} kinds of fault and one warning in {len(codes)} counties")


def test_a_full_disk_leaves_the_old_products_and_one_clear_error(tmp_path, record_property):
    workspace, codes = make_workspace(tmp_path / "workspace", counties=3)
    out = tmp_path / "maps"
    notebook = make_notebook(tmp_path, seconds=0)
    assert start_batch(workspace, notebook, out).wait(timeout=300) == 0
    before = hashes(out)
    largest = max(path.stat().st_size for path in out.glob("*/*"))
    sizes = [int(largest * (place + 0.5) / 20) for place in range(20)]
    sizes = sizes if SOAK else [sizes[2], sizes[17]]
    for size in sizes:

        def limit(size=size):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        code = start_batch(workspace, notebook, out, "--force", "--jobs", "1", limit=limit).wait(timeout=300)
        assert code in {1, 2}, size
        told = told_by(out)
        assert "Traceback" not in told, told
        assert any(word in told for word in ("磁盘已满", "检查磁盘空间")), told
        assert told.count("没有空间") + told.count("File too large") <= 2 * len(codes)
        now = hashes(out)
        assert {name: now.get(name) for name in before} == before, size
        assert all(name.endswith("nano.failed.ipynb") for name in now.keys() - before.keys())
        assert leftovers(out) == []
    if SOAK:
        # With room again, all is as it was.
        assert start_batch(workspace, notebook, out).wait(timeout=300) == 0
        assert hashes(out) == before
    record_property("tried", f"{len(sizes)} sizes of a batch over its own products")


def test_of_two_batches_in_one_folder_one_wins_and_one_is_told(tmp_path, record_property):
    workspace, codes = make_workspace(tmp_path / "workspace", counties=3)
    notebook = make_notebook(tmp_path)
    pairs, refused, slowest = 20 if SOAK else 2, 0, 0.0
    for number in range(pairs):
        out = tmp_path / f"maps-{number}"
        first = start_batch(workspace, notebook, out)
        start = time.monotonic()
        second = start_batch(workspace, notebook, out.parent / f"maps-{number}" / "." / "")
        ends = [second.wait(timeout=300)]
        if ends == [2]:
            refused, slowest = refused + 1, max(slowest, time.monotonic() - start)
        ends.append(first.wait(timeout=300))
        # The later one is refused, or comes so late that there is nothing left to do.
        assert 0 in ends
        assert set(ends) <= {0, 2}
        assert set(states(out)) == set(codes)
        assert set(states(out).values()) == {"完成"}
        assert leftovers(out) == []
    record_property(
        "tried",
        f"{pairs} pairs started at once, {refused} second ones refused, the slowest {slowest:.1f} s after it was started",
    )


def test_of_a_killed_holder_of_the_lock_nothing_bars_the_next_batch(tmp_path, record_property):
    workspace, codes = make_workspace(tmp_path / "workspace", counties=3)
    notebook = make_notebook(tmp_path)
    kills = 20 if SOAK else 1
    refused = []
    for number in range(kills):
        out = tmp_path / f"maps-{number}"
        holder = start_batch(workspace, notebook, out)
        wait_for(lambda out=out: "运行" in states(out).values())
        # While it lives it bars another: else its death would show nothing.
        start = time.monotonic()
        assert start_batch(workspace, notebook, out).wait(timeout=300) == 2, told_by(out)
        refused.append(time.monotonic() - start)
        assert str(holder.pid) in told_by(out)
        kill_group(holder)
        assert start_batch(workspace, notebook, out).wait(timeout=300) == 0, told_by(out)
        assert set(states(out).values()) == {"完成"}
        assert len(states(out)) == len(codes)
    record_property(
        "tried",
        f"{kills} holders killed, each followed at once by a batch that ran; refused while they lived within {max(refused):.1f} s",
    )
    if max(refused) >= 2:
        record_property("short", f"a refusal took {max(refused):.1f} s of the command (mark 2)")
