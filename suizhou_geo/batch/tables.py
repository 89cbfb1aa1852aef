"""The run table: what this run did, what stands beside it from earlier runs, as JSON, CSV and the index."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from suizhou_geo import __version__, files
from suizhou_geo.batch.engine import DONE, SKIPPED, Job, Outcome
from suizhou_geo.batch.index import write_index
from suizhou_geo.batch.notebooks import read_title
from suizhou_geo.batch.products import DATA, EXECUTED, FAILED_EXECUTED, PAGE
from suizhou_geo.saving import write_text_atomically

RUN_COLUMNS = (
    "adcode", "county", "notebook", "year", "month", "state", "reason", "seconds", "page", "executed_notebook",
    "headline", "command",
)  # fmt: skip


def make_run_table(outcomes: Sequence[Outcome], *, todo: Sequence[Job], root: Path) -> pd.DataFrame:
    """One row per job in their order; a job without an outcome was not run to its end.

    Page, headline and targets are told only of runs that succeeded: what an earlier run left beside a failure is
    not the state of this month.
    """
    told = {(outcome.adcode, outcome.notebook): outcome for outcome in outcomes}
    rows = []
    for job in todo:
        name = job.notebook.stem
        skipped = Outcome(job.adcode, job.county, name, SKIPPED, "运行被中断，没有完成")
        rows.append(_row(told.get((job.adcode, name), skipped), job, root))
    return pd.DataFrame(rows)


def write_run_table(table: pd.DataFrame, *, workspace: files.Workspace, root: Path) -> None:
    """Write ``run.json``, ``run.csv`` and ``index.html`` into the folder of the products.

    ``runs`` are of this run; ``earlier`` are of runs before it that this one did not repeat. The index shows both,
    so that repeating one county does not hide the others.
    """
    rows = table.to_dict("records")
    kept = _read_earlier(root / "run.json", workspace=workspace, rows=rows)
    record = {
        "workspace": str(workspace.root),
        "adcode": workspace.adcode,
        "name": workspace.name,
        "tool_version": __version__,
        "runs": rows,
        "earlier": kept,
    }
    write_text_atomically(root / "run.json", json.dumps(record, ensure_ascii=False, indent=1))
    files.write_table(table[list(RUN_COLUMNS)], path=root / "run.csv")
    order = [*workspace.counties, workspace.adcode]
    rows_of_all = sorted([*rows, *kept], key=lambda row: order.index(row["adcode"]))
    write_index(rows_of_all, title=workspace.name, period=_period(rows[0]), path=root / "index.html")


def _row(outcome: Outcome, job: Job, root: Path) -> dict[str, Any]:
    done = outcome.state == DONE
    page = job.folder / f"{outcome.notebook}{PAGE}"
    executed = job.folder / f"{outcome.notebook}{EXECUTED if done else FAILED_EXECUTED}"
    # Only what this run itself wrote is its result.
    result = _read_result(page.with_suffix(DATA)) if page.with_suffix(DATA).name in outcome.products else {}
    return {
        "adcode": outcome.adcode,
        "county": outcome.county,
        "notebook": outcome.notebook,
        "year": int(job.parameters["year"]),
        "month": int(job.parameters["month"]),
        "state": outcome.state,
        "reason": outcome.reason,
        "seconds": outcome.seconds,
        "page": page.relative_to(root).as_posix() if done else "",
        "executed_notebook": executed.relative_to(root).as_posix()
        if executed.is_file() and outcome.state != SKIPPED
        else "",
        "headline": result.get("headline", ""),
        "command": job.command,
        "title": read_title(job.notebook),
        "synthetic": bool(result.get("synthetic", False)),
        "targets": result.get("targets", []),
    }


def _read_result(path: Path) -> dict[str, Any]:
    # A notebook of somebody else's may write any JSON beside its page.
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return result if isinstance(result, dict) else {}


def _read_earlier(
    path: Path, *, workspace: files.Workspace, rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    record = _read_result(path)
    if record.get("adcode") != workspace.adcode:
        return []
    repeated = {(row["adcode"], row["notebook"]) for row in rows}
    known = {*workspace.counties, workspace.adcode}
    return [
        row
        for row in (*record.get("runs", ()), *record.get("earlier", ()))
        if row.keys() >= rows[0].keys()
        and row["adcode"] in known
        and (row["adcode"], row["notebook"]) not in repeated
    ]


def _period(row: Mapping[str, Any]) -> str:
    return f"{row['year']:04d}-{row['month']:02d}"
