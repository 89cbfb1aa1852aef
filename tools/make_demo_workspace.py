"""Rewrite the invented part of the demonstration workspace: same seed, same bytes.

The typed part (``workspace.toml``, ``plan_2021.toml``, ``layers/sections.csv``, ``stations.csv``, ``intakes.csv``,
``projects.csv``) is edited by hand in ``data/suizhou`` and only read here::

    python tools/make_demo_workspace.py [--out FOLDER]
"""

import argparse
from pathlib import Path

import geopandas as gpd
from demo_workspace.air import write_air
from demo_workspace.areas import make_redlines, make_reserves, make_water_zones
from demo_workspace.ground import SEED, read_table, write_rows, write_shapes
from demo_workspace.ledgers import make_reports, make_units_to_inspect, write_ledger
from demo_workspace.points import make_outfalls, make_sources
from demo_workspace.rivers import make_rivers
from demo_workspace.units import make_units
from demo_workspace.water import write_water

WORKSPACE = Path(__file__).resolve().parents[1] / "data" / "suizhou"


def make_workspace(out: Path) -> None:
    """Write every invented layer and series into ``out``."""
    layers, observations = out / "layers", out / "observations"
    rivers, redlines = make_rivers(), make_redlines()
    _write_frame(layers / "rivers.geojson", rivers)
    _write_frame(layers / "redlines.geojson", redlines)
    _write_frame(layers / "reserves.geojson", make_reserves())
    _write_frame(layers / "units.geojson", make_units(redlines))
    intakes = read_table(WORKSPACE / "layers" / "intakes.csv")
    _write_frame(layers / "water_zones.geojson", make_water_zones(intakes, rivers=rivers))
    write_shapes(layers / "outfalls.geojson", *make_outfalls(rivers))
    write_rows(layers / "sources.csv", make_sources())
    write_water(observations, read_table(WORKSPACE / "layers" / "sections.csv"))
    write_air(observations, read_table(WORKSPACE / "layers" / "stations.csv"))
    write_ledger(out / "plan" / "reports_2021.csv", make_reports())
    write_ledger(out / "plan" / "radiation_units_2021.csv", make_units_to_inspect())


def _write_frame(path: Path, frame: gpd.GeoDataFrame) -> None:
    write_shapes(path, frame.drop(columns="geometry").to_dict("records"), list(frame.geometry))


def main() -> None:
    parser = argparse.ArgumentParser(description="重新生成随州演示工作区中的演示数据")
    parser.add_argument("--out", type=Path, default=WORKSPACE, help="写到哪个文件夹（默认 data/suizhou）")
    out = parser.parse_args().out
    make_workspace(out)
    print(f"种子 {SEED}：演示数据已写入 {out}")


if __name__ == "__main__":
    main()
