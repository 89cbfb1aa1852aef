"""A workspace for any city of China: boundaries, a plan without invented targets, Excel templates that explain themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from suizhou_geo.conventions import CLASS_LABELS, LOCATION_QUALITIES, check_adcode, indicators
from suizhou_geo.errors import InputError, Place
from suizhou_geo.files.boundaries import counties_of_city, read_cities
from suizhou_geo.files.projections import metric_crs_at
from suizhou_geo.saving import write_atomically, write_text_atomically

if TYPE_CHECKING:
    from openpyxl import Workbook

#: Items that a new water or air sheet asks for; others are added as further columns.
_WATER = ("temp", "ph", "do", "codmn", "cod", "bod5", "nh3n", "tp", "tn", "f", "chla", "sd")
_AIR = ("so2", "no2", "co", "o3_8h", "pm10", "pm2_5")

#: How many rows carry drop-downs.
_ROWS = 2000


@dataclass(frozen=True)
class _Column:
    header: str
    note: str
    choices: tuple[str, ...] = ()
    width: int = 14


_SITE = (
    _Column("site_id", "编号，本表内不重复；写好后不要改动"),
    _Column("断面名称", "与监测数据中的名称一致", width=20),
    _Column("经度", "十进制度，CGCS2000；取自高德、百度的坐标请在 workspace.toml 中写明 datum"),
    _Column("纬度", "十进制度，CGCS2000"),
    _Column("区划代码", "所在区县的六位代码"),
)
_QUALITY = _Column(
    "location_quality",
    "坐标怎么来的：" + "、".join(f"{code} {name}" for code, name in LOCATION_QUALITIES.items()),
    tuple(LOCATION_QUALITIES),
)
_SECTIONS = (
    *_SITE,
    _Column("河流", "所在河流或湖库的名称"),
    _Column("水体类型", "河流或湖库：两者的总磷限值不同", ("河流", "湖库")),
    _Column("目标类别", "考核的水质目标", tuple(CLASS_LABELS[number] for number in range(1, 6))),
    _Column("考核城市", "界河断面写明由哪个城市负责"),
    _QUALITY,
)
_STATIONS = (
    *(_Column("站点名称", each.note, width=20) if each.header == "断面名称" else each for each in _SITE),
    _Column("所属城市", "算城市均值时归到哪个城市"),
    _QUALITY,
)
_KEYS = (
    _Column("断面名称", "与断面表中的名称一致", width=20),
    _Column("监测时间", "2021-06-03 或 2021-06-03 08:00；只知道月份写 2021-06", width=18),
)
_CELL_NOTE = "未检出写检出限加 L（0.02L）或 <0.02；缺测写 --；未监测写 *"


def create_workspace(folder: str | Path, *, adcode: str, year: int) -> Path:
    """Write a workspace for the prefecture with that code, and return its folder.

    ``workspace.toml`` names the city, its counties and the projection of its zone; ``plan_<year>.toml`` has the usual
    goals without targets (none is invented); ``layers`` and ``observations`` hold Excel templates with units in the
    headers, drop-downs and notes. Nothing that is already there is overwritten.

    Raises ``UnknownNameError`` when China has no such city, ``InputError`` when the folder is not empty.
    """
    root = Path(folder)
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise InputError(
            f"“{root}”不是空文件夹", where=Place(str(root)), why="不覆盖已有的文件", todo="换一个新文件夹"
        )
    code = check_adcode(adcode)
    city = read_cities([code])
    name, counties = str(city.at[code, "name"]), counties_of_city(code)
    longitude = float(city.geometry.iloc[0].representative_point().x)
    root.mkdir(parents=True, exist_ok=True)
    write_text_atomically(root / "workspace.toml", _workspace_text(name, code, counties, longitude, year))
    write_text_atomically(root / f"plan_{year}.toml", _plan_text(name, year))
    sheets = {
        "layers/断面.xlsx": _SECTIONS,
        "layers/空气站点.xlsx": _STATIONS,
        f"observations/water_{year}.xlsx": (*_KEYS, *_items(_WATER)),
        f"observations/air_{year}.xlsx": (
            _Column("站点名称", "与站点表中的名称一致", width=20), _KEYS[1], *_items(_AIR),
        ),
    }  # fmt: skip
    for path, columns in sheets.items():
        (root / path).parent.mkdir(exist_ok=True)
        write_atomically(root / path, _template(columns).save)
    return root


def _items(codes: Sequence[str]) -> tuple[_Column, ...]:
    known = indicators()
    return tuple(_Column(f"{known[code].name}({known[code].unit})", _CELL_NOTE) for code in codes)


def _template(columns: Sequence[_Column]) -> "Workbook":
    from openpyxl import Workbook  # noqa: PLC0415  (only templates need it)
    from openpyxl.comments import Comment  # noqa: PLC0415
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "数据"
    sheet.freeze_panes = "A2"
    for place, column in enumerate(columns, start=1):
        letter = get_column_letter(place)
        cell = sheet.cell(1, place, column.header)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="center")
        cell.fill = PatternFill("solid", fgColor="E8EEF2")
        cell.comment = Comment(column.note, "suizhou_geo", height=90, width=260)
        sheet.column_dimensions[letter].width = column.width
        if column.choices:
            choices = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            choices.error, choices.errorTitle = f"可选：{'、'.join(column.choices)}", "请从列表中选择"
            sheet.add_data_validation(choices)
            choices.add(f"{letter}2:{letter}{_ROWS}")
    sheet.row_dimensions[1].height = 32
    return book


def _workspace_text(name: str, adcode: str, counties: Sequence[str], longitude: float, year: int) -> str:
    listed = ", ".join(f'"{code}"' for code in counties)
    return f"""# {name}的工作区。区县界线取自已安装的数据集（经概化，误差百米级）；有精确界线时加 [layers.counties]。

