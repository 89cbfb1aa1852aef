"""The run table: what is finished and unchanged is not done again, whatever has changed is, one batch at a time."""

import shutil
import signal
import sqlite3
import subprocess
import sys

import pytest

from suizhou_geo import batch, files, plan
from suizhou_geo.batch.engine import Job, Outcome
from suizhou_geo.batch.state import hold, make_key
from suizhou_geo.errors import InputError
from tests.batch.tiny import WRITE, write_notebook
from tests.conftest import ROOT

DEMO = ROOT / "data" / "suizhou"
READ = """
import suizhou_geo as sg
opened = sg.files.open_workspace(workspace)
@sg.files.reads_for_one_county
def read(opened, *, adcode, year):
    sg.files.read_layer(opened, kind="outfalls")
    return sg.files.read_workspace_observations(opened, medium="water")
read(opened, adcode=adcode, year=year)
"""


@pytest.fixture
def workspace(tmp_path):
    return shutil.copytree(DEMO, tmp_path / "workspace")


def states(out):
    with sqlite3.connect(out / "runs.sqlite") as database:
        return dict(database.execute("SELECT adcode, state FROM runs"))


def replace_in(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.usefixtures("one_hearth")
def test_a_rerun_does_only_what_changed(tmp_path, workspace):
    notebook, out = write_notebook(tmp_path, READ, WRITE), tmp_path / "maps"

    def again(**given):
        table = batch.run(workspace, year=2021, month=6, notebooks=str(notebook), out=out, jobs=1, **given)
        assert set(table["state"]) == {"完成"}
        return set(table["adcode"][table["again"]])

    everyone = {"421300", "421303", "421321", "421381"}
    assert again() == everyone
    assert set(states(out).values()) == {"完成"}
    assert again() == set()
    # One county's month: that county, and the city's own page.
    replace_in(workspace / "observations" / "water_2021.csv", "S01,厉山,2021-06,", "S01,厉山,2021-06,9")
    assert again() == {"421321", "421300"}
    # A page that somebody deleted or touched.
    (out / "421303" / "tiny.html").write_text("不是它写的", encoding="utf-8")
    assert again() == {"421303"}
    assert again(counties="421303", parameters={"share": 0.25}) == {"421303"}
    # Errors of forecasts are pooled over the years before: a correction there concerns everyone.
    replace_in(workspace / "observations" / "water_2018.csv", "S01,厉山,2018-06,", "S01,厉山,2018-06,9")
    assert again() == everyone


def key_of(workspace, **given):
    job = Job(**{"notebook": workspace / "n.ipynb", "adcode": "421303", "county": "", "parameters": {"month": 6}, "folder": workspace, "timeout": 1, **given})  # fmt: skip
    return make_key(job, workspace=files.open_workspace(workspace))


def test_the_key_follows_notebook_parameters_plan_and_standards_and_nothing_else(workspace, monkeypatch):
    (workspace / "n.ipynb").write_text("1", encoding="utf-8")
    first = key_of(workspace)
    assert key_of(workspace, folder=workspace / "elsewhere", timeout=9, command="x") == first
    keys = {first, key_of(workspace, parameters={"month": 5}), key_of(workspace, adcode="421321")}
    (workspace / "n.ipynb").write_text("2", encoding="utf-8")
    keys.add(key_of(workspace))
    plan_file = next(workspace.glob("plan*.toml"))
    plan_file.write_text(plan_file.read_text(encoding="utf-8") + "\n# x\n", encoding="utf-8")
    keys.add(key_of(workspace))
    # A report that a plan names counts, as soon as it is there.
    plan_file.write_text(plan_file.read_text(encoding="utf-8") + '\n# "reports/*.csv" "../*.toml"\n', "utf-8")
    keys.add(key_of(workspace))
    (workspace / "reports").mkdir()
    (workspace / "reports" / "june.csv").write_text("1", encoding="utf-8")
    keys.add(key_of(workspace))
    monkeypatch.setattr("suizhou_geo.batch.state.__version__", "9.9")
    keys.add(key_of(workspace))
    assert len(keys) == 8


def test_a_county_depends_on_no_more_than_the_slices_that_are_recorded(workspace):
    # What slices.py leaves out of a county's slice must not change its result: all other counties' values of the year.
    def result():
        opened = files.open_workspace(workspace)
        said = plan.evaluate_county(opened, adcode="421303", year=2021, month=6).as_dict()
        return {name: part for name, part in said.items() if name != "sources"}

    before = result()
    path = workspace / "observations" / "water_2021.csv"
    plans = "".join(each.read_text(encoding="utf-8") for each in workspace.glob("plan*.toml"))
    water = files.read_workspace_observations(files.open_workspace(workspace), medium="water")
    others = [
        site for site in water["site_id"][water["adcode"] != "421303"].unique() if f'"{site}"' not in plans
    ]
    lines = path.read_text(encoding="utf-8").splitlines()
    changed = [_worse(line) if line.split(",")[0] in others else line for line in lines]
    assert sum(a != b for a, b in zip(lines, changed, strict=True)) > 20
    path.write_text("\n".join(changed) + "\n", encoding="utf-8")
    assert result() == before


def _worse(line):
    cells = line.split(",")
    return ",".join([*cells[:10], "2.6", *cells[11:]])


HOLD = """
import sys, time
from pathlib import Path
from suizhou_geo.batch.state import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_batch_in_one_folder_is_refused_and_a_dead_one_holds_nothing(tmp_path):
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "held\n"
        with pytest.raises(
            InputError, match=rf"正由另一次批量运行使用.*进程 {process.pid}，自 20.* 起.*--out"
        ):
            batch.run(DEMO, year=2021, month=6, out=tmp_path)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with hold(tmp_path) as state:
            scratch = state.scratch
    assert not list(tmp_path.glob(".staging*"))
    with hold(tmp_path) as state:
        assert state.scratch != scratch


def test_what_a_killed_batch_left_is_removed(tmp_path):
    with hold(tmp_path):
        pass
    left = tmp_path / "421303" / ".staging-tiny-1"
    left.mkdir(parents=True)
    (tmp_path / "tmp-abcdefgh.json").write_text("{", encoding="utf-8")
    kept = tmp_path / "tmp-notes.txt"
    kept.write_text("", encoding="utf-8")
    scratch = tmp_path / "elsewhere"
    scratch.mkdir()
    with sqlite3.connect(tmp_path / "runs.sqlite") as database:
        database.execute("REPLACE INTO holder VALUES (1, '', ?)", (str(scratch),))
    with hold(tmp_path):
        # Only a folder that a batch has made is removed, whatever the table says.
        assert scratch.is_dir()
        assert not left.exists()
    assert sorted(path.name for path in tmp_path.glob("tmp-*")) == ["tmp-notes.txt"]
    assert kept.exists()


def test_a_run_that_was_going_when_the_batch_died_is_not_taken_as_done(tmp_path, workspace):
    job = Job(workspace / "workspace.toml", "421303", "曾都区", {}, tmp_path, 1)
    asked = {"key": "k", "sources": "s", "slices": files.CurrentSlices(files.open_workspace(workspace))}
    with hold(tmp_path) as state:
        state.note_waiting(job, key="k", sources="s")
        assert states(tmp_path) == {"421303": "待运行"}
        state.note_running(job)
        assert states(tmp_path) == {"421303": "运行"}
    with hold(tmp_path) as state:
        assert state.find_done(job, **asked) is None
        state.note_outcome(Outcome("421303", "曾都区", "workspace", "完成"))
        assert state.find_done(job, **asked).again is False
        state.note_outcome(Outcome("421303", "曾都区", "workspace", "失败", "坏了"))
        assert state.find_done(job, **asked) is None
