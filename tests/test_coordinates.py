"""Datum shifts: published vectors, and there-and-back to numerical precision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suizhou_geo.coordinates import DATUMS, from_cgcs2000, to_cgcs2000
from suizhou_geo.errors import InputError

# WGS 84 → GCJ-02 → BD-09, seven decimals; computed by eight independent public implementations with the same constants.
VECTORS = [
    ((113.3833, 31.6908), (113.3895182, 31.6889269), (113.3959457, 31.6952195)),
    ((113.3583, 31.7275), (113.3644883, 31.7255933), (113.3710285, 31.7315002)),
    ((113.3983, 31.7308), (113.4045291, 31.7289304), (113.4109471, 31.7352640)),
    ((113.5849, 31.8746), (113.5906682, 31.8723428), (113.5972377, 31.8780506)),
]


@pytest.mark.parametrize(("plain", "gcj02", "bd09"), VECTORS)
def test_published_vectors_both_ways(plain, gcj02, bd09):
    for datum, shifted in (("GCJ-02", gcj02), ("BD-09", bd09)):
        assert from_cgcs2000(*plain, datum=datum) == pytest.approx(shifted, abs=6e-8)
        assert to_cgcs2000(*shifted, datum=datum) == pytest.approx(plain, abs=1.2e-7)


@given(st.floats(73.5, 135), st.floats(18, 53.5), st.sampled_from(DATUMS))
def test_there_and_back_is_the_same_point(longitude, latitude, datum):
    back = to_cgcs2000(*from_cgcs2000(longitude, latitude, datum=datum), datum=datum)
    assert back == pytest.approx((longitude, latitude), abs=1e-11)


def test_arrays_keep_their_shape_and_are_not_changed():
    longitude, latitude = np.full((3, 4), 113.4), np.full((3, 4), 31.7)
    east, north = to_cgcs2000(longitude, latitude, datum="GCJ-02")
    assert east.shape == north.shape == (3, 4)
    assert (longitude == 113.4).all()
    assert (east != 113.4).all()


def test_outside_china_nothing_is_shifted():
    assert from_cgcs2000(2.35, 48.85, datum="GCJ-02") == (2.35, 48.85)


def test_an_unknown_datum_is_refused_with_those_that_there_are():
    with pytest.raises(InputError, match=r"Mars.*GCJ-02"):
        to_cgcs2000(113, 31, datum="Mars")
