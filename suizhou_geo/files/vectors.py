"""Layers of points, lines and areas from local files, in CGCS2000 (EPSG:4490)."""

import json
import os
import re
from pathlib import Path

# GDAL reads these once, when it is loaded: a file that is really a VRT or WFS document would reach the network or
# other files. They must stand before the first import of pyogrio.
_SKIPPED = "OGR_VRT,WFS,OAPIF,CSW,HTTP,NGW,Carto,AmigoCloud,PLSCENES,Elasticsearch,EEDA,ADBC,GDALG,OGCAPI"
os.environ.setdefault("GDAL_SKIP", _SKIPPED)
os.environ.setdefault("CPL_VSIL_CURL_ALLOWED_EXTENSIONS", ".__none__")

import geopandas as gpd  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import shapely  # noqa: E402

from suizhou_geo.conventions import GEOGRAPHIC_CRS, normalise_text  # noqa: E402
from suizhou_geo.errors import CRSError, InputError, Place  # noqa: E402
from suizhou_geo.files.cells import MISSING  # noqa: E402
from suizhou_geo.files.headers import role_aliases  # noqa: E402
from suizhou_geo.files.sites import SITE_JOIN_COLUMNS  # noqa: E402
from suizhou_geo.files.tables import TABLE_ENDINGS, check_local_file, read_text_table  # noqa: E402

#: First bytes of a vector file by its ending: content and name must agree before GDAL sees it.
_MAGIC = {
    ".gpkg": b"SQLite format 3\x00",
    ".geojson": b"{",
    ".json": b"{",
    ".shp": b"\x00\x00\x27\x0a",
    ".kml": b"<",
}

#: Part of its area that repairing a polygon may change.
MAX_AREA_CHANGE = 0.01

#: Tables whose rows are points; a layer's ``.json`` is GeoJSON, not the platform's answer.
POINT_ENDINGS = tuple(ending for ending in TABLE_ENDINGS if ending not in _MAGIC)

#: Rows without coordinates that a note names.
_NAMED_ROWS = 10

_LONGITUDE = ("longitude", "经度", "lon", "lng", "x")
_LATITUDE = ("latitude", "纬度", "lat", "y")

_CRS_LINK = re.compile(rb'"crs"\s*:\s*\{(?:[^{}]|\{[^{}]*\})*"(?:href|url|link)"')

#: Part of the signs of an attribute table that may be cut off, for the table still to be in an encoding.
MAX_LOST_SIGNS = 0.02

#: Metres north of the equator in which the land of China lies in a transverse Mercator projection.
_NORTHINGS = (1.9e6, 6.0e6)

#: Albers, equal area, for all China: only to compare areas before and after.
_EQUAL_AREA = "+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=GRS80"

#: Where China lies; coordinates elsewhere are swapped, projected or mistyped.
_CHINA = (73.0, 3.0, 136.0, 54.0)


def read_vector(path: str | Path) -> gpd.GeoDataFrame:
    """A layer with index ``site_id`` and CRS EPSG:4490, from CSV/Excel points, GeoPackage, GeoJSON, Shapefile or KML.

    Invalid polygons are repaired (``make_valid``, structure) and told in ``attrs["notes"]`` with the change of their
    area; a change above 1 % is refused. A Shapefile without ``.cpg`` is decoded as UTF-8 or GB 18030, whichever fits.

    GeoJSON without a CRS is WGS 84 by its standard, which is taken as CGCS2000 (they agree to decimetres). Any other
    file without one is refused, as a wrong guess moves everything.

    Raises ``CRSError``, ``InputError`` or ``MissingFileError`` naming file, row and column.
    """
    file = check_local_file(path)
    ending = file.suffix.lower()
    if ending in POINT_ENDINGS:
        frame = _read_points(file)
    elif ending in _MAGIC:
        frame = _read_shapes(file, ending)
    else:
        known = "、".join((*POINT_ENDINGS, *_MAGIC))
        raise InputError(f"不支持的图层类型“{ending}”", where=Place(str(file)), why=f"可读：{known}")
    return _with_ids(frame, file)


