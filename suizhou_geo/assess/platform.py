"""Our classes beside those that the platform published: agreement, explained, and what a station's water must be."""

import numpy as np
import numpy.typing as npt
import pandas as pd

#: How far the published class may lag behind its record.
LAG_RECORDS = 2


def compare_with_platform(records: pd.DataFrame) -> pd.DataFrame:
    """The frame of ``assess_records`` with a column ``agreement`` that explains every difference.

    The published class is never an input to ours. 一致 (the same) · 平台未评价 (none was published) · 限值边界 (a
    displayed value stands on a limit and hides decimals) · 水体类型待定 (it fits the other row of total phosphorus)
    · 滞后 (it fits a neighbouring record of the station) · 维护 (the station was not in normal state) · 不一致.

    >>> frame = pd.DataFrame({"site_id": "A", "class": [2, 2], "platform_class": [2, 3], "on_limit_class": [2, 3],
    ...     "class_as_river": [2, 2], "class_as_lake": [2, 2], "water_body_assumed": True, "station_state": "正常"})
    >>> compare_with_platform(frame)["agreement"].tolist()
    ['一致', '限值边界']
    """
    ours, published = _classes(records["class"]), _classes(records["platform_class"])
    other = np.where(ours == records["class_as_river"], records["class_as_lake"], records["class_as_river"])
    reasons = {
        "平台未评价": published == 0,
        "一致": ours == published,
        "限值边界": records["on_limit_class"].to_numpy() == published,
        "水体类型待定": records["water_body_assumed"].to_numpy(dtype=bool) & (other == published),
        "滞后": _fits_neighbour(records["site_id"], ours, published),
        "维护": ~records["station_state"].isin(["", "正常"]).to_numpy(),
    }
    agreement = np.select(list(reasons.values()), list(reasons), default="不一致")
    return records.assign(agreement=agreement)


def propose_water_body(records: pd.DataFrame) -> pd.DataFrame:
    """Stations whose published classes only fit the lake row of total phosphorus, with the evidence.

    Only records on which the two rows differ are evidence. Columns ``site_id, site_name, proposed, n,
    n_discriminating, agree_river, agree_lake``; a proposal, never applied by itself.
    """
    published = _classes(records["platform_class"])
    judged = records[(published > 0) & records["water_body_assumed"].to_numpy(dtype=bool)]
    published = _classes(judged["platform_class"])
    river, lake = judged["class_as_river"].to_numpy(), judged["class_as_lake"].to_numpy()
    evidence = pd.DataFrame(
        {
            "site_id": judged["site_id"],
            "site_name": judged["site_name"],
            "n": 1,
            "n_discriminating": river != lake,
            "agree_river": river == published,
            "agree_lake": lake == published,
            "river_only": (river == published) & (lake != published),
            "lake_only": (lake == published) & (river != published),
        }
    )
    sums = evidence.groupby(["site_id", "site_name"], as_index=False, sort=True).sum()
    found = sums[sums["lake_only"] > sums["river_only"]].assign(proposed="lake").reset_index(drop=True)
    return found[["site_id", "site_name", "proposed", "n", "n_discriminating", "agree_river", "agree_lake"]]


def _fits_neighbour(
    sites: pd.Series, ours: npt.NDArray[np.int64], published: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    grouped = pd.Series(ours, index=sites.index).groupby(sites, sort=False)
    steps = [step for step in range(-LAG_RECORDS, LAG_RECORDS + 1) if step]
    fits = [grouped.shift(step).to_numpy() == published for step in steps]
    near: npt.NDArray[np.bool_] = np.any(fits, axis=0)
    return near


def _classes(column: pd.Series) -> npt.NDArray[np.int64]:
    return column.fillna(0).to_numpy(dtype=np.int64)
