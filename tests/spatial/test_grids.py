"""Kriging and inverse distance: known answers, what must hold always, and what is refused."""

import csv
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from scipy.spatial.distance import pdist

from suizhou_geo import spatial
from suizhou_geo.errors import CRSError, InputError
from suizhou_geo.spatial.kriging import solve_kriging

METRIC = "EPSG:4547"
VARIOGRAM = spatial.Variogram("spherical", nugget=0.2, sill=1.5, range=8000)
RANDOM = np.random.default_rng(11)
PLACES = RANDOM.uniform(0, 20_000, (40, 2)) + np.array([440_000, 3_500_000])
VALUES = np.exp(0.5 * np.sin(PLACES[:, 0] / 3000) + RANDOM.normal(0, 0.1, 40))


def points(values=VALUES, places=PLACES, crs=METRIC, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"value": values, **columns}, geometry=gpd.points_from_xy(*np.transpose(places)), crs=crs
    )


def field(frame: gpd.GeoDataFrame | None = None, **options):
    chosen = {"column": "value", "metric_crs": METRIC, "cell": 1000.0, "variogram": VARIOGRAM, **options}
    return spatial.krige(points() if frame is None else frame, **chosen)


def test_estimates_and_variances_are_those_of_pykrige() -> None:
    # tests/golden/pykrige.csv: PyKrige 1.7.3, OrdinaryKriging with the same parameters, written by benchmarks/b6_kriging.py.
    rows = list(
        csv.DictReader((Path(__file__).parents[1] / "golden" / "pykrige.csv").read_text("utf-8").splitlines())
    )
    for model in {row["model"] for row in rows}:
        own = [row for row in rows if row["model"] == model]
        data = np.array(
            [
                [float(row[name]) for name in ("easting", "northing", "value")]
                for row in own
                if row["kind"] == "data"
            ]
        )
        asked = [row for row in own if row["kind"] == "target"]
        targets = np.array([[float(row["easting"]), float(row["northing"])] for row in asked])
        variogram = spatial.Variogram(model, nugget=0.2, sill=1.5, range=8000)
        estimate, variance = solve_kriging(data[:, :2], data[:, 2], variogram=variogram).predict(targets)
        np.testing.assert_allclose(estimate, [float(row["value"]) for row in asked], rtol=1e-9)
        np.testing.assert_allclose(variance, [float(row["variance"]) for row in asked], rtol=1e-7)


def test_leaving_one_out_in_closed_form_is_solving_without_it() -> None:
    values = np.log(VALUES)
    estimate, variance = solve_kriging(PLACES, values, variogram=VARIOGRAM).leave_one_out()
    for place in range(len(PLACES)):
        others = np.delete(np.arange(len(PLACES)), place)
        system = solve_kriging(PLACES[others], values[others], variogram=VARIOGRAM)
        one, spread = system.predict(PLACES[[place]])
        assert estimate[place] == pytest.approx(one[0], rel=1e-9)
        assert variance[place] == pytest.approx(spread[0], rel=1e-9)


@pytest.mark.parametrize("size", [1e-12, 1e4])
@pytest.mark.parametrize("model", ["spherical", "exponential", "gaussian"])
def test_no_finer_search_finds_a_better_variogram(model: str, size: float) -> None:
    values = size * np.log(VALUES)
    found = spatial.fit_variogram(PLACES, values, model=model)
    metres = pdist(PLACES)
    edges = np.linspace(0, metres.max() / 2, 13)
    # The twelve lags again, plainly.
    lags = [(metres >= low) & (metres < high) for low, high in pairwise(edges)]
    halves = 0.5 * pdist(values[:, None], "sqeuclidean")
    middle, seen, pairs = (np.array(each) for each in zip(*((metres[lag].mean(), halves[lag].mean(), lag.sum()) for lag in lags if lag.any()), strict=True))  # fmt: skip

    def loss(variogram: spatial.Variogram) -> float:
        return float((pairs * (variogram(middle) - seen) ** 2).sum() / size**4)

    search = [
        loss(spatial.Variogram(model, nugget=nugget * seen.max(), sill=sill * seen.max(), range=reach))
        for reach in np.geomspace(edges[1], 4 * edges[-1], 40)
        for nugget in np.linspace(0, 1, 11)
        for sill in np.linspace(0.05, 2, 20)
    ]
    assert loss(found) <= min(search) * (1 + 1e-9)


