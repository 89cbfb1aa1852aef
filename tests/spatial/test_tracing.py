"""Suspects: evidence one can follow by hand, planted sources, un-mixing, and the command."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import b_suspects
from suizhou_geo import spatial
from suizhou_geo.cli import main
from suizhou_geo.packaged import packaged_folder
from tests.spatial.test_rivers import LINES, METRIC, rivers, sites

NETWORK = spatial.build_river_network(rivers(LINES, downstream_id=["", "干流", "干流"]), metric_crs=METRIC)

#: 甲 and 乙 on the tributary, 丙 on the other one, 丁 on the main river above both.
PLACES = {"甲": (5_000, 3_000), "乙": (5_000, 2_000), "丙": (8_000, 2_000), "丁": (1_000, 0)}
SECTIONS = sites({"支": (5_000, 500), "上": (3_000, 0), "下": (9_500, 0)}, river=["支流", "干流", "干流"])
SPEED = {"velocity": 0.5, "decay": 0.0}
TRIALS = 200 if os.environ.get("SOAK") else 20


def trace(excess: pd.Series, **changed) -> pd.DataFrame:
    asked = {"sections": SECTIONS, "sources": sites(PLACES), "excess": excess, **SPEED, **changed}
    return spatial.trace_upstream(NETWORK, section="下", **asked).set_index("site_id")


def test_clean_sections_clear_what_lies_above_them() -> None:
    found = trace(pd.Series({"支": 0.0, "上": 0.0, "下": 5.0}))
    assert found.index[0] == "丙"
    assert found.at["丙", "plausibility"] > 0.9
    assert "其下游 支 未见升高" in found.at["甲", "evidence"]
    assert "其下游 上 未见升高" in found.at["丁", "evidence"]
    assert "未见升高" not in found.at["丙", "evidence"]


def test_equal_sources_share_the_suspicion_by_their_loads() -> None:
    # 甲 and 乙 cannot be told apart by where they are: no decay, no section between them.
    found = trace(
        pd.Series({"支": 5.0, "上": 0.0, "下": 5.0}), sources=sites(PLACES, load=[3.0, 1.0, 1.0, 1.0])
    )
    assert found.at["甲", "plausibility"] / found.at["乙", "plausibility"] == pytest.approx(3.0)
    assert found.at["甲", "load"] == 3.0


def test_a_permit_that_is_not_settled_weighs_more_and_is_told() -> None:
    sources = sites(PLACES, permit_status=["已审批", "待核实", "已审批", "已审批"])
    found = trace(pd.Series({"支": 5.0, "上": 0.0, "下": 5.0}), sources=sources)
    assert found.at["乙", "plausibility"] / found.at["甲", "plausibility"] == pytest.approx(1.5)
    assert "许可状态：待核实" in found.at["乙", "evidence"]


def test_the_mix_of_indicators_tells_a_farm_from_a_factory() -> None:
    # What is seen is the mix of 乙, ten of cod to two of nh3n.
    sources = sites(PLACES, load_cod=[10.0] * 4, load_nh3n=[0.2, 2.0, 0.2, 0.2])
    seen = {
        ("支", "cod"): 5.0,
        ("支", "nh3n"): 1.0,
        ("上", "cod"): 0.0,
        ("上", "nh3n"): 0.0,
        ("下", "cod"): 5.0,
        ("下", "nh3n"): 1.0,
    }
    found = trace(pd.Series(seen), sources=sources)
    assert found.index[0] == "乙"
    assert found.at["乙", "mix"] > 3 * found.at["甲", "mix"]
    assert "指纹（化学需氧量、氨氮）吻合" in found.at["乙", "evidence"]


def test_the_months_tell_who_was_working() -> None:
    months = [f"2021-{number:02d}" for number in range(1, 7)]
    pattern = np.array([0.0, 4.0, 0.2, 3.0, 0.1, 5.0])
    keys = pd.MultiIndex.from_product([["支", "上", "下"], ["tp"], months])
    seen = pd.Series(np.concatenate([pattern, 0 * pattern, pattern]), index=keys)
    error = pd.Series(0.4, index=keys)
    reports = pd.DataFrame({"甲": pattern[::-1], "乙": pattern * 7.0}, index=months)
    found = trace(seen, error=error, activity=reports)
    assert found.index[0] == "乙"
    assert "时间吻合" in found.at["乙", "evidence"]
    assert "时间不吻合" in found.at["甲", "evidence"]
    assert "无排放时间记录" in found.at["丙", "evidence"]


def test_reports_of_hours_are_matched_after_the_time_the_water_takes() -> None:
    hours = pd.date_range("2021-06-01", periods=48, freq="h")
    puff = pd.Series(np.where((hours.hour >= 3) & (hours.hour <= 5), 6.0, 0.0), index=hours)
    # From 乙 to 下 it is 6,500 m, 2 h at 0.9 m/s; 甲 discharges the same two hours later than 乙.
    velocity = 6_500 / 7_200
    keys = pd.MultiIndex.from_product([["下"], ["tp"], hours[12:]])
    seen = pd.Series(puff.shift(2).iloc[12:].to_numpy(), index=keys)
    reports = pd.DataFrame({"乙": puff, "甲": puff.shift(2, fill_value=0.0)})
    found = trace(seen, error=pd.Series(0.5, index=keys), activity=reports, velocity=velocity)
    assert found.at["乙", "timing"] > 100 * found.at["甲", "timing"]


def test_two_sources_at_once_are_unmixed_by_non_negative_least_squares() -> None:
    only = sites({name: PLACES[name] for name in ("甲", "丙", "丁")})
    found = trace(
        pd.Series({"支": 6.0, "上": 0.0, "下": 8.0}), sources=only, sections=SECTIONS.assign(discharge=1.0)
    )
    # 6 come down the tributary, the other 2 of 8 from 丙.
    assert found["share"].reindex(["甲", "丙", "丁"]).tolist() == pytest.approx([0.75, 0.25, 0.0], abs=1e-6)
    one = trace(pd.Series({"支": 0.0, "上": 0.0, "下": 8.0}), sources=only)
    assert one["share"].isna().all()


def test_a_month_far_above_the_usual_is_a_change_and_a_steady_excess_is_a_level() -> None:
    months = pd.period_range("2019-01", periods=36, freq="M").astype(str)
    steady = pd.DataFrame({month: {("甲", "tp"): 0.1, ("乙", "tp"): 0.3} for month in months})
    spike = steady.copy()
    spike.loc[("甲", "tp"), "2021-12"] = 0.4
    change, basis = spatial.find_excesses(spike, section="甲", indicator="tp")
    assert basis == "change"
    assert change.at[("甲", "tp", "2021-12"), "excess"] == pytest.approx(0.3)
    assert change["excess"].drop([("甲", "tp", "2021-12")]).to_numpy() == pytest.approx(0.0)
    level, basis = spatial.find_excesses(steady, section="乙", indicator="tp")
    assert basis == "level"
    assert level.xs("乙")["excess"].to_numpy() == pytest.approx(0.2)
    alone, _ = spatial.find_excesses(steady.iloc[1:, -1:], section="乙", indicator="tp")
    assert alone["excess"].tolist() == [0.3]


@pytest.mark.parametrize("kind", ["generated", "demonstration"])
def test_planted_sources_are_among_the_first_three(kind: str) -> None:
    outcomes = b_suspects.run_trials(kind, count=TRIALS)
    hits, chance = b_suspects.found_share(outcomes)
    assert chance < 0.1
    assert min(outcome.suspects for outcome in outcomes) >= 30
    assert min(outcome.rivers for outcome in outcomes) >= 8
    # 80 % of 200; of 20 trials 13 or more with a chance above 95 % if 80 % is true.
    assert hits >= (0.8 if TRIALS == 200 else 0.65)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return int(stopped.value.code or 0)


DEMO = str(packaged_folder("data", "suizhou"))


def test_the_command_ranks_suspects_of_the_demonstration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, quality = tmp_path / "溯源.csv", tmp_path / "河网.csv"
    asked = ("trace", DEMO, "--section", "S03", "--year", "2021", "--month", "6", "-o", str(out))
    assert run(*asked, "--network", str(quality)) == 0
    found = pd.read_csv(out)
    assert found.columns[:7].tolist() == list(spatial.TRACE_COLUMNS)
    assert found["rank"].tolist() == list(range(1, len(found) + 1))
    assert found["plausibility"].sum() == pytest.approx(1.0)
    assert len(found) > 5
    assert found["evidence"].str.contains("单独可解释超标的").all()
    told = capsys.readouterr().err
    assert "缺省值为假设，未核实" in told
    assert "不是认定" in told
    assert {"river", "problem", "distance_m"} <= set(pd.read_csv(quality).columns)
    reports = tmp_path / "执行报告.csv"
    first = found.at[0, "site_id"]
    months = pd.period_range("2020-07", "2021-06", freq="M")
    pd.DataFrame({"site_id": first, "time": [f"{month}-01" for month in months], "排放量": range(12)}).to_csv(
        reports, index=False
    )
    assert run(*asked, "--reports", str(reports)) == 0
    assert pd.read_csv(out).set_index("site_id").at[first, "evidence"].count("时间") == 1


def test_the_command_tells_when_a_spill_arrives(tmp_path: Path) -> None:
    out = tmp_path / "下游.csv"
    asked = ("trace", DEMO, "--section", "S01", "--downstream", "-o", str(out))
    assert run(*asked, "--mass", "500", "--discharge", "20") == 0
    below = pd.read_csv(out)
    assert {"S02", "S03"} <= set(below["site_id"])
    assert below["evidence"].str.contains("→").any()
    assert below["travel_h"].is_monotonic_increasing
    assert (below["arrival_h"] < below["peak_h"]).all()
    assert (below["peak_h"] < below["passed_h"]).all()
    assert below["peak_mg_l"].is_monotonic_decreasing
    assert run(*asked) == 0
    assert "peak_mg_l" not in pd.read_csv(out).columns


def test_the_command_refuses_what_cannot_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("trace", DEMO, "--section", "S03", "--indicator", "do") == 2
    assert "不能溯源" in capsys.readouterr().err
    assert run("trace", DEMO, "--section", "S99") == 2
    assert "S99 在 2021-12 没有 tp 的数据" in capsys.readouterr().err
    assert run("trace", DEMO, "--section", "S01", "--downstream", "--mass", "500") == 2
    assert "只给了泄漏量或流量中的一个" in capsys.readouterr().err
    assert run("trace", DEMO, "--section", "S01", "--mass", "500", "--discharge", "20") == 2
    assert "只用于 --downstream" in capsys.readouterr().err
