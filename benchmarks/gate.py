"""Time of the gate: 46,000 rows of a platform table and a million tidy rows, read and checked.

Run by ``make bench``. The values are random and say nothing about any water.
"""

import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.record import record
from suizhou_geo import files

PLATFORM_ROWS, TIDY_ROWS = 46_000, 1_000_000
ITEMS = {"水温(℃)": 18, "pH(无量纲)": 7.6, "溶解氧(mg/L)": 7.5, "电导率(μS/cm)": 400, "浊度(NTU)": 20,
         "高锰酸盐指数(mg/L)": 3, "氨氮(mg/L)": 0.3, "总磷(mg/L)": 0.08, "总氮(mg/L)": 2.0}  # fmt: skip


def write_platform(path: Path) -> None:
    """A table in the form of the national platform: 1,000 stations, a record every four hours, 2 % missing."""
    random = np.random.default_rng(1)
    place = np.arange(PLATFORM_ROWS)
    times = pd.Timestamp("2021-04-01") + pd.to_timedelta(4 * (place // 1000), unit="h")
    columns = {"省份": "湖北省", "流域": "长江流域", "断面名称": [f"断面{number}" for number in place % 1000],
               "监测时间": times.strftime("%Y-%m-%d %H:%M"), "水质类别": "Ⅱ"}  # fmt: skip
    for header, middle in ITEMS.items():
        cells = np.char.mod("%.3f", middle * random.lognormal(0, 0.1, PLATFORM_ROWS)).astype(object)
        cells[random.random(PLATFORM_ROWS) < 0.02] = "--"
        columns[header] = cells
    pd.DataFrame({**columns, "站点情况": "正常"}).to_csv(path, index=False, encoding="utf-8-sig")


def write_tidy(path: Path) -> None:
    """A long table of a million rows: sites, months and indicators."""
    random = np.random.default_rng(2)
    place = np.arange(TIDY_ROWS)
    codes = np.array(["ph", "do", "codmn", "nh3n", "tp", "tn", "cod", "bod5"])
    middles = np.array([7.6, 7.5, 3.0, 0.3, 0.08, 2.0, 14.0, 2.0])
    month = 1 + place // 8 % 12
    frame = pd.DataFrame(
        {
            "site_id": np.char.add("S", (place // 96 % 2000).astype(str)),
            "time": pd.Series((2016 + place // 192_000).astype(str))
            + "-"
            + pd.Series(month).map("{:02d}".format),
            "indicator": codes[place % 8],
            "value": np.round(middles[place % 8] * random.lognormal(0, 0.1, TIDY_ROWS), 3),
            "unit": "mg/L",
        }
    )
    frame.loc[frame["indicator"] == "ph", "unit"] = "无量纲"
    frame.to_csv(path, index=False, encoding="utf-8")


def main() -> None:
    """Print the machine, the times and the memory."""
    with tempfile.TemporaryDirectory() as folder:
        for name, write, aim in (("platform", write_platform, 3), ("tidy", write_tidy, 20)):
            path = Path(folder) / f"{name}.csv"
            write(path)
            start = time.perf_counter()
            tidy = files.read_observations(path)
            read = time.perf_counter() - start
            start = time.perf_counter()
            problems = files.find_problems(tidy)
            checked = time.perf_counter() - start
            rows = tidy["source_row"].nunique()
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            record(
                f"Gate, {name}: {rows} rows, {len(tidy)} values",
                ours=f"checked in {checked:.1f} s, {len(problems)} problems, peak {peak:.0f} MiB (once)",
                result=f"read in {read:.1f} s", mark=f"≤ {aim} s", versions=("pandas",),
            )  # fmt: skip


if __name__ == "__main__":
    main()
