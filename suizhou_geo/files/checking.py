"""Every problem of every file at once: what ``suizhou-geo check`` tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from suizhou_geo.conventions import indicator_of_header, indicators, normalise_text
from suizhou_geo.errors import InputError, Problem, SuizhouGeoError
from suizhou_geo.files.bulletins import bulletin_roles, find_bulletin_problems
from suizhou_geo.files.checks import check_rules, find_problems
from suizhou_geo.files.findings import Findings, problem_of
from suizhou_geo.files.observations import read_observations
from suizhou_geo.files.percents import find_percent_problems, percent_columns
from suizhou_geo.files.site_tables import find_site_problems, is_site_table
from suizhou_geo.files.tables import TABLE_ENDINGS, TextTable, read_text_table

PROBLEM_COLUMNS = ("code", "severity", "file", "sheet", "row", "column", "value", "expected", "hint")

#: Endings of layers of shapes.
SHAPE_ENDINGS = (".gpkg", ".geojson", ".shp", ".kml")


@dataclass(frozen=True)
class Checked:
    """One file: its problems, and its observations if it holds any that could be read."""

    path: Path
    problems: tuple[Problem, ...]
    observations: pd.DataFrame | None = None


def check_paths(
    paths: Sequence[str | Path], *, year: int | None = None, sites: str | Path | None = None
) -> list[Checked]:
    """Every file of these paths, checked one by one: a bad one never hides the others.

    A folder with a ``workspace.toml`` stands for the files that it names, any other folder for the tables and layers
    in it. What cannot be read at all is a problem too (``file_unreadable``).
    """
    checked = []
    for path in paths:
        files, problems = list_files(Path(path))
        checked.extend([Checked(Path(path), tuple(problems))] if problems else [])
        checked.extend(check_file(file, year=year, sites=sites) for file in files)
    return checked


def list_files(path: Path) -> tuple[list[Path], list[Problem]]:
    """The files that a path stands for, and why it stands for none."""
    if not path.is_dir():
        return [path], []
    if (path / "workspace.toml").is_file():
        return _list_workspace(path)
    known = (*TABLE_ENDINGS, *SHAPE_ENDINGS)
    found = sorted(file for file in path.rglob("*") if file.suffix.lower() in known and file.is_file())
    empty = InputError(f"“{path}”中没有可检查的文件", why=f"可检查：{'、'.join(known)}", todo="核对路径")
    return found, [] if found else [problem_of(empty, file=str(path))]


def check_file(path: Path, *, year: int | None = None, sites: str | Path | None = None) -> Checked:
    """The problems of one file, whatever it holds: observations of water or air, a layer, or a table of counts."""
    try:
        if path.suffix.lower() in SHAPE_ENDINGS:
            return _check_layer(path)
        table = read_text_table(path)
        problems = _check_other_table(path, table)
        if problems is not None:
            return Checked(path, tuple(problems))
        findings = Findings(collect=True)
        medium = guess_medium(table) or "water"
        tidy = read_observations(path, medium=medium, year=year, sites=sites, findings=findings)
    except SuizhouGeoError as error:
        return Checked(path, (problem_of(error, file=str(path)),))
    problems = [*findings.problems, *find_problems(tidy, medium=medium), *find_percent_problems(table)]
    return Checked(path, tuple(problems), tidy if medium != "soil" else None)


def _check_other_table(path: Path, table: TextTable) -> list[Problem] | None:
    """The problems of a table that holds no measured values, or None if it seems to hold some."""
    if bulletin_roles(table):
        return find_bulletin_problems(table)
    if guess_medium(table):
        return None
    if _is_points(table):
        found = find_site_problems(table)
        told = {problem.column for problem in found if problem.code == "site_repeated"}
        return [*(each for each in _check_layer(path).problems if each.column not in told), *found]
    if is_site_table(table):
        return find_site_problems(table)
    return find_percent_problems(table) if percent_columns(table) else None


def guess_medium(table: TextTable) -> str:
    """Whether a table holds ``water``, ``air`` or ``soil``, by what it names; empty if it names no indicator.

    Soil is given in mg/kg, and names items that water has not, such as total chromium.
    """
    names = list(table.cells.columns)
    spellings = {normalise_text(name): name for name in names}
    for role in ("indicator", "监测项目", "项目", "指标", "污染物", "type"):
        if role in spellings:
            names += table.cells[spellings[role]].unique().tolist()
    of_soil = [hit for name in names if (hit := indicator_of_header(name, "soil"))]
    found = [hit[0] for name in names if (hit := indicator_of_header(name))]
    units = {unit for _, unit in of_soil}.union(
        *(table.cells[spellings[name]].unique() for name in ("unit", "单位", "计量单位") if name in spellings)
    )
    if of_soil and (len(of_soil) > len(found) or "mg/kg" in map(normalise_text, units)):
        return "soil"
    media = [indicators()[code].medium for code in found]
    return max(dict.fromkeys(media), key=media.count, default="")


def as_frame(problems: Sequence[Problem]) -> pd.DataFrame:
    """Problems as a table, columns :data:`PROBLEM_COLUMNS`; ``row`` is empty where there is none."""
    frame = pd.DataFrame([problem.as_dict() for problem in problems], columns=list(PROBLEM_COLUMNS))
    return frame.astype({"row": "Int64"})


def problem_by_rule(
    code: str, *, observations: pd.DataFrame, row: int, column: str, value: str, expected: str
) -> Problem:
    """A problem of observations that another room found, told by its rule."""
    rule = check_rules()[code]
    file, sheet = str(observations.attrs.get("file", "")), str(observations.attrs.get("sheet", ""))
    return Problem(
        rule.code,
        rule.severity,
        file,
        sheet,
        row,
        column,
        value,
        f"{rule.title}：{expected}",
        f"{rule.reason}；{rule.hint}",
    )


def _list_workspace(root: Path) -> tuple[list[Path], list[Problem]]:
    from suizhou_geo.files.workspace import observation_files, open_workspace  # noqa: PLC0415  (needs GDAL)

    try:
        workspace = open_workspace(root)
    except SuizhouGeoError as error:
        return [], [problem_of(error, file=str(root))]
    layers = [workspace.root / spec.file for spec in workspace.layers.values()]
    media = [observation_files(workspace, medium=medium) for medium in workspace.observations]
    return [*layers, *(file for files in media for file in files)], []


def _check_layer(path: Path) -> Checked:
    from suizhou_geo.files.vectors import read_vector  # noqa: PLC0415  (needs GDAL)

    try:
        layer = read_vector(path)
    except SuizhouGeoError as error:
        return Checked(path, (problem_of(error, file=str(path)),))
    rule = check_rules()["layer_note"]
    told = [
        Problem(
            rule.code,
            rule.severity,
            str(path),
            value=note,
            expected=rule.title,
            hint=f"{rule.reason}；{rule.hint}",
        )
        for note in layer.attrs.get("notes", [])
    ]
    return Checked(path, tuple(told))


def _is_points(table: TextTable) -> bool:
    names = {normalise_text(name) for name in table.cells.columns}
    return bool(names & {"longitude", "经度", "lon", "lng"})
