"""The ranking index of surface water (CWQI, 51号) of rivers, basins and cities."""

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.periods import period_means
from suizhou_geo.standards.water_indices import ranking_index


def ranking_indices(
    observations: pd.DataFrame, *, by: str, period: str = "month", below_detection: str = "half"
) -> pd.DataFrame:
    """CWQI of every unit and period: columns ``unit, period, cwqi``; smaller is better.

    Every item is averaged over the sections (rivers and lakes apart) and divided by its class Ⅲ limit, the quotients
    are added, and rivers and lakes are weighted by their number (the weighting is unverified). An item without a
    value contributes nothing, so that only units with the same items can be compared.

    Examples
    --------
    >>> rows = pd.DataFrame({"site_id": ["A", "B"], "river": "府河", "indicator": "tp", "censored": False,
    ...     "time": pd.Timestamp("2021-04-02"), "value": [0.1, 0.3]})
    >>> ranking_indices(rows, by="river")["cwqi"].tolist()
    [1.0]
    """
    named = observations[observations[by].fillna("").astype(str) != ""]
    sites = named.drop_duplicates("site_id").set_index("site_id")
    body = (
        sites["water_body"].fillna("") if "water_body" in sites.columns else pd.Series("", index=sites.index)
    )
    means = period_means(named[named["time"].notna()], period=period, below_detection=below_detection)
    edition = standards.newest_edition("surface-water")
    known = standards.assessed_items(standards.newest_edition("surface-water-method"), edition=edition)
    means = means[means["indicator"].isin(known)].assign(
        unit=lambda frame: frame["site_id"].map(sites[by].astype(str)),
        body=lambda frame: frame["site_id"].map(body.replace("", "river")),
        period=lambda frame: frame["period"].astype(str),
    )
    keys = ["unit", "period", "body"]
    wide = means.pivot_table(index=keys, columns="indicator", values="value", aggfunc="mean")
    counts = means.groupby(keys)["site_id"].nunique().reindex(wide.index)
    index = pd.Series(np.nan, index=wide.index)
    for water_body in standards.WATER_BODIES:
        here = wide.index.get_level_values("body") == water_body
        items = tuple(wide.columns)
        index[here] = ranking_index(
            wide[here].to_numpy(), items=items, water_body=water_body, edition=edition
        )
    weighted = (index * counts).groupby(level=["unit", "period"]).sum() / counts.groupby(
        level=["unit", "period"]
    ).sum()
    return weighted.round(4).rename("cwqi").reset_index()
