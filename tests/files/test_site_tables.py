"""Tables of sites: every cell that cannot be what its column says, all at once, with row and column."""

from pathlib import Path

import pytest

from suizhou_geo.files.checking import check_file

GOOD = "site_id,断面名称,经度,纬度,区划代码,水体类型,目标类别,synthetic\nS1,厉山,113.3,31.9,421321,河流,Ⅲ,false\n"


def _problems(folder: Path, text: str) -> list[tuple[str, int | None, str, str]]:
    path = folder / "站点.csv"
    path.write_text(text, encoding="utf-8")
    return [(each.code, each.row, each.column, each.value) for each in check_file(path).problems]


def test_all_of_them_at_once(tmp_path: Path) -> None:
    bad = "S1,平林,113.4,31.5,42132,沟渠,Ⅶ,也许\nS2,徐家河,113.9,31.6,,湖库,,\n"
    assert _problems(tmp_path, GOOD + bad) == [
        ("site_repeated", 2, "site_id", "S1"),
        ("site_repeated", 3, "site_id", "S1"),
        ("site_cell", 3, "区划代码", "42132"),
        ("site_cell", 3, "水体类型", "沟渠"),
        ("site_cell", 3, "目标类别", "Ⅶ"),
        ("site_cell", 3, "synthetic", "也许"),
    ]


@pytest.mark.parametrize(
    "text",
    [GOOD, "断面名称,水体类型,目标类别\n厉山,river,3\n徐家河水库,lake,--\n"],
    ids=["points", "no coordinates"],
)
def test_a_good_table_has_no_problem(tmp_path: Path, text: str) -> None:
    assert _problems(tmp_path, text) == []


def test_a_table_without_coordinates_is_still_one_of_sites(tmp_path: Path) -> None:
    assert _problems(tmp_path, "断面名称,水体类型\n厉山,渠\n") == [("site_cell", 2, "水体类型", "渠")]
