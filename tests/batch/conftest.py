"""Batches without workers of their own, for tests that are about something else."""

import pytest

from suizhou_geo.batch import runner
from suizhou_geo.batch.engine import run_job


@pytest.fixture
def one_hearth(monkeypatch):
    """Jobs run in this process: what workers are has its own tests, and each would warm a hearth anew."""
    run_in_this_process(monkeypatch)


def run_in_this_process(patch):
    def run_here(todo, *, started, **_):
        for job in todo:
            started(job)
            yield run_job(job)

    patch.setattr(runner, "run_jobs", run_here)
