"""Runs of notebooks: isolated, told as they were, and products only where a run succeeded."""

import json

import pytest

import suizhou_geo as sg
from suizhou_geo import batch
from suizhou_geo.batch.engine import Job, run_job
from suizhou_geo.errors import InputError, UnknownNameError
from tests.conftest import ROOT

DEMO = ROOT / "data" / "suizhou"

PARAMETERS = "\n".join(
    [
        'workspace: str = ""',
        'adcode: str = ""',
        "year: int = 2021",
        "month: int = 6",
        'page: str = ""',
        "share: float = 0.5",
    ]
)
WRITE = 'from pathlib import Path\nPath(page).write_text(f"{adcode} {share}", encoding="utf-8")'
OURS = 'from suizhou_geo.errors import InputError\nraise InputError("断面缺少坐标", why="两列都是空的")'
FAULTS = {
    "an exception": ("1 / 0", "ZeroDivisionError"),
    "our own error": (OURS, "断面缺少坐标。原因：两列都是空的"),
    "a killed kernel": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "内核意外终止"),
    "no page": ("pass", "没有写出页面"),
    "a run that never ends": ("import time\ntime.sleep(600)", "超过时限"),
}


def write_notebook(folder, *cells, name="tiny"):
    tagged = [(PARAMETERS, ["parameters"]), *((cell, []) for cell in cells)]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {"tags": tags},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for number, (source, tags) in enumerate(tagged)
        ],
    }
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def job(notebook, folder, *, timeout=60):
    folder.mkdir(exist_ok=True)
    return Job(notebook, "421303", "曾都区", {"year": 2021}, folder, timeout)


def test_a_run_that_succeeds_leaves_its_page_and_notebook_and_nothing_else(tmp_path):
    outcome = run_job(job(write_notebook(tmp_path, WRITE), tmp_path / "out"))
    assert (outcome.state, outcome.reason) == ("完成", "")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["tiny.html", "tiny.ipynb"]
    assert (tmp_path / "out" / "tiny.html").read_text(encoding="utf-8") == "421303 0.5"


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_run_that_fails_says_why_and_leaves_the_old_page(tmp_path, fault):
    source, wanted = FAULTS[fault]
    old = tmp_path / "out" / "tiny.html"
    old.parent.mkdir()
    old.write_text("上个月", encoding="utf-8")
    timeout = 3 if "never" in fault else 60
    outcome = run_job(job(write_notebook(tmp_path, source), tmp_path / "out", timeout=timeout))
    assert outcome.state == "失败"
    assert wanted in outcome.reason
    assert old.read_text(encoding="utf-8") == "上个月"
    assert {path.name for path in old.parent.iterdir()} <= {"tiny.html", "tiny.failed.ipynb"}


def test_one_county_that_fails_does_not_stop_the_others(tmp_path):
    fails = f'if adcode == "421321":\n    raise ValueError("这个县的数据坏了")\n{WRITE}'
    notebook = write_notebook(tmp_path, fails)
    table = batch.run(
        DEMO,
        year=2021,
        month=6,
        notebooks=(str(notebook),),
        parameters={"share": "0.25"},
        out=tmp_path / "maps",
    )
    states = table.set_index("adcode")["state"].to_dict()
    assert states == {"421303": "完成", "421321": "失败", "421381": "完成", "421300": "完成"}
    assert "这个县的数据坏了" in table.set_index("adcode").at["421321", "reason"]
    assert not (tmp_path / "maps" / "421321" / "tiny.html").exists()
    assert (tmp_path / "maps" / "421303" / "tiny.html").read_text(encoding="utf-8") == "421303 0.25"
    kept = json.loads((tmp_path / "maps" / "run.json").read_text(encoding="utf-8"))["runs"]
    assert [run["state"] for run in kept] == list(states.values())
    index = (tmp_path / "maps" / "index.html").read_text(encoding="utf-8")
    assert "这个县的数据坏了" in index
    assert "://" not in index


REFUSED = [
    ({"counties": ["420100"]}, UnknownNameError, "420100.*421303"),
    ({"notebooks": ("county_overvew",)}, UnknownNameError, "county_overvew.*county_overview"),
    ({"parameters": {"yaer": 2021}}, UnknownNameError, "yaer.*year"),
    ({"parameters": {"__import__('os')": 1}}, UnknownNameError, "没有参数"),
    ({"parameters": {"year": "二零二一"}}, InputError, "year.*int"),
    ({"parameters": {"month": (6,)}}, InputError, "month.*int"),
    ({"month": 13}, InputError, "13 月"),
]


@pytest.mark.parametrize(("given", "error", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_can_be_refused_is_refused_before_anything_is_written(tmp_path, given, error, message):
    out = tmp_path / "maps"
    with pytest.raises(error, match=message):
        batch.run(DEMO, **{"year": 2021, "month": 6, "out": out, **given})
    assert not out.exists()


def test_every_packaged_county_notebook_declares_typed_and_explained_parameters():
    for path in sg.batch.list_notebooks().values():
        for name, entry in batch.read_parameters(path).items():
            assert entry["type"] in {"str", "int", "float", "bool"}, name
            assert entry["help"], name
