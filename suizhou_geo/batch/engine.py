"""One notebook for one county, in a kernel of its own: products appear whole and only when it succeeded."""

import os
import shutil
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from suizhou_geo import errors
from suizhou_geo.batch import notebooks  # noqa: F401  (first: it keeps papermill's import light)
from suizhou_geo.saving import write_atomically

DONE, FAILED = "完成", "失败"


@dataclass(frozen=True)
class Job:
    """A notebook, a county and where the products go."""

    notebook: Path
    adcode: str
    county: str
    parameters: dict[str, Any]
    folder: Path
    timeout: int

    @property
    def page(self) -> Path:
        return self.folder / f"{self.notebook.stem}.html"


@dataclass(frozen=True)
class Outcome:
    """How a job ended. ``reason`` is the first line of the error, in the analyst's words where we wrote it."""

    adcode: str
    county: str
    notebook: str
    state: str
    reason: str = ""
    seconds: float = 0.0
    products: tuple[str, ...] = field(default=())


def run_job(job: Job) -> Outcome:
    """Run a notebook into a staging folder and move its products into place if it succeeded.

    A failed run leaves earlier products untouched; its notebook with the traceback is kept as
    ``<notebook>.failed.ipynb``. Nothing is raised: the outcome tells.
    """
    start = time.monotonic()
    staging = job.folder / f".staging-{job.notebook.stem}-{os.getpid()}"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    executed = staging / f"{job.notebook.stem}.ipynb"
    try:
        reason = _execute(job, executed=executed, page=staging / job.page.name)
        products = () if reason else _publish(staging, job.folder)
        if reason and executed.exists():
            shutil.move(executed, job.folder / f"{job.notebook.stem}.failed.ipynb")
        if not reason:
            (job.folder / f"{job.notebook.stem}.failed.ipynb").unlink(missing_ok=True)
    except OSError as error:
        reason, products = f"读写文件失败：{error}", ()
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    state = FAILED if reason else DONE
    elapsed = round(time.monotonic() - start, 2)
    return Outcome(job.adcode, job.county, job.notebook.stem, state, reason, elapsed, products)


def _execute(job: Job, *, executed: Path, page: Path) -> str:
    # The reason of a failure, or an empty text.
    import papermill  # noqa: PLC0415  (a second to import)
    from nbclient.exceptions import CellTimeoutError, DeadKernelError  # noqa: PLC0415

    _prefer_own_kernel()
    parameters = {**job.parameters, "adcode": job.adcode, "page": str(page)}
    try:
        papermill.execute_notebook(
            str(job.notebook),
            str(executed),
            parameters=parameters,
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            execution_timeout=job.timeout,
            cwd=str(job.folder),
            extra_arguments=["--IPKernelApp.log_level=50"],
        )
    except papermill.PapermillExecutionError as error:
        return _explain(error.ename, error.evalue)
    except DeadKernelError:
        return "内核意外终止（可能内存不足或被结束）"
    except CellTimeoutError:
        return f"超过时限 {job.timeout} 秒"
    if not page.is_file():
        return "笔记本没有写出页面"
    return ""


def _explain(name: str, value: str) -> str:
    ours = isinstance(getattr(errors, name, None), type)
    first = value.strip().partition("\n")[0]
    return first if ours else f"{name}: {first}".rstrip(": ")


def _publish(staging: Path, folder: Path) -> tuple[str, ...]:
    # The page comes last: where it is new, everything else is.
    files = sorted(staging.iterdir(), key=lambda path: (path.suffix == ".html", path.name))
    for file in files:
        write_atomically(folder / file.name, partial(shutil.copyfile, file))
    return tuple(file.name for file in files)


def _prefer_own_kernel() -> None:
    # A kernel "python3" in the user's home may belong to another Python; ours stands first.
    own = str(Path(sys.prefix) / "share" / "jupyter")
    others = os.environ.get("JUPYTER_PATH", "")
    if own not in others.split(os.pathsep):
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, (own, others)))
