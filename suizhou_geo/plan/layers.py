"""Workspace layers as plain features of a county result."""

import csv
from functools import cache
from importlib.resources import files as package_files
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from suizhou_geo.conventions import LOCATION_QUALITIES, POINT_KINDS, SOURCE_TYPES, Feature, Layer

# A metre at these latitudes: finer digits would only pretend to be known and make the page larger.
COORDINATE_DECIMALS = 5

_WORDS = {
    "source_type": SOURCE_TYPES,
    "location_quality": LOCATION_QUALITIES,
    "water_body": {"river": "河流", "lake": "湖库"},
}


def select_features(
    frame: gpd.GeoDataFrame, *, adcode: str, county: shapely.Geometry, whole_city: bool
) -> gpd.GeoDataFrame:
    """The rows that a county's page shows: those assigned to it, and shapes that touch it.

    A point with an ``adcode`` belongs to that county even where its approximate position falls across the line;
    everything else is decided by its geometry. The city's own page shows everything.
    """
    if whole_city:
        return frame
    touches = frame.geometry.intersects(county)
    if "adcode" in frame.columns and frame.geometry.geom_type.eq("Point").all():
        given = frame["adcode"].fillna("").astype(str)
        return frame[(given == adcode) | (given.eq("") & touches)]
    return frame[touches]


def build_layer(
    frame: gpd.GeoDataFrame, *, kind: str, title: str, synthetic: bool, source: str, updated: str
) -> Layer:
    """A layer of plain features, in the order of the frame."""
    rows = frame.drop(columns=frame.geometry.name).reset_index().to_dict("records")
    features = tuple(
        build_feature(row, geometry=shape, kind=kind, synthetic=synthetic)
        for row, shape in zip(rows, frame.geometry, strict=True)
        if shape is not None and not shape.is_empty
    )
    return Layer(kind, title, synthetic, source, updated, features)


def build_feature(row: dict[str, Any], *, geometry: shapely.Geometry, kind: str, synthetic: bool) -> Feature:
    """One feature with its card's facts. A row may say for itself that it is synthetic."""
    row_synthetic = synthetic or is_true(row.get("synthetic"))
    return Feature(
        id=text_of(row.get("site_id")),
        name=text_of(row.get("site_name")) or text_of(row.get("name")) or text_of(row.get("site_id")),
        geometry=_plain_geometry(geometry),
        facts=_facts(row),
        source_type=text_of(row.get("source_type")) or ("outfall" if kind == "outfalls" else ""),
        category=text_of(row.get("water_body" if kind == "sections" else "category"))
        or text_of(row.get("order")),
        location_quality=text_of(row.get("location_quality")) if kind in POINT_KINDS else "",
        synthetic=row_synthetic,
    )


def is_true(value: object) -> bool:
    """Whether a cell says yes, in any of the ways in which files say it."""
    return text_of(value).lower() in {"true", "1", "1.0", "yes", "是"}


def text_of(value: object) -> str:
    """A cell as text; empty where there is nothing."""
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _facts(row: dict[str, Any]) -> dict[str, str]:
    facts = {label: text_of(row.get(column)) for column, label in _labels().items()}
    for column, words in _WORDS.items():
        if label := _labels().get(column):
            facts[label] = words.get(facts[label], facts[label])
    return {label: text for label, text in facts.items() if text}


def _plain_geometry(geometry: shapely.Geometry) -> dict[str, Any]:
    plain = shapely.geometry.mapping(geometry)
    return {"type": plain["type"], "coordinates": _rounded(plain["coordinates"])}


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, (int, float)):
        return round(float(coordinates), COORDINATE_DECIMALS)
    return [_rounded(item) for item in coordinates]


@cache
def _labels() -> dict[str, str]:
    text = package_files("suizhou_geo.plan").joinpath("facts.csv").read_text(encoding="utf-8")
    return {row["column"]: row["label"] for row in csv.DictReader(text.splitlines())}
