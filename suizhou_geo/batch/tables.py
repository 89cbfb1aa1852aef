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
from suizhou_geo.conventions import chance_text
from suizhou_geo.saving import write_text_atomically

RUN_COLUMNS = (
    "adcode", "county", "notebook", "year", "month", "state", "reason", "seconds", "page", "executed_notebook",
    "headline", "command", "again",
)  # fmt: skip


def make_run_table(outcomes: Sequence[Outcome], *, todo: Sequence[Job], root: Path) -> pd.DataFrame:
    """One row per job in their order. ``again`` is False where nothing had changed and nothing was done.

    Page, headline and targets are told only of runs that succeeded: what an earlier run left beside a failure is
    not the state of this month.
    """
    told = {(outcome.adcode, outcome.notebook): outcome for outcome in outcomes}
    return pd.DataFrame([_row(told[job.adcode, job.notebook.stem], job, root) for job in todo])


def write_run_table(table: pd.DataFrame, *, workspace: files.Workspace, root: Path) -> None:
    """Write ``run.json``, ``run.csv`` and ``index.html`` into the folder of the products.

    ``runs`` are of this run; ``earlier`` are of runs before it that this one did not repeat. The index shows both,
    so that repeating one county does not hide the others.
    """
    before = _read_rows(root / "run.json", workspace=workspace)
    last = {(row["adcode"], row["notebook"]): row for row in before}
    rows = [
        {**row, "changes": list_changes(row, before=last.get((row["adcode"], row["notebook"])))}
        for row in table.to_dict("records")
    ]
    repeated = {(row["adcode"], row["notebook"]) for row in rows}
    kept = [{**row, "changes": []} for place, row in last.items() if place not in repeated]
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
        "again": outcome.again,
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


def list_changes(row: Mapping[str, Any], *, before: Mapping[str, Any] | None) -> list[str]:
    """What is otherwise than at the last run of this county and notebook, in words; nothing if it was not run again.

    >>> good = {"id": "G1", "name": "优良比例", "unit": "%", "value": 66.7, "p_attain": 0.4}
    >>> then = {"state": "完成", "targets": [good], "again": True}
    >>> list_changes({**then, "targets": [{**good, "value": 71.4, "p_attain": 0.62}]}, before=then)
    ['优良比例 66.7 % → 71.4 %，达标概率 40% → 62%']
    """
    if before is None or not row["again"]:
        return []
    changes = [f"状态 {before['state']} → {row['state']}"] if before["state"] != row["state"] else []
    old = {target["id"]: target for target in before["targets"]}
    for target in row["targets"]:
        told = [
            f"{label}{then} → {now}"
            for label, then, now in _compare(old.get(target["id"], target), target)
            if then != now
        ]
        changes += ["，".join(told)] if told else []
    return changes


def _compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    def chance(target: Mapping[str, Any]) -> str:
        return "无" if target.get("p_attain") is None else chance_text(target["p_attain"])

    def value(target: Mapping[str, Any]) -> str:
        return "无" if target.get("value") is None else f"{target['value']} {target['unit']}"

    return [(f"{new['name']} ", value(old), value(new)), ("达标概率 ", chance(old), chance(new))]


def _read_rows(path: Path, *, workspace: files.Workspace) -> list[dict[str, Any]]:
    # What runs before this one said of the same city, in rows that this version can read.
    record = _read_result(path)
    known = {*workspace.counties, workspace.adcode}
    rows = (
        [*record.get("runs", ()), *record.get("earlier", ())]
        if record.get("adcode") == workspace.adcode
        else []
    )
    return [
        row for row in rows if row.keys() >= {*RUN_COLUMNS, "title", "targets"} and row["adcode"] in known
    ]


def _period(row: Mapping[str, Any]) -> str:
    return f"{row['year']:04d}-{row['month']:02d}"
