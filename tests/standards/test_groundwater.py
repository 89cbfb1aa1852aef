"""GB/T 14848 and GB 3838 tables 2 and 3: cells typed a second time, edges, order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suizhou_geo import standards
from suizhou_geo.conventions import indicators
from suizhou_geo.standards.groundwater import groundwater_table, source_limits

TABLE = groundwater_table()

# Second reading of the printed rows, in the printed unit; μg/L rows are marked.
ROWS = """hardness 150 300 450 650
tds 300 500 1000 2000
sulphate 50 150 250 350
fe 0.1 0.2 0.3 2.0
mn 0.05 0.05 0.10 1.50
cu 0.01 0.05 1.00 1.50
zn 0.05 0.5 1.00 5.00
al 0.01 0.05 0.20 0.50
phenol 0.001 0.001 0.002 0.01
codmn 1.0 2.0 3.0 10.0
nh3n 0.02 0.10 0.50 1.50
s2 0.005 0.01 0.02 0.10
na 100 150 200 400
total_coliform 3.0 3.0 3.0 100
colony 100 100 100 1000
nitrite 0.01 0.10 1.00 4.80
nitrate 2.0 5.0 20.0 30.0
cn 0.001 0.01 0.05 0.1
f 1.0 1.0 1.0 2.0
iodide 0.04 0.04 0.08 0.50
hg 0.0001 0.0001 0.001 0.002
as 0.001 0.001 0.01 0.05
se 0.01 0.01 0.01 0.1
cd 0.0001 0.001 0.005 0.01
cr6 0.005 0.01 0.05 0.10
pb 0.005 0.005 0.01 0.10
benzene* 0.5 1.0 10.0 120
toluene* 0.5 140 700 1400
chloroform* 0.5 6 60 300
be 0.0001 0.0001 0.002 0.06
b 0.02 0.10 0.50 2.00
tl 0.0001 0.0001 0.0001 0.001
ni 0.002 0.002 0.02 0.10
trichloroethene* 0.5 7.0 70.0 210
naphthalene* 1 10 100 600
benzo_a_pyrene* 0.002 0.002 0.01 0.50
dehp* 3 3 8.0 300
hch* 0.01 0.50 5.00 300
ddt* 0.01 0.10 1.00 2.00
atrazine* 0.05 0.40 2.00 600
glyphosate* 0.1 140 700 1400"""


@pytest.mark.parametrize("line", ROWS.splitlines(), ids=lambda line: line.split()[0])
def test_cells_of_groundwater(line: str) -> None:
    name, *cells = line.split()
    factor = 0.001 if name.endswith("*") else 1.0
    found = TABLE.high[TABLE.items.index(name.rstrip("*"))]
    np.testing.assert_allclose(found, [float(cell) * factor for cell in cells], rtol=1e-12)


def test_39_regular_and_54_other_items_all_known() -> None:
    assert len(TABLE.items) == 93
    assert set(TABLE.items) <= set(indicators())
    units = {item: indicators()[item].unit for item in TABLE.items}
    assert units["gross_alpha"] == "Bq/L"
    assert units["benzene"] == "mg/L"


def test_equal_limits_take_the_better_class_and_beyond_the_last_is_five() -> None:
    assert TABLE.classify([1.0, 1.000001, 2.0, 2.1], item="f").tolist() == [1, 4, 4, 5]
    assert TABLE.classify([0.0001, 0.00011, 0.001], item="tl").tolist() == [1, 4, 4]
    assert TABLE.classify([6.5, 8.5, 6.49, 5.5, 5.49, 8.51, 9.0, 9.01], item="ph").tolist() == [
        1,
        1,
        4,
        4,
        5,
        4,
        4,
        5,
    ]
    assert TABLE.classify([0.0, 0.05, 0.2, 0.3, 0.31], item="las").tolist() == [2, 2, 3, 3, 5]
    assert TABLE.classify([0.0, 1.0], item="odour").tolist() == [1, 5]
    assert TABLE.classify([0.1, 0.5, 0.6, np.nan], item="gross_alpha").tolist() == [1, 3, 4, 0]


@given(
    st.sampled_from([item for item in TABLE.items if item != "ph"]), st.floats(0, 3000), st.floats(0, 3000)
)
def test_a_worse_value_never_has_a_better_class(item: str, first: float, second: float) -> None:
    low, high = sorted((first, second))
    found = TABLE.classify([low, high], item=item)
    assert found[0] <= found[1]


SOURCE = {
    "sulphate": 250, "chloride": 250, "nitrate": 10, "fe": 0.3, "mn": 0.1, "chloroform": 0.06, "benzene": 0.01,
    "formaldehyde": 0.9, "vinyl_chloride": 0.005, "nitrobenzene": 0.017, "dinitrotoluene_24": 0.0003, "ddt": 0.001,
    "benzo_a_pyrene": 2.8e-6, "methylmercury": 1.0e-6, "pcb": 2.0e-5, "microcystin_lr": 0.001, "sb": 0.005, "tl": 0.0001,
    "mo": 0.07, "v": 0.05, "ba": 0.7, "b": 0.5, "co_metal": 1.0, "atrazine": 0.003, "acrylamide": 0.0005, "xylenes": 0.5,
}  # fmt: skip


def test_limits_of_drinking_water_sources() -> None:
    limits = source_limits()
    assert len(limits) == 85
    assert limits["limit"][list(SOURCE)].to_dict() == SOURCE
    assert set(limits.index) <= set(indicators())
    assert limits.at["fe", "clause"] == "GB 3838-2002 表2"
    assert not set(limits.index) & set(
        standards.read_table(standards.find_edition("gb3838-2002"), name="table1")["indicator"]
    )
