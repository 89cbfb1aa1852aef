"""The plan board as one HTML file: every goal and task of a county, its named places, its warnings and accounts."""

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import shapely

from suizhou_geo.conventions import (
    LAYER_KINDS,
    LOCATION_QUALITIES,
    PACE_WORDS,
    SYNTHETIC_LABEL,
    TARGET_WORDS,
    Account,
    CountyResult,
    Feature,
    TargetRow,
)
from suizhou_geo.maps.frame import render_document
from suizhou_geo.maps.page import read_browser_file
from suizhou_geo.saving import write_text_atomically

#: The page's scripts: what makes elements, and its own.
SCRIPTS = ("elements", "board")

#: Height of the page in a notebook's output, in pixels.
NOTEBOOK_HEIGHT = 760

#: Width of the register map in its own units; its height follows from the shape of the area.
_WIDTH = 640

#: Points a side at which a county's name may stand.
_LABEL_STEPS = 12

#: The fact that says to which task of the plan a place belongs.
TASK = "工作任务"

_REGISTERED = ("projects", "sources", "outfalls")


class BoardPage:
    """A county's plan board: the last line of a cell shows it, :meth:`save` writes it.

    >>> result = CountyResult("421303", "曾都区", "随州市", 2021, 6, "无断面。", (), (), (), (), (), (), False, "0.1.0")
    >>> "srcdoc=" in BoardPage(result)._repr_html_()
    True
    """

    def __init__(self, result: CountyResult) -> None:
        self.result = result

    def render(self) -> str:
        """The page as one HTML text that opens from a file with the network off; the same result gives the same text."""
        parts = "\n".join(read_browser_file(f"{name}.js") for name in SCRIPTS)
        return render_document(
            title=f"{self.result.name} · 工作要点目标板 · {self.result.year}年{self.result.month}月",
            data=board_data(self.result),
            script=f'(() => {{\n"use strict";\n{parts}}})();\n',
            style=read_browser_file("page.css") + read_browser_file("board.css"),
            body=read_browser_file("board.html"),
        )

    def save(self, outfile: str | Path) -> Path:
        """Write the page, whole or not at all, and return its path."""
        return write_text_atomically(outfile, self.render())

    def _repr_html_(self) -> str:
        page = html.escape(self.render(), quote=True)
        title = html.escape(f"{self.result.name}目标板", quote=True)
        return (
            f'<iframe title="{title}" srcdoc="{page}" width="100%" height="{NOTEBOOK_HEIGHT}" '
            'style="border:1px solid #dde3e6" sandbox="allow-scripts allow-modals"></iframe>'
        )


def board_data(result: CountyResult) -> dict[str, Any]:
    """What the page's script reads: rows by goal, warnings, accounts and the register map, as plain JSON types."""
    return {
        "head": {
            "name": result.name, "city": result.city, "year": result.year, "month": result.month, "tool": result.tool_version,
            "synthetic": result.synthetic, "fingerprint": result.fingerprint,
        },
        "headline": result.headline,
        "goals": _groups(result.targets),
        "tasks": _groups(result.tasks),
        "alerts": [asdict(alert) for alert in result.alerts],
        "accounts": _account_rows(result.accounts, names=_county_names(result)),
        "register": register_map(result),
        "sources": [asdict(note) for note in result.sources],
        "words": {"states": TARGET_WORDS, "pace": PACE_WORDS, "synthetic": SYNTHETIC_LABEL},
    }  # fmt: skip


def register_map(result: CountyResult) -> dict[str, Any]:
    """The outline of the counties and every place that the plan names, with its task and how sure its position is.

    Places that a script made are counted by task, not listed: they are nobody's.
    """
    counties = result.layer("counties")
    areas = counties.features if counties else ()
    shapes = [(each, shapely.geometry.shape(each.geometry)) for each in areas if each.geometry]
    places = list(_places(result))
    points = [shapely.geometry.shape(each.geometry) for _, each in places]
    frame = _Frame([shape for _, shape in shapes] + points)
    named = [
        _place(number, kind, feature, frame.at(point))
        for number, ((kind, feature), point) in enumerate(zip(places, points, strict=True), start=1)
    ]
    return {
        "width": _WIDTH,
        "height": frame.height,
        "counties": [
            {
                "name": feature.name, "own": feature.in_county, "path": frame.path(shape),
                "label": frame.at(_free_point(shape, points)),
            }
            for feature, shape in shapes
        ],
        "places": named,
        "others": _others(result),
    }  # fmt: skip


