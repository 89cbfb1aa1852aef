"""One notebook for one county, in a kernel of its own: products appear whole and only when it succeeded."""

import errno
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from suizhou_geo import errors, files
from suizhou_geo.batch import notebooks  # noqa: F401  (first: it keeps papermill's import light)
from suizhou_geo.batch.products import EXECUTED, PAGE, forget_failed, keep_failed, publish

#: 跳过 is a run that an interrupted batch did not come to, or did not let finish.
WAITING, RUNNING, DONE, FAILED, SKIPPED = "待运行", "运行", "完成", "失败", "跳过"

DEAD_KERNEL = "内核意外终止（可能内存不足或被结束）"
DISK_FULL = "磁盘已满"

#: No space on the disk, beyond the user's quota, or beyond the size that a file may have.
FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)

#: What a run has read, while it runs.
SLICES = ".slices"


@dataclass(frozen=True)
class Job:
    """A notebook, a county, where the products go, and the command that runs just this again.

    ``timeout`` is in seconds and ``memory`` in MB beside the libraries (0: no limit), both of one run.
    """

    notebook: Path
    adcode: str
    county: str
    parameters: dict[str, Any]
    folder: Path
    timeout: int
    memory: int = 0
    command: str = ""
    scratch: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a job ended. ``reason`` is the first line of the error, in the analyst's words where we wrote it.

    ``products`` and ``slices`` hold the hash of every file written and of every slice of data read; ``again`` is False
    where nothing had changed since an earlier run and nothing was done.
    """

    adcode: str
    county: str
    notebook: str
    state: str
    reason: str = ""
    seconds: float = 0.0
    products: Mapping[str, str] = field(default_factory=dict)
    slices: Mapping[str, str] = field(default_factory=dict)
    again: bool = True


def run_job(job: Job) -> Outcome:
    """Run a notebook in a staging folder and move its products into place if it succeeded.

    A kernel that died is given one more try; nothing else is. A failed run leaves earlier products untouched; its
    notebook with the traceback is kept as ``<notebook>.failed.ipynb``. No error is raised: the outcome tells.
    """
    start = time.monotonic()
    name = job.notebook.stem
    staging = job.folder / f".staging-{name}-{os.getpid()}"
    products: Mapping[str, str] = {}
    slices: Mapping[str, str] = {}
    try:
        reason, slices = _execute(job, staging=staging)
        if reason == DEAD_KERNEL:
            reason, slices = _execute(job, staging=staging)
        if reason == DEAD_KERNEL and job.memory:
            reason = f"{DEAD_KERNEL}，内存上限为 {job.memory} MB"
        if reason:
            keep_failed(staging / f"{name}{EXECUTED}", folder=job.folder)
        else:
            products = publish(staging, folder=job.folder)
            forget_failed(name, folder=job.folder)
    except OSError as error:
        reason = explain_system(error, job.folder)
    except Exception as error:  # whatever a notebook or a library does, the batch gets its row
        reason = _explain(type(error).__name__, str(error))
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    elapsed = round(time.monotonic() - start, 2)
    return Outcome(
        job.adcode, job.county, name, FAILED if reason else DONE, reason, elapsed, products, slices
    )


def _execute(job: Job, *, staging: Path) -> tuple[str, Mapping[str, str]]:
    # The reason of a failure, or an empty text, and the slices of data that were read.
    import papermill  # noqa: PLC0415  (a second to import)
    from nbclient.exceptions import DeadKernelError  # noqa: PLC0415
    from papermill.engines import papermill_engines  # noqa: PLC0415

    from suizhou_geo.batch.warm_engine import WarmEngine  # noqa: PLC0415

    # Known to papermill by its entry point too, but not where the package is only on the path.
    papermill_engines.register("suizhou-geo", WarmEngine)
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    # The page is named relative to the kernel's folder, so that the executed notebook, once it stands beside its
    # page, writes that same page when somebody runs it again.
    page = staging / f"{job.notebook.stem}{PAGE}"
    record = staging / SLICES
    # That of the machine where the batch was started: elsewhere it is not there.
    scratch = job.scratch if Path(job.scratch).is_dir() else ""
    start = time.monotonic()
    try:
        executed = papermill.execute_notebook(
            str(job.notebook.resolve()),
            str(staging / f"{job.notebook.stem}{EXECUTED}"),
            parameters={**job.parameters, "adcode": job.adcode, "page": page.name},
            engine_name="suizhou-geo",
            kernel_name="python3",
            language="python",
            progress_bar=False,
            # Saved once: papermill would write the whole notebook twice a cell.
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            cwd=str(staging),
            time_limit=job.timeout,
            memory_limit=job.memory,
            environment={files.RECORD: str(record)} | ({files.RESULTS: scratch} if scratch else {}),
            scratch=scratch,
            unfinished=str(staging / f"{job.notebook.stem}{EXECUTED}"),
        )
    except papermill.PapermillExecutionError as error:
        return _explain(error.ename, error.evalue), {}
    except DeadKernelError:
        late = time.monotonic() - start >= job.timeout
        return (f"超过时限 {job.timeout} 秒" if late else DEAD_KERNEL), {}
    slices = files.read_record(record)
    record.unlink(missing_ok=True)
    return _find_lack(executed, page), slices


def _find_lack(executed: Any, page: Path) -> str:
    # papermill calls a notebook that ends itself by sys.exit(0) a success, however much of it has not run.
    outputs = [output for cell in executed.cells for output in cell.get("outputs", ())]
    if any(output.output_type == "error" and output.ename == "SystemExit" for output in outputs):
        return "笔记本中途退出（SystemExit），没有运行完"
    if not page.is_file():
        return "笔记本没有写出页面"
    return "" if page.stat().st_size else "笔记本写出的页面是空的"


def explain_system(error: OSError, folder: Path) -> str:
    """Why a file could not be read or written, for products that go to ``folder``."""
    if error.errno not in FULL:
        return f"读写文件失败：{error}"
    return f"{DISK_FULL}：写 {error.filename or folder} 时没有空间（该磁盘还剩 {shutil.disk_usage(folder).free // 2**20} MB）"


def _explain(name: str, value: str) -> str:
    if name == "OSError" and any(f"[Errno {number}]" in value for number in FULL):
        return f"{DISK_FULL}：{value.strip()}"
    ours = isinstance(getattr(errors, name, None), type)
    first = value.strip().partition("\n")[0]
    if name == "OSError" and "Cannot allocate memory" in value:
        name = "MemoryError"
    known = {"MemoryError": "内存不足", "KeyboardInterrupt": "运行被中断"}.get(name, "")
    return first if ours else f"{known + '：' if known else ''}{name}: {first}".rstrip(": ")
