"""Labelled faults of monitoring files, each with what is known to be true of it.

A mutator takes a clean table and a random generator, spoils one thing, and says what must happen: the true value is
read and the change is told (``right``), the file is refused or the cell is reported at its place (``located``), or an
oddity is reported by its code (``flagged``).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

Rows = list[list[str]]
Random = np.random.Generator

HEADER = ["断面名称", "监测时间", "水质类别", "pH(无量纲)", "溶解氧(mg/L)", "高锰酸盐指数(mg/L)", "化学需氧量(mg/L)",
          "五日生化需氧量(mg/L)", "氨氮(mg/L)", "总磷(mg/L)", "总氮(mg/L)", "汞(mg/L)"]  # fmt: skip
PH, CODMN, COD, BOD5, NH3N, TP, TN, HG = 3, 5, 6, 7, 8, 9, 10, 11
ITEMS = (4, CODMN, COD, BOD5, NH3N, TP, TN)
CODES = {
    PH: "ph",
    4: "do",
    CODMN: "codmn",
    COD: "cod",
    BOD5: "bod5",
    NH3N: "nh3n",
    TP: "tp",
    TN: "tn",
    HG: "hg",
}


@dataclass
class Expected:
    """What must happen: ``kind`` and, as far as it applies, the place, the code of the problem and the true value."""

    kind: str
    row: int | None = None
    column: int | None = None
    code: str = ""
    value: float | None = None
    censored: bool = False
    told: str = ""


@dataclass
class Mutant:
    """A spoilt table: its lines (the header first), how it is to be written, and what must happen."""

    lines: Rows
    expected: Expected
    form: str = "any"
    raw: bytes | None = None
    ending: str = ""
    merge: list[str] = field(default_factory=list)


def clean_table(random: Random) -> Rows:
    """Months of a few sections that no rule finds odd, class Ⅱ throughout."""
    lines = [list(HEADER)]
    for site in range(int(random.integers(2, 5))):
        for month in range(1, int(random.integers(8, 13))):
            cod, nh3n = random.uniform(10.5, 14.9), random.uniform(0.16, 0.45)
            values = [
                f"{random.uniform(7, 8.2):.2f}", f"{random.uniform(6.1, 7.4):.2f}", f"{random.uniform(2.1, 3.8):.2f}", f"{cod:.1f}",
                f"{random.uniform(1.2, 2.8):.1f}", f"{nh3n:.3f}", f"{random.uniform(0.03, 0.09):.3f}",
                f"{nh3n + random.uniform(0.6, 2):.2f}", f"{random.uniform(0.00001, 0.00004):.5f}",
            ]  # fmt: skip
            lines.append(
                [f"断面{site + 1}", f"2021-{month:02d}-{int(random.integers(2, 9)):02d}", "Ⅱ", *values]
            )
    return lines


def _pick(lines: Rows, random: Random, columns: tuple[int, ...] = ITEMS) -> tuple[int, int]:
    return int(random.integers(1, len(lines))), int(random.choice(columns))


def _cell(write: Callable[[float], str], *, kind: str, **known: object) -> Callable[[Rows, Random], Mutant]:
    """One cell rewritten; ``write`` gets its number."""

    def mutate(lines: Rows, random: Random) -> Mutant:
        row, column = _pick(lines, random)
        truth = float(lines[row][column])
        lines[row][column] = write(truth)
        expected = Expected(kind, row + 1, column, **known)  # type: ignore[arg-type]
        if kind == "right" and "value" not in known:
            expected.value = truth
        return Mutant(lines, expected)

    return mutate


def _constant(text: str, **known: object) -> Callable[[Rows, Random], Mutant]:
    return _cell(lambda _: text, **known)  # type: ignore[arg-type]


def _fullwidth(text: str) -> str:
    return text.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789."})


def _time(text: str, *, kind: str, code: str = "") -> Callable[[Rows, Random], Mutant]:
    def mutate(lines: Rows, random: Random) -> Mutant:
        row = int(random.integers(1, len(lines)))
        lines[row][1] = text
        return Mutant(lines, Expected(kind, row + 1, 1, code=code))

    return mutate


def _header(
    change: Callable[[Rows, int], None], *, kind: str, told: str = "", columns: tuple[int, ...] = ITEMS
) -> Callable[[Rows, Random], Mutant]:
    def mutate(lines: Rows, random: Random) -> Mutant:
        row, column = _pick(lines, random, columns)
        truth = float(lines[row][column])
        change(lines, column)
        expected = Expected(kind, row + 1 if kind == "right" else None, column, told=told)
        if kind == "right":
            expected.value = truth
        return Mutant(lines, expected)

    return mutate


def _micrograms(lines: Rows, column: int) -> None:
    lines[0][column] = lines[0][column].replace("mg/L", "μg/L")
    for line in lines[1:]:
        line[column] = f"{float(line[column]) * 1000:.6g}"


def _rename(old: str, new: str) -> Callable[[Rows, int], None]:
    def change(lines: Rows, column: int) -> None:
        lines[0][column] = lines[0][column].replace(old, new)

    return change


def _drop(place: int) -> Callable[[Rows, Random], Mutant]:
    def mutate(lines: Rows, _random: Random) -> Mutant:
        return Mutant(
            [line[:place] + line[place + 1 :] for line in lines], Expected("located", told="找不到需要的列")
        )

    return mutate


def _twice(lines: Rows, random: Random) -> Mutant:
    column = int(random.choice(ITEMS))
    return Mutant([[*line, line[column]] for line in lines], Expected("located", 1, told="列名重复"))


def _same_item(lines: Rows, _random: Random) -> Mutant:
    spoilt = [[*line, "NH3-N" if place == 0 else line[NH3N]] for place, line in enumerate(lines)]
    return Mutant(spoilt, Expected("located", told="几列是同一项目"))


def _units_below(lines: Rows, random: Random) -> Mutant:
    row, column = _pick(lines, random)
    truth = float(lines[row][column])
    names = [name.split("(")[0] for name in lines[0]]
    units = ["", "", "", "", *["mg/L"] * (len(HEADER) - 4)]
    return Mutant(
        [names, units, *lines[1:]], Expected("right", row + 2, column, value=truth, told="是单位，并入表头")
    )


def _title(lines: Rows, random: Random) -> Mutant:
    row, column = _pick(lines, random)
    truth = float(lines[row][column])
    return Mutant(
        [["某市水质监测结果"], *lines], Expected("right", row + 2, column, value=truth, told="标题")
    )


def _blank_line(lines: Rows, random: Random) -> Mutant:
    row, column = _pick(lines, random)
    truth = float(lines[row][column])
    at = int(random.integers(1, row + 1))
    return Mutant(
        [*lines[:at], [""] * len(HEADER), *lines[at:]], Expected("right", row + 2, column, value=truth)
    )


def _total(lines: Rows, random: Random) -> Mutant:
    row, column = _pick(lines, random)
    truth = float(lines[row][column])
    lines.append(
        [
            "平均值",
            "",
            "",
            *[
                f"{np.mean([float(line[place]) for line in lines[1:]]):.4f}"
                for place in range(3, len(HEADER))
            ],
        ]
    )
    return Mutant(lines, Expected("right", row + 1, column, value=truth, told="统计行"))


def _remark(lines: Rows, random: Random) -> Mutant:
    row, column = _pick(lines, random)
    truth = float(lines[row][column])
    return Mutant(
        [*lines, ["注：L 表示低于检出限"]], Expected("right", row + 1, column, value=truth, told="备注")
    )


def _long_line(lines: Rows, random: Random) -> Mutant:
    row = int(random.integers(1, len(lines)))
    lines[row] = [*lines[row], "0.5"]
    return Mutant(lines, Expected("located", row + 1, told="表头只有"), form="csv")


def _nameless(lines: Rows, random: Random) -> Mutant:
    row = int(random.integers(1, len(lines)))
    lines[row][0] = ""
    return Mutant(lines, Expected("located", row + 1, 0, code="site_missing"))


def _merged(lines: Rows, random: Random) -> Mutant:
    column = int(random.choice(ITEMS))
    name = lines[1][0]
    last = max(place for place, line in enumerate(lines) if line[0] == name)
    truth = float(lines[last][column])
    for line in lines[2 : last + 1]:
        line[0] = ""
    return Mutant(
        lines,
        Expected("right", last + 1, column, value=truth, told="合并单元格"),
        form="xlsx",
        merge=[f"A2:A{last + 1}"],
    )


def _set(
    changes: Callable[[list[str], Random], dict[int, float]], code: str, column: int
) -> Callable[[Rows, Random], Mutant]:
    def mutate(lines: Rows, random: Random) -> Mutant:
        row = int(random.integers(1, len(lines)))
        for place, value in changes(lines[row], random).items():
            lines[row][place] = f"{value:.5g}"
        return Mutant(lines, Expected("flagged", row + 1, column, code=code))

    return mutate


def _doubled(lines: Rows, random: Random) -> Mutant:
    row = int(random.integers(1, len(lines)))
    return Mutant(
        [*lines[: row + 1], list(lines[row]), *lines[row + 1 :]],
        Expected("flagged", row + 2, code="duplicate_row"),
    )


def _contradicted(lines: Rows, random: Random) -> Mutant:
    row, column = _pick(lines, random)
    other = list(lines[row])
    other[column] = f"{float(other[column]) * 1.3:.4g}"
    return Mutant(
        [*lines[: row + 1], other, *lines[row + 1 :]],
        Expected("flagged", row + 2, column, code="contradictory_rows"),
    )


def _month_twice(lines: Rows, random: Random) -> Mutant:
    row = int(random.integers(2, 6))
    lines[row][1] = lines[row - 1][1][:8] + "25"
    return Mutant(lines, Expected("flagged", row + 1, code="duplicate_month"))


def _wrong_class(lines: Rows, random: Random) -> Mutant:
    row = int(random.integers(1, len(lines)))
    lines[row][2] = "Ⅴ"
    return Mutant(lines, Expected("flagged", row + 1, code="class_contradicts"))


def _high_limit(lines: Rows, random: Random) -> Mutant:
    row = int(random.integers(1, len(lines)))
    lines[row][HG] = "0.001L"
    return Mutant(lines, Expected("flagged", row + 1, HG, code="limit_above_criterion"))


def _encoded(encoding: str) -> Callable[[Rows, Random], Mutant]:
    def mutate(lines: Rows, random: Random) -> Mutant:
        row, column = _pick(lines, random)
        truth = float(lines[row][column])
        lines[row][0] = lines[row][0] + "㙦"
        text = "\n".join(",".join(line) for line in lines)
        return Mutant(
            lines, Expected("right", row + 1, column, value=truth), raw=text.encode(encoding), ending=".csv"
        )

    return mutate


def _broken_bytes(lines: Rows, random: Random) -> Mutant:
    data = bytearray("\n".join(",".join(line) for line in lines).encode())
    data[int(random.integers(200, len(data)))] = 0xFF
    return Mutant(lines, Expected("located", told="编码无法识别"), raw=bytes(data), ending=".csv")


def _raw(data: bytes, ending: str, told: str) -> Callable[[Rows, Random], Mutant]:
    def mutate(lines: Rows, _random: Random) -> Mutant:
        return Mutant(lines, Expected("located", told=told), raw=data, ending=ending)

    return mutate


#: Every mutator by its label.
MUTATORS: dict[str, Callable[[Rows, Random], Mutant]] = {
    "full-width digits": _cell(lambda value: _fullwidth(f"{value:g}"), kind="right", told="log"),
    "a power of ten": _cell(lambda value: f"{value * 10:.6g}×10^-1", kind="right", told="log"),
    "an exponent": _cell(lambda value: f"{value * 100:.6g}e-2", kind="right"),
    "the unit in the cell": _cell(lambda value: f"{value:g}mg/L", kind="right", told="log"),
    "another unit in the cell": _cell(lambda value: f"{value * 1000:.6g} μg/L", kind="right", told="log"),
    "blanks around the number": _cell(lambda value: f"  {value:g} ", kind="right"),
    "thousands": _cell(lambda _: "1,234", kind="right", value=1234.0, told="log"),
    "below detection with L": _cell(lambda value: f"{value:g}L", kind="right", censored=True),
    "below detection with <": _cell(lambda value: f"<{value:g}", kind="right", censored=True),
    "below detection, full width": _cell(lambda value: f"＜{value:g}", kind="right", censored=True),
    "not detected": _constant("未检出", kind="right", value=float("nan")),
    "ND": _constant("ND", kind="right", value=float("nan")),
    "a dash": _constant("—", kind="right", value=float("nan")),
    "two dashes": _constant("--", kind="right", value=float("nan")),
    "NA": _constant("NA", kind="right", value=float("nan")),
    "not monitored": _constant("*", kind="right", value=float("nan")),
    "sentinel -1": _constant("-1", kind="right", value=float("nan"), told="log"),
    "sentinel -99": _constant("-99", kind="right", value=float("nan"), told="log"),
    "sentinel 9999": _constant("9999", kind="flagged", code="sentinel_like"),
    "a negative number": _constant("-0.35", kind="located", code="negative"),
    "about": _cell(lambda value: f"约{value:g}", kind="located", code="cell_unreadable"),
    "a decimal comma": _cell(
        lambda value: f"{value:.1f}".replace(".", ","), kind="located", code="cell_unreadable"
    ),
    "two points": _constant("1.2.3", kind="located", code="cell_unreadable"),
    "the letter O": _constant("O.5", kind="located", code="cell_unreadable"),
    "infinity": _constant("inf", kind="located", code="cell_unreadable"),
    "a question mark": _constant("0.2?", kind="located", code="cell_unreadable"),
    "a unit of another kind": _constant("0.5℃", kind="located", code="cell_unreadable"),
    "micrograms in the header": _header(_micrograms, kind="right"),
    "an unknown unit in the header": _header(_rename("mg/L", "斤/亩"), kind="located", told="无法换算"),
    "a full-width header": _header(_rename("(mg/L)", "（ｍｇ／Ｌ）"), kind="right"),
    "the same column twice": _twice,
    "the same item twice": _same_item,
    "no section": _drop(0),
    "no time": _drop(1),
    "units in a line of their own": _units_below,
    "a title": _title,
    "a blank line": _blank_line,
    "a line of means": _total,
    "a remark": _remark,
    "a line that is too long": _long_line,
    "a line without a section": _nameless,
    "merged names": _merged,
    "29 February": _time("2023-02-29", kind="located", code="time_unreadable"),
    "month 13": _time("2021-13-01", kind="located", code="time_unreadable"),
    "a year of two digits": _time("24/2/30", kind="located", code="time_unreadable"),
    "a shortened month": _time("2021.1", kind="located", code="time_ambiguous"),
    "words for a time": _time("上旬", kind="located", code="time_unreadable"),
    "24 o'clock": _time("2021-06-03 24:00", kind="right"),
    "a serial number": _time("44550", kind="right"),
    "a Chinese date": _time("2021年6月4日", kind="right"),
    "pH without its point": _set(lambda line, _: {PH: float(line[PH]) * 10}, "out_of_range", PH),
    "total phosphorus in another unit": _set(lambda line, _: {TP: float(line[TP]) * 1e5}, "out_of_range", TP),
    "ammonia above nitrogen": _set(
        lambda line, _: {NH3N: float(line[TN]) * 1.3}, "ammonia_above_nitrogen", NH3N
    ),
    "BOD5 above COD": _set(lambda line, _: {BOD5: float(line[COD]) * 1.4}, "bod_above_cod", BOD5),
    "CODMn above COD": _set(lambda line, _: {CODMN: float(line[COD]) * 1.4}, "codmn_above_cod", CODMN),
    "a line twice": _doubled,
    "a line twice with another value": _contradicted,
    "a month twice": _month_twice,
    "a class that does not fit": _wrong_class,
    "a detection limit above class III": _high_limit,
    "GB 18030": _encoded("gb18030"),
    "UTF-16": _encoded("utf-16"),
    "UTF-8 with a mark": _encoded("utf-8-sig"),
    "a broken byte": _broken_bytes,
    "a web page named xls": _raw(b"<html><table><tr><td>1</td></tr></table></html>", ".xls", "内容却是网页"),
    "a workbook named csv": _raw(b"PK\x03\x04" + b"\0" * 60, ".csv", "内容却是Excel"),
    "an empty file": _raw(b"", ".csv", "文件是空的"),
    "a workbook cut off": _raw(b"PK\x03\x04" + b"\0" * 60, ".xlsx", "压缩结构损坏"),
    "another kind of file": _raw(b"%PDF-1.7 ...", ".csv", "内容却是PDF"),
}
