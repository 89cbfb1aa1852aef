"""The ledgers of a work plan: what was reported as done, and the units that are inspected."""

from collections.abc import Collection, Mapping

import pandas as pd

from suizhou_geo import standards
from suizhou_geo.errors import InputError, MissingFileError, Place, SuizhouGeoError
from suizhou_geo.files.columns import date_column, number_column
from suizhou_geo.files.plans import Inspection, WorkPlan
from suizhou_geo.files.tables import TextTable, read_text_table
from suizhou_geo.files.workspace import Workspace

REPORT_COLUMNS = ("id", "adcode", "date", "amount", "value", "source", "synthetic", "file", "source_row")

_HEADERS = {
    "编号": "id", "区划代码": "adcode", "截止日期": "date", "数量名称": "amount", "累计数": "value", "来源": "source",
    "演示": "synthetic", "单位编号": "unit_id", "单位名称": "unit_name", "类别": "category", "行业": "sector",
    "检查日期": "inspected_on",
}  # fmt: skip
_NEEDED = ("id", "adcode", "date", "amount", "value", "source")


def read_reports(workspace: Workspace, *, plan: WorkPlan) -> pd.DataFrame:
    """Columns ``REPORT_COLUMNS``: one reported amount a row, cumulative since the start of its year, as of ``date``.

    ``amount`` is a code of ``standards show goals-2021`` (or its name), or ``achieved`` (完成值).

    Raises ``MissingFileError`` for a ledger that is not there, ``InputError`` naming file, row and column for a missing
    column, a cell that cannot be read, an id that the plan does not have, a county of another city, or two rows of one
    amount and date.
    """
    rows, mistakes = check_reports(workspace, plan=plan, ids={target.id for target in plan.targets})
    if mistakes:
        raise mistakes[0]
    return rows


def check_reports(
    workspace: Workspace, *, plan: WorkPlan, ids: Collection[str]
) -> tuple[pd.DataFrame, list[SuizhouGeoError]]:
    """The rows of all ledgers that can be used, and every mistake of the others; ``ids`` are those of the plan."""
    frames, mistakes = [pd.DataFrame(columns=list(REPORT_COLUMNS))], []
    for file in plan.reports:
        try:
            rows, wrong = _read_ledger(workspace, file, ids)
        except SuizhouGeoError as error:
            mistakes.append(error)
            continue
        frames.append(rows)
        mistakes.extend(wrong)
    read = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(read, ignore_index=True), mistakes


def read_units(workspace: Workspace, *, inspection: Inspection) -> pd.DataFrame:
    """The units of an inspection plan, sorted by ``unit_id``: the file's columns, dates in ``inspected_on``, ``source_row``.

    Raises as :func:`read_reports`: a column that the plan names is missing, an id stands twice.
    """
    table = _open(workspace, inspection.units)
    needed = ("unit_id", "unit_name", "adcode", inspection.column, *inspection.strata)
    columns = _columns(table, needed)
    units = pd.DataFrame({name: table.cells[header].str.strip() for name, header in columns.items()})
    units["inspected_on"] = (
        date_column(table, columns["inspected_on"], example="2021-06-03")
        if "inspected_on" in columns
        else pd.NaT
    )
    units = units.assign(source_row=list(table.rows), file=inspection.units)
    _check_rows(table, units["unit_id"].duplicated(), "unit_id", columns, "单位编号重复")
    _check_counties(table, units["adcode"], columns, workspace)
    return units.sort_values("unit_id", ignore_index=True)


