"""The page of one county: ``CountyResult`` in, one HTML file out."""

from dataclasses import asdict
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
)
from suizhou_geo.maps.columns import SCALE, Calendars, encode_layer
from suizhou_geo.maps.frame import render_document
from suizhou_geo.maps.leaflet import leaflet_script, leaflet_style
from suizhou_geo.maps.palette import read_palette
from suizhou_geo.saving import write_text_atomically

#: The page's own scripts, in the order in which they build on each other.
SCRIPTS = (
    "elements",
    "features",
    "symbols",
    "labels",
    "picture",
    "hits",
    "charts",
    "card",
    "panel",
    "legend",
    "search",
    "start",
)


def render_page(result: CountyResult) -> str:
    """The page as one HTML text that opens from a file with the network off.

    All texts of ``result`` travel as one escaped block of JSON and are written with ``textContent``; nothing is
    loaded, and no template engine sees a text. The same result gives the same text.

    Raises ``InputError`` if a geometry cannot be drawn or a number is not finite.

    >>> result = CountyResult("421303", "曾都区", "随州市", 2021, 6, "无断面。", (), (), (), (), (), (), False, "0.1.0")
    >>> page = render_page(result)
    >>> page.startswith("<!DOCTYPE html>"), "://" in page, page == render_page(result)
    (True, False, True)
    """
    return render_document(
        title=f"{result.name} · 水环境 · {result.year}年{result.month}月",
        data=page_data(result),
        script=leaflet_script() + _page_script(),
        style=leaflet_style() + read_browser_file("page.css"),
        body=read_browser_file("page.html"),
    )


def write_page(result: CountyResult, *, path: str | Path) -> Path:
    """Write :func:`render_page` to ``path``: the finished page takes the place of the old one, or nothing changes."""
    return write_text_atomically(path, render_page(result))


def page_data(result: CountyResult) -> dict[str, Any]:
    """What the page's script reads: the result as plain JSON types, with shapes as whole numbers."""
    calendars = Calendars()
    layers = [encode_layer(layer, calendars=calendars) for layer in result.layers]
    return {
        "head": _head(result),
        "headline": result.headline,
        "targets": sorted(map(asdict, result.targets), key=_badness),
        "conflicts": [
            {**asdict(conflict), "layer": _layer_of(result, conflict.feature_id)}
            for conflict in result.conflicts
        ],
        "notes": list(result.notes),
        "rules": [asdict(rule) for rule in result.rules],
        "sources": [asdict(note) for note in result.sources],
        "layers": layers,
        "calendars": calendars.rows,
        "scale": SCALE,
        "palette": read_palette(),
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
        "fingerprint": result.fingerprint,
    }


def _last_month_with_data(result: CountyResult) -> str:
    """The latest month (``YYYY-MM``) for which anything was measured; empty if nothing was."""
    features = [feature for layer in result.layers for feature in layer.features]
    measured = [
        time
        for feature in features
        for series in feature.series
        for time, value in zip(series.times, series.values, strict=False)
        if value is not None
    ]
    classed = [
        period
        for feature in features
        if feature.section
        for period, water_class in zip(feature.section.class_periods, feature.section.classes, strict=False)
        if water_class is not None
    ]
    return max(measured + classed, default="")


def _is_synthetic(feature: Feature) -> bool:
    return feature.synthetic


def _badness(target: dict[str, Any]) -> tuple[int, float]:
    words = list(TARGET_WORDS)
    place = words.index(target["state"]) if target["state"] in words else words.index("unknown")
    return place, target["p_attain"] if target["p_attain"] is not None else 1.0


def _layer_of(result: CountyResult, feature_id: str) -> str:
    """The kind of the point layer that holds a conflict's feature: its row opens that feature's card."""
    for kind in ("sources", "outfalls", "projects"):
        layer = result.layer(kind)
        if layer and any(feature.id == feature_id for feature in layer.features):
            return kind
    return ""


@cache
def _page_script() -> str:
    parts = "\n".join(read_browser_file(f"{name}.js") for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


@cache
def read_browser_file(name: str) -> str:
    """A script, style or frame of the pages, from the package."""
    return package_files("suizhou_geo.maps").joinpath("browser", name).read_text(encoding="utf-8")
