"""The county page as a ``folium.Map``: shows in a notebook without network, and saves as one file.

folium is used for its place in notebooks only. Its own rendering never runs on data: it would compile texts as
templates, load ten files from four hosts and leave an empty file behind when it fails.
"""

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import folium

from suizhou_geo.conventions import CountyResult
from suizhou_geo.errors import InputError
from suizhou_geo.maps.page import render_page, write_page

#: Height of the page in a notebook's output, in pixels.
NOTEBOOK_HEIGHT = 760


class CountyMap(folium.Map):
    """One county's page as a map object: the last line of a cell shows it, :meth:`save` writes it.

    ``result`` is the county's state; everything on the page comes from it. Layers of folium itself are refused
    when the map is shown or saved, because they would load files from the network.

    >>> result = CountyResult("421303", "曾都区", "随州市", 2021, 6, "无断面。", (), (), (), (), (), (), False, "0.1.0")
    >>> "srcdoc=" in CountyMap(result)._repr_html_()
    True
    """

    def __init__(self, result: CountyResult, *, height: int = NOTEBOOK_HEIGHT) -> None:
        super().__init__(tiles=None)
        self._own_children = frozenset(self._children)
        self.result = result
        self.notebook_height = height

    def render(self, **_options: Any) -> str:
        """The page as HTML text; raises ``InputError`` if a foreign folium layer was added."""
        self._check_children()
        return render_page(self.result)

    def get_root(self) -> "CountyMap":
        """The map itself: the page has no outer figure in which folium could render data."""
        return self

    def save(self, outfile: str | Path, **_options: Any) -> Path:  # type: ignore[override]  # a path, not a stream
        """Write the page to the path ``outfile``, whole or not at all, and return that path."""
        self._check_children()
        return write_page(self.result, path=Path(outfile))

    def _repr_html_(self, **_options: Any) -> str:
        page = html.escape(self.render(), quote=True)
        title = html.escape(f"{self.result.name}地图", quote=True)
        return (
            f'<iframe title="{title}" srcdoc="{page}" width="100%" height="{int(self.notebook_height)}" '
            'style="border:1px solid #dde3e6" sandbox="allow-scripts allow-modals"></iframe>'
        )

    def _check_children(self) -> None:
        foreign = list(self._foreign_children())
        if foreign:
            raise InputError(
                f"地图上有 folium 自带的图层：{'、'.join(foreign)}",
                why="folium 图层要从外网加载文件，并会把数据中的文字当作代码运行",
                todo="请把数据放入工作区的图层（workspace.toml），由 CountyResult 带到页面上",
            )

    def _foreign_children(self) -> Iterator[str]:
        for key, child in self._children.items():
            if key not in self._own_children:
                yield type(child).__name__
