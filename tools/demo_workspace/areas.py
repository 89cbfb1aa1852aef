"""Redlines, reserves and drinking-water zones: invented shapes in the places where such areas lie."""

import geopandas as gpd
import numpy as np
import shapely

from demo_workspace.blobs import Noise, grow_blob, largest_parts, rolling_noise, round_corners
from demo_workspace.ground import SYNTHETIC_SOURCE, Row, city, generator, read_table, typed_points
from demo_workspace.rivers import polygon_corridor

#: Radius in metres of the zones round a reservoir's intake, by grade.
LAKE_ZONES = {"一级": 900.0, "二级": 2600.0, "准": 4800.0}

#: Metres up, down and to each side of a river's intake, by grade. Widths are drawn wider than a bank strip of
#: tens of metres, which no map of a county could show.
RIVER_ZONES = {"一级": (1000.0, 100.0, 150.0), "二级": (3000.0, 300.0, 900.0)}


def make_redlines() -> gpd.GeoDataFrame:
    """Hill areas of ``hills.csv``, not overlapping, in metres."""
    rows = read_table("hills.csv")
    shapes: list[shapely.Geometry] = []
    for number, (row, centre) in enumerate(zip(rows, typed_points(rows), strict=True), start=1):
        noise = rolling_noise(generator(f"redline {number}"), wavelength=9000)
        grown = _grow(row, centre, noise=noise, roughness=0.34).intersection(city())
        free = grown.difference(shapely.union_all(shapes).buffer(400))
        shapes.append(largest_parts(round_corners(free, step=150).intersection(city()), share=0.1))
    labels = [
        _labels(f"R{number:02d}", f"演示红线{number:02d}·{row['name']}", shape)
        | {"category": row["category"], "code": f"演示-HX-{number:02d}"}
        for number, (row, shape) in enumerate(zip(rows, shapes, strict=True), start=1)
    ]
    return gpd.GeoDataFrame(labels, geometry=shapes)


def make_reserves() -> gpd.GeoDataFrame:
    """Protected areas with public names and invented shapes, in metres."""
    rows = read_table("reserves.csv")
    shapes = [
        _grow(
            row,
            centre,
            noise=rolling_noise(generator(f"reserve {row['site_id']}"), wavelength=6000),
            roughness=0.22,
        ).intersection(city())
        for row, centre in zip(rows, typed_points(rows), strict=True)
    ]
    labels = [
        _labels(row["site_id"], row["name"], shape) | {"note": row["note"]}
        for row, shape in zip(rows, shapes, strict=True)
    ]
    return gpd.GeoDataFrame(labels, geometry=shapes)


def make_water_zones(intakes: list[dict[str, str]], *, rivers: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Zones of first, second and quasi grade round every intake; an outer zone leaves out the inner one."""
    labels: list[Row] = []
    shapes: list[shapely.Geometry] = []
    for intake, centre in zip(intakes, typed_points(intakes), strict=True):
        taken = shapely.Polygon()
        for number, (grade, whole) in enumerate(_zones(intake, centre, rivers).items(), start=1):
            zone = whole.intersection(city()).difference(taken)
            taken = taken.union(whole)
            name = f"{intake['site_name']}{grade}保护区（演示）"
            labels.append(_labels(f"Z{intake['site_id'][1:]}{number}", name, zone) | {"category": grade})
            shapes.append(zone)
    return gpd.GeoDataFrame(labels, geometry=shapes)


def _grow(row: dict[str, str], centre: np.ndarray, *, noise: Noise, roughness: float) -> shapely.Geometry:
    return grow_blob(
        centre,
        radius=1000 * float(row["radius_km"]),
        stretch=float(row["stretch"]),
        angle=float(row["angle"]),
        noise=noise,
        roughness=roughness,
    )


def _zones(
    intake: dict[str, str], centre: np.ndarray, rivers: gpd.GeoDataFrame
) -> dict[str, shapely.Geometry]:
    if intake["water_body"] == "lake":
        noise = rolling_noise(generator(f"zone {intake['site_id']}"), wavelength=5000)
        return {
            grade: grow_blob(centre, radius=radius, stretch=1.35, angle=60, noise=noise, roughness=0.16)
            for grade, radius in LAKE_ZONES.items()
        }
    line = min(rivers.geometry, key=shapely.Point(centre).distance)
    at = line.project(shapely.Point(centre))
    return {
        grade: polygon_corridor(line, at=at, up=up, down=down, half=half)
        for grade, (up, down, half) in RIVER_ZONES.items()
    }


def _labels(site_id: str, name: str, shape: shapely.Geometry) -> Row:
    return {
        "site_id": site_id,
        "name": name,
        "area_km2": round(shape.area / 1e6, 2),
        "source": SYNTHETIC_SOURCE,
    }
