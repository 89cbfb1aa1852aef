"""Great regions of sites: from a code, a province or a name; never a guess."""

import pandas as pd

from suizhou_geo.files import GREAT_REGIONS, find_regions
from suizhou_geo.files.boundaries import place_codes


def _rows(*names: str, **columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"site_id": names, "site_name": names, **columns})


def test_a_code_decides_over_the_name() -> None:
    assert find_regions(_rows("随州", adcode=["230100"])) == {"随州": "东北"}


def test_names_of_cities_provinces_and_counties_are_found() -> None:
    found = find_regions(_rows("恩施州", "昆山", "常州市", "四川省|某断面"))
    assert found == {"恩施州": "中南", "昆山": "华东", "四川省|某断面": "西南"} | {"常州市": "华东"}


def test_a_name_that_is_nowhere_or_in_two_regions_has_none() -> None:
    assert find_regions(_rows("一号站", "2451A", "")) == {}
    assert {code[0] for code in place_codes("新华")} > {"1"}  # 新华区 is in several provinces
    assert find_regions(_rows("新华")) == {}


def test_every_province_has_a_region() -> None:
    assert {
        code[0]
        for name in ("北京", "吉林", "浙江", "湖北", "四川", "陕西", "台湾", "香港")
        for code in place_codes(name)
    } == set(GREAT_REGIONS)