[region]
name = "{name}"
adcode = "{adcode}"
counties = [{listed}]
metric_crs = "{metric_crs_at(longitude)}"

# 图层：kinds 有 sections stations sources outfalls redlines units reserves water_zones rivers intakes projects。
# 坐标取自高德写 datum = "GCJ-02"，取自百度写 datum = "BD-09"，读取时换算并说明。
[layers.sections]
file = "layers/断面.xlsx"
datum = "CGCS2000"
title = "水质监测断面"
source = "填写来源"
updated = {year}-01-01
synthetic = false

[layers.stations]
file = "layers/空气站点.xlsx"
datum = "CGCS2000"
title = "空气监测站点"
source = "填写来源"
updated = {year}-01-01
synthetic = false

[observations.water]
files = ["observations/water_*.xlsx"]
source = "填写来源"

[observations.air]
files = ["observations/air_*.xlsx"]
source = "填写来源"

[plan]
files = ["plan_{year}.toml"]
"""


#: Goals whose value can be computed from a workspace: id, name, indicator, unit, comparison, layer.
_GOALS = (
    ("G1.good_ratio", "水质优良（达到或优于Ⅲ类）断面比例", "ratio_good", "%", ">=", "sections"),
    ("G1.bad_ratio", "劣Ⅴ类断面比例", "ratio_bad", "%", "<=", "sections"),
    ("G2.pm2_5", "细颗粒物（PM2.5）年均浓度", "pm2_5_mean", "μg/m³", "<=", "stations"),
    ("G2.good_days", "空气质量优良天数比例", "good_day_ratio", "%", ">=", "stations"),
)


def _plan_text(name: str, year: int) -> str:
    rows = [
        f"""
[[target]]
id = "{identity}"
goal = "{identity.split(".")[0]}"
name = "{title}"
indicator = "{indicator}"
scope = "{name}"
unit = "{unit}"
# target = 0.0        # 填写下达的目标；没有目标就不判定，不要编造
compare = "{compare}"
year = {year}
due = {year}-12-31
counties = "all"
judged_by = "computed"
layer = "{layer}"
source = "填写下达文件"
verified = "typed"
"""
        for identity, title, indicator, unit, compare, layer in _GOALS
    ]
    return f"# {name} {year} 年工作要点的目标。目标只写在这里。\n" + "".join(rows)
