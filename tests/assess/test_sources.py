"""Wells and drinking-water sources: verdicts, what a detection limit leaves open, shares by number and by intake."""

from pathlib import Path

import pandas as pd
import pytest

from suizhou_geo import assess, files
from suizhou_geo.cli import main
from suizhou_geo.errors import InputError
from tests.assess.water_rows import GOOD, tidy


def _well(**cells: object) -> pd.Series:
    return assess.assess_groundwater(
        tidy([{"site_id": "井", "time": pd.Timestamp("2021-05-01"), **cells}])
    ).iloc[0]


def test_the_worst_item_decides() -> None:
    found = _well(nh3n=0.6, f=1.0, fe=0.2)
    assert found[["class_label", "limiting", "verdict"]].tolist() == ["Ⅳ", "nh3n", "不达标"]
    assert _well(nh3n=0.4)[["class_label", "verdict"]].tolist() == ["Ⅲ", "达标"]
    assert _well(nh3n=2.0)["class"] == 5


def test_a_detection_limit_proves_no_more_than_its_own_class() -> None:
    low = _well(nh3n=0.01, hg="0.00005L")
    assert low[["class", "class_worst", "verdict"]].tolist() == [1, 1, "达标"]
    middle = _well(nh3n=0.01, cd="0.004L")
    assert middle[["class", "class_worst", "verdict"]].tolist() == [1, 3, "达标"]
    assert "镉的检出限 0.004 只能证明不劣于Ⅲ类" in middle["note"]
    high = _well(nh3n=0.01, cd="0.02L")
    assert high[["class", "class_worst", "verdict"]].tolist() == [1, 5, "无法判定"]
    other = _well(nh3n=0.6, cd="0.02L")
    assert other["verdict"] == "不达标"
    undetected = _well(las="0.05L")
    assert undetected["class_worst"] == 1


def test_radioactivity_above_three_is_four_or_five() -> None:
    found = _well(gross_alpha=0.7)
    assert found[["class", "class_worst", "verdict"]].tolist() == [4, 5, "不达标"]
    assert "无法区分Ⅳ、Ⅴ类" in found["note"]


def test_targets_editions_and_dates() -> None:
    assert _well(nh3n=0.4, target_class=2)["verdict"] == "不达标"
    rows = tidy([{"nh3n": 0.4, "time": pd.Timestamp("2016-05-01")}])
    with pytest.raises(InputError, match=r"2016-05-01 没有现行标准.*gbt14848-2017"):
        assess.assess_groundwater(rows)
    assert assess.assess_groundwater(rows, standard="gbt14848-2017").loc[0, "class"] == 3
    with pytest.raises(InputError, match="不是地下水质量标准"):
        assess.assess_groundwater(rows, standard="gb3838-2002")
    with pytest.raises(InputError, match="没有可用于地下水评价的数据"):
        assess.assess_groundwater(tidy([{"chla": 0.1}]))


#: The 20 basic and 5 supplementary items, all well within class Ⅱ.
FULL = {
    **GOOD, "bod5": 2.0, "cu": 0.01, "zn": 0.02, "f": 0.4, "se": 0.001, "as": 0.002, "hg": 0.00002, "cd": 0.0002,
    "cr6": 0.004, "pb": 0.002, "cn": 0.002, "phenol": 0.001, "oil": 0.02, "las": 0.05, "s2": 0.02, "sulphate": 50,
    "chloride": 20, "nitrate": 2, "fe": 0.1, "mn": 0.02,
}  # fmt: skip


def _source(**cells: object) -> pd.Series:
    return assess.assess_sources(tidy([{**FULL, "time": pd.Timestamp("2021-05-10"), **cells}])).iloc[0]


def test_few_items_are_said() -> None:
    found = assess.assess_sources(tidy([{**GOOD, "time": pd.Timestamp("2021-05-10")}])).loc[0]
    assert found["verdict"] == "数据不足(达标趋向)"
    assert "基本项目只有 5 项，应为 20 项，补充项目只有 0 项，应为 5 项" in found["note"]
    failing = assess.assess_sources(tidy([{**GOOD, "nh3n": 1.2, "time": pd.Timestamp("2021-05-10")}])).loc[0]
    assert failing["verdict"] == "不达标"


def test_every_item_above_a_stricter_target_is_named() -> None:
    found = _source(do=5.5, codmn=7.0, nh3n=0.6, tp=0.15, target_class=2)
    assert found["failing"] == "do,codmn,nh3n,tp"


def test_every_table_of_the_standard_can_fail_a_source() -> None:
    assert _source()[["class_label", "verdict", "failing"]].tolist() == ["Ⅱ", "达标", ""]
    assert _source(nh3n=1.2)[["class_label", "verdict", "failing"]].tolist() == ["Ⅳ", "不达标", "nh3n"]
    assert _source(fe=0.31)[["class_label", "verdict", "failing"]].tolist() == ["Ⅱ", "不达标", "fe"]
    assert _source(fe=0.3)["verdict"] == "达标"
    assert _source(benzo_a_pyrene=3e-6)["failing"] == "benzo_a_pyrene"


def test_what_has_no_part_in_the_class_of_a_source() -> None:
    found = _source(cod=35.0, tn=5.0, coliform=90000, temp=30.0)
    assert found[["class_label", "verdict"]].tolist() == ["Ⅱ", "达标"]


def test_a_first_grade_zone_is_held_to_its_class_and_a_looser_target_is_not_taken() -> None:
    zone = _source(nh3n=0.6, target_class=2)
    assert zone[["class_label", "verdict", "failing"]].tolist() == ["Ⅲ", "不达标", "nh3n"]
    assert _source(nh3n=1.2, target_class=4)["verdict"] == "不达标"


