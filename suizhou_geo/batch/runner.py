"""Notebooks × counties, each run isolated: one failing never stops the others, and the run table tells all."""

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from suizhou_geo import files
from suizhou_geo.batch.engine import FAILED, Job, Outcome, run_job
from suizhou_geo.batch.index import write_index
from suizhou_geo.batch.notebooks import check_parameters, find_notebook
from suizhou_geo.errors import InputError, UnknownNameError
from suizhou_geo.saving import write_text_atomically

#: Seconds after which a cell is given up.
TIMEOUT = 600

RUN_COLUMNS = ("adcode", "county", "notebook", "state", "reason", "seconds", "page", "headline")

Progress = Callable[[Outcome, int, int], None]


def run(
    workspace: str | Path | files.Workspace,
    *,
    year: int,
    month: int,
    counties: Sequence[str] | None = None,
    notebooks: Sequence[str] = ("county_overview",),
    parameters: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    out: str | Path = "maps",
    timeout: int = TIMEOUT,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Run notebooks for counties and write pages, executed notebooks, ``run.json``, ``run.csv`` and ``index.html``.

    Everything that can be refused is refused before a kernel starts and before anything is written. A county whose
    notebook fails keeps its earlier products; the others are not touched by it.

    Parameters
    ----------
    workspace
        A folder or an opened workspace.
    year, month
        Passed to every notebook.
    counties
        Adcodes; all counties of the workspace and the city itself if not given.
    notebooks
        Names of packaged notebooks or paths of ``.ipynb`` files.
    parameters
        Further parameters, checked against the types that the notebook declares.
    jobs
        Processes at once; as many as the machine has cores if not given.
    out
        Where the products go: ``<out>/<adcode>/<notebook>.html``.
    timeout
        Seconds that one cell may take.
    progress
        Called with each outcome, how many are done and how many there are.

    Returns
    -------
    DataFrame
        One row per county and notebook: ``adcode, county, notebook, state (完成 or 失败), reason, seconds, page,
        headline``.

    Raises
    ------
    UnknownNameError
        A county, notebook or parameter that there is not.
    InputError
        A parameter value of the wrong type.
    """
    opened = workspace if isinstance(workspace, files.Workspace) else files.open_workspace(workspace)
    if not 1 <= month <= 12:
        raise InputError(f"没有 {month} 月", why="月份应为 1–12")
    names = county_names(opened, counties)
    given = {"workspace": str(opened.root.resolve()), "year": year, "month": month, **(parameters or {})}
    plans = [(path, check_parameters(path, values=given)) for path in map(find_notebook, notebooks)]
    root = Path(out).resolve()
    todo = [
        Job(path, adcode, name, values, root / adcode, timeout)
        for path, values in plans
        for adcode, name in names.items()
    ]
    for job in todo:
        job.folder.mkdir(parents=True, exist_ok=True)
    outcomes = []
    for outcome in run_jobs(todo, processes=jobs or os.cpu_count() or 1):
        outcomes.append(outcome)
        if progress:
            progress(outcome, len(outcomes), len(todo))
    table = run_table(outcomes, todo, root=root)
    write_run_table(table, root=root, title=f"{opened.name} · {year} 年 {month} 月")
    return table


def county_names(workspace: files.Workspace, counties: Sequence[str] | None) -> dict[str, str]:
    """Adcode → name of the chosen counties, the city's own code included; refuses codes of other cities."""
    known = (*workspace.counties, workspace.adcode)
    chosen = list(dict.fromkeys(counties or known))
    unknown = [code for code in chosen if code not in known]
    if unknown:
        raise UnknownNameError(
            f"工作区“{workspace.name}”中没有区划代码 {'、'.join(unknown)}",
            why=f"已有：{'、'.join(known)}",
            todo="换用其中之一，或在 workspace.toml 的 counties 中添加",
        )
    own = files.read_counties(workspace.counties) if "counties" not in workspace.layers else None
    names = own["name"].to_dict() if own is not None else {}
    return {code: workspace.name if code == workspace.adcode else names.get(code, code) for code in chosen}


def run_jobs(todo: Sequence[Job], *, processes: int) -> Iterator[Outcome]:
    """Outcomes as they come; a worker process that dies takes only its own job with it."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    unfinished: list[Job] = []
    with _pool(min(processes, len(todo))) as pool:
        running = {pool.submit(run_job, job): job for job in todo}
        for future in as_completed(running):
            try:
                yield future.result()
            except BrokenProcessPool:
                unfinished.append(running[future])
    # A dead worker breaks the whole pool and does not say whose job it was: each is run again alone.
    for job in unfinished:
        with _pool(1) as pool:
            try:
                yield pool.submit(run_job, job).result()
            except BrokenProcessPool:
                reason = "运行进程意外终止（可能内存不足）"
                yield Outcome(job.adcode, job.county, job.notebook.stem, FAILED, reason)


def _pool(processes: int) -> ProcessPoolExecutor:
    # spawn: a forked child would inherit threads and open files of whatever the caller has loaded.
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))


def run_table(outcomes: Sequence[Outcome], todo: Sequence[Job], *, root: Path) -> pd.DataFrame:
    """Outcomes in the order of the jobs, with the page and the headline of the result that was written beside it."""
    order = {(job.adcode, job.notebook.stem): place for place, job in enumerate(todo)}
    rows = []
    for outcome in sorted(outcomes, key=lambda one: order[one.adcode, one.notebook]):
        page = root / outcome.adcode / f"{outcome.notebook}.html"
        result = _result(page.with_suffix(".json"))
        row = {key: value for key, value in asdict(outcome).items() if key != "products"}
        rows.append(
            {
                **row,
                "page": page.relative_to(root).as_posix() if page.is_file() else "",
                "headline": result.get("headline", ""),
                "targets": result.get("targets", []),
            }
        )
    return pd.DataFrame(rows)


def write_run_table(table: pd.DataFrame, *, root: Path, title: str) -> None:
    """Write ``run.json``, ``run.csv`` and ``index.html`` into the folder of the products."""
    rows = table.to_dict("records")
    write_text_atomically(
        root / "run.json", json.dumps({"title": title, "runs": rows}, ensure_ascii=False, indent=1)
    )
    files.write_table(table[list(RUN_COLUMNS)], path=root / "run.csv")
    write_index(rows, title=title, path=root / "index.html")


def _result(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result
