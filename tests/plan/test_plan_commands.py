"""``plan``, ``warn``, ``compensate`` and ``inspect`` in the terminal: columns, sums, refusals."""

import json

import pandas as pd
import pytest

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
