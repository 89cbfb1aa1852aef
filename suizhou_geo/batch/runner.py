"""Notebooks × counties, each run isolated: one failing never stops the others, and the run table tells all."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from suizhou_geo import files
from suizhou_geo.batch.cluster import run_on_cluster
from suizhou_geo.batch.engine import DISK_FULL, SKIPPED, Job, Outcome
from suizhou_geo.batch.hearth import is_worth_a_rehearsal, light_hearth
from suizhou_geo.batch.notebooks import RUNNER_PARAMETERS, check_parameters, find_notebook
from suizhou_geo.batch.products import county_folder
from suizhou_geo.batch.scattered import pack
from suizhou_geo.batch.state import RunTable, check_free, hold, make_key
from suizhou_geo.batch.tables import make_run_table, write_run_table
from suizhou_geo.batch.workers import count_processors, run_jobs
from suizhou_geo.errors import InputError, UnknownNameError

#: Seconds after which a run is given up.
TIMEOUT = 600

#: MB without which no kernel starts.
LEAST_MEMORY = 200

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
    memory: int = 0,
    force: bool = False,
    scheduler: str = "",
    scatter: bool = False,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Run notebooks for counties and write pages, executed notebooks, ``run.json``, ``run.csv`` and ``index.html``.

    Everything that can be refused is refused before a kernel starts and before anything is written. A county whose
    notebook fails keeps its earlier products; the others are not touched by it. An interrupted batch keeps what was
    finished, and its run table says what was not. What was finished before and has not changed since (notebook,
    parameters, tool, standards, the county's slices of data, products) is not run again.

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
        Processes at once; as many as there are processors if not given.
    out
        Where the products go: ``<out>/<adcode>/<notebook>.html``.
    timeout
        Seconds that one run may take.
    memory
        MB that one run may take beside what the libraries take (Linux); 0 for no limit.
    force
        Run everything again, changed or not.
    scheduler
        Address of a Dask scheduler (``tcp://…``) whose workers see the same folders, or ``local`` for a cluster of
        this machine; needs the extra ``dask``.
    scatter
        Send the files of the workspace and the notebooks to the workers, and bring the products home: for a cluster
        without a shared folder.
    progress
        Called with each outcome, how many are done and how many there are.

    Returns
    -------
    DataFrame
        One row per county and notebook, first the columns of ``RUN_COLUMNS``: ``adcode, county, notebook, year,
        month, state`` (完成, 失败 or 跳过), ``reason, seconds, page, executed_notebook, headline, command, again``.
        Page and headline are of this run: empty where it failed, even if an earlier page is still there. ``again`` is
        False where an earlier run still holds.

    Raises
    ------
    UnknownNameError
        A county, notebook or parameter that there is not.
    InputError
        A parameter value of the wrong type, a layer or a file of this year's observations that cannot be read, a
        folder in which another batch is running.

    Examples
    --------
    >>> from suizhou_geo.packaged import packaged_folder
    >>> run(packaged_folder("data", "suizhou"), year=2021, month=6, counties=["420100"])
    Traceback (most recent call last):
    suizhou_geo.errors.UnknownNameError: 工作区“随州市”中没有区划代码 420100。...
    """
    root = Path(out).resolve()
    check_free(root)
    opened = workspace if isinstance(workspace, files.Workspace) else files.open_workspace(workspace)
    chosen = _choose_counties(opened, _listed(counties))
    extra = _check_extra(parameters or {})
    given = {"workspace": str(opened.root.resolve()), "year": year, "month": month}
    plans = _choose_notebooks(_listed(notebooks) or [], values={**given, **extra})
    _check_numbers(month=month, jobs=jobs, timeout=timeout, memory=memory)
    if scatter and not scheduler:
        raise InputError(
            "没有可以分发到的机器", why="--scatter 要与 --scheduler 同用", todo="给出 Dask 调度器的地址"
        )
    _check_workspace(opened, year=int(year))
    if not scheduler:
        rehearsed = (int(year), int(month)) if is_worth_a_rehearsal(len(plans) * len(chosen)) else None
        light_hearth(workspace=opened.root.resolve(), month=rehearsed)
    todo = [
        Job(
            path, adcode, name, values, county_folder(root, adcode=adcode), timeout, memory,
            _command(opened, adcode, notebook, year, month, extra, out),
        )
        for notebook, (path, values) in plans.items()
        for adcode, name in chosen.items()
    ]  # fmt: skip
    with hold(root) as state:
        todo = [replace(job, scratch=state.scratch) for job in todo]
        told: dict[tuple[str, str], Outcome] = {}
        try:
            for outcome in _outcomes(
                todo,
                state,
                opened,
                force=force,
                jobs=jobs or count_processors(),
                scheduler=scheduler,
                scatter=scatter,
            ):
                told[outcome.adcode, outcome.notebook] = outcome
                if progress:
                    progress(outcome, len(told), len(todo))
        finally:
            for job in todo:
                if (job.adcode, job.notebook.stem) not in told:
                    told[job.adcode, job.notebook.stem] = _skip(job, state)
            table = make_run_table(list(told.values()), todo=todo, root=root)
            write_run_table(table, workspace=opened, root=root)
    return table


