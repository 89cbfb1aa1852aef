"""The other goals of the plan: rates, schedules, counts. Every number comes from the caller, every target too."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, isfinite

import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.verdicts import ATTAINED, MISSED, NO_VERDICT, check_choice
from suizhou_geo.errors import InputError, UnknownNameError

_FAMILY = "plan-goals"


@dataclass(frozen=True)
class GoalResult:
    """One goal: its value, what was asked, the verdict, how it was computed and how sure the way is.

    ``required`` and ``progress`` (value ÷ required, per cent) are those of a schedule, NaN for a rate.
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
    return GoalResult(
        value=value, verdict=verdict, note="" if target is not None else "没有给出目标", **shared
    )


def assess_schedule(
    kind: str,
    *,
    target: float,
    year: int,
    achieved: float | None = None,
    base_year: int = 2020,
    years: int = 5,
) -> GoalResult:
    """Where a five-year target should stand in a year, and where it does; all in per cent of the base year.

    ``linear`` (emission cuts): k/n · R. ``geometric`` (intensities): 1 − (1 − R)^(k/n). ``value`` is what is achieved,
    ``required`` what the schedule asks, ``progress`` the one by the other.

    >>> round(assess_schedule("geometric", target=18, year=2021).required, 2)
    3.89
    >>> found = assess_schedule("linear", target=10, year=2023, achieved=6.3)
    >>> found.required, found.progress, found.verdict
    (6.0, 105.0, '达标')

    Raises ``UnknownNameError`` or ``InputError`` (a year outside the plan, a target outside 0–100).
    """
    row = _row("schedules", kind)
    elapsed = year - base_year
    if not 0 < elapsed <= years:
        raise InputError(
            f"{year} 年不在计划期内", why=f"计划期为 {base_year + 1}–{base_year + years} 年", todo="核对年份"
        )
    if not 0 < target < 100:
        raise InputError(f"目标 {target:g}% 不合理", why="应在 0 与 100 之间", todo="核对目标")
    share = elapsed / years
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
    return GoalResult(value=achieved, progress=progress, verdict=verdict, **shared)


def intensity_cut(*, amount: float, output: float, base_amount: float, base_output: float) -> float:
    """Fall of an intensity (CO2 or energy per GDP at constant prices) against the base year, in per cent.

    >>> round(intensity_cut(amount=95, output=120, base_amount=100, base_output=100), 2)
    20.83

    Raises ``InputError`` when an output or the base amount is not positive.
    """
    if min(output, base_output, base_amount) <= 0 or amount < 0:
        raise InputError("强度的分母和基年数量须为正", todo="核对地区生产总值（不变价）和排放量、能耗")
    return 100 * (1 - (amount / output) / (base_amount / base_output))


def carbon_dioxide(fuels: Mapping[str, float]) -> float:
    """Tonnes of CO2 of fuels in tonnes of standard coal, by factors that are unverified (``standards show goals-2021``).

    >>> carbon_dioxide({"coal": 100, "gas": 10})
    281.6
    """
    table = standards.read_table(standards.newest_edition(_FAMILY), name="carbon_factors").set_index("fuel")[
        "factor"
    ]
    unknown = sorted(set(fuels) - set(table.index))
    if unknown:
        raise UnknownNameError(f"没有燃料“{unknown[0]}”的系数", why=f"已有：{'、'.join(table.index)}")
    return round(sum(float(table[fuel]) * amount for fuel, amount in fuels.items()), 9)


def inspection_visits(*, key_units: int, general_units: int, general_share: float = 0.5) -> int:
    """Units to be inspected: every key one and a share of the general ones, rounded up.

    >>> inspection_visits(key_units=19, general_units=42)
    40
    """
    if min(key_units, general_units) < 0 or not 0 <= general_share <= 1:
        raise InputError("单位数不能为负，比例应在 0 与 1 之间", todo="核对数量")
    return key_units + ceil(round(general_units * general_share, 9))


def classify_waste_unit(
    tonnes: float, *, own_facility: bool = False, licence: bool = False, year: int | None = None
) -> pd.Series:
    """Category, reports and due dates of a unit that makes hazardous waste (HJ 1259-2022 4.2): key, simplified, registered.

    ``tonnes`` is the annual amount: the largest of the last three years. Own facilities for use or disposal, and an
    operating licence, make a unit a key one whatever its amount.

    >>> classify_waste_unit(10)["category"], classify_waste_unit(3, licence=True)["category"]
    ('simplified', 'key')
    """
    if not tonnes >= 0:
        raise InputError(f"危险废物年产生量“{tonnes}”不合理", todo="核对吨数")
    edition = standards.newest_edition("hazardous-waste")
    if year is not None and year < edition.effective_from.year:
        raise InputError(f"{year} 年 {edition.number} 尚未施行", why=f"{edition.effective_from} 起施行")
    units = standards.read_table(edition, name="units")
    least = units["minimum_tonnes"].astype(float)
    chosen = units.iloc[0] if own_facility or licence else units[tonnes >= least].iloc[0]
    return pd.Series(
        {**chosen.drop("minimum_tonnes").to_dict(), "standard": edition.id, "clause": f"{edition.number} 4.2"}
    )


def assess_goals(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of goals, one result each: ``id`` and the fields of :class:`GoalResult`.

    ``table`` has ``id, kind``, and as the kind asks: the amounts of a rate, ``target``; of a schedule ``target, year,
    achieved``. Amounts may have their Chinese names.

    >>> rows = pd.DataFrame({"id": ["G7"], "kind": ["done"], "完成数": [235], "计划数": [354]})
    >>> assess_goals(rows)[["id", "value"]].values.tolist()
    [['G7', 66.38]]
    """
    amounts = standards.read_table(standards.newest_edition(_FAMILY), name="amounts")
    renamed = table.rename(columns=dict(zip(amounts["name"], amounts["amount"], strict=True)))
    lacking = [name for name in ("id", "kind") if name not in renamed.columns]
    if lacking:
        raise InputError(
            f"目标表缺少列 {'、'.join(lacking)}", why=f"已有：{'、'.join(map(str, table.columns))}"
        )
    return pd.DataFrame([{"id": row["id"], **vars(_assess_row(row))} for row in renamed.to_dict("records")])


def _assess_row(row: Mapping[str, object]) -> GoalResult:
    kind = str(row["kind"])
    numbers = {
        name: float(str(value))
        for name, value in row.items()
        if name not in {"id", "kind"} and _is_given(value)
    }
    target = numbers.pop("target", None)
    schedules = standards.read_table(standards.newest_edition(_FAMILY), name="schedules")["kind"].tolist()
    if kind not in schedules:
        return assess_rate(kind, amounts=numbers, target=target)
    if target is None or "year" not in numbers:
        raise InputError(f"{row['id']}：{kind} 需要 target 和 year", todo="补上五年目标（%）和年份")
    return assess_schedule(kind, target=target, year=int(numbers["year"]), achieved=numbers.get("achieved"))


def _is_given(value: object) -> bool:
    try:
        return isfinite(float(str(value)))
    except ValueError:
        return False


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
