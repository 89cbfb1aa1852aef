"""A workspace: one folder with a city's layers, observations and plan, described by ``workspace.toml``."""

import itertools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.conventions import LAYER_KINDS, LOCATION_QUALITIES, check_adcode
from suizhou_geo.coordinates import DATUMS, UNSHIFTED_DATUMS, to_cgcs2000
from suizhou_geo.errors import InputError, MissingFileError, Place, UnknownNameError
from suizhou_geo.files.boundaries import read_cities, read_counties
from suizhou_geo.files.observations import MEDIA, read_observations
from suizhou_geo.files.sites import read_target_class, read_water_body
from suizhou_geo.files.slices import RowHashes, hash_rows, note_file, note_observations
from suizhou_geo.files.times import year_in_name
from suizhou_geo.files.vectors import read_vector
from suizhou_geo.saving import sha256_of

#: The layer of the sites of each medium.
_SITES = {"water": "sections", "air": "stations"}

#: Path, time of writing and size of files.
Stamps = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class LayerSpec:
    """Where a layer is and what is said of it."""

    file: str
    datum: str = "CGCS2000"
    title: str = ""
    source: str = ""
    updated: date | str = ""
    synthetic: bool = False


@dataclass(frozen=True)
class ObservationSpec:
    """The files of one medium (patterns relative to the workspace) and what is said of them."""

    files: tuple[str, ...]
    source: str = ""
    updated: date | str = ""
    synthetic: bool = False


@dataclass(frozen=True)
class Workspace:
    """A city's folder, opened and checked: every file that it names exists."""

    root: Path
    name: str
    adcode: str
    counties: tuple[str, ...]
    metric_crs: str
    layers: Mapping[str, LayerSpec]
    observations: Mapping[str, ObservationSpec]
    plan_files: tuple[str, ...]


def open_workspace(path: str | Path) -> Workspace:
    """Open a workspace folder, or its ``workspace.toml``, and check all that it says.

    >>> from suizhou_geo.packaged import packaged_folder
    >>> open_workspace(packaged_folder("data", "suizhou")).counties
    ('421303', '421321', '421381')

    Raises ``MissingFileError`` (no workspace, or a file that it names is not there), ``UnknownNameError`` (a county
    that China does not have, a layer kind that there is not) or ``InputError`` (the file cannot be read).
    """
    given = Path(path)
    file = given / "workspace.toml" if given.is_dir() else given
    if not file.is_file() or file.suffix != ".toml":
        raise MissingFileError(
            f"“{path}”不是工作区", why="其中没有 workspace.toml", todo="给出含有 workspace.toml 的文件夹"
        )
    data = read_toml(file)
    region = _required(data, "region", file)
    workspace = Workspace(
        root=file.parent,
        name=str(_required(region, "name", file)),
        adcode=check_adcode(str(_required(region, "adcode", file))),
        counties=tuple(check_adcode(str(code)) for code in _required(region, "counties", file)),
        metric_crs=str(_required(region, "metric_crs", file)),
        layers={kind: _spec(LayerSpec, table, file) for kind, table in data.get("layers", {}).items()},
        observations={
            medium: _spec(ObservationSpec, table, file)
            for medium, table in data.get("observations", {}).items()
        },
        plan_files=tuple(data.get("plan", {}).get("files", ())),
    )
    _check_names(workspace, file)
    _check_files(workspace, file)
    return workspace


def read_layer(workspace: Workspace, *, kind: str) -> gpd.GeoDataFrame:
    """A layer of the workspace: index ``site_id``, CRS EPSG:4490; points in GCJ-02 or BD-09 are brought there.

    Raises ``UnknownNameError`` if the workspace has no such layer, and what ``files.read_vector`` raises.
    """
    if kind not in workspace.layers:
        known = "、".join(workspace.layers) or "无"
        raise UnknownNameError(
            f"工作区“{workspace.name}”没有图层 {kind}（{LAYER_KINDS.get(kind, '没有这种图层')}）",
            why=f"已有：{known}",
            todo=f"在 workspace.toml 中添加 [layers.{kind}]"
            if kind in LAYER_KINDS
            else f"图层的种类：{'、'.join(LAYER_KINDS)}",
        )
    spec = workspace.layers[kind]
    path = workspace.root / spec.file
    frame = _read_layer(_stamp(path), spec).copy()
    note_file(path, root=workspace.root)
    return frame