def test_a_gaussian_variogram_without_nugget_still_meets_its_points() -> None:
    smooth = spatial.Variogram("gaussian", nugget=0.0, sill=1.0, range=60_000)
    estimate, variance = solve_kriging(PLACES, PLACES[:, 0] / 1e5, variogram=smooth).predict(PLACES)
    np.testing.assert_allclose(estimate, PLACES[:, 0] / 1e5, rtol=1e-6)
    assert variance.max() < 1e-6


def test_a_data_point_keeps_its_value_and_variance_grows_away_from_it() -> None:
    system = solve_kriging(PLACES, VALUES, variogram=VARIOGRAM)
    estimate, variance = system.predict(PLACES)
    np.testing.assert_allclose(estimate, VALUES, rtol=1e-9)
    np.testing.assert_allclose(variance, 0, atol=1e-9)
    grid = field()
    assert (grid["variance"].to_numpy()[np.isfinite(grid["variance"])] >= 0).all()


def test_a_higher_limit_is_exceeded_less_often() -> None:
    chances = [field(limit=limit)["p_exceed"].to_numpy() for limit in (0.6, 1.0, 1.6)]
    reached = np.isfinite(chances[0])
    assert (chances[0][reached] >= chances[1][reached]).all()
    assert (chances[1][reached] >= chances[2][reached]).all()
    assert chances[0][reached].max() > 0.9


def test_where_the_data_do_not_reach_there_is_nothing() -> None:
    far = points(np.append(VALUES, 1.0), np.vstack([PLACES, PLACES.mean(axis=0) + np.array([60_000, 0])]))
    grid = field(far)
    gap = grid.sel(easting=PLACES[:, 0].max() + 20_000, method="nearest")
    assert np.isnan(gap["estimate"]).all()
    assert np.isfinite(grid["estimate"]).any()


def test_inverse_distance_stays_within_the_data_and_meets_it_at_the_points() -> None:
    grid = spatial.idw(points(), column="value", metric_crs=METRIC, cell=500, reach=5000)
    known = grid["estimate"].to_numpy()
    known = known[np.isfinite(known)]
    assert known.min() >= VALUES.min() - 1e-9
    assert known.max() <= VALUES.max() + 1e-9
    corner = points(np.append(VALUES, 9.0), np.vstack([PLACES, PLACES.min(axis=0)]))
    met = spatial.idw(corner, column="value", metric_crs=METRIC, cell=500, reach=5000)
    assert float(met["estimate"][0, 0]) == pytest.approx(9.0)


def test_blocks_left_out_are_harder_than_points_left_out() -> None:
    table = spatial.cross_validate(points(), column="value", metric_crs=METRIC, block=5000)
    blocked = float(np.sqrt(((table["value"] - table["estimate"]) ** 2).mean()))
    fitted = field(variogram=None)
    assert blocked > fitted.attrs["loo_rmse"]
    assert sorted(table["fold"].unique()) == list(range(5))
    assert 0.5 < table["inside_90"].mean() <= 1
    with pytest.raises(InputError, match="方块只有一个"):
        spatial.cross_validate(points(), column="value", metric_crs=METRIC, block=1e8)


def test_points_at_one_place_are_averaged_and_told() -> None:
    twice = points(np.append(VALUES, VALUES[0] * 3), np.vstack([PLACES, PLACES[0]]))
    grid = field(twice)
    assert grid.attrs["notes"] == ("1 个点与别的点同位，取平均",)


@pytest.mark.parametrize(
    ("frame", "options", "told"),
    [
        (points(VALUES[:9], PLACES[:9]), {}, "只有 9 个位置有值"),
        (points(kind="sections"), {}, "河流断面不能插值成面"),
        (points(water_body="river"), {}, "河流断面不能插值成面"),
        (points(VALUES - 1.0), {}, "有值不大于 0"),
        (points(np.full(40, 2.0)), {"variogram": None}, "各点的值都相同"),
        (points(), {"cell": 0.0}, "网格边长 0 不合理"),
        (points(), {"cell": 1.0}, "至多 4000000 格"),
        (points(), {"limit": -1.0}, "限值 -1 不合理"),
        (points(), {"model": "linear", "variogram": None}, "变异函数“linear”未知"),
    ],
)
def test_what_cannot_be_interpolated_is_refused(frame, options, told) -> None:
    with pytest.raises(InputError, match=told):
        field(frame, **options)


def test_a_missing_or_geographic_crs_is_refused() -> None:
    with pytest.raises(CRSError, match="点图层没有坐标系"):
        field(points(crs=None))
    with pytest.raises(CRSError, match="EPSG:4490 不能用来量距离"):
        field(metric_crs="EPSG:4490")