def _outcomes(
    todo: Sequence[Job],
    state: RunTable,
    workspace: files.Workspace,
    *,
    force: bool,
    jobs: int,
    scheduler: str,
    scatter: bool,
) -> Iterator[Outcome]:
    # First what need not be done, then what is done; a full disk ends it, as every further run would only fail too.
    sources, slices = files.hash_sources(workspace), files.CurrentSlices(workspace)
    changed = []
    for job in todo:
        key = make_key(job, workspace=workspace)
        before = None if force else state.find_done(job, key=key, sources=sources, slices=slices)
        if before:
            yield before
        else:
            state.note_waiting(job, key=key, sources=sources)
            changed.append(job)
    run_there = run_jobs
    if scheduler:
        parcel = pack(workspace, todo=changed) if scatter and changed else None
        run_there = partial(run_on_cluster, address=scheduler, parcel=parcel)
    for outcome in run_there(changed, processes=jobs, started=state.note_running):
        state.note_outcome(outcome)
        yield outcome
        if outcome.reason.startswith(DISK_FULL):
            return


def _skip(job: Job, state: RunTable) -> Outcome:
    outcome = Outcome(job.adcode, job.county, job.notebook.stem, SKIPPED, "运行被中断，没有完成")
    state.note_outcome(outcome)
    return outcome


def _listed(names: Sequence[str] | None) -> list[str] | None:
    # A single name is easily given without its brackets; a text is a sequence of letters to Python.
    if names is None:
        return None
    listed = [names] if isinstance(names, str) else list(dict.fromkeys(names))
    if not listed:
        raise InputError(
            "没有可运行的内容", why="区县或笔记本的列表是空的", todo="至少给出一个，或不给以取默认"
        )
    return listed


def _choose_counties(workspace: files.Workspace, chosen: Sequence[str] | None) -> dict[str, str]:
    # Adcode → name, the city's own code included.
    names = files.read_workspace_counties(workspace)["name"].astype(str).to_dict()
    known = {code: names.get(code, code) for code in workspace.counties} | {workspace.adcode: workspace.name}
    unknown = [code for code in chosen or () if code not in known]
    if unknown:
        near = get_close_matches(unknown[0], known, n=1, cutoff=0.8)
        raise UnknownNameError(
            f"工作区“{workspace.name}”中没有区划代码 {'、'.join(unknown)}",
            why=f"已有：{'、'.join(f'{code} {name}' for code, name in known.items())}",
            todo=f"是否为 {near[0]}" if near else "换用其中之一，或在 workspace.toml 的 counties 中添加",
        )
    return {code: known[code] for code in chosen or known}


def _choose_notebooks(
    chosen: Sequence[str], *, values: Mapping[str, Any]
) -> dict[str, tuple[Path, dict[str, Any]]]:
    # As given → its file and the checked values of its parameters.
    plans = {}
    stems: dict[str, Path] = {}
    for name in chosen:
        path = find_notebook(name)
        if stems.setdefault(path.stem, path) != path:
            raise InputError(
                f"两个笔记本同名：{stems[path.stem]} 和 {path}", why="产品按笔记本命名", todo="改名后再运行"
            )
        plans[name] = (path, check_parameters(path, values=values))
    return plans


def _check_extra(parameters: Mapping[str, Any]) -> dict[str, Any]:
    taken = [name for name in parameters if name in RUNNER_PARAMETERS]
    if taken:
        raise InputError(
            f"参数 {'、'.join(taken)} 由批量运行填写", todo="用 --county、--year、--month、--out 指定"
        )
    return dict(parameters)


def _check_numbers(*, month: int, jobs: int | None, timeout: int, memory: int) -> None:
    if not 1 <= int(month) <= 12:
        raise InputError(f"没有 {month} 月", why="月份应为 1–12")
    if jobs is not None and jobs < 1:
        raise InputError(f"同时运行 {jobs} 个不可行", why="至少为 1", todo="不给则按处理器个数")
    if timeout < 1:
        raise InputError(f"时限 {timeout} 秒不可行", why="至少为 1 秒")
    if memory and memory < LEAST_MEMORY:
        raise InputError(
            f"内存上限 {memory} MB 不可行", why=f"启动一个内核就要 {LEAST_MEMORY} MB", todo="0 为不限"
        )


def _check_workspace(workspace: files.Workspace, *, year: int) -> None:
    # What every county would stumble over is refused once, before a kernel starts.
    for kind in workspace.layers:
        files.read_layer(workspace, kind=kind)
    files.read_workspace_observations(workspace, medium="water", year=year)


def _command(
    workspace: files.Workspace,
    adcode: str,
    notebook: str,
    year: int,
    month: int,
    extra: Mapping[str, Any],
    out: str | Path,
) -> str:
    words = ["suizhou-geo", "run", str(workspace.root), "--county", adcode, "--notebook", notebook]
    words += ["--year", str(year), "--month", str(month)]
    for name, value in extra.items():
        words += ["-p", f"{name}={value}"]
    return shlex.join([*words, "--out", str(out)])
