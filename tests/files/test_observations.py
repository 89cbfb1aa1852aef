"""Monitoring files: the real ones against an independent reading, and files that must be refused with their place."""

import csv

import numpy as np
import pandas as pd
import pytest

from suizhou_geo import files
from suizhou_geo.errors import InputError, MissingFileError
from suizhou_geo.files.sites import read_target_class

HEADER = "断面名称,监测时间,氨氮(mg/L),总磷(mg/L)"


def write(folder, text, name="水质2021.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("name", "rows", "sites"),
    [
        ("cnemc_auto_hubei_202104.csv", 3190, 119),
        ("cnemc_auto_daily_20200508_20210405.csv", 35946, None),
        ("cnemc_archive_sample_suizhou_area_20260826.csv", 10, 10),
    ],
)
def test_platform_files_keep_every_row_and_mean(shared_data, name, rows, sites):
    path = shared_data / "water" / name
    tidy = files.read_observations(path)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        plain = list(csv.DictReader(stream))
    assert tidy["source_row"].nunique() == rows == len(plain)
    if sites:
        assert tidy["site_id"].nunique() == sites
    for header, code in (("pH(无量纲)", "ph"), ("氨氮(mg/L)", "nh3n"), ("总磷(mg/L)", "tp")):
        numbers = [float(row[header]) for row in plain if row[header] not in {"*", "--", ""}]
        ours = tidy.loc[tidy["indicator"] == code, "value"]
        assert ours.notna().sum() == len(numbers)
        assert ours.mean() == pytest.approx(np.mean(numbers), rel=1e-12)
    stars = sum(row["总磷(mg/L)"] == "*" for row in plain)
    assert ((tidy["indicator"] == "tp") & (tidy["qualifier"] == "not_monitored")).sum() == stars


def test_the_year_of_a_platform_file_is_taken_from_its_name_and_said(shared_data):
    tidy = files.read_observations(shared_data / "water" / "cnemc_auto_hubei_202104.csv")
    assert tidy["time"].dropna().dt.year.unique().tolist() == [2021]
    assert any("文件名" in note and "2021" in note for note in tidy.attrs["notes"])


def test_exact_duplicates_stay_as_rows_and_are_flagged(shared_data):
    path = shared_data / "water" / "cnemc_auto_hubei_202104.csv"
    tidy = files.read_observations(path)
    lines = path.read_text(encoding="utf-8-sig").splitlines()[1:]
    tn = tidy[tidy["indicator"] == "nh3n"]
    assert tn.loc[tn["time"].notna(), "duplicate"].sum() >= len(lines) - len(set(lines)) - 30
    assert len(tn) == len(lines)


@pytest.mark.parametrize("name", ["cnemc_hourly_suizhou_stations_202004.csv", "cnemc_hourly_2022_sample.csv"])
def test_hourly_air_files(shared_data, name):
    path = shared_data / "air" / name
    tidy = files.read_observations(path, medium="air")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        plain = list(csv.DictReader(stream))
    column = next(key for key in plain[0] if key.lower() in {"pm2_5", "pm2.5", "pm25"})
    numbers = [float(row[column]) for row in plain if row[column] not in {"", "NA", "—", "_"}]
    ours = tidy.loc[tidy["indicator"] == "pm2_5", "value"].dropna()
    assert len(ours) == len(numbers)
    assert ours.mean() == pytest.approx(np.mean(numbers))


