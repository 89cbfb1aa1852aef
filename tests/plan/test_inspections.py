"""Inspection by lot: all key units, half of the others, the same for the same seed, fair to every unit."""

from collections import Counter

import pandas as pd
import pytest

from suizhou_geo.files import Inspection
from suizhou_geo.plan import draw_inspections


def units(general: int = 42) -> pd.DataFrame:
    """19 key units and some general ones in two counties and two sectors."""
    numbers = range(19 + general)
    return pd.DataFrame(
        {
            "unit_id": [f"R{number:03d}" for number in numbers],
            "category": ["重点" if number < 19 else "一般" for number in numbers],
            "adcode": ["421303" if number % 3 else "421321" for number in numbers],
            "sector": ["医疗" if number % 2 else "工业" for number in numbers],
        }
    )


def rule(seed: int = 1, **given) -> Inspection:
    return Inspection("T11", "检查", 2021, "units.csv", seed=seed, strata=("adcode", "sector"), **given)


def test_all_key_units_and_half_of_the_general_ones():
    drawn = draw_inspections(units(), inspection=rule())
    assert drawn["how"].value_counts().to_dict() == {"随机抽取": 21, "全覆盖": 19}
    assert drawn["unit_id"].is_unique
    assert drawn["adcode"].is_monotonic_increasing


@pytest.mark.parametrize(("general", "lots"), [(0, 0), (1, 1), (2, 1), (5, 3), (42, 21)])
def test_half_is_rounded_half_up(general, lots):
    drawn = draw_inspections(units(general), inspection=rule())
    assert (drawn["how"] == "随机抽取").sum() == lots


def test_each_stratum_gives_its_half_to_within_one_unit():
    drawn = draw_inspections(units(), inspection=rule())
    general = units()[units()["category"] == "一般"]
    sizes = general.groupby(["adcode", "sector"]).size()
    lots = drawn[drawn["how"] == "随机抽取"].groupby(["adcode", "sector"]).size()
    assert (abs(lots - sizes / 2) < 1).all()


def test_the_lot_depends_on_the_seed_and_not_on_the_order_of_the_rows():
    first = draw_inspections(units(), inspection=rule())
    shuffled = draw_inspections(units().sample(frac=1, random_state=3), inspection=rule())
    pd.testing.assert_frame_equal(first, shuffled)
    others = [set(draw_inspections(units(), inspection=rule(seed))["unit_id"]) for seed in (2, 3, 4)]
    assert all(other != set(first["unit_id"]) for other in others)


def test_over_many_seeds_every_general_unit_is_drawn_about_half_the_time():
    counts = Counter(
        unit
        for seed in range(200)
        for unit in draw_inspections(units(), inspection=rule(seed)).query("how == '随机抽取'")["unit_id"]
    )
    general = units().query("category == '一般'")["unit_id"]
    # Five standard deviations of a fair coin thrown 200 times are 35.
    assert all(abs(counts[unit] - 100) <= 36 for unit in general), counts


def test_another_share_and_all_key():
    drawn = draw_inspections(units(), inspection=rule(share=0.25))
    assert (drawn["how"] == "随机抽取").sum() == 11
    everyone = draw_inspections(units(), inspection=rule(key=("重点", "一般")))
    assert set(everyone["how"]) == {"全覆盖"}
    assert len(everyone) == 61
