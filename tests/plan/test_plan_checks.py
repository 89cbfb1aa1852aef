"""Bad plan files and ledgers: ``check`` names each with file, line, key, why and what to do, and says nothing of a good one."""

import json
import re

import openpyxl
import pytest

from suizhou_geo import files, standards
from suizhou_geo.errors import SuizhouGeoError
from suizhou_geo.files.plan_rules import JUDGEMENTS, plan_indicators
from suizhou_geo.plan.observed import AIR_STATISTICS, CONFLICT_COUNTS, SECTION_SHARES
from suizhou_geo.plan.plan_checks import find_plan_mistakes
from suizhou_geo.plan.reported import reported_kinds
from tests.test_cli import run

GOOD = """
[data]
reports = ["plan/ledger.csv"]

[[target]]
id = "G1"
goal = "G1"
name = "优良断面比例"
indicator = "ratio_good"
unit = "%"
target = 90.0
compare = ">="
year = 2027
due = 2027-12-31
counties = ["330502"]
judged_by = "computed"
layer = "sections"

[[target]]
id = "G2"
goal = "G2"
name = "细颗粒物"
indicator = "pm2_5_mean"
unit = "μg/m³"
target = 30.0
year = 2027

[[target]]
id = "G4"
goal = "G4"
name = "医疗废物"
indicator = "medical_waste"
unit = "%"
target = 100.0
year = 2027
judged_by = "computed"

[[target]]
id = "G5"
goal = "G5"
name = "减排"
indicator = "cut_nox"
unit = "%"
target = 10.0
schedule = "linear"
base_year = 2025
year = 2027
judged_by = "scheduled"

[[target]]
id = "T07"
goal = "T07"
name = "排污口"
indicator = "done"
unit = "个"
year = 2027
judged_by = "counted"
layer = "outfalls"
done = { permit_status = ["已审批"] }

[[target]]
id = "T15"
goal = "T15"
name = "党建"
year = 2027
progress = 40
progress_date = 2027-06-30

[[alert]]
id = "W1"
kind = "spike"
name = "突增"
year = 2027
basis = "规则"
indicators = ["tp"]

[[inspection]]
id = "T11"
name = "抽查"
year = 2027
units = "plan/抽查名单_2027.xlsx"
seed = 1
"""

LEDGER = """编号,区划代码,截止日期,数量名称,累计数,来源
G4,330502,2027-03-31,产生量,20,科
G4,330502,2027-03-31,处置量,18,科
"""

#: What is changed in the plan file, the key that is named, and words that must be said.
MISTAKES = {
    "a unit of another pollutant": ('unit = "μg/m³"', 'unit = "mg/m³"', "unit", "单位是 μg/m³"),
    "due before the year": ("due = 2027-12-31", "due = 2026-12-31", "due", "早于"),
    "due on no day": ("due = 2027-12-31", 'due = "年底"', "due", "例如 2021-12-31"),
    "a county of another city": ('["330502"]', '["420100"]', "counties", "330502"),
    "a county as a number": ('["330502"]', "330502", "counties", "文字"),
    "a target as a text": ("target = 90.0", 'target = "90"', "target", "应为一个数"),
    "more than all": ("target = 90.0", "target = 900", "target", "应在 0 与 100 之间"),
    "a cut of everything": ("target = 10.0", "target = 100", "target", "小于 100"),
    "two of one id": ('id = "G2"', 'id = "G1"', "id", "编号重复"),
    "an empty id": ('id = "G1"', 'id = ""', "id", "空的"),
    "an unknown judgement": ('"computed"\nlayer', '"compute"\nlayer', "judged_by", "是否为 computed"),
    "an unknown comparison": ('compare = ">="', 'compare = "=>"', "compare", "可用：>="),
    "a layer that there is not": ('layer = "outfalls"', 'layer = "outfall"', "layer", "是否为 outfalls"),
    "a layer that the workspace lacks": ('layer = "outfalls"', 'layer = "reserves"', "layer", "layers.reserves"),
    "a column that the layer lacks": ("{ permit_status", "{ permit", "done", "不在图层"),
    "an unknown key": ('name = "细颗粒物"', 'nam = "细颗粒物"', "nam", "是否为 name"),
    "a year as a text": ("year = 2027\ndue", 'year = "2027"\ndue', "year", "一个整数"),
    "progress above all": ("progress = 40", "progress = 140", "progress", "0 与 100"),
    "progress without a day": ("progress_date = 2027-06-30\n", "", "progress", "没有日期"),
    "a ledger as a text": ('reports = ["plan/ledger.csv"]', 'reports = "plan/ledger.csv"', "reports", "列表"),
    "one bracket": ('[[inspection]]', "[inspection]", "", "改成 [[inspection]]"),
    "an unknown table": ("[[alert]]", "[[alerts]]", "", "是否为 alert"),
    "an item that nobody measures": ('["tp"]', '["tpp"]', "indicators", "是否为 tp"),
    "a spike of nothing": ('indicators = ["tp"]\n', "", "indicators", "看哪些项目"),
    "a list that is not there": ("抽查名单_2027.xlsx", "none.xlsx", "units", "找不到"),
    "a share above one": ("seed = 1", "seed = 1\nshare = 2.0", "share", "应在 0 与 1 之间"),
    "a target without a unit": ('unit = "%"\ntarget = 90.0', "target = 90.0", "target", "补上 unit"),
    "no number at all": ("target = 90.0", "target = nan", "target", "应为一个数"),
    "an unknown schedule": ('schedule = "linear"', 'schedule = "square"', "schedule", "可用：linear"),
    "an unknown kind of warning": ('kind = "spike"', 'kind = "peak"', "kind", "target_at_risk"),
    "counties in other words": ('["330502"]', '"both"', "counties", "可用：all、city"),
    "a comma for a point": ("target = 90.0", "target = 90,0", "", "TOML"),
}  # fmt: skip

