"""The house itself: dependencies, lock, wheel, light import, committed notebooks."""

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile

import pytest
import yaml

from tests.conftest import ROOT

HEAVY = ("folium", "sklearn", "papermill", "dask", "pandas", "geopandas", "xarray")


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_environment_yml_holds_the_direct_dependencies_of_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    conda = [item for item in environment if isinstance(item, str)]
    pip = next(item["pip"] for item in environment if isinstance(item, dict))
    assert f"python{project()['requires-python']}" in conda
    assert set(conda) - {"pip", f"python{project()['requires-python']}"} | set(pip) == set(
        project()["dependencies"]
    )


def test_the_lock_names_no_host_and_pins_every_package_by_hash():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    entries = re.split(r"\n(?=[a-z0-9])", "\n" + lock.strip())
    pinned = [entry for entry in entries if "==" in entry.partition("\n")[0]]
    assert len(pinned) > 100
    assert all("--hash=sha256:" in entry for entry in pinned)


def test_the_lock_satisfies_every_direct_dependency():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9._-]+)==", lock, flags=re.MULTILINE))
    wanted = {re.split(r"[<>=]", item)[0].lower() for item in project()["dependencies"]}
    assert wanted <= locked


def test_importing_the_package_loads_no_heavy_library():
    code = "import sys, suizhou_geo; print(*[name for name in sys.argv[1:] if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert run.stdout.split() == []


def test_asking_for_help_loads_no_heavy_library():
    code = (
        "import sys\n"
        "from suizhou_geo.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print('loaded', *[name for name in sys.argv[1:] if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert run.stdout.splitlines()[-1].split() == ["loaded"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_notebooks_and_the_demonstration_workspace(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("notebooks", "data/suizhou"):
        committed = {
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and ".ipynb_checkpoints" not in path.parts
        }
        assert committed
        assert {f"suizhou_geo/_bundled/{name}" for name in committed} <= names


def test_the_wheel_alone_finds_its_notebooks_and_workspace(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "from suizhou_geo.packaged import packaged_folder as folder\n"
        "print(folder('data', 'suizhou', 'workspace.toml').is_file())\n"
        "print(folder('notebooks', 'county_overview.ipynb').is_file())\n"
        "print(folder().is_relative_to(__import__('sys').argv[1]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
    )
    assert run.stdout.split() == ["True", "True", "True"]


@pytest.mark.skipif(not os.environ.get("SOAK"), reason="installs every dependency: only with SOAK=1")
def test_the_wheel_installed_alone_runs_the_demonstration(wheel, tmp_path):
    venv.create(tmp_path / "empty", with_pip=True)
    scripts = tmp_path / "empty" / ("Scripts" if sys.platform == "win32" else "bin")
    install = [
        scripts / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True, cwd=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    # Nothing of this checkout: no path, no folder.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SOAK"))
    }
    command = [scripts / "suizhou-geo", "demo", "--out", "maps"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=elsewhere, env=environment, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    pages = {path.relative_to(elsewhere).as_posix() for path in elsewhere.rglob("county_overview.html")}
    assert pages == {f"maps/{code}/county_overview.html" for code in ("421300", "421303", "421321", "421381")}
    assert (elsewhere / "maps" / "index.html").stat().st_size > 0


def notebooks():
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.name)
def test_committed_notebooks_are_stripped_and_define_nothing(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    previous = ""
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
            assert not re.search(r"^\s*(def |class |%|!)", source, flags=re.MULTILINE)
            assert len(source.splitlines()) <= 15
            assert previous == "markdown"
        previous = cell["cell_type"]


def test_no_third_party_asset_is_committed():
    run = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not re.findall(r"\S*(?:leaflet|jquery|bootstrap)\S*\.(?:js|css)$|\S*\.min\.js$", run.stdout, re.M)


def test_the_walk_for_newcomers_runs_from_start_to_end(tmp_path):
    import papermill

    executed = tmp_path / "00_start_here.ipynb"
    papermill.execute_notebook(
        str(ROOT / "notebooks" / "00_start_here.ipynb"),
        str(executed),
        kernel_name="python3",
        progress_bar=False,
    )
    shown = executed.read_text(encoding="utf-8")
    assert "截至 6 月" in shown
    assert "<iframe" in shown
