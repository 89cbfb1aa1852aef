"""A page for every county of China: real boundaries, one synthetic section a county, city by city through the batch.

A handful by default, 300 counties with SOAK=1, all 2,870 with SOAK=all. What was measured is printed; what is extrapolated from
it says so.
"""

import json
import os
import sys
import time

import numpy as np
import pytest

from suizhou_geo import batch, files
from suizhou_geo.batch.workers import count_processors

COUNTIES = {"": 6, "all": 10_000}.get(os.environ.get("SOAK", ""), 300)
ALL = 2870

NAMES = "断面编号,断面名称,监测时间,pH(无量纲),溶解氧(mg/L),高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L)"
SITES = "site_id,site_name,kind,longitude,latitude,adcode,water_body,target_class,synthetic"
TOML = """
[region]
name = "{name}"
adcode = "{city}"
counties = {counties}
metric_crs = "EPSG:4547"

[layers.sections]
file = "sections.csv"
source = "演示数据：每个区县一个断面，在其界内，由固定种子生成"
synthetic = true

[observations.water]
files = ["water_*.csv"]
source = "演示数据：由固定种子生成"
synthetic = true
"""


def write_city(folder, city, name, counties):
    """A workspace of one city: a section in each county, eighteen months."""
    folder.mkdir(parents=True)
    (folder / "workspace.toml").write_text(
        TOML.format(name=name, city=city, counties=json.dumps(list(counties.index))), "utf-8"
    )
    sites, rows = [SITES], {2020: [NAMES], 2021: [NAMES]}
    for adcode, county in counties.iterrows():
        point = county.geometry.representative_point()
        sites.append(
            f"S{adcode},{county['name']}断面,sections,{point.x:.5f},{point.y:.5f},{adcode},river,3,true"
        )
        random = np.random.default_rng(int(adcode))
        for month in range(18):
            year, values = 2020 + month // 12, random.lognormal(0, 0.2, 4)
            given = f"{year}-{month % 12 + 1:02d},7.8,{8 * values[0]:.1f},{3 * values[1]:.1f},{0.4 * values[2]:.2f},{0.1 * values[3]:.3f}"
            rows[year].append(f"S{adcode},{county['name']}断面,{given}")
    (folder / "sections.csv").write_text("\n".join(sites) + "\n", encoding="utf-8")
    for year, lines in rows.items():
        (folder / f"water_{year}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def memory(pid="self"):
    """Resident megabytes of a process."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as lines:  # noqa: PTH123
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@pytest.mark.slow
def test_every_county_gets_its_page(tmp_path, capsys):
    everywhere = files.read_counties()
    cities = files.read_cities()
    random = np.random.default_rng(20261128)
    chosen, total = [], 0
    for city in random.permutation(sorted(set(everywhere["city"]) & set(cities.index))):
        if total < COUNTIES:
            chosen.append(city)
            total += int((everywhere["city"] == city).sum())
    start, marks = time.monotonic(), []
    done = 0
    for city in chosen:
        counties = everywhere[everywhere["city"] == city]
        workspace = write_city(tmp_path / "cities" / city, city, cities.at[city, "name"], counties)
        out = tmp_path / "maps" / city
        table = batch.run(workspace, year=2021, month=6, counties=list(counties.index), out=out)
        assert set(table["state"]) == {"完成"}, table["reason"].unique()
        for adcode, county in counties.iterrows():
            page = (out / adcode / "county_overview.html").read_text(encoding="utf-8")
            assert county["name"] in page
            assert f"S{adcode}" in page
        done += len(counties)
        marks.append((done, time.monotonic() - start, memory()))
    counts, seconds, resident = map(np.array, zip(*marks, strict=True))
    with capsys.disabled():
        rate = seconds[-1] / counts[-1]
        sys.stdout.write(
            f"\n{counts[-1]} counties of {len(chosen)} cities on {count_processors()} processors: {seconds[-1]:.0f} s, {rate:.2f} s each; "
            f"memory {resident[0]:.0f} → {resident[-1]:.0f} MB; "
            + (
                ""
                if counts[-1] >= ALL
                else f"extrapolated, not measured: {rate * ALL / 60:.0f} min for {ALL:,} (mark 30)"
            )
        )
    if len(chosen) >= 10:
        # Linear: the second half costs what the first did; flat: the batch itself keeps nothing of a county.
        half = int(np.searchsorted(counts, counts[-1] / 2))
        first, second = (
            seconds[half] / counts[half],
            (seconds[-1] - seconds[half]) / (counts[-1] - counts[half]),
        )
        assert second < 1.5 * first
        assert resident[-1] < resident[half] + 100
