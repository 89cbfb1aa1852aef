"""The plan file against the plan itself: 26 ids, each judged by a rule, by hand, or openly without data."""

import csv
import json
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
import shapely

import suizhou_geo as sg
from suizhou_geo import standards
from tests.plan.cited import DEMO, cited_lines, lines_of

GOALS = [f"G{number}" for number in range(1, 8)]
TASKS = [f"T{number:02d}" for number in range(1, 20)]

#: Goals and tasks that the plan wants computed; the others are typed by hand.
COMPUTED = {*GOALS, "T03", "T05", "T06", "T07", "T08", "T09", "T10", "T11", "T12", "T13", "T14"}

#: Proper names of the plan, and the task that each belongs to.
NAMED_PLACES = {
    "浪河": "T07", "黄家坝渠": "T07", "曾都区创建": "T03", "随县生态文明": "T03", "广水市生态文明": "T03", "张家楼": "T10", "卸甲沟": "T10",
    "双鑫矿业": "T10", "新成皮件": "T10", "运城制版": "T10", "小苗环保": "T10", "麒臻能源": "T09", "骆驼集团贸易": "T09",
}  # fmt: skip


@pytest.fixture(scope="module")
def targets():
    return sg.files.read_plan(sg.files.open_workspace(DEMO), year=2021)


@pytest.fixture(scope="module")
def reports():
    return list(lines_of(DEMO / "plan" / "reports_2021.csv").values())


def test_every_goal_and_task_stands_in_the_file_with_all_that_is_asked(targets):
    assert {target.goal for target in targets} == {*GOALS, *TASKS}
    for target in targets:
        assert target.name, target.id
        assert target.source, target.id
        assert target.needs, target.id
        assert str(target.due) == "2021-12-31", target.id


def test_each_id_has_a_rule_or_is_typed_by_hand_or_says_what_it_needs(targets, board):
    ways = defaultdict(set)
    for target in targets:
        row = board[target.id]
        if target.judged_by == "manual":
            ways[target.goal].add("manual")
        elif row.value is not None:
            ways[target.goal].add("computed")
        else:
            assert f"需要：{target.needs}" in row.note, target.id
            ways[target.goal].add("needed")
    assert set(ways) == {*GOALS, *TASKS}
    assert {goal for goal, found in ways.items() if "computed" in found} == COMPUTED
    assert {goal for goal, found in ways.items() if found == {"manual"}} == {*TASKS} - COMPUTED


def test_no_provincial_figure_is_invented(targets, board):
    hidden = [target for target in targets if "未公开" in target.note and target.verified != "demo"]
    assert len(hidden) >= 9
    for target in hidden:
        assert target.target is None, target.id
        assert board[target.id].state == "unknown" or target.target_from == "last_year", target.id
    assert all(board[target.id].p_attain is None for target in hidden)


def test_reference_rows_hold_figures_of_published_standards(board):
    limits = standards.read_table(standards.find_edition("gb3095-2012"), name="limits")
    text = limits.astype(str).apply(" ".join, axis=1)
    assert any("pm2_5" in row and " 35" in row for row in text)
    assert any("o3_8h" in row and " 160" in row for row in text)
    assert (board["G2.pm2_5_limit"].target, board["T06.o3"].target) == (35, 160)
    schedules = standards.read_table(standards.newest_edition("plan-goals"), name="schedules")
    assert {"18%", "13.5%"} <= {
        word for source in schedules["source"] for word in ("18%", "13.5%") if f"R={word}" in source
    }
    assert (board["G6.co2_national"].target, board["G6.energy_national"].target) == (18, 13.5)


def latest(reports, identity, amount, *, adcode=None, first="2021-01-01", until="2021-06-30"):
    """The sum over counties of the latest reported amount, from the lines of the ledger themselves."""
    found = {}
    for line in sorted(reports, key=lambda line: line["截止日期"]):
        wanted = (
            line["编号"] == identity and line["数量名称"] == amount and adcode in {None, line["区划代码"]}
        )
        if wanted and first <= line["截止日期"] <= until:
            found[line["区划代码"]] = float(line["累计数"])
    assert found, (identity, amount)
    return sum(found.values())


