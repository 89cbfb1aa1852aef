"""Scoreboard 4: files with bytes flipped, cut, doubled or zeroed end in a result or a refusal, never in a crash or hang.

What a flipped digit means nobody can tell, so nothing is said here about values. 280 mutants by default, 5,000 under
``make soak``; each worker has three gigabytes and twenty seconds a file.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from tests.reliability.mutators import clean_table
from tests.reliability.test_mutants import write_table

MUTANTS = 5000 if os.environ.get("SOAK") else 280
SEED = int(os.environ.get("SOAK_SEED", "20260301"))

WORKER = """
import json, resource, signal, sys, warnings
warnings.simplefilter("ignore")
from suizhou_geo import files
from suizhou_geo.errors import SuizhouGeoError
import suizhou_geo.files.vectors
resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))

class Hang(BaseException):
    pass

def stop(*_):
    raise Hang

signal.signal(signal.SIGALRM, stop)
outcomes = {}
for path in sys.stdin.read().split():
    signal.alarm(20)
    try:
        checked = files.check_file(__import__("pathlib").Path(path))
        outcomes[path] = "refused" if any(p.severity == "error" for p in checked.problems) else "read"
    except SuizhouGeoError:
        outcomes[path] = "raised by check"
    except Hang:
        outcomes[path] = "hang"
    except BaseException as error:
        outcomes[path] = f"{type(error).__name__}: {error}"[:200]
    finally:
        signal.alarm(0)
print(json.dumps(outcomes))
"""


def _seeds(folder: Path) -> list[Path]:
    random = np.random.default_rng(SEED)
    lines = clean_table(random)
    paths = [
        folder / "a.csv",
        folder / "b.xlsx",
        folder / "c.csv",
        folder / "d.parquet",
        folder / "e.geojson",
    ]
    write_table(lines, paths[0])
    write_table(lines, paths[1])
    paths[2].write_bytes("\n".join(",".join(line) for line in lines).encode("gb18030"))
    pd.DataFrame(lines[1:], columns=lines[0]).to_parquet(paths[3])
    layer = gpd.GeoDataFrame(
        {"site_id": [f"S{number}" for number in range(20)], "断面名称": "甲"},
        geometry=shapely.points(random.uniform([113, 31], [114, 32], (20, 2))),
        crs=4490,
    )
    layer.to_file(paths[4], driver="GeoJSON")
    layer.to_file(folder / "f.gpkg")
    head = ["断面名称", "监测时间", "氨氮<br/><span class='unit'>(mg/L)</span>"]
    answer = {"thead": head, "tbody": [["甲", "08-21 20:00", "<span title='原始值：0.2'>0.20</span>"]] * 20}
    (folder / "g.json").write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    return [*paths, folder / "f.gpkg", folder / "g.json"]


def _spoil(data: bytes, random: np.random.Generator) -> bytes:
    spoilt = bytearray(data)
    at = int(random.integers(0, len(spoilt)))
    match int(random.integers(0, 5)):
        case 0:
            for place in random.integers(0, len(spoilt), 8):
                spoilt[place] ^= 1 << int(random.integers(0, 8))
        case 1:
            del spoilt[at:]
        case 2:
            spoilt[at:at] = spoilt[at : at + 200]
        case 3:
            spoilt[at : at + 64] = bytes(len(spoilt[at : at + 64]))
        case 4:
            spoilt[at : at + 40] = random.integers(
                0, 256, len(spoilt[at : at + 40]), dtype=np.uint8
            ).tobytes()
    return bytes(spoilt)


def test_spoilt_bytes_never_crash_hang_or_raise_anything_unknown(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    random = np.random.default_rng(SEED)
    seeds = _seeds(tmp_path)
    folder = tmp_path / "mutants"
    folder.mkdir()
    paths = []
    for number in range(MUTANTS):
        seed = seeds[number % len(seeds)]
        path = folder / f"{number}{seed.suffix}"
        path.write_bytes(_spoil(seed.read_bytes(), random))
        paths.append(str(path))
    done = subprocess.run(
        [sys.executable, "-c", WORKER],
        input="\n".join([*paths, *map(str, seeds)]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"the worker died: {done.returncode} {done.stderr[-400:]}"
    outcomes = json.loads(done.stdout.splitlines()[-1])
    wrong = {path: outcome for path, outcome in outcomes.items() if outcome not in {"read", "refused"}}
    assert not wrong, list(wrong.items())[:3]
    assert all(outcomes[str(seed)] == "read" for seed in seeds), "the seeds themselves are sound"
    counts = pd.Series([outcomes[path] for path in paths]).value_counts()
    record_property(
        "tried",
        f"{MUTANTS} files of {len(seeds)} kinds: {counts['refused']} refused, {counts.get('read', 0)} read",
    )
    record_property("control", f"{len(seeds)} of {len(seeds)} unspoilt files read")
    record_property("seed", SEED)
    assert counts["refused"] >= MUTANTS / 10, "a harness that refuses nothing is blind"


@pytest.mark.parametrize("suffix", [".pkl", ".joblib", ".exe", ""])
def test_files_of_other_kinds_are_not_opened(tmp_path: Path, suffix: str) -> None:
    from suizhou_geo import files

    path = tmp_path / f"model{suffix}"
    path.write_bytes(b"\x80\x04cos\nsystem\n(S'touch marker'\ntR.")
    checked = files.check_file(path)
    assert [problem.code for problem in checked.problems] == ["file_unreadable"]
    assert not (tmp_path / "marker").exists()
