"""Which way the sections have been going: the seasonal trend of the indicators that decide their class."""

from collections.abc import Mapping

import pandas as pd

from suizhou_geo import forecast, standards
from suizhou_geo.conventions import Trend, indicators
from suizhou_geo.errors import InputError

#: Years up to the month that a trend is told for; shorter records are taken as they are.
TREND_YEARS = 6

#: How many indicators of a section are told, the surest first.
_TOLD = 3


def section_trends(observations: pd.DataFrame, *, year: int, month: int) -> Mapping[str, tuple[Trend, ...]]:
    """The trends of every site that an expert would sign, surest first; nothing later than the month is looked at.

    Only indicators that take part in the class, only analysed series, and only directions that are 可能 or 很可能.
    """
    end = pd.Period(f"{year:04d}-{month:02d}", freq="M")
    first = (end - (12 * TREND_YEARS - 1)).start_time
    known = observations[(observations["time"] >= first) & (observations["time"] <= end.end_time)]
    method = standards.newest_edition("surface-water-method")
    items = standards.assessed_items(method, edition=standards.newest_edition("surface-water"))
    decisive = known[known["indicator"].isin(items)]
    try:
        table = forecast.assess_trends(decisive, seasonal=True)
    except InputError:
        # Nothing dated is no mistake here: there is no trend to tell.
        return {}
    # A direction without a slope (most pairs tied) would read as a contradiction.
    clear = table[(table["meaning"] != "") & (table["verdict"] != "方向不明") & (table["slope"] != 0)]
    ranked = clear.sort_values("confidence", ascending=False, kind="stable")
    return {
        str(site): tuple(_trend(row) for row in rows.head(_TOLD).to_dict("records"))
        for site, rows in ranked.groupby("site_id", sort=False)
    }


def _trend(row: Mapping[str, object]) -> Trend:
    code = str(row["indicator"])
    low, middle, high = (
        float(f"{float(str(row[name])):.3g}") for name in ("slope_low", "slope", "slope_high")
    )
    return Trend(
        indicator=code, name=indicators()[code].name, unit=indicators()[code].unit, verdict=str(row["verdict"]),
        meaning=str(row["meaning"]), slope=middle, slope_low=low, slope_high=high, first=str(row["first"]),
        last=str(row["last"]),
    )  # fmt: skip
