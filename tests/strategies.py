"""Hypothesis strategies shared by the property tests."""

from hypothesis import strategies as st

#: Concentrations from clean to very dirty, zero included.
concentrations = st.floats(min_value=0, max_value=200, allow_nan=False, width=32)

#: Values of pH that occur in water, acid and alkaline spills included.
acidities = st.floats(min_value=1, max_value=13, allow_nan=False, width=32)

water_bodies = st.sampled_from(["river", "lake"])
