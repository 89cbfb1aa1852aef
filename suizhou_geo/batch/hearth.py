"""The hearth: a process that has imported what notebooks import and does nothing but fork kernels.

It is the fork server of the standard library with these imports. It has one thread and no socket of any kernel, so a fork
of it is as clean as a new Python and has the imports for nothing. The workers of a batch are forks of it too.
"""

import gc
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from importlib import import_module
from multiprocessing import connection, resource_tracker, util
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from suizhou_geo import files

#: What notebooks import. Rooms of ours load their modules when first used, so the inner ones are named.
WARM = (
    "suizhou_geo.batch.notebooks",  # before papermill: it keeps its import light
    "papermill",
    "suizhou_geo.batch.prepared",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    # What a kernel imports while it starts and at its first cell.
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "encodings.ascii",
    "encodings.latin_1",
    "pandas.io.formats.html",
    "pandas.io.formats.string",
    "tornado.platform.asyncio",
    "tornado.queues",
    "geopandas",
    "matplotlib.pyplot",
    "pyogrio",
    "scipy.stats",
    "sklearn.base",
    "xarray",
    "suizhou_geo.plan.evaluate",
    "suizhou_geo.maps.county_map",
    "suizhou_geo.maps.trends_page",
    "suizhou_geo.reports.brief",
    "suizhou_geo.reports.workbook",
)

#: Whether this system forks. Windows does not; macOS does, but its own libraries do not bear it.
FORKS = "forkserver" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"


#: Names, as JSON, the workspace that the hearth reads and the month that it evaluates; set, if to nothing, in a hearth only.
WORKSPACE = "SUIZHOU_GEO_WORKSPACE"


def light_hearth(*, workspace: Path | None = None, month: tuple[int, int] | None = None) -> None:
    """Start importing, and reading a workspace, in a process of its own; returns at once. Without fork it does nothing.

    With a ``month`` (year, month) it also evaluates one county: tables of standards and what else is made once is then
    there for all.

    A process that is itself a fork of the hearth forks from the same one. A hearth that burns already knows its
    workspace and month only: kernels for others read for themselves. A lent process (:func:`lend_process`) lights
    another one instead, which costs it nothing but the reading.
    """
    if not FORKS:
        return
    from multiprocessing import forkserver  # noqa: PLC0415  (not on Windows)

    server: Any = forkserver._forkserver
    if forkserver.get_inherited_fds() is not None and getattr(server, "_forkserver_authkey", True):
        # So says its own documentation, but the library would start another one for every child that asks.
        server.ensure_running = lambda: None
        return
    told = json.dumps([str(workspace), month]) if workspace else ""
    _put_out_for(told, server)
    _context().set_forkserver_preload([f"{__name__}_warm"])
    with _environment(
        PYTHONPATH=os.pathsep.join(map(os.path.abspath, sys.path)),
        OMP_NUM_THREADS="1",
        **{WORKSPACE: told},
    ):
        resource_tracker.ensure_running()
        with _started_by_fork() if _lent and threading.active_count() == 1 else nullcontext():
            forkserver.ensure_running()


#: Runs up to which it costs more to evaluate a county ahead than they save.
_runs_not_worth_it = 5


def is_worth_a_rehearsal(runs: int) -> bool:
    """Whether the hearth had better evaluate a county before it forks: once ahead costs a run, and saves each a third."""
    return runs > _runs_not_worth_it


#: Whether this process is nothing but a command of ours, and what the hearth of it was last told to read.
_lent, _last_told = False, ""


def lend_process(*, many: bool = False) -> None:
    """Let the hearth be a fork of this process: for a process that is ours alone, like that of the command line.

    What it has imported and read is then imported and read once. A process that runs ``many`` batches, one workspace
    after the other, imports everything now and makes all products of the demonstration once.
    """
    global _lent, _runs_not_worth_it  # noqa: PLW0603  (said once, of the process)
    _lent = True
    # Threads that a library starts by itself would be missing in a fork.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if many:
        warm()
        _rehearse()
        _runs_not_worth_it = 2


def _put_out_for(told: str, server: Any) -> None:
    # Where everything has to be imported again, a hearth that has read something else is still the better one.
    global _last_told  # noqa: PLW0603  (there is one hearth in a process)
    if not told or told == _last_told:
        return
    if _lent and _last_told and threading.active_count() == 1:
        server._stop()
    _last_told = told


@contextmanager
def _started_by_fork() -> Iterator[None]:
    # The standard library would start a new Python for its fork server.
    started = util.spawnv_passfds
    util.spawnv_passfds = _fork_here  # type: ignore[assignment]  # the same arguments, called less strictly
    try:
        yield
    finally:
        util.spawnv_passfds = started


def _fork_here(_python: Any, arguments: Sequence[Any], passed: Sequence[int]) -> int:
    # In place of `python -c text`, with the files that it would have and no others.
    child = os.fork()
    if child:
        return child
    try:
        from multiprocessing import forkserver  # noqa: PLC0415  (not on Windows)

        forkserver._forkserver._lock = threading.Lock()  # type: ignore[attr-defined]  # held while it was forked
        before = 3
        for kept in (*sorted(passed), os.sysconf("SC_OPEN_MAX")):
            os.closerange(before, kept)
            before = kept + 1
        exec(arguments[-1])  # noqa: S102  (the standard library's own line)
    finally:
        os._exit(0)


def fork_kernel(arguments: Sequence[str]) -> tuple[Any, Any]:
    """A running process of :func:`serve_kernel`, forked from the hearth of this process, and where its order is sent."""
    light_hearth()
    waits, order = multiprocessing.Pipe(duplex=False)
    # As a daemon: a caller that ends without having ended its kernel does not wait for it for ever.
    process = _context().Process(target=serve_kernel, args=(arguments, dict(os.environ), waits), daemon=True)
    may_start_processes()
    with no_main():
        process.start()
    waits.close()
    return process, order


