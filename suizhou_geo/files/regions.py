"""The great region of China that a site lies in, from its adcode, its province or the name of its city."""

from collections.abc import Mapping

import pandas as pd

from suizhou_geo.files.boundaries import place_codes

#: GB/T 2260-2007: the first digit of an administrative code is the great region.
GREAT_REGIONS: Mapping[str, str] = {
    "1": "华北", "2": "东北", "3": "华东", "4": "中南", "5": "西南", "6": "西北", "7": "台湾", "8": "港澳",
}  # fmt: skip


def find_regions(observations: pd.DataFrame) -> dict[str, str]:
    """The great region (GB/T 2260 first digit: 华北 … 西北) of each site whose place is told, by ``site_id``.

    A site tells its place by a column ``adcode``, by the province in front of its id (``湖北省|厉山``), or by being named
    after a city or county of which there is one region only. Sites that tell none are left out.

    Parameters
    ----------
    observations
        Tidy rows with ``site_id`` and ``site_name``, perhaps ``adcode``.

    Examples
    --------
    >>> rows = pd.DataFrame({"site_id": ["随州", "湖北省|厉山", "S01"], "site_name": ["随州", "厉山", "一号"]})
    >>> find_regions(rows)
    {'随州': '中南', '湖北省|厉山': '中南'}
    """
    sites = observations.drop_duplicates("site_id").set_index("site_id")
    found = {}
    for site, row in zip(sites.index.astype(str), sites.to_dict("records"), strict=True):
        code = str(row.get("adcode") or "")
        province = site.partition("|")[0] if "|" in site else ""
        codes = [code] if code.isdigit() else place_codes(province or str(row.get("site_name", site)))
        regions = {GREAT_REGIONS.get(each[0], "") for each in codes}
        if len(regions) == 1 and regions != {""}:
            found[site] = regions.pop()
    return found
