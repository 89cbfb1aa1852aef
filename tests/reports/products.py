"""The four products of a county read back: every number of targets, sections and conflicts by where it stands.

Each reader gives a dict from a key such as ``("target", "G1.good_ratio", "value")`` to a number, to the text that is
shown in its place (Word), or to None where the product says that there is none.
"""

import json
import re
from collections.abc import Collection
from pathlib import Path

import openpyxl
from docx import Document

from suizhou_geo.conventions import CLASS_LABELS, indicators
from tests.maps.page_data import series_of

DATA = re.compile(r'<script type="application/json" id="page-data">(.*?)</script>', re.DOTALL)
CLASSES = {f"{label}类": number for number, label in CLASS_LABELS.items()}
NOTHING = {"", "—", "无数据"}


def read_json(path: Path) -> dict:
    """Everything, as the result holds it."""
    result = json.loads(path.read_text(encoding="utf-8"))
    numbers = _board(result["targets"]) | _board(result["tasks"])
    for each in result["accounts"]:
        numbers |= {
            _account(each["section_name"], each["period"], indicators()[each["indicator"]].name, name): each[
                name
            ]
            for name in ACCOUNT
        }
    for number, each in enumerate(result["alerts"]):
        numbers |= {("alert", number, name): each[name] for name in ("value", "limit")}
    for feature in _sections(result["layers"]):
        own = feature["section"]
        named = {
            "class": "water_class",
            "year": "year_to_date_class",
            "target": "target_class",
            "p": "p_attain",
            "n": "n",
        }
        numbers |= {("section", feature["name"], key): own[name] for key, name in named.items()}
        for series in feature["series"]:
            numbers |= _months(feature["name"], series["name"], series["times"], series["values"])
    for feature in _stations(result["layers"]):
        for series in feature["series"]:
            numbers |= _months(feature["name"], series["name"], series["times"], series["values"])
        now = feature["air"]["months"][-1]
        numbers |= _air(feature["name"], now["aqi"], sum(now["days"]), now["good_days"])
    return numbers | {("conflict", i): each["distance_m"] for i, each in enumerate(result["conflicts"])}


def read_page(path: Path) -> dict:
    """What the page's script reads: the numbers themselves, and the texts of the cards."""
    data = json.loads(DATA.search(path.read_text(encoding="utf-8")).group(1))
    numbers = _board(data["targets"])
    layer = next(layer for layer in data["layers"] if layer["kind"] == "sections")
    for at, (name, own) in enumerate(zip(layer["names"], layer["sections"], strict=True)):
        facts = [layer["texts"][number] for number in layer["facts"][at]]
        card = dict(zip(facts[::2], facts[1::2], strict=True))
        numbers |= {
            ("section", name, "class"): own["waterClass"],
            ("section", name, "year"): own["yearClass"],
            ("section", name, "target"): own["targetClass"],
            ("section", name, "p"): card.get("全年达标概率", "—").partition("（")[0],
            ("section", name, "n"): card.get("参评月均值", "0").removesuffix(" 项"),
        }
        for series, months, values in series_of(layer, at, data["calendars"]):
            numbers |= _months(name, series, months, values)
    stations = next(
        (layer for layer in data["layers"] if layer["kind"] == "stations"), {"names": [], "airs": []}
    )
    for at, (name, own) in enumerate(zip(stations["names"], stations["airs"], strict=True)):
        for series, months, values in series_of(stations, at, data["calendars"]):
            numbers |= _months(name, series, months, values)
        numbers |= _air(name, own["aqi"][-1], sum(own["days"][-1]), own["good"][-1])
    return numbers | {("conflict", i): each["distance_m"] for i, each in enumerate(data["conflicts"])}


def read_board(path: Path) -> dict:
    """What the script of the plan board reads."""
    data = json.loads(DATA.search(path.read_text(encoding="utf-8")).group(1))
    numbers = {}
    for group in (*data["goals"], *data["tasks"]):
        numbers |= _board(group["rows"])
    for number, each in enumerate(data["alerts"]):
        numbers |= {("alert", number, name): each[name] for name in ("value", "limit")}
    return numbers


def read_brief(path: Path) -> dict:
    """The texts that stand in the annexes of the Word file."""
    tables = tables_of(path)
    numbers = {}
    for row in tables["targets"] + tables["tasks"]:
        numbers |= {
            ("target", row["编号"], "value"): row["现值"],
            ("target", row["编号"], "target"): row["目标值"].lstrip("≥≤=>< "),
            ("target", row["编号"], "p_attain"): row["达标概率"],
            ("target", row["编号"], "progress"): row["进度"],
        }
    for row in tables["accounts"]:
        numbers[("account sum", row["断面"], row["项目"])] = row["累计金额"].partition(" ")[0]
    for row in tables["sections"]:
        named = {"class": "本月", "year": "年初至今", "target": "目标"}
        name = row["断面"].removesuffix("（演示数据）")
        numbers |= {("section", name, key): CLASSES.get(row[head]) for key, head in named.items()}
        numbers |= {("section", name, "p"): row["达标概率"], ("section", name, "n"): row["参评月均值"]}
    for row in tables["air"]:
        numbers |= _air(row["站点"], row["AQI"], row["有 AQI 的天数"], row["优良天数"])
    return numbers | {("conflict", i): row["距离（米）"] for i, row in enumerate(tables["conflicts"])}