@contextmanager
def no_main() -> Iterator[None]:
    """Keep a new process from running the caller's script once more, as the standard library would have it do.

    Without an ``if __name__ == "__main__"`` in it that is an endless chain, and of a script read from a pipe there is
    no file to run. Our processes need nothing of it.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def may_start_processes() -> None:
    """Lift the standard library's rule that a daemon starts no processes: kernels and workers under a nanny do."""
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]


def die_with_parent() -> None:
    """End this process, and what it leads, when the process that asked for it is gone, however that ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive_nobody, args=(parent.sentinel,), daemon=True).start()


def _outlive_nobody(sentinel: int) -> None:
    connection.wait([sentinel])
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _context() -> Any:
    return multiprocessing.get_context("forkserver")


@contextmanager
def _environment(**wanted: str) -> Iterator[None]:
    # The fork server finds modules where this process does, and has one thread: a fork takes no others along.
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


# --- in the hearth -----------------------------------------------------------------------------------------------


def warm() -> None:
    """Import what notebooks import, and read and compute what the counties of a workspace share."""
    # What is imported stays: looking through it again and again is a fifth of the time.
    gc.disable()
    # What the kernel itself would say before the first import of matplotlib.
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    with _without("debugpy"):
        for name in WARM:
            import_module(name)
    with suppress(ImportError):
        # An extra of ours; xarray imports it at its first step, where it is installed.
        import_module("dask.array")
    # The boundaries of all China are read once and kept.
    files.read_counties(())
    files.read_cities(())
    _read_workspace(os.environ.pop(WORKSPACE, ""))
    # Forks share the memory of what is here as long as nobody writes to it, and the collector would.
    gc.freeze()
    gc.enable()


@contextmanager
def _without(module: str) -> Iterator[None]:
    # Nobody steps through a batch, and the debugger is half of what a kernel would import.
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


def _read_workspace(told: str) -> None:
    if not told:
        return
    from suizhou_geo import plan  # noqa: PLC0415  (already there)

    folder, month = json.loads(told)
    # What is wrong with its files is told by the run that needs them.
    with suppress(Exception):
        opened = files.open_workspace(folder)
        for kind in opened.layers:
            files.read_layer(opened, kind=kind)
        for medium in opened.observations:
            files.read_workspace_observations(opened, medium=medium)
        if month:
            plan.evaluate_county(opened, adcode=opened.counties[0], year=month[0], month=month[1])


def _rehearse() -> None:
    # Templates, fonts and tables that a library or a room of ours reads at its first use are read here.
    from suizhou_geo import maps, packaged, plan, reports  # noqa: PLC0415  (already there)

    demo = files.open_workspace(packaged.packaged_folder("data", "suizhou"))
    result = plan.evaluate_county(demo, adcode=demo.counties[0], year=2021, month=6)
    with tempfile.TemporaryDirectory() as folder:
        reports.write_brief(result, Path(folder) / "brief.docx")
        reports.write_workbook(result, Path(folder) / "book.xlsx")
        maps.write_page(result, path=Path(folder) / "page.html")
    maps.CountyMap(result)._repr_html_()


# --- in the kernel -----------------------------------------------------------------------------------------------


def serve_kernel(arguments: Sequence[str], environment: Mapping[str, str], order: Any) -> None:
    """Become an IPython kernel, wait for the order, and serve until it is told to stop.

    ``arguments`` are those of ``ipykernel_launcher``; the order that comes through the pipe is the folder, the variables and
    the MB of memory (0: no limit) of the run.
    """
    # A session of its own: Ctrl-C does not reach it, and it can be ended with all that it has started.
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    die_with_parent()
    _be_silent()
    _take_over(environment)
    may_start_processes()
    sys.argv = ["ipykernel_launcher", *arguments]
    from ipykernel.kernelapp import IPKernelApp  # noqa: PLC0415  (already there)

    app: Any = IPKernelApp.instance()
    with _modules_unlisted():
        app.initialize(list(arguments))
    folder, environment, memory = order.recv()
    order.close()
    os.chdir(folder)
    app.shell.user_ns["_dh"] = [folder]  # what IPython takes for the folder that it started in
    _take_over(environment)
    limit_memory(memory)
    _reseed()
    app.start()
    # A fork does not end as a Python does: what the notebook has left open is closed here.
    app.shell.user_ns.clear()


def _take_over(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()


@contextmanager
def _modules_unlisted() -> Iterator[None]:
    # ipykernel lists all modules for its debugger. To look at one is to copy its page: half of what a start would cost.
    ipkernel: Any = import_module("ipykernel.ipkernel")
    ipkernel.sys = SimpleNamespace(**{**vars(sys), "modules": {}})
    try:
        yield
    finally:
        ipkernel.sys = sys


def limit_memory(megabytes: int) -> None:
    """Let allocations beyond so much more than there is now fail with ``MemoryError``; only where the system counts data (Linux).

    The libraries reserve more than a gigabyte that they never touch: a limit of the whole would say nothing of a run.
    """
    if not megabytes or not sys.platform.startswith("linux"):
        return
    import resource  # noqa: PLC0415  (not on Windows)

    told = Path("/proc/self/status").read_text(encoding="utf-8").partition("VmData:")[2]
    size = int(told.split()[0]) * 2**10 + megabytes * 2**20
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or size < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _be_silent() -> None:
    # What a notebook writes comes through its cells; the rest would stand on the terminal in nobody's words.
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def _reseed() -> None:
    # All forks have inherited one and the same state of NumPy's old generator.
    random.seed()
    import numpy as np  # noqa: PLC0415

    np.random.seed()
