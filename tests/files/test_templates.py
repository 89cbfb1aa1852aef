"""A new workspace for any city: opens, passes check, and what is filled into its templates does too."""

from pathlib import Path

import openpyxl
import pytest

from suizhou_geo import files, plan
from suizhou_geo.cli import main
from suizhou_geo.errors import InputError, UnknownNameError
from suizhou_geo.files.templates import metric_crs_at


def _codes(folder: Path) -> list[str]:
    return [problem.code for each in files.check_paths([folder]) for problem in each.problems]


@pytest.mark.parametrize(
    ("adcode", "name", "crs", "counties"),
    [
        ("420900", "孝感市", "EPSG:4547", 7),
        ("110000", "北京市", "EPSG:4548", 16),
        ("650100", "乌鲁木齐市", "EPSG:4538", 8),
        ("350200", "厦门市", "EPSG:4548", 6),
        # Cities with no counties, under a prefecture's code or straight under the province.
        ("441900", "东莞市", "EPSG:4547", 1),
        ("429004", "仙桃市", "EPSG:4547", 1),
    ],
)
def test_any_city_has_a_workspace_that_opens_and_is_clean(
    tmp_path: Path, adcode: str, name: str, crs: str, counties: int
) -> None:
    folder = files.create_workspace(tmp_path / "新城市", adcode=adcode, year=2027)
    workspace = files.open_workspace(folder)
    assert (workspace.name, workspace.metric_crs, len(workspace.counties)) == (name, crs, counties)
    assert _codes(folder) == []
    targets = files.read_plan(workspace, year=2027)
    assert all(target.target is None for target in targets), "no target is invented"
    assert all(target.planned is None and target.progress is None for target in targets)


def _fill(path: Path, *rows: list[object]) -> None:
    book = openpyxl.load_workbook(path)
    for row in rows:
        book.active.append(row)
    book.save(path)


def test_filled_templates_pass_and_give_a_county(tmp_path: Path) -> None:
    folder = files.create_workspace(tmp_path / "孝感", adcode="420900", year=2027)
    _fill(
        folder / "layers" / "断面.xlsx",
        ["X1", "孝南桥", 113.95, 30.92, "420902", "府河", "河流", "Ⅲ", "孝感市", "surveyed"],
    )
    _fill(folder / "layers" / "空气站点.xlsx", ["A1", "一中", 113.92, 30.93, "420902", "孝感市", "surveyed"])
    water = [
        [f"2027-0{month}-05", 15, 7.6, 8.1, 3.2, 12, "2.0L", 0.3, "0.08", 1.9, 0.4, "--", "*"]
        for month in range(1, 7)
    ]
    _fill(folder / "observations" / "water_2027.xlsx", *(["孝南桥", *row] for row in water))
    _fill(folder / "observations" / "air_2027.xlsx", ["一中", "2027-03-05", 8, 20, 0.7, 100, 55, 30])
    assert _codes(folder) == []
    result = plan.evaluate_county(files.open_workspace(folder), adcode="420902", year=2027, month=6)
    assert result.name == "孝南区"
    known = {row.id for row in (*result.targets, *result.tasks) if row.value is not None}
    assert known == {
        "G1.good_ratio", "G1.bad_ratio", "G2.pm2_5", "G2.pm10", "G2.o3", "G2.good_days", "T06.sections",
    }  # fmt: skip


def test_headers_carry_units_notes_and_drop_downs(tmp_path: Path) -> None:
    folder = files.create_workspace(tmp_path / "孝感", adcode="420900", year=2027)
    sheet = openpyxl.load_workbook(folder / "observations" / "water_2027.xlsx").active
    headers = [cell.value for cell in sheet[1]]
    assert "氨氮(mg/L)" in headers
    assert all(cell.comment for cell in sheet[1])
    sections = openpyxl.load_workbook(folder / "layers" / "断面.xlsx").active
    assert {rule.formula1 for rule in sections.data_validations.dataValidation} >= {
        '"河流,湖库"',
        '"Ⅰ,Ⅱ,Ⅲ,Ⅳ,Ⅴ"',
    }


def test_nothing_is_overwritten_and_unknown_cities_are_refused(tmp_path: Path) -> None:
    folder = files.create_workspace(tmp_path / "孝感", adcode="420900", year=2027)
    with pytest.raises(InputError, match="不是空文件夹"):
        files.create_workspace(folder, adcode="420900", year=2027)
    with pytest.raises(UnknownNameError):
        files.create_workspace(tmp_path / "无", adcode="429999", year=2027)
    assert not (tmp_path / "无").exists()


@pytest.mark.parametrize(
    ("longitude", "crs"),
    [(75.9, "EPSG:4534"), (112.6, "EPSG:4547"), (115.4, "EPSG:4547"), (134.0, "EPSG:4554")],
)
def test_the_zone_of_a_longitude(longitude: float, crs: str) -> None:
    assert metric_crs_at(longitude) == crs


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["init", str(tmp_path / "新"), "--adcode", "420900"])
    assert stopped.value.code in {0, None}
    assert "workspace.toml" in capsys.readouterr().out
    with pytest.raises(SystemExit) as stopped:
        main(["init", str(tmp_path / "新"), "--adcode", "420900"])
    assert stopped.value.code == 2
