"""Batches: isolated, told as they were, and nothing written when refused."""

import json
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from suizhou_geo import batch
from suizhou_geo.errors import InputError, UnknownNameError
from tests.batch.tiny import WRITE, write_notebook
from tests.conftest import ROOT

DEMO = ROOT / "data" / "suizhou"
JUNE = {"year": 2021, "month": 6}


def saved(out):
    return json.loads((out / "run.json").read_text(encoding="utf-8"))


@pytest.mark.usefixtures("one_hearth")
def test_one_county_that_fails_does_not_stop_the_others_and_keeps_its_old_page(tmp_path):
    out = tmp_path / "maps"
    old = out / "421321" / "tiny.html"
    old.parent.mkdir(parents=True)
    old.write_text("上个月", encoding="utf-8")
    old.with_suffix(".json").write_text('{"headline": "上个月的结论"}', encoding="utf-8")
    fails = f'if adcode == "421321":\n    raise ValueError("这个县的数据坏了")\n{WRITE}'
    notebook = str(write_notebook(tmp_path, fails))
    seen = []
    table = batch.run(
        DEMO, **JUNE, notebooks=(notebook,), parameters={"share": "0.25"}, out=out,
        progress=lambda outcome, done, total: seen.append((outcome.adcode, done, total)),
    )  # fmt: skip
    rows = table.set_index("adcode")
    assert rows["state"].to_dict() == {"421303": "完成", "421321": "失败", "421381": "完成", "421300": "完成"}
    assert "这个县的数据坏了" in rows.at["421321", "reason"]
    assert rows.at["421321", "executed_notebook"] == "421321/tiny.failed.ipynb"
    # An earlier page stays, but it is not what this run says of the county.
    assert old.read_text(encoding="utf-8") == "上个月"
    assert (rows.at["421321", "page"], rows.at["421321", "headline"]) == ("", "")
    assert (out / "421303" / "tiny.html").read_text(encoding="utf-8") == "421303 0.25"
    assert [done for _, done, _ in seen] == [1, 2, 3, 4]
    assert [run["state"] for run in saved(out)["runs"]] == list(rows["state"])
    assert list(pd.read_csv(out / "run.csv").columns) == list(batch.RUN_COLUMNS)
    index = (out / "index.html").read_text(encoding="utf-8")
    for wanted in ("这个县的数据坏了", "--county 421321", "share=0.25", "较早的页面"):
        assert wanted in index
    assert "上个月的结论" not in index


def test_a_worker_that_dies_takes_only_its_own_county_with_it(tmp_path):
    kill = f'import os, signal\nif adcode == "421321":\n    os.kill(os.getppid(), signal.SIGKILL)\n{WRITE}'
    notebook = str(write_notebook(tmp_path, kill))
    table = batch.run(
        DEMO, **JUNE, notebooks=(notebook,), counties=["421303", "421321"], out=tmp_path / "maps"
    )
    assert dict(zip(table["adcode"], table["state"], strict=True)) == {"421303": "完成", "421321": "失败"}
    assert "运行进程意外终止" in table["reason"].iloc[1]


@pytest.mark.usefixtures("one_hearth")
def test_repeating_one_county_keeps_the_others_in_the_index(tmp_path):
    out = tmp_path / "maps"
    notebook = str(write_notebook(tmp_path, f'assert adcode != "421321", "坏了"\n{WRITE}'))
    batch.run(DEMO, **JUNE, notebooks=(notebook,), counties=["421303", "421321"], out=out)
    write_notebook(tmp_path, WRITE)
    table = batch.run(DEMO, year=2021, month=5, notebooks=notebook, counties="421321", out=out)
    assert table["state"].tolist() == ["完成"]
    record = saved(out)
    assert [(row["adcode"], row["month"]) for row in record["runs"]] == [("421321", 5)]
    assert [(row["adcode"], row["month"]) for row in record["earlier"]] == [("421303", 6)]
    assert not (out / "421321" / "tiny.failed.ipynb").exists()


SCRIPT = """
import numpy
import suizhou_geo as sg
numpy.mark = "the caller's"
if {lent}:
    sg.batch.lend_process()
table = sg.batch.run({workspace!r}, year=2021, month=6, counties="421321", notebooks={notebook!r}, out={out!r})
print(table["state"].tolist(), table["reason"].tolist())
"""


