"""The terminal: exit codes, Chinese messages that name place and remedy, nothing written when refused."""

import json
import shutil

import pandas as pd
import pytest

from suizhou_geo.cli import main
from tests.conftest import ROOT

DEMO = str(ROOT / "data" / "suizhou")
WATER = str(ROOT / "data" / "suizhou" / "observations" / "water_2021.csv")


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        main(list(map(str, arguments)))
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return stopped.value.code, captured.out, captured.err


def test_help_names_every_command(capsys):
    code, out, _ = run(capsys, "--help")
    assert code == 0
    for command in ("demo", "run", "read", "assess", "map", "standards"):
        assert command in out


def test_read_writes_tidy_rows_with_provenance(capsys, tmp_path):
    out = tmp_path / "tidy.csv"
    code, _, _ = run(capsys, "read", WATER, "-o", out)
    assert code == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    tidy = pd.read_csv(out)
    assert {"site_id", "time", "indicator", "value", "unit", "censored", "source_row"} <= set(tidy.columns)
    assert "SHA-256" in (tmp_path / "tidy.csv.provenance.json").read_text(encoding="utf-8")


def test_assess_water_by_year_of_a_workspace_file(capsys, tmp_path):
    out = tmp_path / "classes.xlsx"
    code, _, _ = run(capsys, "assess", "water", WATER, "--mode", "assessment", "--period", "year", "-o", out)
    assert code == 0
    classes = pd.read_excel(out, engine="openpyxl")
    assert set(classes["period"].astype(str)) == {"2021"}
    assert classes["class"].between(1, 6).all()
    assert classes["clause"].str.contains("GB 3838-2002").all()


