"""One run: its state is true whatever the notebook does, and only a success replaces a product."""

import asyncio
import json
import sys

import pytest
from jupyter_client.kernelspec import KernelSpec

from suizhou_geo.batch.engine import Job, run_job
from suizhou_geo.batch.kernels import OwnKernelManager
from tests.batch.tiny import WRITE, write_notebook

OURS = 'from suizhou_geo.errors import InputError\nraise InputError("断面缺少坐标", why="两列都是空的")'
FAULTS = {
    "an exception": (["1 / 0"], "ZeroDivisionError: division by zero"),
    "an exception after the page": ([WRITE, "1 / 0"], "ZeroDivisionError"),
    "our own error": ([OURS], "断面缺少坐标。原因：两列都是空的。"),
    "an exception without a text": (["raise MemoryError"], "内存不足：MemoryError"),
    "sys.exit with a code": ([WRITE, "import sys\nsys.exit(3)"], "SystemExit: 3"),
    "sys.exit as if all were well": ([WRITE, "import sys\nsys.exit(0)", "1 / 0"], "没有运行完"),
    "a kernel that ends itself": ([WRITE, "import os\nos._exit(0)"], "内核意外终止"),
    "a killed kernel": (["import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"], "内核意外终止"),
    "a syntax error": (["if :"], "SyntaxError"),
    "no page": (["pass"], "没有写出页面"),
    "an empty page": (["from pathlib import Path\nPath(page).touch()"], "页面是空的"),
    "a run that never ends": (["import time\ntime.sleep(600)"], "超过时限 3 秒"),
}


def job(notebook, folder, *, timeout=60):
    folder.mkdir(exist_ok=True)
    return Job(notebook, "421303", "曾都区", {"year": 2021, "month": 6}, folder, timeout)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_run_that_succeeds_leaves_its_page_and_notebook_and_nothing_else(tmp_path):
    outcome = run_job(job(write_notebook(tmp_path, WRITE), tmp_path / "out"))
    assert (outcome.state, outcome.reason) == ("完成", "")
    assert names(tmp_path / "out") == ["tiny.html", "tiny.ipynb"]
    assert (tmp_path / "out" / "tiny.html").read_text(encoding="utf-8") == "421303 0.5"
    assert set(outcome.products) == {"tiny.html", "tiny.ipynb"}


def test_the_executed_notebook_names_its_page_as_it_stands_beside_it(tmp_path):
    run_job(job(write_notebook(tmp_path, WRITE), tmp_path / "out"))
    executed = (tmp_path / "out" / "tiny.ipynb").read_text(encoding="utf-8")
    assert 'page = \\"tiny.html\\"' in executed


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_run_that_fails_says_why_and_leaves_the_old_page(tmp_path, fault):
    cells, wanted = FAULTS[fault]
    old = tmp_path / "out" / "tiny.html"
    old.parent.mkdir()
    old.write_text("上个月", encoding="utf-8")
    timeout = 3 if "never" in fault else 60
    outcome = run_job(job(write_notebook(tmp_path, *cells), tmp_path / "out", timeout=timeout))
    assert outcome.state == "失败"
    assert wanted in outcome.reason
    assert outcome.products == ()
    assert old.read_text(encoding="utf-8") == "上个月"
    assert names(old.parent) == ["tiny.failed.ipynb", "tiny.html"]


def test_a_file_that_is_no_notebook_is_an_outcome_too(tmp_path):
    broken = tmp_path / "broken.ipynb"
    broken.write_text("{}", encoding="utf-8")
    outcome = run_job(job(broken, tmp_path / "out"))
    assert outcome.state == "失败"
    assert outcome.reason
    assert names(tmp_path / "out") == []


def test_success_removes_the_notebook_of_an_earlier_failure(tmp_path):
    notebook = write_notebook(tmp_path, "1 / 0")
    run_job(job(notebook, tmp_path / "out"))
    assert names(tmp_path / "out") == ["tiny.failed.ipynb"]
    write_notebook(tmp_path, WRITE)
    run_job(job(notebook, tmp_path / "out"))
    assert names(tmp_path / "out") == ["tiny.html", "tiny.ipynb"]


def test_the_kernel_is_this_python_whatever_kernels_are_installed(tmp_path, monkeypatch):
    foreign = tmp_path / "jupyter" / "kernels" / "python3"
    foreign.mkdir(parents=True)
    spec = {"argv": ["/nowhere/python", "{connection_file}"], "display_name": "x", "language": "python"}
    (foreign / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    tell = "import sys\nfrom pathlib import Path\nPath(page).write_text(sys.executable)"
    outcome = run_job(job(write_notebook(tmp_path, tell), tmp_path / "out"))
    assert outcome.reason == ""
    assert (tmp_path / "out" / "tiny.html").read_text(encoding="utf-8") == sys.executable


def test_a_kernel_that_dies_while_starting_says_nothing_on_the_terminal(monkeypatch, capfd):
    command = [sys.executable, "-c", "import sys; sys.stderr.write('Traceback: no folder')"]
    spec = KernelSpec(argv=command, display_name="dies", language="python")
    monkeypatch.setattr(OwnKernelManager, "kernel_spec", property(lambda _self: spec))

    async def start_and_wait():
        manager = OwnKernelManager()
        await manager.start_kernel()
        await manager.provisioner.wait()
        manager.cleanup_connection_file()

    asyncio.run(start_and_wait())
    assert "Traceback" not in capfd.readouterr().err
