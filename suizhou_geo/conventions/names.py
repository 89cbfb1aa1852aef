"""Column names, dimensions, CRS, indicator codes and their Chinese names."""

import csv
import math
import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files as package_files

from suizhou_geo.errors import InputError

SITE_DIM = "site"
TIME_DIM = "time"

#: CGCS2000 geographic: all government data of China.
GEOGRAPHIC_CRS = "EPSG:4490"

SITE_COLUMNS = (
    "site_id",
    "site_name",
    "kind",
    "longitude",
    "latitude",
    "adcode",
    "river",
    "water_body",
    "target_class",
    "assessed_city",
    "location_quality",
    "synthetic",
)

OBSERVATION_COLUMNS = (
    "site_id",
    "site_name",
    "time",
    "indicator",
    "value",
    "unit",
    "censored",
    "qualifier",
    "available_at",
    "source_row",
)

#: Why an observation row has no value. Missing (an instrument failed, a station was off) and not monitored
#: (the item is not in the programme) are different things from reading to report.
MISSING_QUALIFIERS = {"missing": "缺测", "not_monitored": "未监测"}

#: Layer kinds of a workspace, in the order in which the map draws and lists them.
LAYER_KINDS = {
    "counties": "县级行政区",
    "redlines": "生态保护红线",
    "units": "环境管控单元",
    "reserves": "自然保护地",
    "water_zones": "饮用水水源保护区",
    "rivers": "河流",
    "sections": "水质监测断面",
    "stations": "空气监测站点",
    "intakes": "饮用水水源",
    "sources": "污染源",
    "outfalls": "入河排污口",
    "projects": "年度工作项目",
}

AREA_KINDS = ("redlines", "water_zones", "reserves", "units")

POINT_KINDS = ("sections", "stations", "intakes", "sources", "outfalls", "projects")

SOURCE_TYPES = {
    "industry": "工业企业",
    "works": "污水处理厂",
    "tailings": "尾矿库",
    "waste": "固废处置",
    "metal": "涉重金属企业",
    "radiation": "核技术利用单位",
    "fuel": "加油站、储油库",
    "farm": "规模化养殖场",
    "outfall": "入河排污口",
}

LOCATION_QUALITIES = {
    "surveyed": "实测坐标",
    "published": "公布坐标",
    "approximate": "位置为约数",
    "synthetic": "演示位置",
}

#: Names of goals begin so that hold a published figure against a value whose own target is not public.
REFERENCE_MARK = "对照："

#: Shown wherever a number or a shape was made by a script and not measured.
SYNTHETIC_LABEL = "演示数据"

CLASS_LABELS = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ", 5: "Ⅴ", 6: "劣Ⅴ"}

#: Words of a target's state, worst first; the page lists targets in this order.
TARGET_WORDS = {
    "missed": "未达标",
    "unlikely": "难以达标",
    "behind": "目前未达标",
    "at_risk": "有风险",
    "unknown": "无法判定",
    "likely": "有望达标",
    "on_track": "目前达标",
    "met": "已达标",
}

#: States that somebody must do something about.
TROUBLED = ("missed", "unlikely", "behind", "at_risk")

#: Words for rows that are held against a schedule or the pace of a plan instead of the year's target.
PACE_WORDS = {"behind": "进度落后", "on_track": "进度正常"}

#: What a bracket behind a name says when it is no unit.
_REMARK = re.compile(r"以.+计|.+法|总量|湖.?库.*|以.+表示")

_ADCODE = re.compile(r"[0-9]{6}")  # not \d, which takes the digits of every script


@dataclass(frozen=True)
class Indicator:
    """One monitored quantity: its code, Chinese name, standard unit, medium and accepted header spellings.

    ``better`` is the side on which it is good, ``low`` or ``high``; empty where neither is.
    """

    code: str
    name: str
    unit: str
    medium: str
    aliases: tuple[str, ...]
    better: str = ""


@cache
def indicators(medium: str = "") -> dict[str, Indicator]:
    """All indicators by code: of water and air from ``indicators.csv``, of soil (mg/kg) from ``soil_indicators.csv``.

    >>> indicators()["nh3n"].name, indicators()["co"].unit, indicators("soil")["cd"].unit
    ('氨氮', 'mg/m³', 'mg/kg')
    """
    name = "soil_indicators.csv" if medium == "soil" else "indicators.csv"
    text = package_files("suizhou_geo.conventions").joinpath(name).read_text(encoding="utf-8")
    return {
        row["code"]: Indicator(
            row["code"],
            row["name"],
            row["unit"],
            row["medium"],
            tuple(filter(None, row["aliases"].split("|"))),
            row.get("better", ""),
        )
        for row in csv.DictReader(text.splitlines())
    }


