"""Samples of soil: verdicts in the words of the standard, and what cannot be judged."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from suizhou_geo import assess, files
from suizhou_geo.cli import main
from suizhou_geo.errors import InputError

WIDE = """点位编号,采样日期,pH,镉(mg/kg),铅(mg/kg),砷(mg/kg),铜(mg/kg),氟化物(mg/kg)
S1,2021-05-01,5.4,0.30,81,29,51,300
S2,2021-05-01,7.8,4.1,100,21,51,300
S3,2021-05-01,,0.2,90,29,20,300
"""


def _read(folder: Path, text: str, name: str = "土壤.csv", encoding: str = "utf-8") -> pd.DataFrame:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return files.read_observations(path, medium="soil")


def test_paddy_fields_by_the_ph_of_their_sample(tmp_path: Path) -> None:
    frame = assess.assess_soil(_read(tmp_path, WIDE), use="paddy")
    verdicts = frame.set_index(["site_id", "indicator"])["verdict"].to_dict()
    assert verdicts["S1", "cd"] == "不高于筛选值"
    assert verdicts["S1", "pb"] == "高于筛选值"
    assert verdicts["S1", "as"] == "不高于筛选值"
    assert verdicts["S2", "cd"] == "高于管制值"
    assert verdicts["S2", "as"] == "高于筛选值"
    assert verdicts["S2", "cu"] == "不高于筛选值"
    assert "ph" not in set(frame["indicator"])
    assert frame["clause"].str.startswith("GB 15618-2018").all()
    assert frame.loc[frame["verdict"] == "高于管制值", "action"].str.contains("严格管控").all()


def test_without_ph_only_what_holds_in_every_band_is_said(tmp_path: Path) -> None:
    frame = assess.assess_soil(_read(tmp_path, WIDE), use="paddy")
    third = frame[frame["site_id"] == "S3"].set_index("indicator")
    assert third.at["cd", "verdict"] == "不高于筛选值"
    assert "各 pH 档结论相同" in third.at["cd", "note"]
    assert third.at["pb", "verdict"] == "无法判定"
    assert "缺该样品的 pH" in third.at["pb", "note"]
    assert pd.isna(third.at["pb", "screening"])


@pytest.mark.parametrize(
    ("cell", "verdict", "note"),
    [
        ("0.02L", "不高于筛选值", ""),
        ("0.3L", "不高于筛选值", ""),
        ("0.5L", "无法判定", "检出限高于筛选值"),
        ("未检出", "无法判定", "未检出但无检出限"),
        ("--", "无法判定", "缺测"),
        ("0.31", "高于筛选值", ""),
        ("1.5", "高于筛选值", ""),
        ("1.51", "高于管制值", ""),
    ],
)
def test_cells(tmp_path: Path, cell: str, verdict: str, note: str) -> None:
    frame = assess.assess_soil(_read(tmp_path, f"点位编号,pH,镉(mg/kg)\nS1,5.0,{cell}\n"), use="paddy")
    assert frame.loc[0, "verdict"] == verdict
    assert note in frame.loc[0, "note"]


LONG = """点位编号,采样日期,监测项目,监测值,单位
S1,2021-05-01,pH,{first},无量纲
S1,2021-05-01,pH,{second},无量纲
S1,2021-05-01,铅,90,mg/kg
S1,2021-05-01,镉,0.2,mg/kg
"""


@pytest.mark.parametrize(
    ("first", "second", "verdict", "note"),
    [
        ("5.4", "7.8", "无法判定", "该样品有几个 pH（5.4–7.8），不知取哪一个"),
        ("6.4", "6.4", "不高于筛选值", ""),
        ("15.2", "15.2", "无法判定", "该样品的 pH 15.2 不在 0–14 之内"),
    ],
)
def test_a_ph_that_cannot_be_taken_is_not_taken(
    tmp_path: Path, first: str, second: str, verdict: str, note: str
) -> None:
    frame = assess.assess_soil(_read(tmp_path, LONG.format(first=first, second=second)), use="paddy")
    lead, cadmium = (frame.set_index("indicator").loc[item] for item in ("pb", "cd"))
    assert lead["verdict"] == verdict
    assert lead["note"].startswith(note)
    # 0.2 mg/kg lies below the value of every band.
    assert cadmium["verdict"] == "不高于筛选值"
    assert set(frame["verified"]) == {"3 sources"}


def test_two_lines_of_a_wide_table_are_two_samples(tmp_path: Path) -> None:
    text = "点位编号,采样日期,pH,铅(mg/kg)\nS1,2021-05-01,5.4,90\nS1,2021-05-01,7.8,90\n"
    frame = assess.assess_soil(_read(tmp_path, text), use="paddy")
    assert frame[["ph", "verdict"]].values.tolist() == [[5.4, "高于筛选值"], [7.8, "不高于筛选值"]]


def test_construction_land_of_unknown_use_and_natural_background(tmp_path: Path) -> None:
    text = "样品编号,砷(mg/kg),苯并[a]芘(mg/kg),石油烃(C10-C40)(mg/kg),二噁英类(mg/kg)\nB1,61,0.55,5001,0.00002\n"
    frame = assess.assess_soil(_read(tmp_path, text), use="class1").set_index("indicator")
    assert frame["verdict"].to_dict() == {
        "as": "高于筛选值", "benzo_a_pyrene": "不高于筛选值", "petroleum": "高于管制值", "dioxins": "高于筛选值",
    }  # fmt: skip
    assert "背景值" in frame.at["as", "note"]
    industry = assess.assess_soil(_read(tmp_path, text), use="class2").set_index("indicator")
    assert industry.at["dioxins", "verdict"] == "不高于筛选值"


def test_an_item_without_a_value_under_the_standard_is_named(tmp_path: Path) -> None:
    frame = assess.assess_soil(
        _read(tmp_path, "点位编号,pH,镉,六价铬\nS1,6.0,0.1,2\n"), use="other"
    ).set_index("indicator")
    assert frame.at["cr6", "verdict"] == "无法判定"
    assert "GB 15618-2018 没有该项目的限值" in frame.at["cr6", "note"]


def test_units_are_converted_and_unknown_ones_refused(tmp_path: Path) -> None:
    frame = assess.assess_soil(_read(tmp_path, "点位编号,pH,汞(μg/kg)\nS1,6.0,600\n"), use="paddy")
    assert frame.loc[0, ["value", "verdict"]].tolist() == [0.6, "高于筛选值"]
    with pytest.raises(InputError, match="单位“mg/L”无法换算为 mg/kg"):
        _read(tmp_path, "点位编号,pH,汞(mg/L)\nS1,6.0,600\n")


def test_long_tables_gbk_and_dates_outside_every_edition(tmp_path: Path) -> None:
    long = "点位编号,采样日期,监测项目,监测值,单位\nS1,2021-05-01,pH,6.0,无量纲\nS1,2021-05-01,镉,450,μg/kg\n"
    frame = assess.assess_soil(_read(tmp_path, long, encoding="gb18030"), use="paddy")
    assert frame[["ph", "value", "verdict"]].values.tolist() == [[6.0, 0.45, "高于筛选值"]]
    with pytest.raises(InputError, match=r"2017-05-01 没有现行标准.*gb15618-2018"):
        assess.assess_soil(_read(tmp_path, long.replace("2021-05", "2017-05")), use="paddy")
    forced = _read(tmp_path, long.replace("2021-05", "2017-05"))
    assert len(assess.assess_soil(forced, use="paddy", standard="gb15618-2018")) == 1
    with pytest.raises(InputError, match="没有可评价的土壤项目"):
        assess.assess_soil(_read(tmp_path, "点位编号,pH\nS1,6.0\n"), use="paddy")


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.Workbook()
    for row in (["点位名称", "pH", "Cd(mg/kg)", "Hg"], ["甲", 6.2, 0.5, "0.002L"]):
        book.active.append(row)
    book.save(tmp_path / "土壤.xlsx")
    out = tmp_path / "out.csv"
    with pytest.raises(SystemExit) as stopped:
        main(["assess", "soil", str(tmp_path / "土壤.xlsx"), "--use", "paddy", "-o", str(out)])
    assert stopped.value.code == 0
    found = pd.read_csv(out)
    assert {"site_id", "indicator", "value", "screening", "intervention", "verdict"} <= set(found.columns)
    assert found[["indicator", "verdict"]].values.tolist() == [["cd", "高于筛选值"], ["hg", "不高于筛选值"]]
    with pytest.raises(SystemExit) as stopped:
        main(["assess", "soil", str(tmp_path / "土壤.xlsx"), "--use", "park"])
    assert stopped.value.code == 2
    assert "可选：paddy" in capsys.readouterr().err
