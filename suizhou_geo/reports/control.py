"""What next month must keep to at the sections that need attention: limits and forecasts as the result holds them."""

from suizhou_geo.conventions import CountyResult, Feature, SectionStatus, Series
from suizhou_geo.reports.wording import fixed_text, sections_of


def control_rows(result: CountyResult) -> list[tuple[str, ...]]:
    """Section, indicator, this month's value, limit, next month's median and interval: one row per decisive indicator.

    Decisive is what set the class, what pollutes, or what would decide a miss. Nothing is computed here: limits and
    quantiles are those of the result, and a dash stands where it has none.
    """
    return [
        (feature.name, _indicator(series), *_figures(feature, series))
        for feature in sections_of(result)
        if feature.section and feature.section.needs_attention
        for series in feature.series
        if series.limit is not None and series.name in _decisive(feature.section)
    ]


def _decisive(section: SectionStatus) -> str:
    fields = (section.limiting, section.main_pollutants, section.year_to_date_pollutants, section.binding)
    return "、".join(filter(None, fields))


def _indicator(series: Series) -> str:
    return series.name if series.unit in ("", "mg/L") else f"{series.name}（{series.unit}）"


def _figures(feature: Feature, series: Series) -> tuple[str, str, str, str]:
    sign = "≥" if series.higher_is_better else "≤"
    now = fixed_text(series.values[-1] if series.values else None, decimals=series.decimals)
    limit = f"{sign} {fixed_text(series.limit, decimals=series.decimals)}"
    return now, limit, *_next_month(feature, series)


def _next_month(feature: Feature, series: Series) -> tuple[str, str]:
    fan = next((each for each in feature.fans if each.indicator == series.indicator and each.times), None)
    if fan is None:
        return "—", "—"
    quantiles = {level: values[0] for level, values in zip(fan.levels, fan.values, strict=True)}
    low, high = min(quantiles), max(quantiles)
    ends = "–".join(fixed_text(quantiles[level], decimals=series.decimals) for level in (low, high))
    return fixed_text(quantiles.get(0.5), decimals=series.decimals), f"{ends}（{high - low:.0%}）"
