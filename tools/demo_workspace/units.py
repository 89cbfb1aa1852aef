"""Control units that cover every county: fine Voronoi cells, joined by what they would be managed for."""

import geopandas as gpd
import numpy as np
import shapely

from demo_workspace.blobs import rolling_noise
from demo_workspace.ground import (
    COUNTIES,
    SYNTHETIC_SOURCE,
    Row,
    city,
    counties,
    generator,
    read_table,
    typed_points,
)

#: Category, digit of the code after ZH + county, and how many units of it a county has.
CATEGORIES = {"优先": (1, 4), "重点": (2, 4), "一般": (3, 4)}

#: Invented admission requirements, worded as such lists are: no unit of Suizhou has these.
REQUIREMENTS = {
    "优先": {
        "空间布局约束": "（演示）不再新建化工、造纸、印染项目；已有项目不扩大规模。",
        "污染物排放管控": "（演示）不新增入河排污口。",
        "环境风险防控": "（演示）尾矿库按名录管理。",
        "资源利用效率": "（演示）保证河流生态流量。",
    },
    "重点": {
        "空间布局约束": "（演示）新建化工、电镀、铸造项目进入园区。",
        "污染物排放管控": "（演示）新增总磷、氨氮排放实行区域内等量替代。",
        "环境风险防控": "（演示）涉重金属、危险化学品的企业编制应急预案。",
        "资源利用效率": "（演示）工业用水重复利用。",
    },
    "一般": {
        "空间布局约束": "（演示）畜禽养殖避开禁养区。",
        "污染物排放管控": "（演示）农村生活污水逐步收集处理。",
        "环境风险防控": "（演示）农药、化肥减量。",
        "资源利用效率": "（演示）节水灌溉。",
    },
}

#: Metres: distance of cell centres, reach of a town of weight 1, and how far borders wander.
SPACING, TOWN_REACH, WANDER = 1500.0, 2600.0, 1600.0


def make_units(redlines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Priority units over the redlines, key units round towns, general units elsewhere, in metres."""
    cells, centres = _cells()
    category = _categories(centres, shapely.union_all(redlines.geometry.to_numpy()))
    labels: list[Row] = []
    shapes: list[shapely.Geometry] = []
    for adcode, county in counties().geometry.items():
        own = np.flatnonzero(shapely.intersects(cells, county))
        for name, (digit, count) in CATEGORIES.items():
            chosen = own[category[own] == name]
            groups = _group(centres[chosen], count=count, part=f"units {adcode} {name}")
            for number in range(groups.max() + 1):
                shapes.append(shapely.union_all(cells[chosen[groups == number]]).intersection(county))
                labels.append(_labels(str(adcode), name, digit, number + 1, shapes[-1]))
    return gpd.GeoDataFrame(labels, geometry=_smooth(shapes))


def _cells() -> tuple[np.ndarray, np.ndarray]:
    rng = generator("cells")
    west, south, east, north = city().buffer(2 * SPACING).bounds
    grid = np.stack(np.meshgrid(np.arange(west, east, SPACING), np.arange(south, north, SPACING)), axis=-1)
    points = grid.reshape(-1, 2) + rng.uniform(-0.42, 0.42, (grid.size // 2, 2)) * SPACING
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), ordered=True))
    return cells, points


def _categories(centres: np.ndarray, redlines: shapely.Geometry) -> np.ndarray:
    towns = read_table("towns.csv")
    reach = TOWN_REACH * np.sqrt([float(town["weight"]) for town in towns])
    wander = WANDER * rolling_noise(generator("town edges"), wavelength=12000)(centres)
    gaps = np.linalg.norm(centres[:, None] - typed_points(towns)[None], axis=-1) - reach
    key = gaps.min(axis=1) + wander < 0
    priority = shapely.contains_xy(redlines.buffer(SPACING / 3), centres)
    return np.select([priority, key], ["优先", "重点"], default="一般")


def _group(centres: np.ndarray, *, count: int, part: str) -> np.ndarray:
    """Number 0 … count−1 of the nearest of ``count`` seeds, borders wandering; the seeds settle by Lloyd's rule."""
    rng = generator(part)
    shift = WANDER * np.stack([rolling_noise(rng, wavelength=14000)(centres) for _ in range(2)], axis=-1)
    moved = centres + shift
    seeds = moved[rng.choice(len(moved), count, replace=False)]
    nearest = np.zeros(len(moved), dtype=int)
    for _ in range(12):
        nearest = np.linalg.norm(moved[:, None] - seeds[None], axis=-1).argmin(axis=1)
        seeds = np.stack([moved[nearest == each].mean(axis=0) for each in range(count)])
    return nearest


def _smooth(shapes: list[shapely.Geometry]) -> np.ndarray:
    # Borders are simplified together, so that neighbours keep the same line; the city's own border is left alone.
    return shapely.coverage_simplify(np.array(shapes), 550.0, simplify_boundary=False)


def _labels(adcode: str, category: str, digit: int, number: int, shape: shapely.Geometry) -> Row:
    code = f"ZH{adcode}{digit}{number:04d}"
    kind = "优先保护单元" if category == "优先" else f"{category}管控单元"
    return {
        "site_id": code,
        "name": f"{COUNTIES[adcode]}{kind}{number}（演示）",
        "category": category,
        "unit_code": code,
        "adcode": adcode,
        "area_km2": round(shape.area / 1e6, 2),
        **REQUIREMENTS[category],
        "source": SYNTHETIC_SOURCE,
    }
