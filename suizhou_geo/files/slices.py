"""Which slices of a workspace a run reads, each with its hash: the next run compares them to see what changed.

Layers count as whole files. Of the observations a page of one county needs the county's own rows, those of the sites
that a plan names (border sections), and of the others what was known before the year began, because errors of forecasts
are pooled. A correction of this month in one county leaves the slices of the others as they were.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo.saving import sha256_of

if TYPE_CHECKING:
    from suizhou_geo.files.workspace import Workspace

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")

RowHashes = npt.NDArray[np.uint64]

#: Names the file into which slices are written, one JSON list ``[question, hash]`` a line. Without it none are.
RECORD = "SUIZHOU_GEO_SLICES"

#: Names the folder in which a batch keeps the states of counties for its other notebooks. Without it none are kept.
RESULTS = "SUIZHOU_GEO_RESULTS"

#: The county and year for which is being read; empty for everything.
_SCOPE: ContextVar[Mapping[str, Any] | None] = ContextVar("_SCOPE", default=None)

#: Where what is recorded is gathered too.
_NOTED: ContextVar[list[str] | None] = ContextVar("_NOTED", default=None)


def reads_for_one_county(function: Callable[_Asked, _Answer]) -> Callable[_Asked, _Answer]:
    """Of what ``function(workspace, adcode=, year=, …)`` reads, count only the rows that its answer depends on.

    For the city's own code these are all.
    """

    @wraps(function)
    def read(*given: _Asked.args, **asked: _Asked.kwargs) -> _Answer:
        whole = asked["adcode"] == getattr(given[0], "adcode", "")
        token = _SCOPE.set(None if whole else {"adcode": asked["adcode"], "before": asked["year"]})
        try:
            return function(*given, **asked)
        finally:
            _SCOPE.reset(token)

    return read


def note_observations(
    frame: pd.DataFrame, *, hashes: Callable[[], RowHashes], workspace: "Workspace", medium: str, year: int | None,
    sites: Sequence[str] | None,
) -> None:  # fmt: skip
    """Record that the observations of a medium (of one year's files, or of all; of some sites, or of all) were read.

    ``hashes`` gives those of :func:`hash_rows`, which are asked for only where something is recorded.
    """
    if os.environ.get(RECORD):
        narrower = (_SCOPE.get() or {}) if sites is None else {"sites": list(sites)}
        asked = {"medium": medium, "year": year, **narrower}
        _write(asked, _hash_slice(frame, hashes(), asked, workspace))


def hash_rows(frame: pd.DataFrame) -> RowHashes:
    """One number for each row, from all its cells."""
    hashes: RowHashes = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return hashes


def note_file(path: Path, *, root: Path) -> None:
    """Record that a file of the workspace was read as it stands."""
    if os.environ.get(RECORD):
        _write({"file": path.relative_to(root).as_posix()}, sha256_of(path))


@contextmanager
def noting() -> Iterator[list[str]]:
    """What is recorded meanwhile, as lines for :func:`note_again`."""
    lines: list[str] = []
    token = _NOTED.set(lines)
    try:
        yield lines
    finally:
        _NOTED.reset(token)


def note_again(lines: Sequence[str]) -> None:
    """Record what an earlier reading recorded, as its result is used here."""
    if os.environ.get(RECORD):
        _append("".join(lines))


def read_record(path: Path) -> dict[str, str]:
    """Question → hash of what a run has read; empty where it recorded nothing."""
    if not path.is_file():
        return {}
    return dict(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def hash_sources(workspace: "Workspace") -> str:
    """One hash of all files of the workspace: as long as it stays, no slice needs to be read again."""
    from suizhou_geo.files.workspace import data_files  # noqa: PLC0415  (it imports this module)

    paths = [*(workspace.root / name for name in workspace.plan_files), *data_files(workspace)]
    told = [f"{path.relative_to(workspace.root).as_posix()} {sha256_of(path)}" for path in paths]
    return hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest()


class CurrentSlices:
    """What the slices of a workspace are now; every file is read once."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self._rows = cache(self._read)
        self._hash = cache(self._answer)

    def same(self, recorded: Mapping[str, str]) -> bool:
        """Whether every recorded slice still has its hash. A slice that is gone has changed."""
        return all(self._hash(question) == told for question, told in recorded.items())

    def _answer(self, question: str) -> str:
        asked = json.loads(question)
        if "file" in asked:
            path = self._workspace.root / asked["file"]
            return sha256_of(path) if path.is_file() else ""
        return _hash_slice(*self._rows(asked["medium"], asked["year"]), asked, self._workspace)

    def _read(self, medium: str, year: int | None) -> tuple[pd.DataFrame, RowHashes]:
        from suizhou_geo.files.workspace import read_workspace_observations  # noqa: PLC0415  (it imports this module)

        frame = read_workspace_observations(self._workspace, medium=medium, year=year)
        return frame, hash_rows(frame)


def _hash_slice(
    frame: pd.DataFrame, hashes: RowHashes, asked: Mapping[str, Any], workspace: "Workspace"
) -> str:
    chosen = pd.Series(data=True, index=frame.index)
    if "sites" in asked:
        chosen = frame["site_id"].isin(asked["sites"])
    if "adcode" in asked and "adcode" in frame.columns:
        plans = "".join(
            (workspace.root / name).read_text(encoding="utf-8-sig") for name in workspace.plan_files
        )
        named = [site for site in frame["site_id"].unique() if f'"{site}"' in plans]
        own = frame["adcode"].fillna("").astype(str).isin([asked["adcode"], ""])
        chosen = own | frame["site_id"].isin(named) | (frame["time"].dt.year < asked["before"])
    return hashlib.sha256(hashes[chosen.to_numpy()].tobytes()).hexdigest()


def _write(question: Mapping[str, Any], digest: str) -> None:
    line = json.dumps([json.dumps(question, ensure_ascii=False, sort_keys=True), digest], ensure_ascii=False)
    noted = _NOTED.get()
    if noted is not None:
        noted.append(f"{line}\n")
    _append(f"{line}\n")


def _append(text: str) -> None:
    # In one call, so that processes of one notebook may write side by side.
    with Path(os.environ[RECORD]).open("a", encoding="utf-8") as stream:
        stream.write(text)
