"""The air quality index of whole files: published hours, both editions by date, valid days from hours."""

import csv
import shutil

import numpy as np
import pandas as pd
import pytest

from suizhou_geo import assess, files, standards
from suizhou_geo.errors import InputError
from suizhou_geo.standards.air import air_index

ITEMS = ("so2", "no2", "co", "o3_8h", "pm10", "pm2_5")


def daily(values, *, start="2026-02-27", site="A", items=ITEMS):
    days = pd.date_range(start, periods=len(values))
    return pd.DataFrame(
        [
            {"site_id": site, "site_name": site, "time": day, "indicator": item, "value": value}
            for day, row in zip(days, values, strict=True)
            for item, value in zip(items, row, strict=True)
        ]
    )


def hours_of(values, *, item="pm2_5", start="2025-06-01 01:00"):
    times = pd.date_range(start, periods=len(values), freq="h")
    return pd.DataFrame({"site_id": "A", "site_name": "A", "time": times, "indicator": item, "value": values})


def test_every_published_hour_of_three_stations(shared_data):
    path = shared_data / "air" / "cnemc_hourly_suizhou_stations_202004.csv"
    frame = assess.assess_air(files.read_observations(path, medium="air"))
    with path.open(encoding="utf-8-sig", newline="") as stream:
        published = {
            (row["WatchPoint"], pd.Timestamp(f"{row['Date']} {row['Hour']}:00")): row["AQI"]
            for row in csv.DictReader(stream)
        }
    ours = {(row.site_name, row.time): row.aqi for row in frame.itertuples()}
    judged = {key: int(text) for key, text in published.items() if text.isdigit()}
    assert len(judged) == 280
    assert {key: ours[key] for key in judged} == judged


def test_the_switch_of_march_2026_is_made_by_date_and_can_be_undone():
    rows = daily([[8, 17, 0.9, 90, 130, 70]] * 4)
    by_date = assess.assess_air(rows)
    assert by_date["aqi"].tolist() == [94, 94, 110, 110]
    assert by_date["verdict"].tolist() == ["达标", "达标", "不达标", "不达标"]
    assert by_date["standard"].tolist() == ["hj633-2012"] * 2 + ["hj633-2026"] * 2
    assert assess.assess_air(rows, standard="hj633-2012")["aqi"].tolist() == [94] * 4
    assert assess.assess_air(rows, standard="hj633-2026")["aqi"].tolist() == [110] * 4


def test_ties_are_all_primary_and_a_clean_day_has_none():
    frame = assess.assess_air(daily([[5, 5, 0.5, 20, 60, 40], [5, 5, 0.5, 20, 20, 10]], start="2024-05-01"))
    assert frame.loc[0, "iaqi_pm10"] != frame.loc[0, "iaqi_pm2_5"]
    tied = assess.assess_air(daily([[5, 5, 0.5, 20, 75, 45]], start="2020-04-02"))
    assert tied.loc[0, "primary"] == "pm10;pm2_5"
    assert frame.loc[1, "primary"] == ""


def test_a_missing_pollutant_is_named_and_hides_a_good_day_since_2026():
    rows = daily([[8, 17, 0.9, 90, 60, np.nan]] * 2, start="2026-02-28")
    frame = assess.assess_air(rows)
    assert frame["aqi"].isna().tolist() == [False, True]
    assert frame.loc[1, "verdict"] == "无法判定"
    assert "细颗粒物" in frame.loc[1, "note"]


@pytest.mark.parametrize(("count", "valid"), [(24, True), (20, True), (19, False)])
def test_a_daily_mean_needs_twenty_hours(count, valid):
    days = assess.daily_values(hours_of([30.0] * count))
    assert days["value"].notna().tolist() == [valid]


def test_the_daily_ozone_maximum_is_that_of_eight_hour_means():
    values = [40.0] * 12 + [120.0] * 8 + [40.0] * 4
    days = assess.daily_values(hours_of(values, item="o3")).set_index("indicator")["value"]
    assert days["o3_8h"] == pytest.approx(120.0)
    assert days["o3"] == 120.0


