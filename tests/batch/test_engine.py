"""One run: its state is true whatever the notebook does, and only a success replaces a product."""

import ast
import asyncio
import json
import os
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpec

from suizhou_geo.batch import kernels, prepared
from suizhou_geo.batch.engine import Job, run_job
from suizhou_geo.batch.kernels import OwnKernelManager
from suizhou_geo.batch.runner import LEAST_MEMORY
from tests.batch.tiny import WRITE, write_notebook
from tests.conftest import ROOT

OURS = 'from suizhou_geo.errors import InputError\nraise InputError("断面缺少坐标", why="两列都是空的")'
READ = 'import suizhou_geo as sg\nsg.files.read_observations("{}", medium="water")'
FAULTS = {
    "an exception after the page": ([WRITE, "1 / 0"], "ZeroDivisionError: division by zero"),
    "our own error": ([OURS], "断面缺少坐标。原因：两列都是空的。"),
    "more memory than there is": (["held = bytearray(2**46)"], "内存不足：MemoryError"),
    "a torn input": ([f'from pathlib import Path\nPath("t.xlsx").write_bytes(b"PK torn")\n{READ.format("t.xlsx")}'], "文件内容与扩展名不符。位置：文件 t.xlsx"),
    "a missing input": ([READ.format("gone.csv")], "找不到文件“gone.csv”"),
    "an interrupted kernel": (["import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)"], "运行被中断：KeyboardInterrupt"),
    "sys.exit with a code": ([WRITE, "import sys\nsys.exit(3)"], "SystemExit: 3"),
    "sys.exit as if all were well": ([WRITE, "import sys\nsys.exit(0)", "1 / 0"], "没有运行完"),
    "a kernel that ends itself": ([WRITE, "import os\nos._exit(0)"], "内核意外终止"),
    "a killed kernel": (["import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"], "内核意外终止"),
    "a syntax error": (["if :"], "SyntaxError"),
    "no page": (["pass"], "没有写出页面"),
    "an empty page": (["from pathlib import Path\nPath(page).touch()"], "页面是空的"),
    "a run that never ends": (["import time\ntime.sleep(600)"], "超过时限 3 秒"),
}  # fmt: skip


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
    assert outcome.products == {}
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
    # Where there is no fork, a kernel is a process of its own.
    for module in (kernels, prepared):
        monkeypatch.setattr(module, "FORKS", False)

    async def start_and_wait():
        manager = OwnKernelManager()
        await manager.start_kernel()
        await manager.provisioner.wait()
        manager.cleanup_connection_file()

    # In a thread of its own: this one may have a loop already, that of the browser of another test.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, start_and_wait()).result()
    assert "Traceback" not in capfd.readouterr().err


def test_without_fork_a_kernel_is_started_plainly(tmp_path, monkeypatch):
    for module in (kernels, prepared):
        monkeypatch.setattr(module, "FORKS", False)
    tell = 'import sys\nfrom pathlib import Path\nPath(page).write_text(str("geopandas" in sys.modules))'
    assert run_job(job(write_notebook(tmp_path, tell), tmp_path / "out")).reason == ""
    assert (tmp_path / "out" / "tiny.html").read_text(encoding="utf-8") == "False"


@pytest.mark.skipif(not prepared.FORKS, reason="kernels are ready ahead only where there is fork")
def test_a_kernel_that_dies_while_it_waits_costs_no_run(tmp_path, monkeypatch):
    died = []

    def take_dying(scratch, *, take=kernels.take_kernel):
        kernel = take(scratch)
        kernel.process.kill()
        kernel.process.join()
        died.append(kernel.process.pid)
        return kernel

    monkeypatch.setattr(kernels, "take_kernel", take_dying)
    outcome = run_job(job(write_notebook(tmp_path, WRITE), tmp_path / "out"))
    assert (outcome.state, outcome.reason) == ("完成", "")
    assert len(died) == 1


def test_a_temporary_folder_with_a_long_name_is_no_obstacle(tmp_path):
    scratch = tmp_path / ("scratch" * 15)
    scratch.mkdir()
    outcome = run_job(replace(job(write_notebook(tmp_path, WRITE), tmp_path / "out"), scratch=str(scratch)))
    assert outcome.reason == ""
    assert list(scratch.iterdir()) == []


