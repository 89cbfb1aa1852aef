"""The county page as a ``folium.Map``: shows in a notebook without network, and saves as one file.

folium gives the page its place in notebooks and lets an analyst add to it. What is added with :meth:`CountyMap.add_layer`
and :meth:`CountyMap.add_grid` is data on our own page: it never becomes markup or code. folium's own children are
foreign: they are shown in the notebook, and saved only when asked for by name.
"""

import html
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import shapely
from branca.element import Figure

from suizhou_geo.conventions import GEOGRAPHIC_CRS, CountyResult, Feature, Layer
from suizhou_geo.errors import CRSError, InputError
from suizhou_geo.maps.foreign import describe_children, render_children
from suizhou_geo.maps.frame import NO_GUESTS, Guests
from suizhou_geo.maps.grid_images import encode_grid
from suizhou_geo.maps.page import KEY_VARIABLE, render_page, write_page
from suizhou_geo.maps.publication import INTERNAL, Publication

if TYPE_CHECKING:
    import geopandas as gpd
    import xarray as xr

#: Height of the page in a notebook's output, in pixels.
NOTEBOOK_HEIGHT = 760


class CountyMap(folium.Map):
    """One county's page as a map object: the last line of a cell shows it, :meth:`save` writes it.

    ``result`` is the county's state. ``publication`` says for whom the page is. ``basemap="tianditu"`` puts the tiles
    of 天地图 under the map: the only addresses that a page of ours ever holds. The key is read from the environment
    (``TIANDITU_KEY``) for the notebook alone; a saved page has none, and its reader adds ``#tk=…`` to its address.

    >>> result = CountyResult("421303", "曾都区", "随州市", 2021, 6, "无断面。", (), (), (), (), (), (), False, "0.1.0")
    >>> "srcdoc=" in CountyMap(result)._repr_html_()
    True
    """

    def __init__(
        self,
        result: CountyResult,
        *,
        height: int = NOTEBOOK_HEIGHT,
        publication: Publication = INTERNAL,
        basemap: str = "",
    ) -> None:
        super().__init__(tiles=None)
        self._own_children = frozenset(self._children)
        self._foreign_figure: Figure | None = None
        self.result = result
        self.notebook_height = height
        self.publication = publication
        self.basemap = basemap
        self.added: tuple[Layer, ...] = ()
        self.grids: tuple[dict[str, Any], ...] = ()

    def add_layer(
        self,
        frame: "gpd.GeoDataFrame",
        *,
        title: str,
        name: str | None = None,
        facts: Sequence[str] | None = None,
        synthetic: bool = False,
        source: str = "",
    ) -> "CountyMap":
        """Add points, lines or areas as a layer of the page: in the legend, in the search, with a card for each.

        ``name`` is the column of names (the index where not given), ``facts`` the columns that the card shows, all
        where not given. Returns the map itself.

        Raises ``CRSError`` if the frame has no CRS, ``InputError`` if a column is not there.
        """
        if frame.crs is None:
            raise CRSError(
                f"图层“{title}”没有坐标系", why="不知道坐标系就不能放到地图上", todo="请先 set_crs"
            )
        columns = [column for column in frame.columns if column != frame.geometry.name]
        shown = [column for column in columns if column != name] if facts is None else list(facts)
        missing = [column for column in [*shown, *([name] if name else [])] if column not in columns]
        if missing:
            raise InputError(
                f"图层“{title}”没有列 {'、'.join(missing)}",
                why=f"现有的列为 {'、'.join(map(str, columns))}",
                todo="请核对列名",
            )
        known = frame.to_crs(GEOGRAPHIC_CRS)
        features = tuple(
            Feature(
                f"added-{len(self.added)}-{at}",
                str(label),
                {} if shape is None or shape.is_empty else shapely.geometry.mapping(shape),
                {str(column): _text(value) for column, value in zip(shown, row, strict=True) if _text(value)},
                synthetic=synthetic,
            )
            for at, (label, shape, row) in enumerate(
                zip(
                    known[name] if name else known.index,
                    known.geometry,
                    known[shown].itertuples(index=False, name=None),
                    strict=True,
                )
            )
        )
        self.added += (Layer(f"added-{len(self.added)}", title, synthetic, source, "", features),)
        return self

    def add_grid(
        self, grid: "xr.DataArray", *, title: str, unit: str = "", crs: str | None = None
    ) -> "CountyMap":
        """Add an interpolated grid as a picture with its own legend; see :func:`encode_grid`. Returns the map itself."""
        self.grids += (encode_grid(grid, title=title, unit=unit, crs=crs),)
        return self

    def render(self, *, foreign: Sequence[str] = (), **_options: Any) -> str:
        """The page as HTML text; folium's own children are left out unless ``foreign`` names their types."""
        return render_page(self.result, **self._page_options(foreign))

    def get_root(self) -> Any:
        """The map itself: the page has no outer figure in which folium could render data."""
        return self._foreign_figure or self

    def save(self, outfile: str | Path, *, foreign: Sequence[str] = (), **_options: Any) -> Path:  # type: ignore[override]  # a path, not a stream
        """Write the page to the path ``outfile``, whole or not at all, and return that path.

        Raises ``InputError`` if folium children were added whose types ``foreign`` does not name: the message says
        what they load and which layer of ours does the same.
        """
        return write_page(self.result, path=Path(outfile), **self._page_options(foreign))

    def _repr_html_(self, **_options: Any) -> str:
        everything = [type(child).__name__ for child in self._foreign_children()]
        key = os.environ.get(KEY_VARIABLE, "") if self.basemap else ""
        page = html.escape(render_page(self.result, **self._page_options(everything), key=key), quote=True)
        title = html.escape(f"{self.result.name}地图", quote=True)
        return (
            f'<iframe title="{title}" srcdoc="{page}" width="100%" height="{int(self.notebook_height)}" '
            'style="border:1px solid #dde3e6" sandbox="allow-scripts allow-modals allow-downloads"></iframe>'
        )

    def _page_options(self, foreign: Sequence[str]) -> dict[str, Any]:
        return {
            "publication": self.publication,
            "added": self.added,
            "grids": self.grids,
            "basemap": self.basemap,
            "guests": self._render_foreign(foreign),
        }

    def _render_foreign(self, asked_for: Sequence[str]) -> Guests:
        children = self._foreign_children()
        if not children:
            return NO_GUESTS
        self._foreign_figure = Figure()
        try:
            guests = render_children(self, children, self._foreign_figure)
        finally:
            self._foreign_figure = None
        unnamed = [child for child in children if type(child).__name__ not in asked_for]
        if unnamed:
            names = list(dict.fromkeys(type(child).__name__ for child in unnamed))
            raise InputError(
                f"地图上有 folium 自带的图层：{'、'.join(names)}，没有保存",
                why=describe_children(unnamed, guests),
                todo=f"改用上述自有图层；确需保存时写明 save(…, foreign={names!r})",
            )
        return guests

    def _foreign_children(self) -> list[Any]:
        return [child for key, child in self._children.items() if key not in self._own_children]


def _text(value: object) -> str:
    """A cell as text; nothing where it is missing."""
    return "" if value is None or value != value else str(value)  # noqa: PLR0124  (NaN and NaT)
