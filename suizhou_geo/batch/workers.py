"""Processes that run jobs side by side: one that dies takes only its own job with it."""

import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import FrameType, ModuleType

from suizhou_geo.batch.engine import FAILED, Job, Outcome, run_job


def run_jobs(todo: Sequence[Job], *, processes: int) -> Iterator[Outcome]:
    """Outcomes as they come. Closing the iterator early, or Ctrl-C, stops the running jobs and starts no others."""
    unfinished: list[Job] = []
    with _pool(min(processes, len(todo))) as pool:
        running = _submit(pool, todo)
        for future in as_completed(running):
            try:
                yield future.result()
            except BrokenProcessPool:
                unfinished.append(running[future])
    # A dead worker breaks the whole pool and does not say whose job it was: each is run again alone.
    for job in unfinished:
        yield _run_alone(job)


def count_processors() -> int:
    """How many processors this process may use: fewer than the machine has, in a container."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def _run_alone(job: Job) -> Outcome:
    with _pool(1) as pool:
        (future,) = _submit(pool, [job])
        try:
            return future.result()
        except BrokenProcessPool:
            reason = "运行进程意外终止（可能内存不足）"
            return Outcome(job.adcode, job.county, job.notebook.stem, FAILED, reason)


def _submit(pool: ProcessPoolExecutor, todo: Sequence[Job]) -> dict[Future[Outcome], Job]:
    # A spawned process first runs the caller's script again: without an `if __name__ == "__main__"` in it that is
    # an endless chain, and of a script read from a pipe there is no file to run. Workers need nothing of it.
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        return {pool.submit(_run_unless_stopping, job): job for job in todo}
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    # spawn: a forked child would inherit threads and open files of whatever the caller has loaded.
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_start_worker)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in set(multiprocessing.active_children()) - others:
            worker.terminate()
        raise
    finally:
        pool.shutdown()


# --- in the worker -----------------------------------------------------------------------------------------------

_stopping = False


def _start_worker() -> None:
    # A Ctrl-C goes to the whole terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # What a library logs about a failing notebook is in the outcome; on the terminal it would be in nobody's words.
    logging.disable(logging.CRITICAL)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    # Raised in the midst of a job, so that its kernel is ended and its staging folder removed on the way out.
    global _stopping  # noqa: PLW0603  (a signal handler has no other way to tell the jobs that are already queued)
    _stopping = True
    raise SystemExit


def _run_unless_stopping(job: Job) -> Outcome:
    if _stopping:
        raise SystemExit
    return run_job(job)
