"""One notebook for one county, in a kernel of its own: products appear whole and only when it succeeded."""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suizhou_geo import errors
from suizhou_geo.batch import notebooks  # noqa: F401  (first: it keeps papermill's import light)
from suizhou_geo.batch.products import EXECUTED, PAGE, forget_failed, keep_failed, publish

#: 跳过 is a run that an interrupted batch did not come to, or did not let finish.
DONE, FAILED, SKIPPED = "完成", "失败", "跳过"


@dataclass(frozen=True)
class Job:
    """A notebook, a county, where the products go, and the command that runs just this again."""

    notebook: Path
    adcode: str
    county: str
    parameters: dict[str, Any]
    folder: Path
    timeout: int
    command: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a job ended. ``reason`` is the first line of the error, in the analyst's words where we wrote it."""

    adcode: str
    county: str
    notebook: str
    state: str
    reason: str = ""
    seconds: float = 0.0
    products: tuple[str, ...] = ()


def run_job(job: Job) -> Outcome:
    """Run a notebook in a staging folder and move its products into place if it succeeded.

    A failed run leaves earlier products untouched; its notebook with the traceback is kept as
    ``<notebook>.failed.ipynb``. No error is raised: the outcome tells.
    """
    start = time.monotonic()
    name = job.notebook.stem
    staging = job.folder / f".staging-{name}-{os.getpid()}"
    products: tuple[str, ...] = ()
    try:
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        reason = _execute(job, staging=staging)
        if reason:
            keep_failed(staging / f"{name}{EXECUTED}", folder=job.folder)
        else:
            products = publish(staging, folder=job.folder)
            forget_failed(name, folder=job.folder)
    except OSError as error:
        reason = f"读写文件失败：{error}"
    except Exception as error:  # whatever a notebook or a library does, the batch gets its row
        reason = _explain(type(error).__name__, str(error))
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    elapsed = round(time.monotonic() - start, 2)
    return Outcome(job.adcode, job.county, name, FAILED if reason else DONE, reason, elapsed, products)


def _execute(job: Job, *, staging: Path) -> str:
    # The reason of a failure, or an empty text.
    import papermill  # noqa: PLC0415  (a second to import)
    from nbclient.exceptions import CellTimeoutError, DeadKernelError  # noqa: PLC0415

    from suizhou_geo.batch.kernels import OwnKernelManager  # noqa: PLC0415

    # The page is named relative to the kernel's folder, so that the executed notebook, once it stands beside its
    # page, writes that same page when somebody runs it again.
    page = staging / f"{job.notebook.stem}{PAGE}"
    try:
        executed = papermill.execute_notebook(
            str(job.notebook.resolve()),
            str(staging / f"{job.notebook.stem}{EXECUTED}"),
            parameters={**job.parameters, "adcode": job.adcode, "page": page.name},
            kernel_name="python3",
            language="python",
            kernel_manager_class=OwnKernelManager,
            progress_bar=False,
            execution_timeout=job.timeout,
            cwd=str(staging),
            extra_arguments=["--IPKernelApp.log_level=50", "--HistoryManager.enabled=False"],
        )
    except papermill.PapermillExecutionError as error:
        return _explain(error.ename, error.evalue)
    except DeadKernelError:
        return "内核意外终止（可能内存不足或被结束）"
    except CellTimeoutError:
        return f"超过时限 {job.timeout} 秒"
    return _find_lack(executed, page)


def _find_lack(executed: Any, page: Path) -> str:
    # papermill calls a notebook that ends itself by sys.exit(0) a success, however much of it has not run.
    outputs = [output for cell in executed.cells for output in cell.get("outputs", ())]
    if any(output.output_type == "error" and output.ename == "SystemExit" for output in outputs):
        return "笔记本中途退出（SystemExit），没有运行完"
    if not page.is_file():
        return "笔记本没有写出页面"
    return "" if page.stat().st_size else "笔记本写出的页面是空的"


def _explain(name: str, value: str) -> str:
    ours = isinstance(getattr(errors, name, None), type)
    first = value.strip().partition("\n")[0]
    known = {"MemoryError": "内存不足", "KeyboardInterrupt": "运行被中断"}.get(name, "")
    return first if ours else f"{known + '：' if known else ''}{name}: {first}".rstrip(": ")
