"""folium's own layers on our page: drawn by their own scripts, after ours, with what they load written down.

Their texts are not ours to make safe. Two doors are shut all the same: what a child rendered is taken as it stands and
not compiled as a template a second time (a text such as ``{{…}}`` would run as Python), and the page's policy lets no
script run but those rendered here, so that markup in a text cannot bring its own.
"""

import base64
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink
from xstatic.pkg import leaflet

from suizhou_geo.maps.frame import Guests

_ADDRESS = re.compile(r"https?://[^\s\"'`<>)]+")

#: What of ours does the same as a type of folium's.
_AREAS = "add_layer(frame, title=…)"
_OURS = {
    **dict.fromkeys(
        (
            "Marker", "CircleMarker", "Circle", "RegularPolygonMarker", "MarkerCluster", "FastMarkerCluster", "GeoJson", "TopoJson",
            "Choropleth", "Polygon", "Rectangle", "PolyLine", "FeatureGroup", "Popup", "Tooltip", "Icon",
        ),
        _AREAS,
    ),
    **dict.fromkeys(("TileLayer", "WmsTileLayer"), 'CountyMap(result, basemap="tianditu")'),
    **dict.fromkeys(("ImageOverlay", "HeatMap", "HeatMapWithTime", "ColorLine"), "add_grid(grid, title=…)"),
    **dict.fromkeys(("LayerControl", "GroupedLayerControl", "Search"), "页面自带的图例与查找"),
    **dict.fromkeys(("TimestampedGeoJson", "TimeSliderChoropleth", "TimelineSlider"), "页面自带的时间轴"),
    **dict.fromkeys(("LinearColormap", "StepColormap"), "页面自带的图例"),
}  # fmt: skip


def render_children(parent: folium.Map, children: Sequence[Any], figure: Figure) -> Guests:
    """What the document must hold so that these children of ``parent`` draw themselves on our map."""
    for child in children:
        child.render()
    parts = [*_walk(figure.header), *_walk(figure.html)]
    markup = "".join(_raw(part) for part in parts if not isinstance(part, (JavascriptLink, CssLink)))
    scripts = [_raw(part) for part in _walk(figure.script)]
    links = [part.url for part in parts if isinstance(part, JavascriptLink)]
    styles = [part.url for part in parts if isinstance(part, CssLink)]
    if any(isinstance(each, folium.Icon) for child in children for each in _descendants(child)):
        links += [url for _, url in folium.Map.default_js if "awesome" in url]
        styles += [url for _, url in folium.Map.default_css if "awesome" in url or "glyph" in url]
    # One script element each: one that cannot run offline does not stop the others.
    codes = tuple(_harmless(code) for code in (_prelude(parent.get_name(), markup), *scripts) if code.strip())
    hosts = tuple(dict.fromkeys(_host(address) for code in codes for address in _ADDRESS.findall(code)))
    return Guests(codes, tuple(dict.fromkeys(links)), tuple(dict.fromkeys(styles)), hosts)


def describe_children(children: Sequence[Any], guests: Guests) -> str:
    """Why such children are not saved unasked: what they load, and which layer of ours does the same."""
    loads = [*guests.script_links, *guests.style_links, *guests.image_hosts]
    told = (
        f"它们要从外网加载 {'、'.join(loads)}，断网时不能显示"
        if loads
        else "它们不加载外网文件，但其中的文字会被当作网页代码"
    )
    names = dict.fromkeys(type(child).__name__ for child in children)
    ours = "；".join(f"{name} 可改用 {_OURS.get(name, _AREAS)}" for name in names)
    return f"{told}；{ours}"


def _walk(holder: Element) -> Iterator[Element]:
    yield from holder._children.values()


def _descendants(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():
        yield from _descendants(child)


def _raw(part: Element) -> str:
    """The text that a child rendered, before branca makes a template of it."""
    return part._template_str or ""


def _prelude(name: str, markup: str) -> str:
    """folium's names for what the page has: the map, markers' pictures, and as much of jQuery as a popup needs."""
    pictures = Path(leaflet.BASE_DIR) / "images"
    icon, shadow = (
        f"data:image/png;base64,{base64.b64encode((pictures / file).read_bytes()).decode('ascii')}"
        for file in ("marker-icon.png", "marker-shadow.png")
    )
    return (
        f"var {name} = countyPage.map;\n"
        "delete L.Icon.Default.prototype._getIconUrl;\n"
        f'L.Icon.Default.mergeOptions({{iconUrl: "{icon}", iconRetinaUrl: "{icon}", shadowUrl: "{shadow}"}});\n'
        "L.AwesomeMarkers = L.AwesomeMarkers || { icon: () => new L.Icon.Default() };\n"
        "window.$ = window.$ || ((markup) => [document.createRange().createContextualFragment(String(markup).trim()).firstElementChild]);\n"
        f'document.body.insertAdjacentHTML("beforeend", {json.dumps(markup)});'
    )


def _harmless(code: str) -> str:
    """The same script in letters that cannot end its own element; these marks stand only inside texts."""
    code = re.sub(r"<(script)", r"<\\x73\1", code, flags=re.IGNORECASE).replace("<\\x73script", "<\\x73cript")
    return code.replace("</", "<\\/").replace("<!--", "<\\!--")


def _host(address: str) -> str:
    """A policy's source for an address; ``{s}`` stands for the sub-domains of a tile server."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0].replace('{s}', '*')}"
