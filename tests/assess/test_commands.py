"""The commands ``standards`` and ``assess water`` as an analyst runs them."""

import csv
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

TABLE = """断面名称,监测时间,水质类别,pH(无量纲),溶解氧(mg/L),高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L),总氮(mg/L)
甲,2021-04-01 08:00,Ⅱ,7.2,8.0,2.5,0.2,0.05,3.1
甲,2021-04-01 08:00,Ⅱ,7.2,8.0,2.5,0.2,0.05,3.1
甲,2021-04-01 12:00,*,7.2,--,2.5,0.2,0.05,3.1
乙,2021-04-01 08:00,Ⅴ,7.2,8.0,2.5,1.8,0.25,*
"""


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from suizhou_geo.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "水质.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_rows(table: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    done = _run("assess", "water", str(table), "--mode", "realtime", "--period", "row", "-o", str(output))
    assert done.returncode == 0, done.stderr
    assert "平台给出类别 3 条，一致 3（100.00%）" in done.stderr
    assert output.read_bytes().startswith(b"\xef\xbb\xbf")
    found = pd.read_csv(output)
    assert found["source_row"].tolist() == [2, 3, 4, 5]
    assert found["class"].fillna(0).tolist() == [2, 2, 0, 5]
    assert found["exceedance"].fillna("").tolist() == ["", "", "", "氨氮(0.80)、总磷(0.25)"]
    assert found["standard"].unique().tolist() == ["gb3838-2002"]
    promised = (
        "site_id, site_name, period, class, class_label, grade, main_pollutants, exceedance, limiting, n, verdict, "
        "standard, clause, water_body, water_body_assumed, platform_class, agreement, source_row"
    )
    assert set(promised.split(", ")) <= set(found.columns)


@pytest.mark.parametrize(("period", "text"), [("month", "2021-04"), ("quarter", "2021Q2"), ("year", "2021")])
def test_periods(table: Path, tmp_path: Path, period: str, text: str) -> None:
    output = tmp_path / "out.json"
    done = _run("assess", "water", str(table), "--period", period, "-o", str(output))
    assert done.returncode == 0, done.stderr
    rows = json.loads(output.read_text(encoding="utf-8"))["rows"]
    assert {row["site_name"]: (row["period"], row["class"]) for row in rows} == {
        "甲": (text, 2),
        "乙": (text, 5),
    }


def test_sites_table_gives_water_body_and_target(table: Path, tmp_path: Path) -> None:
    sites = tmp_path / "sites.csv"
    sites.write_text("site_name,water_body,target_class\n甲,lake,2\n", encoding="utf-8")
    done = _run("assess", "water", str(table), "--sites", str(sites), "-o", str(tmp_path / "o.csv"))
    assert done.returncode == 0, done.stderr
    first = pd.read_csv(tmp_path / "o.csv").iloc[0]
    assert (first["class"], first["verdict"], first["water_body"]) == (3, "不达标", "lake")
    assert not first["water_body_assumed"]


def test_without_output_a_short_table_is_printed(table: Path) -> None:
    done = _run("assess", "water", str(table), "--quiet")
    assert done.stderr == ""
    assert done.stdout.splitlines()[1].startswith("2,甲,2021-04-01 08:00,Ⅱ,优,")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["assess", "water", "没有.csv"], "没有.csv"),
        (["assess", "water", "TABLE", "--mode", "x"], "assessment、realtime"),
        (["assess", "water", "TABLE", "--period", "week"], "month、quarter、year"),
        (["assess", "water", "TABLE", "--standard", "gb1"], "gb3838-2002"),
        (["assess", "water", "TABLE", "-o", "out.doc"], ".csv"),
        (["standards", "show", "gb1"], "gb3838-2002"),
        (["standards", "on", "2021"], "2021-04-01"),
    ],
)
def test_refusals_are_short_and_chinese(table: Path, arguments: list[str], message: str) -> None:
    done = _run(*[str(table) if each == "TABLE" else each for each in arguments])
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert re.search("[一-鿿]", done.stderr)


