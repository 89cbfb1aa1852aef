"""The platform's own JSON: unrounded values from the tooltips, nothing from a file that is cut off."""

import json
from pathlib import Path

import pytest

from suizhou_geo import assess, files
from suizhou_geo.errors import InputError

HEAD = ["省份", "断面名称", "监测时间", "水质类别", "pH<br/><span class='unit'>(无量纲)</span>"]
HEAD += [
    f"{name}<br/><span class='unit'>(mg/L)</span>" for name in ("溶解氧", "高锰酸盐指数", "氨氮", "总磷")
]


def _span(raw: str, shown: str) -> str:
    return f"<span title='原始值：{raw}'>{shown}</span>"


RECORD = [
    "湖北省",
    "<span data-toggle='tooltip' title='所在地市:随州市&#10;所属河流:府河'>平林</span>",
    "08-21 20:00",
    "3",
    *(_span(*pair) for pair in (("7.6", "7.60"), ("8.76", "8.76"), ("2.61", "2.61"), ("0.5002", "0.500"))),
    "<span data-toggle='tooltip' title='当天质控不合格'>--</span>",
]


def _write(folder: Path, answer: object) -> Path:
    path = folder / "answer.json"
    path.write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    return path


def test_unrounded_values_are_read_and_decide(tmp_path: Path) -> None:
    path = _write(tmp_path, {"records": 1616, "thead": HEAD, "tbody": [RECORD]})
    tidy = files.read_observations(path, year=2026)
    values = tidy.set_index("indicator")["value"]
    assert values["nh3n"] == 0.5002
    assert tidy.set_index("indicator").at["tp", "qualifier"] == "missing"
    assert tidy.loc[0, ["site_id", "river", "source_row"]].tolist() == ["湖北省|平林", "府河", 2]
    assert any("1616 条记录中的 1 条" in note for note in tidy.attrs["notes"])
    assert assess.assess_records(tidy).loc[0, ["class", "limiting"]].tolist() == [3, "nh3n"]


def test_a_class_of_minus_one_is_none(tmp_path: Path) -> None:
    path = _write(tmp_path, {"thead": HEAD, "tbody": [[*RECORD[:3], "-1", *RECORD[4:]]]})
    assert files.read_observations(path, year=2026)["platform_class"].isna().all()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (json.dumps({"thead": HEAD, "tbody": [RECORD, RECORD]})[:-40], "不完整或有误"),
        ("[" * 100_000, "嵌套过深|不完整"),
        (json.dumps({"thead": HEAD, "tbody": [RECORD[:-1]]}), "第 2 行"),
        (json.dumps({"rows": []}), "不是水质平台的格式"),
        (json.dumps({"thead": HEAD, "tbody": [[{"a": 1}]]}), "不是水质平台的格式"),
        (json.dumps([1, 2]), "不是水质平台的格式"),
    ],
)
def test_what_is_not_a_whole_answer_is_refused(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "answer.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=match):
        files.read_observations(path, year=2026)


def test_the_platforms_answer_of_2026_is_reproduced(shared_data: Path) -> None:
    tidy = files.read_observations(shared_data / "water" / "cnemc_api_2026-08-21.json", year=2026)
    records = assess.assess_records(tidy, mode="realtime")
    proposals = assess.propose_water_body(records)
    tidy = assess.apply_proposals(tidy, proposals=proposals)
    found = assess.mark_inferred(assess.assess_records(tidy, mode="realtime"), proposals=proposals)
    published = found[found["platform_class"].notna()]
    assert len(published) == 479
    assert (published["class"] == published["platform_class"]).mean() >= 0.999
    assert published["water_body_assumed"].all()
    assert found["note"].str.startswith("水体类型由平台类别推定").sum() == len(proposals)


def test_the_answer_of_2020_that_is_cut_off_is_refused(shared_data: Path) -> None:
    with pytest.raises(InputError, match="第 2156 个字符处中断"):
        files.read_observations(shared_data / "water" / "cnemc_api_2020-06-10.json", year=2020)