def test_too_few_ozone_means_count_only_when_they_already_exceed():
    def maximum(level):
        days = assess.daily_values(hours_of([level] * 12, item="o3")).set_index("indicator")["value"]
        return days["o3_8h"]

    assert np.isnan(maximum(100.0))
    assert maximum(200.0) == 200.0


def test_the_order_of_rows_does_not_matter_and_inputs_stay():
    rows = daily(np.random.default_rng(1).uniform(5, 150, (30, 6)))
    before = rows.copy()
    shuffled = rows.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(assess.assess_air(shuffled), assess.assess_air(rows))
    pd.testing.assert_frame_equal(rows, before)


def test_a_date_before_every_edition_is_refused_with_what_there_is():
    with pytest.raises(InputError, match=r"2008-08-08.*hj633-2012"):
        assess.assess_air(daily([[8, 17, 0.9, 90, 60, 30]], start="2008-08-08"))


def test_a_standard_of_another_kind_is_refused():
    with pytest.raises(InputError, match="hj633-2026"):
        assess.assess_air(daily([[8, 17, 0.9, 90, 60, 30]]), standard="gb3838-2002")


def test_a_day_without_any_value_stays_and_is_open():
    rows = daily([[8, 17, 0.9, 90, 60, 30], [np.nan] * 6], start="2024-05-01")
    frame = assess.assess_air(rows)
    assert frame["verdict"].tolist() == ["达标", "无法判定"]
    assert frame.loc[1, "note"].startswith("缺 二氧化硫")


def test_of_two_values_at_one_moment_neither_is_taken():
    rows = daily([[8, 17, 0.9, 90, 60, 30]], start="2026-05-01")
    other = rows.iloc[[5]].assign(value=300.0)
    for order in (pd.concat([rows, other]), pd.concat([other, rows])):
        frame = assess.assess_air(order)
        assert frame.loc[0, "verdict"] == "无法判定"
        assert "细颗粒物在同一时间有不同数值，未采用" in frame.loc[0, "note"]
    assert assess.assess_air(pd.concat([rows, rows])).loc[0, "verdict"] == "达标"


def test_units_are_brought_to_the_standard_ones_and_unknown_ones_refused():
    rows = daily([[8, 17, 900.0, 90, 60, 30]], start="2024-05-01").assign(unit="μg/m³")
    frame = assess.assess_air(rows)
    assert (frame.loc[0, "iaqi_co"], frame.loc[0, "iaqi_pm10"]) == (23, 55)
    with pytest.raises(InputError, match=r"“ppb”未知.*mg/m³"):
        assess.assess_air(rows.assign(unit="ppb"))


def test_a_negative_concentration_is_no_value():
    frame = assess.assess_air(daily([[8, 17, 0.9, 90, 60, -1]], start="2026-05-01"))
    assert frame.loc[0, "verdict"] == "无法判定"
    assert "细颗粒物" in frame.loc[0, "note"]


def test_sulphur_dioxide_above_800_in_an_hour_is_open_under_2012_and_200_since_2026():
    items = ("so2", "no2", "co", "o3", "pm10", "pm2_5")
    rows = daily([[900, 40, 0.9, 90, 60, 30]], start="2024-05-01 08:00", items=items)
    old = assess.assess_air(rows)
    assert old.loc[0, "verdict"] == "无法判定"
    assert "二氧化硫高于其分指数上限" in old.loc[0, "note"]
    assert assess.assess_air(rows, standard="hj633-2026").loc[0, "aqi"] == 200
    dirty = assess.assess_air(daily([[900, 40, 0.9, 90, 60, 200]], start="2024-05-01 08:00", items=items))
    assert dirty.loc[0, ["aqi", "verdict"]].tolist() == [250, "不达标"]
    assert "AQI 由其余项目得出" in dirty.loc[0, "note"]


def test_days_of_hours_are_formed_by_the_rules_of_their_day_and_contradictions_are_told():
    hours = hours_of([30.0] * 48, start="2026-02-28 01:00")
    twice = pd.concat([hours, hours.iloc[[3]].assign(value=99.0)])
    frame = assess.assess_air(twice, interval="day")
    assert frame["standard"].tolist() == ["hj633-2012", "hj633-2026"]
    assert "不同数值" in frame.loc[0, "note"]
    assert frame.loc[0, "iaqi_pm2_5"] == 43


