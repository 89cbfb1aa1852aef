"""Classes of a cube are those of its rows."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from suizhou_geo import assess, files, standards
from suizhou_geo.errors import InputError
from tests.conftest import ROOT


def _cube(sites: int = 40, months: int = 26) -> xr.Dataset:
    random = np.random.default_rng(7)
    limits = standards.class_limits(3, on="2021-01-01")["limit"]
    variables = {}
    for item in ("do", "codmn", "nh3n", "tp", "hg"):
        values = np.round(
            limits[item] * random.lognormal(-0.3, 0.6, (sites, months)), standards.decimals_of(item) + 1
        )
        values[random.random(values.shape) < 0.3] = np.nan
        variables[item] = (("site", "time"), values)
    coordinates = {
        "site": [f"S{place:02d}" for place in range(sites)],
        "time": pd.date_range("2020-01-01", periods=months, freq="MS"),
        "water_body": ("site", np.where(random.random(sites) < 0.4, "lake", "river")),
    }
    return xr.Dataset(variables, coords=coordinates)


@pytest.mark.parametrize("mode", ["assessment", "realtime"])
def test_a_cube_has_the_classes_of_its_sections(mode: str) -> None:
    cube = _cube()
    frame = assess.assess_sections(cube, mode=mode)
    wide = frame.pivot(index="site_id", columns="period", values="class").fillna(0).astype(int)
    found = assess.classify_cube(cube, mode=mode)
    np.testing.assert_array_equal(found.values, wide.to_numpy())
    assert found.dims == ("site", "time")
    assert found.dtype == np.int8


def test_turned_cubes_and_cubes_of_files_are_taken() -> None:
    cube = _cube()
    turned = assess.classify_cube(cube.transpose("time", "site"))
    xr.testing.assert_equal(turned, assess.classify_cube(cube))
    rows = files.read_observations(ROOT / "data" / "suizhou" / "observations" / "water_2021.csv")
    demo = assess.classify_cube(files.observation_cube(rows))
    assert set(np.unique(demo.values)) <= set(range(7))
    assert (demo.values > 0).any()


def test_a_cube_without_items_is_refused() -> None:
    with pytest.raises(InputError, match="没有可用于评价类别的项目"):
        assess.classify_cube(
            _cube().drop_vars(["do", "codmn", "nh3n", "tp", "hg"]).assign(tn=(("site",), np.zeros(40)))
        )
