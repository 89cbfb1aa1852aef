"""Kernels that come up before they are asked for: while one run works, the kernel of the next starts beside it."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from jupyter_client.connect import write_connection_file

from suizhou_geo.batch.hearth import FORKS, fork_kernel

#: What ``nbclient`` starts an IPython kernel with: nothing that is typed is kept.
_ARGUMENTS = ("--HistoryManager.hist_file=:memory:",)

#: The name of a Unix socket has 107 bytes at most; a longer one would not bind.
_LONGEST_NAME = 100


class PreparedKernel:
    """A forked kernel that has yet to be told where and with what it runs. It serves one run, as any other.

    It talks through Unix sockets in ``folder``, which only this user can open.
    """

    def __init__(self, folder: "tempfile.TemporaryDirectory[str]", *, scratch: str) -> None:
        self.folder, self.scratch = folder, scratch
        self.connection_file = str(Path(folder.name) / "kernel.json")
        write_connection_file(
            self.connection_file, ip=_socket(folder), transport="ipc", key=uuid4().hex.encode()
        )
        self._fork()

    def _fork(self) -> None:
        self.process, self._order = fork_kernel(("-f", self.connection_file, *_ARGUMENTS))

    @property
    def is_alive(self) -> bool:
        return self.process.exitcode is None

    def begin(self, folder: str, environment: Mapping[str, str], memory: int) -> None:
        """Let it take messages, in that folder, with these variables and MB of memory (0: no limit)."""
        order = (folder, dict(environment), memory)
        try:
            self._order.send(order)
        except OSError:
            # It died while it waited, before any run was its own: another one takes its sockets.
            self._fork()
            self._order.send(order)
        self._order.close()

    def discard(self) -> None:
        """End it unused."""
        self.process.kill()
        self.folder.cleanup()


#: The kernel of the next run, and whether there is to be one: a worker of a batch has runs to come.
_next: PreparedKernel | None = None
_has_runs_to_come = False


def expect_runs() -> None:
    """From now on keep one kernel ready in this process."""
    global _has_runs_to_come  # noqa: PLW0603  (said once, of the process)
    _has_runs_to_come = True


def take_kernel(scratch: str) -> PreparedKernel | None:
    """The kernel that is ready, or a new one; None where kernels are not forked or ``scratch`` is too deep for sockets."""
    global _next
    found, _next = _next, None
    if found and found.is_alive and found.scratch == scratch:
        return found
    if found:
        found.discard()
    return _prepare(scratch)


def prepare_next(scratch: str) -> None:
    """Start the kernel of the next run, where one is to come."""
    global _next  # noqa: PLW0603  (handed over in take_kernel)
    if _has_runs_to_come and _next is None:
        _next = _prepare(scratch)


def _prepare(scratch: str) -> PreparedKernel | None:
    folder = tempfile.TemporaryDirectory(prefix="k", dir=scratch or None)
    if FORKS and len(os.fsencode(_socket(folder))) < _LONGEST_NAME:
        return PreparedKernel(folder, scratch=scratch)
    folder.cleanup()
    return None


def _socket(folder: "tempfile.TemporaryDirectory[str]") -> str:
    return str(Path(folder.name) / "s")
