"""Scoreboard 3: labelled faults in hundreds of files. None may be silently wrong, none may end in a traceback.

One file a mutator by default; ``make soak`` takes fifteen seeds in both forms. SOAK_SEED sets the first seed.
"""

import csv
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from suizhou_geo import assess, files
from suizhou_geo.errors import Problem
from tests.reliability.mutators import CODES, HEADER, MUTATORS, Expected, Mutant, Rows, clean_table

SOAK = bool(os.environ.get("SOAK"))
SEEDS = 15 if SOAK else 1
FIRST = int(os.environ.get("SOAK_SEED", "20260301"))


def write_table(lines: Rows, path: Path, *, merge: list[str] | None = None) -> None:
    """Lines as CSV, or as the text and number cells of a workbook."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(lines)
        return
    book = openpyxl.Workbook()
    sheet = book.active
    for line in lines:
        sheet.append([_typed(cell) for cell in line])
    for area in merge or []:
        sheet.merge_cells(area)
    book.save(path)


def _typed(cell: str) -> object:
    # Excel holds plain numbers as numbers; whatever else was typed stays text.
    try:
        number = float(cell)
    except ValueError:
        return cell
    return number if np.isfinite(number) and repr(number) == cell else cell


def check(path: Path) -> tuple[list[Problem], pd.DataFrame | None]:
    """What ``suizhou-geo check`` finds in a file, published classes included."""
    checked = files.check_file(path)
    problems = list(checked.problems)
    if checked.observations is not None and len(checked.observations):
        found = assess.find_contradictions(checked.observations)
        problems += [
            files.problem_by_rule(
                row.code, observations=checked.observations, row=int(row.source_row), column="水质类别",
                value=row.published, expected=row.expected,
            )
            for row in found.itertuples()
        ]  # fmt: skip
    return problems, checked.observations


def judge(mutant: Mutant, path: Path) -> str:
    """An empty text if what happened is what must happen, else what went wrong."""
    problems, tidy = check(path)
    expected = mutant.expected
    if expected.kind == "right":
        return _judge_right(expected, problems, tidy)
    wanted = [
        problem
        for problem in problems
        if (not expected.code or problem.code == expected.code)
        and (expected.row is None or problem.row == expected.row)
        and (not expected.told or expected.told in f"{problem.value}{problem.expected}")
    ]
    if not wanted:
        return f"not told: {[(problem.code, problem.row, problem.value) for problem in problems][:4]}"
    placed = expected.kind == "located" and expected.column is not None and expected.row is not None
    if placed and HEADER[expected.column or 0].split("(")[0] not in wanted[0].column:
        return f"another column is named: {wanted[0].column}"
    return "" if wanted[0].file and wanted[0].hint else "no file or no remedy"


def _judge_right(expected: Expected, problems: list[Problem], tidy: pd.DataFrame | None) -> str:
    errors = [
        problem for problem in problems if problem.severity == "error" and problem.code != "out_of_range"
    ]
    if errors or tidy is None:
        return f"refused: {errors[:2]}"
    if expected.column == 1:
        return "" if tidy["time"].notna().all() else "a time was lost"
    code = CODES[expected.column or 0]
    cell = tidy[(tidy["source_row"] == expected.row) & (tidy["indicator"] == code)]
    if len(cell) != 1:
        return f"{len(cell)} values at row {expected.row}"
    return _judge_value(
        expected, float(cell["value"].iloc[0]), bool(cell["censored"].iloc[0])
    ) or _judge_told(expected, tidy)


def _judge_value(expected: Expected, value: float, censored: bool) -> str:
    truth = expected.value
    if truth is None or (np.isnan(value) and np.isnan(truth)):
        return ""
    if not np.isclose(value, truth, rtol=1e-9):
        return f"read {value} for {truth}"
    return "" if censored == expected.censored else "below detection or not: wrong"


def _judge_told(expected: Expected, tidy: pd.DataFrame) -> str:
    if expected.told == "log":
        return "" if expected.row in tidy.attrs["changes"]["row"] else "the change is not logged"
    told = "".join(tidy.attrs["notes"])
    return "" if expected.told in told else f"not told: {told}"


def _forms(label: str) -> tuple[str, ...]:
    both = (".csv", ".xlsx")
    return both if SOAK else (both[list(MUTATORS).index(label) % 2],)


@pytest.mark.parametrize("label", list(MUTATORS))
def test_a_fault_is_read_rightly_or_told_at_its_place(label: str, tmp_path: Path) -> None:
    wrong = []
    for seed in range(FIRST, FIRST + SEEDS):
        for form in _forms(label):
            random = np.random.default_rng(seed)
            mutant = MUTATORS[label](clean_table(random), random)
            chosen = f".{mutant.form}" if mutant.form != "any" else form
            path = tmp_path / f"{seed}{mutant.ending or chosen}"
            if mutant.raw is None:
                write_table(mutant.lines, path, merge=mutant.merge)
            else:
                path.write_bytes(mutant.raw)
            fault = judge(mutant, path)
            if fault:
                wrong.append((seed, form, fault))
    assert not wrong, wrong[:3]


def test_clean_files_pass(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    told = []
    for seed in range(FIRST, FIRST + 10 * SEEDS):
        path = tmp_path / f"{seed}{'.csv' if seed % 2 else '.xlsx'}"
        write_table(clean_table(np.random.default_rng(seed)), path)
        problems, tidy = check(path)
        assert tidy is not None
        told += [(seed, problem.code, problem.value) for problem in problems]
    files_made = sum(len(_forms(label)) for label in MUTATORS) * SEEDS
    record_property(
        "tried", f"{len(MUTATORS)} faults, {files_made} files; {10 * SEEDS} clean files, {len(told)} refused"
    )
    record_property("seed", FIRST)
    assert len(told) <= 0.02 * 10 * SEEDS, told[:5]


def test_there_are_enough_of_them() -> None:
    assert len(MUTATORS) >= 40


def test_plain_reading_gets_numbers_wrong_without_a_word(
    record_property: Callable[[str, object], None],
) -> None:
    # What the gate is held against: as pandas is used plainly, most of these cells are lost and one is a concentration.
    cells = pd.Series(["0.02L", "<0.01", "＜0.05", "未检出", "-1", "1,234", "0.5mg/L", "1.2×10^3", "0.3"])
    plain = pd.to_numeric(cells, errors="coerce")
    record_property(
        "control",
        f"pandas.to_numeric: {int(plain.isna().sum())} of {len(cells)} cells lost, mean {plain.mean():.2f} mg/L",
    )
    assert plain.isna().sum() >= 5
    assert plain.mean() < 0