def normalise_text(text: str) -> str:
    """Full-width forms folded, spaces removed, lower case: the form in which headers are compared.

    >>> normalise_text(" ＰＨ（无量纲） ")
    'ph(无量纲)'
    """
    folded = unicodedata.normalize("NFKC", text)
    return re.sub(r"\s+", "", folded).lower()


def check_indicator(code: str) -> Indicator:
    """The indicator of a code of water or air; ``InputError`` that names the nearest codes, or the usual ones."""
    known = indicators()
    if code in known:
        return known[code]
    near = get_close_matches(code.lower(), known, n=3)
    usual = [item.code for item in known.values() if item.medium == "air"] + list(known)[:10]
    raise InputError(
        f"指标“{code}”未知",
        why=f"可用的如：{'、'.join(near or usual)}",
        todo="用 --indicator 给出代码或名称，如 pm2_5、氨氮",
    )


@cache
def _header_index(medium: str) -> dict[str, str]:
    index: dict[str, str] = {}
    for indicator in indicators(medium).values():
        for spelling in (indicator.code, indicator.name, *indicator.aliases):
            index[normalise_text(spelling)] = indicator.code
    return index


def indicator_of_header(header: str, medium: str = "") -> tuple[str, str] | None:
    """The indicator code and the unit written in a column header, or None if the header names no indicator.

    The unit is what stands in brackets at the end, or an empty string.

    >>> indicator_of_header("高锰酸盐指数(mg/L)")
    ('codmn', 'mg/L')
    >>> indicator_of_header("总硬度(以CaCO3计，mg/L)"), indicator_of_header("银(Ag)")
    (('hardness', 'mg/L'), ('ag', ''))
    >>> indicator_of_header("监测时间") is None
    True
    """
    index = _header_index("soil" if medium == "soil" else "")
    whole = normalise_text(header)
    if whole in index:
        return index[whole], ""
    match = re.fullmatch(r"(.+?)[(\[]([^()\[\]]*)[)\]]", unicodedata.normalize("NFKC", header).strip())
    if match is None:
        return None
    code = index.get(normalise_text(match.group(1)))
    if code is None:
        return None
    # Remarks stand in the same brackets as units: 银(Ag), 总硬度(以CaCO3计，mg/L), 耗氧量(CODMn法,以O2计).
    parts = [part.strip() for part in re.split("[,;，；、]", match.group(2))]
    return code, "".join(
        part for part in parts if not _REMARK.fullmatch(part) and index.get(normalise_text(part)) != code
    )


def class_label(water_class: float | None) -> str:
    """Ⅰ…Ⅴ, 劣Ⅴ, or an empty string where there is no class.

    >>> class_label(3), class_label(6), class_label(None)
    ('Ⅲ', '劣Ⅴ', '')
    """
    if water_class is None or math.isnan(water_class):
        return ""
    return CLASS_LABELS.get(int(water_class), "")


def site_key(province: str, section: str) -> str:
    """The ``site_id`` of a platform row, which has none: 19 section names occur in two provinces.

    >>> site_key("湖北省", "厉山")
    '湖北省|厉山'
    """
    return f"{province}|{section}" if province else section


def check_adcode(adcode: str) -> str:
    """Return ``adcode`` if it has the form of a county code (six digits), else raise ``InputError``."""
    if not _ADCODE.fullmatch(adcode):
        raise InputError(f"区划代码“{adcode}”格式不对", why="应为六位数字", todo="例如曾都区为 421303")
    return adcode


def state_word(state: str, *, paced: bool) -> str:
    """A state in words: of the pace where something is due by now, else of the target.

    >>> state_word("behind", paced=True), state_word("behind", paced=False)
    ('进度落后', '目前未达标')
    """
    pace = PACE_WORDS.get(state) if paced else None
    return pace or TARGET_WORDS.get(state, state)


def chance_text(chance: float) -> str:
    """A probability as an analyst reads it: whole per cent, and never certain, as a forecast is not.

    >>> chance_text(0.823), chance_text(1.0), chance_text(0.001)
    ('82%', '大于 99%', '小于 1%')
    """
    if chance > 0.99:
        return "大于 99%"
    return "小于 1%" if chance < 0.01 else f"{chance:.0%}"
