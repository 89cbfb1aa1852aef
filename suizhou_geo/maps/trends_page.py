"""The page of trends: the sections of one ``CountyResult`` as small multiples, in one HTML file."""

import html
from pathlib import Path

from suizhou_geo.conventions import CountyResult
from suizhou_geo.maps.frame import render_document
from suizhou_geo.maps.page import join_scripts, page_data, read_browser_file
from suizhou_geo.saving import write_text_atomically

#: The page's scripts: those of the county page that know features and charts, and its own.
SCRIPTS = ("elements", "features", "symbols", "charts", "trends")

#: Height of the page in a notebook's output, in pixels.
NOTEBOOK_HEIGHT = 760


class TrendPage:
    """The sections of a county as small multiples: the last line of a cell shows them, :meth:`save` writes them.

    >>> result = CountyResult("421303", "曾都区", "随州市", 2021, 6, "无断面。", (), (), (), (), (), (), False, "0.1.0")
    >>> "srcdoc=" in TrendPage(result)._repr_html_()
    True
    """

    def __init__(self, result: CountyResult) -> None:
        self.result = result

    def render(self) -> str:
        """The page as one HTML text that opens from a file with the network off; the same result gives the same text."""
        return render_document(
            title=f"{self.result.name} · 断面趋势 · {self.result.year}年{self.result.month}月",
            data=page_data(self.result),
            script=join_scripts(SCRIPTS),
            style=read_browser_file("page.css") + read_browser_file("trends.css"),
            body=read_browser_file("trends.html"),
        )

    def save(self, outfile: str | Path) -> Path:
        """Write the page, whole or not at all, and return its path."""
        return write_text_atomically(outfile, self.render())

    def _repr_html_(self) -> str:
        page, title = (
            html.escape(self.render(), quote=True),
            html.escape(f"{self.result.name}断面趋势", quote=True),
        )
        return (
            f'<iframe title="{title}" srcdoc="{page}" width="100%" height="{NOTEBOOK_HEIGHT}" '
            'style="border:1px solid #dde3e6" sandbox="allow-scripts allow-modals"></iframe>'
        )