RATES = {
    "G1.sources": (("完成数",), ("计划数",)),
    "G3.farmland": (("优先保护面积", "安全利用面积", "严格管控面积"), ("受污染耕地面积",)),
    "G3.plots": (("符合要求的地块面积",), ("再开发利用地块面积",)),
    "G4.hazardous": (("利用量", "处置量"), ("产生量", "利用处置往年贮存量")),
    "G4.medical": (("处置量",), ("产生量",)),
    "G7.sources": (("收贮处置数",), ("废旧放射源数",)),
}


@pytest.mark.parametrize("identity", RATES)
def test_a_rate_is_that_of_its_ledger_rows(board, reports, identity):
    above, below = (sum(latest(reports, identity, name) for name in names) for names in RATES[identity])
    assert board[identity].value == pytest.approx(100 * above / below, abs=0.005)


def test_a_rate_that_shall_rise_is_held_against_last_year(board, reports):
    above, below = (
        sum(latest(reports, "G3.farmland", name, first="2020-01-01", until="2020-12-31") for name in names)
        for names in RATES["G3.farmland"]
    )
    row = board["G3.farmland"]
    assert row.target == pytest.approx(100 * above / below, abs=0.005)
    assert row.state == ("on_track" if row.value >= row.target else "behind")


COUNTS = (
    "T03.villages", "T05.projects", "T06.vocs", "T06.kilns", "T07.works", "T08.plots", "T09.inspections", "T10.inspections",
    "T11.notices", "T12.items", "T13.double_random",
)  # fmt: skip


@pytest.mark.parametrize("identity", COUNTS)
def test_a_count_is_done_of_planned_and_its_pace_that_of_the_days(board, reports, identity):
    row = board[identity]
    done, planned = (latest(reports, identity, name) for name in ("完成数", "计划数"))
    assert (row.value, row.target) == (done, planned)
    assert row.progress == pytest.approx(100 * done / planned, abs=0.005)
    # 181 of 365 days have passed.
    assert row.required == int(planned * 181 / 365)
    assert row.state == ("met" if done >= planned else "on_track" if done >= row.required else "behind")
    cited = [line for line in cited_lines(row) if line["数量名称"] == "完成数"]
    assert sum(float(line["累计数"]) for line in cited) == done


def test_the_citys_own_plan_of_a_count_is_that_of_the_plan_file(board, reports):
    row = board["T13.damages"]
    assert (row.value, row.target) == (latest(reports, "T13.damages", "完成数"), 2)
    assert board["T05.projects"].target == 49


SCHEDULES = {"G5.nox": (10, 1), "G5.vocs": (10, 1), "G5.cod": (8, 1), "G5.nh3n": (8, 1), "G6.co2": (18, 0), "G6.energy": (13.5, 0)}  # fmt: skip


@pytest.mark.parametrize("identity", SCHEDULES)
def test_a_schedule_is_linear_for_cuts_and_geometric_for_intensities(board, reports, identity):
    target, linear = SCHEDULES[identity]
    own, reference = board[identity], board[f"{identity}_national"]
    achieved = latest(reports, identity, "完成值", adcode="421300")
    assert own.value == reference.value == achieved
    # Half of the first of five years has passed.
    due = target * 0.1 if linear else 100 * (1 - (1 - target / 100) ** 0.1)
    assert reference.required == pytest.approx(due, abs=1e-4)
    assert reference.progress == pytest.approx(100 * achieved / due, abs=0.06)
    assert reference.state == ("on_track" if achieved >= due else "behind")
    assert own.state == "unknown"
    assert own.target is None


def test_accidents_are_counted(board, reports):
    row = board["G7.accidents"]
    assert row.value == latest(reports, "G7.accidents", "数量") == 0
    assert row.state == "on_track"


