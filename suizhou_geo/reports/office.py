"""The same result, the same bytes: packages of Word and Excel without the clock of the machine that wrote them."""

import io
import zipfile
from datetime import datetime
from pathlib import Path

from suizhou_geo.conventions import CountyResult
from suizhou_geo.errors import InputError


def period_start(result: CountyResult) -> datetime:
    """The first moment of the result's month: the only date that a paper of it can honestly carry."""
    return datetime(result.year, result.month, 1)  # noqa: DTZ001  (Office packages take it as it stands)


def check_ending(path: str | Path, *endings: str, product: str) -> Path:
    """The path, or ``InputError`` if a product of that name cannot have its ending."""
    target = Path(path)
    if target.suffix.lower() not in endings:
        known = "、".join(endings)
        raise InputError(f"{product}不能写成“{target.name}”", why=f"扩展名应为 {known}", todo=f"改用 {known}")
    return target


def settle_package(package: bytes, *, date: datetime) -> bytes:
    """The same zip package with every member dated ``date``, in its own order."""
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
