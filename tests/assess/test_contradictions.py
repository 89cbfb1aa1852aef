"""Published classes that contradict their values: the six of the published cases, and nothing else in a year."""

from pathlib import Path

from suizhou_geo import assess, files
from tests.assess.water_rows import GOOD, tidy

#: published_cases, A4: station, day, published class, class of the values.
CASES = {
    ("三岔口", "2020-11-04", "Ⅱ", "Ⅰ"),
    ("大屈", "2020-11-04", "Ⅲ", "Ⅴ"),
    ("宗关", "2020-11-04", "Ⅱ", "Ⅲ"),
    ("王江泾", "2020-11-04", "Ⅳ", "Ⅱ"),
    ("泺口", "2021-02-08", "劣Ⅴ", "Ⅱ"),
    ("古北口", "2021-03-29", "Ⅰ", "Ⅱ"),
}


def test_the_published_contradictions_are_flagged_and_no_other(shared_data: Path) -> None:
    rows = files.read_observations(shared_data / "water" / "cnemc_auto_daily_20200508_20210405.csv")
    found = assess.find_contradictions(rows)
    named = rows.drop_duplicates("source_row").set_index("source_row").loc[found["source_row"]]
    flagged = {
        (name, str(time.date()), published, expected.split("（")[0])
        for name, time, published, expected in zip(
            named["site_name"], named["time"], found["published"], found["expected"], strict=True
        )
    }
    assert flagged == CASES


def test_rows_keep_their_class_and_a_rounded_one_fits() -> None:
    fits = tidy([{**GOOD, "platform_class": 2}, {**GOOD, "nh3n": 0.504, "platform_class": 2}])
    assert assess.find_contradictions(fits).empty
    wrong = tidy([{**GOOD, "platform_class": 5}])
    before = wrong.copy()
    assert assess.find_contradictions(wrong)["code"].tolist() == ["class_contradicts"]
    assert wrong.equals(before)


def test_a_file_without_classes_has_none() -> None:
    assert assess.find_contradictions(tidy([GOOD])).empty