def read_areas(path: str | Path, *, kind: str = "") -> gpd.GeoDataFrame:
    """A layer of areas, see :func:`read_vector`, with a column ``kind``: its own, or the one given.

    Raises ``InputError`` where a feature is no area: a redline drawn as a line encloses nothing.
    """
    frame = read_vector(path)
    areal = frame.geom_type.isin(["Polygon", "MultiPolygon"])
    if not areal.all():
        number = int((~areal).to_numpy().argmax()) + 1
        raise InputError(
            f"第 {number} 个要素不是面（{frame.geom_type.iloc[number - 1] or '没有图形'}，共 {int((~areal).sum())} 个）",
            where=Place(str(path)),
            why="只有面才有内外",
            todo="换成面图层，或在 GIS 软件中把封闭的线转成面",
        )
    return frame.assign(kind=kind) if kind or "kind" not in frame.columns else frame


def _read_points(file: Path) -> gpd.GeoDataFrame:
    table = read_text_table(file)
    spellings = {normalise_text(header): header for header in table.cells.columns}
    found = [
        next((spellings[name] for name in names if name in spellings), "")
        for names in (_LONGITUDE, _LATITUDE)
    ]
    if not all(found):
        raise InputError(
            "找不到经度和纬度列",
            where=table.place(),
            why=f"文件中的列：{'、'.join(table.cells.columns)}",
            todo="列名用 longitude、latitude 或 经度、纬度，单位为十进制度",
        )
    # An empty template has no numbers at all: say that they would be.
    numbers = table.cells[found].apply(pd.to_numeric, errors="coerce").astype(float)
    # Nobody knows where these are: they are told and left out. Half a coordinate is a mistake.
    unplaced = table.cells[found].apply(lambda texts: texts.str.strip().str.lower().isin(MISSING)).all(axis=1)
    for header, low, high in zip(found, _CHINA[:2], _CHINA[2:], strict=True):
        wrong = ~numbers[header].between(low, high) & ~unplaced
        if wrong.any():
            line = int(wrong.to_numpy().argmax())
            raise InputError(
                f"坐标“{table.cells[header].iloc[line]}”不在中国范围内（该列共 {int(wrong.sum())} 处）",
                where=table.place(line, column=header),
                why=f"应为 {low:g}–{high:g} 之间的十进制度；{guess_coordinates(*numbers[found].iloc[line])}",
                todo="改为十进制经纬度，或用带坐标系的 GeoPackage、GeoJSON",
            )
    placed = numbers[~unplaced]
    cells = table.cells.loc[~unplaced].drop(columns=found).replace("", None)
    frame = gpd.GeoDataFrame(
        cells.assign(longitude=placed[found[0]], latitude=placed[found[1]]),
        geometry=shapely.points(placed[found].to_numpy()),
        crs=GEOGRAPHIC_CRS,
    )
    if unplaced.any():
        rows = [str(table.rows[int(line)]) for line in np.flatnonzero(unplaced)]
        listed = "、".join(rows[:_NAMED_ROWS]) + ("…" if len(rows) > _NAMED_ROWS else "")
        frame.attrs["notes"] = [f"{len(rows)} 行没有坐标，未作为点读入（第 {listed} 行）"]
    return frame


def read_place(text: str) -> tuple[float, float]:
    """Longitude and latitude from ``"113.40,31.70"``; ``InputError`` where that is not in China.

    >>> read_place("113.40，31.70")
    (113.4, 31.7)
    """
    parts = pd.to_numeric(pd.Series(re.split(r"[,，\s]+", text.strip())), errors="coerce").tolist()
    numbers = (float(parts[0]), float(parts[1])) if len(parts) == 2 else (np.nan, np.nan)
    if not (_CHINA[0] <= numbers[0] <= _CHINA[2] and _CHINA[1] <= numbers[1] <= _CHINA[3]):
        raise InputError(
            f"坐标“{text}”不能用", why=guess_coordinates(*numbers), todo="写成 经度,纬度，如 113.40,31.70"
        )
    return numbers


