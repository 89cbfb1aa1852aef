"""Our classes beside those that the platform published: agreement, explained, and what a station's water must be."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo.assess.records import NORMAL_STATES

#: The agreement of what the platform did not classify.
NO_PLATFORM = "平台未评价"

#: How far the published class may lag behind its record.
LAG_RECORDS = 2

#: How many times more records must fit the lake row than the river row before "lake" is proposed.
CLEARLY = 2


def compare_with_platform(records: pd.DataFrame) -> pd.DataFrame:
    """The frame of ``assess_records`` with columns ``agreement`` and ``water_body_proposed``.

    The published class is never an input to ours. 一致 (the same) · 平台未评价 (none was published) · 水体类型待定 (it
    fits the other row of total phosphorus, and the water body was assumed) · 限值边界 (a displayed value stands on a
    limit and hides decimals) · 滞后 (it fits a neighbouring record of the station) · 维护 (the station was not in
    normal state) · 不一致.

    >>> frame = pd.DataFrame({"site_id": "A", "site_name": "A", "class": [2, 2], "platform_class": [2, 3],
    ...     "on_limit_class": [2, 3], "class_as_river": 2, "class_as_lake": 2, "water_body_assumed": True,
    ...     "station_state": "正常"})
    >>> compare_with_platform(frame)["agreement"].tolist()
    ['一致', '限值边界']
    """
    ours, published = _classes(records["class"]), _classes(records["platform_class"])
    river, lake = records["class_as_river"].to_numpy(), records["class_as_lake"].to_numpy()
    fits_other = records["water_body_assumed"].to_numpy(dtype=bool) & (
        np.where(ours == river, lake, river) == published
    )
    lakes = records["site_id"].isin(propose_water_body(records)["site_id"])
    proposed = np.where(lakes, "lake", "")
    reasons = {
        NO_PLATFORM: published == 0,
        "一致": ours == published,
        "水体类型待定": fits_other & lakes.to_numpy(),
        "限值边界": records["on_limit_class"].to_numpy() == published,
        "滞后": _fits_neighbour(records["site_id"], ours, published),
        "维护": ~records["station_state"].isin(NORMAL_STATES).to_numpy(),
    }
    agreement = np.select(list(reasons.values()), list(reasons), default="不一致")
    return records.assign(agreement=agreement, water_body_proposed=proposed)


def propose_water_body(records: pd.DataFrame) -> pd.DataFrame:
    """Stations whose published classes fit the lake row of total phosphorus clearly better, with the evidence.

    Only records on which the two rows differ are evidence. A proposal, never applied by itself.

    Returns
    -------
    DataFrame
        ``site_id, site_name, proposed, n, n_discriminating, agree_river, agree_lake``: published records, those on
        which the rows differ, and how many the river and the lake row reproduce. Sorted by site.

    Examples
    --------
    >>> frame = pd.DataFrame({"site_id": ["A"] * 3, "site_name": "A", "platform_class": [4, 4, 3],
    ...     "class_as_river": [2, 2, 2], "class_as_lake": [4, 4, 3], "water_body_assumed": True})
    >>> propose_water_body(frame)[["proposed", "n", "agree_river", "agree_lake"]].values.tolist()
    [['lake', 3, 0, 3]]
    """
    published = _classes(records["platform_class"])
    keep = (published > 0) & records["water_body_assumed"].to_numpy(dtype=bool)
    judged, published = records[keep], published[keep]
    river, lake = judged["class_as_river"].to_numpy(), judged["class_as_lake"].to_numpy()
    evidence = pd.DataFrame(
        {
            "site_id": judged["site_id"],
            "site_name": judged["site_name"],
            "n": 1,
            "n_discriminating": (river != lake).astype(int),
            "agree_river": (river == published).astype(int),
            "agree_lake": (lake == published).astype(int),
            "river_only": ((river == published) & (lake != published)).astype(int),
            "lake_only": ((lake == published) & (river != published)).astype(int),
        }
    )
    sums = evidence.groupby(["site_id", "site_name"], as_index=False, sort=True).sum()
    clear = sums["lake_only"] > CLEARLY * sums["river_only"]
    found = sums[clear].assign(proposed="lake").reset_index(drop=True)
    return found[["site_id", "site_name", "proposed", "n", "n_discriminating", "agree_river", "agree_lake"]]


def apply_proposals(observations: pd.DataFrame, *, proposals: pd.DataFrame) -> pd.DataFrame:
    """The observations with the proposed water body where none was given.

    >>> rows = pd.DataFrame({"site_id": ["A", "B"], "water_body": ["", "river"]})
    >>> found = pd.DataFrame({"site_id": ["A", "B"], "proposed": "lake"})
    >>> apply_proposals(rows, proposals=found)["water_body"].tolist()
    ['lake', 'river']
    """
    proposed = observations["site_id"].map(proposals.set_index("site_id")["proposed"])
    given = observations["water_body"].fillna("") if "water_body" in observations.columns else ""
    body = pd.Series(given, index=observations.index, dtype=object)
    return observations.assign(water_body=body.where(body != "", proposed.fillna("")))


def mark_inferred(records: pd.DataFrame, *, proposals: pd.DataFrame) -> pd.DataFrame:
    """The records with inferred water bodies flagged as assumed: they come from the class that they explain."""
    inferred = records["site_id"].isin(proposals["site_id"]) & ~records["water_body_assumed"]
    notes = records["note"].where(~inferred, "水体类型由平台类别推定；" + records["note"])
    return records.assign(
        water_body_assumed=records["water_body_assumed"] | inferred, note=notes.str.removesuffix("；")
    )


def _fits_neighbour(
    sites: pd.Series, ours: npt.NDArray[np.int64], published: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    grouped = pd.Series(ours, index=sites.index).groupby(sites, sort=False)
    steps = [step for step in range(-LAG_RECORDS, LAG_RECORDS + 1) if step]
    fits = [grouped.shift(step).to_numpy() == published for step in steps]
    near: npt.NDArray[np.bool_] = np.any(fits, axis=0)
    return near


def _classes(column: pd.Series) -> npt.NDArray[np.int64]:
    classes: npt.NDArray[np.int64] = column.fillna(0).to_numpy(dtype=np.int64)
    return classes
