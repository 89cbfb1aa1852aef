"""Statistics of one station's or city's days: means, percentiles, good days, composite index, each with what it needs."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.air import LACKS, assess_air
from suizhou_geo.assess.verdicts import ATTAINED, MISSED, NO_VERDICT
from suizhou_geo.conventions import indicators
from suizhou_geo.errors import InputError
from suizhou_geo.standards import composites
from suizhou_geo.standards.air import good_up_to

_NO_LIMIT = "没有限值或目标，只列数值"

#: Classes of area of GB 3095: national parks and reserves are 1, where people live is 2.
AREA_CLASSES = (1, 2)

_OLD_LIMITS = "gb3095-2012"


@dataclass(frozen=True)
class AirRules:
    """The editions of one evaluation: limits, method, index (an id or ``auto`` by day) and ranking, and what to say."""

    limits: standards.Edition
    method: standards.Edition
    composite: standards.Edition
    index: str
    area_class: int
    note: str
    unmonitored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Span:
    """The period of a statistic: its name, first and last day, and whether limits apply to it."""

    name: str
    start: pd.Timestamp
    end: pd.Timestamp

    @property
    def is_year(self) -> bool:
        """Whether it is a calendar year: annual limits apply to nothing else."""
        return bool(self.start.month == 1 and self.end.month == 12)

    @property
    def days(self) -> int:
        """Calendar days."""
        return int((self.end - self.start).days) + 1


def air_rules(
    span: Span, *, standard: str, index_standard: str, area_class: int, unmonitored: Collection[str] = ()
) -> AirRules:
    """The editions for a period: those in force on its last day, or the whole set that belongs to a given one.

    A period is judged by one set of limits and method; days keep the index of their date. With an id the set is that
    of the id's own time: GB 3095-2012 goes with HJ 663-2013 and HJ 633-2012, whatever the year.
    """
    if area_class not in AREA_CLASSES:
        raise InputError(f"功能区类别不能是 {area_class}", why="GB 3095 分一类区和二类区", todo="写 1 或 2")
    end = span.end
    if standard == "auto":
        limits, day, index = standards.edition_in_force("air-limits", on=end.date()), end, "auto"
    else:
        limits = standards.find_edition(standard)
        if limits.family != "air-limits":
            known = "、".join(each.id for each in standards.editions_of("air-limits"))
            raise InputError(f"{limits.id} 不是环境空气质量标准", why=f"可用：{known}")
        day = max(end, pd.Timestamp(limits.effective_from))
        day = min(day, pd.Timestamp(limits.effective_to)) if limits.effective_to else day
        index = _in_force("air-index", day).id
    start = pd.Timestamp(limits.effective_from)
    straddles = standard == "auto" and span.start < start
    whole = "全年按年末" if span.is_year else "全期按期末"
    note = f"{limits.number} 自 {start.date()} 施行，{whole}现行版本评价" if straddles else ""
    return AirRules(
        limits,
        _in_force("air-evaluation", day),
        standards.newest_edition("air-composite"),
        index if index_standard == "auto" else index_standard,
        area_class,
        note,
        tuple(unmonitored),
    )


def describe_days(
    own: pd.DataFrame, *, span: Span, rules: AirRules, good_ratio_target: float | None
) -> list[dict[str, object]]:
    """Every statistic of one unit's valid days in a span, as rows without the unit's name."""
    measured = _concentrations(own, span=span, rules=rules)
    good = _good_days(own, span=span, rules=rules, target=good_ratio_target)
    tables = ["denominators"] + (["denominators_stage1"] if rules.limits.id != _OLD_LIMITS else [])
    composites = [
        row for table in tables for row in _composite(measured, span=span, rules=rules, table=table)
    ]
    return [{"period": span.name, "n_total": span.days, **row} for row in (*measured, *good, *composites)]


def composite_parts(values: pd.Series, *, table: str = "denominators") -> pd.Series:
    """The single index of every pollutant: its statistic by its standard value, rounded half to even.

    ``values`` has pollutant codes as index; ``table`` is ``"denominators"`` (2012) or ``"denominators_stage1"``
    (unverified).

    >>> composite_parts(pd.Series({"so2": 8, "pm2_5": 14}))[["so2", "pm2_5"]].tolist()
    [0.13, 0.4]
    """
    items = list(composites.composite_items(table))
    known = values.reindex(items).astype(float)
    known = known.mask((known < 0) | np.isinf(known))
    return pd.Series(composites.composite_parts(known, table=table), index=known.index)


def composite_index(values: pd.Series, *, table: str = "denominators") -> float:
    """Composite index of a period's statistics by pollutant: each part rounded half to even, then added (64号).

    NaN when a pollutant is missing, or is negative or infinite: no concentration.

    >>> composite_index(pd.Series({"so2": 8, "no2": 20, "pm10": 41, "pm2_5": 14, "co": 0.7, "o3_8h": 155}))
    2.77
    """
    return float(composites.composite_total(composite_parts(values, table=table)))


def _concentrations(own: pd.DataFrame, *, span: Span, rules: AirRules) -> list[dict[str, object]]:
    metrics = standards.read_table(rules.method, name="metrics")
    if not span.is_year:
        metrics = metrics[metrics["month"] == "yes"]
    limits = standards.read_table(rules.limits, name="limits").set_index(["indicator", "averaging"])
    limits["limit"] = limits[f"level{rules.area_class}"].astype(float)
    rows = []
    for metric in metrics.itertuples():
        series = own.loc[own["indicator"] == metric.indicator].set_index("time")["value"]
        if len(series):
            rows.append(
                _measure(series, metric, limits.loc[(metric.indicator, metric.limit)], span=span, rules=rules)
            )
    return rows


def _measure(
    series: pd.Series, metric: Any, limit: pd.Series, *, span: Span, rules: AirRules
) -> dict[str, object]:
    raw = series.mean() if metric.percentile == "" else np.percentile(series, float(metric.percentile))
    value = float(standards.round_half_even([raw], decimals=int(metric.decimals))[0])
    shortage = _shortage(series.index, span=span, method=rules.method, whole=metric.percentile == "")
    exceedance = float("nan")
    if span.is_year:
        verdict = _verdict(value <= float(limit["limit"]), enough=not shortage)
        exceedance = _exceedance(value, limit=float(limit["limit"]))
    else:
        verdict, shortage = (
            NO_VERDICT,
            "；".join(filter(None, ("限值只用于全年", shortage and f"数据不足：{shortage}"))),
        )
    return {
        "statistic": metric.statistic if span.is_year else metric.statistic.replace("annual_mean", "mean"),
        "pollutant": metric.indicator,
        "value": value,
        "unit": limit["unit"],
        "n_valid": len(series),
        "verdict": verdict,
        "exceedance": exceedance,
        "standard": f"{rules.limits.id}+{rules.method.id}",
        "clause": (
            f"{rules.limits.number} {rules.limits.table('limits').clause} {'一级' if rules.area_class == 1 else '二级'}；"
            f"{rules.method.number} {rules.method.table('metrics').clause}"
        ),
        "note": "；".join(filter(None, (shortage, rules.note, _unsure(rules.method)))),
    }


def _good_days(
    own: pd.DataFrame, *, span: Span, rules: AirRules, target: float | None
) -> list[dict[str, object]]:
    index = assess_air(
        own.assign(site_name=own["site_id"]),
        interval="day",
        standard=rules.index,
        unmonitored=rules.unmonitored,
    )
    used = index["standard"].unique().tolist()
    limit = {each: good_up_to(standards.find_edition(each)) for each in used}
    valid = int(index["aqi"].notna().sum())
    good = int((index["aqi"] <= index["standard"].map(limit)).sum())
    numbers = standards.read_table(rules.method, name="validity").set_index("rule")["value"].astype(int)
    ratio = (
        float(standards.percentages([good], total=valid, decimals=numbers["ratio_decimals"])[0])
        if valid
        else float("nan")
    )
    days = pd.DatetimeIndex(index.loc[index["aqi"].notna(), "time"])
    shortage = _shortage(days, span=span, method=rules.method, whole=False)
    mixed = (
        f"按日期分别依 {'、'.join(standards.find_edition(each).number for each in used)}"
        if len(used) > 1
        else ""
    )
    shared = {
        "pollutant": "", "n_valid": valid, "standard": "+".join(used), "clause": "；".join(index["clause"].unique()),
    }  # fmt: skip
    partly = int((index["aqi"].notna() & index["note"].str.startswith(LACKS)).sum())
    parts = (
        shortage and f"数据不足：{shortage}",
        mixed,
        f"声明在监测方案外：{'、'.join(indicators()[code].name for code in rules.unmonitored)}"
        if rules.unmonitored
        else "",
        f"其中 {partly} 天缺项，AQI 按其余项目计算" if partly else "",
        "" if valid else "没有 AQI 有效的日子",
    )
    told = "；".join(filter(None, parts))
    judged = target is not None and valid > 0 and span.is_year
    verdict = _verdict(ratio >= float(target or 0), enough=not shortage) if judged else NO_VERDICT
    open_note = "；".join(filter(None, (_NO_LIMIT, told)))
    return [
        {"statistic": "good_days", "value": float(good), "unit": "天", "verdict": NO_VERDICT, "note": open_note, **shared},
        {
            "statistic": "good_ratio", "value": ratio, "unit": "%", "verdict": verdict,
            "note": f"目标 {target:g}%；{told}".rstrip("；") if judged else open_note, **shared,
        },
    ]  # fmt: skip


def _composite(
    measured: list[dict[str, object]], *, span: Span, rules: AirRules, table: str
) -> list[dict[str, object]]:
    wanted = standards.read_table(rules.composite, name=table)
    statistic = dict(zip(wanted["indicator"], wanted["statistic"], strict=True))
    if not span.is_year:
        statistic = {code: name.replace("annual_mean", "mean") for code, name in statistic.items()}
    found = {
        str(row["pollutant"]): row
        for row in measured
        if statistic.get(str(row["pollutant"])) == row["statistic"]
    }
    values = pd.Series({code: row["value"] for code, row in found.items()}, dtype=float)
    parts = composite_parts(values, table=table)
    absent = [indicators()[code].name for code in parts.index[parts.isna()]]
    scarce = [code for code, row in found.items() if "数据不足" in f"{row['verdict']}{row['note']}"]
    largest = parts.index[parts == parts.max()].tolist()
    unverified = rules.composite.table(table).verified == "unverified"
    notes = [
        _NO_LIMIT,
        f"缺 {'、'.join(absent)}，不能计算" if absent else "",
        f"数据不足：{'、'.join(indicators()[code].name for code in scarce)}" if scarce else "",
        "新标准下的算法未核实" if unverified or rules.limits.id != _OLD_LIMITS else "",
    ]
    shared = {
        "unit": "",
        "n_valid": min((int(str(row["n_valid"])) for row in found.values()), default=0),
        "verdict": NO_VERDICT,
        "standard": rules.composite.id,
        "clause": f"{rules.composite.number} {rules.composite.table(table).clause}",
        "note": "；".join(filter(None, notes)),
    }
    suffix = table.removeprefix("denominators")
    maximum = float("nan") if absent else float(parts.max())
    return [
        {
            "statistic": f"composite_index{suffix}",
            "pollutant": "",
            "value": composite_index(values, table=table),
            **shared,
        },
        {
            "statistic": f"composite_max{suffix}",
            "pollutant": "" if absent else ";".join(largest),
            "value": maximum,
            **shared,
        },
    ]


def _shortage(days: pd.DatetimeIndex, *, span: Span, method: standards.Edition, whole: bool) -> str:
    """What is lacking to the days of a span, or an empty text; ``whole`` asks for every month too (means)."""
    numbers = standards.read_table(method, name="validity").set_index("rule")["value"].astype(int)
    months = pd.period_range(span.start, span.end, freq="M")
    counts = pd.Series(1, index=days).groupby(days.to_period("M")).sum().reindex(months, fill_value=0)
    needed = pd.Series(
        [numbers["february_days"] if month.month == 2 else numbers["month_days"] for month in months],
        index=months,
    )
    few = [str(month.month) for month in months[(counts < needed).to_numpy()]]
    least = numbers["year_days" if whole else "percentile_days"] if span.is_year else 0
    parts = [
        f"有效 {len(days)} 天，应不少于 {least} 天{'' if whole else '（未核实）'}"
        if len(days) < least
        else "",
        f"{'、'.join(few)} 月有效天数不足" if few and (whole or not span.is_year) else "",
    ]
    return "；".join(filter(None, parts))


def _verdict(attained: bool, *, enough: bool) -> str:
    word = ATTAINED if attained else MISSED
    return word if enough else f"数据不足({word}趋向)"


def _exceedance(value: float, *, limit: float) -> float:
    # HJ 663: B = (C − S)/S of the rounded concentration; bulletins print two decimals.
    over = (value - limit) / limit if value > limit else float("nan")
    return float(standards.round_half_even([over], decimals=2)[0])


def _unsure(method: standards.Edition) -> str:
    return f"{method.number} 的修约位数未核实" if method.verified == "unverified" else ""


def _in_force(family: str, day: pd.Timestamp) -> standards.Edition:
    # A method is applied to earlier years too.
    return standards.find_edition(
        standards.editions_by_date(family, dates=pd.Series([day]), backdate=True).iloc[0]
    )