def test_shares_of_sections_cite_every_row_of_the_year_so_far(board, city):
    lines = cited_lines(board["G1.good_ratio"])
    assert {line["监测时间"] for line in lines} == {f"2021-{month:02d}" for month in range(1, 7)}
    assert len(lines) == 6 * len(city.layer("sections").features)
    classes = [site.section.year_to_date_class for site in city.layer("sections").features]
    for identity, low, high in (("G1.good_ratio", 1, 3), ("G1.bad_ratio", 6, 6)):
        share = 100 * sum(low <= each <= high for each in classes) / len(classes)
        assert board[identity].value == pytest.approx(share, abs=0.05)
        assert 0 <= board[identity].p_attain <= 1


def air_days(board, identity, column):
    days = defaultdict(list)
    for line in cited_lines(board[identity]):
        if line[column] not in {"", "--"}:
            days[line["time"]].append(float(line[column]))
    return [sum(values) / len(values) for values in days.values()]


def test_air_is_that_of_the_cited_rows_and_has_a_chance(board):
    fine = air_days(board, "G2.pm2_5_limit", "pm2_5")
    assert board["G2.pm2_5"].value == board["G2.pm2_5_limit"].value == round(sum(fine) / len(fine))
    ozone = air_days(board, "T06.o3", "o3_8h")
    assert board["T06.o3"].value == pytest.approx(np.percentile(np.round(ozone), 90), abs=1)
    for identity in ("G2.pm2_5_limit", "G2.good_days_national", "T06.o3"):
        assert 0 < board[identity].p_attain < 1
        assert "预测全年" in board[identity].note
    assert "把握八成" in board["G2.pm2_5_limit"].change
    assert "个超标日" in board["G2.good_days_national"].change


