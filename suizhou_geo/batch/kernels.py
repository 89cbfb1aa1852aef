"""The kernel of a run: always the Python that runs the batch, whatever kernels the machine's users have installed."""

import subprocess
import sys
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager


class OwnKernelManager(AsyncKernelManager):
    """Starts ipykernel in the running interpreter.

    A kernel named ``python3`` in somebody's home may belong to another Python, and one in a copied environment
    may point to a Python that is gone: neither is asked.
    """

    @property
    def kernel_spec(self) -> KernelSpec:
        """The specification of our own kernel, never looked up."""
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
        )

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]  # an attribute there
        """As in the base class, with the process's own stderr thrown away.

        A batch that is stopped removes the folder of a kernel that may just be starting; what the kernel then says
        would stand on the terminal in nobody's words. What a notebook writes comes through its cells.
        """
        await super().start_kernel(**{"stderr": subprocess.DEVNULL, **options})
