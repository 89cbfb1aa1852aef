"""A workspace of many counties, a notebook that takes a moment, and a batch of them in a process of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from suizhou_geo import files
from suizhou_geo.saving import sha256_of
from tests.batch.tiny import write_notebook
from tests.conftest import ROOT

#: Page, Word and Excel of one county, made from its code alone.
PRODUCTS = """
import time
from pathlib import Path
import suizhou_geo as sg
time.sleep({seconds})
said = f"{{adcode}} {{year}}-{{month}}"
result = sg.conventions.CountyResult(adcode, said, "", year, month, said, (), (), (), (), (), (), False, "0")
sg.reports.write_brief(result, page.replace(".html", ".docx"))
sg.reports.write_workbook(result, page.replace(".html", ".xlsx"))
Path(page).write_text(said * 2000, encoding="utf-8")
"""

TOML = """
[region]
name = "测试"
adcode = "{city}"
counties = {counties}
metric_crs = "EPSG:4547"
"""


def make_workspace(folder, *, counties):
    """A workspace without data; returns its folder and all its codes, the city's last."""
    codes = sorted(files.read_counties().index)[200 : 200 + counties - 1]
    folder.mkdir(parents=True)
    text = TOML.format(city="421300", counties=json.dumps(codes))
    (folder / "workspace.toml").write_text(text, encoding="utf-8")
    return folder, [*codes, "421300"]


def start_batch(workspace, notebook, out, *options, limit=None):
    """``suizhou-geo run`` at the head of a process group of its own; ``limit`` is called in it first."""
    command = [
        sys.executable,
        "-m",
        "suizhou_geo.cli",
        "run",
        str(workspace),
        "--year",
        "2021",
        "--month",
        "6",
    ]
    command += ["--notebook", str(notebook), "--out", str(out), *options]
    told = out.parent / f"{out.name}.told"
    # A new file: another batch in the same folder goes on writing into the old one.
    told.unlink(missing_ok=True)
    with told.open("w", encoding="utf-8") as stream:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
            preexec_fn=limit,  # noqa: PLW1509
        )


def told_by(out):
    return (out.parent / f"{out.name}.told").read_text(encoding="utf-8")


def kill_group(process):
    """SIGKILL the whole group, and wait until nobody works for it any more."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def hashes(out):
    """Hash of every product; of executed notebooks without the times, which are all that may differ."""
    found = {}
    for path in sorted(out.glob("*/*")):
        if path.suffix == ".ipynb":
            found[path.relative_to(out).as_posix()] = _without_times(path)
        else:
            found[path.relative_to(out).as_posix()] = sha256_of(path)
    return found


def leftovers(out):
    return [str(path) for path in (*out.glob("*/.*"), *out.glob("tmp-*"), *out.glob("*/tmp-*"))]


def _without_times(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["metadata"].pop("papermill")
    for cell in notebook["cells"]:
        cell["metadata"].pop("papermill", None)
        cell["metadata"].pop("execution", None)
        # papermill gives its cell of parameters a new id each time.
        cell.pop("id", None)
    text = json.dumps(notebook, ensure_ascii=False)
    assert not re.search(r"20\d\d-\d\d-\d\dT", text), "a time is left"
    return text


def make_notebook(folder, *cells, seconds=0.2):
    return write_notebook(folder, *(cells or (PRODUCTS.format(seconds=seconds),)), name="nano")


def wait_for(condition, *, seconds=120):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it never came"
        time.sleep(0.05)


def kernels_of(out: Path):
    """Processes that work in a folder of products."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(process.joinpath("cwd").readlink()).startswith(str(out)):
                found.append(process.name)
        except OSError:
            continue
    return found
