"""Every real file of the development data against an independent reading, and the formats that only users have."""

import json
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from suizhou_geo import files
from suizhou_geo.errors import InputError

BEYOND = {"*", "--", "-", "", "-1"}


def _means(tidy: pd.DataFrame) -> pd.Series:
    return tidy.groupby("indicator")["value"].mean()


def _independent(column: pd.Series) -> float:
    kept = column.astype(str).str.strip()
    return kept[~kept.isin(BEYOND)].astype(float).mean()


@pytest.mark.parametrize(
    ("name", "rows", "year"),
    [
        ("cnemc_auto_hubei_202104.csv", 3190, None),
        ("cnemc_auto_daily_20200508_20210405.csv", 35946, None),
        ("cnemc_archive_sample_suizhou_area_20260826.csv", 10, None),
    ],
)
def test_platform_csv(shared_data: Path, name: str, rows: int, year: int | None) -> None:
    path = shared_data / "water" / name
    tidy = files.read_observations(path, year=year)
    raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    assert tidy["source_row"].nunique() == len(raw) == rows
    for header, code in (
        ("氨氮(mg/L)", "nh3n"),
        ("总磷(mg/L)", "tp"),
        ("溶解氧(mg/L)", "do"),
        ("pH(无量纲)", "ph"),
    ):
        assert _means(tidy)[code] == pytest.approx(_independent(raw[header]), rel=1e-12)


def test_platform_excel(shared_data: Path) -> None:
    path = shared_data / "water" / "cnemc_202602_hubei.xlsx"
    tidy = files.read_observations(path, year=2026)
    sheet = openpyxl.load_workbook(path).active
    lines = list(sheet.iter_rows(values_only=True))
    column = [str(name) for name in lines[0]].index("总磷(mg/L)")
    assert tidy["source_row"].nunique() == len(lines) - 1
    values = pd.Series([line[column] for line in lines[1:]])
    assert _means(tidy)["tp"] == pytest.approx(_independent(values.fillna("")), rel=1e-12)


def test_taihu_months_of_stations_in_columns_of_their_own(shared_data: Path) -> None:
    path = shared_data / "water" / "taihu_monthly_2007_2015_dev.xlsx"
    tidy = files.read_observations(path)
    sheet = openpyxl.load_workbook(path).active
    lines = list(sheet.iter_rows(values_only=True))
    header = list(lines[0])
    nitrogen = pd.to_numeric(
        pd.Series([line[header.index("总氮(mg/L)")] for line in lines[1:]]), errors="coerce"
    )
    assert tidy["site_id"].nunique() == 4
    assert tidy["time"].dt.to_period("M").nunique() == 108
    assert _means(tidy)["tn"] == pytest.approx(nitrogen.mean(), rel=1e-12)


def test_hourly_air(shared_data: Path) -> None:
    path = shared_data / "air" / "cnemc_hourly_suizhou_stations_202004.csv"
    tidy = files.read_observations(path, medium="air")
    raw = pd.read_csv(path)
    assert tidy["source_row"].nunique() == len(raw)
    assert _means(tidy)["pm2_5"] == pytest.approx(raw["PM2.5"].mean())
    assert tidy["time"].min() == pd.Timestamp("2020-04-02 08:00")


def test_months_of_cities_where_zero_means_missing(shared_data: Path) -> None:
    path = shared_data / "air" / "city_monthly_2013_2017_dev.csv"
    tidy = files.read_observations(path, medium="air")
    raw = pd.read_csv(path).dropna(subset=["city"])
    assert tidy["site_id"].nunique() == raw["city"].nunique()
    assert _means(tidy)["co"] == pytest.approx(raw["co"].replace(0, np.nan).mean(), rel=1e-12)
    assert any("浓度为 0，按缺测处理" in note for note in tidy.attrs["notes"])


def test_beijing_hours_whose_carbon_monoxide_is_in_micrograms(shared_data: Path, tmp_path: Path) -> None:
    raw = pd.read_parquet(shared_data / "air" / "beijing12_hourly_2013_2017.parquet").iloc[:2000]
    path = tmp_path / "beijing.parquet"
    raw.to_parquet(path)
    tidy = files.read_observations(path, medium="air")
    assert _means(tidy)["co"] == pytest.approx(raw["CO"].mean() / 1000, rel=1e-9)
    assert tidy["time"].iloc[-1] == pd.Timestamp(
        *(int(raw.iloc[-1][part]) for part in ("year", "month", "day", "hour"))
    )
    assert any("按 μg/m³ 换算" in note for note in tidy.attrs["notes"])