@pytest.mark.parametrize("way", ["a file", "a pipe"])
def test_a_plain_script_without_a_main_guard_runs_a_batch(tmp_path, way):
    tell = 'import numpy\nfrom pathlib import Path\nPath(page).write_text(getattr(numpy, "mark", "clean"))'
    notebook, out = str(write_notebook(tmp_path, tell)), tmp_path / "maps"
    script = tmp_path / "script.py"
    # What a caller has done to its modules reaches no kernel, unless the process is lent as the command line's is.
    lent = way == "a pipe"
    script.write_text(SCRIPT.format(workspace=str(DEMO), notebook=notebook, out=str(out), lent=lent), "utf-8")
    command, text = ([str(script)], None) if way == "a file" else (["-"], script.read_text(encoding="utf-8"))
    run = subprocess.run([sys.executable, *command], input=text, capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "['完成'] ['']", run.stderr
    assert "Traceback" not in run.stderr
    page = (out / "421321" / "tiny.html").read_text(encoding="utf-8")
    assert page == ("the caller's" if lent else "clean")


def test_an_interrupted_batch_stops_and_tells_what_was_not_done(tmp_path):
    out = tmp_path / "maps"
    wait = f'import time\nif adcode != "421303":\n    time.sleep(300)\n{WRITE}'
    notebook = str(write_notebook(tmp_path, wait))
    command = [sys.executable, "-m", "suizhou_geo.cli", "run", str(DEMO), "--year", "2021", "--month", "6"]
    process = subprocess.Popen(
        [*command, "--notebook", notebook, "--jobs", "1", "--out", str(out)],
        stderr=subprocess.PIPE, text=True, cwd=ROOT,
        # Started in the background, this test would pass on an ignored signal, and nothing could be interrupted.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )  # fmt: skip
    give_up = time.monotonic() + 120
    while not list(out.glob("421321/.staging*")) and time.monotonic() < give_up:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, shown = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "已中断" in shown
    assert "Traceback" not in shown
    states = {run["adcode"]: run["state"] for run in saved(out)["runs"]}
    assert states == {"421303": "完成", "421321": "跳过", "421381": "跳过", "421300": "跳过"}
    assert not list(out.rglob(".staging*"))


REFUSED = [
    ({"counties": ["420100"]}, UnknownNameError, "420100.*421303 曾都区"),
    ({"counties": "421304"}, UnknownNameError, "421304.*是否为 42130"),
    ({"counties": []}, InputError, "列表是空的"),
    ({"notebooks": ("county_overvew",)}, UnknownNameError, "county_overvew.*county_overview"),
    ({"notebooks": ("00_start_here",)}, UnknownNameError, "00_start_here.*county_overview"),
    ({"parameters": {"yaer": 2021}}, UnknownNameError, "yaer.*year"),
    ({"parameters": {"__import__('os')": 1}}, UnknownNameError, "没有参数"),
    ({"parameters": {"page": "x.html"}}, InputError, "page 由批量运行填写"),
    ({"year": "二零二一"}, InputError, "year.*int"),
    ({"month": (6,)}, InputError, "month.*int"),
    ({"month": 13}, InputError, "13 月"),
    ({"jobs": 0}, InputError, "同时运行 0 个"),
    ({"timeout": 0}, InputError, "时限 0 秒"),
]


@pytest.mark.parametrize(("given", "error", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_can_be_refused_is_refused_before_anything_is_written(tmp_path, given, error, message):
    out = tmp_path / "maps"
    with pytest.raises(error, match=message):
        batch.run(DEMO, **{**JUNE, "out": out, **given})
    assert not out.exists()


def test_two_notebooks_of_one_name_are_refused(tmp_path):
    (tmp_path / "other").mkdir()
    paths = [str(write_notebook(folder, WRITE)) for folder in (tmp_path, tmp_path / "other")]
    with pytest.raises(InputError, match="两个笔记本同名"):
        batch.run(DEMO, **JUNE, notebooks=paths, out=tmp_path / "maps")
    assert not (tmp_path / "maps").exists()
