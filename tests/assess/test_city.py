"""A year of a city's air: published composite indices, percentiles by hand, validity, exceptional days."""

import csv

import numpy as np
import pandas as pd
import pytest

from suizhou_geo import assess, files, standards
from suizhou_geo.errors import InputError
from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"
ITEMS = {"so2": 8.0, "no2": 20.0, "co": 0.7, "o3_8h": 100.0, "pm10": 50.0, "pm2_5": 30.0}


def rows(name):
    with (GOLDEN / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def year_of(year=2021, *, sites=("A",), days=None, **changed):
    dates = pd.date_range(f"{year}-01-01", f"{year}-12-31")[:days]
    parts = [
        pd.DataFrame({"site_id": site, "time": dates, "indicator": item, "value": changed.get(item, value)})
        for site in sites
        for item, value in ITEMS.items()
    ]
    return pd.concat(parts, ignore_index=True)


def value_of(frame, statistic, pollutant="", **where):
    chosen = frame[(frame["statistic"] == statistic) & (frame["pollutant"] == pollutant)]
    for column, wanted in where.items():
        chosen = chosen[chosen[column] == wanted]
    return chosen.iloc[0]


@pytest.mark.parametrize("row", rows("air_f_composite_index.csv"), ids=lambda row: row["case"])
def test_published_composite_indices(row):
    values = pd.Series({item: float(row[item]) for item in ("so2", "no2", "pm10", "pm2_5", "co", "o3_8h")})
    assert assess.composite_index(values) == float(row["published"])


@pytest.mark.parametrize("row", rows("air_d1_good_days.csv"), ids=lambda row: row["case"])
def test_published_good_day_ratios(row):
    ratio = standards.round_half_even([100 * int(row["good"]) / int(row["valid"])], decimals=1)[0]
    assert ratio == float(row["published_percent"])


@pytest.mark.parametrize("row", rows("e1_year_on_year.csv"), ids=lambda row: row["case"])
def test_published_changes_are_of_rounded_means_rounded_half_even(row):
    assert assess.year_on_year(float(row["new"]), float(row["old"])) == float(row["published_percent"])


@pytest.mark.parametrize("row", rows("air_d1_level_counts.csv"), ids=lambda row: row["case"])
def test_published_counts_of_levels_add_up_to_their_days(row):
    good = sum(int(number) for number in row["good"].split("+"))
    worse = [row[name] for name in ("light", "moderate", "heavy", "severe")]
    known = [int(text.split()[0]) for text in worse if text not in {"–", ""}]
    total = int(row["total"])
    if len(known) == len(worse):
        assert good + sum(known) == total
    else:
        # Published without all levels: what is given cannot exceed the days.
        assert good + sum(known) <= total


def test_a_published_ratio_that_was_cut_off_is_not_ours():
    (row,) = rows("air_d1_truncated.csv")
    ratio = standards.percentages([int(row["good"])], total=int(row["valid"]))[0]
    assert ratio == 79.5
    assert float(row["published_percent"]) == 79.4


def test_percentiles_are_linear_between_ranks():
    # HJ 663 annex A, n = 365, p = 90: X(328) + 0.6 (X(329) − X(328)).
    values = np.arange(1.0, 366.0)
    frame = assess.assess_city(year_of(o3_8h=values), year=2021)
    assert value_of(frame, "p90", "o3_8h")["value"] == round(328 + 0.6)


def test_a_mean_on_the_limit_attains_after_rounding():
    frame = assess.assess_city(year_of(pm2_5=35.4), year=2021)
    row = value_of(frame, "annual_mean", "pm2_5")
    assert (row["value"], row["verdict"]) == (35.0, "达标")
    assert (
        value_of(assess.assess_city(year_of(pm2_5=35.6), year=2021), "annual_mean", "pm2_5")["verdict"]
        == "不达标"
    )


def test_the_same_air_is_judged_by_the_limits_of_its_year():
    old, new = (assess.assess_city(year_of(year, pm2_5=33.0), year=year) for year in (2021, 2027))
    assert value_of(old, "annual_mean", "pm2_5")["verdict"] == "达标"
    assert value_of(new, "annual_mean", "pm2_5")["verdict"] == "不达标"
    again = assess.assess_city(year_of(2027, pm2_5=33.0), year=2027, standard="gb3095-2012")
    assert value_of(again, "annual_mean", "pm2_5")["verdict"] == "达标"
    assert "未核实" in value_of(new, "annual_mean", "pm2_5")["note"]


def test_too_few_days_are_said_with_their_direction():
    row = value_of(assess.assess_city(year_of(days=300), year=2021), "annual_mean", "pm2_5")
    assert row["verdict"] == "数据不足(达标趋向)"
    assert "324" in row["note"]
    assert "11、12 月" in row["note"]


def test_a_city_is_the_mean_of_its_stations_day_by_day():
    both = year_of(sites=("A", "B"))
    both.loc[(both["site_id"] == "B") & (both["indicator"] == "pm2_5"), "value"] = 50.0
    frame = assess.assess_city(both, year=2021)
    assert value_of(frame, "annual_mean", "pm2_5", site_id=assess.CITY)["value"] == 40.0


def test_exceptional_days_give_both_results(tmp_path):
    pm10 = np.full(365, 60.0)
    pm10[[70, 71]] = 800.0
    file = tmp_path / "沙尘.csv"
    file.write_text("日期,类型\n2021-03-12,沙尘\n2021-03-13,沙尘\n", encoding="utf-8")
    frame = assess.assess_city(year_of(pm10=pm10), year=2021, exceptional=files.read_events(file))
    means = {flag: value_of(frame, "annual_mean", "pm10", excluded=flag) for flag in (False, True)}
    assert (means[False]["value"], means[True]["value"]) == (64.0, 60.0)
    assert (means[False]["n_valid"], means[True]["n_valid"]) == (365, 363)
    assert value_of(frame, "good_days", excluded=False)["value"] == 363.0


def test_good_days_of_a_leap_year():
    row = value_of(assess.assess_city(year_of(2024), year=2024), "good_ratio")
    assert (row["value"], row["n_valid"], row["n_total"]) == (100.0, 366, 366)


def test_a_year_without_data_is_refused_with_the_years_that_there_are():
    with pytest.raises(InputError, match=r"2019.*2021"):
        assess.assess_city(year_of(2021), year=2019)


def test_an_events_table_without_days_is_refused(tmp_path):
    file = tmp_path / "沙尘.csv"
    file.write_text("事件\n沙尘\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"沙尘\.csv"):
        files.read_events(file)


def test_every_row_has_one_of_the_verdicts_and_never_a_blank():
    allowed = {"达标", "不达标", "数据不足(达标趋向)", "数据不足(不达标趋向)", "无法判定"}
    for days in (None, 40):
        for period in ("year", "quarter", "month"):
            frame = assess.assess_city(year_of(days=days), year=2021, period=period)
            assert set(frame["verdict"]) <= allowed
            assert (frame.loc[frame["verdict"] != "达标", "note"] != "").all()


def test_few_days_make_percentiles_good_days_and_the_composite_index_say_so():
    frame = assess.assess_city(year_of(days=40), year=2021, good_ratio_target=85)
    assert value_of(frame, "p90", "o3_8h")["verdict"] == "数据不足(达标趋向)"
    assert value_of(frame, "good_ratio")["verdict"] == "数据不足(达标趋向)"
    assert "有效 40 天" in value_of(frame, "good_days")["note"]
    assert "数据不足" in value_of(frame, "composite_index")["note"]


def test_a_target_of_the_good_day_ratio_is_judged_when_it_is_given():
    dirty = year_of(pm2_5=[300.0] * 60 + [20.0] * 305)
    row = value_of(assess.assess_city(dirty, year=2021, good_ratio_target=85), "good_ratio")
    assert (row["value"], row["verdict"]) == (83.6, "不达标")
    assert value_of(assess.assess_city(dirty, year=2021), "good_ratio")["verdict"] == "无法判定"


def test_an_old_standard_brings_its_own_method_and_index():
    frame = assess.assess_city(year_of(2027, pm2_5=70.04), year=2027, standard="gb3095-2012")
    row = value_of(frame, "annual_mean", "pm2_5")
    assert (row["value"], row["standard"]) == (70.0, "gb3095-2012+hj663-2013")
    assert value_of(frame, "good_ratio")["standard"] == "hj633-2012"
    new = value_of(assess.assess_city(year_of(2027, pm2_5=70.04), year=2027), "good_ratio")
    assert (new["value"], new["standard"]) == (0.0, "hj633-2026")
    forced = assess.assess_city(year_of(2027, pm2_5=70.04), year=2027, index_standard="hj633-2012")
    assert value_of(forced, "good_ratio")["value"] == 100.0


def test_the_year_of_the_switch_says_which_rule_holds_for_what():
    frame = assess.assess_city(year_of(2026, pm2_5=70.0), year=2026)
    good = value_of(frame, "good_ratio")
    assert good["value"] == round(100 * 59 / 365, 1)
    assert "HJ 633-2012、HJ 633-2026" in good["note"]
    assert "2026-03-01 施行，全年按年末现行版本" in value_of(frame, "annual_mean", "pm2_5")["note"]


def test_cities_of_one_file_are_not_averaged_into_one():
    both = year_of(sites=("A", "B", "C"))
    both.loc[(both["site_id"] == "C") & (both["indicator"] == "pm2_5"), "value"] = 90.0
    both["assessed_city"] = both["site_id"].map({"A": "甲市", "B": "甲市", "C": "乙市"})
    frame = assess.assess_city(both, year=2021)
    assert value_of(frame, "annual_mean", "pm2_5", site_id="甲市")["value"] == 30.0
    assert "乙市" not in set(frame["site_id"]), "one station is its own city"
    assert assess.CITY not in set(frame["site_id"])


def test_a_city_day_may_need_several_stations():
    both = year_of(sites=("A", "B"))
    both = both[~((both["site_id"] == "B") & (both["time"] > "2021-03-31"))]
    frame = assess.assess_city(both, year=2021, minimum_stations=2)
    assert value_of(frame, "annual_mean", "pm2_5", site_id=assess.CITY)["n_valid"] == 90


def test_months_have_numbers_and_no_annual_verdict():
    frame = assess.assess_city(year_of(days=45), year=2021, period="month")
    january = value_of(frame, "mean", "pm2_5", period="2021-01")
    assert (january["value"], january["n_valid"], january["n_total"]) == (30.0, 31, 31)
    february = value_of(frame, "mean", "pm2_5", period="2021-02")
    assert "2 月有效天数不足" in february["note"]
    assert set(frame["verdict"]) == {"无法判定"}


def test_parks_are_held_against_class_one():
    frame = assess.assess_city(year_of(pm2_5=20.0), year=2021, area_class=1)
    assert value_of(frame, "annual_mean", "pm2_5")["verdict"] == "不达标"
    with pytest.raises(InputError, match="功能区"):
        assess.assess_city(year_of(), year=2021, area_class=3)


def test_the_largest_part_of_the_composite_index_is_named_and_the_new_divisors_are_an_option():
    frame = assess.assess_city(year_of(2027), year=2027)
    largest = value_of(frame, "composite_max", "pm2_5")
    assert largest["value"] == 0.86
    stage1 = value_of(frame, "composite_index_stage1")
    assert stage1["value"] > value_of(frame, "composite_index")["value"]
    assert "未核实" in stage1["note"]
    assert "composite_index_stage1" not in set(assess.assess_city(year_of(), year=2021)["statistic"])


def test_events_of_a_station_or_a_pollutant_take_nothing_else_away(tmp_path):
    file = tmp_path / "例外.csv"
    file.write_text("日期,站点编码,污染物,类型,批准单位\n2021-03-12,A,PM10,沙尘,国家\n", encoding="utf-8")
    events = files.read_events(file)
    assert events.loc[0, ["site_id", "indicator", "kind", "authority"]].tolist() == [
        "A",
        "pm10",
        "沙尘",
        "国家",
    ]
    frame = assess.assess_city(year_of(sites=("A", "B")), year=2021, exceptional=events)
    counts = {
        (site, item): value_of(frame, "annual_mean", item, site_id=site, excluded=True)["n_valid"]
        for site in ("A", "B")
        for item in ("pm10", "pm2_5")
    }
    assert counts == {("A", "pm10"): 364, ("A", "pm2_5"): 365, ("B", "pm10"): 365, ("B", "pm2_5"): 365}
    told = value_of(frame, "good_ratio", site_id="A", excluded=True)["note"]
    assert "月报：优良天数比例和重污染天数比例保留沙尘" in told
    file.write_text("日期,污染物\n2021-03-12,花粉\n", encoding="utf-8")
    with pytest.raises(InputError, match="花粉"):
        files.read_events(file)


def test_ranks_share_a_place_and_leave_the_next_one_out():
    # Hubei 2023: 1, 2, 3, 4, 5, 5, 7.
    ranks = assess.rank_values(pd.Series([2.9, 3.0, 3.1, 3.2, 3.3, 3.3, 3.4]))
    assert ranks.tolist() == [1, 2, 3, 4, 5, 5, 7]


def test_the_worsening_list_leaves_out_cities_that_attain_everything():
    base, now = pd.Series({"甲": 3.0, "乙": 4.0, "丙": 5.0}), pd.Series({"甲": 3.6, "乙": 4.4, "丙": 4.5})
    table = assess.rank_changes(now, base, all_attained=pd.Series({"甲": True, "乙": False, "丙": False}))
    assert table["change"].to_dict() == {"甲": 20.0, "乙": 10.0, "丙": -10.0}
    assert table["rank"].to_dict() == {"甲": 3, "乙": 2, "丙": 1}
    assert table["rank_worsening"].fillna(0).to_dict() == {"甲": 0, "乙": 1, "丙": 2}
    with pytest.raises(InputError, match="只有一个时段有：丁"):
        assess.rank_changes(now, pd.Series({"甲": 3.0, "乙": 4.0, "丁": 5.0, "丙": 5.0}))


def test_cities_are_ranked_by_their_composite_index():
    both = year_of(sites=("甲市", "乙市"))
    both.loc[(both["site_id"] == "甲市") & (both["indicator"] == "pm2_5"), "value"] = 60.0
    both["assessed_city"] = both["site_id"]
    table = assess.rank_cities(assess.assess_city(both, year=2021))
    assert table[["site_id", "rank"]].values.tolist() == [["乙市", 1], ["甲市", 2]]


def test_the_second_stage_brings_the_method_and_index_of_2026_to_earlier_years():
    # GB 3095-2026 stage 2, HJ 663-2026 and HJ 633-2026 are one set; PM2.5 of 60.6 is above 100 since 2026 only.
    frame = assess.assess_city(year_of(2025, pm2_5=60.6), year=2025, standard="gb3095-2026-stage2")
    assert set(frame["standard"]) == {"gb3095-2026-stage2+hj663-2026", "hj633-2026", "mep64-2014"}
    assert value_of(frame, "good_days")["value"] == 0.0


def test_events_that_leave_nothing_still_give_both_results():
    days = pd.DataFrame({"time": pd.date_range("2021-01-01", "2021-12-31"), "indicator": "pm10"})
    for events in (days, days.drop(columns="indicator")):
        frame = assess.assess_city(year_of(), year=2021, exceptional=events)
        with_, without = (frame[frame["excluded"] == excluded] for excluded in (False, True))
        assert len(with_) == len(without)
        row = value_of(frame, "annual_mean", "pm10", excluded=True)
        assert (row["n_valid"], row["verdict"], row["note"]) == (0, "无法判定", "剔除后没有有效数据")
        assert np.isnan(row["value"])
        assert frame["n_valid"].dtype.kind == "i"


def test_events_find_sites_that_are_numbers_and_cities_that_are_sites():
    days = pd.to_datetime(["2021-03-12", "2021-03-13"])
    named = year_of(sites=(1, 2)).assign(site_name=lambda rows: rows["site_id"].map({1: "甲市", 2: "乙市"}))
    for events in (
        pd.DataFrame({"time": days, "site_id": [1, 1]}),
        pd.DataFrame({"time": days.tz_localize("Asia/Shanghai"), "city": "甲市"}),
        pd.DataFrame({"time": days[[0, 0, 1]], "site_id": [1, 1, np.nan], "city": [None, None, "甲市"]}),
    ):
        frame = assess.assess_city(named, year=2021, exceptional=events)
        counts = [value_of(frame, "annual_mean", "pm10", site_id=s, excluded=True)["n_valid"] for s in (1, 2)]
        assert counts == [363, 365]


def test_a_list_of_events_that_meets_nothing_says_so():
    events = pd.DataFrame({"time": pd.to_datetime(["2021-03-12"]), "city": ["别处"]})
    frame = assess.assess_city(year_of(), year=2021, exceptional=events)
    assert frame["note"].str.contains("例外事件清单没有涉及这里的数据").tolist() == frame["excluded"].tolist()
    with pytest.raises(InputError, match="例外事件表缺少列 time"):
        assess.assess_city(year_of(), year=2021, exceptional=events.drop(columns="time"))


def test_good_days_say_how_many_have_pollutants_missing():
    # HJ 633-2012 reckons the index of what is there; the count must not look like one of six pollutants.
    rows = year_of()
    rows = rows[(rows["indicator"] != "o3_8h") | (rows["time"] >= pd.Timestamp("2021-01-11"))]
    row = value_of(assess.assess_city(rows, year=2021, good_ratio_target=80.0), "good_ratio")
    assert (row["n_valid"], row["verdict"]) == (365, "达标")
    assert "其中 10 天缺项，AQI 按其余项目计算" in row["note"]
    assert "缺项" not in value_of(assess.assess_city(year_of(), year=2021), "good_ratio")["note"]


def test_days_with_a_clock_are_refused_with_the_reason():
    rows = year_of().assign(time=lambda rows: rows["time"] + pd.Timedelta(hours=12))
    with pytest.raises(InputError, match=r"按小时数据处理.*只写日期"):
        assess.assess_city(rows, year=2021)


def test_stations_without_a_city_belong_to_none_and_a_city_is_no_station():
    cities = {"A": "甲市", "B": "甲市", "C": None, "D": np.nan}
    rows = year_of(sites=tuple(cities))
    rows = rows.assign(assessed_city=rows["site_id"].map(cities))
    for column in (rows["assessed_city"].astype(object), rows["assessed_city"].astype("string")):
        frame = assess.assess_city(rows.assign(assessed_city=column), year=2021)
        assert frame["site_id"].unique().tolist() == ["A", "B", "C", "D", "甲市"]
    both = year_of(sites=("甲市", "B")).assign(assessed_city="甲市")
    with pytest.raises(InputError, match="“甲市”与城市同名"):
        assess.assess_city(both, year=2021)


@pytest.mark.parametrize("year", [0, 20255, 2025.0, "2025"])
def test_a_year_that_is_none_is_refused(year):
    with pytest.raises(InputError, match=f"年份不能是 {year}"):
        assess.assess_city(year_of(), year=year)


def test_the_exceedance_multiple_is_rounded_half_to_even():
    # Wuhan 2024 (published): O3 164 against 160 of class 2 is (164 − 160)/160 = 0.025, printed as 0.02.
    frame = assess.assess_city(year_of(2024, o3_8h=164.0), year=2024)
    assert value_of(frame, "p90", "o3_8h")["exceedance"] == 0.02
    attained = frame[frame["verdict"] != "不达标"]
    assert attained["exceedance"].isna().all()


def test_every_month_of_the_year_of_the_switch_has_the_edition_of_its_own_time():
    # GB 3095-2026 and HJ 663-2026 are in force from 2026-03-01; the first quarter ends under them.
    year = year_of(2026, pm2_5=35.2)
    months = assess.assess_city(year, year=2026, period="month")
    means = months[(months["statistic"] == "mean") & (months["pollutant"] == "pm2_5")].set_index("period")
    assert means.loc["2026-02", ["value", "standard"]].tolist() == [35.0, "gb3095-2012+hj663-2013"]
    assert means.loc["2026-03", ["value", "standard"]].tolist() == [35.2, "gb3095-2026-stage1+hj663-2026"]
    assert not means["note"].str.contains("施行").any()
    quarter = value_of(assess.assess_city(year, year=2026, period="quarter"), "mean", "pm2_5")
    assert quarter["standard"] == "gb3095-2026-stage1+hj663-2026"
    assert "自 2026-03-01 施行，全期按期末现行版本评价" in quarter["note"]
    old = assess.assess_city(year, year=2026, period="month", standard="gb3095-2012")
    assert set(old["standard"]) == {"gb3095-2012+hj663-2013", "hj633-2012", "mep64-2014"}


def test_an_item_outside_the_monitoring_programme_leaves_good_days_countable():
    rows = year_of(2027)
    rows = rows[rows["indicator"] != "so2"]
    assert value_of(assess.assess_city(rows, year=2027), "good_days")["n_valid"] == 0
    row = value_of(assess.assess_city(rows, year=2027, unmonitored=("so2",)), "good_days")
    assert (row["value"], row["n_valid"]) == (365.0, 365)
    assert "声明在监测方案外：二氧化硫" in row["note"]


@pytest.mark.parametrize("impossible", [-8.0, np.inf])
def test_the_composite_index_of_an_impossible_concentration_is_none(impossible):
    assert np.isnan(assess.composite_index(pd.Series({**ITEMS, "so2": impossible})))
