"""A batch on machines that share no disk: the workspace travels to the workers, the products travel home.

What is sent is written once on each worker, into a folder named by its hash. Keys, states and products are those of a batch
on one machine: the paths of the worker are replaced in what it made.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from suizhou_geo import files
from suizhou_geo.batch.engine import DONE, FAILED, Job, Outcome, explain_system, run_job
from suizhou_geo.batch.products import EXECUTED, FAILED_EXECUTED, forget_failed, keep_failed, publish

#: Folders of what was sent, beside the notebooks of the batch.
WORKSPACE, NOTEBOOKS = "workspace", "notebooks"


@dataclass(frozen=True)
class Parcel:
    """What is sent: where the workspace is at home, the hash of all, and the files by the name that they have on a worker."""

    workspace: str
    digest: str
    contents: Mapping[str, bytes] = field(default_factory=dict)

    def label(self) -> "Parcel":
        """The parcel without its contents, for a worker that has them."""
        return replace(self, contents={})


@dataclass(frozen=True)
class Returned:
    """How a job ended on a worker, and the files that it made."""

    outcome: Outcome
    made: Mapping[str, bytes]


def pack(workspace: files.Workspace, *, todo: Sequence[Job]) -> Parcel:
    """All files of the workspace's folder but hidden ones and those of the products, and the notebooks."""
    products = {job.folder.parent for job in todo}
    inside = [path for path in sorted(workspace.root.rglob("*")) if path.is_file()]
    found = {
        f"{WORKSPACE}/{path.relative_to(workspace.root).as_posix()}": path
        for path in inside
        if not any(part.startswith(".") for part in path.relative_to(workspace.root).parts)
        and products.isdisjoint(path.resolve().parents)
    }
    found |= {f"{NOTEBOOKS}/{job.notebook.name}": job.notebook for job in todo}
    contents = {name: path.read_bytes() for name, path in found.items()}
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(f"{name} {len(content)} ".encode("utf-8", "surrogateescape") + content)
    return Parcel(str(workspace.root.resolve()), digest.hexdigest(), contents)


def receive(returned: Returned, *, job: Job) -> Outcome:
    """Put what a worker has made into place as if it had been made here."""
    outcome = returned.outcome
    staging = job.folder / f".staging-{outcome.notebook}-{os.getpid()}"
    try:
        for name, content in returned.made.items():
            target = staging / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if outcome.state != DONE:
            keep_failed(staging / f"{outcome.notebook}{EXECUTED}", folder=job.folder)
            return outcome
        products = publish(staging, folder=job.folder)
        forget_failed(outcome.notebook, folder=job.folder)
        return replace(outcome, products=products)
    except OSError as error:
        return replace(
            outcome, state=FAILED, reason=explain_system(error, job.folder), products={}, slices={}
        )
    finally:
        shutil.rmtree(staging, ignore_errors=True)


# --- on the worker -----------------------------------------------------------------------------------------------


def run_parcel(job: Job, parcel: Parcel, *, place: Path) -> Returned:
    """Run a job on what was unpacked below ``place``, and return what it made."""
    unpacked = folder_of(parcel, place)
    with tempfile.TemporaryDirectory(prefix="run-", dir=place) as folder:
        here = replace(
            job,
            notebook=unpacked / NOTEBOOKS / job.notebook.name,
            parameters={**job.parameters, "workspace": str(unpacked / WORKSPACE)},
            folder=Path(folder) / job.adcode,
            scratch="",
        )
        here.folder.mkdir()
        outcome = run_job(here)
        paths = {
            str(unpacked / WORKSPACE): parcel.workspace,
            str(here.notebook): str(job.notebook.resolve()),
            str(here.folder): str(job.folder),
        }
        made = {
            _name_at_home(path.relative_to(here.folder).as_posix()): _with_paths_of_home(path, paths)
            for path in sorted(here.folder.rglob("*"))
            if path.is_file()
        }
    return Returned(outcome, made)


def unpack(parcel: Parcel, *, place: Path) -> None:
    """Write what was sent into a folder below ``place``, whole or not at all: workers of one machine may share the place."""
    target = folder_of(parcel, place)
    if target.is_dir():
        return
    with tempfile.TemporaryDirectory(prefix="sent-", dir=place) as folder:
        whole = Path(folder) / "whole"
        for name, content in parcel.contents.items():
            file = whole / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        try:
            whole.rename(target)
        except OSError:
            if not target.is_dir():
                raise


def folder_of(parcel: Parcel, place: Path) -> Path:
    """Where a parcel is unpacked below ``place``."""
    return place / f"sent-{parcel.digest}"


def _name_at_home(name: str) -> str:
    return f"{name.removesuffix(FAILED_EXECUTED)}{EXECUTED}" if name.endswith(FAILED_EXECUTED) else name


def _with_paths_of_home(path: Path, paths: Mapping[str, str]) -> bytes:
    content = path.read_bytes()
    if path.name.endswith(EXECUTED):
        for there, home in paths.items():
            content = content.replace(_in_json(there), _in_json(home))
    return content


def _in_json(path: str) -> bytes:
    return json.dumps(path, ensure_ascii=False)[1:-1].encode()