def test_a_command_stopped_from_the_keyboard_says_so(capsys, monkeypatch):
    def stop(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("suizhou_geo.files.read_observations", stop)
    code, _, shown = run(capsys, "assess", "water", WATER)
    assert code == 130
    assert shown.count("已中断。") == 1


def test_map_writes_one_page(capsys, tmp_path):
    out = tmp_path / "page.html"
    code, shown, _ = run(
        capsys, "map", DEMO, "--county", "421321", "--year", "2021", "--month", "6", "-o", out
    )
    assert code == 0
    assert "截至 6 月" in shown
    assert "://" not in out.read_text(encoding="utf-8")


def test_standards_on_a_date(capsys):
    code, out, _ = run(capsys, "standards", "on", "2021-04-01")
    assert code == 0
    assert "gb3838-2002" in out


REFUSED = {
    "an unknown adcode": (["run", DEMO, "--county", "429999", "--year", "2021", "--month", "6"], ["429999", "421303"]),
    "an unknown adcode for a map": (["map", DEMO, "--county", "429999", "--year", "2021", "--month", "6"], ["429999", "处理"]),
    "an unknown notebook": (["run", DEMO, "--notebook", "overveiw", "--year", "2021", "--month", "6"], ["overveiw", "county_overview"]),
    "an unknown parameter": (["run", DEMO, "-p", "colour=red", "--year", "2021", "--month", "6"], ["colour", "county_overview"]),
    "a parameter that the runner fills in": (["run", DEMO, "-p", "page=x.html", "--year", "2021", "--month", "6"], ["page", "--out"]),
    "no process at all": (["run", DEMO, "--jobs", "0", "--year", "2021", "--month", "6"], ["同时运行 0 个"]),
    "a year without observations": (["run", DEMO, "--year", "2031"], ["2031", "--month"]),
    "a page that is no page": (["map", DEMO, "--year", "2021", "--month", "6", "-o", "x.svg"], ["x.svg", ".html"]),
    "a parameter without a value": (["run", DEMO, "-p", "colour"], ["NAME=VALUE"]),
    "a workspace that is none": (["run", "tests"], ["tests", "workspace.toml"]),
    "a file that is not there": (["read", "没有.csv"], ["没有.csv", "处理"]),
    "an unknown medium": (["read", WATER, "--medium", "fire"], ["fire", "water"]),
    "an unknown period": (["assess", "water", WATER, "--period", "decade"], ["decade", "month"]),
    "an unknown standard": (["assess", "water", WATER, "--standard", "gb1"], ["gb1", "gb3838-2002"]),
    "an output format that there is not": (["read", WATER, "-o", "x.docx"], ["x.docx", ".xlsx"]),
    "an unknown command": (["fly"], ["fly", "--help"]),
    "an unknown option": (["read", WATER, "--fast"], ["--fast"]),
    "a date that is none": (["standards", "on", "2021-13-01"], ["2021-13-01"]),
    "an edition that there is not": (["standards", "show", "gb1"], ["gb1", "gb3838-2002"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_what_cannot_be_done_is_said_in_chinese_with_exit_code_2(capsys, tmp_path, monkeypatch, case):
    monkeypatch.chdir(ROOT)
    arguments, wanted = REFUSED[case]
    extra = ["--out", str(tmp_path / "maps")] if arguments[0] == "run" else []
    code, _, err = run(capsys, *arguments, *extra)
    assert code == 2, err
    assert all(part in err for part in wanted), err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def workspace(tmp_path):
    return shutil.copytree(DEMO, tmp_path / "随州")


DAMAGE = {
    "a layer that is gone": ("layers/redlines.geojson", None, ["layers/redlines.geojson", "处理"]),
    "a layer that is no layer": ("layers/redlines.geojson", "broken", ["redlines.geojson", "处理"]),
    "a table without coordinates": (
        "layers/sources.csv",
        "broken\n1\n",
        ["sources.csv", "longitude", "处理"],
    ),
    "observations of no known column": ("observations/water_2021.csv", "a,b\n1,2\n", ["water_2021.csv"]),
}


@pytest.mark.parametrize("damage", DAMAGE, ids=str)
def test_a_file_that_every_county_needs_is_refused_once_and_nothing_is_written(
    capsys, tmp_path, workspace, damage
):
    name, text, wanted = DAMAGE[damage]
    if text is None:
        (workspace / name).unlink()
    else:
        (workspace / name).write_text(text, encoding="utf-8")
    out = tmp_path / "maps"
    code, _, err = run(capsys, "run", workspace, "--year", "2021", "--month", "6", "--out", out)
    assert code == 2, err
    assert all(part in err for part in wanted), err
    assert not out.exists()


def test_map_takes_the_latest_month_with_water_observations_and_says_so(capsys, tmp_path):
    out = tmp_path / "page.html"
    arguments = ["map", DEMO, "--county", "421321", "--month", "3", "-o", out]
    code, shown, err = run(capsys, *arguments)
    assert code == 0
    assert "按监测数据取 2021 年 3 月" in err
    assert "截至 3 月" in shown
    _, _, err = run(capsys, *arguments, "--quiet")
    assert err == ""


def test_check_lists_every_problem_as_objects(capsys, tmp_path):
    path, out = tmp_path / "水质.csv", tmp_path / "problems.json"
    head = "断面名称,监测时间,水质类别,pH,溶解氧,高锰酸盐指数,氨氮,总磷\n"
    path.write_text(
        f"{head}甲,2021-04-01,Ⅴ,7.2,8.0,2.5,约0.2,0.05\n乙,2021-04-01,Ⅱ,72,8.0,2.5,0.2,0.05\n",
        encoding="utf-8",
    )
    code, _, shown = run(capsys, "check", path, "-o", out)
    assert code == 1
    problems = json.loads(out.read_text(encoding="utf-8"))
    columns = ["code", "severity", "file", "sheet", "row", "column", "value", "expected", "hint"]
    assert [list(problem) for problem in problems] == [columns] * len(problems)
    assert {(problem["code"], problem["row"]) for problem in problems} == {
        ("cell_unreadable", 2), ("class_contradicts", 2), ("out_of_range", 3), ("class_contradicts", 3),
    }  # fmt: skip
    assert "错误 2，警告 2，提示 0" in shown
    assert path.read_text(encoding="utf-8").startswith(head)


def test_check_of_a_clean_file_finds_nothing(capsys, tmp_path):
    path = tmp_path / "水质.csv"
    path.write_text("断面名称,监测时间,氨氮\n甲,2021-04-01,0.2\n", encoding="utf-8")
    code, out, _ = run(capsys, "check", path)
    assert code == 0
    assert out.splitlines() == ["code,severity,file,sheet,row,column,value,expected,hint"]
    code, _, _ = run(capsys, "check", path, "-o", tmp_path / "problems.xlsx")
    assert code == 0


def test_read_writes_the_log_of_its_repairs(capsys, tmp_path):
    path, log = tmp_path / "水质.csv", tmp_path / "changes.csv"
    path.write_text("断面名称,监测时间,氨氮\n甲,2021-04-01,０．２\n", encoding="utf-8")
    code, _, shown = run(capsys, "read", path, "--changes", log, "-o", tmp_path / "tidy.csv")
    assert code == 0
    assert "1 个单元格改读后使用" in shown
    assert pd.read_csv(log, dtype=str)[["row", "column", "before", "after"]].values.tolist() == [
        ["2", "氨氮", "０．２", "0.2"]
    ]


@pytest.mark.parametrize("option", ["-o", "--output=", "--changes"])
def test_a_result_is_never_written_over_the_file_it_was_made_from(capsys, tmp_path, option):
    own = tmp_path / "原始.csv"
    own.write_text("断面,时间,氨氮\n甲,2020-01,０.3\n", encoding="utf-8")
    before = own.read_bytes()
    told = [f"{option}{own}"] if option.endswith("=") else [option, own]
    code, _, shown = run(capsys, "read", own, *told)
    assert code == 2
    assert "就是输入的文件" in shown
    assert own.read_bytes() == before
    # Once more onto an older result is what everybody does.
    for _ in range(2):
        assert run(capsys, "read", own, "-o", tmp_path / "规范表.csv")[0] == 0


def test_a_table_given_as_a_workspace_is_told_what_it_is_not(capsys, tmp_path):
    table = tmp_path / "水质.csv"
    table.write_bytes("断面,时间,氨氮\n甲,2020-01,0.3\n".encode("gb18030"))
    code, _, shown = run(capsys, "plan", table)
    assert code == 2
    assert "不是工作区" in shown
    assert "workspace.toml" in shown


def test_events_that_take_nothing_away_are_told(capsys, tmp_path):
    days, events = tmp_path / "日值.csv", tmp_path / "沙尘.csv"
    dates = pd.date_range("2025-01-01", "2025-12-31").strftime("%Y-%m-%d")
    pd.DataFrame({"城市": "海口市", "日期": dates, "PM10": 40}).to_csv(days, index=False)
    asked = ("assess", "city", days, "--year", "2025", "--exceptional", events)
    for day, silent in (("2019-03-05", True), ("2025-03-05", False)):
        events.write_text(f"日期,污染物\n{day},PM10\n", encoding="utf-8")
        code, _, told = run(capsys, *asked)
        assert code == 0
        assert ("没有剔除任何数据" in told) == silent


def test_a_place_that_cannot_be_written_is_told_in_words_and_nothing_is_left(capsys, tmp_path):
    table = tmp_path / "表.csv"
    table.write_text("断面,时间,氨氮\n甲,2020-01,0.3\n", encoding="utf-8")
    folder = tmp_path / "文件夹.csv"
    folder.mkdir()
    before = sorted(tmp_path.iterdir())
    for place, words in (
        (table / "x.csv", "路径中间的一段是文件"),
        (folder, "这是文件夹，不是文件"),
        (tmp_path / f"{'长' * 200}.csv", "文件名太长"),
    ):
        code, _, told = run(capsys, "read", table, "-o", place)
        assert code == 2
        assert words in told
        assert "Errno" not in told
    assert sorted(tmp_path.iterdir()) == before
