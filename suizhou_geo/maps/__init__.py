"""The picture: one HTML file per county that opens with the network unplugged."""

from typing import TYPE_CHECKING, Any

from suizhou_geo.maps.board_page import BoardPage
from suizhou_geo.maps.frame import render_document
from suizhou_geo.maps.grid_images import encode_grid
from suizhou_geo.maps.page import PAGE_BUDGET, render_page, write_page
from suizhou_geo.maps.publication import Publication, withhold
from suizhou_geo.maps.reliability import draw_reliability
from suizhou_geo.maps.screening_page import render_screening, write_screening
from suizhou_geo.maps.trends_page import TrendPage

if TYPE_CHECKING:
    from suizhou_geo.maps.county_map import CountyMap
    from suizhou_geo.maps.picture import draw_picture, write_picture

__all__ = [
    "PAGE_BUDGET",
    "BoardPage",
    "CountyMap",
    "Publication",
    "TrendPage",
    "draw_picture",
    "draw_reliability",
    "encode_grid",
    "render_document",
    "render_page",
    "render_screening",
    "withhold",
    "write_page",
    "write_picture",
    "write_screening",
]


def __getattr__(name: str) -> Any:
    # folium takes 0.6 s to import and only a notebook's map object needs it; matplotlib as long, for the papers alone.
    if name in {"draw_picture", "write_picture"}:
        from suizhou_geo.maps import picture  # noqa: PLC0415

        return getattr(picture, name)
    if name == "CountyMap":
        from suizhou_geo.maps.county_map import CountyMap  # noqa: PLC0415

        return CountyMap
    raise AttributeError(f"module 'suizhou_geo.maps' has no attribute {name!r}")
