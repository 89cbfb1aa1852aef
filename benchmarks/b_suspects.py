"""Planted sources: how often the guilty one is among the first three suspects, on generated networks and on the demonstration's.

Run by ``make bench``; ``python -m benchmarks.b_suspects 200`` sets the number of trials. All of it is simulated. One trial:

- A network: the demonstration's rivers, sections and outfalls, or a main river of 60 km with 8 to 12 tributaries of 8 to
  20 km, 36 sources scattered over them and six sections (two on the main river, four on tributaries).
- Every source discharges cod, nh3n and tp all the time: its registered load, off by 30 % (lognormal) for each indicator,
  varying by month (lognormal 0.5, and 15 % of months closed). Sources with a permit report their monthly discharge, with
  20 % error; for the others nothing is known. 36 months.
- In the last twelve months one source, drawn at random, discharges 2 to 20 times its usual on top, in its own mix and
  pattern; in 15 % of the trials in a pattern that has nothing to do with what it reports. Only a source that raises the
  lowest section by half in one indicator in the last month is kept, else another is drawn: nobody asks otherwise.
- Sections are read once a month, with 20 % noise on each value. Discharge at a section goes with the length of river above
  it, off by 30 %, and with the season; the tracer is told none of it. True decay is off by up to 30 % for each indicator.
- The tracer gets what a workspace has: rivers, places, registered loads, permit status, reports and monthly values.
"""

import sys
import time
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString

from benchmarks.record import record
from suizhou_geo import files, spatial
from suizhou_geo.packaged import packaged_folder

METRIC, TRIALS, FIRST = "EPSG:4547", 200, 3
INDICATORS = ("cod", "nh3n", "tp")
DECAY = {"cod": 0.10, "nh3n": 0.15, "tp": 0.06}
VELOCITY, NOISE, OFF = 0.4, 0.2, 0.3
MONTHS, EVENT = 36, 12
#: Loads relative to cod by kind of source: works, farm, village, factory, storm drain.
MIXES = ((0.10, 0.012), (0.20, 0.022), (0.15, 0.015), (0.03, 0.003), (0.05, 0.010))


@dataclass(frozen=True)
class World:
    """What is known beforehand: the network, sections and sources; ``outlet`` is the section that asks."""

    network: spatial.RiverNetwork
    sections: gpd.GeoDataFrame
    sources: gpd.GeoDataFrame
    outlet: str


@dataclass(frozen=True)
class Outcome:
    """Rank of the planted source, how many suspects there were, and on how many rivers they lie."""

    rank: int
    suspects: int
    rivers: int


def generated_world(random: np.random.Generator) -> World:
    count = int(random.integers(8, 13))
    mouths = np.linspace(4_000, 55_000, count)
    lines = {"干流": LineString([(0, 0), (60_000, 0)])}
    for number, mouth in enumerate(mouths):
        length, lean = random.uniform(8_000, 20_000), random.uniform(-3_000, 0)
        lines[f"支流{number}"] = LineString([(mouth + lean, length * random.choice([-1, 1])), (mouth, 0)])
    rivers = gpd.GeoDataFrame(
        {"site_id": list(lines), "name": list(lines), "downstream_id": ["", *["干流"] * count]},
        geometry=[LineString(np.add(line.coords, (440_000, 3_500_000))) for line in lines.values()], crs=METRIC,
    )  # fmt: skip
    network = spatial.build_river_network(rivers, metric_crs=METRIC)
    shapes = dict(zip(rivers["name"], rivers.geometry, strict=True))
    at = [
        *(f"支流{number}" for number in range(count)),
        *(f"支流{each}" for each in random.integers(0, count, 36 - count)),
    ]
    sources = gpd.GeoDataFrame(
        {"river": at}, index=pd.Index([f"P{number:02d}" for number in range(36)], name="site_id"), crs=METRIC,
        geometry=[shapes[name].interpolate(random.uniform(0.05, 0.95), normalized=True) for name in at],
    )  # fmt: skip
    cod = random.lognormal(2, 0.8, 36)
    mixes = np.array(MIXES)[random.integers(0, len(MIXES), 36)] * random.lognormal(0, 0.3, (36, 2))
    sources = sources.assign(load_cod=cod, load_nh3n=cod * mixes[:, 0], load_tp=cod * mixes[:, 1])
    sources["permit_status"] = np.where(random.random(36) < 0.5, "已审批", "登记备案")
    watched = random.choice(count, 4, replace=False)
    places = {f"T{each}": (f"支流{each}", shapes[f"支流{each}"].length - 300) for each in watched}
    places |= {"M1": ("干流", 28_000), "M2": ("干流", 59_000)}
    sections = gpd.GeoDataFrame(
        {"river": [name for name, _ in places.values()]}, index=pd.Index(list(places), name="site_id"), crs=METRIC,
        geometry=[shapes[name].interpolate(metres) for name, metres in places.values()],
    )  # fmt: skip
    return World(network, sections, sources, "M2")


def demonstration_world() -> World:
    """The demonstration's rivers, sections and outfalls, asked from a place at the mouth of 涢水 above the city's border."""
    demo = files.open_workspace(packaged_folder("data", "suizhou"))
    network = spatial.build_river_network(files.read_layer(demo, kind="rivers"), metric_crs=demo.metric_crs)
    sections = files.read_layer(demo, kind="sections")[["river", "geometry"]]
    last = network.reaches[network.reaches["river_id"] == "L01"].geometry.iloc[-1]
    mouth = gpd.GeoSeries([last.interpolate(last.length - 300)], crs=demo.metric_crs).to_crs(sections.crs)
    border = gpd.GeoDataFrame({"river": ["涢水"]}, geometry=list(mouth), index=["出境"], crs=sections.crs)
    both = gpd.GeoDataFrame(pd.concat([sections, border]), crs=sections.crs)
    return World(network, both, files.read_layer(demo, kind="outfalls"), "出境")


