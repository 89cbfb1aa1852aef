"""Which column of a table is what: roles by the header's spelling, indicators by name, units to the standard ones."""

import csv
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files

from suizhou_geo.conventions import indicator_of_header, indicators, normalise_text
from suizhou_geo.errors import InputError, Place


@dataclass(frozen=True)
class IndicatorColumn:
    """A column with values of one indicator: its header, code, unit as written, and the factor to the standard unit."""

    header: str
    code: str
    unit: str
    factor: float


@dataclass(frozen=True)
class Columns:
    """The columns of a table: ``roles`` maps a role of ``columns.csv`` to a header."""

    roles: dict[str, str]
    indicators: tuple[IndicatorColumn, ...]
    unused: tuple[str, ...]
    medium: str = "water"

    @property
    def is_long(self) -> bool:
        """One value per row, its indicator named in a column."""
        return "indicator" in self.roles and "value" in self.roles


def find_columns(headers: Sequence[str], *, medium: str, place: Place) -> Columns:
    """The roles and indicator columns of a table's headers, for one medium.

    Raises ``InputError`` naming the file and its columns when no site, time or value column can be found, when two
    columns hold the same indicator, or when a unit is unknown.
    """
    spellings = {normalise_text(header): header for header in headers}
    roles = {
        role: next(spellings[alias] for alias in aliases if alias in spellings)
        for role, aliases in role_aliases().items()
        if any(alias in spellings for alias in aliases)
    }
    if not {"site_id", "site_name"} & roles.keys() and "city" in roles:
        # A table of cities: each is its own site.
        roles["site_name"] = roles["city"]
    rest = [header for header in headers if header not in roles.values()]
    known = indicators(medium)
    found = [(header, indicator_of_header(header, medium)) for header in rest]
    columns = [
        IndicatorColumn(
            header,
            hit[0],
            hit[1],
            unit_factor(hit[1], code=hit[0], place=place, column=header, medium=medium),
        )
        for header, hit in found
        if hit is not None and known[hit[0]].medium == medium
    ]
    used = {column.header for column in columns} | set(roles.values())
    result = Columns(roles, tuple(columns), tuple(header for header in headers if header not in used), medium)
    _check_columns(result, headers=headers, medium=medium, place=place)
    return result


def unit_factor(unit: str, *, code: str, place: Place, column: str = "", medium: str = "") -> float:
    """What a value in ``unit`` is multiplied by to be in the indicator's standard unit; an empty unit is standard.

    >>> unit_factor("μg/L", code="tp", place=Place()), unit_factor("", code="tp", place=Place())
    (0.001, 1.0)
    """
    standard = indicators(medium)[code].unit
    written, wanted = _fold_unit(unit), _fold_unit(standard)
    if written in {"", wanted}:
        return 1.0
    factor = _factors().get((written, wanted))
    if factor is None:
        raise InputError(
            f"{indicators(medium)[code].name} 的单位“{unit}”无法换算为 {standard}",
            where=Place(place.file, place.sheet, place.row, column or place.column),
            why=f"可用：{'、'.join(sorted({standard, *(u for u, to in _factors() if to == wanted)}))}",
            todo="改正表头或单元格中的单位",
        )
    return factor


def is_unit(text: str) -> bool:
    """Whether a text is a unit that some indicator is given in, bracketed or not.

    >>> is_unit("mg/L"), is_unit("（μg/m³）"), is_unit("氨氮"), is_unit("0.2")
    (True, True, False, False)
    """
    folded = _fold_unit(unicodedata.normalize("NFKC", text).strip().strip("()"))
    known = {unit for unit, _ in _factors()} | {
        _fold_unit(item.unit) for medium in ("", "soil") for item in indicators(medium).values()
    }
    return folded in known


def column_unit(header: str) -> str:
    """The unit that a column's header writes in brackets, or an empty text.

    >>> column_unit("氨氮(μg/L)"), column_unit("氨氮")
    ('μg/L', '')
    """
    for medium in ("", "soil"):
        found = indicator_of_header(header, medium)
        if found is not None:
            return found[1]
    return ""


def can_be_given_in(header: str, unit: str) -> bool:
    """Whether a header names an indicator, tells no unit itself and its values could be in ``unit``.

    >>> can_be_given_in("氨氮", "μg/L"), can_be_given_in("pH", "μg/L"), can_be_given_in("氨氮(mg/L)", "μg/L")
    (True, False, False)
    """
    for medium in ("", "soil"):
        found = indicator_of_header(header, medium)
        if found is not None and not found[1]:
            wanted = _fold_unit(indicators(medium)[found[0]].unit)
            return _fold_unit(unit) == wanted or (_fold_unit(unit), wanted) in _factors()
    return False


@cache
def role_aliases() -> dict[str, tuple[str, ...]]:
    """Roles and the folded header spellings that name them, preferred ones first."""
    text = package_files("suizhou_geo.files").joinpath("columns.csv").read_text(encoding="utf-8")
    return {
        row["column"]: tuple(normalise_text(name) for name in (row["column"], *row["aliases"].split("|")))
        for row in csv.DictReader(text.splitlines())
    }


@cache
def _factors() -> dict[tuple[str, str], float]:
    text = package_files("suizhou_geo.files").joinpath("units.csv").read_text(encoding="utf-8")
    return {
        (_fold_unit(row["unit"]), _fold_unit(row["standard"])): float(row["factor"])
        for row in csv.DictReader(text.splitlines())
    }


def _fold_unit(unit: str) -> str:
    # NFKC turns the micro sign and the superscript three into μ and 3; u is a common stand-in for μ.
    folded = unicodedata.normalize("NFKC", unit).strip().lower().replace(" ", "").replace("^", "")
    return "μ" + folded[1:] if folded.startswith(("ug", "us/")) else folded


def _check_columns(columns: Columns, *, headers: Sequence[str], medium: str, place: Place) -> None:
    codes = [column.code for column in columns.indicators]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        same = "、".join(column.header for column in columns.indicators if column.code in twice)
        raise InputError(f"几列是同一项目：{same}", where=place, todo="每个项目只留一列")
    lacking = []
    if not {"site_name", "site_id"} & columns.roles.keys():
        lacking.append("断面或站点（断面名称、站点名称、site_id …）")
    # Soil is sampled once; a table of samples often has no date.
    if medium != "soil" and not {"time", "year", "month"} & columns.roles.keys():
        lacking.append("时间（监测时间、日期、time …）")
    if not columns.is_long and not columns.indicators:
        names = [item.name for item in indicators(medium).values() if item.medium == medium]
        lacking.append(f"监测项目（{'、'.join(names[:8])} …，或 indicator 与 value 两列）")
    if lacking:
        raise InputError(
            f"找不到需要的列：{'；'.join(lacking)}",
            where=place,
            why=f"文件中的列：{'、'.join(headers)}",
            todo="核对表头，或另选文件",
        )
