"""Early warning (预警): the plan's rules over targets, classes, single values and stations that fall silent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from suizhou_geo import assess
from suizhou_geo.conventions import Alert, Feature, TargetRow, chance_text, class_label, indicators
from suizhou_geo.files import AlertRule
from suizhou_geo.plan.found import rows_text
from suizhou_geo.plan.reported import month_end
from suizhou_geo.plan.words import status


@dataclass(frozen=True)
class Watched:
    """What the rules look at: one county's targets, sections and observations, nothing later than the month.

    ``adcodes`` says in which county a section or station lies.
    """

    adcode: str
    year: int
    month: int
    adcodes: Mapping[str, str]
    targets: Sequence[TargetRow]
    sections: Sequence[Feature]
    stations: Sequence[Feature]
    water: pd.DataFrame
    air: pd.DataFrame
    synthetic: Mapping[str, bool]


def find_alerts(rules: Sequence[AlertRule], *, watched: Watched) -> tuple[Alert, ...]:
    """All warnings of the year so far, newest first; one rule about one subject in months (days) on end is one entry."""
    raised = [alert for rule in rules for alert in _KINDS[rule.kind](rule, watched)]
    return tuple(
        sorted(
            _merged(raised), key=lambda each: (each.last, each.date, each.rule, each.subject), reverse=True
        )
    )


def _merged(alerts: Sequence[Alert]) -> list[Alert]:
    kept: list[Alert] = []
    for alert in sorted(alerts, key=lambda each: (*_topic(each), each.date)):
        before = kept[-1] if kept else None
        if before and _topic(before) == _topic(alert) and _goes_on(before.last, alert.date):
            sources = dict.fromkeys(filter(None, (before.source, alert.source)))
            kept[-1] = replace(alert, date=before.date, source="；".join(sources))
        else:
            kept.append(alert)
    return kept


def _topic(alert: Alert) -> tuple[str, str, str]:
    return alert.rule, alert.subject, alert.indicator


def _goes_on(last: str, date: str) -> bool:
    # A new entry begins only after a whole month without it.
    first, second = (pd.Period(each, "M").ordinal for each in (last, date))
    return bool(second - first <= 1)


def _alert(
    rule: AlertRule, watched: Watched, *, day: str, subject: str, name: str, message: str, value: float | None,
    limit: float | None, unit: str, source: str, indicator: str = "",
) -> Alert:  # fmt: skip
    return Alert(
        date=day, last=day, rule=rule.id, rule_name=rule.name, adcode=watched.adcodes.get(subject) or watched.adcode, subject=subject,
        subject_name=name, message=message, value=value, limit=limit, unit=unit, basis=rule.basis, source=source,
        synthetic=watched.synthetic.get(rule.medium, False), indicator=indicator,
    )  # fmt: skip


def _targets_at_risk(rule: AlertRule, watched: Watched) -> list[Alert]:
    day = str(month_end(watched.year, watched.month).date())
    found = []
    for row in watched.targets:
        words = _risk_of(row, p_below=rule.p_below)
        if words:
            alert = _alert(
                rule, watched, day=day, subject=row.id, name=row.name, message=f"{row.name}：{words}", value=row.value,
                limit=row.target, unit=row.unit, source="；".join(row.rows),
            )  # fmt: skip
            found.append(replace(alert, synthetic=row.synthetic))
    return found


def _risk_of(row: TargetRow, *, p_below: float) -> str:
    if row.p_attain is not None:
        return f"全年达标概率 {chance_text(row.p_attain)}" if row.p_attain < p_below else ""
    return row.word if row.state in {"missed", "behind"} else ""


def _classes_worse(rule: AlertRule, watched: Watched) -> list[Alert]:
    found = []
    for site in watched.sections:
        section = status(site)
        for period, water_class in zip(section.class_periods, section.classes, strict=True):
            target = section.target_class
            if water_class is None or target is None or not period.startswith(f"{watched.year:04d}"):
                continue
            if water_class >= target + rule.steps:
                rows = _of_month(watched.water, site.id, period)
                found.append(
                    _alert(rule, watched, day=_month_day(period), subject=site.id, name=site.name,
                           message=f"{site.name}：{class_label(water_class)}类，目标{class_label(target)}类",
                           value=float(water_class), limit=float(target), unit="类", source=_source(rows))
                )  # fmt: skip
    return found


def _spikes(rule: AlertRule, watched: Watched) -> list[Alert]:
    frame = _series(rule, watched)
    if frame.empty:
        return []
    found = []
    names = {site.id: site.name for site in (*watched.sections, *watched.stations)}
    for (site, code), own in frame.groupby(["site_id", "indicator"], sort=True):
        values = own.set_index("step")["value"].sort_index()
        usual = values.shift(1).rolling(rule.window, min_periods=rule.least).median()
        high = values[(values > rule.factor * usual) & (usual > 0) & _this_year(values.index, watched)]
        found += [
            _alert(rule, watched, day=_month_day(str(step)), indicator=str(code), subject=str(site), name=names.get(str(site), str(site)),
                   message=f"{names.get(str(site), site)} {indicators()[str(code)].name}：{value:g} {indicators()[str(code)].unit}，"
                   f"此前 {rule.window} {_STEP_WORDS[rule.medium]}中位数 {usual[step]:g}",
                   value=float(value), limit=round(float(rule.factor * usual[step]), 4), unit=indicators()[str(code)].unit,
                   source=_source(_of_step(watched, rule, str(site), str(code), str(step))))
            for step, value in high.items()
        ]  # fmt: skip
    return found


def _silences(rule: AlertRule, watched: Watched) -> list[Alert]:
    water = rule.medium == "water"
    sites = watched.sections if water else watched.stations
    observations = watched.water if water else watched.air
    end = month_end(watched.year, watched.month)
    known = observations[observations["value"].notna() & (observations["time"] < end + pd.Timedelta(days=1))]
    last = known.groupby("site_id")["time"].max()
    found = []
    for site in sites:
        seen = last.get(site.id)
        if seen is None or pd.isna(seen):
            gap, words = None, "从未有数据"
        elif water:
            gap = (watched.year - seen.year) * 12 + watched.month - seen.month
            words = f"已 {gap} 个月没有数据，最近为 {seen:%Y-%m}"
        else:
            gap = (end - seen.floor("D")).days
            words = f"已 {gap} 天没有数据，最近为 {seen:%Y-%m-%d}"
        if gap is None or gap >= rule.silent:
            found.append(
                _alert(rule, watched, day=str(end.date()), subject=site.id, name=site.name, message=f"{site.name}：{words}",
                       value=None if gap is None else float(gap), limit=float(rule.silent), unit="月" if water else "天",
                       source=_source(observations[observations["site_id"] == site.id].tail(1)))
            )  # fmt: skip
    return found


_KINDS: Mapping[str, Callable[[AlertRule, Watched], list[Alert]]] = {
    "target_at_risk": _targets_at_risk,
    "class_worse": _classes_worse,
    "spike": _spikes,
    "silent": _silences,
}

_STEP_WORDS = {"water": "个月", "air": "天"}


def _month_day(step: str) -> str:
    """The last day of a month ``YYYY-MM``; a day stays as it is."""
    return str((pd.Timestamp(step) + pd.offsets.MonthEnd(0)).date()) if len(step) == len("2021-06") else step


def _series(rule: AlertRule, watched: Watched) -> pd.DataFrame:
    """Monthly means of sections, daily means of stations, as ``site_id, indicator, step, value``; the year and its lead."""
    sites = [site.id for site in (watched.sections if rule.medium == "water" else watched.stations)]
    rows = watched.water if rule.medium == "water" else watched.air
    end = month_end(watched.year, watched.month) + pd.Timedelta(days=1)
    lead = {"water": pd.DateOffset(months=rule.window), "air": pd.DateOffset(days=rule.window)}[rule.medium]
    first = pd.Timestamp(year=watched.year, month=1, day=1) - lead
    chosen = rows[
        rows["site_id"].isin(sites) & rows["indicator"].isin(rule.indicators) & rows["value"].notna()
        & (rows["time"] >= first) & (rows["time"] < end)
    ]  # fmt: skip
    if chosen.empty:
        return pd.DataFrame(columns=["site_id", "indicator", "step", "value"])
    if rule.medium == "water":
        return assess.period_means(chosen, period="month").rename(columns={"period": "step"})
    days = chosen.assign(step=chosen["time"].dt.strftime("%Y-%m-%d"))
    return days.groupby(["site_id", "indicator", "step"], as_index=False)["value"].mean()


def _this_year(steps: pd.Index, watched: Watched) -> pd.Series:
    return pd.Series([str(step).startswith(f"{watched.year:04d}") for step in steps], index=steps)


def _of_step(watched: Watched, rule: AlertRule, site: str, code: str, step: str) -> pd.DataFrame:
    rows = watched.water if rule.medium == "water" else watched.air
    own = rows[(rows["site_id"] == site) & (rows["indicator"] == code)]
    shown = own["time"].dt.strftime("%Y-%m" if rule.medium == "water" else "%Y-%m-%d")
    return own[shown == step]


def _of_month(rows: pd.DataFrame, site: str, period: str) -> pd.DataFrame:
    return rows[(rows["site_id"] == site) & (rows["time"].dt.strftime("%Y-%m") == period)]


def _source(rows: pd.DataFrame) -> str:
    if rows.empty or "source_file" not in rows.columns:
        return ""
    return rows_text(str(rows["source_file"].iloc[-1]), rows["source_row"])
