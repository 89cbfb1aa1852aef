"""Every row of a monitoring file with its class, as the national platform gives it or as an assessment does."""

from dataclasses import dataclass

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
)
from suizhou_geo.conventions import MISSING_QUALIFIERS, class_label, indicators
from suizhou_geo.errors import InputError
from suizhou_geo.standards.rounding import Floats

MODES = ("realtime", "assessment")

#: What stands in for a value below the detection limit, as a part of that limit.
BELOW_DETECTION = {"half": 0.5, "full": 1.0, "zero": 0.0}

#: States in which a station repeats old values or has none.
STATIONS_OFF = ("停站", "不具备运行条件")

#: The class of a section without a target of its own is held against Ⅲ.
DEFAULT_TARGET_CLASS = 3


@dataclass(frozen=True)
class Records:
    """Rows to be classified: ``rows`` describes them, the arrays have shape (row, item)."""

    rows: pd.DataFrame
    items: tuple[str, ...]
    values: Floats
    censored: Bools
    missing: Bools
    not_monitored: Bools


def assess_records(
    observations: pd.DataFrame,
    *,
    mode: str = "realtime",
    standard: str = "auto",
    below_detection: str = "half",
) -> pd.DataFrame:
    """One row per record of the file, in its order, with class, verdict and clause; all records come back.

    Classes are those of GB 3838-2002 table 1 by the worst item (22号); a record is a row of a wide table, or the
    values of one site and time of a long one. In mode ``realtime`` values are classified as they are, and a record
    gets no class where the national platform gives none (:func:`unclassified_by_platform`). In mode ``assessment`` values are first rounded (82号).

    Parameters
    ----------
    observations
        Tidy rows (``conventions.OBSERVATION_COLUMNS``), optionally with ``water_body``, ``target_class``,
        ``platform_class`` and ``station_state``. Water body ``river`` is assumed, and flagged, where none is given.
    mode
        ``"realtime"`` or ``"assessment"``.
    standard
        ``"auto"`` takes the edition in force on each record's date; otherwise the id of an edition.
    below_detection
        ``"half"`` (82号 item 7), ``"full"`` or ``"zero"`` of the detection limit.

    Returns
    -------
    DataFrame
        ``source_row, site_id, site_name, period, class, class_label, grade, main_pollutants, exceedance, limiting,
        n, verdict, standard, clause, water_body, water_body_assumed, platform_class, class_as_river,
        class_as_lake, on_limit_class, station_state, note``.

    Examples
    --------
    >>> rows = pd.DataFrame({"site_id": "湖北省|厉山", "site_name": "厉山", "time": pd.Timestamp("2021-04-01 08:00"),
    ...     "indicator": ["ph", "do", "codmn", "nh3n", "tp"], "value": [7.19, 6.09, 5.76, 1.054, 0.332],
    ...     "censored": False, "qualifier": "", "source_row": 2})
    >>> assess_records(rows).loc[0, ["class_label", "limiting", "exceedance"]].tolist()
    ['Ⅴ', 'tp', '总磷(0.66)、氨氮(0.05)']
    """
    _check_choice(mode, MODES, name="mode")
    _check_choice(below_detection, tuple(BELOW_DETECTION), name="below_detection")
    records = pivot_records(observations)
    values = substitute_censored(records, below_detection=below_detection)
    blocked = (
        unclassified_by_platform(records) if mode == "realtime" else np.zeros(len(records.rows), dtype=bool)
    )
    frame = classify_frame(records, values=values, blocked=blocked, mode=mode, standard=standard)
    return _with_detection_note(frame, records, mode=mode, standard=standard, blocked=blocked)


