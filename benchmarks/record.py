"""What a benchmark found, as one row: printed, and with ``RECORD=1`` (``make bench``) kept in ``docs/benchmarks.md``."""

import os
import statistics
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from tools.result_table import ROOT, measured_on, put_row, read_table

PAGE = ROOT / "docs" / "benchmarks.md"


def record(
    name: str, *, ours: str, peer: str = "", result: str, mark: str = "", equal: str = "", versions: Sequence[str] = ()
) -> None:  # fmt: skip
    """Print and keep a row. Call it only after the answers were found equal.

    Parameters
    ----------
    name
        The row; a later run takes the place of an earlier one of the same name.
    ours, peer
        What each took, with how often it was run.
    result, mark
        The ratio or figure that counts, and what it should be.
    equal
        What was asserted before.
    versions
        Packages of this environment, or text as it is (a peer in an environment of its own).
    """
    row = {
        "benchmark": name, "ours": ours, "peer": peer, "result": result, "mark": mark, "asserted first": equal,
        "versions": ", ".join(map(_with_version, versions)), "measured": measured_on(),
    }  # fmt: skip
    print(" | ".join(filter(None, row.values())), flush=True)
    if os.environ.get("RECORD"):
        put_row(PAGE, row)


def seconds(times: Sequence[float]) -> str:
    """The median of some times, how many there were and between what they lay.

    >>> seconds([0.2, 0.1, 0.4])
    '0.2 s (median of 3, 0.1–0.4)'
    """
    return f"{statistics.median(times):.3g} s (median of {len(times)}, {min(times):.3g}–{max(times):.3g})"


def _with_version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return package


if __name__ == "__main__":
    print(read_table(PAGE))
