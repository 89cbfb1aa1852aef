"""Rivers as smooth lines from source to mouth; a tributary ends on a vertex of the river that takes it."""

import geopandas as gpd
import numpy as np
import shapely

from demo_workspace.blobs import polygons_of
from demo_workspace.ground import SYNTHETIC_SOURCE, Row, city, generator, read_table, to_metres

#: Metres between the vertices of a line, and how far it swings from a straight course, by its length.
STEP, SWING = 450.0, 0.055

#: Small tributaries without a name: how many are tried, how many stay, and the metres kept from other rivers.
TRIED, KEPT, APART = 160, 26, 2600.0


def make_rivers() -> gpd.GeoDataFrame:
    """The named rivers of ``river_courses.csv`` and some unnamed tributaries, in metres, by ``site_id``."""
    rows: list[Row] = []
    lines: list[shapely.LineString] = []
    for course in read_table("river_courses.csv"):
        knots = np.array([[float(each) for each in pair.split()] for pair in course["course"].split("|")])
        rows.append(
            {**_labels(course["site_id"], course["name"], int(course["order"]), course["downstream"])}
        )
        lines.append(_inside(_meander(to_metres(knots), part=course["site_id"])))
    _add_tributaries(rows, lines)
    names = {row["site_id"]: row["name"] for row in rows}
    for row in rows:
        row["downstream"] = names.get(row["downstream_id"], "流出市界")
    return gpd.GeoDataFrame(rows, geometry=lines, index=[row["site_id"] for row in rows])


def _labels(site_id: str, name: str, order: int, downstream_id: str) -> Row:
    return {
        "site_id": site_id,
        "name": name,
        "order": order,
        "downstream": "",
        "downstream_id": downstream_id,
        "note": "走向为示意",
        "source": SYNTHETIC_SOURCE,
    }


def _meander(knots: np.ndarray, *, part: str) -> shapely.LineString:
    """A smooth line through all knots (n, 2); between them it swings, at them it does not."""
    rng = generator(f"river {part}")
    padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    pieces = [_reach(padded[each : each + 4], rng) for each in range(len(knots) - 1)]
    return shapely.LineString(np.vstack([*pieces, knots[-1:]]))


def _reach(four: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    # Catmull–Rom between the two inner points, then waves across the course that fade out at both ends.
    before, start, end, after = four
    length = float(np.hypot(*(end - start)))
    t = np.linspace(0, 1, max(int(length / STEP), 3), endpoint=False)[:, None]
    curve = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    across = np.array([start[1] - end[1], end[0] - start[0]])
    waves = sum(rng.normal(0, 1 / n) * np.sin(np.pi * n * t) for n in range(2, 9))
    fade = np.sin(np.pi * t) ** 0.6
    return curve + across * SWING * waves * fade


def _inside(line: shapely.LineString) -> shapely.LineString:
    parts = [part for part in shapely.get_parts(line.intersection(city())) if part.geom_type == "LineString"]
    return max(parts, key=lambda part: part.length)


def _add_tributaries(rows: list[Row], lines: list[shapely.LineString]) -> None:
    rng = generator("tributaries")
    named = len(lines)
    interior = city().buffer(-1500)
    for _ in range(TRIED):
        parent = int(rng.integers(named))
        line = _tributary(lines[parent], rng)
        outlet = shapely.Point(line.coords[-1])
        upper = line.difference(outlet.buffer(APART))
        free = all(upper.distance(other) > APART for other in lines)
        if not (free and interior.contains(upper) and line.is_simple and not upper.is_empty):
            continue
        number = len(lines) - named + 1
        rows.append(_labels(f"L{50 + number}", f"演示支流{number:02d}", 4, rows[parent]["site_id"]))
        lines.append(line)
        if number == KEPT:
            return


def _tributary(parent: shapely.LineString, rng: np.random.Generator) -> shapely.LineString:
    """A line that comes down from one side, slanting with the current, to a vertex of its parent."""
    vertices = shapely.get_coordinates(parent)
    at = int(rng.integers(len(vertices) // 12 + 2, len(vertices) - 2))
    outlet = vertices[at]
    upstream = vertices[max(at - 6, 0)] - outlet
    turn = np.radians(rng.uniform(45, 85)) * rng.choice([-1, 1])
    length = rng.uniform(7000, 15000)
    points = [outlet]
    heading = np.arctan2(upstream[1], upstream[0]) + turn
    for _ in range(4):
        points.append(points[-1] + length / 4 * np.array([np.cos(heading), np.sin(heading)]))
        heading += rng.normal(0, 0.35)
    return _meander(np.array(points[::-1]), part=f"tributary {at} {length:.0f}")


def polygon_corridor(
    line: shapely.LineString, *, at: float, up: float, down: float, half: float
) -> shapely.Polygon:
    """The banks of a river from ``up`` metres above to ``down`` below the place ``at`` metres from its source."""
    reach = shapely.ops.substring(line, max(at - up, 0), min(at + down, line.length))
    return max(polygons_of(reach.buffer(half, cap_style="flat")), key=lambda part: part.area)
