"""All problems of a table at once, and a log of what was read as something else than it says."""

from pathlib import Path

import pandas as pd
import pytest

from suizhou_geo import files
from suizhou_geo.errors import InputError
from suizhou_geo.files.findings import Findings, problem_of

HEAD = "断面名称,监测时间,氨氮(mg/L),总磷(mg/L)\n"


def _write(folder: Path, body: str) -> Path:
    path = folder / "水质.csv"
    path.write_text(HEAD + body, encoding="utf-8")
    return path


def test_every_bad_cell_is_collected_with_its_place(tmp_path: Path) -> None:
    body = "甲,2021-04-01,0.2,约0.1\n,2021-04-01,0.2,0.1\n乙,2021-02-30,-0.5,0.1\n丙,2024.1,0.3,见附表\n"
    path = _write(tmp_path, body)
    found = Findings(collect=True)
    tidy = files.read_observations(path, findings=found)
    assert [(each.code, each.row, each.column, each.value) for each in found.problems] == [
        ("site_missing", 3, "断面名称", ""),
        ("time_unreadable", 4, "监测时间", "2021-02-30"),
        ("time_ambiguous", 5, "监测时间", "2024.1"),
        ("negative", 4, "氨氮(mg/L)", "-0.5"),
        ("cell_unreadable", 2, "总磷(mg/L)", "约0.1"),
        ("cell_unreadable", 5, "总磷(mg/L)", "见附表"),
    ]
    assert all(each.file == str(path) and each.expected and each.hint for each in found.problems)
    assert tidy["value"].notna().sum() == 5
    with pytest.raises(InputError, match="共 1 行"):
        files.read_observations(path)


def test_unknown_names_and_units_of_a_long_table_are_collected(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    lines = [
        "site_id,time,indicator,value,unit",
        "A,2021-01-01,氨氮,0.2,mg/L",
        "A,2021-01-01,臭味,3,",
        "A,2021-01-01,总磷,0.1,斤/亩",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    found = Findings(collect=True)
    tidy = files.read_observations(path, findings=found)
    assert [(each.code, each.row) for each in found.problems] == [
        ("indicator_unknown", 3),
        ("unit_unknown", 4),
    ]
    assert tidy["indicator"].tolist() == ["nh3n", "tp"]
    assert tidy["value"].tolist()[0] == 0.2
    assert tidy["value"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("cell", "value", "reason"),
    [
        ("０．０５", 0.05, "全角"),
        ("1,234", 1234.0, "千分位"),
        ("1.2×10^3", 1200.0, "乘幂"),
        ("-99", None, "缺测标记"),
    ],
)
def test_a_repaired_cell_is_logged(tmp_path: Path, cell: str, value: float | None, reason: str) -> None:
    tidy = files.read_observations(_write(tmp_path, f'甲,2021-04-01,"{cell}",0.02L\n'))
    changes = pd.DataFrame(tidy.attrs["changes"])
    assert changes[["row", "column", "before"]].values.tolist() == [[2, "氨氮(mg/L)", cell]]
    assert reason in changes.loc[0, "reason"]
    read = tidy.loc[tidy["indicator"] == "nh3n", "value"].iloc[0]
    assert (pd.isna(read) and value is None) or read == value


def test_serial_numbers_and_midnight_are_times_and_are_logged(tmp_path: Path) -> None:
    tidy = files.read_observations(
        _write(tmp_path, "甲,45292,0.1,0.1\n甲,2024-1-1 24:00,0.1,0.1\n甲,2024-01-03,0.1,0.1\n")
    )
    assert tidy["time"].drop_duplicates().astype(str).tolist() == ["2024-01-01", "2024-01-02", "2024-01-03"]
    assert pd.DataFrame(tidy.attrs["changes"])["before"].tolist() == ["45292", "2024-1-1 24:00"]


def test_clean_files_have_no_changes(tmp_path: Path) -> None:
    tidy = files.read_observations(_write(tmp_path, "甲,2021-04-01 08:00,0.2,<0.01\n甲,2021/5/1,--,*\n"))
    assert tidy.attrs["changes"]["row"] == []


def test_an_error_becomes_a_problem_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "水质.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        files.read_observations(path)
    problem = problem_of(refused.value, file=str(path))
    assert problem.file == str(path)
    assert "找不到需要的列" in problem.value
    assert problem.hint
