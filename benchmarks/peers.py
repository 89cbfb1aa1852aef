"""A peer in an environment of its own, and a script run there with its result read back.

Peers that the package itself depends on (folium, geopandas, papermill) are compared in the environment of the package, so
that both sides have the same version of everything below them.
"""

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

REQUIREMENTS = Path(__file__).with_name("requirements-peers.txt")
ENVIRONMENTS = Path(__file__).resolve().parents[1] / ".venv-peers"


def find_python(package: str) -> Path:
    """The Python of an environment that holds one pinned package of ``requirements-peers.txt`` and nothing else.

    It is made when it is first asked for and kept in ``.venv-peers``.
    """
    [pin] = [
        line
        for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines()
        if line.startswith(f"{package}==")
    ]
    folder = ENVIRONMENTS / pin
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    ready = folder / "ready"
    if not ready.exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", pin], check=True
        )
        ready.touch()
    return python


def run_there(python: Path, code: str, *arguments: str) -> Any:
    """What a script prints as JSON in that environment."""
    done = subprocess.run([python, "-c", code, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)
