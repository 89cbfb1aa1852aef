"""Ecological compensation between counties at border sections: the plan's formula over the year's monthly means."""

from collections.abc import Iterator, Mapping

import pandas as pd

from suizhou_geo import assess, files, standards
from suizhou_geo.conventions import Account, indicators
from suizhou_geo.errors import InputError, Place, SuizhouGeoError, UnknownNameError
from suizhou_geo.files.plans import BorderSection
from suizhou_geo.plan.formulas import compute
from suizhou_geo.plan.found import Found, observed_rows
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
        borders = [
            each for each in rule.sections if adcode in {"", workspace.adcode, each.upstream, each.downstream}
        ]
        rows = water[
            water["site_id"].isin([each.section for each in borders])
            & water["indicator"].isin(list(rule.indicators))
            & water["time"].dt.year.isin([year, *rule.base_years])
            & water["value"].notna()
        ]
        means = _monthly_means(rows)
        this_year = rows[rows["time"].dt.year == year]
        sources = {
            key: "；".join(observed_rows(own))
            for key, own in this_year.groupby(
                ["site_id", "indicator", this_year["time"].dt.strftime("%Y-%m")]
            )
        }
        for border in borders:
            entries += _section_entries(workspace, rule, border, means, sources, year=year, month=month)
    return tuple(entries)


def check_compensation(
    workspace: files.Workspace, *, rule: files.Compensation, year: int
) -> Iterator[tuple[str, SuizhouGeoError]]:
    """What :func:`account_compensation` could not use of a rule, with the key of the plan file that it stands at."""
    place = Place("、".join(workspace.plan_files))
    for border in rule.sections:
        try:
            _site_and_limits(workspace, rule, border, place, day=f"{year:04d}-12-31")
        except UnknownNameError as error:
            yield ("indicators" if "类别限值" in error.what else "sections"), error
    for numbers in rule.indicators.values():
        # Any numbers do: what counts is whether the formula's names are known and its signs are arithmetic.
        named = {"value": 1.0, "limit": 1.0, **({"base": 1.0} if rule.base_years else {}), **numbers}
        try:
            compute(rule.formula, numbers=named, where=place)
        except InputError as error:
            yield "formula", error
            return


def _monthly_means(rows: pd.DataFrame) -> pd.DataFrame:
    if rows.empty:
        return pd.DataFrame(columns=["site_id", "indicator", "period", "value"])
    return assess.period_means(rows, period="month")


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
                int((~known).sum()), formula, own["verified"].iloc[0], "；".join(filter(None, dict.fromkeys(own["source"]))),
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def compensation_value(
    accounts: tuple[Account, ...], *, water: pd.DataFrame, adcode: str, city: str, year: int, month: int
) -> Found:
    """What the county has earned (or, below zero, owes) so far; for the city what moves between its counties."""
    known = [each for each in accounts if each.amount is not None]
    if not known:
        return Found(reason="没有涉及本区域的县界断面，或没有监测值")
    amounts = [each.amount or 0.0 for each in known]
    if adcode == city:
        value = sum(abs(total) for total in _totals(known).values())
    else:
        value = sum(
            amount if each.downstream == adcode else -amount
            for each, amount in zip(known, amounts, strict=True)
        )
    sections = dict.fromkeys(each.section_name for each in known)
    of_year = (water["time"].dt.year == year) & (water["time"].dt.month <= month)
    own = water[of_year & water["site_id"].isin({each.section for each in known})]
    return Found(
        value=round(value, 2),
        rows=observed_rows(own),
        note=f"县界断面 {'、'.join(sections)}；{'各断面净额之和' if adcode == city else '正数为应收，负数为应付'}",
        synthetic=any(each.synthetic for each in known),
    )


def _totals(accounts: list[Account]) -> dict[str, float]:
    totals: dict[str, float] = {}
    for each in accounts:
        totals[each.section] = totals.get(each.section, 0.0) + (each.amount or 0.0)
    return totals


def _section_entries(
    workspace: files.Workspace,
    rule: files.Compensation,
    border: BorderSection,
    means: pd.DataFrame,
    sources: Mapping[tuple[str, str, str], str],
    *,
    year: int,
    month: int,
) -> list[Account]:
    place = Place("、".join(workspace.plan_files))
    site, limits = _site_and_limits(workspace, rule, border, place, day=f"{year:04d}-{month:02d}-01")
    entries = []
    for code, numbers in rule.indicators.items():
        own = means[(means["site_id"] == border.section) & (means["indicator"] == code)].set_index("period")[
            "value"
        ]
        limit, decimals = float(limits.at[code, "limit"]), int(limits.at[code, "decimals"])
        earlier = own[[str(period)[:4] in set(map(str, rule.base_years)) for period in own.index]]
        base = float(earlier.mean()) if len(earlier) else None
        for number in range(1, month + 1):
            period = f"{year:04d}-{number:02d}"
            value = _rounded(own.get(period), decimals=decimals)
            entries.append(
                Account(
                    section=border.section, section_name=text_of(site.get("site_name")), upstream=border.upstream,
                    downstream=border.downstream, period=period, indicator=code, value=value, limit=limit,
                    base=None if base is None else round(base, 4), unit=indicators()[code].unit,
                    amount=_amount(rule, value, numbers={**numbers, "limit": limit}, base=base, place=place),
                    money_unit=rule.money_unit, formula=rule.formula, source=sources.get((border.section, code, period), ""),
                    verified=rule.verified, note=rule.note,
                    synthetic=bool(workspace.observations["water"].synthetic) or is_true(site.get("synthetic")),
                )
            )  # fmt: skip
    return entries


def _site_and_limits(
    workspace: files.Workspace, rule: files.Compensation, border: BorderSection, place: Place, *, day: str
) -> tuple[pd.Series, pd.DataFrame]:
    """The section's row and the limits of its target class; both counties and all items must be known."""
    sites = files.read_layer(workspace, kind="sections")
    unknown = [code for code in (border.upstream, border.downstream) if code not in workspace.counties]
    if border.section not in sites.index or unknown:
        what = f"区县 {unknown[0]}" if unknown else f"断面 {border.section}"
        raise UnknownNameError(
            f"{rule.id} 中的{what}不在工作区中", where=place, todo="核对 compensation 一节"
        )
    site = sites.loc[border.section]
    body = text_of(site.get("water_body")) or "river"
    limits = standards.class_limits(target_class_of(site.to_dict()), water_body=body, on=day)
    strange = [code for code in rule.indicators if code not in limits.index]
    if strange:
        raise UnknownNameError(
            f"{rule.id} 中的项目 {strange[0]} 没有类别限值", where=place, todo="例如 codmn、nh3n、tp"
        )
    return site, limits


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


def _rounded(value: float | None, *, decimals: int) -> float | None:
    if value is None or pd.isna(value):
        return None
    return float(standards.round_half_even([float(value)], decimals=decimals)[0])
