"""The kernel of a run: always the Python that runs the batch, forked from the hearth where that is possible."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from multiprocessing import connection
from pathlib import Path
from queue import Empty
from typing import Any

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from nbclient.exceptions import DeadKernelError
from traitlets import Dict, Int, Unicode
from traitlets.config import Config

from suizhou_geo.batch.hearth import FORKS, fork_kernel
from suizhou_geo.batch.prepared import PreparedKernel, prepare_next, take_kernel


def kernel_config(time_limit: int, memory_limit: int, environment: Mapping[str, str], scratch: str) -> Config:
    """What nbclient hands to the :class:`OwnKernelManager` that it makes."""
    return Config(
        OwnKernelManager=Config(
            time_limit=time_limit, memory_limit=memory_limit, environment=dict(environment), scratch=scratch
        )
    )


class OwnKernelManager(AsyncKernelManager):
    """Starts ipykernel of the running interpreter, and ends it when its time is over.

    A kernel named ``python3`` in somebody's home may belong to another Python, and one in a copied environment
    may point to a Python that is gone: neither is asked. A forked kernel talks through Unix sockets in a folder that
    only this user can open.
    """

    #: Seconds that the kernel may live, and MB that it may allocate; 0 for no limit.
    time_limit = Int(0).tag(config=True)
    memory_limit = Int(0).tag(config=True)
    #: Further variables of the kernel, and where its sockets go.
    environment = Dict().tag(config=True)
    scratch = Unicode("").tag(config=True)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.client_class = f"{__name__}.QuickClient"
        # A client that calls before the kernel listens would else come again after a tenth of a second only.
        self.context.setsockopt(zmq.RECONNECT_IVL, 2)
        self._prepared = take_kernel(self.scratch)
        if self._prepared:
            self._folder = self._prepared.folder
            self.load_connection_file(self._prepared.connection_file)
            self.connection_file, self._connection_file_written = self._prepared.connection_file, True
        else:
            # The loopback serves as well.
            self._folder = tempfile.TemporaryDirectory(prefix="k", dir=self.scratch or None)
            self.connection_file = str(Path(self._folder.name) / "kernel.json")

    @property
    def kernel_spec(self) -> KernelSpec:
        """The specification of our own kernel, never looked up."""
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
        )

    def take_prepared(self) -> PreparedKernel | None:
        """The kernel that is ready for this run, once."""
        prepared, self._prepared = self._prepared, None
        return prepared

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]  # an attribute there
        """As in the base class, with the process's own stderr thrown away and its time counted.

        A batch that is stopped removes the folder of a kernel that may just be starting; what the kernel then says
        would stand on the terminal in nobody's words. What a notebook writes comes through its cells.
        """
        if FORKS and self.provisioner is None:
            self.provisioner = ForkedKernel(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self, memory=self.memory_limit
            )
        options = {"stderr": subprocess.DEVNULL, "env": {**os.environ, **self.environment}, **options}
        await _without_pause(KernelManager._async_start_kernel)(self, **options)
        if self.time_limit:
            self._clock = threading.Timer(self.time_limit, self._give_up)
            self._clock.daemon = True
            self._clock.start()

    async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:  # type: ignore[override]  # an attribute there
        """As in the base class."""
        await _without_pause(KernelManager._async_shutdown_kernel)(self, now=now, restart=restart)

    def _give_up(self) -> None:
        if self.provisioner is not None:
            asyncio.run(self.provisioner.kill())

    async def _async_finish_shutdown(self, *_: Any, restart: bool = False, **__: Any) -> None:
        # The base class looks every tenth of a second, which is most of what ending a kernel would take.
        await super()._async_finish_shutdown(pollinterval=0.005, restart=restart)

    async def cleanup_resources(self, restart: bool = False) -> None:  # type: ignore[override]  # an attribute there
        """As in the base class; the folder of the sockets goes too."""
        if self.time_limit:
            self._clock.cancel()
        await super().cleanup_resources(restart=restart)
        if not restart:
            self._folder.cleanup()


def _without_pause(method: Any) -> Any:
    # The base class pauses after each step so that its own tests can see it pending.
    return getattr(method, "__wrapped__", method)


class ForkedKernel(LocalProvisioner):
    """A kernel forked from the hearth; for the rest what ``jupyter_client`` does with a process of its own."""

    memory = Int(0)

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        """Let the kernel begin that is ready, or fork the one that ``cmd`` (``python -m ipykernel_launcher …``) would start."""
        self.cwd = options.get("cwd", Path.cwd())
        order = (str(self.cwd or Path.cwd()), options["env"], self.memory)
        manager = self.parent
        prepared = manager.take_prepared() if isinstance(manager, OwnKernelManager) else None
        if prepared:
            prepared.begin(*order)
            forked = prepared.process
            prepare_next(prepared.scratch)
        else:
            forked, pipe = fork_kernel(cmd[3:])
            pipe.send(order)
            pipe.close()
        self.process = _AsPopen(forked)  # type: ignore[assignment]
        self.pid = self.pgid = forked.pid
        return self.connection_info


class _AsPopen:
    """What the base class wants of ``subprocess.Popen``."""

    stdin = stdout = stderr = None

    def __init__(self, forked: Any) -> None:
        self._forked = forked
        self.pid = forked.pid

    def poll(self) -> int | None:
        code: int | None = self._forked.exitcode
        return code

    def wait(self) -> int | None:
        connection.wait([self._forked.sentinel])
        return self.poll()

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class QuickClient(AsyncKernelClient):
    """Does not wait a fifth of a second for messages that nobody has sent.

    The base class does so to be rid of what other clients have asked; a kernel of our own has no other clients.
    """

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        give_up = asyncio.get_running_loop().time() + (timeout or 60)
        while True:
            self.kernel_info()
            try:
                reply = await self.shell_channel.get_msg(timeout=1)
                # A message here shows that the kernel's outputs arrive.
                await self.iopub_channel.get_msg(timeout=0.2)
            except Empty:
                if not await self._async_is_alive():
                    raise DeadKernelError("Kernel died before replying to kernel_info") from None
                if asyncio.get_running_loop().time() > give_up:
                    raise RuntimeError("Kernel did not respond in time") from None
            else:
                self._handle_kernel_info_reply(reply)
                return

    wait_for_ready = _async_wait_for_ready