def guess_coordinates(first: float, second: float) -> str:
    """What a pair that is no longitude and latitude in China looks like, in words.

    >>> guess_coordinates(31.69, 113.38)
    '像是经纬度写反'
    >>> guess_coordinates(38441530.86, 3507732.38)
    '像是 3 度带高斯投影坐标（EPSG:4526，带号 38）'
    >>> guess_coordinates(3507732.38, 441530.86)
    '像是不带带号的高斯投影坐标（北、东次序），须知道中央经线'
    """
    if np.isnan(first) or np.isnan(second):
        return "该格为空或不是数"
    if _CHINA[1] <= first <= _CHINA[3] and _CHINA[0] <= second <= _CHINA[2]:
        return "像是经纬度写反"
    for easting, northing, order in ((first, second, ""), (second, first, "（北、东次序）")):
        if not _NORTHINGS[0] <= northing <= _NORTHINGS[1]:
            continue
        if 1e5 <= easting <= 9e5:
            return f"像是不带带号的高斯投影坐标{order}，须知道中央经线"
        # EPSG 4513–4533 are the 3-degree zones 25–45, 4491–4501 the 6-degree zones 13–23, the zone in front.
        zone = int(easting // 1e6)
        for width, codes, first_zone in ((3, range(4513, 4534), 25), (6, range(4491, 4502), 13)):
            if 0 <= zone - first_zone < len(codes):
                return f"像是 {width} 度带高斯投影坐标{order}（EPSG:{codes[zone - first_zone]}，带号 {zone}）"
    return "可能缺小数点，或不是度"


def _read_shapes(file: Path, ending: str) -> gpd.GeoDataFrame:
    with file.open("rb") as stream:
        head = stream.read(4096)
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_MAGIC[ending]) and not head.startswith(
        _MAGIC[ending]
    ):
        raise InputError(
            "文件内容与扩展名不符",
            where=Place(str(file)),
            why=f"不是 {ending} 文件的开头",
            todo="检查文件是否损坏或改过名",
        )
    if ending == ".kml" and (b"<!DOCTYPE" in head.upper() or b"<kml" not in head.lower()):
        raise InputError(
            "KML 文件含有文档类型声明（DTD）或没有 kml 元素",
            where=Place(str(file)),
            why="它可能引用其他文件",
            todo="从地图软件中重新导出",
        )
    if ending in {".geojson", ".json"} and _links_elsewhere(file.read_bytes()):
        raise InputError(
            "GeoJSON 的坐标系写成了网络链接",
            where=Place(str(file)),
            why="打开它会访问网络",
            todo="删去 crs 一项（GeoJSON 按 WGS 84），或在 GIS 软件中重新导出",
        )
    encoding, note = _dbf_encoding(file) if ending == ".shp" else ("", "")
    try:
        frame = gpd.read_file(file, **({"encoding": encoding} if encoding else {}))
    except (RuntimeError, ValueError, OSError) as error:
        raise InputError(
            "图层打不开", where=Place(str(file)), why=str(error), todo="在 GIS 软件中重新导出"
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(
            "图层没有图形", where=Place(str(file)), why="其中只有属性表", todo="在 GIS 软件中重新导出"
        )
    if frame.crs is None:
        raise CRSError(
            "图层没有坐标系",
            where=Place(str(file)),
            why="缺少坐标系就无法与其他图层叠加，猜错会整体偏移",
            todo="补上 .prj 文件，或带坐标系重新导出（如 CGCS2000，EPSG:4490）",
        )
    repaired, notes = _repair_polygons(frame.to_crs(GEOGRAPHIC_CRS), file)
    repaired.attrs["notes"] = [each for each in (note, *notes) if each]
    return repaired


def _links_elsewhere(data: bytes) -> bool:
    # GDAL follows a crs that is a link. Escaped letters would hide the word from a search: they are undone first.
    if b"\\u" in data:
        try:
            data = json.dumps(json.loads(data), ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return False
    return bool(_CRS_LINK.search(data))


def _dbf_encoding(file: Path) -> tuple[str, str]:
    # Without a .cpg GDAL takes the table for Latin 1: Chinese names, those of the columns too, turn to rubbish.
    table = file.with_suffix(".dbf")
    if file.with_suffix(".cpg").is_file() or not table.is_file():
        return "", ""
    data = table.read_bytes()
    if data.isascii() or not data[32:].translate(None, bytes(range(128))):
        return "", ""
    header = int.from_bytes(data[8:10], "little")
    texts = data[32:header].replace(b"\0", b" ") + data[header:]
    strange = sum(byte > 127 for byte in texts)
    for encoding, name in (("utf-8", "UTF-8"), ("gb18030", "GB 18030")):
        # A name cut in the middle of a character is common: a few signs may be lost, rubbish may not pass.
        if texts.decode(encoding, errors="replace").count("\ufffd") <= MAX_LOST_SIGNS * strange + 1:
            return encoding, f"属性表没有 .cpg，按 {name} 解码"
    raise InputError(
        "属性表的编码无法识别",
        where=Place(str(table)),
        why="不是 UTF-8 或 GB 18030",
        todo="重新导出为 GeoPackage，或补上 .cpg",
    )


def _repair_polygons(frame: gpd.GeoDataFrame, file: Path) -> tuple[gpd.GeoDataFrame, list[str]]:
    shapes = frame.geometry.array
    invalid = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    if not invalid.any():
        return frame, []
    broken = np.asarray(shapes)[invalid]
    mended = shapely.make_valid(broken, method="structure")
    before, after = (
        gpd.GeoSeries(each, crs=GEOGRAPHIC_CRS).to_crs(_EQUAL_AREA).area.to_numpy()
        for each in (broken, mended)
    )
    change = np.abs(after - before) / np.maximum(np.maximum(before, after), 1e-9)
    worst = int(np.argmax(change))
    number = int(np.flatnonzero(invalid)[worst]) + 1
    if change[worst] > MAX_AREA_CHANGE:
        raise InputError(
            f"第 {number} 个要素的图形无效（共 {int(invalid.sum())} 个）",
            where=Place(str(file)),
            why=f"{shapely.is_valid_reason(broken[worst])}；修复会使面积变化 {change[worst]:.0%}，超过 {MAX_AREA_CHANGE:.0%}",
            todo="在 GIS 软件中修正后重新导出",
        )
    whole = np.asarray(shapes).copy()
    whole[invalid] = mended
    told = (
        f"{int(invalid.sum())} 个无效图形已修复（make_valid structure），面积变化不超过 {change[worst]:.4%}"
    )
    return frame.set_geometry(gpd.GeoSeries(whole, index=frame.index, crs=GEOGRAPHIC_CRS)), [told]


def _with_ids(frame: gpd.GeoDataFrame, file: Path) -> gpd.GeoDataFrame:
    spellings = {normalise_text(str(header)): str(header) for header in frame.columns if header != "geometry"}
    # Tables of sites say where each lies and what it is held to, in whatever words; shapes keep theirs.
    of_sites = SITE_JOIN_COLUMNS if frame.geometry.geom_type.eq("Point").all() else ()
    for role in ("site_id", "site_name", *of_sites):
        # 目标 alone may be anybody's goal.
        known = [alias for alias in role_aliases()[role] if alias in spellings and alias != "目标"]
        names = [spellings[alias] for alias in known]
        if names and role not in frame.columns:
            frame = frame.rename(columns={names[0]: role})
    called = next((spellings[name] for name in role_aliases()["feature_name"] if name in spellings), "")
    # Cards, papers and the river network read ``name``, whatever a layer calls it.
    if called and not {"site_name", "name"} & set(frame.columns):
        frame = frame.rename(columns={called: "name"})
    if "site_id" not in frame.columns:
        fallback = next((spellings[name] for name in role_aliases()["feature_id"] if name in spellings), "")
        ids = (
            frame[fallback].astype(str)
            if fallback
            else [f"{file.stem}-{number}" for number in range(1, len(frame) + 1)]
        )
        frame = frame.assign(site_id=ids)
    repeated = frame["site_id"][frame["site_id"].duplicated()]
    if len(repeated):
        raise InputError(
            f"编号重复：{'、'.join(map(str, repeated.unique()[:5]))}",
            where=Place(str(file), column="site_id"),
            todo="每个要素用一个编号",
        )
    return frame.set_index(frame["site_id"].astype(str).rename("site_id")).drop(columns="site_id")
