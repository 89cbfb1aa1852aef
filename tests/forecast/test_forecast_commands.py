"""``suizhou-geo forecast``, ``backtest`` and ``ledger``: columns, refusals, and what is written down."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from defusedxml import ElementTree

from suizhou_geo.cli import main


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return int(stopped.value.code or 0)


@pytest.fixture
def air(tmp_path: Path) -> Path:
    """Four years of months of twelve cities."""
    random = np.random.default_rng(7)
    times = pd.date_range("2016-01-01", periods=48, freq="MS")
    season = 1 + 0.4 * np.cos(np.arange(48) * np.pi / 6)
    frames = [
        pd.DataFrame(
            {
                "city": f"城{number}",
                "month": times.strftime("%Y-%m"),
                "pm2_5": (level * season * np.exp(random.normal(0, 0.12, 48))).round(1),
            }
        )
        for number, level in enumerate(np.linspace(25, 50, 12))
    ]
    pd.concat(frames).to_csv(tmp_path / "城市.csv", index=False)
    return tmp_path / "城市.csv"


@pytest.fixture
def water(tmp_path: Path) -> Path:
    random = np.random.default_rng(8)
    times = pd.date_range("2017-01-05", periods=48, freq="MS")
    frames = [
        pd.DataFrame(
            {
                "断面名称": name, "监测时间": times.strftime("%Y-%m-%d"), "水体类型": "河流", "目标类别": "Ⅲ",
                "高锰酸盐指数(mg/L)": (3.5 * np.exp(random.normal(0, 0.2, 48))).round(2),
                "总磷(mg/L)": (level * np.exp(random.normal(0, 0.25, 48))).round(3),
            }
        )
        for name, level in (("厉山", 0.1), ("平林", 0.21), ("涢水大桥", 0.3))
    ]  # fmt: skip
    pd.concat(frames).to_csv(tmp_path / "断面.csv", index=False)
    return tmp_path / "断面.csv"


def test_a_mean_with_its_quantiles_and_control_values(air: Path, tmp_path: Path) -> None:
    out = tmp_path / "预测.csv"
    asked = (
        "forecast",
        str(air),
        "--indicator",
        "pm2_5",
        "--year",
        "2019",
        "--known-through",
        "2019-06",
        "--quantiles",
        "99",
    )
    assert _run(*asked, "--limit", "35", "-o", str(out)) == 0
    found = pd.read_csv(out)
    needed = [
        "site_id",
        "indicator",
        "year",
        "known_months",
        "mean",
        "q01",
        "q50",
        "q99",
        "p_attain",
        "remaining_control_p50",
        "remaining_control_p80",
        "skill",
    ]
    assert set(needed) <= set(found.columns)
    assert found["known_months"].eq(6).all()
    assert found.sort_values("mean")["p_attain"].iloc[[0, -1]].tolist() == [1.0, 0.0]
    assert (found["q01"] < found["q50"]).all()
    again = tmp_path / "再.csv"
    assert _run(*asked, "--target", "35", "-o", str(again)) == 0
    assert again.read_bytes() == out.read_bytes()


def test_a_cut_of_the_remaining_months(air: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "情景.csv"
    asked = ("forecast", str(air), "--year", "2019", "--known-through", "2019-06", "--indicator", "pm2_5")
    assert _run(*asked, "--target", "35", "--cut", "20", "-o", str(out)) == 0
    found = pd.read_csv(out)
    assert (found["p_attain_cut"] >= found["p_attain"]).all()
    assert (found.loc[found["cut_p80"] <= 20, "p_attain_cut"] >= 0.8).all()
    assert "全部达标的概率" in capsys.readouterr().err
    assert _run(*asked, "--target", "35", "--cut", "120") == 2
    assert "削减比例 120" in capsys.readouterr().err
    part = tmp_path / "一类源.csv"
    assert _run(*asked, "--target", "35", "--cut", "80", "--share", "25", "-o", str(part)) == 0
    assert pd.read_csv(part)["p_attain_cut"].tolist() == found["p_attain_cut"].tolist()
    capsys.readouterr()
    assert _run(*asked, "--target", "35", "--cut", "10", "--share", "140") == 2
    assert "源的占比 140" in capsys.readouterr().err


def test_the_years_of_a_plan_follow_the_year_in_hand(
    air: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "规划.csv"
    file = tmp_path / "六年.csv"
    rows = pd.read_csv(air)
    earlier = rows.assign(month=(pd.PeriodIndex(rows["month"], freq="M") - 48).astype(str))
    pd.concat([earlier, rows]).to_csv(file, index=False)
    asked = ("forecast", str(file), "--year", "2019", "--known-through", "2019-06", "--indicator", "pm2_5")
    options = ("--target", "35", "--through-year", "2022", "--quantiles", "9", "-o", str(out))
    assert _run(*asked, *options) == 0
    found = pd.read_csv(out)
    assert found.groupby("year")["site_id"].nunique().to_dict() == dict.fromkeys(range(2019, 2023), 12)
    width = (found["q09"] - found["q01"]).groupby(found["years_ahead"]).mean()
    assert (width.loc[1:] > width.loc[0]).all()
    assert found.loc[found["years_ahead"] > 0, "note"].str.contains("不含规划措施").all()
    capsys.readouterr()
    assert _run(*asked, "--target", "35", "--through-year", "2030") == 2
    assert "预测到 2030 年不合理" in capsys.readouterr().err
    short = ("forecast", str(air), *asked[2:])
    assert _run(*short, "--target", "35", "--through-year", "2022") == 2
    assert "多年预测至少要 4 年" in capsys.readouterr().err


def test_regions_are_counted_path_by_path(
    air: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    regions = tmp_path / "分区.csv"
    pd.DataFrame({"city": [f"城{number}" for number in range(12)], "region": ["东"] * 5 + ["西"] * 7}).to_csv(
        regions, index=False
    )
    asked = ("forecast", str(air), "--year", "2019", "--known-through", "2019-06", "--indicator", "pm2_5")
    assert _run(*asked, "--target", "35", "--regions", str(regions), "-o", str(tmp_path / "预测.csv")) == 0
    told = capsys.readouterr().err
    assert "东：5 个站点预计" in told
    assert "西：7 个站点预计" in told


def test_classes_of_sections(water: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "类别.csv"
    asked = ("forecast", str(water), "--year", "2020", "--known-through", "2020-06")
    assert _run(*asked, "--class-target", "3", "-o", str(out)) == 0
    found = pd.read_csv(out).set_index("site_id")
    assert {"p_class_1", "p_class_6", "p_attain", "binding", "binding_share"} <= set(found.columns)
    assert found.at["厉山", "p_attain"] > 0.95
    assert found.at["涢水大桥", "p_attain"] < 0.05
    assert found.at["涢水大桥", "binding"] == "tp"
    assert 0.02 < found.at["平林", "p_attain"] < 0.98
    assert "3 个站点预计" in capsys.readouterr().err
    cleaner = tmp_path / "情景.csv"
    assert _run(*asked, "--class-target", "3", "--cut", "60", "--cut-items", "tp", "-o", str(cleaner)) == 0
    scenario = pd.read_csv(cleaner).set_index("site_id")
    assert scenario.at["平林", "p_attain_cut"] > 0.99 > scenario.at["平林", "p_attain"]
    assert 0 < scenario.at["平林", "cut_p80"] < 60
    assert scenario.at["厉山", "cut_p80"] == 0
    assert _run(*asked, "--class-target", "3", "--cut", "60", "--cut-items", "cod") == 2
    assert "cod 不参评" in capsys.readouterr().err
    own = tmp_path / "自己.csv"
    assert _run(*asked, "--class-target", "0", "-o", str(own)) == 0
    assert pd.read_csv(own)["target_class"].eq(3).all()
    assert _run(*asked) == 2
    assert "--class-target 之一" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--indicator", "pm2_5", "--target", "35", "--known-through", "六月"), "月份“六月”看不懂"),
        (("--indicator", "pm2_5", "--target", "35", "--known-through", "2020-01"), "2020-01 晚于 2019 年"),
        (("--indicator", "pm3", "--target", "35", "--known-through", "2019-06"), "指标“pm3”未知"),
        (("--indicator", "no2", "--target", "40", "--known-through", "2019-06"), "没有 no2 的数据"),
        (("--indicator", "pm2_5", "--target", "-1", "--known-through", "2019-06"), "目标 -1 不合理"),
        (
            ("--indicator", "pm2_5", "--target", "75", "--known-through", "2019-06", "--statistic", "p95"),
            "需要日值",
        ),
        (
            ("--indicator", "pm2_5", "--target", "75", "--known-through", "2019-06", "--statistic", "median"),
            "统计量“median”未知",
        ),
        (
            ("--indicator", "pm2_5", "--target", "35", "--known-through", "2019-06", "--cut-items", "tp"),
            "--cut-items 只用于断面类别",
        ),
        (
            ("--class-target", "3", "--known-through", "2019-06", "--through-year", "2021"),
            "--through-year 只用于年均值",
        ),
        (
            (
                *("--indicator", "pm2_5", "--target", "80", "--known-through", "2019-06"),
                *("--statistic", "good_days", "--through-year", "2021"),
            ),
            "多年预测只用于年均值",
        ),
        (("--indicator", "o3_8h", "--target", "160", "--known-through", "2019-06"), "没有年均值的评价"),
    ],
)
def test_what_cannot_be_forecast_is_told(
    air: Path, options: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("forecast", str(air), "--year", "2019", *options) == 2
    assert told in capsys.readouterr().err


def test_a_complete_year_and_a_short_history(
    air: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "事实.csv"
    asked = ("forecast", str(air), "--indicator", "pm2_5", "--target", "35", "-o", str(out))
    assert _run(*asked, "--year", "2019", "--known-through", "2019-12") == 0
    found = pd.read_csv(out)
    assert set(found["verdict"]) == {"全年已知"}
    assert set(found["p_attain"]) <= {0.0, 1.0}
    assert _run(*asked, "--year", "2017", "--known-through", "2017-03") == 2
    assert "2017 年以前只有 1 年的数据" in capsys.readouterr().err


def test_the_back_test_prints_its_skill(
    air: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "回测.csv"
    regions = tmp_path / "分区.csv"
    regions.write_text(
        "城市,区域\n" + "".join(f"城{n},{'北' if n % 2 else '南'}\n" for n in range(12)), encoding="utf-8"
    )
    assert (
        _run(
            "backtest",
            str(air),
            "--indicator",
            "pm2_5",
            "--target",
            "35",
            "--regions",
            str(regions),
            "--diagram",
            str(tmp_path / "可靠性.svg"),
            "-o",
            str(out),
        )
        == 0
    )
    found = pd.read_csv(out)
    needed = [
        "k",
        "method",
        "crps",
        "brier",
        "log_score",
        "rps",
        "coverage_50",
        "coverage_80",
        "coverage_90",
        "width_90",
        "coverage_min_region",
        "reliability_slope",
        "brier_skill",
        "n",
        "n_eff",
        "low",
        "high",
    ]
    assert set(needed) <= set(found.columns)
    ours = found[found["method"] == "suizhou_geo"]
    assert ours["k"].tolist() == list(range(12))
    assert ours["n_eff"].eq(4).all()
    assert "已知  6 个月：CRPS" in capsys.readouterr().err
    drawn = ElementTree.fromstring((tmp_path / "可靠性.svg").read_text(encoding="utf-8"))
    numbers = [
        float(each.text)
        for each in drawn.iter("{http://www.w3.org/2000/svg}text")
        if each.get("font-size") == "9"
    ]
    assert sum(numbers) == ours["n"].sum()
    wrong = tmp_path / "别的.csv"
    wrong.write_text("a,b\n1,2\n", encoding="utf-8")
    assert _run("backtest", str(air), "--indicator", "pm2_5", "--target", "35", "--regions", str(wrong)) == 2
    assert "分区表缺少站点或分区列" in capsys.readouterr().err


def test_the_ledger_keeps_scores_and_replays(
    air: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said, ledger, scored = tmp_path / "预测.csv", tmp_path / "台账.jsonl", tmp_path / "评分.csv"
    target = ("--indicator", "pm2_5", "--target", "35")
    assert (
        _run(
            "forecast",
            str(air),
            *target,
            "--year",
            "2019",
            "--known-through",
            "2019-06",
            "--quantiles",
            "19",
            "-o",
            str(said),
        )
        == 0
    )
    append = (
        "ledger",
        "append",
        str(ledger),
        str(said),
        *target,
        "--known-through",
        "2019-06",
        "--data",
        str(air),
    )
    assert _run(*append) == 0
    assert _run(*append) == 0
    assert "追加 0 条" in capsys.readouterr().err
    lines = ledger.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 12
    entry = json.loads(lines[0])
    assert {"id", "data_sha256", "tool_version", "known_through", "p_attain", "quantiles"} <= set(entry)
    assert len(entry["quantiles"]) == 19
    assert _run("ledger", "score", str(ledger), "--truth", str(air), "-o", str(scored)) == 0
    table = pd.read_csv(scored)
    assert len(table) == 12
    assert table["brier"].between(0, 1).all()
    assert (
        _run(
            "ledger",
            "replay",
            str(air),
            *target,
            "--year",
            "2019",
            "--on",
            "2019-06-30",
            "-o",
            str(tmp_path / "重放.csv"),
        )
        == 0
    )
    replayed = pd.read_csv(tmp_path / "重放.csv")
    assert replayed["p_attain"].tolist() == pd.read_csv(said)["p_attain"].tolist()
    assert (
        _run(
            "ledger",
            "append",
            str(ledger),
            str(air),
            *target,
            "--known-through",
            "2019-06",
            "--data",
            str(air),
        )
        == 2
    )
    assert "不是预测结果" in capsys.readouterr().err


def test_a_replay_uses_what_had_been_published(air: Path, tmp_path: Path) -> None:
    table = pd.read_csv(air).rename(columns={"city": "site_name", "month": "time"})
    table["available_at"] = (pd.to_datetime(table["time"]) + pd.DateOffset(months=2)).dt.strftime("%Y-%m-%d")
    late = tmp_path / "晚.csv"
    table.to_csv(late, index=False)
    out = tmp_path / "重放.csv"
    target = ("--indicator", "pm2_5", "--target", "35", "--year", "2019")
    assert _run("ledger", "replay", str(late), *target, "--on", "2019-06-30", "-o", str(out)) == 0
    # May and June had been measured, but nobody had published them by then.
    assert pd.read_csv(out)["known_months"].eq(4).all()


def test_the_ledger_keeps_the_edition_and_scores_classes(
    water: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said, ledger, scored = tmp_path / "类别.csv", tmp_path / "台账.jsonl", tmp_path / "评分.csv"
    asked = ("--year", "2020", "--known-through", "2020-06", "--class-target", "3", "-o", str(said))
    assert _run("forecast", str(water), *asked) == 0
    append = ("ledger", "append", str(ledger), str(said), "--known-through", "2020-06", "--data", str(water))
    assert _run(*append, "--indicator", "tp", "--target", "0.2") == 2
    assert "是断面类别的预测" in capsys.readouterr().err
    assert not ledger.exists()
    assert _run(*append, "--statistic", "class", "--target", "3") == 2
    assert _run(*append, "--statistic", "class") == 0
    entry = json.loads(ledger.read_text(encoding="utf-8").splitlines()[0])
    assert entry["standard"] == "GB 3838-2002"
    assert sum(entry["classes"]) == pytest.approx(1)
    assert _run("ledger", "score", str(ledger), "--truth", str(water), "-o", str(scored)) == 0
    table = pd.read_csv(scored).set_index("site_id")
    fact = tmp_path / "事实.csv"
    complete = ("--year", "2020", "--known-through", "2020-12", "--class-target", "3", "-o", str(fact))
    assert _run("forecast", str(water), *complete) == 0
    came = pd.read_csv(fact).set_index("site_id")
    for site, row in table.iterrows():
        assert came.loc[site, f"p_class_{int(row['actual'])}"] == 1
        assert bool(row["attained"]) == (row["actual"] <= 3)
        assert row["brier"] == pytest.approx((row["p_attain"] - row["attained"]) ** 2)
        assert 0 <= row["rps"] <= 5
    assert len(table) == 3


def test_the_back_test_prints_its_marks(
    air: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--indicator", "pm2_5", "--target", "35", "-o", str(tmp_path / "回测.csv"))
    assert _run("backtest", str(air), *asked) == 0
    told = capsys.readouterr().err
    assert "合格标准 45 项，达到" in told
    assert "覆盖率最低的区的 90% 区间覆盖率，全部月数合并：无法计算" in told


def test_an_indicator_is_known_by_every_spelling_a_header_may_have(air: Path, tmp_path: Path) -> None:
    told = []
    for spelling in ("pm2_5", "PM2.5", "细颗粒物"):
        out = tmp_path / "预测.csv"
        options = ("--target", "35", "--year", "2019", "--known-through", "2019-06", "-o", str(out))
        assert _run("forecast", str(air), "--indicator", spelling, *options) == 0
        told.append(out.read_text(encoding="utf-8-sig"))
    assert told[0] == told[1] == told[2]


def test_a_table_that_is_no_ledger_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "水质.csv"
    table.write_bytes("断面,时间,氨氮\n甲,2020-01,0.3\n".encode("gb18030"))
    assert _run("ledger", "score", str(table), "--truth", str(table)) == 2
    shown = capsys.readouterr().err
    assert "台账不是 UTF-8 文本" in shown
    assert "程序内部错误" not in shown
