"""Tables of published bulletins: one section a row, its class, whether it attains, and what exceeds by how much."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.conventions import CLASS_LABELS, indicator_of_header, indicators, normalise_text
from suizhou_geo.errors import InputError, Problem
from suizhou_geo.files.cells import MISSING
from suizhou_geo.files.checks import check_rules
from suizhou_geo.files.headers import role_aliases
from suizhou_geo.files.sites import read_target_class
from suizhou_geo.files.tables import TextTable, read_text_table

T = TypeVar("T")

#: A contradiction: code, row, column, what stands there, what would fit.
Oddity = tuple[str, int, str, str, str]

BULLETIN_COLUMNS = (
    "river", "site_id", "site_name", "target_class", "class", "class_label", "attained", "change", "exceedance", "source_row",
)  # fmt: skip

_ATTAINED = {
    "达标": True,
    "是": True,
    "达到": True,
    "不达标": False,
    "未达标": False,
    "否": False,
    "超标": False,
}

#: 化学需氧量(0.05) or 总磷(0.2倍); a pollutant may also be named without its multiple.
_EXCEEDANCE = re.compile(r"(?P<name>[^()]+)(\((?P<multiple>\d+(\.\d+)?)倍?\))?")


def bulletin_roles(table: TextTable) -> dict[str, str]:
    """The columns of a bulletin table by role; empty if the table is none (no class, or measured values beside it)."""
    spellings = {normalise_text(header): header for header in table.cells.columns}
    roles = {
        role: next(spellings[alias] for alias in aliases if alias in spellings)
        for role, aliases in role_aliases().items()
        if any(alias in spellings for alias in aliases)
    }
    rest = [header for header in table.cells.columns if header not in roles.values()]
    measured = any(indicator_of_header(header) for header in rest) or {"indicator", "value"} <= roles.keys()
    told = {"attained", "exceedance", "change"} & roles.keys()
    return roles if {"site_name", "platform_class"} <= roles.keys() and told and not measured else {}


def read_bulletin(path: str | Path, *, sheet: str | None = None) -> pd.DataFrame:
    """The rows of a bulletin table, columns :data:`BULLETIN_COLUMNS`; merged river cells are filled down.

    ``exceedance`` is written as ``assess_sections`` writes it, ``化学需氧量(0.05)、总磷(0.2)``; ``attained`` is empty
    where the table does not say. ``attrs`` hold ``file`` and ``notes``.

    Raises ``InputError`` naming file, sheet, row and column for a class, a verdict or a pollutant that is not understood.
    """
    table = read_text_table(path, sheet=sheet)
    roles = bulletin_roles(table)
    if not roles:
        raise InputError(
            "不是水质公报表", where=table.place(), why=f"文件中的列：{'、'.join(table.cells.columns)}",
            todo="需要 监测断面、水质现状（类别），以及 达标情况 或 主要污染物(超标倍数)",
        )  # fmt: skip
    return _read_rows(table, roles)


def is_bulletin(path: str | Path, *, sheet: str | None = None) -> bool:
    """Whether a file holds a bulletin table rather than measured values."""
    return bool(bulletin_roles(read_text_table(path, sheet=sheet)))


def find_bulletin_problems(table: TextTable) -> list[Problem]:
    """Rows of a bulletin that contradict themselves: a verdict against the class, a multiple against the class."""
    roles = bulletin_roles(table)
    frame = _read_rows(table, roles)
    found = [*_verdicts(frame, roles), *_multiples(frame, roles)]
    rules = check_rules()
    return [
        Problem(
            code, rules[code].severity, table.file, table.sheet, row, column, value, expected,
            f"{rules[code].reason}；{rules[code].hint}",
        )
        for code, row, column, value, expected in sorted(found, key=lambda each: each[1])
    ]  # fmt: skip


def read_exceedances(text: str) -> tuple[tuple[str, float], ...] | None:
    """The pollutants of a cell and their multiples (NaN where none is given), or None if it is not understood.

    >>> read_exceedances("化学需氧量(0.05)、总磷（0.2倍）"), read_exceedances("--")
    ((('cod', 0.05), ('tp', 0.2)), ())
    >>> read_exceedances("见附表") is None
    True
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if normalise_text(folded) in MISSING | {"无", "*"}:
        return ()
    pairs = []
    for part in filter(None, re.split(r"[、,;\s]+", folded)):
        match = _EXCEEDANCE.fullmatch(part)
        hit = indicator_of_header(match["name"]) if match else None
        if match is None or hit is None:
            return None
        pairs.append((hit[0], float(match["multiple"] or "nan")))
    return tuple(pairs)


