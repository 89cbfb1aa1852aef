"""Ecological compensation between counties at border sections: the plan's formula over the year's monthly means."""

from collections.abc import Mapping

import pandas as pd

from suizhou_geo import assess, files, standards
from suizhou_geo.conventions import Account, indicators
from suizhou_geo.errors import Place, UnknownNameError
from suizhou_geo.files.plans import BorderSection
from suizhou_geo.plan.formulas import compute
from suizhou_geo.plan.found import Found, rows_text
from suizhou_geo.plan.layers import is_true, text_of
from suizhou_geo.plan.sections import target_class_of


def account_compensation(
    workspace: files.Workspace,
    *,
    plan: files.WorkPlan,
    water: pd.DataFrame,
    year: int,
    month: int,
    adcode: str = "",
) -> tuple[Account, ...]:
    """One entry per border section, indicator and month up to ``month``; with ``adcode`` those of one county.

    ``amount`` is the plan's formula: positive, the upstream county pays the downstream one; None where the month has
    no value. The month's mean is rounded as the method of assessment says (82号), the limit is that of the section's
    target class.

    Raises ``UnknownNameError`` for a section or an indicator that there is not, ``InputError`` for a formula that
    cannot be computed.
    """
    entries: list[Account] = []
    for rule in plan.compensations:
        known = water[water["time"].dt.year.isin([year, *rule.base_years]) & water["value"].notna()]
        known = known[(known["time"].dt.year != year) | (known["time"].dt.month <= month)]
        for border in rule.sections:
            if adcode in {"", workspace.adcode, border.upstream, border.downstream}:
                entries += _section_entries(workspace, rule, border, known, year=year, month=month)
    return tuple(entries)


def account_table(accounts: tuple[Account, ...], *, counties: Mapping[str, str]) -> pd.DataFrame:
    """The yearly account: per pair of counties and section what is owed, who pays whom, and how many months had values.

    >>> account_table((), counties={}).columns.tolist()[:3]
    ['section', 'section_name', 'payer']
    """
    columns = [
        "section", "section_name", "payer", "payer_name", "receiver", "receiver_name", "amount", "money_unit", "months", "missing", "formula",
        "verified", "source",
    ]  # fmt: skip
    if not accounts:
        return pd.DataFrame(columns=columns)
    frame = pd.DataFrame([vars(each) for each in accounts])
    rows = []
    for key, own in frame.groupby(
        ["section", "section_name", "upstream", "downstream", "formula", "money_unit"], sort=False
    ):
        section, name, upstream, downstream, formula, unit = key
        total = round(float(own["amount"].sum()), 4)
        payer, receiver = (upstream, downstream) if total >= 0 else (downstream, upstream)
        known = own.groupby("period")["amount"].apply(lambda amounts: amounts.notna().all())
        rows.append(
            (
                section, name, payer, counties.get(payer, payer), receiver, counties.get(receiver, receiver), abs(total), unit, int(known.sum()),
                int((~known).sum()), formula, own["verified"].iloc[0], own["source"].iloc[0],
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def compensation_value(accounts: tuple[Account, ...], *, adcode: str, city: str) -> Found:
    """What the county has earned (or, below zero, owes) so far; for the city what moves between its counties."""
    known = [each for each in accounts if each.amount is not None]
    if not known:
        return Found(reason="没有涉及本区域的县界断面，或没有监测值")
    amounts = [each.amount or 0.0 for each in known]
    if adcode == city:
        value = sum(map(abs, amounts))
    else:
        value = sum(
            amount if each.downstream == adcode else -amount
            for each, amount in zip(known, amounts, strict=True)
        )
    sections = list(dict.fromkeys(each.section_name for each in known))
    return Found(
        value=round(value, 2),
        rows=tuple(dict.fromkeys(each.source for each in known)),
        note=f"县界断面 {'、'.join(sections)}；{'各县之间应付额之和' if adcode == city else '正数为应收，负数为应付'}",
        synthetic=any(each.synthetic for each in known),
    )


def _section_entries(
    workspace: files.Workspace,
    rule: files.Compensation,
    border: BorderSection,
    water: pd.DataFrame,
    *,
    year: int,
    month: int,
) -> list[Account]:
    place = Place("、".join(workspace.plan_files))
    own = water[water["site_id"] == border.section]
    sites = files.read_layer(workspace, kind="sections")
    unknown = [code for code in (border.upstream, border.downstream) if code not in workspace.counties]
    if border.section not in sites.index or unknown:
        what = f"区县 {unknown[0]}" if unknown else f"断面 {border.section}"
        raise UnknownNameError(
            f"{rule.id} 中的{what}不在工作区中", where=place, todo="核对 compensation 一节"
        )
    site = sites.loc[border.section]
    body = text_of(site.get("water_body")) or "river"
    limits = standards.class_limits(
        target_class_of(site.to_dict()), water_body=body, on=f"{year:04d}-{month:02d}-01"
    )
    entries = []
    for code, numbers in rule.indicators.items():
        if code not in limits.index:
            raise UnknownNameError(
                f"{rule.id} 中的项目 {code} 没有类别限值", where=place, todo="例如 codmn、nh3n、tp"
            )
        rows = own[own["indicator"] == code]
        limit, decimals = float(limits.at[code, "limit"]), int(limits.at[code, "decimals"])
        base = _base(rows, years=rule.base_years)
        for number in range(1, month + 1):
            of_month = rows[(rows["time"].dt.year == year) & (rows["time"].dt.month == number)]
            value = _mean(of_month, decimals=decimals)
            amount = _amount(rule, value, numbers={**numbers, "limit": limit}, base=base, place=place)
            entries.append(
                Account(
                    section=border.section,
                    section_name=text_of(site.get("site_name")),
                    upstream=border.upstream,
                    downstream=border.downstream,
                    period=f"{year:04d}-{number:02d}",
                    indicator=code,
                    value=value,
                    limit=limit,
                    base=None if base is None else round(base, 4),
                    unit=indicators()[code].unit,
                    amount=amount,
                    money_unit=rule.money_unit,
                    formula=rule.formula,
                    source=_source(of_month),
                    verified=rule.verified,
                    note=rule.note,
                    synthetic=bool(workspace.observations["water"].synthetic)
                    or is_true(site.get("synthetic")),
                )
            )
    return entries


def _amount(
    rule: files.Compensation,
    value: float | None,
    *,
    numbers: Mapping[str, float],
    base: float | None,
    place: Place,
) -> float | None:
    if value is None:
        return None
    named = {**numbers, "value": value} | ({} if base is None else {"base": base})
    return round(compute(rule.formula, numbers=named, where=place), 4)


def _base(rows: pd.DataFrame, *, years: tuple[int, ...]) -> float | None:
    if not years:
        return None
    values = _monthly(rows[rows["time"].dt.year.isin(years)])
    return float(values.mean()) if len(values) else None


def _mean(rows: pd.DataFrame, *, decimals: int) -> float | None:
    values = _monthly(rows)
    return (
        None
        if values.empty
        else float(standards.round_half_even([float(values.mean())], decimals=decimals)[0])
    )


def _monthly(rows: pd.DataFrame) -> pd.Series:
    if rows.empty:
        return pd.Series(dtype=float)
    return assess.period_means(rows, period="month")["value"].dropna()


def _source(rows: pd.DataFrame) -> str:
    if rows.empty or "source_file" not in rows.columns:
        return ""
    return rows_text(str(rows["source_file"].iloc[0]), rows["source_row"])
