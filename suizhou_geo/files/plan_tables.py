"""The tables of a plan file: in which line each stands, and whether its keys and values are of the right kind."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any

from suizhou_geo.errors import InputError, Place
from suizhou_geo.files.workspace import read_toml

#: Codes of ``check_rules.csv``: what stops the plan, what is still to be filled in, what is probably meant otherwise.
UNUSABLE, UNFILLED, DOUBTFUL = "plan_unusable", "plan_unfilled", "plan_doubtful"

#: What hears of a mistake: its code and the error that says where, why and what to do.
Tell = Callable[[str, InputError], None]


@dataclass(frozen=True)
class PlanTable:
    """One ``[[target]]`` (alert, compensation, inspection) of a plan file; ``number`` counts from 1 within its kind."""

    kind: str
    number: int
    content: Mapping[str, Any]
    file: str
    text: str

    @property
    def label(self) -> str:
        """How a message names the table."""
        return f"第 {self.number} 个 [[{self.kind}]]（{self.content.get('id', '无 id')}）"

    def place(self, key: str = "") -> Place:
        """The line of a key, or of the table's head where it has no such key."""
        return Place(self.file, row=_line_of(self, key), column=key)

    def error(self, what: str, key: str = "", *, why: str = "", todo: str = "") -> InputError:
        """A mistake in this table, at one of its keys."""
        return InputError(f"{self.label}{what}", where=self.place(key), why=why, todo=todo)


def read_plan_tables(path: Path, *, name: str, kinds: tuple[str, ...], tell: Tell) -> list[PlanTable]:
    """The tables of these kinds in a plan file, in their order; what is no such table is told of."""
    data = read_toml(path)
    text = path.read_text(encoding="utf-8-sig")
    for key in sorted(set(data) - {*kinds, "data"}):
        near = get_close_matches(key, [*kinds, "data"], n=1)
        tell(
            UNUSABLE,
            InputError(
                f"不认识的表 {key}", where=Place(name, row=_head_line(text, key)), why=f"可用：data、{'、'.join(kinds)}",
                todo=f"是否为 {near[0]}" if near else "",
            ),
        )  # fmt: skip
    return [table for kind in kinds for table in _tables_of_kind(data, kind, name, text, tell)]


def read_ledger_names(path: Path, *, name: str, tell: Tell) -> tuple[str, ...]:
    """The ledgers that a plan file names: ``reports`` of its table ``[data]``."""
    data = read_toml(path).get("data", {})
    names = data.get("reports", []) if isinstance(data, dict) else None
    if isinstance(names, list) and all(isinstance(each, str) for each in names):
        return tuple(names)
    tell(
        UNUSABLE,
        InputError(
            f"[data] 的 reports 不能是“{names}”", where=Place(name, column="reports"), why="应为文件名的列表",
            todo='例如 reports = ["plan/台账.xlsx"]',
        ),
    )  # fmt: skip
    return ()


def shape_errors(table: PlanTable, kind: type[Any]) -> Iterator[InputError]:
    """Keys that the dataclass does not know, keys that it needs, values that are of another kind."""
    known = {each.name: each for each in fields(kind)}
    for key in sorted(set(table.content) - set(known)):
        near = get_close_matches(key, known, n=1)
        yield table.error(
            "写法有误", key, why=f"不认识：{key}",
            todo=f"是否为 {near[0]}" if near else f"可用的项：{'、'.join(sorted(known))}",
        )  # fmt: skip
    for key, each in known.items():
        needed = each.default is MISSING and each.default_factory is MISSING
        if needed and key not in table.content:
            yield table.error("写法有误", why=f"缺少：{key}", todo=f"补上 {key}")
        elif key in table.content:
            yield from _value_errors(table, key, each.type)


def values_of(table: PlanTable) -> dict[str, Any]:
    """The table's values as a dataclass takes them: lists as tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.content.items()}


def is_day(value: object) -> bool:
    """Whether a value is a date, or a text that is one.

    >>> is_day("2021-12-31"), is_day("年底")
    (True, False)
    """
    if isinstance(value, date):
        return True
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def _tables_of_kind(
    data: Mapping[str, Any], kind: str, name: str, text: str, tell: Tell
) -> Iterator[PlanTable]:
    tables = data.get(kind, [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        tell(
            UNUSABLE,
            InputError(
                f"{kind} 写法有误", where=Place(name, row=_head_line(text, kind)), why=f"每一条是一个表，写成 [[{kind}]]",
                todo=f"把 [{kind}] 改成 [[{kind}]]",
            ),
        )  # fmt: skip
        return
    for number, content in enumerate(tables, start=1):
        yield PlanTable(kind, number, content, name, text)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _whole(value: object) -> bool:
    return isinstance(value, int | float) and _number(value) and float(value).is_integer()


def _texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _numbers_by_name(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(own, dict) and all(map(_number, own.values())) for own in value.values()
    )


#: By the annotation of a field: what is right, and how it is told.
_KINDS: Mapping[object, tuple[Callable[[Any], bool], str]] = {
    float: (_number, "一个数"),
    float | None: (_number, "一个数"),
    int: (_whole, "一个整数"),
    str: (lambda value: isinstance(value, str), "文字，加引号"),
    date | str: (lambda value: value == "" or is_day(value), "日期，例如 2021-12-31"),
    str | tuple[str, ...]: (lambda value: isinstance(value, str) or _texts(value), '文字或文字的列表，例如 ["421303"]'),
    tuple[str, ...]: (_texts, '文字的列表，例如 ["tp", "nh3n"]'),
    tuple[int, ...]: (lambda value: isinstance(value, list | tuple) and all(map(_whole, value)), "整数的列表"),
    Mapping[str, Any]: (lambda value: isinstance(value, dict), '列名和取值，例如 { task = "T07" }'),
    Mapping[str, Mapping[str, float]]: (_numbers_by_name, "每个项目一组数，例如 tp = { price = 1.0 }"),
}  # fmt: skip


def _value_errors(table: PlanTable, key: str, annotation: object) -> Iterator[InputError]:
    if annotation not in _KINDS:
        return
    right, wanted = _KINDS[annotation]
    value = table.content[key]
    if not right(value):
        yield table.error(f"的 {key} 不能是“{value}”", key, why=f"应为{wanted}", todo="改正该项")


def _head_line(text: str, kind: str) -> int | None:
    head = re.compile(rf"\s*\[+\s*{re.escape(kind)}\b|\s*{re.escape(kind)}\s*=")
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if head.match(line)), None)


def _line_of(table: PlanTable, key: str) -> int | None:
    # A key that is commented out is the place to fill it in.
    head = re.compile(rf"\s*\[\[\s*{table.kind}\s*\]\]")
    own = re.compile(rf"\s*#?\s*{re.escape(key)}\s*=|\s*\[{table.kind}\.{re.escape(key)}\b") if key else None
    at, seen = None, 0
    for number, line in enumerate(table.text.splitlines(), start=1):
        if line.lstrip().startswith("[["):
            if at is not None:
                return at
            seen += bool(head.match(line))
            at = number if seen == table.number and head.match(line) else None
        elif at is not None and own and own.match(line):
            return number
    return at
