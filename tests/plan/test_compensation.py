"""Compensation at border sections: the formula of the data file, by hand, and what it refuses."""

import shutil

import pandas as pd
import pytest

from suizhou_geo import files, plan
from suizhou_geo.errors import InputError, Place, UnknownNameError
from suizhou_geo.plan.formulas import compute
from tests.plan.cited import DEMO


@pytest.fixture(scope="module")
def workspace():
    return files.open_workspace(DEMO)


def water(*values: float, indicator: str = "tp", year: int = 2021) -> pd.DataFrame:
    times = pd.to_datetime([f"{year}-{month:02d}-05" for month in range(1, len(values) + 1)])
    return pd.DataFrame(
        {
            "site_id": "S02", "time": times, "indicator": indicator, "value": list(values), "unit": "mg/L", "censored": False,
            "qualifier": "", "source_file": "water.csv", "source_row": range(2, 2 + len(values)),
        }
    )  # fmt: skip


def rule(formula: str, **given) -> files.WorkPlan:
    border = files.plans.BorderSection("S02", "421321", "421303")
    compensation = files.Compensation(
        "C1", "补偿", 2021, formula, "万元", {"tp": {"price": 20.0}}, (border,), **given
    )
    return files.WorkPlan(2021, (), compensations=(compensation,))


def account(workspace, rows, formula="price * max(value / limit - 1, 0)", **given):
    return plan.account_compensation(workspace, plan=rule(formula, **given), water=rows, year=2021, month=3)


def test_months_above_the_limit_are_paid_for_and_the_others_cost_nothing(workspace):
    # The limit of class Ⅲ for total phosphorus in rivers is 0.2 mg/L (GB 3838-2002 table 1).
    entries = account(workspace, water(0.3, 0.2, 0.1))
    assert [each.amount for each in entries] == [10.0, 0.0, 0.0]
    assert {each.limit for each in entries} == {0.2}
    assert entries[0].source == "water.csv 第 2 行"


def test_a_month_without_a_value_is_counted_as_missing_and_not_as_nothing(workspace):
    entries = account(workspace, water(0.3, 0.3))
    assert [each.amount for each in entries] == [10.0, 10.0, None]
    table = plan.account_table(entries, counties={"421321": "随县", "421303": "曾都区"})
    row = table.iloc[0]
    assert (row["payer_name"], row["receiver_name"], row["amount"]) == ("随县", "曾都区", 20.0)
    assert (row["months"], row["missing"]) == (2, 1)


def test_better_than_the_base_years_the_lower_county_pays(workspace):
    rows = pd.concat([water(0.2, 0.2, 0.2, year=2020), water(0.1, 0.1, 0.1)])
    entries = account(workspace, rows, formula="price * (value / base - 1)", base_years=(2020,))
    assert [each.amount for each in entries] == [-10.0] * 3
    table = plan.account_table(entries, counties={})
    assert table.loc[0, ["payer", "receiver", "amount"]].tolist() == ["421303", "421321", 30.0]


def test_a_county_sees_its_own_sections_only(workspace):
    def of(adcode):
        given = {"plan": rule("value"), "water": water(0.1), "year": 2021, "month": 1, "adcode": adcode}
        return len(plan.account_compensation(workspace, **given))

    assert (of("421321"), of("421303"), of("421381"), of("421300")) == (1, 1, 0, 1)


@pytest.mark.parametrize(
    ("formula", "value"),
    [("1 + 2 * 3", 7), ("-(2 - 5) / 2", 1.5), ("min(3, 2, 5) + max(0, -1) + abs(-4)", 6), ("a / b", 2)],
)
def test_arithmetic(formula, value):
    assert compute(formula, numbers={"a": 4, "b": 2}, where=Place()) == value


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os').system('true')", "a.__class__", "(lambda: 1)()", "[a for a in (1,)]", "a if a else b", "c + 1", "a / 0", "2 ** 9",
        "'a'", "max()", "a(", "min(a=1)", "True", "+".join(["a"] * 200), "open('x')",
    ],
)  # fmt: skip
def test_anything_but_arithmetic_is_refused(formula):
    with pytest.raises(InputError, match="不能计算"):
        compute(formula, numbers={"a": 4, "b": 2}, where=Place("plan.toml"))


def test_what_the_workspace_does_not_have_is_refused(workspace):
    with pytest.raises(InputError, match="base"):
        account(workspace, water(0.1), formula="value / base")
    broken = files.plans.BorderSection("S99", "421321", "421303")
    for border, word in ((broken, "S99"), (files.plans.BorderSection("S02", "420100", "421303"), "420100")):
        changed = files.Compensation("C1", "补偿", 2021, "value", "万元", {"tp": {}}, (border,))
        with pytest.raises(UnknownNameError, match=word):
            plan.account_compensation(
                workspace,
                plan=files.WorkPlan(2021, (), compensations=(changed,)),
                water=water(0.1),
                year=2021,
                month=1,
            )


def test_more_disposed_of_than_there_was_is_refused_with_the_row(tmp_path):
    folder = tmp_path / "city"
    shutil.copytree(DEMO, folder)
    file = folder / "plan" / "reports_2021.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    changed = [
        line.replace(",处置量,", ",处置量,9") if line.startswith("G4.medical,421381,2021-06-30") else line
        for line in lines
    ]
    assert changed != lines
    file.write_text("\n".join(changed) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"G4\.medical.*大于分母"):
        plan.evaluate_county(files.open_workspace(folder), adcode="421381", year=2021, month=6)
