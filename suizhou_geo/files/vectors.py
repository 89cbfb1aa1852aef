"""Layers of points, lines and areas from local files, in CGCS2000 (EPSG:4490)."""

import os
from pathlib import Path

# GDAL reads these once, when it is loaded: a file that is really a VRT or WFS document would reach the network or
# other files. They must stand before the first import of pyogrio.
_SKIPPED = "OGR_VRT,WFS,OAPIF,CSW,HTTP,NGW,Carto,AmigoCloud,PLSCENES,Elasticsearch,EEDA,ADBC,GDALG,OGCAPI"
os.environ.setdefault("GDAL_SKIP", _SKIPPED)
os.environ.setdefault("CPL_VSIL_CURL_ALLOWED_EXTENSIONS", ".__none__")

import geopandas as gpd  # noqa: E402
import pandas as pd  # noqa: E402
import shapely  # noqa: E402

from suizhou_geo.conventions import GEOGRAPHIC_CRS, normalise_text  # noqa: E402
from suizhou_geo.errors import CRSError, InputError, Place  # noqa: E402
from suizhou_geo.files.headers import role_aliases  # noqa: E402
from suizhou_geo.files.tables import TABLE_ENDINGS, check_local_file, read_text_table  # noqa: E402

#: First bytes of a vector file by its ending: content and name must agree before GDAL sees it.
_MAGIC = {".gpkg": b"SQLite format 3\x00", ".geojson": b"{", ".json": b"{", ".shp": b"\x00\x00\x27\x0a"}

#: Tables whose rows are points; a layer's ``.json`` is GeoJSON, not the platform's answer.
POINT_ENDINGS = tuple(ending for ending in TABLE_ENDINGS if ending not in _MAGIC)

_LONGITUDE = ("longitude", "经度", "lon", "lng", "x")
_LATITUDE = ("latitude", "纬度", "lat", "y")

#: Where China lies; coordinates elsewhere are swapped, projected or mistyped.
_CHINA = (73.0, 3.0, 136.0, 54.0)


def read_vector(path: str | Path) -> gpd.GeoDataFrame:
    """A layer with index ``site_id`` and CRS EPSG:4490, from CSV/Excel points, GeoPackage, GeoJSON or Shapefile.

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
    numbers = table.cells[found].apply(pd.to_numeric, errors="coerce")
    for header, low, high in zip(found, _CHINA[:2], _CHINA[2:], strict=True):
        wrong = ~numbers[header].between(low, high)
        if wrong.any():
            line = int(wrong.to_numpy().argmax())
            raise InputError(
                f"坐标“{table.cells[header].iloc[line]}”不在中国范围内（该列共 {int(wrong.sum())} 处）",
                where=table.place(line, column=header),
                why=f"应为 {low:g}–{high:g} 之间的十进制度",
                todo="检查经纬度是否写反，或是否为平面坐标",
            )
    cells = table.cells.drop(columns=found).replace("", None)
    shapes = shapely.points(numbers[found].to_numpy())
    return gpd.GeoDataFrame(
        cells.assign(longitude=numbers[found[0]], latitude=numbers[found[1]]),
        geometry=shapes,
        crs=GEOGRAPHIC_CRS,
    )


def _read_shapes(file: Path, ending: str) -> gpd.GeoDataFrame:
    with file.open("rb") as stream:
        head = stream.read(64)
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_MAGIC[ending]) and not head.startswith(
        _MAGIC[ending]
    ):
        raise InputError(
            "文件内容与扩展名不符",
            where=Place(str(file)),
            why=f"不是 {ending} 文件的开头",
            todo="检查文件是否损坏或改过名",
        )
    try:
        frame = gpd.read_file(file)
    except (RuntimeError, ValueError, OSError) as error:
        raise InputError(
            "图层打不开", where=Place(str(file)), why=str(error), todo="在 GIS 软件中重新导出"
        ) from error
    if frame.crs is None:
        raise CRSError(
            "图层没有坐标系",
            where=Place(str(file)),
            why="缺少坐标系就无法与其他图层叠加，猜错会整体偏移",
            todo="补上 .prj 文件，或带坐标系重新导出（如 CGCS2000，EPSG:4490）",
        )
    return frame.to_crs(GEOGRAPHIC_CRS)


def _with_ids(frame: gpd.GeoDataFrame, file: Path) -> gpd.GeoDataFrame:
    spellings = {normalise_text(str(header)): str(header) for header in frame.columns if header != "geometry"}
    for role in ("site_id", "site_name"):
        names = [spellings[alias] for alias in role_aliases()[role] if alias in spellings]
        if names and role not in frame.columns:
            frame = frame.rename(columns={names[0]: role})
    if "site_id" not in frame.columns:
        fallback = next((spellings[name] for name in ("id", "code", "编码", "编号") if name in spellings), "")
        ids = (
            frame[fallback].astype(str)
            if fallback
            else [f"{file.stem}-{number}" for number in range(1, len(frame) + 1)]
        )
        frame = frame.assign(site_id=ids)
    repeated = frame["site_id"][frame["site_id"].duplicated()]
    if len(repeated):
        raise InputError(
            f"编号重复：{'、'.join(repeated.astype(str).unique()[:5])}",
            where=Place(str(file), column="site_id"),
            todo="每个要素用一个编号",
        )
    return frame.set_index(frame["site_id"].astype(str).rename("site_id")).drop(columns="site_id")
