"""Values of the plan from its ledgers: rates, counts and schedules, computed by ``assess`` from reported amounts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import floor
from typing import Any

import pandas as pd

from suizhou_geo import assess, standards
from suizhou_geo.errors import InputError, Place
from suizhou_geo.files import Target
from suizhou_geo.plan.found import Found, rows_text

DONE = "done"


def month_end(year: int, month: int) -> pd.Timestamp:
    """The last day of a month."""
    return pd.Timestamp(year=year, month=month, day=1) + pd.offsets.MonthEnd(0)


def reported_kinds() -> set[str]:
    """Indicators whose value is computed from reported amounts (``standards show goals-2021``)."""
    edition = standards.newest_edition("plan-goals")
    return {
        str(kind) for name in ("rates", "counts") for kind in standards.read_table(edition, name=name)["kind"]
    }


def reported_value(
    target: Target,
    reports: pd.DataFrame,
    *,
    adcode: str,
    city: str,
    counties: Sequence[str],
    year: int,
    month: int,
) -> Found:
    """The value of a row from the latest reported amounts up to the end of the month.

    The city's amounts are its own if it reports any, else the sums of its counties', and it is said which are lacking.
    A schedule is never summed: it is the city's, or the county's own.

    Raises ``InputError`` naming the ledger's row for amounts that do not go together.
    """
    own = reports[(reports["id"] == target.id) & reports["value"].notna()]
    if target.schedule:
        return _scheduled(target, own, adcode=adcode, year=year, month=month)
    needed = needed_amounts(target)
    shared: dict[str, Any] = {"needed": needed, "adcode": adcode, "city": city, "counties": counties}
    chosen, note = _of_county(_between(own, f"{year}-01-01", month_end(year, month)), **shared)
    if chosen.empty:
        return Found(reason=note or "台账中没有本区域到本月的记录")
    found = _computed(target, chosen, adcode=adcode, city=city, year=year, month=month)
    goal = found.goal
    if target.target_from == "last_year":
        before, _ = _of_county(_between(own, f"{year - 1}-01-01", month_end(year - 1, 12)), **shared)
        goal = None if before.empty else _rate(target, before)
        note = "；".join(filter(None, (note, "" if goal is None else "目标为上年同口径数，只升不降")))
        chosen = pd.concat([chosen, before])
    lacking = target.target_from == "last_year" and goal is None
    return replace(
        found,
        goal=goal,
        rows=tuple(rows_text(str(file), rows) for file, rows in chosen.groupby("file")["source_row"]),
        note="；".join(filter(None, (found.note, note))),
        reason="台账中没有上年数" if lacking else found.reason,
        synthetic=bool(chosen["synthetic"].any()),
    )


def elapsed_share(target: Target, *, year: int, month: int) -> float:
    """How much of the time from New Year to the due date has passed at the end of the month, 0…1."""
    start = pd.Timestamp(year=year, month=1, day=1)
    due = pd.Timestamp(str(target.due)) if target.due else month_end(year, 12)
    passed, whole = (month_end(year, month) - start).days + 1, (due - start).days + 1
    return float(min(1.0, passed / max(whole, 1)))


def counted(target: Target, *, done: float, planned: float | None, year: int, month: int) -> Found:
    """Done of planned: whole units due by now, in proportion to the days of the year until the due date."""
    if not planned:
        return Found(value=done)
    share = elapsed_share(target, year=year, month=month)
    rate = assess.assess_rate(DONE, amounts={"done": min(done, planned), "planned": planned})
    return Found(value=done, goal=planned, required=float(floor(planned * share + 1e-9)), progress=rate.value)


def _computed(target: Target, rows: pd.DataFrame, *, adcode: str, city: str, year: int, month: int) -> Found:
    amounts = _amounts(rows)
    if target.indicator == DONE and target.unit != "%":
        whole = target.planned if adcode == city else None
        planned = amounts.get("planned", whole)
        found = counted(target, done=amounts["done"], planned=planned, year=year, month=month)
        return found if planned else Found(value=found.value, reason="台账中没有计划数")
    return Found(value=_rate(target, rows))


def _rate(target: Target, rows: pd.DataFrame) -> float | None:
    return rate_of(target, _amounts(rows), rows=rows)


def rate_of(target: Target, amounts: Mapping[str, float], *, rows: pd.DataFrame) -> float | None:
    """The rate or count of a target from its amounts; ``rows`` are where they were reported.

    Raises ``InputError`` naming the ledger's row for amounts that do not go together.
    """
    try:
        if target.indicator in _kinds("counts"):
            return assess.assess_count(target.indicator, count=amounts.get("count", float("nan"))).value
        if target.indicator == DONE and target.unit != "%":
            return amounts[DONE]
        value = assess.assess_rate(target.indicator, amounts=amounts).value
    except InputError as error:
        typed = rows[rows["amount"].isin(needed_amounts(target)[:1])]
        last = (typed if len(typed) else rows).sort_values("source_row").iloc[-1]
        place = Place(str(last["file"]), row=int(last["source_row"]), column="累计数")
        raise InputError(f"{target.id}：{error.what}", place, error.why, error.todo) from error
    return None if pd.isna(value) else value


def _scheduled(target: Target, own: pd.DataFrame, *, adcode: str, year: int, month: int) -> Found:
    rows = _between(own[own["adcode"] == adcode], f"{target.base_year + 1}-01-01", month_end(year, month))
    rows = rows[rows["amount"] == "achieved"].sort_values("date").tail(1)
    if rows.empty:
        return Found(reason="台账中没有本区域的完成值")
    achieved = float(rows["value"].iloc[0])
    sources = (rows_text(str(rows["file"].iloc[0]), rows["source_row"]),)
    found = Found(value=achieved, rows=sources, synthetic=bool(rows["synthetic"].iloc[0]))
    if target.target is None:
        return found
    result = assess.assess_schedule(
        target.schedule,
        target=target.target,
        year=year,
        month=month,
        achieved=achieved,
        base_year=target.base_year,
        years=target.years,
    )
    word = {"linear": "线性", "geometric": "几何"}[target.schedule]
    note = f"目标为 {target.base_year + 1}–{target.base_year + target.years} 年累计，{word}序时进度到本月应为 {result.required:.2f}{target.unit}"
    return replace(found, required=round(result.required, 4), progress=result.progress, note=note)


def _between(rows: pd.DataFrame, first: str, last: pd.Timestamp) -> pd.DataFrame:
    return rows[(rows["date"] >= pd.Timestamp(first)) & (rows["date"] <= last)]


def needed_amounts(target: Target) -> tuple[str, ...]:
    """The amounts without which a row has no value."""
    if target.indicator in _kinds("counts"):
        return ("count",)
    if target.indicator == DONE and target.unit != "%":
        return ("done",)
    rates = standards.read_table(standards.newest_edition("plan-goals"), name="rates").set_index("kind")
    parts = (str(rates.at[target.indicator, part]).split("+") for part in ("numerator", "denominator"))
    return tuple(dict.fromkeys(name for part in parts for name in part))


def _of_county(
    rows: pd.DataFrame, *, needed: Sequence[str], adcode: str, city: str, counties: Sequence[str]
) -> tuple[pd.DataFrame, str]:
    """The latest amounts of a county, or of all counties that reported every amount; and what is to be said of them."""
    latest = rows.sort_values("date").drop_duplicates(["adcode", "amount"], keep="last")
    complete = {str(code) for code, own in latest.groupby("adcode") if set(needed) <= set(own["amount"])}
    if adcode != city or city in complete:
        own = latest[latest["adcode"] == adcode]
        if len(own) and adcode not in complete:
            lacking = [name for name in needed if name not in set(own["amount"])]
            return own.iloc[:0], f"台账到本月缺少{'、'.join(_names_of(lacking))}"
        return own, _as_of(own)
    whole = latest[latest["adcode"].isin(complete)]
    absent = [code for code in counties if code not in complete]
    note = f"合计中缺少 {'、'.join(absent)}" if absent and len(whole) else ""
    return whole, "；".join(filter(None, (_as_of(whole), note)))


def _names_of(amounts: Sequence[str]) -> list[str]:
    table = standards.read_table(standards.newest_edition("plan-goals"), name="amounts").set_index("amount")
    return [str(table.at[amount, "name"]) for amount in amounts]


def _as_of(rows: pd.DataFrame) -> str:
    # Planned amounts are reported once; what was done last tells how old the whole is.
    return "" if rows.empty else f"台账截至 {rows.groupby('adcode')['date'].max().min():%Y-%m-%d}"


def _amounts(rows: pd.DataFrame) -> Mapping[str, float]:
    return {str(amount): float(value) for amount, value in rows.groupby("amount")["value"].sum().items()}


def _kinds(table: str) -> set[str]:
    return {
        str(kind) for kind in standards.read_table(standards.newest_edition("plan-goals"), name=table)["kind"]
    }