def test_our_own_tidy_file_reads_back_the_same(tmp_path, shared_data):
    first = files.read_observations(shared_data / "water" / "cnemc_archive_sample_suizhou_area_20260826.csv")
    for ending in ("csv", "parquet", "xlsx"):
        path = files.write_table(first, path=tmp_path / f"tidy.{ending}")
        again = files.read_observations(path)
        pd.testing.assert_frame_equal(again, first, check_dtype=False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_of_chinese_files(tmp_path, encoding):
    path = write(tmp_path, f"{HEADER}\n水阳江㙦断面,2021-04-01,0.2,0.1\n", encoding=encoding)
    tidy = files.read_observations(path)
    assert tidy["site_name"].unique().tolist() == ["水阳江㙦断面"]


def test_units_in_headers_are_converted(tmp_path):
    path = write(tmp_path, "断面名称,监测时间,总磷(μg/L),氨氮(mg/L)\n甲,2021-04-01,20,0.2\n")
    tidy = files.read_observations(path).set_index("indicator")
    assert tidy.at["tp", "value"] == 0.02
    assert tidy.at["tp", "unit"] == "mg/L"


def test_a_long_table_with_units_in_a_column(tmp_path):
    text = "断面名称,时间,指标,数值,单位\n甲,2021-04-01,总磷,<20,ug/L\n甲,2021-04-01,氨氮,0.2,mg/L\n"
    tidy = files.read_observations(write(tmp_path, text)).set_index("indicator")
    assert (tidy.at["tp", "value"], tidy.at["tp", "censored"]) == (0.02, True)


def test_a_sentinel_is_missing_not_a_concentration(tmp_path):
    tidy = files.read_observations(write(tmp_path, f"{HEADER}\n甲,2021-04-01,-1,-99\n"))
    assert tidy["value"].isna().all()
    assert tidy["qualifier"].tolist() == ["missing", "missing"]


def test_a_year_is_never_invented(tmp_path):
    path = write(tmp_path, f"{HEADER}\n甲,04-01 08:00,0.2,0.1\n", name="水质.csv")
    tidy = files.read_observations(path)
    assert tidy["time"].isna().all()
    assert tidy["time_text"].tolist() == ["04-01 08:00"] * 2
    assert files.read_observations(path, year=2020)["time"].dt.year.tolist() == [2020, 2020]


def test_a_sites_table_gives_water_body_and_target_and_names_who_is_absent(tmp_path):
    path = write(tmp_path, f"{HEADER}\n甲,2021-04-01,0.2,0.1\n乙,2021-04-01,0.2,0.1\n")
    sites = write(tmp_path, "断面名称,水体类型,目标类别\n甲,湖库,Ⅱ\n", name="站点.csv")
    tidy = files.read_observations(path, sites=sites)
    joined = tidy.drop_duplicates("site_id").set_index("site_id")
    assert joined.loc["甲", ["water_body", "target_class"]].tolist() == ["lake", 2]
    assert joined.loc["乙", "water_body"] == ""
    assert any("乙" in note for note in tidy.attrs["notes"])


@pytest.mark.parametrize(
    ("text", "water_class"),
    [("Ⅰ", 1), ("II", 2), ("Ⅲ类", 3), ("iv", 4), ("V", 5), ("劣Ⅴ", 6), ("劣V类", 6), ("6", 6), ("3.0", 3),
     ("-1", None), ("*", None), ("--", None), ("", None), ("七", None)],
)  # fmt: skip
def test_classes_in_every_spelling(text, water_class):
    assert read_target_class(text) == water_class


BAD = {
    "a word in a number column": (f"{HEADER}\n甲,2021-04-01,0.2,0.1\n乙,2021-04-01,约3,0.1\n", ["约3", "第 3 行", "氨氮"]),
    "a negative concentration": (f"{HEADER}\n甲,2021-04-01,-0.5,0.1\n", ["不能为负", "第 2 行", "氨氮"]),
    "a day that does not exist": (f"{HEADER}\n甲,2021-02-30,0.2,0.1\n", ["2021-02-30", "第 2 行", "监测时间"]),
    "a two-digit year": (f"{HEADER}\n甲,24/2/30,0.2,0.1\n", ["24/2/30", "第 2 行"]),
    "an unknown unit": ("断面名称,监测时间,氨氮(斤/桶)\n甲,2021-04-01,1\n", ["斤/桶", "氨氮", "mg/L"]),
    "two columns of one item": ("断面名称,监测时间,氨氮,NH3-N\n甲,2021-04-01,1,1\n", ["氨氮", "NH3-N"]),
    "the same header twice": ("断面名称,监测时间,氨氮,氨氮\n甲,2021-04-01,1,1\n", ["列名重复", "第 1 行"]),
    "no site column": ("地方,监测时间,氨氮\n甲,2021-04-01,1\n", ["断面", "地方"]),
    "no time column": ("断面名称,氨氮\n甲,1\n", ["时间", "断面名称"]),
    "no indicator": ("断面名称,监测时间,心情\n甲,2021-04-01,好\n", ["监测项目", "心情"]),
    "a row without a site": (f"{HEADER}\n,2021-04-01,0.2,0.1\n", ["没有断面", "第 2 行"]),
    "a row that is too long": (f"{HEADER}\n甲,2021-04-01,1,234,0.1\n", ["第 2 行", "表头只有 4 列"]),
    "an unknown indicator in a long table": ("断面名称,时间,指标,数值\n甲,2021-04-01,仙气,1\n", ["仙气", "第 2 行", "指标"]),
    "nothing": ("", ["空"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD, ids=str)
def test_bad_input_is_refused_with_its_place_and_remedy(tmp_path, case):
    text, wanted = BAD[case]
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=r"水质2021\.csv") as caught:
        files.read_observations(path)
    message = str(caught.value)
    assert all(part in message for part in wanted), message
    assert "处理：" in message or "原因：" in message


@pytest.mark.parametrize(
    "address", ["http://example.org/a.csv", "https://x/y.xlsx", "/vsicurl/a.csv", "s3://b/c.csv"]
)
def test_addresses_are_never_opened(address):
    with pytest.raises(InputError, match="只能读取本机文件"):
        files.read_observations(address)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MissingFileError, match=r"没有这个\.csv"):
        files.read_observations(tmp_path / "没有这个.csv")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "坏.csv"
    path.write_bytes(b"\xff\xfe\xfd\x00\x81" * 40)
    with pytest.raises((InputError, UnicodeError)) as caught:
        files.read_observations(path)
    assert isinstance(caught.value, InputError)


def test_a_zip_called_xlsx_is_refused(tmp_path):
    path = tmp_path / "坏.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(InputError, match="打不开"):
        files.read_observations(path)


@pytest.mark.parametrize(
    ("header", "medium", "item"),
    [
        ("样点编号", "soil", "镉"),
        ("地块", "soil", "砷"),
        ("监测井", "water", "氨氮"),
        ("水源", "water", "氨氮"),
        ("湖库名称", "water", "总磷"),
    ],
)
def test_wells_plots_sources_and_lakes_are_sites_too(tmp_path, header, medium, item):
    path = tmp_path / "表.csv"
    path.write_text(f"{header},采样时间,pH,{item}\n一号,2023-07,7.2,0.1\n", encoding="utf-8")
    tidy = files.read_observations(path, medium=medium)
    assert tidy["site_name"].unique().tolist() == ["一号"]


def test_the_words_of_a_laboratory_report_in_a_long_table(tmp_path):
    path = tmp_path / "报告.csv"
    path.write_text(
        "采样点名称,采样日期,检测项目,检测结果,计量单位\n一号,2023-07-03,氨氮,0.20,mg/L\n", encoding="utf-8"
    )
    tidy = files.read_observations(path)
    assert tidy[["site_name", "indicator", "value"]].to_numpy().tolist() == [["一号", "nh3n", 0.2]]


def test_a_class_or_a_kind_of_water_that_is_not_understood_is_told(tmp_path):
    path = tmp_path / "表.csv"
    path.write_text(
        "断面,时间,目标类别,水体类型,氨氮\n甲,2020-01,三类,河流,0.3\n乙,2020-01,Ⅵ,沼泽,0.3\n丙,2020-01,--,,0.3\n",
        encoding="utf-8",
    )
    tidy = files.read_observations(path)
    assert tidy["target_class"].tolist() == [3, pd.NA, pd.NA]
    notes = "；".join(tidy.attrs["notes"])
    assert "列“目标类别”有 1 个单元格看不懂，按没有给出处理：Ⅵ" in notes
    assert "列“水体类型”有 1 个单元格看不懂，按没有给出处理：沼泽" in notes
    findings = files.Findings(collect=True)
    files.read_observations(path, findings=findings)
    told = [(each.code, each.severity, each.row, each.column, each.value) for each in findings.problems]
    assert told == [
        ("word_unknown", "warning", 3, "水体类型", "沼泽"),
        ("word_unknown", "warning", 3, "目标类别", "Ⅵ"),
    ]


def test_a_site_table_with_a_word_that_is_not_understood_is_told(tmp_path):
    path, sites = tmp_path / "表.csv", tmp_path / "断面.csv"
    path.write_text("断面,时间,氨氮\n甲,2020-01,0.3\n", encoding="utf-8")
    sites.write_text("断面,水体类型,目标类别\n甲,沼泽,Ⅱ\n", encoding="utf-8")
    tidy = files.read_observations(path, sites=sites)
    assert tidy["target_class"].tolist() == [2]
    assert "站点表列“水体类型”有 1 个单元格看不懂，按没有给出处理：沼泽" in tidy.attrs["notes"]
