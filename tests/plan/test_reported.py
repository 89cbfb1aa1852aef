"""Values from ledgers: the latest amounts, sums of counties that are whole, nothing from half a report."""

import pandas as pd
import pytest

from suizhou_geo.files import Target
from suizhou_geo.plan.reported import elapsed_share, reported_value

CITY, COUNTIES = "421300", ("421303", "421321")
MEDICAL = Target(
    "G4.medical",
    "G4",
    "医疗废物",
    2021,
    indicator="medical_waste",
    unit="%",
    target=100.0,
    judged_by="computed",
)
COUNT = Target(
    "T05",
    "T05",
    "项目",
    2021,
    indicator="done",
    unit="个",
    planned=49.0,
    judged_by="counted",
    due="2021-12-31",
)


def ledger(*rows: tuple[str, str, str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["id", "adcode", "date", "amount", "value"])
    return frame.assign(
        date=pd.to_datetime(frame["date"]),
        source="",
        synthetic=False,
        file="a.csv",
        source_row=range(2, 2 + len(frame)),
    )


def found(target, rows, *, adcode=CITY, month=6):
    return reported_value(target, rows, adcode=adcode, city=CITY, counties=COUNTIES, year=2021, month=month)


WASTE = ledger(
    ("G4.medical", "421303", "2021-03-31", "disposed", 10.0),
    ("G4.medical", "421303", "2021-03-31", "generated", 20.0),
    ("G4.medical", "421303", "2021-06-30", "disposed", 30.0),
    ("G4.medical", "421303", "2021-06-30", "generated", 40.0),
    ("G4.medical", "421321", "2021-06-30", "generated", 99.0),
    ("G4.medical", "421303", "2021-09-30", "disposed", 50.0),
)


def test_the_latest_amounts_up_to_the_month_count_and_later_ones_do_not():
    assert found(MEDICAL, WASTE, adcode="421303").value == 75.0
    assert found(MEDICAL, WASTE, adcode="421303", month=5).value == 50.0
    assert found(MEDICAL, WASTE, adcode="421303").rows == ("a.csv 第 4–5 行",)


def test_a_county_that_reported_half_is_left_out_of_the_sum_and_named():
    whole = found(MEDICAL, WASTE)
    assert whole.value == 75.0
    assert "缺少 421321" in whole.note
    half = found(MEDICAL, WASTE, adcode="421321")
    assert half.value is None
    assert half.reason == "台账到本月缺少处置量"


def test_before_the_first_report_there_is_no_value():
    assert found(MEDICAL, WASTE, month=1).reason == "台账中没有本区域到本月的记录"
    planned = ledger(("T05", "421303", "2021-01-31", "planned", 19.0))
    assert found(COUNT, planned, adcode="421303").reason == "台账到本月缺少完成数"


def test_the_plans_own_number_is_the_citys_and_no_countys():
    rows = ledger(
        ("T05", "421303", "2021-06-30", "done", 20.0), ("T05", "421321", "2021-06-30", "done", 10.0)
    )
    whole = found(COUNT, rows)
    assert (whole.value, whole.goal, whole.required) == (30.0, 49.0, 24.0)
    assert found(COUNT, rows, adcode="421303").goal is None


@pytest.mark.parametrize(("month", "share"), [(1, 31 / 365), (6, 181 / 365), (12, 1.0)])
def test_the_pace_follows_the_days_of_the_year(month, share):
    assert elapsed_share(COUNT, year=2021, month=month) == pytest.approx(share)
