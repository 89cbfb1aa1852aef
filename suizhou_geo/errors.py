"""What went wrong, where, why, and what to do: the errors and problem reports of every room.

Messages are Chinese because an analyst reads them. Every error carries its four parts as arguments of
``Exception`` itself, so that a worker process can pickle it and send it home unchanged.
"""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Place:
    """A place in a user's file. ``row`` is the row number that Excel shows (the header is row 1).

    >>> str(Place("6月水质.xlsx", sheet="手工", row=14, column="氨氮"))
    '文件 6月水质.xlsx · 工作表 手工 · 第 14 行 · 列 氨氮'
    """

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        parts = [
            f"文件 {self.file}" if self.file else "",
            f"工作表 {self.sheet}" if self.sheet else "",
            f"第 {self.row} 行" if self.row is not None else "",
            f"列 {self.column}" if self.column else "",
        ]
        return " · ".join(part for part in parts if part)


class SuizhouGeoError(Exception):
    """Base of all errors of this package: what, where, why, what to do.

    >>> print(SuizhouGeoError("区划代码 429999 不存在", why="不在全国区县名录中", todo="请核对六位区划代码"))
    区划代码 429999 不存在。原因：不在全国区县名录中。处理：请核对六位区划代码。
    """

    def __init__(self, what: str, where: Place | str = "", why: str = "", todo: str = "") -> None:
        super().__init__(what, where, why, todo)
        self.what = what
        self.where = where
        self.why = why
        self.todo = todo

    def __str__(self) -> str:
        where = str(self.where)
        sentences = [
            self.what,
            f"位置：{where}" if where else "",
            f"原因：{self.why}" if self.why else "",
            f"处理：{self.todo}" if self.todo else "",
        ]
        return "".join(f"{sentence.rstrip('。')}。" for sentence in sentences if sentence)


class InputError(SuizhouGeoError, ValueError):
    """A value, parameter or file content that cannot be used as given."""


class MissingFileError(SuizhouGeoError, FileNotFoundError):
    """A file or folder that does not exist."""

    # OSError fills its own slots from the arguments; ours are set by SuizhouGeoError.
    __str__ = SuizhouGeoError.__str__


class CRSError(SuizhouGeoError, ValueError):
    """A coordinate reference system that is absent or not the one required."""


class UnknownNameError(SuizhouGeoError, KeyError):
    """A name (adcode, notebook, parameter, standard, indicator) that is not known."""

    # KeyError would print the repr of its first argument.
    __str__ = SuizhouGeoError.__str__


@dataclass(frozen=True)
class Problem:
    """One problem found in a file. Its fields are the columns of ``suizhou-geo check``."""

    code: str
    severity: str
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    expected: str = ""
    hint: str = ""

    def as_dict(self) -> dict[str, str | int | None]:
        return asdict(self)
