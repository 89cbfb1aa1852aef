"""One county of the demonstration workspace."""

import pytest

from suizhou_geo.conventions import CountyResult


@pytest.fixture(scope="session")
def county(evaluate) -> CountyResult:
    return evaluate("421381")
