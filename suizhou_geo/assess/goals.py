"""The other goals of the plan: rates, counts, schedules. Every number comes from the caller, every target too."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import isfinite

import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.verdicts import ATTAINED, MISSED, NO_VERDICT, check_choice
from suizhou_geo.errors import InputError, Place

_FAMILY = "plan-goals"


@dataclass(frozen=True)
class GoalResult:
    """One goal: its value, what was asked, the verdict, how it was computed and how sure the way is.

    ``required`` and ``progress`` (value ÷ required, per cent) are those of a schedule, NaN for the others.
    """

    kind: str
    name: str
    value: float
    unit: str
    target: float | None
    required: float
    progress: float
    verdict: str
    formula: str
    source: str
    verified: str
    note: str = ""


def assess_rate(kind: str, *, amounts: Mapping[str, float], target: float | None = None) -> GoalResult:
    """A rate of the plan in per cent, two decimals: safe use, disposal, done of planned.

    Kinds and their amounts stand in ``standards show goals-2021``. Amounts share one unit; a numerator above its
    denominator is refused (a rate is not above 100 %).

    >>> waste = {"utilised": 2004.6, "disposed": 698.2, "generated": 3465.2, "old_stock": 84.5}
    >>> round(assess_rate("hazardous_waste", amounts=waste).value, 1)
    76.1
    >>> found = assess_rate("done", amounts={"done": 235, "planned": 354}, target=70)
    >>> found.value, found.verdict
    (66.38, '不达标')

    Raises ``UnknownNameError`` for an unknown kind, ``InputError`` for an amount that is missing, negative or too large.
    """
    row = _row("rates", kind)
    above, below = (_total(kind, str(row[part]).split("+"), amounts) for part in ("numerator", "denominator"))
    formula = f"({row['numerator']}) ÷ ({row['denominator']}) × 100"
    blank = {"required": float("nan"), "progress": float("nan"), "formula": formula}
    shared = {"kind": kind, "name": row["name"], "unit": "%", "target": target, **blank, **_origin(row)}
    if below == 0:
        return GoalResult(value=float("nan"), verdict=NO_VERDICT, note="分母为 0，没有可评价的对象", **shared)
    if above > below * (1 + 1e-12):
        raise InputError(
            f"{row['name']}：分子 {above:g} 大于分母 {below:g}",
            why=f"算法：{row['source']}",
            todo="核对各项数量和单位",
        )
    value = float(standards.percentages([above], total=below, decimals=2)[0])
    verdict = NO_VERDICT if target is None else ATTAINED if value >= target else MISSED
    return GoalResult(value=value, verdict=verdict, note=_untold(target), **shared)


def assess_count(kind: str, *, count: float, target: float | None = None) -> GoalResult:
    """A count that may not be above its target, such as accidents with radiation.

    >>> assess_count("radiation_accidents", count=0, target=0).verdict
    '达标'
    >>> assess_count("radiation_accidents", count=1, target=0).verdict
    '不达标'

    Raises ``UnknownNameError`` for an unknown kind, ``InputError`` for a count that is not a whole number from 0 up.
    """
    row = _row("counts", kind)
    if not (count >= 0 and float(count).is_integer()):
        raise InputError(f"{row['name']}“{count:g}”不合理", why="应为不小于 0 的整数", todo="核对数量")
    verdict = NO_VERDICT if target is None else ATTAINED if count <= target else MISSED
    return GoalResult(
        kind=kind, name=row["name"], value=float(count), unit=row["unit"], target=target, required=float("nan"),
        progress=float("nan"), verdict=verdict, formula="不多于目标", **_origin(row), note=_untold(target),
    )  # fmt: skip


def assess_schedule(
    kind: str,
    *,
    target: float,
    year: float,
    month: float = 12,
    achieved: float | None = None,
    base_year: int = 2020,
    years: int = 5,
) -> GoalResult:
    """Where a five-year target should stand at the end of a month, and where it does; in per cent of the base year.

    ``linear`` (emission cuts): k/n · R. ``geometric`` (intensities): 1 − (1 − R)^(k/n); k counts years, months as
    twelfths. ``value`` is what is achieved (below zero: a rise), ``required`` what the schedule asks, ``progress`` the
    one by the other.

    >>> round(assess_schedule("geometric", target=18, year=2021).required, 2)
    3.89
    >>> found = assess_schedule("linear", target=10, year=2023, achieved=6.3)
    >>> found.required, found.progress, found.verdict
    (6.0, 105.0, '达标')
    >>> assess_schedule("linear", target=10, year=2023, month=6).required
    5.0

    Raises ``UnknownNameError`` or ``InputError`` (a year or month outside the plan, a target outside 0–100).
    """
    row = _row("schedules", kind)
    if not (float(year).is_integer() and 0 < year - base_year <= years):
        raise InputError(
            f"{year:g} 年不在计划期内",
            why=f"计划期为 {base_year + 1}–{base_year + years} 年",
            todo="核对年份",
        )
    if month not in range(1, 13):
        raise InputError(f"月份 {month:g} 不存在", todo="写 1 到 12，全年用 12")
    if not 0 < target < 100:
        raise InputError(f"目标 {target:g}% 不合理", why="应在 0 与 100 之间", todo="核对目标")
    share = (year - base_year - 1 + month / 12) / years
    required = target * share if kind == "linear" else 100 * (1 - (1 - target / 100) ** share)
    shared = {
        "kind": kind, "name": row["name"], "unit": "%", "target": target, "required": round(required, 10),
        "formula": row["source"].split("；")[0], **_origin(row),
    }  # fmt: skip
    if achieved is None:
        return GoalResult(
            value=float("nan"), progress=float("nan"), verdict=NO_VERDICT, note="没有给出完成值", **shared
        )
    if not isfinite(achieved):
        raise InputError("完成值不是数", todo="核对完成值")
    progress = float(standards.round_half_even([100 * achieved / required], decimals=1)[0])
    verdict = ATTAINED if achieved >= required - 1e-9 else MISSED
    note = "完成值为负：比基年上升" if achieved < 0 else ""
    return GoalResult(value=achieved, progress=progress, verdict=verdict, note=note, **shared)


def assess_goals(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of goals, one result each: ``id`` and the fields of :class:`GoalResult`.

    ``table`` as ``files.read_goals`` gives it: ``id, kind`` and numbers, NaN where a kind does not use one. A rate
    uses its amounts and ``target``, a count ``count`` and ``target``, a schedule ``target, year, month, achieved``.

    >>> rows = pd.DataFrame({"id": ["G7"], "kind": ["done"], "done": [235.0], "planned": [354.0]})
    >>> assess_goals(rows)[["id", "value"]].values.tolist()
    [['G7', 66.38]]

    Raises ``InputError`` naming the row of the file.
    """
    results = []
    for row in table.to_dict("records"):
        place = Place(str(table.attrs.get("file", "")), row=row.get("source_row"))
        try:
            results.append({"id": row["id"], **vars(_assess_row(row))})
        except InputError as error:
            raise InputError(f"{row['id']}：{error.what}", place, error.why, error.todo) from error
    return pd.DataFrame(results)