def test_an_edition_of_the_index_is_a_folder_and_applies_from_its_date(tmp_path, monkeypatch):
    folder = tmp_path / "hj633-2040"
    shutil.copytree(standards.find_edition("hj633-2026").folder, folder)
    meta = (folder / "meta.toml").read_text(encoding="utf-8")
    meta = meta.replace('id = "hj633-2026"', 'id = "hj633-2040"').replace("2026-03-01", "2040-01-01")
    (folder / "meta.toml").write_text(meta, encoding="utf-8")
    nodes = (folder / "nodes.csv").read_text(encoding="utf-8")
    assert "0,35,60,115" in nodes
    (folder / "nodes.csv").write_text(nodes.replace("0,35,60,115", "0,15,25,115"), encoding="utf-8")
    monkeypatch.setenv(standards.EXTRA_FOLDER, str(tmp_path))
    frame = assess.assess_air(daily([[8, 17, 0.9, 90, 40, 25]] * 2, start="2039-12-31"))
    assert frame["standard"].tolist() == ["hj633-2026", "hj633-2040"]
    assert frame["iaqi_pm2_5"].tolist() == [36, 100]


def test_a_cube_has_the_indices_of_its_rows_across_the_switch():
    random = np.random.default_rng(4)
    values = random.lognormal(0, 0.8, (60, 6)) * np.array([10, 30, 0.9, 100, 80, 45])
    values[random.random(values.shape) < 0.05] = np.nan
    rows = pd.concat([daily(values[:30]), daily(values[30:], site="B")], ignore_index=True)
    frame = assess.assess_air(rows)
    cube = rows.set_index(["site_id", "time", "indicator"])["value"].unstack("indicator").to_xarray()
    found = assess.index_cube(cube.rename(site_id="site"))
    assert found["aqi"].values.ravel().tolist() == frame["aqi"].fillna(-1).tolist()
    assert found["level"].values.ravel().tolist() == frame["level"].fillna(-1).tolist()
    names = found["indicator"].values
    primary = [";".join(names[marks]) for marks in found["primary"].values.reshape(-1, len(names))]
    assert [set(text.split(";")) for text in primary] == [set(text.split(";")) for text in frame["primary"]]
    assert found.attrs["standard"] == "hj633-2012+hj633-2026"


def test_a_cube_is_assessed_as_its_rows_in_the_unit_of_its_variables():
    rows = daily([[8, 17, 0.9, 90, 130, 70]] * 4)
    cube = rows.set_index(["site_id", "time", "indicator"])["value"].unstack("indicator").to_xarray()
    cube = cube.rename(site_id="site")
    pd.testing.assert_frame_equal(assess.assess_air(cube), assess.assess_air(rows))
    micro = cube.assign(co=(cube["co"] * 1000).assign_attrs(units="μg/m³"))
    pd.testing.assert_frame_equal(assess.assess_air(micro), assess.assess_air(rows))
    assert assess.index_cube(micro)["aqi"].values.tolist() == [[94, 94, 110, 110]]
    with pytest.raises(InputError, match="“ppm”未知"):
        assess.index_cube(cube.assign(co=cube["co"].assign_attrs(units="ppm")))


def test_an_infinite_concentration_in_a_cube_is_no_value_as_in_rows():
    # Since 2026 a day without one pollutant has an index only above 100 (HJ 633-2026).
    rows = daily([[8, 17, 0.9, 90, 60, np.inf]], start="2026-05-01")
    cube = rows.set_index(["site_id", "time", "indicator"])["value"].unstack("indicator").to_xarray()
    assert assess.index_cube(cube.rename(site_id="site"))["aqi"].values.tolist() == [[-1]]
    assert assess.assess_air(rows)["aqi"].isna().all()


def test_times_with_a_zone_and_texts_are_the_clock_of_beijing():
    rows = daily([[8, 17, 0.9, 90, 130, 70]] * 2, start="2026-02-28")
    wanted = assess.assess_air(rows)
    zoned = rows.assign(time=rows["time"].dt.tz_localize("Asia/Shanghai").dt.tz_convert("UTC"))
    for times in (zoned["time"], rows["time"].dt.date, rows["time"].dt.strftime("%Y-%m-%d")):
        frame = assess.assess_air(rows.assign(time=times))
        assert frame["standard"].tolist() == ["hj633-2012", "hj633-2026"]
        pd.testing.assert_frame_equal(frame, wanted, check_dtype=False)
    for bad in (20260228, "昨天"):
        with pytest.raises(InputError, match=f"时间“{bad}”看不懂"):
            assess.assess_air(rows.assign(time=bad))


