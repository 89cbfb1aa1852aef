"""Make the synthetic layers and series of data/suizhou anew: ``python -m tools.make_demo_workspace [FOLDER]``.

Same seed, same bytes. ``workspace.toml`` and the plan are written by hand and not touched.
"""

import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from suizhou_geo.files import read_counties
from tools.demo_workspace import series, shapes, sites

SEED = 20210412
COUNTIES = ["421303", "421321", "421381"]
FOLDER = Path(__file__).resolve().parents[1] / "data" / "suizhou"


def main(folder: Path = FOLDER) -> None:
    random = np.random.default_rng(SEED)
    counties = read_counties(COUNTIES)
    city = counties.geometry.union_all()
    rivers = shapes.make_rivers(random, city)
    redlines = shapes.make_redlines(random, city)
    layers = {
        "rivers": rivers,
        "redlines": redlines,
        "reserves": shapes.make_reserves(random, city),
        "water_zones": shapes.make_water_zones(random, city),
        "units": shapes.make_units(random, counties, redlines),
    }
    sections, stations = sites.make_sections(rivers, counties), sites.make_stations(counties)
    tables = {
        "sections": sections,
        "stations": stations,
        "intakes": sites.make_intakes(counties),
        "projects": sites.make_projects(counties),
        "sources": sites.make_sources(random, counties),
        "outfalls": sites.make_outfalls(random, rivers, counties),
    }
    for name, layer in layers.items():
        _write(folder / "layers" / f"{name}.geojson", geojson(layer))
    for name, table in tables.items():
        _write(folder / "layers" / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
    yearly = {"water": series.make_water(random, sections), "air": series.make_air(random, stations)}
    for medium, by_year in yearly.items():
        for year, table in by_year.items():
            text = table.to_csv(index=False, lineterminator="\n")
            _write(folder / "observations" / f"{medium}_{year}.csv", text)
    print(f"seed {SEED}: {len(layers) + len(tables)} layers, {sum(map(len, yearly.values()))} yearly tables in {folder}")


def geojson(frame: gpd.GeoDataFrame) -> str:
    """A layer as GeoJSON, one feature a line so that a change can be read; coordinates to about a metre."""
    snapped = shapely.transform(frame.geometry.array, lambda points: np.round(points, shapes.DECIMALS))
    rows = frame.drop(columns="geometry").to_dict("records")
    lines = [
        json.dumps(
            {"type": "Feature", "properties": row, "geometry": json.loads(shapely.to_geojson(shape))},
            ensure_ascii=False,
        )
        for row, shape in zip(rows, snapped, strict=True)
    ]
    head = {"name": "urn:ogc:def:crs:EPSG::4490"}
    crs = json.dumps({"type": "name", "properties": head})
    return '{"type": "FeatureCollection", "crs": ' + crs + ', "features": [\n' + ",\n".join(lines) + "\n]}\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
