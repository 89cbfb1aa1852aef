"""Layers as columns of plain numbers and texts: what the page's one block of data is made of.

Coordinates become whole steps of 1e-5 degree (about one metre), each written as its difference from the one before:
a page with hundreds of shapes stays small enough to be sent by chat.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import shapely

from suizhou_geo.conventions import (
    LAYER_KINDS,
    LOCATION_QUALITIES,
    SOURCE_TYPES,
    SYNTHETIC_LABEL,
    TARGET_WORDS,
    Feature,
    Layer,
    SectionStatus,
    Series,
    chance_text,
    class_label,
)
from suizhou_geo.errors import InputError

#: Steps per degree.
SCALE = 100_000

_POINTS, _LINE, _AREA = 0, 1, 2


class Calendars:
    """Lists of months, each kept once: most sections of a county share one."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self._index: dict[tuple[str, ...], int] = {}

    def index_of(self, times: Sequence[str]) -> int:
        """The number under which these months are kept."""
        key = tuple(times)
        if key not in self._index:
            self._index[key] = len(self.rows)
            self.rows.append(list(key))
        return self._index[key]


def encode_layer(layer: Layer, *, calendars: Calendars) -> dict[str, Any]:
    """One layer as columns: one entry per feature in each list, or an empty list where every entry is empty.

    ``shapes`` holds :func:`encode_geometry` of every feature; ``facts`` holds, for every feature, the numbers that
    its labels and texts have in ``texts``, alternately: permits and rivers repeat, and stand there once.
    """
    texts: dict[str, int] = {}
    return {
        "kind": layer.kind,
        "kindName": LAYER_KINDS.get(layer.kind, layer.kind),
        "title": layer.title or LAYER_KINDS.get(layer.kind, layer.kind),
        "synthetic": layer.synthetic,
        "source": layer.source,
        "updated": layer.updated,
        "ids": [feature.id for feature in layer.features],
        "names": [feature.name for feature in layer.features],
        "sourceTypes": _unless_empty([feature.source_type for feature in layer.features]),
        "categories": _unless_empty([feature.category for feature in layer.features]),
        "syntheticFlags": _unless_empty([int(feature.synthetic) for feature in layer.features]),
        "inCounty": _unless_empty([int(feature.in_county) for feature in layer.features]),
        "shapes": [encode_geometry(feature.geometry, name=feature.name) for feature in layer.features],
        "facts": [_encode_facts(feature, texts) for feature in layer.features],
        "texts": list(texts),
        "sections": _unless_empty(
            [_encode_section(feature.section, calendars) for feature in layer.features]
        ),
        "series": _unless_empty(
            [[_encode_series(one, calendars) for one in feature.series] for feature in layer.features]
        ),
        "anchors": _unless_empty(
            [_label_anchor(feature) if layer.kind == "counties" else None for feature in layer.features]
        ),
    }


def _unless_empty(column: list[Any]) -> list[Any]:
    return column if any(column) else []


def encode_geometry(geometry: dict[str, Any], *, name: str = "") -> list[list[Any]]:
    """GeoJSON as pieces: ``[0, longitude, latitude, …]``, ``[1, steps]`` for a line, ``[2, ring, …]`` for an area.

    Raises ``InputError`` for a geometry type that GeoJSON does not have or a coordinate that is not finite.

    >>> encode_geometry({"type": "LineString", "coordinates": [[113.0, 31.0], [113.00002, 31.0], [113.0, 31.5]]})
    [[1, [11300000, 3100000, 2, 0, -2, 50000]]]
    >>> encode_geometry({"type": "Point", "coordinates": []})
    []
    """
    if not geometry:
        return []
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        return [piece for part in geometry["geometries"] for piece in encode_geometry(part, name=name)]
    coordinates = geometry.get("coordinates") or []
    try:
        return _PIECES[str(kind)](coordinates) if coordinates else []
    except (KeyError, TypeError, IndexError, ValueError, OverflowError) as error:
        raise InputError(
            f"要素“{name}”的几何图形无法绘制",
            why=f"类型 {kind}：{error}",
            todo="请检查该要素的坐标，应为 GeoJSON 几何图形，坐标为有限的经纬度数值",
        ) from error


def _line(coordinates: Iterable[Sequence[float]]) -> list[int]:
    steps: list[int] = []
    last = (0, 0)
    for longitude, latitude, *_height in coordinates:
        here = (round(longitude * SCALE), round(latitude * SCALE))
        if steps and here == last:
            continue
        steps += (here[0] - last[0], here[1] - last[1])
        last = here
    return steps


def _area(rings: Iterable[Iterable[Sequence[float]]]) -> list[Any]:
    return [_AREA, *(_line(ring) for ring in rings)]