def test_a_detection_limit_above_the_limit_leaves_a_source_open() -> None:
    found = _source(vinyl_chloride="0.01L")
    assert found["verdict"] == "无法判定"
    assert "氯乙烯的检出限高于限值" in found["note"]
    assert _source(vinyl_chloride="0.005L")["verdict"] == "达标"
    assert _source(vinyl_chloride="0.01L", fe=0.9)["verdict"] == "不达标"


def test_supplementary_items_alone_have_no_class() -> None:
    rows = tidy([{"fe": 0.2, "time": pd.Timestamp("2021-05-10")}])
    found = assess.assess_sources(rows).loc[0]
    assert pd.isna(found["class"])
    assert found["verdict"] == "无法判定"


def test_wells_are_sources_too_and_the_worst_sample_counts() -> None:
    rows = tidy(
        [
            {"site_id": "井", "water_body": "groundwater", "time": pd.Timestamp(day), "nh3n": value}
            for day, value in (("2021-05-10", 0.3), ("2021-05-20", 0.6), ("2021-06-10", 0.3))
        ]
    )
    found = assess.assess_sources(rows)
    assert found[["period", "verdict", "failing"]].values.tolist() == [
        ["2021-05", "不达标", "nh3n"],
        ["2021-06", "数据不足(达标趋向)", ""],
    ]
    assert set(found["source_type"]) == {"groundwater"}


def test_a_month_of_a_well_has_its_worst_class_and_names_every_failing_item() -> None:
    rows = tidy(
        [
            {"site_id": "井", "water_body": "groundwater", "time": pd.Timestamp(day), **cells}
            for day, cells in (("2021-05-10", {"fe": 2.5, "nh3n": 1.0}), ("2021-05-20", {"mn": 0.2}))
        ]
    )
    found = assess.assess_sources(rows).loc[0]
    assert found["class"] == 5
    assert set(found["failing"].split(",")) == {"fe", "nh3n", "mn"}


def test_a_month_that_nobody_can_judge_has_no_percentage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    water = tmp_path / "水源.csv"
    water.write_text("断面名称,水体类型,监测时间,铁\n水库,湖库,2021-05-10,0.2\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["assess", "source", str(water)])
    told = capsys.readouterr().err
    assert "2021-05：0/0 个达标" in told
    assert "nan" not in told


def _months(verdicts: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "site_id": list(verdicts),
            "site_name": list(verdicts),
            "period": "2021-05",
            "verdict": list(verdicts.values()),
        }
    )


def test_shares_by_number_and_by_intake() -> None:
    months = _months({"A": "达标", "B": "达标", "C": "不达标"})
    volumes = pd.DataFrame({"site_id": ["A", "B", "C"], "volume": [600, 300, 100]})
    found = assess.source_ratios(months, volumes=volumes).loc[0]
    assert found[["ratio_by_count", "ratio_by_volume", "verdict"]].tolist() == [66.7, 90.0, "不达标"]
    without = assess.source_ratios(months, volumes=volumes.iloc[:2]).loc[0]
    assert pd.isna(without["ratio_by_volume"])
    assert "缺取水量，水量达标率无法计算：C" in without["note"]


def test_sources_that_could_not_be_judged_are_in_neither_count() -> None:
    found = assess.source_ratios(_months({"A": "达标", "B": "无法判定"})).loc[0]
    assert found[["n", "ratio_by_count", "verdict"]].tolist() == [1, 100.0, "无法判定"]
    assert "无法判定、未计入：B" in found["note"]


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    water = tmp_path / "水源.csv"
    water.write_text(
        "断面名称,水体类型,监测时间,pH,溶解氧,氨氮,铁(mg/L),苯(μg/L)\n水库,湖库,2021-05-10,7.5,8,0.2,0.2,11\n井,地下水,2021-05-10,7.5,,0.2,0.2,\n",
        encoding="utf-8",
    )
    intake = tmp_path / "取水量.csv"
    intake.write_text("断面名称,取水量(万吨)\n水库,900\n井,100\n", encoding="utf-8")
    out, ratios = tmp_path / "out.csv", tmp_path / "ratios.csv"
    with pytest.raises(SystemExit) as stopped:
        main(
            [
                "assess",
                "source",
                str(water),
                "--volumes",
                str(intake),
                "--ratios",
                str(ratios),
                "-o",
                str(out),
            ]
        )
    assert stopped.value.code == 0
    assert "2021-05：1/2 个达标（50.0%），水量达标率 10.0%" in capsys.readouterr().err
    found = pd.read_csv(out).set_index("site_name")
    assert found["failing"].to_dict()["水库"] == "benzene"
    assert pd.read_csv(ratios).loc[0, "ratio_by_volume"] == 10.0
    with pytest.raises(SystemExit) as stopped:
        main(["assess", "groundwater", str(water), "-o", str(out)])
    assert stopped.value.code == 0
    assert pd.read_csv(out)["class"].tolist() == [4, 3]
    intake.write_text("断面名称,取水量(万吨)\n水库,很多\n", encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main(["assess", "source", str(water), "--volumes", str(intake)])
    assert stopped.value.code == 2
    assert "取水量(万吨)“很多”看不懂" in capsys.readouterr().err


def test_smell_is_there_or_not(tmp_path: Path) -> None:
    path = tmp_path / "井.csv"
    path.write_text(
        "断面名称,监测时间,嗅和味,氨氮\n井1,2021-05-10,无,0.2\n井2,2021-05-10,有,0.2\n", encoding="utf-8"
    )
    found = assess.assess_groundwater(files.read_observations(path))
    assert found["class"].tolist() == [3, 5]