def _read_ledger(
    workspace: Workspace, file: str, ids: Collection[str]
) -> tuple[pd.DataFrame, list[InputError]]:
    table = _open(workspace, file)
    columns = _columns(table, _NEEDED)
    texts = {name: table.cells[columns[name]].str.strip() for name in ("id", "adcode", "amount", "source")}
    texts["amount"] = texts["amount"].replace(_amount_names())
    marks = (
        table.cells[columns["synthetic"]]
        if "synthetic" in columns
        else pd.Series("", index=table.cells.index)
    )
    rows = pd.DataFrame(
        {
            **texts,
            "date": date_column(table, columns["date"], example="2021-06-30"),
            "value": number_column(table, columns["value"]),
            "synthetic": marks.str.strip().str.lower().isin(["true", "1", "是"]),
            "file": file,
            "source_row": list(table.rows),
        }
    )[list(REPORT_COLUMNS)]
    known = {workspace.adcode, *workspace.counties}
    key = ["id", "adcode", "date", "amount"]
    # What is achieved may be less than nothing: a rise.
    below_nothing = (rows["value"] < 0) & (rows["amount"] != "achieved")
    checks = (
        (~rows["id"].isin(ids), "id", "计划中没有这个编号"),
        (~rows["amount"].isin({*_amount_names().values()}), "amount", f"不认识的数量，可用：{'、'.join(_amount_words())}"),
        (rows["date"].isna(), "date", "没有截止日期"),
        (~rows["adcode"].isin(known), "adcode", f"区划代码不在工作区中（{'、'.join(sorted(known))}）"),
        (below_nothing, "value", "累计数不能为负"),
        (rows.duplicated(key), "id", "同一编号、区县、日期和数量已有一行"),
    )  # fmt: skip
    mistakes = [
        _row_error(table, int(line), name, columns, why)
        for wrong, name, why in checks
        for line in wrong.to_numpy().nonzero()[0]
    ]
    usable = ~pd.concat([wrong for wrong, _, _ in checks], axis=1).any(axis=1)
    return rows[usable], mistakes


def _open(workspace: Workspace, file: str) -> TextTable:
    path = workspace.root / file
    if not path.is_file():
        raise MissingFileError(
            f"找不到计划的台账“{file}”",
            where=Place("、".join(workspace.plan_files)),
            todo="补上该文件，或从计划文件中删去",
        )
    return read_text_table(path)


def _columns(table: TextTable, needed: tuple[str, ...]) -> dict[str, str]:
    columns = {_HEADERS.get(header.strip(), header.strip()): header for header in table.cells.columns}
    lacking = [name for name in needed if name not in columns]
    if lacking:
        names = {code: header for header, code in _HEADERS.items()}
        raise InputError(
            f"台账缺少列 {'、'.join(names.get(name, name) for name in lacking)}",
            where=table.place(),
            why=f"文件中的列：{'、'.join(table.cells.columns)}",
        )
    return columns


def _amount_names() -> Mapping[str, str]:
    amounts = standards.read_table(standards.newest_edition("plan-goals"), name="amounts")
    codes = dict(zip(amounts["amount"], amounts["amount"], strict=True))
    names = dict(zip(amounts["name"], amounts["amount"], strict=True))
    return {**codes, **names, "achieved": "achieved", "完成值": "achieved"}


def _amount_words() -> list[str]:
    return [name for name, code in _amount_names().items() if name != code]


def _check_counties(
    table: TextTable, adcodes: pd.Series, columns: Mapping[str, str], workspace: Workspace
) -> None:
    known = {workspace.adcode, *workspace.counties}
    _check_rows(
        table, ~adcodes.isin(known), "adcode", columns, f"区划代码不在工作区中（{'、'.join(sorted(known))}）"
    )


def _check_rows(table: TextTable, wrong: pd.Series, name: str, columns: Mapping[str, str], why: str) -> None:
    if wrong.any():
        raise _row_error(table, int(wrong.to_numpy().argmax()), name, columns, why)


def _row_error(table: TextTable, line: int, name: str, columns: Mapping[str, str], why: str) -> InputError:
    value = table.cells[columns[name]].iloc[line]
    return InputError(
        f"{columns[name]}“{value}”不能用",
        where=table.place(line, column=columns[name]),
        why=why,
        todo="改正该行",
    )