def shapes_of(name):
    features = json.loads((DEMO / "layers" / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
    return {each["properties"]["site_id"]: shapely.geometry.shape(each["geometry"]) for each in features}


AREAS = {"T03.redlines": "redlines", "T03.reserves": "reserves", "T07.zones": "water_zones"}


@pytest.mark.parametrize("identity", AREAS)
def test_pressures_inside_protected_areas_are_those_that_a_plain_overlay_finds(board, identity):
    points = shapes_of("outfalls")
    for line in lines_of(DEMO / "layers" / "sources.csv").values():
        points[line["site_id"]] = shapely.Point(float(line["longitude"]), float(line["latitude"]))
    union = shapely.union_all(list(shapes_of(AREAS[identity]).values()))
    assert board[identity].value == sum(union.intersects(point) for point in points.values())
    assert "复核" in board[identity].note


def test_control_units_cover_the_city(board):
    assert board["T03.cover"].value == 100.0


def test_registers_count_their_own_features(board):
    projects = list(lines_of(DEMO / "layers" / "projects.csv").values())
    for identity, task in (("T03.creation", "T03"), ("T07.projects", "T07"), ("T08.projects", "T08")):
        own = [line for line in projects if line["task"] == task]
        row = board[identity]
        assert (row.value, row.target) == (sum(line["status"] == "已完成" for line in own), len(own))
        assert row.required == sum(line["due"] <= "2021-06-30" for line in own)
    outfalls = json.loads((DEMO / "layers" / "outfalls.geojson").read_text(encoding="utf-8"))["features"]
    known = [each["properties"]["permit_status"] in {"已审批", "登记备案"} for each in outfalls]
    assert (board["T07.outfalls"].value, board["T07.outfalls"].target) == (sum(known), len(known))


def test_named_places_are_registered_with_their_task_and_no_position_is_sure(board, city):
    features = [each for kind in ("projects", "sources") for each in city.layer(kind).features]
    for word, task in NAMED_PLACES.items():
        place = next(each for each in features if word in each.name)
        assert place.facts["工作任务"] == task
        assert place.location_quality in {"approximate", "synthetic"}
        assert place.facts["说明"]
    assert (board["T09.places"].value, board["T09.places"].target) == (0, 2)
    assert (board["T10.places"].value, board["T10.places"].target) == (0, 5)


def test_radiation_inspections_are_19_and_21_of_42(board):
    row = board["T11"]
    units = list(lines_of(DEMO / "plan" / "radiation_units_2021.csv").values())
    assert row.target == 40
    workspace = sg.files.open_workspace(DEMO)
    (rule,) = sg.files.read_work_plan(workspace, year=2021).inspections
    drawn = sg.plan.draw_inspections(sg.files.read_units(workspace, inspection=rule), inspection=rule)
    assert drawn["how"].value_counts().to_dict() == {"随机抽取": 21, "全覆盖": 19}
    chosen = [unit for unit in units if unit["单位编号"] in set(drawn["unit_id"])]
    assert row.value == sum("" < unit["检查日期"] <= "2021-06-30" for unit in chosen)


def test_compensation_is_the_formula_over_the_months(board, city):
    prices = {"高锰酸盐指数(mg/L)": (10, 1, 6.0), "氨氮(mg/L)": (10, 1, 1.0), "总磷(mg/L)": (20, 2, 0.2)}
    decimals = {"高锰酸盐指数(mg/L)": 1, "氨氮(mg/L)": 2, "总磷(mg/L)": 3}
    net = 0.0
    for section in ("S02", "S04"):
        total = 0.0
        for header, (price, share, limit) in prices.items():
            years = {year: _months(section, header, year) for year in (2018, 2019, 2020, 2021)}
            base = np.mean([value for year in (2018, 2019, 2020) for value in years[year]])
            for value in years[2021][:6]:
                mean = round(value, decimals[header])
                total += price * max(mean / limit - 1, 0) + share * (mean / base - 1)
        net += abs(total)
    assert board["T13.compensation"].value == pytest.approx(net, abs=0.1)
    assert board["T13.compensation"].value == pytest.approx(
        sum(abs(sum(e.amount for e in city.accounts if e.section == s)) for s in ("S02", "S04")), abs=0.01
    )


def _months(section, header, year):
    lines = lines_of(DEMO / "observations" / f"water_{year}.csv").values()
    cells = [line[header] for line in lines if line["断面编号"] == section]
    return [
        float(cell.rstrip("L")) / (2 if cell.endswith("L") else 1)
        for cell in cells
        if cell not in {"--", "*"}
    ]


def test_the_network_counts_who_reports(board, city):
    silent = [site for site in city.layer("sections").features if site.section.water_class is None]
    assert board["T14.sections"].value == round(
        100 * (1 - len(silent) / len(city.layer("sections").features)), 1
    )
    days = defaultdict(int)
    for line in cited_lines(board["T14.stations"]):
        assert line["time"].startswith("2021-06")
        days[line["site_id"]] += line["pm2_5"] not in {"", "--"}
    assert board["T14.stations"].value == round(100 * sum(n >= 20 for n in days.values()) / len(days), 1)


def test_manual_rows_show_what_was_typed_and_when(board):
    assert board["T02"].progress == 40
    assert "2021-06-30" in board["T02"].note
    assert "尚未填报" in board["T15"].note


def test_the_board_as_a_table_has_the_promised_columns(city, tmp_path):
    table = sg.plan.board_table([city])
    wanted = [
        "id",
        "adcode",
        "indicator",
        "value",
        "unit",
        "target",
        "status",
        "p_attain",
        "progress",
        "due",
        "source",
    ]
    assert [name for name in table.columns if name in wanted] == wanted
    assert len(table) == len(city.targets) + len(city.tasks)
    path = sg.files.write_table(table, path=tmp_path / "board.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        again = {line["id"]: line for line in csv.DictReader(stream)}
    for row in city.tasks:
        assert again[row.id]["value"] == ("" if row.value is None else str(row.value))
    assert pd.Series(table["status"]).isin(sg.conventions.TARGET_WORDS).all()


def test_a_county_has_its_own_rows_and_not_those_of_the_city(evaluate):
    county = evaluate("421321")
    rows = {row.id: row for row in (*county.targets, *county.tasks)}
    assert not [identity for identity in rows if identity.startswith(("G5", "G6"))]
    assert {row.goal for row in rows.values()} == {*GOALS, *TASKS} - {"G5", "G6"}
    assert rows["G2.pm2_5_limit"].state == "unknown"
    assert "需要：站点逐日监测数据" in rows["G2.pm2_5_limit"].note