def _assess_row(row: Mapping[Hashable, object]) -> GoalResult:
    kind = str(row["kind"])
    numbers: dict[str, float] = {
        str(name): float(value)
        for name, value in row.items()
        if name != "source_row" and isinstance(value, int | float) and isfinite(value)
    }
    target = numbers.pop("target", None)
    tables = {name: _kinds(name) for name in ("rates", "counts", "schedules")}
    check_choice(kind, tuple(each for kinds in tables.values() for each in kinds), name="kind")
    if kind in tables["rates"]:
        return assess_rate(kind, amounts=numbers, target=target)
    if kind in tables["counts"]:
        return assess_count(kind, count=_total(kind, ["count"], numbers), target=target)
    if target is None or "year" not in numbers:
        raise InputError(f"{kind} 需要 target 和 year", todo="补上五年目标（%）和年份")
    return assess_schedule(
        kind,
        target=target,
        year=numbers["year"],
        month=numbers.get("month", 12),
        achieved=numbers.get("achieved"),
    )


def _untold(target: float | None) -> str:
    return "没有给出目标" if target is None else ""


def _kinds(table: str) -> list[str]:
    return list(standards.read_table(standards.newest_edition(_FAMILY), name=table)["kind"])


def _row(table: str, kind: str) -> pd.Series:
    rows = standards.read_table(standards.newest_edition(_FAMILY), name=table).set_index("kind")
    check_choice(kind, tuple(rows.index), name="kind")
    return rows.loc[kind]


def _total(kind: str, names: list[str], amounts: Mapping[str, float]) -> float:
    lacking = [
        name for name in names if name not in amounts or amounts[name] is None or not isfinite(amounts[name])
    ]
    if lacking:
        raise InputError(
            f"{kind} 缺少数量 {'、'.join(lacking)}",
            why=f"已给：{'、'.join(amounts) or '无'}",
            todo="补上，没有的写 0",
        )
    negative = [name for name in names if amounts[name] < 0]
    if negative:
        raise InputError(f"{kind} 的 {negative[0]} 为负：{amounts[negative[0]]:g}", todo="改正该数量")
    return float(sum(amounts[name] for name in names))


def _origin(row: pd.Series) -> dict[str, str]:
    return {"source": str(row["source"]), "verified": str(row["verified"])}
