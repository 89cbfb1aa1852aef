"""An environment with one peer in it, and a script run there with its result read back."""

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

REQUIREMENTS = Path(__file__).with_name("requirements-peers.txt")


def make_environment(folder: Path, *, package: str) -> Path:
    """The Python of a new environment that holds one pinned package of ``requirements-peers.txt`` and nothing else."""
    pins = [
        line
        for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines()
        if line.startswith(f"{package}==")
    ]
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *pins], check=True
    )
    return python


def run_there(python: Path, code: str, *arguments: str) -> Any:
    """What a script prints as JSON in that environment."""
    done = subprocess.run([python, "-c", code, *arguments], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)
