"""The four products of a county read back: every number of targets, sections and conflicts by where it stands.

Each reader gives a dict from a key such as ``("target", "G1.good_ratio", "value")`` to a number, to the text that is
shown in its place (Word), or to None where the product says that there is none.
"""

import json
import re
from pathlib import Path

import openpyxl
from docx import Document

from suizhou_geo.conventions import CLASS_LABELS
from tests.maps.page_data import series_of

DATA = re.compile(r'<script type="application/json" id="page-data">(.*?)</script>', re.DOTALL)
CLASSES = {f"{label}类": number for number, label in CLASS_LABELS.items()}
NOTHING = {"", "—", "无数据"}


def read_json(path: Path) -> dict:
    """Everything, as the result holds it."""
    result = json.loads(path.read_text(encoding="utf-8"))
    numbers = {}
    for target in result["targets"]:
        numbers |= {("target", target["id"], name): target[name] for name in ("value", "target", "p_attain")}
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
    return numbers | {("conflict", i): each["distance_m"] for i, each in enumerate(result["conflicts"])}


def read_page(path: Path) -> dict:
    """What the page's script reads: the numbers themselves, and the texts of the cards."""
    data = json.loads(DATA.search(path.read_text(encoding="utf-8")).group(1))
    numbers = {}
    for target in data["targets"]:
        numbers |= {("target", target["id"], name): target[name] for name in ("value", "target", "p_attain")}
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
    return numbers | {("conflict", i): each["distance_m"] for i, each in enumerate(data["conflicts"])}


def read_brief(path: Path) -> dict:
    """The texts that stand in the annexes of the Word file."""
    targets, sections, conflicts = tables_of(path)
    numbers = {}
    for row in targets:
        numbers |= {
            ("target", row["编号"], "value"): row["现值"],
            ("target", row["编号"], "target"): row["目标值"].lstrip("≥≤=>< "),
            ("target", row["编号"], "p_attain"): row["达标概率"],
        }
    for row in sections:
        named = {"class": "本月", "year": "年初至今", "target": "目标"}
        name = row["断面"].removesuffix("（演示数据）")
        numbers |= {("section", name, key): CLASSES.get(row[head]) for key, head in named.items()}
        numbers |= {("section", name, "p"): row["达标概率"], ("section", name, "n"): row["参评月均值"]}
    return numbers | {("conflict", i): row["距离（米）"] for i, row in enumerate(conflicts)}


def tables_of(path: Path) -> list[list[dict[str, str]]]:
    """The annexes of targets, sections and conflicts as rows by header; one that is not there is empty."""
    found: dict[str, list[dict[str, str]]] = {"编号": [], "断面": [], "序号": []}
    for table in Document(str(path)).tables:
        head, *rows = [[cell.text for cell in row.cells] for row in table.rows]
        if head[0] in found and len(head) > 6:
            found[head[0]] = [dict(zip(head, row, strict=True)) for row in rows]
    return list(found.values())


def read_workbook(path: Path) -> dict:
    """The numbers in the cells of the workbook."""
    book = openpyxl.load_workbook(path)
    numbers = {}
    for row in _rows(book, "目标"):
        named = {"value": "现值", "target": "目标值", "p_attain": "全年达标概率"}
        numbers |= {("target", row["编号"], key): row[head] for key, head in named.items()}
    for row in _rows(book, "断面"):
        named = {
            "class": "类别数值", "year": "年初至今类别数值", "target": "目标类别数值", "p": "全年达标概率", "n": "参评月均值数",
        }  # fmt: skip
        numbers |= {("section", row["断面"], key): row[head] for key, head in named.items()}
    for row in _rows(book, "月度数据"):
        numbers[("month", row["断面"], row["指标"], row["月份"])] = row["月均值"]
    return numbers | {("conflict", i): row["距离（米）"] for i, row in enumerate(_rows(book, "冲突"))}


def differences(reference: dict, product: dict, *, monthly: bool) -> list[str]:
    """What a product leaves out, adds or says differently from the reference; empty if every number is the same."""
    wanted = {key: value for key, value in reference.items() if monthly or key[0] != "month"}
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


def _sections(layers: list) -> list:
    return [
        feature
        for layer in layers
        if layer["kind"] == "sections"
        for feature in layer["features"]
        if feature["section"]
    ]


def _months(section: str, indicator: str, times: list, values: list) -> dict:
    return {("month", section, indicator, time): value for time, value in zip(times, values, strict=True)}


def _rows(book: openpyxl.Workbook, title: str) -> list[dict]:
    if title not in book.sheetnames:
        return []
    head, *rows = book[title].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]
