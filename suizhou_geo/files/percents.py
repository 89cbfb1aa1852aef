"""Tables of counts and the percentages published with them: whether the one follows from the other."""

from decimal import Decimal, InvalidOperation

from suizhou_geo import standards
from suizhou_geo.conventions import normalise_text
from suizhou_geo.errors import Problem
from suizhou_geo.files.checks import check_rules
from suizhou_geo.files.tables import TextTable

#: Header spellings of a count, of what it is a part of, and of the share in per cent.
_COUNTS = ("count", "good", "个数", "断面个数", "断面数", "天数", "优良天数", "达标天数", "达标个数")
_TOTALS = (
    "total",
    "valid",
    "n",
    "总数",
    "断面总数",
    "总天数",
    "有效天数",
    "监测天数",
    "总个数",
    "监测断面数",
)
_SHARES = (
    "published_percent", "published%", "percent", "百分比", "百分比(%)", "比例", "比例(%)", "占比", "占比(%)",
    "优良率", "优良率(%)", "优良天数比例", "优良天数比例(%)", "达标率", "达标率(%)",
)  # fmt: skip


def percent_columns(table: TextTable) -> tuple[str, str, str] | None:
    """The columns of a count, its total and its percentage, or None if the table does not have all three."""
    spellings = {normalise_text(header): header for header in table.cells.columns}
    count, total, share = (
        next((spellings[name] for name in names if name in spellings), "")
        for names in (_COUNTS, _TOTALS, _SHARES)
    )
    return (count, total, share) if count and total and share else None


def find_percent_problems(table: TextTable) -> list[Problem]:
    """Rows whose percentage is not that of their count, to the decimals in which it is printed (half to even).

    Empty for a table without a count, a total and a percentage.
    """
    columns = percent_columns(table)
    if columns is None:
        return []
    rule, found, share = check_rules()["percent_contradicts"], [], columns[2]
    for line, (part, whole, printed) in enumerate(table.cells[list(columns)].itertuples(index=False)):
        exact = _share(part, whole, printed)
        if exact:
            place = table.place(line, column=share)
            found.append(
                Problem(
                    rule.code, rule.severity, table.file, table.sheet, place.row, share, printed,
                    f"{part}/{whole} = {exact}", f"{rule.reason}；{rule.hint}",
                )
            )  # fmt: skip
    return found


def _share(part: str, whole: str, printed: str) -> str:
    # The right percentage where the printed one is another, else an empty text.
    try:
        numbers = [Decimal(text.strip().rstrip("%")) for text in (part, whole, printed)]
    except InvalidOperation:
        return ""
    if numbers[1] <= 0:
        return ""
    decimals = max(0, -int(numbers[2].as_tuple().exponent))
    exact = standards.percentages([float(numbers[0])], total=float(numbers[1]), decimals=decimals)[0]
    return "" if abs(float(numbers[2]) - exact) < 10.0 ** -(decimals + 2) else f"{exact:.{decimals}f}"
