"""What the pages say of the rest of the year: from known months only, for sections and shares alike."""

from collections.abc import Callable

import pandas as pd
import pytest

from suizhou_geo import files, plan
from suizhou_geo.conventions import CountyResult
from suizhou_geo.packaged import packaged_folder
from suizhou_geo.plan.chances import Chances, draw_water, water_chances
from suizhou_geo.plan.targets import state_of_chance

DEMO = files.open_workspace(packaged_folder("data", "suizhou"))
WATER = files.read_workspace_observations(DEMO, medium="water")
TARGETS = files.read_plan(DEMO, year=2021)
SITES = {str(site): 3 for site in WATER["site_id"].unique()}


def _chances(observations: pd.DataFrame, month: int = 6, targets: dict[str, int] | None = None) -> Chances:
    paths = draw_water(observations, water_bodies={}, year=2021, month=month)
    return water_chances(paths, sections=targets or SITES, targets=TARGETS, year=2021, month=month)


def test_later_months_do_not_change_what_is_said_in_june() -> None:
    cut = WATER[WATER["time"] < "2021-07-01"]
    assert _chances(WATER) == _chances(cut)


def test_a_stricter_target_has_no_better_chance() -> None:
    chances = [_chances(WATER, targets=dict.fromkeys(SITES, target)).sections for target in (1, 2, 3, 4)]
    for site in chances[0]:
        values = [each[site].p_attain for each in chances]
        assert values == sorted(values)
    assert any(each.binding for each in chances[1].values())


def test_shares_of_sections_have_a_chance_and_a_spread() -> None:
    found = _chances(WATER)
    assert set(found.targets) == {"G1.good_ratio", "G1.bad_ratio"}
    assert all(0 <= chance <= 1 for chance in found.targets.values())
    assert all(note.startswith("预测全年") for note in found.notes.values())


def test_a_finished_year_and_a_short_history_have_none() -> None:
    assert _chances(WATER, month=12).targets == {}
    assert _chances(WATER[WATER["time"] >= "2021-01-01"]) == Chances()
    assert _chances(WATER.iloc[:0]) == Chances()


def test_the_county_says_the_same_as_the_forecast(evaluate: Callable[[str], CountyResult]) -> None:
    result = evaluate("421303")
    layer = result.layer("sections")
    assert layer is not None
    told = {feature.id: feature.section.p_attain for feature in layer.features if feature.section}
    assert all(chance is not None for chance in told.values())
    states = {row.id: row.state for row in result.targets if row.p_attain is not None}
    assert states == {
        row.id: state_of_chance(row.p_attain) for row in result.targets if row.p_attain is not None
    }
    december = plan.evaluate_county(DEMO, adcode="421303", year=2021, month=12)
    assert all(row.p_attain is None for row in december.targets)


@pytest.mark.parametrize(
    ("chance", "state"),
    [(1.0, "likely"), (0.8, "likely"), (0.79, "at_risk"), (0.2, "at_risk"), (0.1, "unlikely")],
)
def test_words_of_a_chance(chance: float, state: str) -> None:
    assert state_of_chance(chance) == state
