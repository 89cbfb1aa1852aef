"""The national water platform's own answer: JSON whose cells are HTML with the unrounded value in a tooltip."""

import html
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from suizhou_geo.errors import InputError, Place

_RAW = re.compile(r"title=['\"]原始值[：:]\s*([^'\"]*)['\"]")
_TAG = re.compile(r"<[^>]*>")
_UNIT = re.compile(r"<span class=['\"]unit['\"]>(.*?)</span>")
_RIVER = re.compile(r"所属河流[：:]\s*([^\s'\"&<]+)")


def read_platform_lines(text: str, *, file: Path) -> tuple[list[list[str]], list[str]]:
    """Header and records of the platform's answer as lines of text cells, and notes.

    A cell gives its unrounded value (原始值) where the tooltip holds one, else what it shows. The river in the tooltip
    of a section becomes a column of its own.

    Raises ``InputError`` with the place when the JSON is cut off or has another form.
    """
    answer = _load(text, file=file)
    if (
        not isinstance(answer, dict)
        or not _are_lines(answer.get("tbody"))
        or not _are_texts(answer.get("thead"))
    ):
        raise InputError(
            "JSON 文件不是水质平台的格式",
            where=Place(str(file)),
            why="应有 thead（表头）和 tbody（逐行记录）",
            todo="换成平台原样保存的文件，或 CSV、Excel",
        )
    header = [_read_header(cell) for cell in answer["thead"]]
    lines = [header]
    for number, record in enumerate(answer["tbody"], start=2):
        if len(record) != len(header):
            raise InputError(
                f"该记录有 {len(record)} 格，表头有 {len(header)} 列",
                where=Place(str(file), row=number),
                todo="重新下载该文件",
            )
        lines.append([_read_cell(str(cell)) for cell in record])
    return _with_rivers(lines, answer["tbody"]), _count_notes(answer)


def _load(text: str, *, file: Path) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        whole = text[: error.pos].count("],")
        raise InputError(
            "JSON 文件不完整或有误",
            where=Place(str(file), row=error.lineno),
            why=f"第 {error.pos + 1} 个字符处中断（其前约 {whole} 条完整记录，未读入）：{error.msg}",
            todo="重新下载该文件；残缺的文件不作部分读取",
        ) from error
    except RecursionError as error:
        raise InputError("JSON 文件嵌套过深", where=Place(str(file)), todo="核对文件来源") from error


def _are_lines(value: object) -> bool:
    return isinstance(value, list) and all(_are_texts(line) for line in value)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(cell, str | int | float | None) for cell in value)


def _read_header(cell: str) -> str:
    unit = _UNIT.search(cell)
    name = _TAG.sub("", _UNIT.sub("", cell)).strip()
    return name + (_TAG.sub("", unit.group(1)).strip() if unit else "")


def _read_cell(cell: str) -> str:
    raw = _RAW.search(cell)
    text = raw.group(1) if raw else _TAG.sub("", cell)
    return html.unescape(text).strip()


def _with_rivers(lines: list[list[str]], records: Sequence[Sequence[object]]) -> list[list[str]]:
    found = [_RIVER.search(html.unescape(" ".join(map(str, record)))) for record in records]
    if not any(found):
        return lines
    rivers = ["河流", *(match.group(1) if match else "" for match in found)]
    return [[*line, river] for line, river in zip(lines, rivers, strict=True)]


def _count_notes(answer: dict[str, Any]) -> list[str]:
    total, here = answer.get("records"), len(answer["tbody"])
    if isinstance(total, int) and total > here:
        return [f"文件只有平台 {total} 条记录中的 {here} 条（分页）"]
    return []
