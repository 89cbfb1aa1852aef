"""Scoreboard 5 and 7: every kind of file that is saved, killed or without space at any moment, leaves the old or the new one.

One kill and two sizes a kind by default, 40 and 20 under ``make soak``.
"""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks and limits of Linux")

SOAK = bool(os.environ.get("SOAK"))
SEED = int(os.environ.get("SOAK_SEED", "20261128"))


@pytest.fixture(scope="module")
def told():
    kills, sizes = (40, 20) if SOAK else (1, 2)
    command = [sys.executable, "-m", "tests.reliability.savers", str(kills), str(sizes), str(SEED)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=3600)
    assert done.returncode == 0, done.stderr[-800:]
    return json.loads(done.stdout)


def test_a_save_that_is_killed_leaves_the_old_file_or_the_new_one(told, record_property):
    told = told["kill"]
    plain = told.pop("plain")
    tried, whole, left = (sum(each[key] for each in told.values()) for key in ("tried", "whole", "left"))
    record_property(
        "tried",
        f"{tried} kills of {len(told)} writers, {whole} whole ({left} temporary files left, which a batch removes)",
    )
    record_property(
        "control", f"pandas into the file itself: {plain['tried'] - plain['whole']} of {plain['tried']} torn"
    )
    record_property("seed", SEED)
    assert whole == tried, told
    assert plain["whole"] < plain["tried"], "a harness that tears nothing is blind"
    assert any(each["changed"] for each in told.values()), "no save ever came to its end"


def test_a_save_without_space_leaves_the_old_file_and_names_it(told, record_property):
    told = told["full"]
    plain = told.pop("plain")
    tried = sum(each["tried"] for each in told.values())
    record_property("tried", f"{tried} sizes of {len(told)} writers")
    record_property(
        "control",
        f"pandas into the file itself: {plain['tried'] - plain['intact']} of {plain['tried']} destroyed",
    )
    record_property("seed", SEED)
    for name, each in told.items():
        assert each["intact"] == each["located"] == each["tried"], (name, each)
        assert each["left"] == 0, (name, each)
    assert plain["intact"] == 0
