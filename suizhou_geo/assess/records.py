"""The records of a monitoring file as arrays, and what each of them lacks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.classes import Bools
from suizhou_geo.assess.cubes import IMPOSSIBLE
from suizhou_geo.conventions import MISSING_QUALIFIERS, indicators
from suizhou_geo.errors import InputError
from suizhou_geo.standards.rounding import Floats

#: What stands in for a value below the detection limit, as a part of that limit.
BELOW_DETECTION = {"half": 0.5, "full": 1.0, "zero": 0.0}

#: Why a record has no value of an item: the codes of ``Records.lacking``.
_LACKS = {
    1: MISSING_QUALIFIERS["missing"],
    2: MISSING_QUALIFIERS["not_monitored"],
    3: "未检出但无检出限",
    4: "无数据",
    5: "检出限高于所对照的限值",
    6: "经批准按自然本底不参评",
    7: "值为负或无穷大，不是浓度",
}
_CODES = {"missing": 1, "not_monitored": 2, "nd": 3, "limit_above": 5, "background": 6, IMPOSSIBLE: 7}
_NO_DATA, _UNDECIDABLE = 4, 5

#: States of a station in which nothing is to be explained.
NORMAL_STATES = frozenset({"", "正常"})

#: Family and word of the platform's practice.
_PRACTICE, _NO_CLASS = "surface-water-realtime", "no_class"


@dataclass(frozen=True)
class Records:
    """Rows to be classified: ``rows`` describes them, the arrays have shape (row, item).

    ``lacking`` is 0 where there is a value, else 1 missing, 2 not monitored, 3 not detected without a limit,
    4 not in the file, 5 below a detection limit that is above the limit, 6 let off as natural background, 7 negative or
    infinite.
    """

    rows: pd.DataFrame
    items: tuple[str, ...]
    values: Floats
    censored: Bools
    lacking: npt.NDArray[np.int8]

    @property
    def undecidable(self) -> Bools:
        """Records with an item of which nobody can say whether it attains its limit."""
        found: Bools = (self.lacking == _UNDECIDABLE).any(axis=1)
        return found


def read_records(observations: pd.DataFrame) -> Records:
    """The records of tidy rows, in the order of the file, as arrays of shape (record, assessed item).

    A record is a row of a wide table, or the values of one site and time of a long one; duplicates stay.
    """
    items = find_items(observations)
    codes, first = _record_codes(observations)
    rows = observations.iloc[first].reset_index(drop=True)
    shape = (len(rows), len(items))
    column = observations["indicator"].map({item: index for index, item in enumerate(items)})
    used = column.notna().to_numpy()
    at = (codes[used], column[used].astype(int).to_numpy())
    values, censored = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    values[at] = observations["value"].to_numpy(dtype=float)[used]
    censored[at] = observations["censored"].fillna(False).to_numpy(dtype=bool)[used]
    lacking = np.full(shape, _NO_DATA, dtype=np.int8)
    lacking[at] = codes_of_qualifiers(observations["qualifier"]).to_numpy()[used]
    lacking[np.isfinite(values)] = 0
    return Records(rows, items, values, censored, lacking)


def codes_of_qualifiers(qualifiers: pd.Series) -> pd.Series:
    """The codes of ``Records.lacking`` for the qualifiers of rows without a value."""
    return qualifiers.map(_CODES).fillna(_NO_DATA).astype(np.int8)


def find_items(observations: pd.DataFrame) -> tuple[str, ...]:
    """The indicators of these observations that can decide a class, in table order.

    Raises ``InputError`` when there is none.
    """
    if observations.empty:
        raise InputError("没有可评价的数据", why="文件中没有任何监测值", todo="检查文件是否为空")
    ids = standards.editions_by_date(
        "surface-water-method", dates=observations["time"], backdate=True
    ).unique()
    tables = [standards.read_table(standards.find_edition(each), name="items") for each in ids]
    known = list(dict.fromkeys(item for table in tables for item in table["indicator"]))
    present = set(observations["indicator"].unique())
    items = tuple(item for item in known if item in present)
    if not items:
        raise InputError(
            "没有可用于评价类别的项目",
            why=f"文件中的项目：{'、'.join(sorted(present))}",
            todo=f"至少需要其中之一：{'、'.join(indicators()[item].name for item in known)}",
        )
    return items


def substitute_censored(records: Records, *, below_detection: str) -> Floats:
    """Values with the chosen part of the detection limit where they are below it (82号 item 7: half)."""
    return np.where(records.censored, records.values * BELOW_DETECTION[below_detection], records.values)


def unclassified_by_platform(records: Records) -> Bools:
    """Records that the national platform leaves without a class, by its practice on the date of each record.

    Until 2021 it gave none when one of five nominated items was missing, or one but phosphorus not monitored, and
    none to stopped stations; in 2026 it classifies what is there.
    """
    blocked = np.zeros(len(records.rows), dtype=bool)
    states = texts_of(records.rows, "station_state")
    practices = _practices_of(records.rows, states)
    for edition_id in practices.unique():
        practice = standards.find_edition(edition_id)
        rules = standards.read_table(practice, name="items").set_index("indicator")
        stopping = standards.read_table(practice, name="states").set_index("state")["effect"] == _NO_CLASS
        found = np.isin(states, stopping.index[stopping])
        for qualifier in MISSING_QUALIFIERS:
            stops = np.array([rules[qualifier].get(item, "") == _NO_CLASS for item in records.items])
            found |= ((records.lacking == _CODES[qualifier]) & stops).any(axis=1)
        blocked |= found & (practices == edition_id).to_numpy()
    return blocked


def describe_lacking(records: Records, *, blocked: Bools) -> list[str]:
    """For every record which items have no value and why, and what that does to the class.

    Of items that are not in the file at all only the nominated ones are named.
    """
    practice = standards.newest_edition(_PRACTICE)
    nominated = standards.read_table(practice, name="items")["indicator"].tolist()
    absent = [item for item in nominated if item not in records.items]
    items = [*records.items, *absent]
    lacking = np.column_stack(
        [records.lacking, np.full((len(records.rows), len(absent)), _NO_DATA, dtype=np.int8)]
    )
    unnamed = np.array([item not in nominated for item in items])
    lacking[(lacking == _NO_DATA) & unnamed] = 0
    # Few distinct combinations occur: each is written once.
    patterns, inverse = np.unique(np.column_stack([lacking, blocked]), axis=0, return_inverse=True)
    texts = [_describe_pattern(pattern[:-1], items, blocked=bool(pattern[-1])) for pattern in patterns]
    return [texts[index] for index in inverse.ravel()]


def texts_of(rows: pd.DataFrame, column: str) -> npt.NDArray[np.object_]:
    """A column as text, empty where it or its value is absent."""
    if column not in rows.columns:
        return np.full(len(rows), "", dtype=object)
    filled = rows[column].astype(object).where(rows[column].notna(), "")
    texts: npt.NDArray[np.object_] = filled.astype(str).to_numpy(dtype=object)
    return texts


def numbers_of(rows: pd.DataFrame, column: str) -> pd.Series:
    """A column as numbers, NaN where it or its value is absent."""
    if column not in rows.columns:
        return pd.Series(np.nan, index=rows.index)
    return pd.to_numeric(rows[column], errors="coerce").astype("float64")


def _describe_pattern(lacking: npt.NDArray[np.int8], items: list[str], *, blocked: bool) -> str:
    parts = []
    for code, reason in _LACKS.items():
        names = "、".join(indicators()[items[column]].name for column in np.flatnonzero(lacking == code))
        if names:
            parts.append(f"{names}{reason}")
    if blocked:
        return "，".join([*parts, "平台规则不评价类别"])
    return f"缺项：{'，'.join(parts)}" if parts else ""


def _record_codes(observations: pd.DataFrame) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    # A long table has one value per row: its records are the values of one site and time, and a second value of
    # the same item opens a second record. In a wide table every row is a record, duplicates included.
    rows = observations["source_row"]
    if rows.is_unique:
        when = observations["time_text"] if "time_text" in observations.columns else observations["time"]
        keys = pd.DataFrame({"site": observations["site_id"], "when": when.astype(str)})
        keys["copy"] = (
            keys.assign(item=observations["indicator"]).groupby(["site", "when", "item"]).cumcount()
        )
        codes, _ = pd.factorize(pd.MultiIndex.from_frame(keys))
    else:
        codes, _ = pd.factorize(rows)
    _, first = np.unique(codes, return_index=True)
    return codes, first


def _practices_of(rows: pd.DataFrame, states: npt.NDArray[np.object_]) -> pd.Series:
    # Rows without a year that carry a station state have the form of 2020 and 2021; later forms have none.
    first = standards.editions_of(_PRACTICE)[0].effective_from
    dates = rows["time"].mask(rows["time"].isna() & (states != ""), pd.Timestamp(first))
    return standards.editions_by_date(_PRACTICE, dates=dates, backdate=True)
