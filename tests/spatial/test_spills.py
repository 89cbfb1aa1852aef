"""A spill on its way down: the plume against its own differential equation, arrival times, borders."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from suizhou_geo import spatial
from suizhou_geo.errors import CRSError, InputError
from tests.spatial.test_rivers import METRIC, SOUTH, WEST, rivers, sites

RIVER = spatial.build_river_network(rivers({"干流": [(0, 0), (40_000, 0)]}), metric_crs=METRIC)
PLUME = {"mass": 2.0e6, "discharge": 30.0, "velocity": 0.6, "dispersion": 40.0, "decay": 0.2}


def concentration(metres: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    return spatial.spill_concentration(np.asarray(metres), seconds=np.asarray(seconds), **PLUME)


def test_the_plume_solves_advection_dispersion_and_decay() -> None:
    # dC/dt + u dC/dx = D d2C/dx2 - k C, by central differences about several places and times.
    x, t = np.meshgrid(np.linspace(4_000, 8_000, 9), np.linspace(7_000, 12_000, 9))
    dx, dt = 5.0, 2.0
    here = concentration(x, t)
    in_time = (concentration(x, t + dt) - concentration(x, t - dt)) / (2 * dt)
    in_space = (concentration(x + dx, t) - concentration(x - dx, t)) / (2 * dx)
    twice = (concentration(x + dx, t) - 2 * here + concentration(x - dx, t)) / dx**2
    left = in_time + PLUME["velocity"] * in_space
    right = PLUME["dispersion"] * twice - PLUME["decay"] / 86_400 * here
    assert left == pytest.approx(right, rel=1e-3, abs=1e-4 * np.abs(left).max())


def test_the_mass_in_the_river_is_what_was_released_and_has_not_decayed() -> None:
    metres = np.linspace(-20_000, 60_000, 400_001)
    for hours in (1, 5, 12):
        inside = concentration(metres, np.full_like(metres, hours * 3600.0)).sum() * (metres[1] - metres[0])
        area = PLUME["discharge"] / PLUME["velocity"]
        assert inside * area == pytest.approx(PLUME["mass"] * np.exp(-PLUME["decay"] * hours / 24), rel=1e-6)


def test_arrival_peak_and_passage_agree_with_the_curve_itself() -> None:
    found = spatial.trace_downstream(
        RIVER, site="厂", sites=sites({"厂": (1_000, 0)}), receptors=sites({"近": (3_000, 0), "远": (31_000, 0)}),
        velocity=0.6, decay=0.2, mass=2_000.0, discharge=30.0, dispersion=40.0,
    ).set_index("site_id")  # fmt: skip
    for name, metres in (("近", 2_000.0), ("远", 30_000.0)):
        seconds = np.arange(1.0, 40 * 3600.0, 1.0)
        curve = concentration(np.full_like(seconds, metres), seconds)
        top = int(curve.argmax())
        there = np.flatnonzero(curve >= 0.01 * curve[top])
        assert found.at[name, "peak_h"] * 3600 == pytest.approx(seconds[top], abs=1.0)
        assert found.at[name, "peak_mg_l"] == pytest.approx(curve[top], rel=1e-6)
        assert found.at[name, "arrival_h"] * 3600 == pytest.approx(seconds[there[0]], abs=1.0)
        assert found.at[name, "passed_h"] * 3600 == pytest.approx(seconds[there[-1]], abs=1.0)
        assert found.at[name, "travel_h"] * 3600 == pytest.approx(metres / 0.6)


def test_with_little_dispersion_the_peak_travels_with_the_water() -> None:
    peak = spatial.peak_seconds(np.array([10_000.0]), velocity=0.5, dispersion=1e-6)
    assert peak[0] == pytest.approx(20_000.0)


def test_a_receptor_with_more_water_sees_less() -> None:
    asked = {
        "site": "厂", "sites": sites({"厂": (1_000, 0)}), "velocity": 0.6, "mass": 100.0, "discharge": 10.0,
    }  # fmt: skip
    plain = spatial.trace_downstream(RIVER, receptors=sites({"下": (9_000, 0)}), **asked)
    more = spatial.trace_downstream(RIVER, receptors=sites({"下": (9_000, 0)}, discharge=[40.0]), **asked)
    assert plain.at[0, "peak_mg_l"] == pytest.approx(4 * more.at[0, "peak_mg_l"])


def test_a_river_that_leaves_a_county_crosses_its_border_once() -> None:
    counties = gpd.GeoDataFrame(
        {"name": ["甲县", "乙县"]}, crs=METRIC,
        geometry=[box(WEST - 100, SOUTH - 9_000, WEST + 15_000, SOUTH + 9_000), box(WEST + 15_000, SOUTH - 9_000, WEST + 30_000, SOUTH + 9_000)],
    )  # fmt: skip
    crossings = spatial.find_border_crossings(RIVER, counties=counties)
    assert crossings["site_name"].tolist() == ["甲县→乙县", "乙县→市外"]
    assert (crossings.geometry.x - WEST).tolist() == pytest.approx([15_000, 30_000])
    with pytest.raises(CRSError, match="区县图层没有坐标系"):
        spatial.find_border_crossings(RIVER, counties=counties.set_crs(None, allow_override=True))


def test_impossible_spills_are_refused() -> None:
    asked = {
        "site": "厂",
        "sites": sites({"厂": (1_000, 0)}),
        "receptors": sites({"下": (9_000, 0)}),
        "velocity": 0.6,
    }
    with pytest.raises(InputError, match="只给了泄漏量或流量中的一个"):
        spatial.trace_downstream(RIVER, **asked, mass=1.0)
    with pytest.raises(InputError, match="泄漏量 -1 不合理"):
        spatial.trace_downstream(RIVER, **asked, mass=-1.0, discharge=1.0)
    with pytest.raises(InputError, match="离散系数 0 不合理"):
        spatial.trace_downstream(RIVER, **asked, mass=1.0, discharge=1.0, dispersion=0.0)
