"""The state of every water section in one month, from the assessments of its months and of the year so far."""

from collections.abc import Mapping
from functools import cache

import pandas as pd

from suizhou_geo import assess, standards
from suizhou_geo.conventions import SectionStatus, Series, Trend, class_label, indicators
from suizhou_geo.plan.chances import SectionChance
from suizhou_geo.plan.layers import text_of
from suizhou_geo.plan.targets import state_of_chance

#: Months shown in the class strip and in the charts of a card.
STRIP_MONTHS = 24
SERIES_MONTHS = 36


def assess_months(observations: pd.DataFrame, *, year: int, month: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Classes of every section for the months of the class strip, and for the year so far.

    Both frames are those of ``assess.assess_sections``, indexed by ``(site_id, period)``. Values later than the
    month are not looked at.
    """
    end = _next_month(year, month)
    first = pd.Timestamp(min(month_periods(year, month, STRIP_MONTHS)[0], f"{year:04d}-01"))
    known = observations[(observations["time"] >= first) & (observations["time"] < end)]
    this_year = known[known["time"].dt.year == year]
    return _assess(known, period="month"), _assess(this_year, period="year")


def section_status(
    site: Mapping[str, object],
    *,
    months: pd.DataFrame,
    so_far: pd.DataFrame,
    year: int,
    month: int,
    chance: SectionChance | None = None,
    trends: tuple[Trend, ...] = (),
) -> SectionStatus:
    """One section's class this month and this year so far, against its target class, and the chance of the year."""
    site_id, period = text_of(site.get("site_id")), f"{year:04d}-{month:02d}"
    row = _row(months, site_id, period)
    so_far_row = _row(so_far, site_id, f"{year:04d}")
    year_class = _class(so_far_row)
    target = target_class_of(site)
    water_class = _class(row)
    periods = month_periods(year, month, STRIP_MONTHS)
    return SectionStatus(
        period=period,
        water_class=water_class,
        class_label=class_label(water_class),
        grade=text_of(row.get("grade")),
        verdict=text_of(row.get("verdict")) or "无法判定",
        target_class=target,
        target_state=target_state(
            water_class, year_class, target=target, month=month, chance=chance.p_attain if chance else None
        ),
        year_to_date_class=year_class,
        main_pollutants=text_of(row.get("main_pollutants")),
        exceedance=text_of(row.get("exceedance")),
        limiting=names_of(text_of(row.get("limiting"))),
        year_to_date_pollutants=text_of(so_far_row.get("main_pollutants")),
        n=int(text_of(row.get("n")) or 0),
        p_attain=None if chance is None or month == 12 else round(chance.p_attain, 3),
        binding="" if chance is None else chance.binding,
        trends=trends,
        standard=text_of(row.get("standard")),
        clause=text_of(row.get("clause")),
        class_periods=periods,
        classes=tuple(_class(_row(months, site_id, each)) for each in periods),
    )


def target_class_of(site: Mapping[str, object]) -> int:
    """The class that a section is held to: its own target, else the one that the method refers to (Ⅲ, 22号).

    >>> target_class_of({"target_class": 2}), target_class_of({})
    (2, 3)
    """
    own = text_of(site.get("target_class"))
    method = standards.newest_edition("surface-water-method")
    return int(own) if own else standards.method_number(method, name="reference_class")


def target_state(
    month_class: int | None, year_class: int | None, *, target: int, month: int, chance: float | None = None
) -> str:
    """Where a section stands: the chance of the year decides; without a forecast the year so far, and this month warns.

    >>> target_state(4, 3, target=3, month=6, chance=0.99), target_state(2, 3, target=3, month=12)
    ('likely', 'met')
    >>> [target_state(now, so_far, target=3, month=6) for now, so_far in ((2, 3), (4, 3), (4, 4), (None, None))]
    ['on_track', 'at_risk', 'behind', 'unknown']
    """
    if year_class is None:
        return "unknown"
    if month == 12:
        return "missed" if year_class > target else "met"
    if chance is not None:
        return state_of_chance(chance)
    if year_class > target:
        return "behind"
    return "at_risk" if month_class is not None and month_class > target else "on_track"


def monthly_values(observations: pd.DataFrame, *, year: int, month: int) -> pd.DataFrame:
    """Monthly means by ``(site_id, indicator)``, one column per month of the charts."""
    times = month_periods(year, month, SERIES_MONTHS)
    first = pd.Timestamp(times[0])
    recent = observations[(observations["time"] >= first) & (observations["time"] < _next_month(year, month))]
    if recent.empty:
        return pd.DataFrame(columns=list(times), index=pd.MultiIndex.from_arrays([[], []]))
    means = assess.period_means(recent[recent["value"].notna()], period="month")
    wide = means.pivot(index=["site_id", "indicator"], columns="period", values="value")
    return wide.reindex(columns=list(times))


def section_series(
    monthly: pd.DataFrame, *, site: Mapping[str, object], year: int, month: int
) -> tuple[Series, ...]:
    """Monthly values of every indicator that decides the class at this section, with the limit of its target.

    ``monthly`` is that of :func:`monthly_values`.
    """
    site_id = text_of(site.get("site_id"))
    if site_id not in monthly.index.get_level_values(0):
        return ()
    own = monthly.loc[site_id]
    target = target_class_of(site)
    body = text_of(site.get("water_body")) or "river"
    limits = _limits(target, body, f"{year:04d}-{month:02d}-01")
    return tuple(
        Series(
            indicator=code,
            name=indicators()[code].name,
            unit=indicators()[code].unit,
            times=tuple(own.columns),
            values=tuple(map(_number, own.loc[code].tolist())),
            limit=limit,
            limit_label=f"{class_label(target)}类限值",
            decimals=decimals,
            higher_is_better=direction == ">=",
        )
        for code, limit, direction, decimals in limits
        if code in own.index
    )


@cache
def _limits(target: int, water_body: str, on: str) -> tuple[tuple[str, float, str, int], ...]:
    frame = standards.class_limits(target, water_body=water_body, on=on)
    return tuple(
        (str(code), float(limit), str(direction), int(decimals))
        for code, limit, direction, decimals in frame[["limit", "direction", "decimals"]].itertuples()
    )


def names_of(codes: str) -> str:
    """Chinese names of comma-separated indicator codes.

    >>> names_of("codmn,tp"), names_of("")
    ('高锰酸盐指数、总磷', '')
    """
    return "、".join(indicators()[code].name for code in codes.split(",") if code)


def month_periods(year: int, month: int, count: int) -> tuple[str, ...]:
    """The last ``count`` months up to ``year``-``month``, oldest first.

    >>> month_periods(2021, 2, 3)
    ('2020-12', '2021-01', '2021-02')
    """
    end = pd.Period(f"{year:04d}-{month:02d}", "M")
    return tuple(str(period) for period in pd.period_range(end=end, periods=count, freq="M"))


def _next_month(year: int, month: int) -> pd.Timestamp:
    return pd.Timestamp(year=year, month=month, day=1) + pd.DateOffset(months=1)


def _assess(observations: pd.DataFrame, *, period: str) -> pd.DataFrame:
    # A county without any value in these months is a result, not a mistake.
    if observations["value"].isna().all():
        return pd.DataFrame(index=pd.MultiIndex.from_arrays([[], []], names=["site_id", "period"]))
    frame = assess.assess_sections(observations, period=period, mode="assessment")
    return frame.set_index(["site_id", "period"], drop=False).sort_index()


def _row(frame: pd.DataFrame, site_id: str, period: str) -> pd.Series:
    if (site_id, period) not in frame.index:
        return pd.Series(dtype=object)
    return frame.loc[(site_id, period)]


def _class(row: pd.Series) -> int | None:
    text = text_of(row.get("class"))
    return int(text) if text else None


def _number(value: float) -> float | None:
    # Six digits: what a chart can show, without the noise of a mean in binary.
    return None if pd.isna(value) else float(f"{value:.6g}")