def _points(points: Iterable[Sequence[float]]) -> list[Any]:
    return [
        _POINTS,
        *(round(value * SCALE) for longitude, latitude, *_ in points for value in (longitude, latitude)),
    ]


_PIECES: dict[str, Any] = {
    "Point": lambda point: [_points([point])],
    "MultiPoint": lambda points: [_points(points)],
    "LineString": lambda line: [[_LINE, _line(line)]],
    "MultiLineString": lambda lines: [[_LINE, _line(line)] for line in lines],
    "Polygon": lambda rings: [_area(rings)],
    "MultiPolygon": lambda polygons: [_area(rings) for rings in polygons],
}


def _label_anchor(feature: Feature) -> list[int] | None:
    """Where a county's name stands: the middle of the widest place of its largest part."""
    shape = shapely.make_valid(shapely.geometry.shape(feature.geometry)) if feature.geometry else None
    if shape is None or shape.is_empty or shape.area == 0:
        return None
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    middle = shapely.maximum_inscribed_circle(largest, tolerance=0.01).coords[0]
    return [round(value * SCALE) for value in middle]


def _encode_facts(feature: Feature, texts: dict[str, int]) -> list[int]:
    facts: list[int] = []
    for label, text in card_facts(feature).items():
        facts += [texts.setdefault(each, len(texts)) for each in (label, text)]
    return facts


def card_facts(feature: Feature) -> dict[str, str]:
    """Label → text pairs of a feature's card: its class first, then what its layer says about it."""
    own = {label: str(text) for label, text in feature.facts.items()}
    given = set(own.values())
    added = {
        "类型": SOURCE_TYPES.get(feature.source_type, feature.source_type),
        "坐标质量": LOCATION_QUALITIES.get(feature.location_quality, feature.location_quality),
        "数据性质": SYNTHETIC_LABEL if feature.synthetic else "",
    }
    new = {label: text for label, text in added.items() if text and label not in own and text not in given}
    return {**_section_facts(feature.section), **own, **new}


def _section_facts(section: SectionStatus | None) -> dict[str, str]:
    if section is None:
        return {}
    facts = {
        f"{section.period} 水质": " · ".join(filter(None, (_class_text(section.water_class), section.grade)))
        or "无数据",
        "年初至今": _class_text(section.year_to_date_class),
        "目标": _class_text(section.target_class),
        "对照目标": TARGET_WORDS.get(section.target_state, section.target_state),
        "主要污染指标": section.main_pollutants,
        "超标倍数": section.exceedance,
        "定类指标": section.limiting,
        "全年达标概率": _chance_text(section),
        "趋势": _trend_text(section),
        "参评月均值": f"{section.n} 项" if section.n else "",
        "判定": section.verdict,
        "依据": " ".join(filter(None, (section.standard, section.clause))),
    }
    return {label: text for label, text in facts.items() if text}


def _trend_text(section: SectionStatus) -> str:
    told = [
        f"{trend.name}{trend.meaning}（每年 {trend.slope:+g} {trend.unit}，区间 {trend.slope_low:+g} 至 {trend.slope_high:+g}）"
        for trend in section.trends
    ]
    span = f"{section.trends[0].first} 至 {section.trends[0].last}：" if told else ""
    return span + "；".join(told)


def _chance_text(section: SectionStatus) -> str:
    if section.p_attain is None:
        return ""
    cause = f"；不达标时多由{section.binding}决定" if section.binding else ""
    return f"{chance_text(section.p_attain)}（已知月份不变，其余月份为预测{cause}）"


def _class_text(water_class: int | None) -> str:
    label = class_label(water_class)
    return f"{label}类" if label else ""


def _encode_section(section: SectionStatus | None, calendars: Calendars) -> dict[str, Any] | None:
    if section is None:
        return None
    return {
        "waterClass": section.water_class,
        "yearClass": section.year_to_date_class,
        "targetClass": section.target_class,
        "state": section.target_state,
        "pollutants": section.main_pollutants or section.limiting,
        "limiting": section.limiting,
        "months": calendars.index_of(section.class_periods),
        "classes": list(section.classes),
        "chance": section.p_attain,
        "binding": section.binding,
        "trends": [
            {
                "name": trend.name,
                "unit": trend.unit,
                "meaning": trend.meaning,
                "slope": trend.slope,
                "low": trend.slope_low,
                "high": trend.slope_high,
                "first": trend.first,
                "last": trend.last,
            }
            for trend in section.trends
        ],
    }


def _encode_series(series: Series, calendars: Calendars) -> dict[str, Any]:
    return {
        "name": series.name,
        "unit": series.unit,
        "months": calendars.index_of(series.times),
        "values": list(series.values),
        "limit": series.limit,
        "limitLabel": series.limit_label,
        "decimals": series.decimals,
        "higherIsBetter": series.higher_is_better,
    }
