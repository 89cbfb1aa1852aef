"""The rows of files that a row of the board cites, read back."""

import csv
import re
from pathlib import Path

from suizhou_geo.conventions import TargetRow
from tests.conftest import ROOT

DEMO = ROOT / "data" / "suizhou"
_CITED = re.compile(r"(.+?) 第 (.+?) 行")


def lines_of(path: Path) -> dict[int, dict[str, str]]:
    """The lines of a CSV by the row number that Excel shows."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return dict(enumerate(csv.DictReader(stream), start=2))


def cited_lines(row: TargetRow, *, root: Path = DEMO) -> list[dict[str, str]]:
    """The lines that a row cites; only for citations that name every row."""
    found = []
    for text in row.rows:
        file, numbers = _CITED.fullmatch(text).groups()
        assert "…" not in numbers
        lines = lines_of(root / file)
        for part in numbers.split("、"):
            first, _, last = part.partition("–")
            found += [lines[number] for number in range(int(first), int(last or first) + 1)]
    return found