def _read_rows(table: TextTable, roles: dict[str, str]) -> pd.DataFrame:
    cells = table.cells

    def texts(role: str) -> pd.Series:
        return cells[roles[role]].str.strip() if role in roles else pd.Series("", index=cells.index)

    names = texts("site_name")
    classes = _read_column(table, roles["platform_class"], read_target_class, "应为 Ⅰ…Ⅴ、劣Ⅴ")
    frame = {
        "river": texts("river"),
        "site_id": texts("site_id").where(texts("site_id") != "", names),
        "site_name": names,
        "class": pd.array(classes, dtype="Int64"),
        "class_label": ["" if each is None else CLASS_LABELS[each] for each in classes],
        "change": texts("change").mask(texts("change").map(normalise_text).isin(MISSING), ""),
        "source_row": list(table.rows),
    }
    targets = _read_column(table, roles.get("target_class", ""), read_target_class, "应为 Ⅰ…Ⅴ")
    attained = _read_column(table, roles.get("attained", ""), _read_attained, "应为 达标 或 不达标")
    pairs = _read_column(
        table, roles.get("exceedance", ""), read_exceedances, "应写成 化学需氧量(0.05)、总磷(0.2)"
    )
    frame |= {
        "target_class": pd.array(targets, dtype="Int64"),
        "attained": pd.array(attained, dtype="boolean"),
        "exceedance": ["、".join(map(_write_exceedance, each or ())) for each in pairs],
    }
    bulletin = pd.DataFrame(frame)[list(BULLETIN_COLUMNS)]
    bulletin.attrs = {"file": table.file, "notes": list(table.notes)}
    return bulletin


def _read_column(table: TextTable, header: str, read: Callable[[str], T | None], why: str) -> list[T | None]:
    if not header:
        return [None] * len(table.cells)
    found: list[T | None] = []
    for line, text in enumerate(table.cells[header].str.strip()):
        value = read(text)
        if value is None and normalise_text(text) not in MISSING | {"*"}:
            raise InputError(
                f"{header}“{text}”看不懂",
                where=table.place(line, column=header),
                why=why,
                todo="改正该单元格",
            )
        found.append(value)
    return found


def _read_attained(text: str) -> bool | None:
    return _ATTAINED.get(normalise_text(text))


def _write_exceedance(pair: tuple[str, float]) -> str:
    code, multiple = pair
    return indicators()[code].name + ("" if np.isnan(multiple) else f"({multiple:g})")


def _verdicts(frame: pd.DataFrame, roles: dict[str, str]) -> Iterator[Oddity]:
    judged = frame.dropna(subset=["attained", "class", "target_class"])
    wrong = judged[judged["attained"] != (judged["class"] <= judged["target_class"])]
    for row in wrong.itertuples():
        target = CLASS_LABELS[int(str(row.target_class))]
        fits = "不达标" if row.attained else "达标"
        yield (
            "verdict_contradicts", int(str(row.source_row)), roles["attained"], "达标" if row.attained else "不达标",
            f"{row.class_label}类，目标{target}类：{fits}",
        )  # fmt: skip


def _multiples(frame: pd.DataFrame, roles: dict[str, str]) -> Iterator[Oddity]:
    for row in frame[(frame["exceedance"] != "") & frame["class"].notna()].itertuples():
        pairs = read_exceedances(str(row.exceedance)) or ()
        known = dict(pair for pair in pairs if not np.isnan(pair[1]))
        if not known:
            continue
        # Bulletins count against class Ⅲ or against the section's own target, in a river or in a lake.
        targets = {3} | ({int(str(row.target_class))} if pd.notna(row.target_class) else set())
        ranges = [
            _implied_classes(known, target=target, water_body=body)
            for target in targets
            for body in standards.WATER_BODIES
        ]
        published = int(frame.at[row.Index, "class"])
        highest = 6 if len(known) < len(pairs) else 0
        if any(low <= published <= max(high, highest) for low, high in ranges):
            continue
        low, high = ranges[0]
        fits = "、".join(CLASS_LABELS[each] for each in range(low, high + 1))
        yield (
            "multiple_contradicts", int(str(row.source_row)), roles["exceedance"], str(row.exceedance),
            f"由超标倍数得 {fits} 类，公布为 {row.class_label} 类",
        )  # fmt: skip


def _implied_classes(multiples: dict[str, float], *, target: int, water_body: str) -> tuple[int, int]:
    """The best and the worst class that these multiples of the limits of ``target`` can mean, printed as rounded."""
    edition = standards.newest_edition("surface-water")
    method = standards.newest_edition("surface-water-method")
    items = tuple(item for item in multiples if item in standards.assessed_items(method, edition=edition))
    table = standards.class_table(edition, items=items, water_body=water_body)
    limits = table.high[:, min(target, 5) - 1]
    half_unit = 0.5 * 10.0 ** -standards.method_number(method, name="multiple_decimals")
    ratios = np.array([multiples[item] for item in items])
    least, most = (table.classify(limits * (1 + ratios + shift)) for shift in (-half_unit, half_unit))
    finite = np.isfinite(limits)
    return int(least[finite].max(initial=1)), int(most[finite].max(initial=6 if not finite.any() else 1))