#: A header of its own for each annex of the brief.
_MARKS = {
    "targets": "目标",
    "tasks": "任务",
    "sections": "参评月均值",
    "conflicts": "保护范围",
    "accounts": "累计金额",
    "air": "有 AQI 的天数",
}


def tables_of(path: Path) -> dict[str, list[dict[str, str]]]:
    """The annexes with numbers as rows by header; one that is not there is empty."""
    found: dict[str, list[dict[str, str]]] = {name: [] for name in _MARKS}
    for table in Document(str(path)).tables:
        head, *rows = [[cell.text for cell in row.cells] for row in table.rows]
        for name, mark in _MARKS.items():
            if mark in head and len(head) > 6 and ("编号" in head) == (name in {"targets", "tasks"}):
                found[name] = [dict(zip(head, row, strict=True)) for row in rows]
    return found


def read_workbook(path: Path) -> dict:
    """The numbers in the cells of the workbook."""
    book = openpyxl.load_workbook(path)
    numbers = {}
    for row in _rows(book, "目标") + _rows(book, "任务"):
        named = {"value": "现值", "target": "目标值", "p_attain": "全年达标概率", "progress": "进度（%）"}
        numbers |= {("target", row["编号"], key): row[head] for key, head in named.items()}
    for row in _rows(book, "生态补偿"):
        named = {"value": "月均值", "limit": "限值", "base": "基准值", "amount": "金额"}
        numbers |= {
            _account(row["断面"], row["月份"], row["项目"], key): row[head] for key, head in named.items()
        }
    for number, row in enumerate(_rows(book, "预警")):
        numbers |= {("alert", number, "value"): row["数值"], ("alert", number, "limit"): row["界限"]}
    for row in _rows(book, "断面"):
        named = {
            "class": "类别数值", "year": "年初至今类别数值", "target": "目标类别数值", "p": "全年达标概率", "n": "参评月均值数",
        }  # fmt: skip
        numbers |= {("section", row["断面"], key): row[head] for key, head in named.items()}
    for row in _rows(book, "月度数据"):
        numbers[("month", row["断面"], row["指标"], row["月份"])] = row["月均值"]
    for row in _rows(book, "空气浓度"):
        numbers[("month", row["站点"], row["指标"], row["月份"])] = row["数值"]
    # The last row of a station is the month of the report.
    for row in _rows(book, "空气站点"):
        numbers |= _air(row["站点"], row["AQI"], row["有 AQI 的天数"], row["优良天数"])
    return numbers | {("conflict", i): row["距离（米）"] for i, row in enumerate(_rows(book, "冲突"))}


def differences(reference: dict, product: dict, *, without: Collection[str] = ()) -> list[str]:
    """What a product leaves out, adds or says differently from the reference; empty if every number is the same.

    ``without`` names kinds of numbers that the product does not hold, and is held to.
    """
    wanted = {key: value for key, value in reference.items() if key[0] not in without}
    told = [f"{key}: missing" for key in wanted.keys() - product.keys()]
    told += [f"{key}: not in the reference" for key in product.keys() - wanted.keys()]
    both = wanted.keys() & product.keys()
    return told + [
        f"{key}: {wanted[key]} ≠ {product[key]}" for key in both if not agrees(wanted[key], product[key])
    ]


def agrees(number: float | None, shown: object) -> bool:
    """A number is itself, or a text that rounds it to the decimals that the text has.

    >>> agrees(92.857, "92.86%"), agrees(92.857, "92.9"), agrees(92.857, "92.8"), agrees(0.995, "大于 99%")
    (True, True, False, True)
    """
    if not isinstance(shown, str):
        return number == shown
    if shown in NOTHING or number is None:
        return number is None and shown in NOTHING
    if shown.startswith(("大于 ", "小于 ")):
        return number > 0.99 if shown == "大于 99%" else shown == "小于 1%" and number < 0.01
    digits = re.match(r"−?[\d,]+(\.\d+)?", shown).group()
    read = float(digits.replace("−", "-").replace(",", ""))
    step = 10.0 ** -len(digits.partition(".")[2])
    scales = (1.0, 0.01) if shown.endswith("%") else (1.0,)
    return any(abs(number - scale * read) <= scale * step * 0.5000001 for scale in scales)


#: Figures of an account.
ACCOUNT = ("value", "limit", "base", "amount")


def _account(section: str, period: str, item: str, name: str) -> tuple[str, ...]:
    return "account", section, period, item, name


def _board(rows: list[dict]) -> dict:
    named = ("value", "target", "p_attain", "progress")
    return {("target", row["id"], name): row[name] for row in rows for name in named}


def _sections(layers: list) -> list:
    return [
        feature
        for layer in layers
        if layer["kind"] == "sections"
        for feature in layer["features"]
        if feature["section"]
    ]


def _stations(layers: list) -> list:
    return [each for layer in layers for each in layer["features"] if each["air"]]


def _air(station: str, aqi: object, valid: object, good: object) -> dict:
    named = {"aqi": aqi, "valid": valid, "good": good}
    return {("air", station, name): value for name, value in named.items()}


def _months(section: str, indicator: str, times: list, values: list) -> dict:
    return {("month", section, indicator, time): value for time, value in zip(times, values, strict=True)}


def _rows(book: openpyxl.Workbook, title: str) -> list[dict]:
    if title not in book.sheetnames:
        return []
    head, *rows = book[title].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]
