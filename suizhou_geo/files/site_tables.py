"""The shape of a table of sites: which cells of its known columns cannot be what they should be, all at once."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from suizhou_geo.conventions import LOCATION_QUALITIES, normalise_text
from suizhou_geo.errors import Problem
from suizhou_geo.files.cells import MISSING
from suizhou_geo.files.checks import check_rules
from suizhou_geo.files.headers import role_aliases
from suizhou_geo.files.sites import read_target_class, read_water_body
from suizhou_geo.files.tables import TextTable

#: Columns that a table of sites may have beside the roles of ``columns.csv``.
_OTHERS = {
    "location_quality": ("location_quality", "位置精度"),
    "synthetic": ("synthetic", "是否虚拟"),
}

#: Per column: what a filled cell must be, and how the rule reads to an analyst.
_CELLS: dict[str, tuple[Callable[[str], bool], str]] = {
    "adcode": (lambda text: len(text) == 6 and text.isdigit(), "应为六位区划代码，如 421321"),
    "target_class": (lambda text: read_target_class(text) is not None, "应为 Ⅰ…Ⅴ 或 1…5"),
    "water_body": (lambda text: read_water_body(text) != "", "应为 river（河流）、lake（湖库）或 groundwater（地下水）"),
    "location_quality": (
        lambda text: text in LOCATION_QUALITIES,
        f"应为 {'、'.join(LOCATION_QUALITIES)}",
    ),
    "synthetic": (lambda text: text.lower() in {"true", "false", "0", "1", "是", "否"}, "应为 true 或 false"),
}  # fmt: skip


def is_site_table(table: TextTable) -> bool:
    """Whether a table lists sites: it names them, says what they are, and holds no time."""
    columns = [normalise_text(header) for header in table.cells.columns]
    named, dated = (
        any(alias in columns for role in roles for alias in role_aliases()[role])
        for roles in (("site_id", "site_name"), ("time", "year", "month"))
    )
    return named and not dated and bool(set(_known_columns(table)) - {"site_id"})


def find_site_problems(table: TextTable) -> list[Problem]:
    """Cells of a table of sites that cannot be what their column says, and identifiers that stand there twice.

    Empty cells are no problem; columns that are not known are not looked at.
    """
    from pandera.errors import SchemaErrors  # noqa: PLC0415  (takes a second to load, and only checking needs it)

    columns = _known_columns(table)
    cells = pd.DataFrame(
        {
            role: table.cells[header].str.strip().mask(_is_empty(table.cells[header]))
            for role, header in columns.items()
        }
    )
    try:
        _schema().validate(cells, lazy=True)
    except SchemaErrors as errors:
        found = [_problem(case, table, columns) for case in errors.failure_cases.to_dict("records")]
        order = list(table.cells.columns)
        return sorted(found, key=lambda each: (each.row or 0, order.index(each.column)))
    return []


def _schema() -> Any:
    import pandera.pandas as pa  # noqa: PLC0415  (as above)

    columns = {
        role: pa.Column(
            object, pa.Check(holds, element_wise=True, error=told), nullable=True, required=False, coerce=True
        )
        for role, (holds, told) in _CELLS.items()
    }
    columns["site_id"] = pa.Column(object, unique=True, nullable=True, required=False, coerce=True)
    return pa.DataFrameSchema(columns)


def _problem(case: dict[str, object], table: TextTable, columns: dict[str, str]) -> Problem:
    role = str(case["column"])
    rule = check_rules()["site_repeated" if role == "site_id" else "site_cell"]
    expected = rule.title if role == "site_id" else str(case["check"])
    place = table.place(int(str(case["index"])), column=columns[role])
    return Problem(
        rule.code, rule.severity, table.file, table.sheet, place.row, place.column, str(case["failure_case"]),
        expected, f"{rule.reason}；{rule.hint}",
    )  # fmt: skip


def _known_columns(table: TextTable) -> dict[str, str]:
    spellings = {normalise_text(header): header for header in table.cells.columns}
    known = {
        role: aliases for role, aliases in role_aliases().items() if role in {*_CELLS, "site_id"}
    } | _OTHERS
    return {
        role: next(spellings[alias] for alias in aliases if alias in spellings)
        for role, aliases in known.items()
        if any(alias in spellings for alias in aliases)
    }


def _is_empty(texts: pd.Series) -> pd.Series:
    return texts.map(normalise_text).isin(MISSING | {"*"})
