"""The page of one project's place: a ``ProjectScreening`` as one printable page of HTML."""

from dataclasses import asdict
from pathlib import Path

from suizhou_geo.conventions import SYNTHETIC_LABEL, ProjectScreening
from suizhou_geo.maps.frame import render_document
from suizhou_geo.maps.page import read_browser_file
from suizhou_geo.saving import write_text_atomically


def render_screening(screening: ProjectScreening) -> str:
    """The page as one HTML text that opens from a file with the network off; texts enter it as text only.

    >>> empty = ProjectScreening("A", "甲", "", "", 113.4, 31.7, 0.0, 500.0, (), (), "", None, (), (), (), False, "0.1.0")
    >>> page = render_screening(empty)
    >>> "://" in page, page == render_screening(empty)
    (False, True)
    """
    parts = "\n".join(read_browser_file(f"{name}.js") for name in ("elements", "screening"))
    return render_document(
        title=f"{screening.name} · 空间准入研判",
        data={**asdict(screening), "synthetic_label": SYNTHETIC_LABEL},
        script=f'(() => {{\n"use strict";\n{parts}}})();\n',
        style=read_browser_file("page.css") + read_browser_file("screening.css"),
        body=read_browser_file("screening.html"),
    )


def write_screening(screening: ProjectScreening, *, path: str | Path) -> Path:
    """Write :func:`render_screening` to ``path``, whole or not at all."""
    return write_text_atomically(path, render_screening(screening))
