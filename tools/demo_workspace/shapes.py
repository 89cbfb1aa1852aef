"""Rivers and areas of the demonstration workspace: smooth, organic, seeded, and synthetic to the last vertex."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.interpolate import CubicSpline

DECIMALS = 5

#: Control points from source to mouth, after the general course that public maps show; a name in ``joins`` is the
#: river into which it flows at the vertex next to its last point. ``order`` 1 is the largest.
RIVERS = {
    "涢水": {"order": 1, "joins": "", "points": [(112.93, 31.47), (112.92, 31.56), (112.94, 31.66), (112.93, 31.74), (113.01, 31.79), (113.10, 31.765), (113.17, 31.735), (113.27, 31.725), (113.38, 31.69), (113.47, 31.655), (113.53, 31.58), (113.57, 31.49), (113.605, 31.40), (113.66, 31.33)]},
    "㵐水": {"order": 2, "joins": "涢水", "points": [(112.99, 31.50), (113.08, 31.575), (113.18, 31.595), (113.27, 31.63), (113.35, 31.655), (113.43, 31.675)]},
    "厥水": {"order": 2, "joins": "涢水", "points": [(113.05, 32.20), (113.11, 32.05), (113.19, 31.94), (113.255, 31.85), (113.315, 31.79), (113.36, 31.70)]},
    "溠水": {"order": 2, "joins": "涢水", "points": [(112.87, 32.16), (112.93, 32.02), (113.01, 31.91), (113.12, 31.83), (113.20, 31.725)]},
    "漂水": {"order": 2, "joins": "涢水", "points": [(113.50, 32.24), (113.53, 32.08), (113.575, 31.95), (113.585, 31.875), (113.53, 31.77), (113.46, 31.66)]},
    "浪河": {"order": 3, "joins": "涢水", "points": [(113.27, 31.44), (113.36, 31.49), (113.45, 31.50), (113.56, 31.515)]},
    "徐家河": {"order": 3, "joins": "涢水", "points": [(113.74, 31.77), (113.70, 31.66), (113.67, 31.56), (113.64, 31.48), (113.59, 31.44)]},
    "广水河": {"order": 2, "joins": "", "points": [(114.00, 31.98), (114.01, 31.84), (113.95, 31.72), (113.90, 31.60), (113.87, 31.50), (113.84, 31.38)]},
    "应山河": {"order": 3, "joins": "广水河", "points": [(113.77, 31.90), (113.81, 31.75), (113.83, 31.63), (113.88, 31.53)]},
}

#: Centre, radius in degrees and stretch of the synthetic hill areas.
REDLINES = [
    ("大洪山片", 112.97, 31.56, 0.10, 1.3), ("大洪山东片", 113.17, 31.49, 0.06, 1.5), ("桐柏山西片", 113.03, 32.27, 0.08, 1.4),
    ("桐柏山东片", 113.36, 32.31, 0.07, 1.8), ("七尖峰片", 113.22, 32.13, 0.05, 1.2), ("太白顶片", 113.55, 32.20, 0.05, 1.4),
    ("中华山片", 113.86, 31.99, 0.05, 1.5), ("大贵寺片", 114.03, 31.90, 0.04, 1.3), ("徐家河水库片", 113.68, 31.57, 0.035, 1.4),
    ("先觉庙水库片", 113.57, 31.88, 0.03, 1.3), ("白云湖片", 113.40, 31.56, 0.03, 1.6),
]
RESERVES = [
    ("大洪山风景名胜区", 112.93, 31.53, 0.06, 1.4, "风景名胜区"), ("中华山国家森林公园", 113.88, 31.98, 0.035, 1.4, "森林公园"),
    ("随州淮河国家湿地公园", 113.45, 32.30, 0.03, 2.2, "湿地公园"),
]
WATER_ZONES = [("先觉庙水库", 113.583, 31.875, 0.016), ("徐家河水库", 113.672, 31.555, 0.02), ("封江水库", 113.012, 31.905, 0.014)]


def make_rivers(random, city):
    """Lines drawn from source to mouth; a tributary ends on a vertex of the river that it joins."""
    lines = {}
    for name, river in RIVERS.items():
        points = _smooth(np.array(river["points"]), random)
        if river["joins"]:
            trunk = lines[river["joins"]]
            points[-1] = trunk[np.hypot(*(trunk - points[-1]).T).argmin()]
        lines[name] = np.round(points, DECIMALS)
    rows = [
        {"site_id": f"R{number:02d}", "name": name, "order": RIVERS[name]["order"], "downstream": RIVERS[name]["joins"],
         "geometry": _longest(shapely.LineString(points).intersection(city))}
        for number, (name, points) in enumerate(lines.items(), start=1)
    ]
    return _layer(rows)


def make_redlines(random, city):
    return _layer([
        {"site_id": f"YSHX-{number:02d}", "name": f"演示红线·{name}", "category": "生态保护红线",
         "geometry": _blob(random, longitude, latitude, radius, stretch).intersection(city)}
        for number, (name, longitude, latitude, radius, stretch) in enumerate(REDLINES, start=1)
    ])


def make_reserves(random, city):
    return _layer([
        {"site_id": f"YSBH-{number:02d}", "name": name, "category": category, "note": "名称公开，范围为演示",
         "geometry": _blob(random, longitude, latitude, radius, stretch).intersection(city)}
        for number, (name, longitude, latitude, radius, stretch, category) in enumerate(RESERVES, start=1)
    ])


def make_water_zones(random, city):
    """Nested first-grade, second-grade and quasi zones; each lies around the one before."""
    rows = []
    for number, (name, longitude, latitude, radius) in enumerate(WATER_ZONES, start=1):
        core = _blob(random, longitude, latitude, radius, 1.5)
        shapes = [core, core.buffer(0.012).difference(core), core.buffer(0.03).difference(core.buffer(0.012))]
        for category, shape in zip(("一级", "二级", "准"), shapes, strict=True):
            rows.append({"site_id": f"YSSY-{number:02d}-{category}", "name": f"演示保护区·{name}{category}",
                         "category": category, "geometry": shape.intersection(city)})
    return _layer(rows)


def make_units(random, counties, redlines):
    """Control units that cover every county without gaps: priority where redlines are, key near the seat."""
    hills = redlines.geometry.union_all()
    rows = []
    for adcode, county in counties.iterrows():
        seeds = _points_in(random, county.geometry, 12)
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=county.geometry))
        seat = county.geometry.representative_point()
        order = np.argsort([shapely.distance(cell.centroid, seat) for cell in cells])
        serial = {"1": 0, "2": 0, "3": 0}
        for rank, cell in enumerate(cells[order]):
            shape = cell.intersection(county.geometry)
            share = shape.intersection(hills).area / shape.area
            digit = "1" if share > 0.25 else "2" if rank < 4 else "3"
            serial[digit] += 1
            rows.append({"site_id": f"ZH{adcode}{digit}{serial[digit]:04d}", "adcode": adcode,
                         "name": f"演示单元·{county['name']}{'优先重点一般'[2 * int(digit) - 2:2 * int(digit)]}{serial[digit]}",
                         "category": {"1": "优先", "2": "重点", "3": "一般"}[digit], "geometry": shape})
    return _layer(rows)


def _smooth(points, random):
    # A spline through the control points with meanders that vanish at both ends.
    reach = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    along = np.linspace(0, reach[-1], int(reach[-1] / 0.008))
    line = CubicSpline(reach, points)(along)
    swing = sum(
        random.normal(0, 0.005 / k) * np.sin(2 * np.pi * k * along / 0.22 + random.uniform(0, 6.3)) for k in (1, 2, 3, 4)
    )
    tangent = np.gradient(line, axis=0)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]]) / np.hypot(*tangent.T)[:, None]
    return line + (swing * np.sin(np.pi * along / reach[-1]))[:, None] * normal


def _blob(random, longitude, latitude, radius, stretch):
    angle = np.linspace(0, 2 * np.pi, 160, endpoint=False)
    size = 1 + sum(random.normal(0, 0.32 / k**0.9) * np.cos(k * angle + random.uniform(0, 6.3)) for k in range(2, 14))
    size = np.clip(size, 0.35, 1.8)
    turn = random.uniform(0, np.pi)
    along, across = radius * stretch * size * np.cos(angle), radius * size * np.sin(angle)
    ring = np.column_stack([
        longitude + along * np.cos(turn) - across * np.sin(turn),
        latitude + 0.86 * (along * np.sin(turn) + across * np.cos(turn)),
    ])
    return shapely.make_valid(shapely.Polygon(ring)).buffer(0)


def _points_in(random, shape, count):
    found = []
    west, south, east, north = shape.bounds
    while len(found) < count:
        point = shapely.Point(random.uniform(west, east), random.uniform(south, north))
        if shape.contains(point) and all(point.distance(other) > 0.05 for other in found):
            found.append(point)
    return found


def _longest(shape):
    return max(shapely.get_parts(shape), key=lambda part: part.length)


def _layer(rows):
    frame = gpd.GeoDataFrame(pd.DataFrame(rows).assign(synthetic=True), geometry="geometry", crs="EPSG:4490")
    return frame[[*[name for name in frame.columns if name != "geometry"], "geometry"]]
