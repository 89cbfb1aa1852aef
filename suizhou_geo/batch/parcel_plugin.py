"""Brings a parcel to every worker of a cluster, those that come later too. Imported only where there is dask."""

import shutil
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin

from suizhou_geo.batch.scattered import Parcel, folder_of, unpack


class ParcelPlugin(WorkerPlugin):
    """Unpacks a parcel in the folder of each worker, and takes it away again.

    Data that is scattered would not do: the scheduler drops what more than one worker holds, and what only one held is
    lost with it.
    """

    def __init__(self, parcel: Parcel) -> None:
        self.name = f"suizhou-geo-{parcel.digest}"
        self._parcel = parcel

    def setup(self, worker: Any) -> None:
        """On the worker, before it is given a job."""
        unpack(self._parcel, place=Path(worker.local_directory))

    def teardown(self, worker: Any) -> None:
        """On the worker, when the batch is over."""
        shutil.rmtree(folder_of(self._parcel, Path(worker.local_directory)), ignore_errors=True)
