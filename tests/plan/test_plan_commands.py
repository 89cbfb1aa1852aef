"""``plan``, ``warn``, ``compensate`` and ``inspect`` in the terminal: columns, sums, refusals."""

import json
import shutil

import openpyxl
import pandas as pd
import pytest

from suizhou_geo import files
from suizhou_geo.cli.months import month_of
from tests.conftest import ROOT
from tests.test_cli import run

DEMO = str(ROOT / "data" / "suizhou")
MONTH = ("--year", "2021", "--month", "6")


@pytest.fixture
def evaluated_once(monkeypatch, evaluate):
    monkeypatch.setattr("suizhou_geo.plan.evaluate_county", lambda *_, adcode, **__: evaluate(adcode))


@pytest.mark.usefixtures("evaluated_once")
def test_plan_writes_the_board_of_the_city_and_every_county(capsys, tmp_path):
    out = tmp_path / "board.csv"
    code, _, told = run(capsys, "plan", DEMO, *MONTH, "-o", out)
    assert code == 0
    board = pd.read_csv(out, dtype={"adcode": str})
    assert list(board["adcode"].unique()) == ["421300", "421303", "421321", "421381"]
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
    assert set(wanted) <= set(board.columns)
    assert board.groupby("adcode")["goal"].nunique().to_dict()["421300"] == 26
    assert "26 个目标和任务" in told
    assert "SHA-256" in (tmp_path / "board.csv.provenance.json").read_text(encoding="utf-8")


@pytest.mark.usefixtures("evaluated_once")
def test_warn_lists_dated_warnings_with_their_rule(capsys, tmp_path, evaluate):
    out = tmp_path / "alerts.json"
    code, _, told = run(capsys, "warn", DEMO, *MONTH, "--county", "421381", "-o", out)
    assert code == 0
    rows = json.loads(out.read_text(encoding="utf-8"))["rows"]
    assert len(rows) == len(evaluate("421381").alerts) > 2
    assert all(row["date"] <= row["last"] and row["basis"] for row in rows)
    assert f"{len(rows)} 条" in told


def test_compensate_sums_up_to_what_the_months_say(capsys, tmp_path):
    paths = [tmp_path / "year.csv", tmp_path / "months.csv"]
    for path, extra in zip(paths, ((), ("--monthly",)), strict=True):
        code, _, told = run(capsys, "compensate", DEMO, *MONTH, *extra, "-o", path)
        assert code == 0
        assert "以签订的补偿协议为准" in told
    year, months = (pd.read_csv(path) for path in paths)
    sums = months.groupby("section")["amount"].sum().abs()
    assert year.set_index("section")["amount"].to_dict() == pytest.approx(sums.to_dict(), abs=1e-3)
    assert (year["months"] == 6).all()


def test_inspect_draws_the_same_lot_twice_and_another_with_another_seed(capsys, tmp_path):
    lots = []
    for number, extra in enumerate(((), (), ("--seed", "1"))):
        path = tmp_path / f"{number}.csv"
        code, _, told = run(capsys, "inspect", DEMO, "--year", "2021", *extra, "-o", path)
        assert code == 0
        assert "全覆盖 19 家" in told
        assert "共 40 家" in told
        lots.append(pd.read_csv(path))
    pd.testing.assert_frame_equal(lots[0], lots[1])
    assert set(lots[0]["unit_id"]) != set(lots[2]["unit_id"])
    assert lots[0]["adcode"].is_monotonic_increasing


REFUSED = {
    "a year without a plan": (["compensate", DEMO, "--year", "2020", "--month", "6"], "2020"),
    "no lot of that id": (["inspect", DEMO, "--year", "2021", "--id", "T99"], "T11"),
    "an unknown county": (["warn", DEMO, *MONTH, "--county", "420100"], "420100"),
    "an ending that is none": (["plan", DEMO, *MONTH, "-o", "board.pdf"], ".xlsx"),
    "a month that is none": (["plan", DEMO, "--year", "2021", "--month", "13"], "13"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_is_said(capsys, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    arguments, word = REFUSED[name]
    code, _, told = run(capsys, *arguments)
    assert code == 2
    assert word in told
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def city_without_counties(tmp_path_factory):
    """Xiantao has no counties and stands straight under its province; nothing of it is filled in yet."""
    return files.create_workspace(tmp_path_factory.mktemp("cities") / "仙桃", adcode="429004", year=2024)


def test_a_workspace_without_observations_says_so(capsys, city_without_counties):
    code, _, told = run(capsys, "plan", city_without_counties)
    assert code == 2
    assert "工作区中没有监测数据" in told
    code, _, told = run(capsys, "plan", city_without_counties, "--year", "2023")
    assert code == 2
    assert "没有 2023 年的监测数据" in told


def test_an_empty_list_of_units_is_not_drawn_from_in_silence(capsys, city_without_counties):
    code, _, told = run(capsys, "inspect", city_without_counties, "--year", "2024")
    assert code == 0
    assert "抽查名单_2024.xlsx 中没有单位，无从抽取" in told


def test_a_layer_that_is_lacking_is_named_with_the_remedy(capsys, city_without_counties):
    code, _, told = run(capsys, "site", city_without_counties)
    assert code == 2
    assert "没有图层 rivers（河流）" in told
    assert "[layers.rivers]" in told


def test_a_county_of_elsewhere_is_refused_and_each_known_one_named_once(capsys, city_without_counties):
    code, _, told = run(
        capsys, "plan", city_without_counties, "--year", "2024", "--month", "5", "--county", "429006"
    )
    assert code == 2
    assert told.count("已有：429004。") == 1


def test_the_month_is_that_of_the_air_where_no_water_is_measured(city_without_counties, tmp_path):
    root = tmp_path / "只有空气"
    shutil.copytree(city_without_counties, root)
    book = openpyxl.load_workbook(root / "observations" / "air_2024.xlsx")
    book.active.append(["一中", "2024-03-05", 8, 20, 0.6, 90, 50, 30])
    book.save(root / "observations" / "air_2024.xlsx")
    workspace = files.open_workspace(root)
    assert month_of(workspace, None, None, quiet=True) == (2024, 3)


@pytest.mark.parametrize("command", ["plan", "warn", "trace"])
def test_a_thirteenth_month_is_refused(capsys, city_without_counties, command):
    options = ("--section", "X1") if command == "trace" else ()
    code, _, told = run(capsys, command, city_without_counties, *options, "--year", "2024", "--month", "13")
    assert code == 2
    assert "13 月" in told
    assert "月份应为 1–12" in told
    assert "程序内部错误" not in told


def test_nothing_measured_is_not_nothing_to_warn_of(capsys, city_without_counties):
    code, _, told = run(capsys, "warn", city_without_counties, "--year", "2024", "--month", "5")
    assert code == 0
    assert "0 条：没有监测数据，无从预警" in told
