"""Tables of measured figures in the documentation: each is written by what measures it, row by row, never by hand."""

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def put_row(page: Path, row: Mapping[str, str]) -> None:
    """Put a row into the table of ``page`` that has these columns, in place of the row with the same first cell.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = Path(folder) / "a.md"
    ...     _ = page.write_text("# A\\n\\n| what | s |\\n|---|---|\\n| B1 | 3 |\\n| B2 | 5 |\\n\\nEnd.\\n")
    ...     put_row(page, {"what": "B1", "s": "a|b"})
    ...     print(page.read_text())
    # A
    <BLANKLINE>
    | what | s |
    |---|---|
    | B1 | a/b |
    | B2 | 5 |
    <BLANKLINE>
    End.
    <BLANKLINE>
    """
    lines = page.read_text(encoding="utf-8").splitlines()
    first = lines.index(_line(row)) + 2
    last = first + next(
        (n for n, line in enumerate(lines[first:]) if not line.startswith("|")), len(lines) - first
    )
    rows = {line.split("|")[1].strip(): line for line in lines[first:last]}
    cells = [" ".join(str(cell).replace("|", "/").split()) for cell in row.values()]
    rows[cells[0]] = _line(cells)
    lines[first:last] = rows.values()
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_table(page: Path) -> str:
    """The first table of a page as it stands there."""
    return "\n".join(line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("|"))


def measured_on() -> str:
    """Day, commit, machine and its load: what a figure is worth nothing without."""
    commit = _git("describe", "--always") or "no commit"
    # Of the code: the pages that hold the tables change while they are written.
    changed = " with changes" if _git("status", "--porcelain", "--", ".", ":!docs") else ""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {commit}{changed}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} processors{load}, Python {platform.python_version()}"
    )


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    return done.stdout.strip()


def _line(cells: object) -> str:
    return f"| {' | '.join(cells)} |"  # type: ignore[arg-type]
