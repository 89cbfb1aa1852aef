"""The commands ``standards`` and ``assess water`` as an analyst runs them."""

import json
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
    assert (
        "gb3838-2002,surface-water,GB 3838-2002,地表水环境质量标准,2002-06-01,,已对照原文"
        in everything.stdout
    )
    assert "mee22-2011" not in _run("standards", "on", "2008-01-01").stdout
    shown = _run("standards", "show", "gb3838-2002").stdout
    assert "tp,lake,mg/L,<=,0.01,0.025,0.05,0.1,0.2" in shown
