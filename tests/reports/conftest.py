"""One county of the demonstration workspace, evaluated once."""

from functools import cache

import pytest

from suizhou_geo import files, plan
from suizhou_geo.conventions import CountyResult
from tests.conftest import ROOT


@pytest.fixture(scope="session")
def evaluate():
    """The result of a demonstration county in June 2021."""
    workspace = files.open_workspace(ROOT / "data" / "suizhou")
    return cache(lambda adcode: plan.evaluate_county(workspace, adcode=adcode, year=2021, month=6))


@pytest.fixture(scope="session")
def county(evaluate) -> CountyResult:
    return evaluate("421381")
