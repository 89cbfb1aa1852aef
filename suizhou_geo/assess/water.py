"""Class, grade and verdict of every record of water, as the national platform gives them or as an assessment does."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.classes import Bools, classify_rows, round_items
from suizhou_geo.assess.cubes import as_rows
from suizhou_geo.assess.records import (
    BELOW_DETECTION,
    Records,
    describe_lacking,
    read_records,
    substitute_censored,
    unclassified_by_platform,
)
from suizhou_geo.assess.scope import (
    ITEM_SETS,
    choose_items,
    describe_scope,
    empty_undecidable,
    leave_out_background,
)
from suizhou_geo.assess.verdicts import (
    ATTAINED,
    NO_VERDICT,
    check_choice,
    describe_rows,
    finish_rows,
    join_notes,
    judge_rows,
)
from suizhou_geo.errors import InputError
from suizhou_geo.standards.rounding import Floats

if TYPE_CHECKING:
    import xarray as xr

MODES = ("assessment", "realtime")

#: Against which class the multiples are counted: that of the method (Ⅲ) or the section's own target.
REFERENCES = ("method", "target")


def assess_records(
    observations: "pd.DataFrame | xr.Dataset",
    *,
    mode: str = "realtime",
    standard: str = "auto",
    below_detection: str = "half",
    reference: str = "method",
    water_body_default: str = "river",
    items: str = "21",
    extra_items: pd.DataFrame | None = None,
    background: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per record of the file, in its order, with class, verdict and clause; all records come back.

    Classes are those of GB 3838-2002 table 1 by the worst item (22号); a record is a row of a wide table, or the
    values of one site and time of a long one. In mode ``realtime`` values are classified as they are, and a record
    gets no class where the national platform gave none on its date: until 2021 when an item of the five nominated
    ones is missing, or pH, oxygen, CODMn or ammonia is not monitored. In mode ``assessment`` values are first
    rounded (82号).

    Parameters
    ----------
    observations
        Tidy rows (``conventions.OBSERVATION_COLUMNS``) or a cube with dims ``(site, time)``, optionally with
        ``water_body``, ``target_class``,
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
    items, extra_items
        ``"21"``, all items of the method, or ``"5+X"`` (714号) with the table of X (``site_id, indicator``); without
        it X is what the rows themselves exceed.
    background
        Section-and-item pairs approved as natural background (``site_id, indicator, authority, approved``); the
        class with these values stands beside in ``class_unadjusted``.

    Returns
    -------
    DataFrame
        ``source_row, site_id, site_name, period, class, class_label, grade, main_pollutants, exceedance, limiting,
        exceeding`` (items worse than class Ⅲ), ``failing`` (worse than the target), ``n, verdict, standard, clause, water_body, water_body_assumed, platform_class, class_as_river,
        class_as_lake, on_limit_class, station_state, note, class_unadjusted``.

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
    choices = {"mode": mode, "standard": standard, "water_body_default": water_body_default}

    def assess(rows: pd.DataFrame) -> pd.DataFrame:
        return _assess_rows(rows, below_detection=below_detection, reference=reference, **choices)

    return assess_in_scope(
        as_rows(observations),
        assess=assess,
        items=items,
        extra_items=extra_items,
        background=background,
        standard=standard,
        water_body_default=water_body_default,
    )


def assess_in_scope(
    rows: pd.DataFrame,
    *,
    assess: Callable[[pd.DataFrame], pd.DataFrame],
    items: str,
    extra_items: pd.DataFrame | None,
    background: pd.DataFrame | None,
    standard: str,
    water_body_default: str,
) -> pd.DataFrame:
    """What ``assess`` says of the values that take part, and the class with natural background beside it."""
    check_choice(items, ITEM_SETS, name="items")
    asked = choose_items(rows, items=items, extra_items=extra_items)
    asked = empty_undecidable(asked, standard=standard, water_body_default=water_body_default)
    scoped = leave_out_background(asked, background=background)
    frame = assess(scoped)
    unadjusted = frame["class"] if scoped is asked else assess(asked)["class"]
    scope = frame["site_id"].map(describe_scope(scoped, items=items))
    return frame.assign(class_unadjusted=unadjusted, note=join_notes(frame["note"], scope))


def _assess_rows(
    rows: pd.DataFrame,
    *,
    mode: str,
    standard: str,
    below_detection: str,
    reference: str,
    water_body_default: str,
) -> pd.DataFrame:
    records = read_records(rows)
    blocked = (
        unclassified_by_platform(records) if mode == "realtime" else np.zeros(len(records.rows), dtype=bool)
    )
    frames = {
        choice: classify_records(
            records,
            values=substitute_censored(records, below_detection=choice),
            blocked=blocked,
            mode=mode,
            standard=standard,
            reference=reference,
            water_body_default=water_body_default,
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
    editions = _editions_of(records.rows, standard=standard)
    described = describe_rows(records.rows, water_body_default=water_body_default)
    described["note"] = describe_lacking(records, blocked=blocked)
    judged = [
        _classify_group(
            records,
            values=values[group.index],
            rows=described.loc[group.index],
            blocked=blocked[group.index],
            editions=tuple(map(standards.find_edition, ids)),
            rounds=mode == "assessment",
            reference=reference,
        )
        for ids, group in editions.groupby(["water", "method", "rounding"], sort=False)
    ]
    return finish_rows(pd.concat([described, pd.concat(judged).sort_index()], axis=1))


def note_detection(frames: dict[str, pd.DataFrame], *, chosen: str) -> pd.DataFrame:
    """The chosen frame, with a note on every row whose class depends on what stands in below detection."""
    frame = frames[chosen]
    classes = [other["class"].fillna(0).to_numpy() for other in frames.values()]
    decided = np.any([each != classes[0] for each in classes], axis=0)
    text = np.where(decided, "低于检出限的取值方式决定类别", "")
    return frame.assign(note=join_notes(frame["note"], text))


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


def _classify_group(
    records: Records,
    *,
    values: Floats,
    rows: pd.DataFrame,
    blocked: Bools,
    editions: tuple[standards.Edition, ...],
    rounds: bool,
    reference: str,
) -> pd.DataFrame:
    # Rows of one group share their editions of limits, method and rounding.
    water, method, rounding = editions
    items = [item for item in standards.assessed_items(method, edition=water) if item in records.items]
    chosen = values[:, [records.items.index(item) for item in items]]
    rounded = round_items(chosen, items=items, edition=rounding) if rounds else chosen
    used = np.where(blocked[:, None], np.nan, rounded)
    is_lake = (rows["water_body"] == "lake").to_numpy(dtype=bool)
    found = classify_rows(used, items=items, is_lake=is_lake, edition=water)
    judged = judge_rows(found, rows, edition=water, method=method, reference=reference)
    # An item that nobody can judge leaves a miss of the others standing, and nothing else.
    open_end = records.undecidable[rows.index] & (judged["verdict"] == ATTAINED)
    return judged.assign(
        n=np.isfinite(rounded).sum(axis=1), verdict=judged["verdict"].mask(open_end, NO_VERDICT)
    )
