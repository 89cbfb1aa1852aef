"""Maps, legal verdicts and county pages for the environmental work plan of a Chinese city.

Rooms are loaded when first used, so that ``import suizhou_geo`` stays light.

>>> import suizhou_geo as sg
>>> sg.__version__.count(".")
2
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_ROOMS = (
    "assess",
    "batch",
    "conventions",
    "errors",
    "files",
    "maps",
    "plan",
    "saving",
    "spatial",
    "standards",
)

if TYPE_CHECKING:
    from suizhou_geo import (  # noqa: F401  (the rooms are the public face; this tells type checkers so)
        assess,
        batch,
        conventions,
        errors,
        files,
        maps,
        plan,
        saving,
        spatial,
        standards,
    )

__all__ = ["__version__", *_ROOMS]  # noqa: PLE0604  (the rooms are names, listed once above)


def __getattr__(name: str) -> ModuleType:
    if name in _ROOMS:
        return import_module(f"suizhou_geo.{name}")
    raise AttributeError(f"module 'suizhou_geo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
