"""Problems of one table: raised at the first one, or collected until all of them are known."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo.errors import InputError, Place, Problem
from suizhou_geo.files.tables import TextTable

ERROR, WARNING, NOTE = "error", "warning", "info"

#: Columns of the change log: what a cell said, what it was taken for, and why.
CHANGE_COLUMNS = ("file", "sheet", "row", "column", "before", "after", "reason")


@dataclass(frozen=True)
class Column:
    """One column of a table: its header and its cells as text, one for each line of the table."""

    table: TextTable
    header: str
    texts: pd.Series


@dataclass
class Findings:
    """What reading a table brought to light.

    With ``collect`` every bad cell becomes a :class:`Problem` and reading goes on without it; else the first one is
    raised as ``InputError``. ``changes`` has one row per cell that was read as something else than it says.
    """

    collect: bool = False
    problems: list[Problem] = field(default_factory=list)
    changes: list[tuple[object, ...]] = field(default_factory=list)

    def warn(self, bad: npt.NDArray[np.bool_], *, column: Column, code: str, why: str, todo: str) -> None:
        """Collect, as warnings, the cells of a column that reading goes on without; nothing is raised."""
        if self.collect:
            self._collect(bad, WARNING, column=column, code=code, why=why, todo=todo)

    def report(
        self, bad: npt.NDArray[np.bool_], *, column: Column, code: str, what: str, why: str, todo: str
    ) -> None:
        """Report the cells of a column where ``bad`` is true; ``what`` may hold ``{text}`` and ``{count}``."""
        lines = [int(line) for line in np.flatnonzero(bad)]
        if not lines:
            return
        table, header, texts = column.table, column.header, column.texts
        if not self.collect:
            told = what.format(text=texts.iloc[lines[0]], count=len(lines))
            raise InputError(told, where=table.place(lines[0], column=header), why=why, todo=todo)
        self._collect(bad, ERROR, column=column, code=code, why=why, todo=todo)

    def _collect(
        self, bad: npt.NDArray[np.bool_], severity: str, *, column: Column, code: str, why: str, todo: str
    ) -> None:
        table, header, texts = column.table, column.header, column.texts
        self.problems.extend(
            Problem(
                code, severity, table.file, table.sheet, int(table.rows[line]), header, str(texts.iloc[line]), why, todo,
            )
            for line in map(int, np.flatnonzero(bad))
        )  # fmt: skip

    def log(
        self,
        changed: npt.NDArray[np.bool_],
        *,
        column: Column,
        after: Sequence[object] | pd.Series,
        reason: str,
    ) -> None:
        """Log the cells of a column where ``changed`` is true."""
        values, table = list(after), column.table
        self.changes.extend(
            (
                table.file, table.sheet, int(table.rows[line]), column.header, column.texts.iloc[line],
                str(values[line]), reason,
            )
            for line in map(int, np.flatnonzero(changed))
        )  # fmt: skip

    def change_log(self) -> pd.DataFrame:
        """The logged repairs as a table, columns :data:`CHANGE_COLUMNS`."""
        return pd.DataFrame(self.changes, columns=list(CHANGE_COLUMNS))


def problem_of(error: Exception, *, file: str, code: str = "file_unreadable") -> Problem:
    """The problem that an error describes, so that one bad file does not hide the others.

    >>> problem_of(InputError("文件是空的", where=Place("a.csv"), todo="检查"), file="a.csv").code
    'file_unreadable'
    """
    where = getattr(error, "where", "")
    place = where if isinstance(where, Place) else Place()
    return Problem(
        code,
        ERROR,
        place.file or file,
        place.sheet,
        place.row,
        place.column,
        getattr(error, "what", str(error)),
        getattr(error, "why", ""),
        getattr(error, "todo", ""),
    )