def _free_point(shape: shapely.Geometry, taken: Sequence[shapely.Point]) -> shapely.Point:
    """Where a county's name stands: inside it, as far as can be from its edge and from the places."""
    west, south, east, north = shape.bounds
    steps = [(step + 0.5) / _LABEL_STEPS for step in range(_LABEL_STEPS)]
    grid = [
        shapely.Point(west + (east - west) * across, south + (north - south) * up)
        for across in steps
        for up in steps
    ]
    obstacles = shapely.union_all([shape.boundary, *taken])
    inside = [point for point in grid if shape.contains(point)]
    return max(inside, key=obstacles.distance, default=shape.representative_point())


class _Frame:
    """Degrees → units of the drawing: as wide as the drawing, north up, true in shape at the middle latitude."""

    def __init__(self, shapes: Sequence[shapely.Geometry]) -> None:
        bounds = shapely.total_bounds(shapely.GeometryCollection(list(shapes))) if shapes else (0, 0, 1, 1)
        west, south, east, north = map(float, bounds)
        self._shrink = math.cos(math.radians((south + north) / 2))
        self._scale = (_WIDTH - 40) / max((east - west) * self._shrink, 1e-6)
        self._west, self._north = west, north
        self.height = round((north - south) * self._scale + 40) if shapes else 40

    def at(self, point: shapely.Point) -> list[float]:
        """Across and down of a point."""
        across = 20 + (point.x - self._west) * self._shrink * self._scale
        return [round(across, 1), round(20 + (self._north - point.y) * self._scale, 1)]

    def path(self, shape: shapely.Geometry) -> str:
        """The outline as an SVG path, fine enough for its size."""
        simple = shapely.simplify(shape, 0.4 / self._scale)
        rings = [ring for part in shapely.get_parts(simple) for ring in (part.exterior, *part.interiors)]
        return "".join(f"M{'L'.join(self._text(corner) for corner in ring.coords)}Z" for ring in rings)

    def _text(self, corner: Sequence[float]) -> str:
        across, down = self.at(shapely.Point(corner[0], corner[1]))
        return f"{across:g} {down:g}"


def _places(result: CountyResult) -> Iterable[tuple[str, Feature]]:
    for kind in _REGISTERED:
        layer = result.layer(kind)
        for feature in layer.features if layer else ():
            is_point = feature.geometry.get("type") == "Point"
            if (
                TASK in feature.facts
                and is_point
                and (kind == "projects" or not (feature.synthetic or (layer and layer.synthetic)))
            ):
                yield kind, feature


def _place(number: int, kind: str, feature: Feature, at: list[float]) -> dict[str, Any]:
    return {
        "number": number, "id": feature.id, "name": feature.name, "kind": LAYER_KINDS[kind], "at": at,
        "task": feature.facts.get(TASK, ""), "status": feature.facts.get("进展", ""), "note": feature.facts.get("说明", ""),
        "quality": LOCATION_QUALITIES.get(feature.location_quality, feature.location_quality),
        "sure": feature.location_quality in {"surveyed", "published"}, "synthetic": feature.synthetic,
    }  # fmt: skip


def _others(result: CountyResult) -> list[dict[str, Any]]:
    shown = {feature.id for _, feature in _places(result)}
    counts: dict[tuple[str, str], int] = {}
    for kind in _REGISTERED:
        layer = result.layer(kind)
        for feature in layer.features if layer else ():
            if TASK in feature.facts and feature.id not in shown:
                key = (feature.facts[TASK], LAYER_KINDS[kind])
                counts[key] = counts.get(key, 0) + 1
    return [{"task": task, "kind": kind, "count": count} for (task, kind), count in sorted(counts.items())]


def _groups(rows: Sequence[TargetRow]) -> list[dict[str, Any]]:
    return [
        {"goal": goal, "rows": [asdict(row) for row in own]}
        for goal, own in groupby(rows, key=lambda row: row.goal)
    ]


def _county_names(result: CountyResult) -> dict[str, str]:
    layer = result.layer("counties")
    return {feature.id: feature.name for feature in layer.features} if layer else {}


def _account_rows(accounts: Sequence[Account], *, names: dict[str, str]) -> list[dict[str, Any]]:
    rows = []
    for (section, upstream, downstream), own in groupby(
        accounts, key=lambda each: (each.section_name, each.upstream, each.downstream)
    ):
        entries = list(own)
        known = [each.amount for each in entries if each.amount is not None]
        total = round(sum(known), 2)
        payer, receiver = (upstream, downstream) if total >= 0 else (downstream, upstream)
        rows.append(
            {
                "section": section, "payer": names.get(payer, payer), "receiver": names.get(receiver, receiver),
                "amount": abs(total), "unit": entries[0].money_unit, "formula": entries[0].formula, "note": entries[0].note,
                "values": len(known), "entries": len(entries),
            }
        )  # fmt: skip
    return rows
