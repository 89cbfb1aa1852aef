"""The ranking index of surface water (CWQI, 51号) of rivers, basins and cities."""

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.periods import period_means
from suizhou_geo.assess.records import find_items
from suizhou_geo.errors import InputError
from suizhou_geo.standards.rounding import Floats
from suizhou_geo.standards.water_indices import ranking_index


def ranking_indices(
    observations: pd.DataFrame, *, by: str, period: str = "month", below_detection: str = "half"
) -> pd.DataFrame:
    """CWQI of every unit and period: ``unit, period, cwqi, cwqi_items, cwqi_standard, cwqi_note``; smaller is better.

    Every item is averaged over the sections (rivers and lakes apart, pH as hydrogen ion) and divided by its class Ⅲ
    limit, the quotients are added, and rivers and lakes are weighted by their number (the weighting is unverified).
    An item without a value contributes nothing, so that only units with the same items can be compared. A section of
    which nothing says what water it is counts as a river; the note says how many there are.

    Examples
    --------
    >>> rows = pd.DataFrame({"site_id": ["A", "B"], "river": "府河", "indicator": "tp", "censored": False,
    ...     "water_body": "river", "time": pd.Timestamp("2021-04-02"), "value": [0.1, 0.3]})
    >>> ranking_indices(rows, by="river")["cwqi"].tolist()
    [1.0]
    """
    if by not in observations.columns or (observations[by].fillna("") == "").all():
        raise InputError(
            f"没有“{by}”这一列，或全是空的，无法按它汇总",
            todo="用 --sites 给出带该列的站点表，表中的断面名称与数据一致",
        )
    named = observations[observations[by].fillna("").astype(str) != ""]
    sites = _describe_sites(named, by=by)
    items = find_items(named)
    useful = named["time"].notna() & named["indicator"].isin(items)
    means = period_means(named[useful], period=period, below_detection=below_detection)
    starts = means["period"].map(lambda text: pd.Period(text).start_time)
    means = means.join(sites, on="site_id").assign(
        edition=standards.editions_by_date("surface-water", dates=starts, backdate=True)
    )
    keys = ["unit", "period", "body", "edition"]
    wide = _mean_over_sections(means, keys)
    index = pd.Series(np.nan, index=wide.index)
    for edition_id in wide.index.unique("edition"):
        for water_body in standards.WATER_BODIES:
            here = (wide.index.get_level_values("edition") == edition_id) & (
                wide.index.get_level_values("body") == water_body
            )
            index[here] = _index_of(wide[here], edition_id, water_body)
    counts = means.groupby(keys)["site_id"].nunique().reindex(wide.index)
    unit = ["unit", "period"]
    weighted = (index * counts).groupby(level=unit).sum(skipna=False) / counts.groupby(level=unit).sum()
    assumed = means[means["assumed"]].groupby(unit)["site_id"].nunique().reindex(weighted.index)
    method = standards.newest_edition("surface-water-ranking")
    decimals = standards.read_table(method, name="rules").set_index("rule").at["decimals", "value"]
    return pd.DataFrame(
        {
            "cwqi": standards.round_half_even(weighted, decimals=int(decimals)),
            "cwqi_items": wide.notna().sum(axis=1).groupby(level=unit).min(),
            "cwqi_standard": method.id,
            "cwqi_note": [
                method.note
                if np.isnan(count)
                else f"{int(count)} 个断面未给水体类型，按河流计；{method.note}"
                for count in assumed
            ],
        },
        index=weighted.index,
    ).reset_index()


def _describe_sites(named: pd.DataFrame, *, by: str) -> pd.DataFrame:
    sites = named.drop_duplicates("site_id").set_index("site_id")
    given = sites["water_body"].fillna("") if "water_body" in sites.columns else ""
    body = pd.Series(given, index=sites.index, dtype=object)
    return pd.DataFrame(
        {"unit": sites[by].astype(str), "body": body.replace("", "river"), "assumed": body == ""}
    )


def _mean_over_sections(means: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    ion = means.assign(value=means["value"].where(means["indicator"] != "ph", 10.0 ** -means["value"]))
    wide = ion.pivot_table(index=keys, columns="indicator", values="value", aggfunc="mean")
    return wide.assign(ph=-np.log10(wide["ph"])) if "ph" in wide.columns else wide


def _index_of(wide: pd.DataFrame, edition_id: str, water_body: str) -> Floats:
    edition = standards.find_edition(edition_id)
    known = standards.assessed_items(standards.newest_edition("surface-water-method"), edition=edition)
    items = tuple(item for item in known if item in wide.columns)
    return ranking_index(wide[list(items)].to_numpy(), items=items, water_body=water_body, edition=edition)
