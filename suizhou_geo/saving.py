"""How a finished file takes the place of the old one: whole, or not at all.

A killed writer leaves readable but shorter files behind, so nothing is ever written under its final name:
a temporary file in the same folder is written, flushed to disk and then renamed.
"""

import errno
import hashlib
import io
import os
import tempfile
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

#: Libraries in C that tell a full disk by an error of their own: layers, and the sheets of a workbook.
_SPEAK_OTHERWISE = {"pyogrio", "lxml"}


def write_atomically(path: str | Path, writer: Callable[[Path], object]) -> Path:
    """Call ``writer(temporary path)`` and move the result to ``path`` in one step.

    The temporary name keeps the ending of ``path``, because writers choose their format by it. If the writer
    fails, the old file stays as it was and the temporary one is removed; an ``OSError`` then names ``path``, and what
    a library in C says instead of one becomes one.

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
    except BaseException as error:
        for left in target.parent.glob(f"{temporary.name}*"):
            left.unlink(missing_ok=True)  # SQLite keeps a journal beside the file
        if isinstance(error, OSError) and error.errno and error.filename in {None, str(temporary)}:
            error.filename = str(target)
        elif type(error).__module__.partition(".")[0] in _SPEAK_OTHERWISE:
            raise OSError(errno.EIO, str(error).replace(str(temporary), target.name), str(target)) from error
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


def settle_package(package: bytes, *, date: datetime) -> bytes:
    """The same zip package (Word, Excel) with every member dated ``date``, in its own order."""
    settled = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as old,
        zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            member = zipfile.ZipInfo(name, date.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            # Which machine made it is nobody's business, and would change the bytes.
            member.create_system = 3
            member.external_attr = 0o644 << 16
            new.writestr(member, old.read(name))
    return settled.getvalue()


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
