"""What every record of a file gets: a class, a reason for having none, what decided it, and the platform's view."""

from random import Random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suizhou_geo import assess
from suizhou_geo.errors import InputError, UnknownNameError
from tests.assess.water_rows import GOOD, tidy
from tests.strategies import acidities, concentrations, water_bodies


def _one(record: dict[str, object], **choices: str) -> pd.Series:
    return assess.assess_records(tidy([record]), **choices).loc[0]


@pytest.mark.parametrize(
    ("change", "in_real_time", "assessed"),
    [
        ({}, 2, 2),
        ({"tp": "*"}, 2, 2),
        ({"tp": "--"}, None, 2),
        ({"do": "--"}, None, 2),
        ({"do": "*"}, None, 2),
        ({"nh3n": "*", "tp": "*"}, None, 2),
        ({"tn": "--"}, 2, 2),
        ({"tn": 8.0}, 2, 2),
        ({"cod": 45.0}, 6, 6),
        ({"ph": 9.4}, 6, 2),
        ({"station_state": "停站"}, None, 2),
        ({"station_state": "维护"}, 2, 2),
        (dict.fromkeys(GOOD, "--"), None, None),
    ],
)
def test_when_a_record_has_a_class(
    change: dict[str, object], in_real_time: int | None, assessed: int | None
) -> None:
    for mode, expected in (("realtime", in_real_time), ("assessment", assessed)):
        found = _one({**GOOD, **change}, mode=mode)
        if expected is None:
            assert pd.isna(found["class"])
            assert (found["class_label"], found["grade"], found["verdict"]) == ("", "", "无法判定")
        else:
            assert found["class"] == expected


def test_the_platform_of_2026_classifies_what_is_there() -> None:
    lacking = {**GOOD, "nh3n": "--", "time": pd.Timestamp("2026-08-21")}
    assert _one(lacking)["class"] == 2
    assert pd.isna(_one({**lacking, "time": pd.Timestamp("2021-04-05 20:00")})["class"])
    assert _one({**lacking, "time": pd.NaT})["class"] == 2
    assert pd.isna(_one({**lacking, "time": pd.NaT, "station_state": "正常"})["class"])


def test_notes_say_what_is_lacking_and_why() -> None:
    assert "缺项：总磷未监测" in _one({**GOOD, "tp": "*"})["note"]
    assert "溶解氧缺测，平台规则不评价类别" in _one({**GOOD, "do": "--"})["note"]
    assert "氨氮未检出但无检出限" in _one({**GOOD, "nh3n": "nd"})["note"]
    only_tp = _one({"tp": 0.05})["note"]
    assert "pH、溶解氧、高锰酸盐指数、氨氮无数据" in only_tp
    assert "未给目标类别，按Ⅲ类判定" in only_tp
    assert _one({**GOOD, "target_class": 2})["note"] == ""


def test_target_decides_the_verdict_only() -> None:
    found = _one({**GOOD, "tp": 0.15, "target_class": 2})
    assert (found["class"], found["verdict"], found["exceedance"]) == (3, "不达标", "")
    against_target = _one({**GOOD, "tp": 0.15, "target_class": 2}, reference="target")
    assert against_target["exceedance"] == "总磷(0.50)"


def test_metals_first_oxygen_without_number_three_at_most() -> None:
    record = {**GOOD, "do": 1.0, "codmn": 6.6, "nh3n": 1.05, "tp": 0.25, "pb": 0.06}
    found = _one(record)
    assert found["main_pollutants"] == "铅、溶解氧、总磷"
    assert found["exceedance"] == "铅(0.20)、溶解氧、总磷(0.25)"
    assert found["limiting"] == "do"


def test_lake_row_of_phosphorus() -> None:
    assert _one({**GOOD, "water_body": "lake"})["class"] == 3
    assumed = _one(GOOD)
    assert (assumed["class"], assumed["water_body"], assumed["water_body_assumed"]) == (2, "river", True)
    assert _one(GOOD, water_body_default="lake")["class"] == 3


def test_below_detection_is_a_choice_and_is_said_where_it_decides() -> None:
    record = {**GOOD, "phenol": "0.003L"}
    assert _one(record)["class"] == 2
    assert _one(record, below_detection="full")["class"] == 3
    assert "低于检出限的取值方式决定类别" in _one(record)["note"]
    assert "检出限" not in _one({**GOOD, "phenol": "0.0003L"})["note"]