def plant(world: World, random: np.random.Generator) -> tuple[str, pd.DataFrame, pd.DataFrame, str]:
    """A guilty source, the monthly values of all sections, the reports, and the indicator that is raised most."""
    hours, flows = _ways(world, random)
    names = world.sources.index
    registered = world.sources[[f"load_{code}" for code in INDICATORS]].to_numpy(dtype=float)
    true = registered * random.lognormal(0, 0.3, registered.shape)
    rates = np.array([DECAY[code] for code in INDICATORS]) * random.uniform(1 - OFF, 1 + OFF, len(INDICATORS))
    left = np.where(np.isfinite(hours), np.exp(-rates[:, None, None] * np.nan_to_num(hours) / 24), 0.0)
    season = 1 + 0.4 * np.cos(2 * np.pi * (np.arange(MONTHS) % 12 - 7) / 12)
    working = _patterns(random, len(names))
    usual = np.einsum("kij,jk,jt->ikt", left, true, working) / (flows[:, None, None] * season)
    # What flows without any source is, everywhere, half of what all of them add at the outlet.
    outlet = world.sections.index.get_loc(world.outlet)
    usual = usual + 0.5 * usual[outlet].mean(axis=1)[None, :, None]
    while True:
        guilty = int(random.choice(np.flatnonzero(np.isfinite(hours[outlet]))))
        pattern = working[guilty] if random.random() < 0.85 else _patterns(random, 1)[0]
        extra = np.exp(random.uniform(np.log(2), np.log(20))) * true[guilty]
        added = (
            left[:, :, guilty].T[:, :, None]
            * extra[None, :, None]
            * pattern
            / (flows[:, None, None] * season)
        )
        added[:, :, : MONTHS - EVENT] = 0.0
        raised = added[outlet, :, -1] / usual[outlet, :, -1]
        if raised.max() >= 0.5:
            break
    values = (usual + added) * np.maximum(1 + random.normal(0, NOISE, usual.shape), 0.05)
    months = pd.period_range("2019-01", periods=MONTHS, freq="M").astype(str)
    rows = pd.MultiIndex.from_product([world.sections.index, INDICATORS])
    reporting = (world.sources["permit_status"] == "已审批").to_numpy()
    reports = pd.DataFrame(working.T * random.lognormal(0, 0.2, working.T.shape), index=months, columns=names)
    table = pd.DataFrame(values.reshape(-1, MONTHS), index=rows, columns=months)
    return str(names[guilty]), table, reports.loc[:, reporting], INDICATORS[int(raised.argmax())]


def run_trial(world: World, random: np.random.Generator) -> Outcome:
    guilty, values, reports, indicator = plant(world, random)
    excesses, _ = spatial.find_excesses(values, section=world.outlet, indicator=indicator)
    table = spatial.trace_upstream(
        world.network, section=world.outlet, sections=world.sections, sources=world.sources,
        excess=excesses["excess"], error=excesses["error"], activity=reports, velocity=VELOCITY, decay=DECAY,
    )  # fmt: skip
    rank = int(table.set_index("site_id").at[guilty, "rank"])
    return Outcome(rank, len(table), world.sources.loc[table["site_id"], "river"].nunique())


def run_trials(kind: str, *, count: int, seed: int = 20260310) -> list[Outcome]:
    """``count`` seeded trials on ``generated`` networks (each a new one) or on the ``demonstration`` network."""
    found = []
    fixed = demonstration_world() if kind == "demonstration" else None
    for number in range(count):
        random = np.random.default_rng([seed, number])
        found.append(run_trial(fixed or generated_world(random), random))
    return found


def found_share(outcomes: list[Outcome]) -> tuple[float, float]:
    """The share of trials with the guilty source in the first three, and what drawing lots would give."""
    hits = np.mean([outcome.rank <= FIRST for outcome in outcomes])
    return float(hits), float(np.mean([FIRST / outcome.suspects for outcome in outcomes]))


def _ways(world: World, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    # Hours from every source to every section, and the true discharge of the sections.
    at = spatial.snap_sites(world.network, sites=world.sections, tolerance=3000)
    own = spatial.snap_sites(world.network, sites=world.sources, tolerance=3000)
    metres = [spatial.river_metres(world.network, at_sources=own, target=row) for _, row in at.iterrows()]
    above = np.maximum(spatial.upstream_metres(world.network, places=at), 1_000.0)
    return np.array(metres) / VELOCITY / 3600, above / np.median(above) * random.lognormal(0, 0.3, len(at))


def _patterns(random: np.random.Generator, count: int) -> np.ndarray:
    return random.lognormal(0, 0.5, (count, MONTHS)) * (random.random((count, MONTHS)) > 0.15)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    for kind in ("generated", "demonstration"):
        start = time.perf_counter()
        outcomes = run_trials(kind, count=count)
        hits, chance = found_share(outcomes)
        first = np.mean([outcome.rank == 1 for outcome in outcomes])
        least = min(outcome.suspects for outcome in outcomes)
        rivers = min(outcome.rivers for outcome in outcomes)
        record(
            f"Suspects, {kind} networks: {count} planted sources among ≥ {least} on ≥ {rivers} rivers",
            ours=f"{(time.perf_counter() - start) / count:.2f} s a trial", peer=f"by chance {chance:.0%}",
            result=f"in the first three {hits:.0%}, first {first:.0%}", mark="≥ 80 % in the first three",
        )  # fmt: skip


if __name__ == "__main__":
    main()