@lru_cache(maxsize=64)
def _read_layer(stamp: tuple[str, int, int], spec: LayerSpec) -> gpd.GeoDataFrame:
    # Every county of a city asks for the same layers, and a process that forks others hands them on.
    frame = read_vector(Path(stamp[0]))
    quality = frame.get("location_quality", pd.Series(dtype=str)).dropna()
    unknown = sorted(set(quality) - LOCATION_QUALITIES.keys())
    if unknown:
        raise InputError(
            f"坐标质量“{unknown[0]}”未知",
            where=Place(spec.file, column="location_quality"),
            why=f"可用：{'、'.join(LOCATION_QUALITIES)}",
        )
    return _with_site_words(_shift_datum(frame, datum=spec.datum))


def read_workspace_counties(workspace: Workspace) -> gpd.GeoDataFrame:
    """The workspace's counties, from its own layer ``counties`` or from the installed boundaries, by adcode."""
    if "counties" not in workspace.layers:
        return read_counties(workspace.counties)
    layer = read_layer(workspace, kind="counties")
    return layer.set_index(layer["adcode"].astype(str)) if "adcode" in layer.columns else layer


def read_workspace_observations(
    workspace: Workspace, *, medium: str, year: int | None = None, sites: Sequence[str] | None = None
) -> pd.DataFrame:
    """All observations of a medium in the workspace, with the columns of its sites joined; tidy rows.

    With ``year``, files whose name names another year are not opened; with ``sites``, only their rows are given (a batch then does
    the run again only when these have changed). ``source_file`` is the file of each row. An empty frame if the workspace has
    none. :func:`describe_sources` tells the files.
    """
    files = observation_files(workspace, medium=medium)
    if year is not None:
        files = tuple(file for file in files if year_in_name(file.name) in {year, None})
    spec = workspace.layers.get(_SITES[medium])
    stamps = _stamps(workspace, files, spec)
    reading = _Reading(stamps, medium, spec, workspace, files)
    rows = _read_rows(reading).copy()
    if spec:
        note_file(workspace.root / spec.file, root=workspace.root)
    note_observations(
        rows, hashes=partial(_hash_read_rows, reading), workspace=workspace, medium=medium, year=year, sites=sites
    )  # fmt: skip
    return rows if sites is None else rows[rows["site_id"].isin(list(sites))]


def stamp_observations(workspace: Workspace, *, medium: str) -> Stamps:
    """Path, time and size of every file that the observations of a medium come from: what was read holds while they do."""
    files = observation_files(workspace, medium=medium)
    return _stamps(workspace, files, workspace.layers.get(_SITES[medium]))


def stamp_workspace(workspace: Workspace) -> Stamps:
    """Path, time and size of every file of the workspace that a county's state comes from."""
    places = [workspace.root / "workspace.toml", *find_plan_files(workspace), *data_files(workspace)]
    return tuple(map(_stamp, places))


def data_files(workspace: Workspace) -> list[Path]:
    """The files of all layers and observations."""
    layers = [workspace.root / spec.file for spec in workspace.layers.values()]
    observed = (observation_files(workspace, medium=medium) for medium in workspace.observations)
    return [*layers, *itertools.chain.from_iterable(observed)]


def find_plan_files(workspace: Workspace) -> list[Path]:
    """The plans, and the files that they name in turn (ledgers and reports of progress, perhaps by a pattern)."""
    plans = [workspace.root / name for name in workspace.plan_files]
    quoted = {
        text
        for plan in plans
        for text in re.findall(r'"([^"\n]+\.\w+)"', plan.read_text(encoding="utf-8-sig"))
    }
    named = {path for text in quoted if not Path(text).is_absolute() for path in workspace.root.glob(text)}
    return [*plans, *sorted(path for path in named if path.is_file())]