LOOK = """
import multiprocessing, os, random, sys
import numpy as np
from pathlib import Path
Path(page).write_text(repr({
    "warm": "geopandas" in sys.modules, "folder": os.path.basename(os.getcwd()), "left": hasattr(np, "left_behind"),
    "numpy": np.random.rand(), "random": random.random(), "variable": os.environ.get("LEFT_BEHIND"),
}))
np.left_behind = True
os.environ["LEFT_BEHIND"] = "yes"
os.chdir("/")
"""
ENDS = {
    "by itself": "pass",
    "at once": "import os\nos._exit(0)",
    "crashing": "import ctypes\nctypes.string_at(0)",
}


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_what_one_run_does_is_gone_in_the_next(tmp_path, end):
    notebook = write_notebook(tmp_path, LOOK)
    run_job(job(write_notebook(tmp_path, LOOK, ENDS[end], name="before"), tmp_path / "out"))
    seen = []
    for _ in range(2):
        assert run_job(job(notebook, tmp_path / "out")).reason == ""
        seen.append(ast.literal_eval((tmp_path / "out" / "tiny.html").read_text(encoding="utf-8")))
    for each in seen:
        assert each["warm"]
        assert each["folder"].startswith(".staging-tiny-")
        assert (each["left"], each["variable"]) == (False, None)
    assert seen[0]["numpy"] != seen[1]["numpy"]
    assert seen[0]["random"] != seen[1]["random"]


def test_a_kernel_that_died_is_tried_once_more_and_an_error_is_not(tmp_path):
    counter = tmp_path / "tries"
    once = f"from pathlib import Path\nfound = Path({str(counter)!r})\nfound.write_text(found.read_text() + '.' if found.exists() else '.')"
    die_first = f"{once}\nimport os\nif len(found.read_text()) < 2:\n    os._exit(1)"
    assert run_job(job(write_notebook(tmp_path, die_first, WRITE), tmp_path / "out")).state == "完成"
    counter.unlink()
    assert run_job(job(write_notebook(tmp_path, once, "1 / 0"), tmp_path / "out")).state == "失败"
    assert counter.read_text(encoding="utf-8") == "."


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux counts a process's data")
def test_a_run_that_takes_more_memory_than_it_may_fails(tmp_path):
    greedy = write_notebook(tmp_path, 'held = bytearray(2**30 if adcode == "421303" else 1)', WRITE)
    here = replace(job(greedy, tmp_path / "out"), memory=LEAST_MEMORY)
    assert run_job(here).reason.startswith("内存不足：MemoryError")
    assert run_job(replace(here, adcode="421321")).reason == ""
    # Too little for anything is told as well: the kernel lives to say so, or dies of it.
    reason = run_job(replace(here, memory=10)).reason
    assert reason.startswith("内存不足") or reason.endswith("内存上限为 10 MB"), reason


def test_what_a_notebook_leaves_open_is_written_all_the_same(tmp_path):
    left = write_notebook(tmp_path, 'page_file = open(page, "w")\npage_file.write("whole")')
    assert run_job(job(left, tmp_path / "out")).reason == ""
    assert (tmp_path / "out" / "tiny.html").read_text(encoding="utf-8") == "whole"


def test_subprocesses_of_a_run_that_is_given_up_are_ended_with_it(tmp_path):
    start = "import subprocess, time\nprint(subprocess.Popen(['sleep', '600']).pid)\ntime.sleep(600)"
    outcome = run_job(job(write_notebook(tmp_path, start), tmp_path / "out", timeout=4))
    assert "超过时限 4 秒" in outcome.reason
    kept = json.loads((tmp_path / "out" / "tiny.failed.ipynb").read_text(encoding="utf-8"))
    (printed,) = [output["text"] for cell in kept["cells"] for output in cell["outputs"] if "text" in output]
    pid = int("".join(printed))
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up and _lives(pid):
        time.sleep(0.05)
    assert not _lives(pid)


def _lives(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_papermill_itself_finds_the_engine_by_its_entry_point(tmp_path):
    # As an installation would write it, from the project's own table.
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [f"{name} = {target}" for name, target in project["entry-points"]["papermill.engine"].items()]
    told = tmp_path / "installed" / "engine_of_this_checkout-1.dist-info"
    told.mkdir(parents=True)
    (told / "entry_points.txt").write_text("[papermill.engine]\n" + "\n".join(lines), encoding="utf-8")
    (told / "METADATA").write_text("Name: engine-of-this-checkout\nVersion: 1\n", encoding="utf-8")
    tell = 'import sys\nprint("warm" if "geopandas" in sys.modules else "cold")'
    notebook, out = write_notebook(tmp_path, tell), tmp_path / "out.ipynb"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(told.parent), str(ROOT)])}
    command = [sys.executable, "-m", "papermill", "--engine", "suizhou-geo", "--no-progress-bar"]
    run = subprocess.run(
        [*command, notebook, out], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    cells = json.loads(out.read_text(encoding="utf-8"))["cells"]
    assert ["warm\n"] in [output.get("text") for cell in cells for output in cell["outputs"]]
