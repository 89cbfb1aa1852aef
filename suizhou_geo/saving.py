"""How a finished file takes the place of the old one: whole, or not at all.

A killed writer leaves readable but shorter files behind, so nothing is ever written under its final name:
a temporary file in the same folder is written, flushed to disk and then renamed.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_atomically(path: str | Path, writer: Callable[[Path], object]) -> Path:
    """Call ``writer(temporary path)`` and move the result to ``path`` in one step.

    The temporary name keeps the ending of ``path``, because writers choose their format by it. If the writer
    fails, the old file stays as it was and the temporary one is removed.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = write_atomically(Path(folder) / "a.txt", lambda p: p.write_text("好", encoding="utf-8"))
    ...     target.read_text(encoding="utf-8"), len(list(Path(folder).iterdir()))
    ('好', 1)
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="tmp-", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        writer(temporary)
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)
    return target


def write_text_atomically(path: str | Path, text: str) -> Path:
    """Write ``text`` as UTF-8 with line feeds, whole or not at all."""
    return write_atomically(path, lambda temporary: temporary.write_bytes(text.encode("utf-8")))


def sha256_of(path: str | Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on disk."""
    # A rename is durable only when its folder is on disk too; Windows cannot open folders and needs no such call.
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
