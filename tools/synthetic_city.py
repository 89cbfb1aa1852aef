"""Writes a workspace of any counties of China with synthetic sections, for tests of many counties and for benchmarks."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np

HEADER = "断面编号,断面名称,监测时间,pH(无量纲),溶解氧(mg/L),高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L)"
SITES = "site_id,site_name,kind,longitude,latitude,adcode,water_body,target_class,synthetic"
TOML = """
[region]
name = "{name}"
adcode = "{city}"
counties = {counties}
metric_crs = "EPSG:4547"

[layers.sections]
file = "sections.csv"
source = "演示数据：断面在各区县界内，由固定种子生成"
synthetic = true

[observations.water]
files = ["water_*.csv"]
source = "演示数据：由固定种子生成"
synthetic = true
"""


def write_city(
    folder: Path, *, city: str, name: str, counties: gpd.GeoDataFrame, sections: int = 1
) -> Path:  # fmt: skip
    """A workspace of some sections in each county and their months of January 2020 to June 2021; returns its folder.

    ``counties`` has the index ``adcode`` and a column ``name``. A county has the same values in whatever company.
    """
    folder.mkdir(parents=True)
    text = TOML.format(name=name, city=city, counties=json.dumps(list(counties.index)))
    (folder / "workspace.toml").write_text(text, encoding="utf-8")
    sites, rows = [SITES], {2020: [HEADER], 2021: [HEADER]}
    for adcode, county in counties.iterrows():
        random = np.random.default_rng(int(str(adcode)))
        for number, point in enumerate(_places(county.geometry, sections, random)):
            site = f"S{adcode}" + (f"-{number}" if number else "")
            label = f"{county['name']}断面" + (str(number) if number else "")
            sites.append(f"{site},{label},sections,{point.x:.5f},{point.y:.5f},{adcode},river,3,true")
            for month in range(18):
                year, factors = 2020 + month // 12, random.lognormal(0, 0.2, 4)
                values = f"7.8,{8 * factors[0]:.1f},{3 * factors[1]:.1f},{0.4 * factors[2]:.2f},{0.1 * factors[3]:.3f}"
                rows[year].append(f"{site},{label},{year}-{month % 12 + 1:02d},{values}")
    (folder / "sections.csv").write_text("\n".join(sites) + "\n", encoding="utf-8")
    for year, lines in rows.items():
        (folder / f"water_{year}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _places(shape, count, random):  # type: ignore[no-untyped-def]
    first = [shape.representative_point()]
    if count == 1:
        return first
    more = gpd.GeoSeries([shape]).sample_points(count - 1, rng=random).iloc[0]
    return first + (list(more.geoms) if hasattr(more, "geoms") else [more])
