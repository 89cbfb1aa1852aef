"""Notebooks where analysts read them: in JupyterLab, all cells run from the menu, and the map is there."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab on the loopback with a token and folders of its own: its address, as a function of the file."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    folders = {
        name: str(home / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "HOME")
    }
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        f"--port={port}",
    ]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={home / 'notebooks'}"]
    environment = {**os.environ, **folders, "PYTHONPATH": str(ROOT)}
    with (home / "log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    give_up = time.monotonic() + 90
    while not _answers(f"{address}/api/status?token={token}"):
        assert time.monotonic() < give_up, (home / "log").read_text(encoding="utf-8")
        assert server.poll() is None, (home / "log").read_text(encoding="utf-8")
        time.sleep(0.2)
    assert not _answers(f"{address}/api/status"), "it answers without a token"
    yield lambda name: f"{address}/lab/tree/{name}?token={token}&reset"
    server.terminate()
    server.wait(timeout=30)


def _answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as reply:  # noqa: S310  (the loopback)
            return reply.status == 200
    except OSError:
        return False


@pytest.mark.parametrize("name", ["00_start_here.ipynb", "county_overview.ipynb"])
def test_all_cells_run_and_the_map_shows(lab, browser, tmp_path, name):
    code = [
        cell
        for cell in json.loads((ROOT / "notebooks" / name).read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    outside = []
    context.route(
        lambda url: not url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:")),
        lambda route: (outside.append(route.request.url), route.abort()),
    )
    page = context.new_page()
    page.goto(lab(name), timeout=120_000)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
    # Before its kernel is there, JupyterLab would ask which one to take.
    page.wait_for_selector("#jp-main-statusbar >> text=| Idle", timeout=120_000)
    page.click(".lm-MenuBar-item >> text=Run")
    page.click(".lm-Menu-item >> text=Run All Cells")
    # A number in the prompt of the last code cell says that it is through.
    panel = page.locator(".jp-NotebookPanel")
    last = f"() => [...document.querySelectorAll('.jp-InputPrompt')].some((one) => one.innerText.includes('[{len(code)}]'))"
    page.wait_for_function(last, timeout=240_000)
    assert panel.locator('[data-mime-type="application/vnd.jupyter.error"]').count() == 0
    shown = next(frame for frame in page.frames if frame.query_selector(".leaflet-container"))
    shown.wait_for_selector("path.leaflet-interactive, canvas", state="attached", timeout=60_000)
    box = shown.frame_element().bounding_box()
    assert box["width"] > 500
    assert box["height"] > 300
    shown.frame_element().scroll_into_view_if_needed()
    page.screenshot(path=os.environ.get("SCREENSHOTS", str(tmp_path)) + f"/{name}.png")
    context.close()