def pivot_records(observations: pd.DataFrame) -> Records:
    """The records of tidy rows, in the order of the file, as arrays of shape (record, assessed item)."""
    if observations.empty:
        raise InputError("没有可评价的数据", why="文件中没有任何监测值", todo="检查文件是否为空")
    days = pd.to_datetime(observations["time"]).dropna()
    known = standards.assessed_items(days.min().date() if len(days) else pd.Timestamp("2011-03-09").date())
    present = set(observations["indicator"].unique())
    items = tuple(item for item in known if item in present)
    if not items:
        raise InputError(
            "没有可用于评价类别的项目",
            why=f"文件中的项目：{'、'.join(sorted(present))}",
            todo=f"至少需要其中之一：{'、'.join(indicators()[item].name for item in known)}",
        )
    codes, first = _record_codes(observations)
    rows = observations.iloc[first].reset_index(drop=True)
    shape = (len(rows), len(items))
    column = observations["indicator"].map({item: index for index, item in enumerate(items)})
    used = column.notna().to_numpy()
    at = (codes[used], column[used].astype(int).to_numpy())
    values, censored = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    values[at] = observations["value"].to_numpy(dtype=float)[used]
    censored[at] = observations["censored"].fillna(False).to_numpy(dtype=bool)[used]
    qualifier = observations["qualifier"].fillna("").astype(str).to_numpy()[used]
    marks = {name: np.zeros(shape, dtype=bool) for name in MISSING_QUALIFIERS}
    for name, mark in marks.items():
        mark[at] = qualifier == name
    return Records(rows, items, values, censored, marks["missing"], marks["not_monitored"])


def substitute_censored(records: Records, *, below_detection: str) -> Floats:
    """Values with the chosen part of the detection limit where they are below it."""
    return np.where(records.censored, records.values * BELOW_DETECTION[below_detection], records.values)


def unclassified_by_platform(records: Records) -> Bools:
    """Records that the national platform leaves without a class.

    In the form of 2020–2021, which tells the state of a station, a record of a station that is off has none, nor has
    one of a station that is not in normal state and lacks a nominated item (39 136 published records). Otherwise,
    and in the form of 2026, which tells no state, a record is classified from what it has.
    """
    method = standards.edition_in_force("surface-water-method", on=pd.Timestamp("2100-01-01").date())
    role = standards.read_table(method, name="items").set_index("indicator")["realtime"]
    nominated = np.array([role[item] != "" for item in records.items])
    required = np.array([role[item] == "required" for item in records.items])
    state = _text(records.rows, "station_state")
    lacking = (records.missing & nominated).any(axis=1) | (records.not_monitored & required).any(axis=1)
    blocked: Bools = np.isin(state, STATIONS_OFF) | (lacking & ~np.isin(state, ("", "正常")))
    return blocked


def classify_frame(
    records: Records, *, values: Floats, blocked: Bools, mode: str, standard: str
) -> pd.DataFrame:
    """The result columns of these records, each under the edition of its date."""
    rows = records.rows
    if standard == "auto":
        editions = standards.editions_by_date("surface-water", dates=rows["time"])
    else:
        editions = pd.Series(standards.find_edition(standard).id, index=rows.index)
    rounded = round_items(values, items=records.items) if mode == "assessment" else values
    parts = [
        _classify_part(records, rounded, blocked, np.flatnonzero(editions == edition_id), edition_id)
        for edition_id in editions.unique()
    ]
    return pd.concat(parts).sort_index()


def _classify_part(
    records: Records, values: Floats, blocked: Bools, where: npt.NDArray[np.intp], edition_id: str
) -> pd.DataFrame:
    edition = standards.find_edition(edition_id)
    method = standards.edition_in_force("surface-water-method", on=pd.Timestamp("2100-01-01").date())
    rows = records.rows.iloc[where]
    body = _text(rows, "water_body")
    values = np.where(blocked[where, None], np.nan, values[where])
    found = classify_rows(values, items=records.items, is_lake=body == "lake", edition=edition)
    reference = np.full(len(rows), DEFAULT_TARGET_CLASS, dtype=np.int8)
    names, multiples = main_pollutants(found, edition=edition, method=method, reference_class=reference)
    worst = pd.Series(found.worst, index=rows.index).astype("Int64").mask(found.worst == 0)
    target = _numbers(rows, "target_class").fillna(DEFAULT_TARGET_CLASS)
    grades = standards.read_table(method, name="grades").set_index("class")["grade"]
    return pd.DataFrame(
        {
            "source_row": rows["source_row"],
            "site_id": rows["site_id"],
            "site_name": rows["site_name"],
            "period": _period(rows),
            "class": worst,
            "class_label": [class_label(value) for value in worst.astype("float64")],
            "grade": worst.astype("string").map(grades).fillna(""),
            "main_pollutants": names,
            "exceedance": multiples,
            "limiting": limiting_items(found),
            "n": np.isfinite(values).sum(axis=1),
            "verdict": _verdict(worst, target),
            "standard": edition.id,
            "clause": f"{edition.number} {edition.table('table1').clause}；{method.number} 单因子评价法",
            "water_body": np.where(body == "", "river", body),
            "water_body_assumed": body == "",
            "platform_class": _numbers(rows, "platform_class").astype("Int64"),
            "class_as_river": _worst(found, edition, is_lake=False),
            "class_as_lake": _worst(found, edition, is_lake=True),
            "on_limit_class": _worst_beyond_limit(found, edition),
            "station_state": _text(rows, "station_state"),
            "note": _notes(records, where, blocked[where]),
        }
    )


