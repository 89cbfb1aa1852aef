"""The picture: one HTML file per county that opens with the network unplugged."""

from typing import TYPE_CHECKING, Any

from suizhou_geo.maps.board_page import BoardPage
from suizhou_geo.maps.frame import render_document
from suizhou_geo.maps.page import render_page, write_page
from suizhou_geo.maps.reliability import draw_reliability
from suizhou_geo.maps.screening_page import render_screening, write_screening
from suizhou_geo.maps.trends_page import TrendPage

if TYPE_CHECKING:
    from suizhou_geo.maps.county_map import CountyMap

__all__ = [
    "BoardPage",
    "CountyMap",
    "TrendPage",
    "draw_reliability",
    "render_document",
    "render_page",
    "render_screening",
    "write_page",
    "write_screening",
]


def __getattr__(name: str) -> Any:
    # folium takes 0.6 s to import and only a notebook's map object needs it.
    if name == "CountyMap":
        from suizhou_geo.maps.county_map import CountyMap  # noqa: PLC0415

        return CountyMap
    raise AttributeError(f"module 'suizhou_geo.maps' has no attribute {name!r}")
