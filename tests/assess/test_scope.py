"""Which values take part: 5+X, natural background, detection limits above the limit."""

import pandas as pd
import pytest

from suizhou_geo import assess
from suizhou_geo.errors import InputError


def rows(values: dict[str, float], *, site: str = "A", time: str = "2021-03-01", **more) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "site_id": site,
            "site_name": site,
            "time": pd.Timestamp(time),
            "indicator": list(values),
            "value": list(values.values()),
            "censored": False,
            "qualifier": "",
            "source_row": 2,
        }
        | more
    )


FIVE = {"ph": 7.0, "do": 8.0, "codmn": 3.0, "nh3n": 0.2, "tp": 0.05}
PAIR = pd.DataFrame(
    {"site_id": ["A"], "indicator": ["f"], "authority": ["省生态环境厅"], "approved": ["2021-02-01"]}
)


def test_items_outside_five_plus_x_do_not_decide() -> None:
    observed = rows(FIVE | {"cod": 35.0})
    assert assess.assess_records(observed, mode="assessment").loc[0, "class_label"] == "Ⅴ"
    none = pd.DataFrame({"site_id": [], "indicator": []})
    found = assess.assess_records(observed, mode="assessment", items="5+X", extra_items=none).loc[0]
    assert found["class_label"] == "Ⅱ"
    assert "5+X" in found["note"]
    assert "X：无" in found["note"]
    asked = pd.DataFrame({"site_id": ["A"], "indicator": ["cod"]})
    assert (
        assess.assess_records(observed, mode="assessment", items="5+X", extra_items=asked).loc[
            0, "class_label"
        ]
        == "Ⅴ"
    )


def test_x_is_found_in_the_rows_when_it_is_not_given() -> None:
    observed = pd.concat(
        [
            rows(FIVE | {"cod": 35.0, "f": 0.5}, time="2020-06-01"),
            rows(FIVE | {"cod": 16.0, "f": 0.5}, time="2021-06-01"),
        ]
    )
    assert assess.propose_extra_items(observed).values.tolist() == [["A", "cod"]]
    found = assess.assess_sections(observed, period="month", items="5+X")
    assert found["class_label"].tolist() == ["Ⅴ", "Ⅲ"]
    assert found["note"].str.contains("X：化学需氧量").all()


def test_a_stricter_target_makes_more_items_count() -> None:
    observed = rows({"cod": 18.0, "f": 0.5})
    assert assess.propose_extra_items(observed).empty
    strict = assess.propose_extra_items(observed.assign(target_class=2))
    assert strict.values.tolist() == [["A", "cod"]]


def test_natural_background_is_left_out_and_the_class_with_it_stays_beside() -> None:
    observed = rows(FIVE | {"f": 1.8})
    found = assess.assess_records(observed, mode="assessment", background=PAIR).loc[0]
    assert found[["class_label", "class_unadjusted", "verdict"]].tolist() == ["Ⅱ", 6, "达标"]
    assert "自然本底不参评：氟化物" in found["note"]
    monthly = assess.assess_sections(observed, background=PAIR).loc[0]
    assert monthly[["class", "class_unadjusted"]].tolist() == [2, 6]
    other = assess.assess_records(
        observed.assign(site_id="B", site_name="B"), mode="assessment", background=PAIR
    )
    assert other.loc[0, "class"] == 6


def test_background_holds_between_its_dates_only() -> None:
    dated = PAIR.assign(valid_from=pd.Timestamp("2022-01-01"), valid_to=pd.NaT)
    assert assess.assess_records(rows({"f": 1.8}), background=dated).loc[0, "class"] == 6
    later = rows({"f": 1.8}, time="2022-03-01")
    assert assess.assess_records(later, background=dated).loc[0, "verdict"] == "无法判定"


@pytest.mark.parametrize(("column", "named"), [("authority", "批准单位"), ("approved", "批准日期")])
def test_background_without_an_approval_is_refused(column: str, named: str) -> None:
    with pytest.raises(InputError, match=f"A 的 f 缺少 {named}"):
        assess.assess_records(rows({"f": 1.8}), background=PAIR.assign(**{column: ""}))
    with pytest.raises(InputError, match=named):
        assess.assess_records(rows({"f": 1.8}), background=PAIR.drop(columns=column))


def test_a_list_may_name_sections_by_name_unless_two_have_it() -> None:
    observed = rows({"f": 1.8}, site="湖北省|甲", site_name="甲")
    named = PAIR.assign(site_id="甲")
    assert pd.isna(assess.assess_records(observed, background=named).loc[0, "class"])
    twice = pd.concat([observed, rows({"f": 1.8}, site="湖南省|甲", site_name="甲")])
    with pytest.raises(InputError, match="断面名“甲”不止一个"):
        assess.assess_records(twice, background=named)


def test_a_detection_limit_above_the_limit_leaves_the_verdict_open() -> None:
    observed = rows(FIVE | {"hg": 0.0002}, censored=[False] * 5 + [True])
    found = assess.assess_records(observed, mode="assessment").loc[0]
    # Half of 0.0002 would be exactly the limit of class Ⅲ, 0.0001, and pass.
    assert found["verdict"] == "无法判定"
    assert "汞检出限高于所对照的限值" in found["note"]
    monthly = assess.assess_sections(observed).loc[0]
    assert monthly["verdict"] == "无法判定"
    assert "汞有 1 个值的检出限高于限值" in monthly["note"]


def test_a_miss_of_another_item_stands_beside_an_open_one() -> None:
    observed = rows(FIVE | {"tp": 0.9, "hg": 0.0002}, censored=[False] * 5 + [True])
    assert assess.assess_records(observed, mode="assessment").loc[0, "verdict"] == "不达标"


def test_a_detection_limit_on_the_limit_can_be_judged() -> None:
    observed = rows(FIVE | {"hg": 0.0001}, censored=[False] * 5 + [True])
    assert assess.assess_records(observed, mode="assessment").loc[0, "verdict"] == "达标"
    strict = observed.assign(target_class=2)
    assert assess.assess_records(strict, mode="assessment").loc[0, "verdict"] == "无法判定"


def test_an_unknown_item_set_is_refused() -> None:
    with pytest.raises(InputError, match="items 不能是“9\\+X”"):
        assess.assess_records(rows(FIVE), items="9+X")


def test_inputs_are_not_changed() -> None:
    observed = rows(FIVE | {"f": 1.8, "hg": 0.0002}, censored=[False] * 6 + [True])
    before = observed.copy()
    assess.assess_sections(observed, items="5+X", background=PAIR)
    pd.testing.assert_frame_equal(observed, before)