def _worst(found: Classified, edition: standards.Edition, *, is_lake: bool) -> npt.NDArray[np.int8]:
    lakes = np.full(len(found.worst), is_lake)
    return classify_rows(found.values, items=found.items, is_lake=lakes, edition=edition).worst


def _worst_beyond_limit(found: Classified, edition: standards.Edition) -> npt.NDArray[np.int8]:
    # The class if every value that stands exactly on a limit were a hair beyond it: displayed values hide decimals.
    hair = 1e-9
    beyond = [
        classify_rows(found.values * factor, items=found.items, is_lake=found.is_lake, edition=edition).worst
        for factor in (1 - hair, 1 + hair)
    ]
    return np.maximum(*beyond)


def _record_codes(observations: pd.DataFrame) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    # A long table has one value per row: its records are the values of one site and time. In a wide table every
    # row is a record of its own, duplicates included.
    rows = observations["source_row"]
    if rows.is_unique:
        when = observations["time_text"] if "time_text" in observations.columns else observations["time"]
        keys = pd.MultiIndex.from_arrays([observations["site_id"], when.astype(str)])
        codes, _ = pd.factorize(keys)
    else:
        codes, _ = pd.factorize(rows)
    _, first = np.unique(codes, return_index=True)
    return codes, first


def _notes(records: Records, where: npt.NDArray[np.intp], blocked: Bools) -> list[str]:
    lacking = records.missing[where] | records.not_monitored[where]
    state = _text(records.rows.iloc[where], "station_state")
    notes = [""] * len(where)
    for row in np.flatnonzero(lacking.any(axis=1) | blocked):
        names = "、".join(
            indicators()[records.items[column]].name
            + ("未监测" if records.not_monitored[where[row], column] else "缺测")
            for column in np.flatnonzero(lacking[row])
        )
        reason = f"（站点{state[row]}）" if state[row] not in {"", "正常"} else ""
        notes[row] = (
            f"{names}，平台规则不评价类别{reason}" if blocked[row] else f"缺项：{names}，按其余项目评价"
        )
    return notes


def _with_detection_note(
    frame: pd.DataFrame, records: Records, *, mode: str, standard: str, blocked: Bools
) -> pd.DataFrame:
    if not records.censored.any():
        return frame
    classes = [
        classify_frame(
            records,
            values=substitute_censored(records, below_detection=choice),
            blocked=blocked,
            mode=mode,
            standard=standard,
        )["class"].fillna(0)
        for choice in BELOW_DETECTION
    ]
    decided = (classes[0] != classes[1]) | (classes[0] != classes[2])
    text = np.where(decided, "低于检出限的取值方式决定类别", "")
    joined = [";".join(filter(None, pair)) for pair in zip(frame["note"], text, strict=True)]
    return frame.assign(note=joined)


def _verdict(worst: pd.Series, target: pd.Series) -> npt.NDArray[np.str_]:
    attained = (worst <= target).fillna(False).to_numpy(dtype=bool)
    return np.where(worst.isna(), "无法判定", np.where(attained, "达标", "不达标"))


def _period(rows: pd.DataFrame) -> pd.Series:
    texts = pd.to_datetime(rows["time"]).dt.strftime("%Y-%m-%d %H:%M")
    return texts.where(texts.notna(), rows["time_text"] if "time_text" in rows.columns else "").fillna("")


def _text(rows: pd.DataFrame, column: str) -> npt.NDArray[np.object_]:
    if column not in rows.columns:
        return np.full(len(rows), "", dtype=object)
    return rows[column].fillna("").astype(str).to_numpy(dtype=object)


def _numbers(rows: pd.DataFrame, column: str) -> pd.Series:
    if column not in rows.columns:
        return pd.Series(np.nan, index=rows.index)
    return pd.to_numeric(rows[column], errors="coerce").astype("float64")


def _check_choice(value: str, choices: tuple[str, ...], *, name: str) -> None:
    if value not in choices:
        raise InputError(f"{name} 不能是“{value}”", why=f"可选：{'、'.join(choices)}")
