"""The columns of an assessment: who and when, what class, what decided it, and the verdict."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.classes import (
    Classified,
    exceeding_items,
    limiting_items,
    main_pollutants,
    worst_beyond_limits,
)
from suizhou_geo.assess.records import NORMAL_STATES, numbers_of, texts_of
from suizhou_geo.conventions import CLASS_LABELS
from suizhou_geo.errors import InputError

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
    "exceeding",
    "failing",
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


def _water_bodies(rows: pd.DataFrame) -> npt.NDArray[np.object_]:
    body = texts_of(rows, "water_body")
    for value in sorted(set(body) - {""}):
        check_choice(value, standards.WATER_BODIES, name="water_body")
    return body


def describe_rows(rows: pd.DataFrame, *, water_body_default: str) -> pd.DataFrame:
    """Who, when, in what water and with what target: the columns that do not depend on the class."""
    check_choice(water_body_default, standards.WATER_BODIES, name="water_body_default")
    body = _water_bodies(rows)
    times = pd.to_datetime(rows["time"]).dt.strftime("%Y-%m-%d %H:%M")
    return pd.DataFrame(
        {
            "source_row": rows["source_row"],
            "site_id": rows["site_id"],
            "site_name": rows["site_name"],
            "period": times.where(times.notna(), texts_of(rows, "time_text")),
            "water_body": np.where(body == "", water_body_default, body),
            "water_body_assumed": body == "",
            "platform_class": numbers_of(rows, "platform_class").astype("Int64"),
            "station_state": texts_of(rows, "station_state"),
            "target_class": numbers_of(rows, "target_class"),
        },
        index=rows.index,
    )


def judge_rows(
    found: Classified,
    rows: pd.DataFrame,
    *,
    edition: standards.Edition,
    method: standards.Edition,
    reference: str,
) -> pd.DataFrame:
    """Class, grade, what decided it and the verdict of rows that share their editions."""
    of_method = standards.method_number(method, name="reference_class")
    target = rows["target_class"]
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
            "exceeding": exceeding_items(found, reference_class=of_method),
            "failing": exceeding_items(found, reference_class=held),
            "verdict": np.where(found.worst == 0, NO_VERDICT, attained),
            "held_against": held,
            "standard": edition.id,
            "clause": f"{edition.number} {edition.table('table1').clause}；{method.number} 单因子评价法",
            "class_as_river": found.as_river,
            "class_as_lake": found.as_lake,
            "on_limit_class": worst_beyond_limits(found, edition=edition),
        },
        index=rows.index,
    )


def finish_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of :func:`assess_records`, in order, with the notes on the station and on an assumed target."""
    held = frame["held_against"]
    assumed = np.where(
        frame["target_class"].isna(), "未给目标类别，按" + held.map(CLASS_LABELS) + "类判定", ""
    )
    unusual = ~frame["station_state"].isin(NORMAL_STATES)
    state = np.where(unusual, "站点情况：" + frame["station_state"], "")
    notes = join_notes(frame["note"], state, assumed)
    return frame.assign(target_class=held, note=notes)[list(RECORD_COLUMNS)]


def join_notes(*notes: "pd.Series | npt.NDArray[np.str_] | list[str]") -> list[str]:
    """Several columns of notes as one, without the empty ones."""
    return ["；".join(filter(None, each)) for each in zip(*notes, strict=True)]


def check_choice(value: str, choices: tuple[str, ...], *, name: str) -> None:
    """Raise ``InputError`` unless ``value`` is one of the choices."""
    if value not in choices:
        raise InputError(f"{name} 不能是“{value}”", why=f"可选：{'、'.join(choices)}")
