"""Pollution sources and outfalls: the named places of the work plan, and invented ones that say so."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely

from demo_workspace.ground import (
    COUNTIES,
    SYNTHETIC_SOURCE,
    Row,
    counties,
    county_of,
    generator,
    read_table,
    to_degrees,
    typed_points,
)

PLAN_SOURCE = "随州市生态环境局2021年生态环境工作要点（2021-04-12公布）"
PLAN_DATE = "2021-04-12"
SYNTHETIC_DATE = "2021-06-30"
OUTFALLS = 120
PERMITS = {"已审批": 0.55, "登记备案": 0.25, "待核实": 0.2}


def make_sources() -> list[Row]:
    """Rows of ``layers/sources.csv``: first the named places, then the invented ones."""
    return [_named(row) for row in read_table("named_sources.csv")] + _invented()


def _named(row: dict[str, str]) -> Row:
    return _row(row, synthetic=False, source=PLAN_SOURCE, updated=PLAN_DATE)


def _invented() -> list[Row]:
    rng = generator("sources")
    towns = read_table("towns.csv")
    weights = np.array([float(town["weight"]) for town in towns])
    centres = typed_points(towns)
    rows: list[Row] = []
    for kind in read_table("source_types.csv"):
        for _ in range(int(kind["count"])):
            town = rng.choice(len(towns), p=weights / weights.sum())
            point = _near(centres[town], 1000 * float(kind["spread_km"]), towns[town]["adcode"], rng)
            number = len(rows) + 1
            longitude, latitude = shapely.get_coordinates(to_degrees([point]))[0]
            fields = {
                "site_id": f"P{100 + number}",
                "site_name": f"演示企业{number:03d}",
                "longitude": f"{longitude:.5f}",
                "latitude": f"{latitude:.5f}",
                "adcode": towns[town]["adcode"],
                "source_type": kind["source_type"],
                "task": kind["task"],
                "location_quality": "synthetic",
                "note": "演示数据，非真实单位",
            }
            rows.append(_row(fields, synthetic=True, source=SYNTHETIC_SOURCE, updated=SYNTHETIC_DATE))
    return rows


def _near(centre: np.ndarray, spread: float, adcode: str, rng: np.random.Generator) -> shapely.Point:
    county = counties().geometry[adcode].buffer(-300)
    while True:
        point = shapely.Point(centre + rng.normal(0, spread * 0.7, 2))
        if county.contains(point):
            return point


def _row(fields: dict[str, str], *, synthetic: bool, source: str, updated: str) -> Row:
    head = (
        "site_id",
        "site_name",
        "longitude",
        "latitude",
        "adcode",
        "source_type",
        "task",
        "location_quality",
    )
    return {
        **{column: fields[column] for column in head},
        "kind": "sources",
        "synthetic": str(synthetic).lower(),
        "source": source,
        "updated": updated,
        "note": fields["note"],
    }


def make_outfalls(rivers: gpd.GeoDataFrame) -> tuple[list[Row], Sequence[shapely.Point]]:
    """Outfalls within a hundred metres of the rivers, more of them on the larger ones; shapes in metres."""
    rng = generator("outfalls")
    kinds = read_table("outfall_types.csv")
    weights = np.array([float(kind["weight"]) for kind in kinds])
    reach = rivers.geometry.length.to_numpy() / rivers["order"].to_numpy()
    rows: list[Row] = []
    shapes: list[shapely.Point] = []
    while len(rows) < OUTFALLS:
        river = rivers.iloc[rng.choice(len(rivers), p=reach / reach.sum())]
        on_line = river.geometry.interpolate(rng.uniform(0.12, 0.98), normalized=True)
        point = shapely.Point(shapely.get_coordinates(on_line)[0] + rng.uniform(-70, 70, 2))
        adcode = county_of(point)
        if not adcode:
            continue
        kind = kinds[rng.choice(len(kinds), p=weights / weights.sum())]
        rows.append(_outfall(len(rows) + 1, kind, adcode=adcode, river=river["name"], rng=rng))
        shapes.append(point)
    return rows, shapes


def _outfall(number: int, kind: dict[str, str], *, adcode: str, river: str, rng: np.random.Generator) -> Row:
    size = float(np.exp(rng.normal(0, 0.6)))
    loads = {code: round(float(kind[code]) * size * float(np.exp(rng.normal(0, 0.2))), 3) for code in LOADS}
    return {
        "site_id": f"O{number:03d}",
        "site_name": f"演示排污口{number:03d}",
        "kind": "outfalls",
        "adcode": adcode,
        "county": COUNTIES[adcode],
        "river": river,
        "outfall_type": kind["outfall_type"],
        "permit_status": str(rng.choice(list(PERMITS), p=list(PERMITS.values()))),
        **{f"load_{code}": load for code, load in loads.items()},
        "task": "T07",
        "location_quality": "synthetic",
        "source": SYNTHETIC_SOURCE,
    }


LOADS = ("cod", "nh3n", "tp")
