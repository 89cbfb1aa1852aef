"""Maps, legal verdicts and county pages for the environmental work plan of a Chinese city.

Rooms are loaded when first used, so that ``import suizhou_geo`` stays light.

>>> import suizhou_geo as sg
>>> sg.__version__.count(".")
2
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from suizhou_geo import (
        assess,
        batch,
        conventions,
        coordinates,
        errors,
        files,
        forecast,
        maps,
        packaged,
        plan,
        reports,
        saving,
        spatial,
        standards,
    )

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "assess",
    "batch",
    "conventions",
    "coordinates",
    "errors",
    "files",
    "forecast",
    "maps",
    "packaged",
    "plan",
    "reports",
    "saving",
    "spatial",
    "standards",
]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"suizhou_geo.{name}")
    raise AttributeError(f"module 'suizhou_geo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
