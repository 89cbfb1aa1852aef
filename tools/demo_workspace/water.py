"""Monthly water values of every section, 2016–2021: invented, with the habits of real ones.

Each section has its own level and trend; the season, a regional wetness and organic load, and the section upstream
act on all indicators together, so that bad months come in runs, spread downstream and show in several indicators.
"""

from pathlib import Path

import numpy as np

from demo_workspace.ground import Row, generator, read_table, write_rows
from demo_workspace.series import persistent_noise, season

YEARS = range(2016, 2022)
BASE_YEAR = 2018.5

#: How much a section's surprise is its upstream neighbour's, and the region's.
FROM_UPSTREAM, FROM_REGION = 0.5, 0.45

#: Share of cells that an instrument or a courier lost.
LOST = 0.006

Table = dict[str, np.ndarray]


def write_water(folder: Path, sections: list[dict[str, str]]) -> None:
    """One CSV a year, in the wording of the national platform; every row says 演示数据."""
    levels = {row["site_id"]: row for row in read_table("section_levels.csv")}
    months = np.arange(12 * len(YEARS))
    surprises = _surprises(levels, count=len(months))
    tables = {site: _values(levels[site], months=months, surprise=surprises[site]) for site in levels}
    for number, year in enumerate(YEARS):
        rows = [
            _row(section, levels[section["site_id"]], tables[section["site_id"]], 12 * number + month)
            for month in range(12)
            for section in sections
        ]
        write_rows(folder / f"water_{year}.csv", rows)


def _surprises(levels: dict[str, dict[str, str]], *, count: int) -> dict[str, np.ndarray]:
    """(months, 2) of organic load and wetness for each section, upstream sections first."""
    region = persistent_noise(generator("water region"), shape=(count, 2), memory=0.45)
    found: dict[str, np.ndarray] = {}
    for site, level in sorted(levels.items(), key=lambda item: _depth(item[0], levels)):
        own = persistent_noise(generator(f"water {site}"), shape=(count, 2), memory=0.35)
        upstream = found.get(level["upstream"], 0.0)
        carried = FROM_UPSTREAM if level["upstream"] else 0.0
        alone = np.sqrt(1 - FROM_REGION**2 - carried**2)
        found[site] = FROM_REGION * region + carried * upstream + alone * own
    return found


def _depth(site: str, levels: dict[str, dict[str, str]]) -> int:
    upstream = levels[site]["upstream"]
    return 1 + _depth(upstream, levels) if upstream else 0


def _values(level: dict[str, str], *, months: np.ndarray, surprise: np.ndarray) -> Table:
    rng = generator(f"water values {level['site_id']}")
    organic, wet = surprise.T
    of_year = months % 12 + 1
    years = YEARS[0] + months / 12 - BASE_YEAR
    temp = 17.2 + 11.3 * season(of_year, peak=7.4) + rng.normal(0, 1.1, len(months))
    values = {"temp": np.maximum(temp, 2.5)}
    # Oxygen saturates at about 14.6 mg/L at 0 ℃ and falls with warmth; organic load eats some of it.
    saturated = 468 / (31.6 + values["temp"])
    values["do"] = (
        0.93 * saturated + float(level["oxygen"]) - 0.35 * organic + rng.normal(0, 0.4, len(months))
    )
    values["ph"] = 7.75 + 0.12 * season(of_year, peak=7) - 0.08 * organic + rng.normal(0, 0.12, len(months))
    for shape in read_table("indicator_shapes.csv"):
        if not level[shape["code"]]:
            continue
        loads = float(shape["organic"]), float(shape["runoff"])
        own = np.sqrt(1 - loads[0] ** 2 - loads[1] ** 2) * rng.normal(size=len(months))
        moving = loads[0] * organic + loads[1] * wet + own
        # A cleaner year shows less oxygen demand; clarity grows as the rest falls.
        trend = float(level["trend"]) * (-1 if shape["code"] == "sd" else 1)
        swing = float(shape["season"]) * season(of_year, peak=float(shape["peak_month"]))
        values[shape["code"]] = float(level[shape["code"]]) * np.exp(
            trend * years + swing + float(shape["spread"]) * moving
        )
    return values


def _row(section: dict[str, str], level: dict[str, str], values: Table, month: int) -> Row:
    year, of_year = YEARS[0] + month // 12, month % 12 + 1
    time = f"{year}-{of_year:02d}"
    dry = time in level["dry_months"].split("|")
    lost = generator(f"water lost {section['site_id']} {month}").uniform(size=len(_COLUMNS)) < LOST
    cells = {
        header: "--" if code in values and (dry or gone) else _cell(values, code, month, decimals, limit)
        for (code, header, decimals, limit), gone in zip(_COLUMNS, lost, strict=True)
    }
    return {
        "断面编号": section["site_id"],
        "断面名称": section["site_name"],
        "监测时间": time,
        **cells,
        "数据说明": "演示数据",
    }


def _cell(values: Table, code: str, month: int, decimals: int, limit: str) -> str:
    if code not in values:
        return "*"
    value = float(values[code][month])
    if limit and value < float(limit):
        return f"{limit}L"
    return f"{value:.{decimals}f}"


_COLUMNS = (
    ("temp", "水温(℃)", 1, ""),
    ("ph", "pH(无量纲)", 1, ""),
    ("do", "溶解氧(mg/L)", 1, ""),
    *(
        (shape["code"], shape["header"], int(shape["decimals"]), shape["detection_limit"])
        for shape in read_table("indicator_shapes.csv")
    ),
)
