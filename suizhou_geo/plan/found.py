"""What was found for one row of the plan: its value, what is due by now, and the rows of files that say so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

#: Runs of row numbers that are written out; a longer list says how many there are.
_SHOWN_RUNS = 6


@dataclass(frozen=True)
class Found:
    """A value and what belongs to it. ``goal`` takes the place of a target that the plan does not give as a figure.

    ``value`` None with a ``reason`` is a row that cannot be judged; ``progress`` is in per cent, ``required`` in the unit
    of the value; ``rows`` are as :func:`rows_text` writes them.
    """

    value: float | None = None
    goal: float | None = None
    required: float | None = None
    progress: float | None = None
    rows: tuple[str, ...] = ()
    note: str = ""
    reason: str = ""
    change: str = ""
    synthetic: bool = False


def observed_rows(observations: pd.DataFrame) -> tuple[str, ...]:
    """The rows of the observation files that a table of observations came from, one text a file.

    >>> observed_rows(pd.DataFrame({"source_file": ["a.csv"] * 4, "source_row": [2, 3, 4, 9]}))
    ('a.csv 第 2–4、9 行',)
    """
    if observations.empty or "source_file" not in observations.columns:
        return ()
    groups = observations.groupby("source_file", sort=True)["source_row"]
    return tuple(rows_text(str(file), numbers) for file, numbers in groups)


def rows_text(file: str, numbers: Iterable[int]) -> str:
    """A file and the rows in it, as Excel numbers them, runs together.

    >>> rows_text("plan/reports.csv", [7, 5, 6, 12]), rows_text("a.csv", range(2, 40, 2))
    ('plan/reports.csv 第 5–7、12 行', 'a.csv 第 2、4、6、8、10、12…38 行（共 19 行）')
    """
    found = sorted({int(number) for number in numbers})
    runs = _runs(found)
    texts = [f"{first}" if first == last else f"{first}–{last}" for first, last in runs]
    if len(texts) <= _SHOWN_RUNS:
        return f"{file} 第 {'、'.join(texts)} 行"
    return f"{file} 第 {'、'.join(texts[:_SHOWN_RUNS])}…{texts[-1]} 行（共 {len(found)} 行）"


def items_text(file: str, ids: Sequence[str]) -> str:
    """A layer's file and the ids of its features.

    >>> items_text("layers/sources.csv", ["P01", "P02"]), items_text("a.csv", list("abcdefgh"))
    ('layers/sources.csv：P01、P02', 'a.csv：a、b、c、d、e、f…h（共 8 个）')
    """
    named = (
        "、".join(ids)
        if len(ids) <= _SHOWN_RUNS
        else f"{'、'.join(ids[:_SHOWN_RUNS])}…{ids[-1]}（共 {len(ids)} 个）"
    )
    return f"{file}：{named}"


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
