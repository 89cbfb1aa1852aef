"""The scoreboard: which tests hold each figure, printed as one table at the end, with RECORD=1 kept in docs/reliability.md.

A test says what it tried by pytest's own ``record_property``: ``tried`` (counts), ``control`` (what the same harness finds where
there is something to find), ``seed`` and ``short`` (what falls short, although the test stands). Figures of which a test did not
run in this session are left as they are.
"""

import os
from dataclasses import dataclass

from tests.conftest import ROOT
from tools.result_table import measured_on, put_row

PAGE = ROOT / "docs" / "reliability.md"


@dataclass(frozen=True)
class Figure:
    """A figure, its mark, and where the tests are that hold it (beginnings of their names)."""

    name: str
    mark: str
    tests: tuple[str, ...]


HERE = "tests/reliability"
FIGURES = (
    Figure("1 Known answers", "100 % reproduced, least agreement stated", (f"{HERE}/test_known_answers.py",)),
    Figure(
        "2 Contract battery",
        "0 unknown exceptions, 0 verdicts from NaN, ≥ 60 checks a function",
        (
            "tests/forecast/test_trend_contract.py",
            "tests/forecast/test_estimator.py",
            "tests/assess/test_contract.py",
        ),
    ),
    Figure(
        "3 Semantic mutants",
        "0 silently wrong, 0 tracebacks, ≤ 2 % clean files refused",
        (f"{HERE}/test_mutants.py",),
    ),
    Figure("4 Byte fuzz", "0 crashes, hangs, unknown errors", (f"{HERE}/test_bytes.py",)),
    Figure(
        "5 Crash consistency",
        "0 redone, torn or left over; every save whole",
        (
            f"{HERE}/test_batches.py::test_a_batch_killed",
            f"{HERE}/test_saves.py::test_a_save_that_is_killed",
        ),
    ),
    Figure(
        "6 Truth of status",
        "100 % right state and cause, no healthy county lost",
        (f"{HERE}/test_batches.py::test_every_fault",),
    ),
    Figure(
        "7 Disk full",
        "old file intact and an error with its place, every time",
        (
            f"{HERE}/test_batches.py::test_a_full_disk",
            f"{HERE}/test_saves.py::test_a_save_without_space",
        ),
    ),
    Figure(
        "8 Concurrency",
        "one winner, refusal < 2 s, no stale lock",
        (
            f"{HERE}/test_batches.py::test_of_two_batches",
            f"{HERE}/test_batches.py::test_of_a_killed_holder",
        ),
    ),
    Figure(
        "9 Code from data",
        "0 executed, every text unchanged, every live sink of folium seen",
        (
            f"{HERE}/test_page_payloads.py",
            "tests/maps/test_hostile_texts.py",
            "tests/reports/test_hostile_papers.py",
        ),
    ),
    Figure(
        "10 Network silence",
        "0 connections on reading, 0 requests on opening",
        (f"{HERE}/test_network.py", f"{HERE}/test_page_payloads.py::test_nothing_runs"),
    ),
    Figure("11 Names and paths", "0 outside, 0 collisions, 0 code", (f"{HERE}/test_names.py",)),
    Figure(
        "12 Leaks and map law",
        "0 canaries, 0 formula cells, every public map with its number or stamp",
        (f"{HERE}/test_leaks.py", "tests/maps/test_publication.py", "tests/files/test_export.py"),
    ),
    Figure("13 Bombs", "< 10 s, < 1 GB, refused at their place", ("tests/files/test_safety.py",)),
    Figure("14 Determinism", "one hash a product", (f"{HERE}/test_determinism.py",)),
    Figure(
        "+ The wheel alone in an empty environment",
        "runs the demonstration",
        ("tests/test_house.py::test_the_wheel_installed_alone",),
    ),
    Figure("+ Mutation score of the core", "≥ 90 % killed", (f"{HERE}/test_mutation.py::test_nine",)),
)


def pytest_terminal_summary(terminalreporter):
    """One line a figure: held or not, how many tests, what they tried."""
    reports = [
        (outcome, report)
        for outcome in ("passed", "failed", "error", "skipped")
        for report in terminalreporter.stats.get(outcome, [])
        if outcome != "passed" or report.when == "call"
    ]
    rows = [row for figure in FIGURES if (row := _row(figure, reports))]
    if not rows:
        return
    terminalreporter.section("scoreboard")
    for row in rows:
        terminalreporter.write_line(" | ".join(row.values()))
        if os.environ.get("RECORD"):
            put_row(PAGE, row)


def _row(figure, reports):
    own = [(outcome, each) for outcome, each in reports if each.nodeid.startswith(figure.tests)]
    ran = [each for outcome, each in own if outcome != "skipped"]
    lacking = [name for name in figure.tests if not any(each.nodeid.startswith(name) for each in ran)]
    failed = [each.nodeid.rpartition("::")[2] for outcome, each in own if outcome in {"failed", "error"}]
    if not ran or (lacking and not failed):
        return None
    told = {key: _told(key, ran) for key in ("tried", "control", "short", "seed")}
    result = f"failed: {', '.join(failed)}" if failed else told["short"] or "held"
    return {
        "figure": figure.name,
        "mark": figure.mark,
        "result": result,
        "tried": "; ".join(filter(None, (f"{len(ran)} tests", told["tried"]))),
        "positive control": told["control"],
        "seeds": told["seed"],
        "measured": measured_on(),
    }


def _told(key, reports):
    # Each once, in the order of the tests: parametrised tests often say the same.
    texts = [
        str(value)
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == key
    ]
    return "; ".join(dict.fromkeys(texts))
