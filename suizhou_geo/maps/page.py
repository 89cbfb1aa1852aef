"""The page of one county: ``CountyResult`` in, one HTML file out."""

import os
import warnings
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from suizhou_geo.conventions import (
    SOURCE_TYPES,
    SYNTHETIC_LABEL,
    TARGET_WORDS,
    CountyResult,
    Feature,
    Layer,
    Suspect,
    TargetRow,
)
from suizhou_geo.errors import InputError
from suizhou_geo.maps.columns import SCALE, Calendars, encode_layer
from suizhou_geo.maps.frame import NO_GUESTS, Guests, encode_data, render_document
from suizhou_geo.maps.leaflet import leaflet_script, leaflet_style
from suizhou_geo.maps.palette import air_edition, read_air_colours, read_palette
from suizhou_geo.maps.publication import INTERNAL, Publication, withhold
from suizhou_geo.saving import write_text_atomically
from suizhou_geo.standards import describe_certainty

#: The page's own scripts, in the order in which they build on each other.
SCRIPTS = (
    "elements",
    "features",
    "symbols",
    "time",
    "labels",
    "grids",
    "picture",
    "hits",
    "charts",
    "card",
    "panel",
    "legend",
    "search",
    "export",
    "tabs",
    "start",
)


#: Bytes that a page should not exceed: what a chat or a mail of an intranet carries.
PAGE_BUDGET = 1_500_000

#: Tiles of 天地图, asked for by name; ``{tk}`` is filled in the reader's browser.
TILE_ADDRESS = (
    "https://t{s}.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=vec&STYLE=default"
    "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={tk}"
)
TILE_HOSTS = "https://*.tianditu.gov.cn"

#: The environment variable that holds the key of the tiles.
KEY_VARIABLE = "TIANDITU_KEY"


def render_page(
    result: CountyResult,
    *,
    publication: Publication = INTERNAL,
    added: Sequence[Layer] = (),
    grids: Sequence[dict[str, Any]] = (),
    basemap: str = "",
    key: str = "",
    guests: Guests = NO_GUESTS,
) -> str:
    """The page as one HTML text that opens from a file with the network off.

    All texts of ``result`` travel as one escaped block of JSON and are written with ``textContent``; nothing is
    loaded, and no template engine sees a text. The same arguments give the same text.

    Parameters
    ----------
    result
        From ``plan.evaluate_county``.
    publication
        Internal as it stands, or public without what its rules name.
    added, grids
        Layers and grids (``encode_grid``) that an analyst added.
    basemap
        ``"tianditu"`` for tiles under the map; without it the page holds no address at all.
    key
        For a notebook's output only: the key of the tiles. Written pages have none.
    guests
        What foreign layers run and load.

    Raises
    ------
    InputError
        A geometry cannot be drawn, a number is not finite, or the basemap is not one that is known.

    Examples
    --------
    >>> result = CountyResult("421303", "曾都区", "随州市", 2021, 6, "无断面。", (), (), (), (), (), (), False, "0.1.0")
    >>> page = render_page(result)
    >>> page.startswith("<!DOCTYPE html>"), "://" in page, page == render_page(result)
    (True, False, True)
    """
    shown = withhold(replace(result, layers=(*result.layers, *added)), publication)
    data = {
        **page_data(shown, publication=publication, fingerprint_of=result),
        "grids": list(grids),
        "basemap": _tiles(basemap, key),
    }
    page = render_document(
        title=f"{shown.name} · 水环境 · {shown.year}年{shown.month}月",
        data=data,
        script=leaflet_script() + _page_script(),
        style=leaflet_style() + read_browser_file("page.css"),
        body=read_browser_file("page.html"),
        guests=replace(guests, image_hosts=(*guests.image_hosts, TILE_HOSTS)) if basemap else guests,
    )
    _check_key(page, key)
    return page


def write_page(result: CountyResult, *, path: str | Path, **options: Any) -> Path:
    """Write :func:`render_page` to ``path``: the finished page takes the place of the old one, or nothing changes.

    ``options`` are those of :func:`render_page`. A page beyond :data:`PAGE_BUDGET` is written with a warning that
    names the layers which take most of it.
    """
    page = render_page(result, **options)
    size = len(page.encode("utf-8"))
    if size > PAGE_BUDGET:
        warnings.warn(_size_words(result, size), stacklevel=2)
    return write_text_atomically(path, page)


def _size_words(result: CountyResult, size: int) -> str:
    sizes = {
        layer.title or layer.kind: len(
            encode_data(encode_layer(layer, calendars=Calendars())).encode("utf-8")
        )
        for layer in result.layers
    }
    largest = sorted(sizes.items(), key=lambda pair: -pair[1])[:3]
    told = "、".join(f"{title} {part / 1e6:.1f} MB" for title, part in largest)
    return f"页面有 {size / 1e6:.1f} MB，超过 {PAGE_BUDGET / 1e6:.1f} MB，不便传送。最大的图层：{told}。可按区县分页，或减少图层和月份。"


