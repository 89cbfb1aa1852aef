"""Every problem of files and workspaces, from all rooms that can tell: the gate, the classes, the places."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

from suizhou_geo import assess, files, spatial
from suizhou_geo.errors import Place, Problem, SuizhouGeoError
from suizhou_geo.plan.plan_checks import find_plan_mistakes

#: Layers whose points ought to lie in the city, and those that ought to lie on its rivers.
_POINT_LAYERS = ("sections", "stations", "sources", "outfalls", "intakes", "projects")
_ON_RIVERS = "sections"

#: Stated error of the packaged county lines, in metres: the middle one of their distance to precise lines.
BOUNDARY_ERROR = 214.0

#: Error that a river layer is taken to have unless its owner says otherwise, in metres.
RIVER_ERROR = 100.0


def check_everything(
    paths: Sequence[str | Path], *, year: int | None = None, sites: str | Path | None = None
) -> tuple[list[Problem], int]:
    """All problems of these files, folders and workspaces, and how many files were looked at.

    Beside what the gate finds: published classes that contradict their values, and in a workspace points outside the
    city, in another county than they say, on a border, or shifted as on a vendor's map, and a plan or ledger that
    cannot be used.
    """
    checked = files.check_paths(paths, year=year, sites=sites)
    problems = [problem for each in checked for problem in (*each.problems, *_class_problems(each))]
    for path in paths:
        if (Path(path) / "workspace.toml").is_file():
            problems.extend(_place_problems(Path(path)))
            problems.extend(_plan_problems(Path(path)))
    return problems, len(checked)


def _plan_problems(root: Path) -> list[Problem]:
    """Everything wrong with the plan files, their ledgers and their lists of units."""
    try:
        workspace = files.open_workspace(root)
    except SuizhouGeoError:
        # What cannot be opened has been told already.
        return []
    return [_plan_problem(code, error) for code, error in find_plan_mistakes(workspace)]


def _plan_problem(code: str, error: SuizhouGeoError) -> Problem:
    rule = files.check_rules()[code]
    place = error.where if isinstance(error.where, Place) else Place(str(error.where))
    expected = f"{error.what}：{error.why}" if error.why else error.what
    return Problem(
        code, rule.severity, place.file, place.sheet, place.row, place.column, "", expected, error.todo or rule.hint,
    )  # fmt: skip


def _class_problems(checked: files.Checked) -> list[Problem]:
    rows = checked.observations
    if rows is None or rows.empty or rows["platform_class"].isna().all():
        return []
    return [
        files.problem_by_rule(
            found.code, observations=rows, row=int(found.source_row), column="水质类别", value=found.published,
            expected=f"按数值为 {found.expected}",
        )
        for found in assess.find_contradictions(rows).itertuples()
    ]  # fmt: skip


def _place_problems(root: Path) -> list[Problem]:
    try:
        workspace = files.open_workspace(root)
        counties = files.read_workspace_counties(workspace)
        layers = {
            kind: files.read_layer(workspace, kind=kind) for kind in _POINT_LAYERS if kind in workspace.layers
        }
        rivers = files.read_layer(workspace, kind="rivers") if "rivers" in workspace.layers else None
    except SuizhouGeoError:
        # What cannot be read has been told already.
        return []
    problems = []
    for kind, points in layers.items():
        file = str(root / workspace.layers[kind].file)
        surveyed = _surveyed(points)
        found = spatial.find_place_problems(
            points, counties=counties, metric_crs=workspace.metric_crs, boundary_error=BOUNDARY_ERROR
        )
        problems += [_problem(row.code, file, str(row.site_id), row.expected) for row in found.itertuples()]
        if kind == _ON_RIVERS and rivers is not None and len(surveyed):
            problems += _datum_problem(surveyed, rivers, file=file, metric_crs=workspace.metric_crs)
    return problems


def _surveyed(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    # Approximate and synthetic points say so themselves: their distance to a river proves nothing.
    quality = points.get("location_quality", pd.Series("", index=points.index)).fillna("")
    return points[quality.isin(["", "surveyed", "published"])]


def _datum_problem(
    points: gpd.GeoDataFrame, rivers: gpd.GeoDataFrame, *, file: str, metric_crs: str
) -> list[Problem]:
    found = spatial.propose_datum(points, lines=rivers, metric_crs=metric_crs, line_error=RIVER_ERROR)
    if found.datum in {"CGCS2000", "无法判定"}:
        return []
    return [_problem("datum_suspected", file, found.datum, found.reason)]


def _problem(code: str, file: str, value: str, expected: str) -> Problem:
    rule = files.check_rules()[code]
    return Problem(
        code,
        rule.severity,
        file,
        "",
        None,
        "经度、纬度",
        value,
        f"{rule.title}：{expected}",
        f"{rule.reason}；{rule.hint}",
    )
