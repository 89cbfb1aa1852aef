"""Processes that run jobs side by side: one that dies takes only its own job with it."""

import logging
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import FrameType

from suizhou_geo.batch.engine import FAILED, Job, Outcome, run_job
from suizhou_geo.batch.hearth import FORKS, die_with_parent, light_hearth, no_main

Told = Callable[[Job], object]


def run_jobs(todo: Sequence[Job], *, processes: int, started: Told) -> Iterator[Outcome]:
    """Outcomes as they come; ``started`` is told of each job as it is given to a process.

    Closing the iterator early, or Ctrl-C, stops the running jobs and starts no others.
    """
    waiting = deque(todo)
    while waiting:
        unfinished: list[Job] = []
        with _pool(min(processes, len(waiting))) as pool:
            yield from run_in(
                pool, waiting, slots=processes, started=started, run=_run_unless_stopping, broken=unfinished
            )
        # A dead worker breaks the whole pool and does not say whose job it was: each is run again alone.
        for job in unfinished:
            yield _run_alone(job)


def run_in(
    pool: Executor,
    waiting: deque[Job],
    *,
    slots: int,
    started: Told,
    run: Callable[[Job], Outcome],
    broken: list[Job],
) -> Iterator[Outcome]:
    """Keep ``slots`` jobs in the pool until none waits, or until it breaks: then ``broken`` are those it had."""
    running: dict[Future[Outcome], Job] = {}
    while running or (waiting and not broken):
        while waiting and not broken and len(running) < slots:
            job = waiting.popleft()
            started(job)
            with no_main():
                running[pool.submit(run, job)] = job
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            job = running.pop(future)
            try:
                yield future.result()
            except BrokenProcessPool:
                broken.append(job)


def count_processors() -> int:
    """How many processors this process may use: fewer than the machine has, in a container."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def lost(job: Job) -> Outcome:
    """The outcome of a job whose process died with it, and again when it was run alone."""
    reason = "运行进程意外终止（可能内存不足）"
    return Outcome(job.adcode, job.county, job.notebook.stem, FAILED, reason)


def _run_alone(job: Job) -> Outcome:
    with _pool(1) as pool, no_main():
        try:
            return pool.submit(_run_unless_stopping, job).result()
        except BrokenProcessPool:
            return lost(job)


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    # Never a fork of this process: it would inherit threads and open files of whatever the caller has loaded.
    light_hearth()
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("forkserver" if FORKS else "spawn")
    pool = ProcessPoolExecutor(
        processes, mp_context=context, initializer=_start_worker, initargs=(dict(os.environ),)
    )
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


def _start_worker(environment: Mapping[str, str]) -> None:
    # The hearth may be older than what the caller has set since.
    os.environ.update(environment)
    # A Ctrl-C goes to the whole terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    die_with_parent()
    # Workers side by side would each take all processors.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    light_hearth()
    from suizhou_geo.batch.prepared import expect_runs  # noqa: PLC0415  (the hearth has it, the caller need not)

    expect_runs()
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
