"""A workspace for any city of China: boundaries, a plan without invented targets, Excel templates that explain themselves."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path
from typing import TYPE_CHECKING

from suizhou_geo.conventions import CLASS_LABELS, LOCATION_QUALITIES, check_adcode, indicators
from suizhou_geo.errors import InputError, Place
from suizhou_geo.files.boundaries import counties_of_city, read_cities
from suizhou_geo.files.plan_rules import usual_comparison
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
_PLACES = (
    *(_Column("site_name", "名称", width=24) if each.header == "断面名称" else each for each in _SITE),
    _Column("task", "属于计划文件中的哪个任务，例如 T03；没有就空着"),
    _QUALITY,
)
_LEDGER = (
    _Column("编号", "计划文件中的 id，例如 G4.medical", width=20),
    _Column("区划代码", "哪个区县报的；全市的数写城市代码"),
    _Column("截止日期", "累计到哪一天，例如 2021-06-30"),
    _Column("数量名称", "见 suizhou-geo standards show goals-2021；减排和强度写 完成值", width=20),
    _Column("累计数", "当年 1 月 1 日以来的累计；同一数量每期一行"),
    _Column("来源", "哪个科室、哪份报表", width=24),
)
_UNITS = (
    _Column("单位编号", "本表内不重复"),
    _Column("单位名称", "全称", width=24),
    _Column("区划代码", "所在区县的六位代码"),
    _Column("类别", "重点的全部检查，一般的随机抽查", ("重点", "一般")),
    _Column("行业", "可用作分层"),
    _Column("检查日期", "没有检查的空着，例如 2021-06-03"),
)
_CELL_NOTE = "未检出写检出限加 L（0.02L）或 <0.02；缺测写 --；未监测写 *"


def create_workspace(folder: str | Path, *, adcode: str, year: int) -> Path:
    """Write a workspace for the prefecture with that code, and return its folder.

    ``workspace.toml`` names the city, its counties and the projection of its zone; ``plan_<year>.toml`` has a row of
    every kind that the plan can judge, without targets (none is invented), and its rules; ``plan``, ``layers`` and
    ``observations`` hold Excel templates with units in the headers, drop-downs and notes. Nothing that is already
    there is overwritten.

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
        f"plan/台账_{year}.xlsx": _LEDGER,
        f"plan/抽查名单_{year}.xlsx": _UNITS,
        "layers/污染源.xlsx": _PLACES,
        "layers/排污口.xlsx": (*_PLACES, _Column("permit_status", "许可或登记情况，例如 已审批、登记备案、未审批")),
        "layers/工程项目.xlsx": (*_PLACES, _Column("status", "进展，例如 已完成、正在实施、未开工"), _Column("due", "期限，例如 2021-12-31")),
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

[layers.sources]
file = "layers/污染源.xlsx"
title = "污染源"
source = "填写来源"
updated = {year}-01-01

[layers.outfalls]
file = "layers/排污口.xlsx"
title = "入河排污口"
source = "填写来源"
updated = {year}-01-01

[layers.projects]
file = "layers/工程项目.xlsx"
title = "年度工作项目"
source = "填写来源"
updated = {year}-01-01

# 有红线、管控单元、保护地、水源保护区、河流和水源的矢量时，照此添加（gpkg、geojson、shp，或有经纬度的表）：
# [layers.redlines]
# file = "layers/redlines.gpkg"
# title = "生态保护红线"
# source = "填写来源"

[observations.water]
files = ["observations/water_*.xlsx"]
source = "填写来源"

[observations.air]
files = ["observations/air_*.xlsx"]
source = "填写来源"

[plan]
files = ["plan_{year}.toml"]
"""


#: Rows that are shown for review or as an account: nobody gives a target for them.
_NO_TARGET = {
    "redline_conflicts": "只供复核，不设目标值", "reserve_conflicts": "只供复核，不设目标值",
    "zone_conflicts": "只供复核，不设目标值", "compensation": "核算值，不设目标值",
}  # fmt: skip

_RULES = """
# 预警规则：界限按本地规定修改；basis 是预警清单上引用的依据。

[[alert]]
id = "W1"
kind = "target_at_risk"
name = "目标有风险"
year = {year}
basis = "计划文件 W1：全年达标概率低于 50%，或落后于进度"
p_below = 0.5

