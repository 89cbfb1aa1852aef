"""Run notebooks for many counties. The only door to papermill, nbclient and dask."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from suizhou_geo.batch.cluster import map_sites
    from suizhou_geo.batch.engine import Outcome
    from suizhou_geo.batch.hearth import lend_process
    from suizhou_geo.batch.notebooks import check_parameters, find_notebook, list_notebooks, read_parameters
    from suizhou_geo.batch.runner import run
    from suizhou_geo.batch.tables import RUN_COLUMNS

__all__ = [
    "RUN_COLUMNS",
    "Outcome",
    "check_parameters",
    "find_notebook",
    "lend_process",
    "list_notebooks",
    "map_sites",
    "read_parameters",
    "run",
]

_HOME_OF = {
    "RUN_COLUMNS": "tables",
    "map_sites": "cluster",
    "lend_process": "hearth",
    "run": "runner",
    "Outcome": "engine",
    "check_parameters": "notebooks",
    "find_notebook": "notebooks",
    "list_notebooks": "notebooks",
    "read_parameters": "notebooks",
}


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        return getattr(import_module(f"suizhou_geo.batch.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module 'suizhou_geo.batch' has no attribute {name!r}")
