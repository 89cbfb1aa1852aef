"""Class, grade and verdict of every record of water, as the national platform gives them or as an assessment does."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.classes import (
    Bools,
    Classified,
    classify_rows,
    limiting_items,
    main_pollutants,
    round_items,
    worst_beyond_limits,
)
from suizhou_geo.assess.cubes import as_rows
from suizhou_geo.assess.records import (
    BELOW_DETECTION,
    NORMAL_STATES,
    Records,
    describe_lacking,
    numbers_of,
    read_records,
    substitute_censored,
    texts_of,
    unclassified_by_platform,
)
from suizhou_geo.conventions import CLASS_LABELS
from suizhou_geo.errors import InputError
from suizhou_geo.standards.rounding import Floats

if TYPE_CHECKING:
    import xarray as xr

MODES = ("assessment", "realtime")

#: Against which class the multiples are counted: that of the method (Ⅲ) or the section's own target.
REFERENCES = ("method", "target")

#: Columns of :func:`assess_records`.
RECORD_COLUMNS = (
    "source_row",
    "site_id",
    "site_name",
    "period",
    "class",
    "class_label",
    "grade",
    "main_pollutants",
    "exceedance",
    "limiting",
    "n",
    "verdict",
    "target_class",
    "standard",
    "clause",
    "water_body",
    "water_body_assumed",
    "platform_class",
    "class_as_river",
    "class_as_lake",
    "on_limit_class",
    "station_state",
    "note",
)

NO_VERDICT, ATTAINED, MISSED = "无法判定", "达标", "不达标"


def assess_records(
    observations: "pd.DataFrame | xr.Dataset",
    *,
    mode: str = "realtime",
    standard: str = "auto",
    below_detection: str = "half",
    reference: str = "method",
    water_body_default: str = "river",
) -> pd.DataFrame:
    """One row per record of the file, in its order, with class, verdict and clause; all records come back.

    Classes are those of GB 3838-2002 table 1 by the worst item (22号); a record is a row of a wide table, or the
    values of one site and time of a long one. In mode ``realtime`` values are classified as they are, and a record
    gets no class where the national platform gives none: an item of the five nominated ones is missing, or pH,
    oxygen, CODMn or ammonia is not monitored. In mode ``assessment`` values are first rounded (82号).

    Parameters
    ----------
    observations
        Tidy rows (``conventions.OBSERVATION_COLUMNS``) or a cube with dims ``(site, time)``, optionally with ``water_body``, ``target_class``,
        ``platform_class`` and ``station_state``. Without a target a section is held against class Ⅲ, and its note
        says so.
    mode
        ``"realtime"`` or ``"assessment"``.
    standard
        ``"auto"`` takes the edition in force on each record's date; otherwise the id of an edition.
    below_detection
        ``"half"`` (82号 item 7), ``"full"`` or ``"zero"`` of the detection limit.
    reference
        Exceedance multiples against class Ⅲ (``"method"``) or against the section's ``"target"``.
    water_body_default
        What is assumed, and flagged, where ``water_body`` is not given: ``"river"`` or ``"lake"``.

    Returns
    -------
    DataFrame
        ``source_row, site_id, site_name, period, class, class_label, grade, main_pollutants, exceedance, limiting,
        n, verdict, standard, clause, water_body, water_body_assumed, platform_class, class_as_river,
        class_as_lake, on_limit_class, station_state, note``.

    Raises
    ------
    InputError
        There is nothing to assess, a choice or a water body is unknown, or no edition was in force on a date.

    Examples
    --------
    >>> rows = pd.DataFrame({"site_id": "湖北省|厉山", "site_name": "厉山", "time": pd.Timestamp("2021-04-01 08:00"),
    ...     "indicator": ["ph", "do", "codmn", "nh3n", "tp"], "value": [7.19, 6.09, 5.76, 1.054, 0.332],
    ...     "censored": False, "qualifier": "", "source_row": 2})
    >>> assess_records(rows).loc[0, ["class_label", "limiting", "exceedance"]].tolist()
    ['Ⅴ', 'tp', '总磷(0.66)、氨氮(0.05)']

    A value on the limit passes; oxygen is missing here, so in real time there is no class:

    >>> rows = rows.assign(value=[7.19, float("nan"), 6.0, 1.0, 0.2], qualifier=["", "missing", "", "", ""])
    >>> assess_records(rows, mode="assessment").loc[0, ["class_label", "verdict"]].tolist()
    ['Ⅲ', '达标']
    >>> assess_records(rows, mode="realtime").loc[0, ["class_label", "verdict"]].tolist()
    ['', '无法判定']
    """
    check_choice(below_detection, tuple(BELOW_DETECTION), name="below_detection")
    records = read_records(as_rows(observations))
    blocked = (
        unclassified_by_platform(records) if mode == "realtime" else np.zeros(len(records.rows), dtype=bool)
    )
    choices = {
        "mode": mode,
        "standard": standard,
        "reference": reference,
        "water_body_default": water_body_default,
    }
    frames = {
        choice: classify_records(
            records, values=substitute_censored(records, below_detection=choice), blocked=blocked, **choices
        )
        for choice in (BELOW_DETECTION if records.censored.any() else (below_detection,))
    }
    return note_detection(frames, chosen=below_detection)


def classify_records(
    records: Records,
    *,
    values: Floats,
    blocked: Bools,
    mode: str,
    standard: str,
    reference: str,
    water_body_default: str,
) -> pd.DataFrame:
    """The result columns of these records, each under the editions of its date; ``blocked`` ones get no class."""
    check_choice(mode, MODES, name="mode")
    check_choice(reference, REFERENCES, name="reference")
    check_choice(water_body_default, standards.WATER_BODIES, name="water_body_default")
    editions = _editions_of(records.rows, standard=standard)
    notes = np.array(describe_lacking(records, blocked=blocked), dtype=object)
    rounds = mode == "assessment"
    parts = []
    for (water, method, rounding), group in editions.groupby(["water", "method", "rounding"], sort=False):
        at = group.index.to_numpy()
        edition, how = standards.find_edition(water), standards.find_edition(method)
        items = [item for item in standards.assessed_items(how, edition=edition) if item in records.items]
        part = values[np.ix_(at, [records.items.index(item) for item in items])]
        if rounds:
            part = round_items(part, items=items, edition=standards.find_edition(rounding))
        n = np.isfinite(part).sum(axis=1)
        body = _water_bodies(records.rows.iloc[at])
        is_lake = np.where(body == "", water_body_default, body) == "lake"
        part[blocked[at]] = np.nan
        found = classify_rows(part, items=items, is_lake=is_lake, edition=edition)
        described = _describe(records.rows.iloc[at], body=body, is_lake=is_lake)
        judged = _judge(found, records.rows.iloc[at], edition=edition, method=how, reference=reference)
        parts.append(pd.concat([described, judged], axis=1).assign(n=n, note=notes[at]))
    return _finish(pd.concat(parts).sort_index())


def note_detection(frames: dict[str, pd.DataFrame], *, chosen: str) -> pd.DataFrame:
    """The chosen frame, with a note on every row whose class depends on what stands in below detection."""
    frame = frames[chosen]
    classes = [other["class"].fillna(0).to_numpy() for other in frames.values()]
    decided = np.any([each != classes[0] for each in classes], axis=0)
    text = np.where(decided, "低于检出限的取值方式决定类别", "")
    return frame.assign(note=join_notes(frame["note"], text))


def join_notes(*notes: "pd.Series | npt.NDArray[np.str_] | list[str]") -> list[str]:
    """Several columns of notes as one, without the empty ones."""
    return ["；".join(filter(None, each)) for each in zip(*notes, strict=True)]


def check_choice(value: str, choices: tuple[str, ...], *, name: str) -> None:
    """Raise ``InputError`` unless ``value`` is one of the choices."""
    if value not in choices:
        raise InputError(f"{name} 不能是“{value}”", why=f"可选：{'、'.join(choices)}")


def _editions_of(rows: pd.DataFrame, *, standard: str) -> pd.DataFrame:
    dates = rows["time"]
    if standard == "auto":
        water = standards.editions_by_date("surface-water", dates=dates)
    else:
        edition = standards.find_edition(standard)
        if edition.family != "surface-water":
            raise InputError(
                f"{edition.number} 不是地表水环境质量标准",
                why=f"它属于 {edition.family}",
                todo="改用地表水标准的编号",
            )
        water = pd.Series(edition.id, index=rows.index)
    return pd.DataFrame(
        {
            "water": water,
            "method": standards.editions_by_date("surface-water-method", dates=dates, backdate=True),
            "rounding": standards.editions_by_date("surface-water-rounding", dates=dates, backdate=True),
        }
    )


def _water_bodies(rows: pd.DataFrame) -> npt.NDArray[np.object_]:
    body = texts_of(rows, "water_body")
    for value in sorted(set(body) - {""}):
        check_choice(value, standards.WATER_BODIES, name="water_body")
    return body


def _describe(rows: pd.DataFrame, *, body: npt.NDArray[np.object_], is_lake: Bools) -> pd.DataFrame:
    times = pd.to_datetime(rows["time"]).dt.strftime("%Y-%m-%d %H:%M")
    return pd.DataFrame(
        {
            "source_row": rows["source_row"],
            "site_id": rows["site_id"],
            "site_name": rows["site_name"],
            "period": times.where(times.notna(), texts_of(rows, "time_text")),
            "water_body": np.where(is_lake, "lake", "river"),
            "water_body_assumed": body == "",
            "platform_class": numbers_of(rows, "platform_class").astype("Int64"),
            "station_state": texts_of(rows, "station_state"),
        },
        index=rows.index,
    )


def _judge(
    found: Classified,
    rows: pd.DataFrame,
    *,
    edition: standards.Edition,
    method: standards.Edition,
    reference: str,
) -> pd.DataFrame:
    of_method = standards.method_number(method, name="reference_class")
    target = numbers_of(rows, "target_class")
    held = target.fillna(of_method).to_numpy().astype(np.int8)
    against = held if reference == "target" else np.full(len(rows), of_method, dtype=np.int8)
    names, multiples = main_pollutants(found, edition=edition, method=method, reference_class=against)
    grades = standards.read_table(method, name="grades").astype({"class": int}).set_index("class")["grade"]
    labels = {0: "", **CLASS_LABELS}
    worst = pd.Series(found.worst, index=rows.index)
    attained = np.where(found.worst <= held, ATTAINED, MISSED)
    return pd.DataFrame(
        {
            "class": worst.astype("Int64").mask(worst == 0),
            "class_label": worst.map(labels),
            "grade": worst.map(grades).fillna(""),
            "main_pollutants": names,
            "exceedance": multiples,
            "limiting": limiting_items(found),
            "verdict": np.where(found.worst == 0, NO_VERDICT, attained),
            "target_class": held,
            "target_assumed": target.isna(),
            "standard": edition.id,
            "clause": f"{edition.number} {edition.table('table1').clause}；{method.number} 单因子评价法",
            "class_as_river": found.as_river,
            "class_as_lake": found.as_lake,
            "on_limit_class": worst_beyond_limits(found, edition=edition),
        },
        index=rows.index,
    )


def _finish(frame: pd.DataFrame) -> pd.DataFrame:
    labels = frame["target_class"].map(CLASS_LABELS)
    assumed = np.where(frame["target_assumed"], "未给目标类别，按" + labels + "类判定", "")
    unusual = ~frame["station_state"].isin(NORMAL_STATES)
    state = np.where(unusual, "站点情况：" + frame["station_state"], "")
    return frame[list(RECORD_COLUMNS)].assign(note=join_notes(frame["note"], state, assumed))
