"""GB 15618 and GB 36600: cells against a second reading of the printed tables, edges, and order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suizhou_geo import standards
from suizhou_geo.conventions import indicators
from suizhou_geo.errors import InputError
from suizhou_geo.standards.soil import soil_limits, soil_uses

# Typed a second time, from the transcription that names English items: value of class 1 and 2, screening; intervention.
CONSTRUCTION = """arsenic 20 60 120 140
cadmium 20 65 47 172
chromium(VI) 3.0 5.7 30 78
lead 400 800 800 2500
mercury 8 38 33 82
vinyl_chloride 0.12 0.43 1.2 4.3
benzene 1 4 10 40
toluene 1200 1200 1200 1200
naphthalene 25 70 255 700
benzo_a_pyrene 0.55 1.5 5.5 15
methylmercury 5.0 45 10 120
vanadium 165 752 330 1500
pcb126 0.00004 0.0001 0.0004 0.001
pcb169 0.0001 0.0004 0.001 0.004
dioxins 0.00001 0.00004 0.0001 0.0004
petroleum 826 4500 5000 9000"""
CODES = {
    "arsenic": "as",
    "cadmium": "cd",
    "chromium(VI)": "cr6",
    "lead": "pb",
    "mercury": "hg",
    "vanadium": "v",
}

# pH ≤ 5.5, 5.5–6.5, 6.5–7.5, > 7.5.
FARMLAND = [
    ("paddy", "cd", [0.3, 0.4, 0.6, 0.8], [1.5, 2.0, 3.0, 4.0]),
    ("other", "cd", [0.3, 0.3, 0.3, 0.6], [1.5, 2.0, 3.0, 4.0]),
    ("paddy", "hg", [0.5, 0.5, 0.6, 1.0], [2.0, 2.5, 4.0, 6.0]),
    ("other", "hg", [1.3, 1.8, 2.4, 3.4], [2.0, 2.5, 4.0, 6.0]),
    ("paddy", "as", [30, 30, 25, 20], [200, 150, 120, 100]),
    ("other", "as", [40, 40, 30, 25], [200, 150, 120, 100]),
    ("paddy", "pb", [80, 100, 140, 240], [400, 500, 700, 1000]),
    ("other", "pb", [70, 90, 120, 170], [400, 500, 700, 1000]),
    ("paddy", "cr", [250, 250, 300, 350], [800, 850, 1000, 1300]),
    ("other", "cr", [150, 150, 200, 250], [800, 850, 1000, 1300]),
    ("orchard", "cu", [150, 150, 200, 200], [np.nan] * 4),
    ("other", "cu", [50, 50, 100, 100], [np.nan] * 4),
    ("paddy", "cu", [50, 50, 100, 100], [np.nan] * 4),
    ("orchard", "cd", [0.3, 0.3, 0.3, 0.6], [1.5, 2.0, 3.0, 4.0]),
    ("orchard", "ni", [60, 70, 100, 190], [np.nan] * 4),
    ("paddy", "zn", [200, 200, 250, 300], [np.nan] * 4),
    ("rotation", "cd", [0.3, 0.3, 0.3, 0.6], [1.5, 2.0, 3.0, 4.0]),
    ("rotation", "hg", [0.5, 0.5, 0.6, 1.0], [2.0, 2.5, 4.0, 6.0]),
    ("rotation", "as", [30, 30, 25, 20], [200, 150, 120, 100]),
    ("rotation", "cu", [50, 50, 100, 100], [np.nan] * 4),
    ("other", "ddt", [0.1] * 4, [np.nan] * 4),
    ("paddy", "benzo_a_pyrene", [0.55] * 4, [np.nan] * 4),
]


@pytest.mark.parametrize("line", CONSTRUCTION.splitlines(), ids=lambda line: line.split()[0])
def test_cells_of_construction_land(line: str) -> None:
    name, *cells = line.split()
    item = CODES.get(name, name)
    one, two = soil_limits("class1"), soil_limits("class2")
    found = [limits.screening[limits.items.index(item), 0] for limits in (one, two)] + [
        limits.intervention[limits.items.index(item), 0] for limits in (one, two)
    ]
    assert found == [float(cell) for cell in cells]


@pytest.mark.parametrize(("use", "item", "screening", "intervention"), FARMLAND)
def test_cells_of_farmland(use: str, item: str, screening: list[float], intervention: list[float]) -> None:
    limits = soil_limits(use)
    place = limits.items.index(item)
    np.testing.assert_array_equal(limits.screening[place], screening)
    np.testing.assert_array_equal(limits.intervention[place], intervention)


def test_85_items_of_construction_land_are_all_known_and_have_their_values_in_order() -> None:
    one, two = soil_limits("class1"), soil_limits("class2")
    assert len(one.items) == len(set(one.items)) == 85
    assert set(one.items) <= set(indicators("soil"))
    assert (one.screening <= two.screening).all()
    assert (one.intervention <= two.intervention).all()
    for limits in (one, two):
        assert (limits.screening <= limits.intervention).all()


@pytest.mark.parametrize("use", ["paddy", "other", "orchard", "rotation"])
def test_farmland_has_its_values_in_order_and_only_five_items_lead_to_strict_control(use: str) -> None:
    limits = soil_limits(use)
    strict = ~np.isnan(limits.intervention[:, 0])
    assert {item for item, holds in zip(limits.items, strict, strict=True) if holds} == {
        "cd",
        "hg",
        "as",
        "pb",
        "cr",
    }
    assert (limits.screening[strict] < limits.intervention[strict]).all()
    arsenic = limits.intervention[limits.items.index("as")]
    assert (np.diff(arsenic) < 0).all(), "intervention values of arsenic fall with pH"


def test_the_edges_of_the_ph_bands_belong_to_the_lower_band() -> None:
    limits = soil_limits("paddy")
    assert limits.band_of([3.9, 5.5, 5.500001, 6.5, 6.6, 7.5, 7.51, 9.0]).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


@given(st.sampled_from(list(soil_uses())), st.data())
def test_more_of_a_pollutant_is_never_better(use: str, data: st.DataObject) -> None:
    limits = soil_limits(use)
    item = data.draw(st.sampled_from(limits.items))
    low, high = sorted(data.draw(st.tuples(*[st.floats(0, 2e4)] * 2)))
    levels = limits.levels_of([low, high], item=item)
    assert (levels[0] <= levels[1]).all()


def test_unknown_uses_and_standards_of_another_kind_are_refused() -> None:
    with pytest.raises(InputError, match=r"土地用途“park”未知.*class1"):
        soil_limits("park")
    with pytest.raises(InputError, match="不用于 paddy"):
        soil_limits("paddy", edition=standards.find_edition("gb36600-2018"))
