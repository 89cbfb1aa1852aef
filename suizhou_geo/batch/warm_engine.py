"""The papermill engine ``suizhou-geo``: ``papermill --engine suizhou-geo in.ipynb out.ipynb``.

papermill imports this module while it is itself being imported, so nothing of ours may import it before papermill, and
it imports nothing heavy.
"""

from collections.abc import Mapping
from typing import Any

from papermill.engines import NBClientEngine, write_ipynb


class WarmEngine(NBClientEngine):  # type: ignore[misc]  # untyped
    """Runs each notebook in a kernel forked from a process that has imported the libraries of notebooks."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        time_limit: int = 0,
        memory_limit: int = 0,
        environment: Mapping[str, str] | None = None,
        scratch: str = "",
        unfinished: str = "",
        **options: Any,
    ) -> None:
        """As in the base class, within limits for the whole run.

        Parameters
        ----------
        time_limit, memory_limit
            Seconds, MB; 0 for no limit.
        environment
            Further variables of the kernel.
        scratch
            Where the sockets of the kernel go; the system's temporary folder if not given.
        unfinished
            Where a notebook whose kernel died is kept, which papermill itself would lose.
        """
        from suizhou_geo.batch.kernels import OwnKernelManager, kernel_config  # noqa: PLC0415  (not while papermill loads)

        try:
            super().execute_managed_notebook(
                nb_man,
                kernel_name,
                kernel_manager_class=OwnKernelManager,
                config=kernel_config(time_limit, memory_limit, environment or {}, scratch),
                extra_arguments=["--IPKernelApp.log_level=50", "--HistoryManager.enabled=False"],
                **options,
            )
        except Exception:
            if unfinished:
                write_ipynb(nb_man.nb, unfinished)
            raise