def test_the_wide_archive_of_stations(tmp_path: Path) -> None:
    path = tmp_path / "china_sites_20220103.csv"
    lines = [
        "date,hour,type,1001A,2451A",
        "20220103,0,AQI,50,60",
        "20220103,0,PM2.5,35,142",
        "20220103,0,PM2.5_24h,30,113",
    ]
    path.write_text("\n".join([*lines, "20220103,0,CO,0.5,", "20220103,23,O3,80,31"]), encoding="utf-8")
    tidy = files.read_observations(path, medium="air")
    found = tidy.set_index(["site_id", "indicator"])["value"]
    assert found["2451A", "pm2_5"] == 142
    assert pd.isna(found["2451A", "co"])
    assert tidy["time"].max() == pd.Timestamp("2022-01-03 23:00")
    assert tidy["source_row"].drop_duplicates().tolist() == [3, 5, 6]
    assert any("AQI、PM2.5_24h" in note for note in tidy.attrs["notes"])


def test_swapped_columns_of_ozone_are_told_and_left_as_they_are(tmp_path: Path, shared_data: Path) -> None:
    head = "timepoint,stationcode,positionname,o3,o3_24h,pm2_5\n"
    path = tmp_path / "air.csv"
    path.write_text(
        f"{head}2018-02-20 07:00,2451A,甲,131,34,40\n2018-02-20 08:00,2451A,甲,131,40,41\n", encoding="utf-8"
    )
    tidy = files.read_observations(path, medium="air")
    assert tidy.loc[tidy["indicator"] == "o3", "value"].tolist() == [131, 131]
    assert any("两列像是颠倒" in note for note in tidy.attrs["notes"])
    assert [problem.code for problem in files.check_file(path).problems] == ["swapped_ozone"]
    path.write_text(f"{head}2018-02-20 07:00,2451A,甲,34,131,40\n", encoding="utf-8")
    assert files.check_file(path).problems == ()
    sample = files.read_observations(shared_data / "air" / "cnemc_hourly_2022_sample.csv", medium="air")
    # 131 in the hour and 34 as the largest of its day: the national feed of 2022 has them exchanged too.
    assert any("两列像是颠倒" in note for note in sample.attrs["notes"])


def test_points_of_public_lists(shared_data: Path) -> None:
    stations = shared_data / "air" / "cnemc_station_list.csv"
    plain = pd.read_csv(stations)
    layer = files.read_vector(stations)
    placed = plain[plain["经度"].notna()]
    assert len(layer) == len(placed) == len(plain) - 10
    assert layer.geometry.x.mean() == pytest.approx(placed["经度"].mean())
    assert layer.geometry.y.mean() == pytest.approx(placed["纬度"].mean())
    assert layer.attrs["notes"][0].startswith("10 行没有坐标，未作为点读入（第 46、")
    # 54 plants of this list have longitude and latitude the wrong way round: it is refused with the first of them.
    with pytest.raises(InputError, match=r"该列共 54 处.*第 8 行.*像是经纬度写反"):
        files.read_vector(shared_data / "sources" / "power_plants_china.csv")


@pytest.mark.parametrize(
    ("name", "count"), [("gshhg_rivers_suizhou", 11), ("ne_10m_rivers_lake_centerlines_hubei_bbox", 15)]
)
def test_lines_of_rivers(shared_data: Path, name: str, count: int) -> None:
    path = shared_data / "rivers" / f"{name}.geojson"
    raw = json.loads(path.read_text(encoding="utf-8"))["features"]
    layer = files.read_vector(path)
    assert len(layer) == len(raw) == count
    assert layer.geometry.length.sum() == pytest.approx(
        sum(shapely.from_geojson(json.dumps(each["geometry"])).length for each in raw)
    )


@pytest.mark.parametrize(("name", "column"), [("nitrate", "ConcAve"), ("daily_discharge", "Q")])
def test_the_choptank_as_covariates(shared_data: Path, name: str, column: str) -> None:
    path = shared_data / "water" / f"choptank_{name}_1979_2011.csv"
    plain = pd.read_csv(path)
    found = files.read_covariates(path)
    assert len(found) == plain["Date"].nunique()
    assert found[column].mean() == pytest.approx(plain.groupby("Date")[column].mean().mean())


def test_half_a_coordinate_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "点.csv"
    path.write_text("site_id,经度,纬度\nA,113.3,31.7\nB,,31.7\nC,,\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"第 3 行 · 列 经度.*该格为空"):
        files.read_vector(path)
    path.write_text("site_id,经度,纬度\nA,113.3,31.7\nC,--,--\n", encoding="utf-8")
    assert files.read_vector(path).index.tolist() == ["A"]
    assert [(each.code, each.severity) for each in files.check_file(path).problems] == [
        ("layer_note", "info")
    ]
