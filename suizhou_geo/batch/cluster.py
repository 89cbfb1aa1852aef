"""The same jobs on a Dask cluster: many machines that see the same folders, or are sent them. The only door to dask."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suizhou_geo.batch.engine import Job, Outcome, run_job
from suizhou_geo.batch.hearth import light_hearth, no_main
from suizhou_geo.batch.scattered import Parcel, Returned, receive, run_parcel
from suizhou_geo.batch.workers import Told, lost
from suizhou_geo.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

#: Seconds to wait for the scheduler, and for a worker to come, or to come back.
PATIENCE = 30


def run_on_cluster(
    todo: Sequence[Job], *, processes: int, started: Told, address: str, parcel: Parcel | None = None
) -> Iterator[Outcome]:
    """Outcomes as they come from the workers of a cluster; ``local`` starts one with so many ``processes``.

    A job whose worker died is given to another one. When no worker has been there for half a minute, what remains
    has failed. A ``parcel`` is sent to every worker, and the products come back; without it the workers see the same
    folders.
    """
    with _connect(address, processes) as client, _delivered(parcel, client) as label:
        waiting, running = deque(todo), dict[Any, Job]()
        seen = time.monotonic()
        while waiting or running:
            workers = len(client.scheduler_info(n_workers=-1)["workers"])
            seen = time.monotonic() if workers else seen
            if time.monotonic() - seen > PATIENCE:
                yield from map(lost, (*running.values(), *waiting))
                return
            while waiting and len(running) < workers:
                job = waiting.popleft()
                started(job)
                running[client.submit(_run_there, job, label, pure=False)] = job
            for future in _finished(list(running)):
                job = running.pop(future)
                yield _outcome(future.result(), job) if future.status == "finished" else lost(job)


def map_sites(
    function: Callable[["xr.Dataset"], "xr.Dataset | xr.DataArray"],
    *,
    cube: "xr.Dataset",
    sites_at_once: int = 500,
    processes: int = 1,
    scheduler: str = "",
) -> Any:
    """``function`` of a large cube, of so many sites at a time and side by side; what it returns is joined along ``site``.

    A cube opened with ``chunks={}`` is read part by part by whoever computes it, and never stands in memory whole. The
    answer of a site must not depend on other sites.

    Parameters
    ----------
    function
        Takes a Dataset with dims ``(site, time)`` and returns one, or a DataArray, with ``site``.
    cube
        Observations as ``files.observation_cube`` makes them, in memory or not.
    scheduler
        As in ``batch.run``; threads of this process if not given.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> cube = xr.Dataset({"tp": (("site", "time"), np.arange(8.0).reshape(4, 2))})
    >>> map_sites(lambda part: part["tp"].mean("time"), cube=cube, sites_at_once=3).values
    array([0.5, 2.5, 4.5, 6.5])
    """
    import xarray as xr  # noqa: PLC0415
    from dask.base import compute  # noqa: PLC0415  (an extra)
    from dask.delayed import delayed  # noqa: PLC0415

    chunked = cube.chunk({"site": sites_at_once})
    starts = range(0, cube.sizes["site"], sites_at_once)
    parts = [delayed(function)(chunked.isel(site=slice(start, start + sites_at_once))) for start in starts]
    if scheduler:
        with _connect(scheduler, processes):
            found = compute(*parts)
    else:
        found = compute(*parts, scheduler="threads")
    return xr.concat(found, dim="site")


@contextmanager
def _delivered(parcel: Parcel | None, client: Any) -> Iterator[Parcel | None]:
    if parcel is None:
        yield None
        return
    from suizhou_geo.batch.parcel_plugin import ParcelPlugin  # noqa: PLC0415  (needs an extra)

    plugin = ParcelPlugin(parcel)
    client.register_plugin(plugin)
    try:
        yield parcel.label()
    finally:
        client.unregister_worker_plugin(plugin.name)


def _outcome(told: Outcome | Returned, job: Job) -> Outcome:
    return receive(told, job=job) if isinstance(told, Returned) else told


def _finished(futures: Sequence[Any]) -> Sequence[Any]:
    from distributed import wait  # noqa: PLC0415  (an extra)

    try:
        return list(wait(futures, timeout=1, return_when="FIRST_COMPLETED").done)
    except TimeoutError:
        return []


@contextmanager
def _connect(address: str, processes: int) -> Iterator[Any]:
    try:
        from distributed import Client, LocalCluster  # noqa: PLC0415  (an extra, a second to import)
    except ImportError as error:
        raise InputError(
            "不能使用 Dask 集群", why="没有安装 dask", todo="pip install suizhou-geo[dask]"
        ) from error
    if address == "local":
        with (
            no_main(),
            LocalCluster(n_workers=processes, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise InputError(
            f"连不上 Dask 调度器 {address}", why=str(error), todo="核对地址，例如 tcp://10.0.0.1:8786"
        ) from error
    with client:
        yield client


# --- on the worker -----------------------------------------------------------------------------------------------

#: papermill changes the folder of the whole process: one notebook at a time, however many threads a worker has.
_ONE = threading.Lock()


def _run_there(job: Job, parcel: Parcel | None = None) -> Outcome | Returned:
    from distributed import get_worker  # noqa: PLC0415  (an extra)

    with _ONE:
        light_hearth()
        if parcel is None:
            return run_job(job)
        # The folder goes with the worker.
        return run_parcel(job, parcel, place=Path(get_worker().local_directory))
