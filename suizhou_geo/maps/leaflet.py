"""Leaflet's own script and style, from the installed package, in the form that a page without network can hold."""

import re
from functools import cache
from pathlib import Path

from xstatic.pkg import leaflet

# Leaflet signs maps with a link and a flag; the page shows its own origin line instead.
_SIGNATURE = re.compile(r"""prefix:'<a href="https://leafletjs\.com".*?Leaflet</a>"\}""")
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
# Pictures of controls that the page does not use, and a rule for Internet Explorer.
_LOADING_DECLARATION = re.compile(r"^[^\S\n]*[\w-]+:[^;{}\n]*url\([^)]*\)[^;{}\n]*;?[^\S\n]*\n", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SCHEME = re.compile(r"(https?:)//")


@cache
def leaflet_script() -> str:
    """Leaflet as one script that names no address: its copyright notice stays, its link does not."""
    script = _SIGNATURE.sub('prefix:""}', _read("leaflet.js"), count=1)
    script = _SOURCE_MAP.sub("", script)
    # The names of XML namespaces look like addresses; split, they are the same strings to the browser.
    script = script.replace(' xmlns="http://www.w3.org/2000/svg"', "")
    script = re.sub(r'"(https?:)//([^"]*)"', r'"\1"+"//\2"', script)
    return _SCHEME.sub("", script).strip() + "\n"


@cache
def leaflet_style() -> str:
    """Leaflet's style sheet without comments and without the declarations that load a file.

    >>> "url(" in leaflet_style(), ".leaflet-pane" in leaflet_style()
    (False, True)
    """
    return _LOADING_DECLARATION.sub("", _COMMENT.sub("", _read("leaflet.css")))


def _read(name: str) -> str:
    return (Path(leaflet.BASE_DIR) / name).read_text(encoding="utf-8")
