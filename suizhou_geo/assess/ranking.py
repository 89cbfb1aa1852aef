"""The ranking index of surface water (CWQI, 51号) of rivers, basins and cities."""

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.periods import period_means
from suizhou_geo.errors import InputError
from suizhou_geo.standards.water_indices import ranking_index


def ranking_indices(
    observations: pd.DataFrame, *, by: str, period: str = "month", below_detection: str = "half"
) -> pd.DataFrame:
    """CWQI of every unit and period: ``unit, period, cwqi, cwqi_items, cwqi_standard, cwqi_note``; smaller is better.

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
    if by not in observations.columns or (observations[by].fillna("") == "").all():
        raise InputError(f"没有“{by}”这一列，无法按它汇总", todo="用 --sites 给出带该列的站点表")
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
    items_of = wide.notna().sum(axis=1).groupby(level=["unit", "period"]).min()
    weighted = (index * counts).groupby(level=["unit", "period"]).sum(skipna=False) / counts.groupby(
        level=["unit", "period"]
    ).sum()
    method = standards.newest_edition("surface-water-ranking")
    rules = standards.read_table(method, name="rules").set_index("rule")["value"].astype(int)
    return pd.DataFrame(
        {
            "cwqi": weighted.round(rules["decimals"]),
            "cwqi_items": items_of,
            "cwqi_standard": method.id,
            "cwqi_note": method.note,
        }
    ).reset_index()
