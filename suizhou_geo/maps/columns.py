"""Layers as columns of plain numbers and texts: what the page's one block of data is made of.

Coordinates become whole steps of 1e-5 degree (about one metre), each written as its difference from the one before:
a page with hundreds of shapes stays small enough to be sent by chat.
"""

import base64
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely

from suizhou_geo.conventions import (
    LAYER_KINDS,
    LOCATION_QUALITIES,
    SOURCE_TYPES,
    SYNTHETIC_LABEL,
    TARGET_WORDS,
    AirStatus,
    Fan,
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

#: What stands for a missing value among packed numbers.
NO_VALUE = -32768

#: Layers whose areas share their borders: simplified together, so that no gap opens between neighbours.
COVERAGES = ("counties", "units")

#: A corner goes where its triangle with its neighbours is smaller than the square of this, degrees (about 11 metres):
#: less than a pixel until the map is enlarged to zoom 14.
BORDER_TOLERANCE = 1e-4


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

    ``shapes`` holds :func:`encode_geometry` of every feature, or nothing where all are single points: these stand
    in ``places``, each as its difference from the one before. ``facts`` holds, for every feature, the numbers that its
    labels and texts have in ``texts``, alternately: permits and rivers repeat, and stand there once. The columns of
    series are those of :func:`_encode_all_series`.
    """
    texts = _Numbers()
    places = _encode_places(layer.features)
    return {
        "kind": layer.kind,
        "kindName": LAYER_KINDS.get(layer.kind, layer.title or layer.kind),
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
        "places": places,
        "shapes": [] if places else _encode_shapes(layer),
        "facts": [_encode_facts(feature, texts) for feature in layer.features],
        "texts": list(texts),
        "sections": _unless_empty(
            [_encode_section(feature.section, calendars) for feature in layer.features]
        ),
        "airs": _unless_empty([_encode_air(feature.air, calendars) for feature in layer.features]),
        **_encode_all_series(layer.features, calendars),
        "anchors": _unless_empty(
            [_label_anchor(feature) if layer.kind == "counties" else None for feature in layer.features]
        ),
    }


def _unless_empty(column: list[Any]) -> list[Any]:
    return column if any(column) else []


def _encode_places(features: Sequence[Feature]) -> list[int]:
    """Single points as one column of whole steps; empty where any feature is something else or cannot be placed."""
    if not features or any(feature.geometry.get("type") != "Point" for feature in features):
        return []
    try:
        degrees = np.array([feature.geometry["coordinates"][:2] for feature in features], dtype=float)
    except (KeyError, TypeError, ValueError):
        return []
    if degrees.shape != (len(features), 2) or not np.isfinite(degrees).all():
        return []
    steps = np.rint(degrees * SCALE).astype(np.int64)
    moves: list[int] = np.diff(steps, axis=0, prepend=0).ravel().tolist()
    return moves


def _encode_shapes(layer: Layer) -> list[list[list[Any]]]:
    geometries = [feature.geometry for feature in layer.features]
    if layer.kind in COVERAGES:
        geometries = simplify_borders(geometries)
    return [
        encode_geometry(geometry, name=feature.name)
        for geometry, feature in zip(geometries, layer.features, strict=True)
    ]


def simplify_borders(geometries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Areas with fewer corners; a border that two of them share stays one line. Anything else comes back unchanged.

    Areas that overlap or leave slivers are no coverage: they come back unchanged, as their borders are not shared.

    >>> left = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 0.5], [1, 1], [0, 1], [0, 0]]]}
    >>> len(simplify_borders([left])[0]["coordinates"][0])
    5
    """
    if any(geometry.get("type") not in {"Polygon", "MultiPolygon"} for geometry in geometries):
        return list(geometries)
    try:
        areas = [shapely.geometry.shape(geometry) for geometry in geometries]
        if not shapely.coverage_is_valid(areas):
            return list(geometries)
        simplified = shapely.coverage_simplify(areas, BORDER_TOLERANCE)
    except (shapely.errors.ShapelyError, TypeError, ValueError, IndexError):
        # What cannot be drawn at all is named by encode_geometry.
        return list(geometries)
    return [shapely.geometry.mapping(area) for area in simplified]


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


class _Numbers(dict[str, int]):
    """Texts by number, in the order in which they come."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


def _encode_facts(feature: Feature, texts: _Numbers) -> list[int]:
    return [texts[each] for pair in card_facts(feature).items() for each in pair]


def card_facts(feature: Feature) -> dict[str, str]:
    """Label → text pairs of a feature's card: its class first, then what its layer says about it."""
    own = {label: str(text) for label, text in feature.facts.items()}
    kind = SOURCE_TYPES.get(feature.source_type, feature.source_type)
    quality = LOCATION_QUALITIES.get(feature.location_quality, feature.location_quality)
    given = own.values()
    shown = _section_facts(feature.section) if feature.section else {}
    shown |= _air_facts(feature.air) if feature.air else {}
    shown |= own
    for label, text in (
        ("类型", kind),
        ("坐标质量", quality),
        ("数据性质", SYNTHETIC_LABEL if feature.synthetic else ""),
    ):
        if text and label not in own and text not in given:
            shown[label] = text
    return shown


def _section_facts(section: SectionStatus) -> dict[str, str]:
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


def _air_facts(air: AirStatus) -> dict[str, str]:
    # What belongs to a month follows the slider: the page's script says it.
    facts = {
        "AQI 说明": air.note,
        "监测数据": SYNTHETIC_LABEL if air.synthetic else "",
        "AQI 依据": air.clause,
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
        "attention": section.needs_attention,
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


def _encode_air(air: AirStatus | None, calendars: Calendars) -> dict[str, Any] | None:
    """One column a field: what the slider shows of every month."""
    if air is None:
        return None
    return {
        "months": calendars.index_of([month.period for month in air.months]),
        "dates": [month.date for month in air.months],
        "aqi": [month.aqi for month in air.months],
        "levels": [month.level for month in air.months],
        "categories": [month.category for month in air.months],
        "primaries": [month.primary for month in air.months],
        "days": [list(month.days) for month in air.months],
        "good": [month.good_days for month in air.months],
        "synthetic": air.synthetic,
    }


def _encode_all_series(features: Sequence[Feature], calendars: Calendars) -> dict[str, Any]:
    """``heads, sets, owners, values, fans`` of a layer: what series have in common stands once.

    A head is name, unit, months, limit and its label, decimals and direction; ``sets`` are the lists of heads that
    features have, ``owners`` which set each has (nothing where all have the first); ``values`` holds for every head
    :func:`encode_values` of all its series one after the other, ``fans`` for every head those that have a fan, by
    the number of the feature.
    """
    heads: dict[tuple[Any, ...], int] = {}
    sets: dict[tuple[int, ...], int] = {}
    values: list[list[Sequence[float | None]]] = []
    fans: list[dict[str, list[Any]]] = []
    owners = []
    for at, feature in enumerate(features):
        own = {fan.indicator: fan for fan in feature.fans}
        numbers = []
        for one in feature.series:
            number = heads.setdefault(_head_of(one, calendars), len(heads))
            if number == len(values):
                values.append([])
                fans.append({})
            numbers.append(number)
            values[number].append(one.values)
            if own.get(one.indicator):
                fans[number][str(at)] = _encode_fan(own[one.indicator], one.decimals, calendars)
        owners.append(sets.setdefault(tuple(numbers), len(sets)))
    decimals = [head[_DECIMALS] for head in heads]
    return {
        "heads": [list(head) for head in heads],
        "sets": [list(numbers) for numbers in sets],
        "owners": _unless_empty(owners),
        "values": [encode_values(rows, places) for rows, places in zip(values, decimals, strict=True)],
        "fans": fans,
    }


def _head_of(series: Series, calendars: Calendars) -> tuple[Any, ...]:
    return (
        series.name,
        series.unit,
        calendars.index_of(series.times),
        series.limit,
        series.limit_label,
        series.decimals,
        series.higher_is_better,
    )


#: The place of the decimals in a head.
_DECIMALS = 5


def encode_values(rows: Sequence[Sequence[float | None]], decimals: int) -> list[Any]:
    """``[power, packed]``: whole numbers to be divided by ten to that power, 16 bits each, in base64 (of addresses).

    A value is never changed: where one has more decimals than the standard prints, or more digits than 16 bits hold,
    all stand as they are after a power of 0. A value that is not there is :data:`NO_VALUE`.

    >>> encode_values([(0.12, None), (1.5, 2.0)], 2), encode_values([(0.125, 1.0)], 2)
    ([2, 'DAAAgJYAyAA='], [0, 0.125, 1.0])
    """
    # None becomes NaN here: a value that is not finite has been refused by the result's fingerprint.
    flat = np.array(list(itertools.chain.from_iterable(rows)), dtype=float)
    whole = np.rint(flat * 10**decimals)
    missing = np.isnan(flat)
    fits = missing | ((whole / 10**decimals == flat) & (abs(whole) < -NO_VALUE))
    if not fits.all():
        return [0, *(value for row in rows for value in row)]
    numbers = np.where(missing, NO_VALUE, whole).astype("<i2")
    return [decimals, base64.urlsafe_b64encode(numbers.tobytes()).decode("ascii")]


def _encode_fan(fan: Fan, decimals: int, calendars: Calendars) -> list[Any]:
    """Months, levels and one row of values per level; nothing where no month is to come."""
    if not fan.times:
        return []
    # A band's edge is drawn, not read: one decimal more than the standard prints is finer than a pixel.
    rows = [[round(value, decimals + 1) for value in row] for row in fan.values]
    return [calendars.index_of(fan.times), list(fan.levels), rows]
