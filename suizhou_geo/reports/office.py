"""What Word and Excel papers share: the date they may carry, and how they may be named."""

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
