"""Annual classes of the four Taihu stations: ranked probability score at every number of known months.

Run by ``make bench`` where ``../shared/data`` is. The file's COD is probably CODMn (its own note), so the class is that of
the other items. The stations are lake points, and as such always class V; so that there is something to tell apart, the
same values are also held against the limits of a river. Beside ours: climatology (the classes of the years before) and
persistence (last year's class). Four stations of one lake are one case a year, not four.
"""

from pathlib import Path

import numpy as np
import xarray as xr

from benchmarks.record import record
from suizhou_geo import files, forecast
from suizhou_geo.forecast.scores import rps

DATA = Path(__file__).parents[2] / "shared" / "data" / "water" / "taihu_monthly_2007_2015_dev.xlsx"
ITEMS = ("ph", "do", "nh3n", "tp")
FIRST_HELD_OUT = 2011


def main() -> None:
    if not DATA.exists():
        print(f"{DATA.name} is not there: nothing measured")
        return
    rows = files.read_observations(DATA)
    cube = forecast.mean_cube(rows[rows["indicator"].isin(ITEMS)])
    for body in ("lake", "river"):
        score(cube, body)


def score(cube: xr.Dataset, body: str) -> None:
    lakes = {str(site): body for site in cube["site"].values}
    years = sorted(set(cube["time"].dt.year.values.tolist()))

    def classes(year: int) -> np.ndarray:
        facts = forecast.draw_classes(cube, year=year, known_months=12, water_bodies=lakes)
        return facts.worst[:, 0]

    truth = {year: classes(year) for year in years[2:]}
    held = [year for year in years if year >= FIRST_HELD_OUT and (truth[year] > 0).all()]
    print(f"limits of a {body}, held out {held}; classes {[truth[year].tolist() for year in held]}")
    print("k   ours  climatology  persistence")
    totals = np.zeros(3)
    for known in range(12):
        scores: list[list[float]] = [[], [], []]
        for year in held:
            paths = forecast.draw_classes(
                cube, year=year, known_months=known, water_bodies=lakes, n_paths=500
            )
            shares = np.stack([(paths.worst == number).mean(axis=1) for number in range(1, 7)], axis=1)
            before = np.stack([truth[each] for each in truth if each < year])
            past = np.stack([(before == number).mean(axis=0) for number in range(1, 7)], axis=1)
            last = np.stack([(before[-1] == number).astype(float) for number in range(1, 7)], axis=1)
            for place, each in enumerate((shares, past, last)):
                scores[place] += rps(each, truth[year]).tolist()
        means = [float(np.mean(each)) for each in scores]
        totals += means
        print(f"{known:<3} {means[0]:.3f}  {means[1]:.3f}        {means[2]:.3f}")
    ours, climatology, persistence = totals / 12
    references = {"climatology": climatology, "persistence": persistence}
    told = [
        f"{1 - ours / value:+.2f} against {name}"
        if value > 0
        else f"none against {name}, which is never wrong"
        for name, value in references.items()
    ]
    record(
        f"Classes of four Taihu stations, limits of a {body}, {len(held)} years held out", ours=f"mean RPS {ours:.3f}",
        peer=f"climatology {climatology:.3f}, persistence {persistence:.3f}", result=f"skill {'; '.join(told)}",
        mark="told where there is no skill",
    )  # fmt: skip


if __name__ == "__main__":
    main()