def test_all_rows_come_back_duplicates_too() -> None:
    found = assess.assess_records(tidy([GOOD, GOOD, {**GOOD, "tp": 0.3}]))
    assert found["source_row"].tolist() == [2, 3, 4]
    assert found["class"].tolist() == [2, 2, 4]


def test_a_long_table_is_put_together_by_site_and_time() -> None:
    wide = tidy([GOOD, {**GOOD, "tp": 0.3, "time": pd.Timestamp("2021-04-02")}])
    long = wide.sort_values("indicator").assign(source_row=range(2, 2 + len(wide)))
    found = assess.assess_records(long)
    assert sorted(zip(found["period"], found["class"], strict=True)) == [
        ("2021-04-01 08:00", 2),
        ("2021-04-02 00:00", 4),
    ]
    twice = pd.concat([long, long]).assign(source_row=range(2, 2 + 2 * len(long)))
    assert len(assess.assess_records(twice)) == 4


def test_input_is_not_changed_and_a_cube_gives_the_same() -> None:
    rows = tidy([GOOD, {**GOOD, "site_id": "B", "tp": 0.35}])
    before = rows.copy(deep=True)
    found = assess.assess_records(rows, mode="assessment")
    pd.testing.assert_frame_equal(rows, before)
    cube = rows.pivot(index=["site_id", "time"], columns="indicator", values="value").to_xarray()
    from_cube = assess.assess_records(cube.rename(site_id="site"), mode="assessment")
    assert from_cube["class"].tolist() == found["class"].tolist()


@pytest.mark.parametrize(
    ("rows", "choices", "error", "match"),
    [
        (tidy([GOOD]), {"mode": "slow"}, InputError, "mode 不能是“slow”"),
        (tidy([GOOD]), {"below_detection": "third"}, InputError, "half、full、zero"),
        (tidy([GOOD]), {"standard": "mee22-2011"}, InputError, "不是地表水环境质量标准"),
        (tidy([GOOD]), {"standard": "gb1"}, UnknownNameError, "没有编号为“gb1”"),
        (tidy([{**GOOD, "water_body": "sea"}]), {}, InputError, "water_body 不能是“sea”"),
        (tidy([{"tn": 1.0}]), {}, InputError, "没有可用于评价类别的项目"),
        (tidy([GOOD]).head(0), {}, InputError, "没有可评价的数据"),
        (tidy([GOOD]).drop(columns="value"), {}, InputError, "缺少列 value"),
        (tidy([{**GOOD, "time": pd.Timestamp("2001-05-01")}]), {}, InputError, "2001-05-01 没有现行标准"),
    ],
)
def test_refusals(rows: pd.DataFrame, choices: dict[str, str], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        assess.assess_records(rows, **choices)


ITEMS = st.fixed_dictionaries(
    {
        "ph": acidities,
        "do": concentrations,
        "codmn": concentrations,
        "nh3n": concentrations,
        "tp": concentrations,
    }
)


@settings(max_examples=40, deadline=None)
@given(ITEMS, st.sampled_from(["codmn", "nh3n", "tp", "do"]), st.floats(0, 20), water_bodies)
def test_a_worse_value_never_gives_a_better_class(
    record: dict[str, float], item: str, more: float, body: str
) -> None:
    worse = {**record, item: max(record[item] - more, 0.0) if item == "do" else record[item] + more}
    for mode in assess.MODES:
        found = assess.assess_records(
            tidy([{**each, "water_body": body} for each in (record, worse)]), mode=mode
        )
        assert found.loc[0, "class"] <= found.loc[1, "class"]


@settings(max_examples=20, deadline=None)
@given(st.lists(ITEMS, min_size=2, max_size=6), st.randoms())
def test_the_order_of_rows_does_not_matter(records: list[dict[str, float]], random: Random) -> None:
    rows = tidy(records)
    lines = sorted(rows["source_row"].unique())
    random.shuffle(lines)
    shuffled = pd.concat([rows[rows["source_row"] == line] for line in lines])
    ours = assess.assess_records(rows).set_index("source_row")["class"].sort_index()
    theirs = assess.assess_records(shuffled).set_index("source_row")["class"].sort_index()
    pd.testing.assert_series_equal(ours, theirs)
