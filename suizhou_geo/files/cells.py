"""What one cell of a monitoring file says: a number, below detection, missing, not monitored, or a mistake."""

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Cells that say: an instrument failed or nothing was measured.
MISSING = frozenset(
    {"", "-", "--", "---", "—", "——", "/", "na", "n/a", "nan", "null", "none", "缺测", "无数据"}
)

#: Cells that say: the item is not in the programme of this station.
NOT_MONITORED = frozenset({"*", "未监测", "不监测"})

#: Cells that say: below a detection limit that the cell does not name.
NOT_DETECTED = frozenset({"未检出", "nd", "n.d.", "<dl", "<lod", "bdl"})

#: Numbers that files use where nothing was measured; a concentration is never one of them.
SENTINELS = (-1.0, -9.0, -99.0, -999.0, -9999.0)

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_POWER = re.compile(r"(?P<base>[+-]?\d+(\.\d+)?)[×x*]10(\^|\*\*)?(?P<exponent>[+-]?\d+)")


@dataclass(frozen=True)
class Cell:
    """A cell's value, whether it is below detection, and why it has no value (``missing, not_monitored, nd``)."""

    value: float
    censored: bool
    qualifier: str


def read_cell(text: str) -> Cell | None:
    """What a cell says, or None if it says nothing that is understood.

    >>> read_cell("0.02L"), read_cell("＜0.05").value, read_cell("未检出").qualifier
    (Cell(value=0.02, censored=True, qualifier='<'), 0.05, 'nd')
    >>> read_cell("０．０５").value, read_cell("1,234").value, read_cell("1.2×10^3").value
    (0.05, 1234.0, 1200.0)
    >>> read_cell("--").qualifier, read_cell("*").qualifier, read_cell("约3") is None
    ('missing', 'not_monitored', True)
    """
    folded = unicodedata.normalize("NFKC", text).strip().replace(" ", "").lower()
    if folded in MISSING:
        return Cell(np.nan, False, "missing")
    if folded in NOT_MONITORED:
        return Cell(np.nan, False, "not_monitored")
    if folded in NOT_DETECTED:
        return Cell(np.nan, True, "nd")
    below = folded.startswith("<") or folded.endswith("l")
    number = _number(folded.lstrip("<").removesuffix("l"))
    if number is None or (below and number <= 0):
        return None
    return Cell(number, below, "<" if below else "")


def read_cells(texts: pd.Series) -> pd.DataFrame:
    """The cells of a column: ``value, censored, qualifier, understood, repaired``, same index.

    Plain numbers are read at once; each other spelling is read once, however often it stands there.
    """
    plain = pd.to_numeric(texts, errors="coerce")
    found = pd.DataFrame(
        {
            "value": plain.astype(float),
            "censored": False,
            "qualifier": "",
            "understood": True,
            "repaired": False,
        },
        index=texts.index,
    )
    # "nan" and "inf" are numbers to pandas but not to a laboratory.
    odd = ~np.isfinite(found["value"])
    spellings = {text: read_cell(text) for text in texts[odd].unique()}
    cells = texts[odd].map(spellings)
    understood = cells.notna()
    found.loc[odd, "understood"] = understood
    cells = cells[understood]
    found.loc[cells.index, "value"] = [cell.value for cell in cells]
    found.loc[cells.index, "censored"] = [cell.censored for cell in cells]
    found.loc[cells.index, "qualifier"] = [cell.qualifier for cell in cells]
    # A number in full-width digits, with thousands or as a power was read, but is not what the cell literally says.
    odd_numbers = texts[cells.index].str.replace(r"^[<]|[lL]$", "", regex=True)
    found.loc[cells.index, "repaired"] = found.loc[cells.index, "value"].notna() & (
        pd.to_numeric(odd_numbers, errors="coerce").isna()
    )
    return found


def _number(text: str) -> float | None:
    if _THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    if _NUMBER.fullmatch(text):
        return float(text)
    power = _POWER.fullmatch(text)
    if power:
        return float(f"{power['base']}e{power['exponent']}")
    return None