[[alert]]
id = "W2"
kind = "class_worse"
name = "水质劣于目标"
year = {year}
basis = "计划文件 W2：断面当月类别比目标类别差 1 类及以上"
steps = 1

[[alert]]
id = "W3"
kind = "spike"
name = "断面浓度突增"
year = {year}
basis = "计划文件 W3：月均值超过此前 12 个月中位数的 2 倍"
medium = "water"
indicators = ["codmn", "nh3n", "tp"]
factor = 2.0
window = 12
least = 6

[[alert]]
id = "W4"
kind = "silent"
name = "空气站无数据"
year = {year}
basis = "计划文件 W4：站点连续 3 天及以上没有数据"
medium = "air"
silent = 3

# 抽查计划：key 一类全覆盖，其余分层随机抽 share；同一名单、同一种子，结果相同。

[[inspection]]
id = "T04"
name = "双随机检查"
year = {year}
units = "plan/抽查名单_{year}.xlsx"
seed = {year}0101
column = "category"
key = ["重点"]
share = 0.5
strata = ["adcode"]
source = "填写抽查办法"

# 县界断面生态补偿：有补偿协议时去掉 # 并填写。positive 为上游补偿下游。
# [[compensation]]
# id = "C1"
# name = "县界断面水质横向生态补偿"
# year = {year}
# formula = "price * max(value / limit - 1, 0)"      # value 当月均值，limit 目标类别限值，base 基准年均值
# money_unit = "万元"
# base_years = []
# source = "填写补偿协议"
# sections = [{{ section = "断面编号", upstream = "上游区县代码", downstream = "下游区县代码" }}]
# [compensation.indicators]
# tp = {{ price = 0.0 }}                              # 填写协议单价
"""


def _plan_text(name: str, year: int) -> str:
    head = f"""# {name} {year} 年工作要点：目标只写在这里。每一项一节 [[target]]；用不到的删去，同类的可以复制后改 id。
# 下面是计划文件能判断的全部种类。目标值一律由使用者填写：去掉 target 前的 #，写下达的数；没有下达的写 note，不要编造。
# 运行 suizhou-geo check 会逐项指出哪些还没有填。
# judged_by：computed 由数据计算，scheduled 按五年序时进度，counted 按完成数，drawn 按抽取名单，manual 人工填报。
# counties：all 全市和各区县，city 只有全市，或区划代码的列表 ["{{代码}}"]。

[data]
reports = ["plan/台账_{year}.xlsx"]
"""
    rows = csv.DictReader(
        package_files("suizhou_geo.files")
        .joinpath("plan_template.csv")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    return head + "".join(_target_text(row, year) for row in rows) + _RULES.format(year=year)


def _target_text(row: dict[str, str], year: int) -> str:
    texts = (
        "id",
        "name",
        "indicator",
        "unit",
        "judged_by",
        "layer",
        "schedule",
        "target_from",
        "counties",
        "needs",
    )
    lines = ["", "[[target]]", f'goal = "{row["id"].split(".")[0]}"', f"year = {year}", f"due = {year}-12-31"]
    lines += [f'{key} = "{row[key]}"' for key in texts if row[key]]
    lines += [f"{key} = {row[key]}" for key in ("where", "done") if row[key]]
    if row["indicator"]:
        lines.append(f'compare = "{usual_comparison(row["indicator"])}"')
    lines += [*_figure_lines(row, year), 'source = "填写下达文件"', 'verified = "typed"']
    return "\n".join(lines) + "\n"


def _figure_lines(row: dict[str, str], year: int) -> list[str]:
    """What the user fills in himself: a target, a planned number, or typed progress; nothing is invented."""
    if row["judged_by"] == "manual":
        return [f"# progress = 0.0        # 填写进展，百分数\n# progress_date = {year}-06-30"]
    if row["indicator"] in _NO_TARGET:
        return [f'note = "{_NO_TARGET[row["indicator"]]}"']
    if row["target_from"] or row["done"] or row["judged_by"] == "drawn":
        return []
    if row["indicator"] == "done" and row["unit"] != "%":
        return ["# planned = 0.0         # 填写全市计划数；区县计划数写在台账中"]
    base = f"base_year = {(year - 1) // 5 * 5}      # 五年规划的基年\n" if row["schedule"] else ""
    return [f"{base}# target = 0.0          # 填写下达的目标；没有下达的写 note，不要编造"]
