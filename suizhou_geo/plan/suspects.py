"""The suspects upstream of every section that exceeds its target this month, as plain rows of the county's result."""

import pandas as pd

from suizhou_geo import files
from suizhou_geo.conventions import Feature, Suspect
from suizhou_geo.errors import SuizhouGeoError
from suizhou_geo.plan.layers import is_true, text_of
from suizhou_geo.plan.tracing import DISCHARGERS, TraceInput, rank_suspects, read_trace_input

#: Suspects kept for each section: where to look first.
SHOWN = 5


def find_suspects(
    workspace: files.Workspace,
    *,
    sections: tuple[Feature, ...],
    monthly: pd.DataFrame,
    year: int,
    month: int,
) -> tuple[tuple[Suspect, ...], str]:
    """The first suspects of every exceeding section, and a note: that nothing is proved, or why nothing was traced.

    ``monthly`` is that of ``monthly_values``. Traced is the indicator that lies furthest above its limit at the section in the month, with an assumed speed and decay.
    A section on no river has no suspects, nor has a workspace without rivers or dischargers.
    """
    asked = [
        (site, code) for site in sections if (code := worst_indicator(site, period=f"{year:04d}-{month:02d}"))
    ]
    layers = workspace.layers
    if not asked or "rivers" not in layers or not set(DISCHARGERS) & set(layers):
        return (), ""
    try:
        given = read_trace_input(workspace, year=year, month=month, monthly=monthly)
    except SuizhouGeoError as error:
        # The page is still worth having without suspects; why there are none is told on it.
        return (), f"未做溯源：{error}"
    found = tuple(suspect for site, code in asked for suspect in _suspects_of(given, site, code))
    note = "可疑污染源按沿河网推断的可能性排序，流速和降解系数为假设值，只供排查，不是认定。"
    return found, note if found else ""


def worst_indicator(site: Feature, *, period: str) -> str:
    """The code of the indicator that lies furthest above its limit at a section in the month; empty where none does."""
    above = {
        series.indicator: value / series.limit
        for series in site.series
        if series.limit and not series.higher_is_better and series.times[-1:] == (period,)
        for value in [series.values[-1]]
        if value is not None and value > series.limit
    }
    return max(above, key=lambda code: above[code]) if above else ""


def _suspects_of(given: TraceInput, site: Feature, code: str) -> tuple[Suspect, ...]:
    try:
        table = rank_suspects(given, section=site.id, indicator=code)
    except SuizhouGeoError:
        # Not on a river, or not observed: no suspects for this section.
        return ()
    return tuple(
        Suspect(
            section_id=site.id,
            indicator=code,
            rank=int(row.rank),
            source_id=str(row.site_id),
            name=_name(given, row.site_id),
            distance_km=round(float(row.distance_km), 1),
            travel_h=round(float(row.travel_h), 1),
            plausibility=round(float(row.plausibility), 3),
            evidence=str(row.evidence),
            synthetic=is_true(given.sources.at[row.site_id, "synthetic"])
            if "synthetic" in given.sources
            else False,
        )
        for row in table.head(SHOWN).itertuples()
    )


def _name(given: TraceInput, site: object) -> str:
    row = given.sources.loc[site]
    return text_of(row.get("site_name")) or text_of(row.get("name")) or str(site)