def test_standards() -> None:
    everything = _run("standards")
    assert everything.stdout == _run("standards", "list").stdout
    lines = {tuple(row.values()) for row in csv.DictReader(everything.stdout.splitlines())}
    assert {line[:4] for line in lines} >= {
        ("gb3838-2002", "GB 3838-2002", "地表水环境质量标准", "2002-06-01")
    }
    assert {line[-1] for line in lines if line[0] == "gb3838-2002"} == {"已对照原文"}
    assert any(line[-1] == "未核实" for line in lines)
    assert all(all(line[position] for position in (6, 7, 8, 9)) for line in lines)
    assert "mee22-2011" not in _run("standards", "on", "2008-01-01").stdout
    shown = _run("standards", "show", "gb3838-2002").stdout
    assert "tp,lake,mg/L,<=,0.01,0.025,0.05,0.1,0.2" in shown


SERIES = "断面名称,监测时间,氨氮(mg/L),氟化物(mg/L)\n" + "".join(
    f"甲,{year}-0{month}-05,{0.4 + (year - 2014) * 0.15:.2f},1.4\n"
    for year in range(2014, 2022)
    for month in range(1, 8)
)


def test_change_and_trend(tmp_path: Path) -> None:
    path = tmp_path / "水质.csv"
    path.write_text(SERIES, encoding="gb18030")
    output = tmp_path / "change.xlsx"
    done = _run("assess", "change", str(path), "--earlier", "2014", "--later", "2021", "-o", str(output))
    assert done.returncode == 0, done.stderr
    found = pd.read_excel(output).iloc[0]
    assert found[["grade_earlier", "grade_later", "change"]].tolist() == [
        "轻度污染",
        "轻度污染",
        "无明显变化",
    ]
    done = _run("assess", "spearman", str(path))
    rows = {row["indicator"]: row for row in csv.DictReader(done.stdout.splitlines())}
    assert rows["nh3n"]["verdict"] == "显著恶化"
    assert float(rows["nh3n"]["p"]) == pytest.approx(1 / math.factorial(8))
    assert rows["f"]["verdict"] == "无显著变化"
    wrong = _run("assess", "change", str(path), "--earlier", "2013", "--later", "2021")
    assert wrong.returncode == 2
    assert "没有时段“2013”" in wrong.stderr


def test_background_and_items_from_files(tmp_path: Path) -> None:
    path, listed = tmp_path / "水质.csv", tmp_path / "本底.csv"
    path.write_text(SERIES, encoding="utf-8")
    listed.write_text(
        "断面名称,监测项目,批准单位,批准日期\n甲,氟化物,省生态环境厅,2013-05-01\n", encoding="utf-8"
    )
    output = tmp_path / "out.csv"
    common = ("assess", "water", str(path), "--period", "year", "-o", str(output))
    assert _run(*common, "--background", str(listed)).returncode == 0
    found = pd.read_csv(output)
    assert found["class"].iloc[0] == 2
    assert found["class_unadjusted"].iloc[0] == 4
    assert _run(*common, "--items", "5+X", "--extra-items", str(listed)).returncode == 0
    assert pd.read_csv(output)["class"].iloc[0] == 4
    listed.write_text("断面名称,监测项目,批准单位,批准日期\n甲,氟化物,,2013-05-01\n", encoding="utf-8")
    refused = _run(*common, "--background", str(listed))
    assert refused.returncode == 2
    assert "缺少 批准单位" in refused.stderr
    listed.write_text("断面名称,监测项目\n甲,氟化钙\n", encoding="utf-8")
    refused = _run(*common, "--background", str(listed))
    assert refused.returncode == 2
    assert "第 2 行" in refused.stderr
    assert "氟化钙" in refused.stderr