def _tiles(basemap: str, key: str) -> dict[str, str] | None:
    if not basemap:
        return None
    if basemap != "tianditu":
        raise InputError(
            f"没有名为“{basemap}”的底图",
            why="只有天地图（tianditu）",
            todo='改为 basemap="tianditu"，或不用底图',
        )
    return {"url": TILE_ADDRESS, "key": key, "credit": "底图：天地图"}


def _check_key(page: str, key: str) -> None:
    """A key of the environment that came into a text by some other way must not leave the house."""
    secret = os.environ.get(KEY_VARIABLE, "")
    if secret and secret != key and secret in page:
        raise InputError(
            "页面的文字中有天地图密钥", why="密钥不能写进可分享的页面", todo="请从数据的文字中删去密钥"
        )


def page_data(
    result: CountyResult, *, publication: Publication = INTERNAL, fingerprint_of: CountyResult | None = None
) -> dict[str, Any]:
    """What the page's script reads: the result as plain JSON types, with shapes as whole numbers."""
    calendars = Calendars()
    layers = [encode_layer(layer, calendars=calendars) for layer in result.layers]
    return {
        "head": {
            **_head(result),
            "fingerprint": (fingerprint_of or result).fingerprint,
            "stamp": publication.stamp,
            "mapStamp": publication.map_stamp,
        },
        "headline": result.headline,
        "targets": [
            {**asdict(target), "word": target.word, "reference": target.is_reference}
            for target in sorted(result.targets, key=_badness)
        ],
        "conflicts": [
            {**asdict(conflict), "layer": _layer_of(result, conflict.feature_id)}
            for conflict in result.conflicts
        ],
        "suspects": [_suspect(each) for each in result.suspects],
        "notes": list(result.notes),
        "rules": [{**asdict(rule), "verified": describe_certainty(rule.verified)} for rule in result.rules],
        "sources": [asdict(note) for note in result.sources],
        "layers": layers,
        "calendars": calendars.rows,
        "scale": SCALE,
        "palette": {**read_palette(), "air": read_air_colours(air_edition(result.year, result.month))},
        "words": {"targets": TARGET_WORDS, "sources": SOURCE_TYPES, "synthetic": SYNTHETIC_LABEL},
    }


def _head(result: CountyResult) -> dict[str, Any]:
    some_synthetic = any(
        layer.synthetic or any(map(_is_synthetic, layer.features)) for layer in result.layers
    )
    return {
        "name": result.name,
        "city": result.city,
        "adcode": result.adcode,
        "year": result.year,
        "month": result.month,
        "standards": list(dict.fromkeys(rule.title or rule.standard for rule in result.rules)),
        "dataDate": _last_month_with_data(result),
        "synthetic": result.synthetic,
        "partlySynthetic": some_synthetic and not result.synthetic,
        "tool": result.tool_version,
    }


def _suspect(suspect: Suspect) -> dict[str, Any]:
    return {
        "section": suspect.section_id,
        "source": suspect.source_id,
        "name": suspect.name,
        "rank": suspect.rank,
        "distance": suspect.distance_km,
        "hours": suspect.travel_h,
        "evidence": [each for each in suspect.evidence.split("；") if each],
    }


def _last_month_with_data(result: CountyResult) -> str:
    """The latest month (``YYYY-MM``) for which anything was measured; empty if nothing was."""
    latest = ""
    for layer in result.layers:
        for feature in layer.features:
            for series in feature.series:
                latest = _later(latest, series.times, series.values)
            if feature.section:
                latest = _later(latest, feature.section.class_periods, feature.section.classes)
    return latest


def _later(latest: str, times: Sequence[str], values: Sequence[float | None]) -> str:
    """The last of these months, oldest first, that has a value, or ``latest`` if that is later."""
    if not times or times[-1] <= latest:
        return latest
    known = (
        time for time, value in zip(reversed(times), reversed(values), strict=False) if value is not None
    )
    return max(latest, next(known, ""))


def _is_synthetic(feature: Feature) -> bool:
    return feature.synthetic


def _badness(target: TargetRow) -> tuple[bool, int, float]:
    # The plan's own targets come before the figures that they are merely compared with.
    words = list(TARGET_WORDS)
    place = words.index(target.state) if target.state in words else words.index("unknown")
    return target.is_reference, place, target.p_attain if target.p_attain is not None else 1.0


def _layer_of(result: CountyResult, feature_id: str) -> str:
    """The kind of the point layer that holds a conflict's feature: its row opens that feature's card."""
    for kind in ("sources", "outfalls", "projects"):
        layer = result.layer(kind)
        if layer and any(feature.id == feature_id for feature in layer.features):
            return kind
    return ""


@cache
def _page_script() -> str:
    return join_scripts(SCRIPTS)


def join_scripts(names: Sequence[str]) -> str:
    """Scripts of ours as one, without their comments and margins: these are read in the package, not in a page."""
    parts = "\n".join(read_browser_file(f"{name}.js") for name in names)
    lines = [line.strip() for line in parts.splitlines()]
    code = "\n".join(line for line in lines if line and not line.startswith(("//", "/**")))
    return f'(() => {{\n"use strict";\n{code}\n}})();\n'


@cache
def read_browser_file(name: str) -> str:
    """A script, style or frame of the pages, from the package."""
    return package_files("suizhou_geo.maps").joinpath("browser", name).read_text(encoding="utf-8")
