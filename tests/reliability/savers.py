"""Every kind of file that the package saves, written over an older one by a fork that is killed or has no space.

Run as ``python -m tests.reliability.savers KILLS SIZES SEED``: prints one JSON object. It runs in a process of its own,
so that forking is safe whatever the tests have imported, and nothing is imported more than once.
"""

import json
import os
import resource
import signal
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np

from suizhou_geo import files, maps, reports
from suizhou_geo.cli.main import _message
from suizhou_geo.saving import sha256_of
from tests.maps.sample_result import sample_result

ROWS = 600


def _frame(seed):
    random = np.random.default_rng(seed)
    points = gpd.points_from_xy(*random.uniform((113, 31), (114, 32), (ROWS, 2)).T, crs=4490)
    return gpd.GeoDataFrame({"断面名称": "甲", "value": random.random(ROWS)}, geometry=points)


FRAMES = [_frame(1), _frame(2)]
RESULTS = [sample_result(outfalls=40, sources=40), replace(sample_result(outfalls=40, sources=40), month=5)]
#: By name: ending, and what writes one of two versions to a path.
WRITERS = {
    **{
        f"table {ending}": (f".{ending}", lambda which, path: files.write_table(FRAMES[which], path=path))
        for ending in ("csv", "xlsx", "parquet", "gpkg", "json")
    },
    "page": (".html", lambda which, path: maps.write_page(RESULTS[which], path=path)),
    "brief": (".docx", lambda which, path: reports.write_brief(RESULTS[which], path)),
    "workbook": (".xlsx", lambda which, path: reports.write_workbook(RESULTS[which], path)),
}


def _plain(which, path):
    # The same rows as pandas writes them: what the harness must see being torn.
    FRAMES[which].drop(columns="geometry").to_csv(path, index=False)


def kill(count, seed):
    """By writer: how often the file was killed, whole afterwards, and how many temporary files were left."""
    random, told = np.random.default_rng(seed), {}
    for name, (ending, write) in {**WRITERS, "plain": (".csv", _plain)}.items():
        tried = {"tried": 0, "whole": 0, "left": 0, "changed": 0}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"产品{ending}"
            hashes, seconds = [], 0.0
            for which in (1, 0):
                start = time.perf_counter()
                write(which, path)
                seconds += time.perf_counter() - start
                hashes.append(sha256_of(path))
            for _ in range(count if name != "plain" else max(count, 10)):
                before = sha256_of(path)
                child = os.fork()
                if child == 0:
                    while True:
                        write(1, path)
                        write(0, path)
                time.sleep(random.uniform(0.005, 1.2 * seconds + 0.01))
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                now = sha256_of(path)
                tried["tried"] += 1
                tried["whole"] += now in hashes
                tried["changed"] += now != before
                for left in Path(folder).glob("tmp-*"):
                    left.unlink()
                    tried["left"] += 1
                if now not in hashes:
                    write(0, path)
        told[name] = tried
    return told


def full(count, seed):
    """By writer: how often a file larger than allowed was refused with the path named and the old file as it was."""
    random, told = np.random.default_rng(seed), {}
    for name, (ending, write) in {**WRITERS, "plain": (".csv", _plain)}.items():
        tried = {"tried": 0, "intact": 0, "located": 0, "left": 0, "first": ""}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"产品{ending}"
            write(0, path)
            before, whole = sha256_of(path), path.stat().st_size
            for place in range(count):
                size = int(whole * (place + random.uniform(0.05, 0.95)) / count * 0.95)
                message = _write_with(size, partial(write, 1, path))
                tried["tried"] += 1
                tried["intact"] += sha256_of(path) == before
                tried["located"] += path.name in message and "处理" in message
                tried["left"] += len(list(Path(folder).iterdir())) - 1
                if path.name not in message:
                    tried["first"] = tried["first"] or message[:200]
                if name == "plain":
                    write(0, path)
        told[name] = tried
    return told


def _write_with(size, write):
    # What the command line would say in a process whose files may not grow beyond ``size`` bytes.
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        message = "written"
        try:
            write()
        except BaseException as error:
            message = _message(error)
        os.write(writing, message.encode()[:4000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        message = stream.read().decode("utf-8", "replace")
    os.waitpid(child, 0)
    return message


if __name__ == "__main__":
    kills, sizes, number = map(int, sys.argv[1:])
    both = {"kill": kill(kills, number), "full": full(sizes, number)}
    sys.stdout.write(json.dumps(both, ensure_ascii=False))