def _stamps(workspace: Workspace, files: tuple[Path, ...], spec: LayerSpec | None) -> Stamps:
    places = [*files, workspace.root / spec.file] if spec else list(files)
    # As they stand on the disk now: a file that was written anew is read anew.
    return tuple(map(_stamp, places))


def _stamp(path: Path) -> tuple[str, int, int]:
    found = path.stat() if path.exists() else None
    return str(path), found.st_mtime_ns if found else 0, found.st_size if found else 0


@dataclass(frozen=True)
class _Reading:
    """What is to be read; two are the same where the same files, unchanged, are read in the same way."""

    stamps: Stamps
    medium: str
    sites: LayerSpec | None
    workspace: Workspace = field(compare=False)
    files: tuple[Path, ...] = field(compare=False)


@lru_cache(maxsize=4)
def _read_rows(asked: _Reading) -> pd.DataFrame:
    # Every county of a city asks for the same rows, and a process that forks others hands them on.
    workspace, medium = asked.workspace, asked.medium
    table = read_layer(workspace, kind=_SITES[medium]) if asked.sites else None
    frames = [
        _with_site_ids(read_observations(file, medium=medium, sites=table), table).assign(
            source_file=file.relative_to(workspace.root).as_posix()
        )
        for file in asked.files
    ]
    if not frames:
        return pd.DataFrame(columns=["site_id", "time", "indicator", "value"]).assign(
            time=pd.Series(dtype="datetime64[ns]")
        )
    for frame in frames:
        # pandas copies attrs at every step of every later computation.
        frame.attrs = {}
    return pd.concat(frames, ignore_index=True)


@lru_cache(maxsize=4)
def _hash_read_rows(asked: _Reading) -> RowHashes:
    return hash_rows(_read_rows(asked))


