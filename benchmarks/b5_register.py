"""B5: the conflict register of 20,000 parcels against 30 redlines of 20,000 corners, beside geopandas.overlay.

Run by ``make bench``. The shapes are simulated. Shared areas of every pair must be equal to 1e-9 before a ratio is printed;
the register, unlike the overlay, also gives relation and distance of what is near. The overlay takes more than a minute and
runs once, the register five times.
"""

import statistics
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.record import record, seconds
from suizhou_geo import spatial

ZONES, CORNERS, PARCELS, METRIC, RUNS = 30, 20_000, 20_000, "EPSG:4547", 5


def make_zones(random: np.random.Generator) -> gpd.GeoDataFrame:
    """Rough rings on a grid, up to 8 km wide."""
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    shapes = []
    for number in range(ZONES):
        waves = sum(
            random.normal(0, 0.15 / wave) * np.sin(wave * angle + random.uniform(0, 6))
            for wave in (3, 7, 19, 61, 211)
        )
        radius = 4000 * (1 + waves) * (1 + 0.0005 * random.normal(size=CORNERS))
        middle = np.array([500_000 + 9_000 * (number % 6), 3_500_000 + 9_000 * (number // 6)])
        ring = middle + np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
        shapes.append(shapely.make_valid(shapely.Polygon(ring)))
    return gpd.GeoDataFrame(
        {"kind": "redlines"}, index=[f"R{number}" for number in range(ZONES)], geometry=shapes, crs=METRIC
    )


def make_parcels(random: np.random.Generator) -> gpd.GeoDataFrame:
    """Boxes of 20 to 300 metres all over the redlines."""
    west = random.uniform(495_000, 550_000, PARCELS)
    south = random.uniform(3_495_000, 3_541_000, PARCELS)
    width, height = random.uniform(20, 300, (2, PARCELS))
    return gpd.GeoDataFrame(
        index=[f"P{number}" for number in range(PARCELS)],
        geometry=shapely.box(west, south, west + width, south + height),
        crs=METRIC,
    )


def main() -> None:
    random = np.random.default_rng(20260305)
    zones, parcels = make_zones(random), make_parcels(random)
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        register = spatial.find_conflicts(parcels, areas=zones, metric_crs=METRIC, distance=0)
        times.append(time.perf_counter() - start)
    start = time.perf_counter()
    found = gpd.overlay(
        parcels.rename_axis("feature_id").reset_index(),
        zones.rename_axis("area_id").reset_index(),
        how="intersection",
    )
    peer = time.perf_counter() - start
    theirs = found.assign(area=found.area).groupby(["feature_id", "area_id"])["area"].sum()
    ours = register[register["overlap_m2"] > 0].set_index(["feature_id", "area_id"])["overlap_m2"]
    both = pd.concat({"ours": ours, "theirs": theirs}, axis=1)
    # A pair that only one of them has shares no more than rounding.
    apart = (both["ours"].fillna(0) - both["theirs"].fillna(0)).abs() / np.maximum(both.max(axis=1), 1.0)
    assert apart.max() <= 1e-9, apart.max()
    record(
        f"B5 register: {PARCELS} parcels, {ZONES} redlines of {CORNERS} corners", ours=seconds(times),
        peer=f"geopandas.overlay {peer:.1f} s (once)", result=f"{peer / statistics.median(times):.0f} ×", mark="≥ 10 ×",
        equal=f"areas of {len(both)} pairs to {apart.max():.1e}", versions=("geopandas", "shapely"),
    )  # fmt: skip


if __name__ == "__main__":
    main()
