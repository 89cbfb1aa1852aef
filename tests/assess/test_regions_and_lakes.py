"""Lakes and basins from the command line on the demonstration workspace, recomputed by hand."""

import math

import pandas as pd
import pytest

from suizhou_geo import assess, files
from suizhou_geo.errors import InputError
from tests.conftest import ROOT

DEMO = ROOT / "data" / "suizhou"
SITES = DEMO / "layers" / "sections.csv"


@pytest.fixture(scope="module")
def observations():
    return files.read_observations(DEMO / "observations" / "water_2021.csv", sites=SITES)


def test_only_lakes_have_a_trophic_state_and_it_is_that_of_the_formula(observations):
    frame = assess.assess_lakes(observations, period="year").set_index("site_name")
    assert set(frame.index) == {"先觉庙水库", "徐家河水库"}
    row = frame.loc["徐家河水库"]
    means = observations[observations["site_name"] == "徐家河水库"].groupby("indicator")["value"].mean()
    assert row["tli_chla"] == pytest.approx(10 * (2.5 + 1.086 * math.log(means["chla"] * 1000)))
    assert row["tli_sd"] == pytest.approx(10 * (5.118 - 1.94 * math.log(means["sd"])))
    assert not row["water_body_assumed"]
    assert row["n"] == 5


def test_water_of_an_unknown_kind_is_flagged():
    rows = files.read_observations(DEMO / "observations" / "water_2021.csv")
    frame = assess.assess_lakes(rows, period="year")
    assert frame["water_body_assumed"].all()
    assert frame["note"].str.contains("透明度").any()


def test_a_file_without_any_parameter_is_refused():
    rows = pd.DataFrame(
        {
            "site_id": ["A"],
            "site_name": "A",
            "time": pd.Timestamp("2021-01-01"),
            "indicator": "ph",
            "value": 7.0,
        }
    ).assign(censored=False)
    with pytest.raises(InputError, match="营养状态"):
        assess.assess_lakes(rows)


def test_the_ranking_index_of_a_river_is_the_sum_of_its_quotients():
    rows = pd.DataFrame(
        {
            "site_id": ["A", "B", "A", "B"],
            "river": "府河",
            "time": pd.Timestamp("2021-04-02"),
            "indicator": ["tp", "tp", "do", "do"],
            "value": [0.1, 0.3, 8.0, 12.0],
            "censored": False,
        }
    )
    frame = assess.ranking_indices(rows, by="river")
    assert frame.loc[0, "cwqi"] == pytest.approx(0.2 / 0.2 + 5 / 10)


def test_rivers_and_lakes_are_weighted_by_their_number():
    rows = pd.DataFrame(
        {
            "site_id": ["A", "B", "C"],
            "assessed_city": "随州市",
            "water_body": ["river", "river", "lake"],
            "time": pd.Timestamp("2021-04-02"),
            "indicator": "tp",
            "value": [0.2, 0.2, 0.2],
            "censored": False,
        }
    )
    # Rivers 0.2/0.2 = 1 (two sections), the lake 0.2/0.05 = 4 (one): (1·2 + 4·1)/3.
    assert assess.ranking_indices(rows, by="assessed_city").loc[0, "cwqi"] == 2.0


def test_a_column_that_is_not_there_is_refused():
    rows = pd.DataFrame(
        {"site_id": ["A"], "time": pd.Timestamp("2021-04-02"), "indicator": "tp", "value": 0.2}
    )
    with pytest.raises(InputError, match="nosuch"):
        assess.ranking_indices(rows.assign(censored=False), by="nosuch")


def test_water_without_oxygen_has_no_index():
    rows = pd.DataFrame(
        {"site_id": ["A"], "river": "府河", "time": pd.Timestamp("2021-04-02"), "indicator": "do"}
    )
    assert assess.ranking_indices(rows.assign(value=0.0, censored=False), by="river")["cwqi"].isna().all()


def test_one_parameter_is_not_enough_for_a_grade():
    rows = pd.DataFrame(
        {"site_id": ["A"], "site_name": "A", "time": pd.Timestamp("2021-06-01"), "indicator": "tp"}
    )
    row = assess.assess_lakes(rows.assign(value=0.08, censored=False)).loc[0]
    assert (row["grade"], row["verdict"], row["n"]) == ("", "无法判定", 1)
    assert row["tli"] > 50


def test_a_region_of_five_sections_or_more_goes_by_its_ratios(observations):
    regions = assess.assess_regions(observations, by="assessed_city", period="year")
    row = regions.iloc[0]
    assert (row["unit"], row["n"], row["rule"]) == ("随州市", 14, "断面类别比例法")
    classes = assess.assess_sections(observations, period="year")["class"]
    assert row["ratio_good"] == pytest.approx(100 * (classes <= 3).mean(), abs=0.05)


def _two(site, item, value, **more):
    return pd.DataFrame(
        {
            "site_id": site,
            "site_name": site,
            "river": "府河",
            "time": pd.Timestamp("2021-04-02"),
            "indicator": item,
        }
        | {"value": value, "censored": False, "qualifier": ""}
        | more,
        index=[0],
    )


def test_the_ranking_index_averages_ph_as_hydrogen_ion_and_counts_assessed_items_only():
    rows = pd.concat([_two("A", "ph", 6.0), _two("B", "ph", 8.0), _two("A", "tn", 9.0)], ignore_index=True)
    frame = assess.ranking_indices(rows, by="river")
    mean = -math.log10((1e-6 + 1e-8) / 2)
    assert frame.loc[0, "cwqi"] == pytest.approx((7 - mean) / (7 - 6), abs=5e-5)
    assert frame.loc[0, "cwqi_items"] == 1
    assert "2 个断面未给水体类型" in frame.loc[0, "cwqi_note"]


def test_main_pollutants_of_a_basin_are_ranked_by_the_share_of_sections_that_exceed():
    rows = [_two(site, "codmn", 8.0 if site < "C" else 3.0) for site in "ABCDE"]
    rows += [_two(site, "nh3n", 3.0 if site == "A" else 0.1) for site in "ABCDE"]
    frame = assess.assess_regions(pd.concat(rows, ignore_index=True), by="river")
    assert frame.loc[0, "main_pollutants"] == "高锰酸盐指数(40.0%)、氨氮(20.0%)"
    assert frame.loc[0, ["ratio_good", "ratio_bad", "grade"]].tolist() == [60.0, 20.0, "中度污染"]


def test_few_rivers_and_lakes_are_averaged_apart():
    # The mean of both, 0.075 mg/L, would be class Ⅱ of a river; the lake by itself is Ⅴ.
    rows = pd.concat(
        [_two("A", "tp", 0.01, water_body="river"), _two("B", "tp", 0.14, water_body="lake")],
        ignore_index=True,
    )
    frame = assess.assess_regions(rows, by="river")
    assert frame.loc[0, ["class", "grade"]].tolist() == [5, "中度污染"]
