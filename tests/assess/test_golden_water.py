"""Published rows and bulletins: concentrations in, the published class, multiples, grade out."""

import csv
import re
from pathlib import Path

import pandas as pd
import pytest

from suizhou_geo import assess
from suizhou_geo.conventions import CLASS_LABELS, indicators
from tests.assess.water_rows import tidy

GOLDEN = Path(__file__).parents[1] / "golden"
NUMBERS = {label: number for number, label in CLASS_LABELS.items()}
CODES = {"pH": "ph", "DO": "do", "CODMn": "codmn", "NH3-N": "nh3n", "TP": "tp", "COD": "cod", "BOD5": "bod5"}
FIVE = ("ph", "do", "codmn", "nh3n", "tp")


def _rows(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_suizhou_stations() -> None:
    cases = _rows("water_a1_suizhou_stations.csv")
    records = [{**{code: case[code] for code in (*FIVE, "tn")}, "site_id": case["station"]} for case in cases]
    found = assess.assess_records(tidy(records))
    assert found["class_label"].tolist() == [case["class"] for case in cases]
    ours = [set(limiting.split(",")) for limiting in found["limiting"]]
    assert ours == [{CODES[item] for item in case["limiting"].split(", ")} for case in cases]


def test_platform_rows_with_raw_values() -> None:
    cases = pd.DataFrame(_rows("cases_realtime_class_dev.csv"))
    records = []
    for case in cases.to_dict("records"):
        values = {code: case[f"{code}_raw"] or case[code] for code in FIVE}
        body = "lake" if case["tp_table"] == "lake" else "river"
        records.append({**{code: value or "*" for code, value in values.items()}, "water_body": body})
    found = assess.assess_records(tidy(records))
    cases["ours"] = found["class_label"].tolist()
    reproducible = ~cases["why"].str.startswith("PUBLISHED CLASS CANNOT BE REPRODUCED")
    wrong = cases[reproducible & (cases["ours"] != cases["published_class"])]
    assert wrong[["station", "time", "published_class", "ours"]].values.tolist() == []
    # A negative case: the platform's class contradicts its values, and is not imitated.
    assert (~reproducible).sum() == 1
    assert (cases["ours"] != cases["published_class"])[~reproducible].all()


@pytest.mark.parametrize("case", _rows("water_a2_rounding_decides.csv"), ids=lambda case: case["station"])
def test_rounding_decides(case: dict[str, str]) -> None:
    # One station shows its pH as 6.00 and says only that the raw value is below 6.
    raw = "5.996" if case["raw"].startswith("below 6") else case["raw"]
    rows = tidy([{CODES[case["item"]]: raw, "water_body": "lake" if "lake" in case["station"] else "river"}])
    in_real_time = assess.assess_records(rows, mode="realtime")
    assessed = assess.assess_records(rows, mode="assessment")
    assert in_real_time.loc[0, "class_label"] == case["published"]
    # Its other items, which are not given, make that station Ⅱ.
    assert assessed.loc[0, "class_label"] == ("Ⅰ" if case["item"] == "pH" else case["rounded_first"])


@pytest.mark.parametrize("case", _rows("water_b_exceedance.csv"), ids=lambda case: case["section"])
def test_multiples_against_the_target_class_in_published_order(case: dict[str, str]) -> None:
    implied = re.findall(r"(\w+) ([\d.]+) → (\S+?)(?:;|$)", case["implied"])
    record = {CODES[item]: value for item, value, _ in implied}
    rows = tidy([{**record, "target_class": NUMBERS[case["target"]]}])
    found = assess.assess_records(rows, mode="assessment", reference="target").loc[0]
    published = re.findall(r"(\w+) ([\d.]+)", case["published_multiples"])
    expected = "、".join(
        f"{indicators()[CODES[item]].name}({float(number):.2f})" for item, number in published
    )
    assert found["class_label"] == case["published_class"]
    assert found["exceedance"] == expected
    assert found["verdict"] == "不达标"


@pytest.mark.parametrize("case", _rows("water_c_region_grades.csv"), ids=lambda case: case["case"])
def test_region_grades(case: dict[str, str]) -> None:
    grade = assess.region_grade(ratio_good=float(case["ratio_good"]), ratio_bad=float(case["ratio_bad"]))
    assert grade == case["published_grade"]


def test_mean_of_ph_is_that_of_hydrogen_ion() -> None:
    times = pd.date_range("2021-01-01", periods=6)
    values = [6.5, 7.9, 8.8, 9, 6.78, 8.87]
    means = assess.period_means(
        tidy([{"time": t, "ph": v} for t, v in zip(times, values, strict=True)]), period="month"
    )
    assert round(means.loc[0, "value"], 2) == 7.08