def test_rows_without_a_site_or_a_column_are_refused_and_go_to_no_other_site():
    rows = daily([[8, 17, 0.9, 90, 60, 30]])
    with pytest.raises(InputError, match="6 行没有 site_id"):
        assess.assess_air(pd.concat([rows, rows.assign(site_id=None, value=300.0)]))
    for column in ("site_id", "time", "indicator", "value"):
        with pytest.raises(InputError, match=f"缺少列 {column}"):
            assess.assess_air(rows.drop(columns=column))


def test_a_first_hour_beside_the_full_hour_loses_nothing():
    hours = hours_of([30.0] * 24)
    off = hours.assign(time=hours["time"].where(hours.index > 0, pd.Timestamp("2025-06-01 00:35")))
    assert assess.daily_values(off)["value"].tolist() == [30.0]
    # Times within the hour before its end, such as 00:59, are the same hours.
    shifted = hours.assign(time=hours["time"] - pd.Timedelta(minutes=1))
    assert assess.daily_values(shifted)["value"].tolist() == [30.0]
    halves = pd.concat([hours, hours.assign(time=hours["time"] - pd.Timedelta(minutes=30))])
    with pytest.raises(InputError, match="同一小时内有多个时间"):
        assess.daily_values(halves)


def test_daily_values_know_units_and_negative_hours():
    # GB 3095 table 4: 20 of 24 hours; a negative one is none.
    hours = hours_of([0.03] * 20 + [-1.0] * 4).assign(unit="mg/m³")
    assert assess.daily_values(hours)["value"].tolist() == pytest.approx([30.0])
    assert assess.daily_values(hours_of([30.0] * 19 + [-1.0] * 5))["value"].isna().all()


def test_every_contradiction_of_a_day_is_told_and_a_site_of_one_midnight_stays():
    hours = pd.concat([hours_of([30.0] * 24, item=item) for item in ("pm10", "pm2_5")], ignore_index=True)
    twice = pd.concat([hours, hours.iloc[[3, 30]].assign(value=99.0)])
    assert "可吸入颗粒物、细颗粒物在同一时间" in assess.assess_air(twice, interval="day").loc[0, "note"]
    midnight = hours_of([30.0], start="2025-06-02 00:00").assign(site_id="B")
    frame = assess.assess_air(pd.concat([hours, midnight]), interval="day")
    assert frame[["site_id", "verdict"]].values.tolist() == [["A", "达标"], ["B", "无法判定"]]


def test_a_masked_concentration_is_none():
    masked = np.ma.masked_array([8, 17, 0.9, 90, 130, 700], mask=[0, 0, 0, 0, 0, 1])
    edition = standards.find_edition("hj633-2026")
    assert int(air_index(masked, edition=edition, interval="day").aqi) == 104


def test_an_item_outside_the_monitoring_programme_hides_no_good_day():
    # HJ 633-2026: with an item missing an index is published only above 100, except for one outside the programme that
    # was never primary on a day of pollution in three years.
    rows = daily([[np.nan, 17, 0.9, 90, 60, 30], [np.nan, 17, 0.9, 90, np.nan, 30]], start="2026-05-01")
    assert assess.assess_air(rows)["aqi"].isna().all()
    frame = assess.assess_air(rows, unmonitored=["so2"])
    # PM10: 50 + 50 · (60 − 50)/(120 − 50), rounded up.
    assert frame.loc[0, "aqi"] == 58
    assert frame["aqi"].isna().tolist() == [False, True]
    assert frame["note"].str.contains("二氧化硫由使用者声明在监测方案外").all()
    assert "缺 可吸入颗粒物" in frame.loc[1, "note"]
    with pytest.raises(InputError, match="“花粉”未知"):
        assess.assess_air(rows, unmonitored=["花粉"])
