"""The demonstration city in June 2021, evaluated once."""

import pytest

from suizhou_geo.conventions import CountyResult, TargetRow


@pytest.fixture(scope="session")
def city(evaluate) -> CountyResult:
    return evaluate("421300")


@pytest.fixture(scope="session")
def board(city) -> dict[str, TargetRow]:
    return {row.id: row for row in (*city.targets, *city.tasks)}