#: The same of ledgers: the row that is named.
LEDGER_MISTAKES = {
    "more than there was": ("处置量,18", "处置量,28", 3, "大于分母"),
    "less than nothing": ("处置量,18", "处置量,-1", 3, "不能为负"),
    "an id that the plan lacks": ("G4,330502,2027-03-31,处置量", "G9,330502,2027-03-31,处置量", 3, "没有这个编号"),
    "an amount that nobody knows": ("处置量", "处理量", 3, "可用："),
    "another city": ("G4,330502,2027-03-31,产生量", "G4,420100,2027-03-31,产生量", 2, "不在工作区中"),
    "no number": ("处置量,18", "处置量,十八", 3, "看不懂"),
    "one amount twice": ("处置量,18", "产生量,18", 3, "已有一行"),
    "a column left out": ("累计数", "累计", None, "缺少列 累计数"),
    "no day": ("2027-03-31,产生量", "三月,产生量", 2, "看不懂"),
}  # fmt: skip


#: What the file alone does not show: it is found when the workspace is looked at.
LATER = {
    "a county of another city", "a layer that the workspace lacks", "a column that the layer lacks", "a list that is not there",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = files.create_workspace(tmp_path_factory.mktemp("city") / "湖州", adcode="330500", year=2027)
    book = openpyxl.load_workbook(root / "layers" / "排污口.xlsx")
    book.active.append(["O1", "排口", 120.1, 30.9, "330502", "T07", "surveyed", "已审批"])
    book.save(root / "layers" / "排污口.xlsx")
    return root


def mistakes(folder, *, text=GOOD, ledger=LEDGER):
    (folder / "plan_2027.toml").write_text(text, encoding="utf-8")
    (folder / "plan" / "ledger.csv").write_text(ledger, encoding="utf-8-sig")
    return find_plan_mistakes(files.open_workspace(folder))


def test_a_good_plan_has_no_mistake(folder):
    assert mistakes(folder) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_line_and_key(folder, name):
    old, new, key, words = MISTAKES[name]
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    found = [error for code, error in mistakes(folder, text=text) if code == "plan_unusable"]
    assert len(found) >= 1
    (error, *_) = [each for each in found if words in str(each)]
    if name in LATER:
        files.read_work_plan(files.open_workspace(folder), year=2027)
    else:
        with pytest.raises(SuizhouGeoError, match=re.escape(found[0].what)):
            files.read_work_plan(files.open_workspace(folder), year=2027)
    assert error.todo
    assert error.where.column == key
    assert error.where.file.endswith("plan_2027.toml")
    if key and key != "reports":
        line = text.splitlines()[error.where.row - 1]
        assert line.startswith((key, "[[")), line


@pytest.mark.parametrize("name", LEDGER_MISTAKES)
def test_a_mistake_of_a_ledger_is_named_with_its_row(folder, name):
    old, new, row, words = LEDGER_MISTAKES[name]
    assert old in LEDGER
    found = mistakes(folder, ledger=LEDGER.replace(old, new, 1))
    (error,) = [each for _, each in found]
    if name != "more than there was":
        workspace = files.open_workspace(folder)
        with pytest.raises(SuizhouGeoError, match=re.escape(error.what)):
            files.read_reports(workspace, plan=files.read_work_plan(workspace, year=2027))
    assert words in str(error)
    assert (error.where.row, error.where.file.endswith("ledger.csv")) == (row, True)


def test_all_mistakes_are_told_at_once(folder):
    text = GOOD.replace("target = 90.0", "target = 900").replace('unit = "μg/m³"', 'unit = "mg/m³"')
    found = mistakes(folder, text=text, ledger=LEDGER.replace("G4,", "G9,"))
    assert [error.where.column for _, error in found] == ["target", "unit", "编号", "编号"]


DOUBTS = {
    "a slip of the pen": ('indicator = "ratio_good"', 'indicator = "ratio_god"', "plan_doubtful", "是否为 ratio_good"),
    "the wrong way round": ("target = 30.0", 'target = 30.0\ncompare = ">="', "plan_doubtful", "通常写 <="),
    "a year outside the five": ("base_year = 2025", "base_year = 2015", "plan_doubtful", "2016–2020"),
    "a layer that there is not": ('layer = "sections"', 'layer = "section"', "plan_doubtful", "是否为 sections"),
    "no target and no word of it": ("target = 90.0\n", "", "plan_unfilled", "没有目标值"),
    "a target from nowhere": ("target = 90.0", 'target = 90.0\nsource = "填写下达文件"', "plan_unfilled", "出处"),
}  # fmt: skip


@pytest.mark.parametrize("name", DOUBTS)
def test_what_can_be_read_but_is_hardly_meant_is_a_warning(folder, name):
    old, new, code, words = DOUBTS[name]
    text = GOOD.replace('goal = "G2"', 'goal = "G2"\njudged_by = "computed"')
    assert old in text
    ((told, error),) = mistakes(folder, text=text.replace(old, new, 1))
    assert told == code
    assert words in str(error)
    assert files.check_rules()[code].severity == "warning"
    files.read_work_plan(files.open_workspace(folder), year=2027)


def test_without_a_comparison_less_dust_is_better(folder):
    mistakes(folder)
    targets = files.read_plan(files.open_workspace(folder), year=2027)
    assert {target.id: target.compare for target in targets}["G2"] == "<="


def test_the_template_offers_all_that_the_plan_computes_and_asks_for_every_figure(tmp_path, capsys):
    root = files.create_workspace(tmp_path / "新", adcode="330500", year=2027)
    targets = files.read_plan(files.open_workspace(root), year=2027)
    assert {target.indicator for target in targets} >= set(plan_indicators())
    assert {target.judged_by for target in targets} == set(JUDGEMENTS)
    assert {target.schedule for target in targets} == {"", "linear", "geometric"}
    assert any(target.target_from for target in targets)
    code, _, _ = run(capsys, "check", str(root), "-o", tmp_path / "problems.json")
    assert code == 1
    problems = json.loads((tmp_path / "problems.json").read_text(encoding="utf-8"))
    assert {each["code"] for each in problems} == {"plan_unfilled"}
    asked = {re.search(r"（(.+?)）", each["expected"]).group(1) for each in problems}
    lines = (root / "plan_2027.toml").read_text(encoding="utf-8").splitlines()
    assert all(lines[each["row"] - 1].startswith("# target = ") for each in problems)
    assert len(asked) == sum(line.startswith("# target = ") for line in lines) > 15


def test_the_list_of_indicators_is_what_the_plan_can_compute():
    own = {*SECTION_SHARES, *CONFLICT_COUNTS, *AIR_STATISTICS, *reported_kinds()}
    others = {"unit_cover", "sections_reporting", "stations_reporting", "compensation"}
    assert set(plan_indicators()) == own | others
    rates = standards.read_table(standards.newest_edition("plan-goals"), name="rates")
    assert all(plan_indicators()[kind]["unit"] in {"%", ""} for kind in rates["kind"])