def _with_site_ids(observations: pd.DataFrame, sites: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """A file that names its sites only gets the ids of the layer, where a name stands there once."""
    if sites is None or "site_name" not in sites.columns:
        return observations
    names = pd.Series(sites.index.astype(str), index=sites["site_name"].astype(str))
    ids = names[~names.index.duplicated(keep=False)]
    unknown = ~observations["site_id"].isin(sites.index)
    # A layer that is not filled in yet has no ids: pandas would take its answers for numbers.
    found = observations["site_name"].map(ids.to_dict().get).where(unknown)
    return observations.assign(site_id=found.fillna(observations["site_id"]))


def observation_files(workspace: Workspace, *, medium: str) -> tuple[Path, ...]:
    """The observation files of a medium, sorted by name."""
    spec = workspace.observations.get(medium)
    patterns = spec.files if spec else ()
    return tuple(sorted({file for pattern in patterns for file in workspace.root.glob(pattern)}))


def describe_sources(workspace: Workspace) -> list[dict[str, Any]]:
    """Title, file, SHA-256, date and origin of every file of the workspace, as plain data."""
    notes = [
        _note(LAYER_KINDS[kind], workspace.root / spec.file, workspace, spec)
        for kind, spec in workspace.layers.items()
    ]
    words = {"water": "水质监测数据", "air": "空气监测数据"}
    for medium, spec in workspace.observations.items():
        files = observation_files(workspace, medium=medium)
        notes.extend(_note(words[medium], file, workspace, spec) for file in files)
    return notes


def read_toml(file: Path) -> dict[str, Any]:
    """A TOML file; ``InputError`` with the place of the mistake."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError("文件不是 UTF-8 编码", where=Place(str(file)), todo="另存为 UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        place = Place(str(file), row=int(line.group(1)) if line else None)
        raise InputError("TOML 写法有误", where=place, why=str(error), todo="检查引号、括号和等号") from error


def _note(title: str, file: Path, workspace: Workspace, spec: LayerSpec | ObservationSpec) -> dict[str, Any]:
    return {
        "title": title,
        "file": file.relative_to(workspace.root).as_posix(),
        "sha256": sha256_of(file),
        "updated": str(spec.updated),
        "synthetic": spec.synthetic,
        "note": spec.source,
    }


def _shift_datum(frame: gpd.GeoDataFrame, *, datum: str) -> gpd.GeoDataFrame:
    if datum in UNSHIFTED_DATUMS or frame.empty:
        return frame

    def shift(points: Any) -> Any:
        return np.column_stack(to_cgcs2000(points[:, 0], points[:, 1], datum=datum))

    shifted = frame.set_geometry(shapely.transform(frame.geometry.array, shift), crs=frame.crs)
    if {"longitude", "latitude"} <= set(frame.columns):
        shifted = shifted.assign(longitude=shifted.geometry.x, latitude=shifted.geometry.y)
    return shifted


def _with_site_words(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    # 湖库 and lake, Ⅲ and 3 are the same to every later floor.
    words = {}
    if "water_body" in frame.columns:
        words["water_body"] = frame["water_body"].fillna("").map(read_water_body)
    if "target_class" in frame.columns:
        classes = frame["target_class"].map(lambda cell: read_target_class(str(cell)))
        words["target_class"] = classes.astype("Int64")
    return frame.assign(**words)


def _spec(kind: type[Any], table: Mapping[str, Any], file: Path) -> Any:
    known = set(kind.__dataclass_fields__)
    unknown = sorted(set(table) - known)
    if unknown:
        raise InputError(
            f"workspace.toml 中不认识的项：{'、'.join(unknown)}",
            where=Place(str(file)),
            why=f"可用：{'、'.join(sorted(known))}",
        )
    lists = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    try:
        return kind(**lists)
    except TypeError as error:
        lacking = "、".join(sorted({"file", "files"} & known))
        raise InputError(
            f"workspace.toml 中某个表缺少 {lacking}", where=Place(str(file)), why=str(error)
        ) from error


def _required(table: Mapping[str, Any], key: str, file: Path) -> Any:
    if key not in table:
        raise InputError(f"workspace.toml 缺少 {key}", where=Place(str(file)), todo="参照示例工作区补全")
    return table[key]


def _check_names(workspace: Workspace, file: Path) -> None:
    for kind in workspace.layers:
        if kind not in LAYER_KINDS:
            near = get_close_matches(kind, LAYER_KINDS, n=1)
            raise UnknownNameError(
                f"不认识的图层种类 {kind}",
                where=Place(str(file)),
                why=f"可用：{'、'.join(LAYER_KINDS)}",
                todo=f"是否为 {near[0]}" if near else "",
            )
    for medium in workspace.observations:
        if medium not in MEDIA:
            raise UnknownNameError(
                f"不认识的介质 {medium}", where=Place(str(file)), why=f"可用：{'、'.join(MEDIA)}"
            )
    for kind, spec in workspace.layers.items():
        if spec.datum not in DATUMS:
            raise InputError(
                f"图层 {kind} 的坐标基准“{spec.datum}”未知",
                where=Place(str(file)),
                why=f"可用：{'、'.join(DATUMS)}",
            )
    if "counties" not in workspace.layers:
        read_counties(workspace.counties)
        read_cities([workspace.adcode])


def _check_files(workspace: Workspace, file: Path) -> None:
    named = [spec.file for spec in workspace.layers.values()] + list(workspace.plan_files)
    for name in named:
        if not (workspace.root / name).is_file():
            raise MissingFileError(
                f"找不到工作区文件“{name}”",
                where=Place(str(file)),
                todo="补上该文件，或从 workspace.toml 中删去该项",
            )
    for medium, spec in workspace.observations.items():
        if not observation_files(workspace, medium=medium):
            raise MissingFileError(
                f"没有与 {'、'.join(spec.files)} 相符的监测文件",
                where=Place(str(file)),
                todo="核对 observations 一节",
            )
