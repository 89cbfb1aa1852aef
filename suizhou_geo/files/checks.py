"""What is odd in observations that could be read: each oddity by a rule with code, severity, reason and hint.

Nothing is corrected here, and nothing is left out: an analyst decides.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.conventions import indicators
from suizhou_geo.errors import Problem

#: How many equal values in a row a sensor gives before it looks frozen, and at most how far they lie apart.
_FROZEN_RUN, _FROZEN_STEP = 18, pd.Timedelta("6h")

#: How many times its neighbours a spike is.
_SPIKE_FACTOR = 20.0

#: Oxygen above this many times its saturation is a bloom that nobody has seen, or a broken probe.
_SATURATIONS = 2.5

#: A column of so many chemical oxygen demands with a median below this (mg/L) looks like permanganate indices.
_COD_VALUES, _COD_MEDIAN = 12, 10.0

#: Numbers that files write where nothing was measured; a concentration may be one of them, so they are only told.
_LIKE_SENTINELS = (99.0, 999.0, 999.9, 9999.0, 9999.9, 99999.0)

#: Parts may exceed their whole by this share, as each has its own error.
_PART_TOLERANCE = 1.1

#: Pairs of a part and its whole: code, the item that is too large, the item that contains it.
_PARTS = (
    ("ammonia_above_nitrogen", "nh3n", "tn"),
    ("bod_above_cod", "bod5", "cod"),
    ("codmn_above_cod", "codmn", "cod"),
)


@dataclass(frozen=True)
class Rule:
    """A rule of the gate, from ``check_rules.csv``."""

    code: str
    severity: str
    title: str
    reason: str
    hint: str


@cache
def check_rules() -> dict[str, Rule]:
    """The rules by code.

    >>> check_rules()["ammonia_above_nitrogen"].severity
    'warning'
    """
    text = package_files("suizhou_geo.files").joinpath("check_rules.csv").read_text(encoding="utf-8")
    return {row["code"]: Rule(**row) for row in csv.DictReader(text.splitlines())}


def find_problems(tidy: pd.DataFrame, *, medium: str = "") -> list[Problem]:
    """Every oddity of tidy observations as read by ``read_observations``, in the order of the file.

    Of ``soil`` only repetitions and marks of missing values are looked for: the other rules are those of water and air.

    >>> rows = pd.DataFrame({"site_id": "A", "site_name": "A", "time": pd.Timestamp("2021-01-01"),
    ...     "indicator": ["nh3n", "tn", "ph"], "value": [3.0, 1.0, 70.0], "censored": False, "source_row": 2})
    >>> [(problem.code, problem.value) for problem in find_problems(rows)]
    [('ammonia_above_nitrogen', '3'), ('out_of_range', '70')]
    """
    known = tidy[tidy["value"].notna()]
    checks = (_check_sentinels, _check_duplicates) if medium == "soil" else _CHECKS
    found = [oddity for check in checks for oddity in check(known)] if len(known) else []
    found.sort(key=lambda oddity: (known.at[oddity.row, "source_row"], oddity.code))
    headers = tidy.attrs.get("headers", {})
    swapped = [_swapped(tidy)] if tidy.attrs.get("swapped_ozone") else []
    return [*swapped, *(_problem(oddity, known, tidy, headers) for oddity in found)]


def _swapped(tidy: pd.DataFrame) -> Problem:
    rule = check_rules()["swapped_ozone"]
    file, sheet = str(tidy.attrs.get("file", "")), str(tidy.attrs.get("sheet", ""))
    return Problem(
        rule.code, rule.severity, file, sheet, None, "o3", "", rule.title, f"{rule.reason}；{rule.hint}"
    )


@dataclass(frozen=True)
class _Oddity:
    row: int
    code: str
    expected: str


def _problem(oddity: _Oddity, known: pd.DataFrame, tidy: pd.DataFrame, headers: dict[str, str]) -> Problem:
    rule, row = check_rules()[oddity.code], known.loc[oddity.row]
    item = row["indicator"]
    name = indicators()[item].name if item in indicators() else item
    return Problem(
        code=rule.code,
        severity=rule.severity,
        file=str(tidy.attrs.get("file", "")),
        sheet=str(tidy.attrs.get("sheet", "")),
        row=int(row["source_row"]),
        column=headers.get(item, name),
        value=f"{row['value']:g}",
        expected=f"{rule.title}：{oddity.expected}" if oddity.expected else rule.title,
        hint=f"{rule.reason}；{rule.hint}",
    )


def _check_ranges(known: pd.DataFrame) -> Iterator[_Oddity]:
    ranges = _ranges().reindex(known["indicator"])
    low, high = ranges["low"].to_numpy(), ranges["high"].to_numpy()
    value = known["value"].to_numpy()
    for place in np.flatnonzero((value < low) | (value > high)):
        yield _Oddity(known.index[place], "out_of_range", f"应在 {low[place]:g}–{high[place]:g} 之间")


def _check_sentinels(known: pd.DataFrame) -> Iterator[_Oddity]:
    middle = known.groupby("indicator")["value"].transform("median")
    like = known["value"].isin(_LIKE_SENTINELS) & (known["value"] > _SPIKE_FACTOR * middle)
    for row in known.index[like]:
        yield _Oddity(row, "sentinel_like", f"该项中位数为 {middle[row]:g}")


def _check_parts(known: pd.DataFrame) -> Iterator[_Oddity]:
    measured = known[~known["censored"].astype(bool)]
    keys = ["site_id", "time", "source_row"] if _is_wide(known) else ["site_id", "time"]
    for code, part, whole in _PARTS:
        parts = measured[measured["indicator"] == part]
        wholes = measured[measured["indicator"] == whole].drop_duplicates(keys).set_index(keys)["value"]
        limit = pd.MultiIndex.from_frame(parts[keys]).map(wholes.to_dict()).to_numpy(dtype=float)
        for place in np.flatnonzero(parts["value"].to_numpy() > limit * _PART_TOLERANCE):
            yield _Oddity(parts.index[place], code, f"{indicators()[whole].name} 为 {limit[place]:g}")


def _check_cod(known: pd.DataFrame) -> Iterator[_Oddity]:
    cod = known[(known["indicator"] == "cod") & ~known["censored"].astype(bool)]
    if len(cod) >= _COD_VALUES and cod["value"].median() < _COD_MEDIAN:
        yield _Oddity(
            cod.index[0], "cod_like_codmn", f"{len(cod)} 个值的中位数为 {cod['value'].median():g} mg/L"
        )


def _check_oxygen(known: pd.DataFrame) -> Iterator[_Oddity]:
    oxygen = known[known["indicator"] == "do"]
    keys = ["site_id", "time", "source_row"] if _is_wide(known) else ["site_id", "time"]
    warmth = known[known["indicator"] == "temp"].drop_duplicates(keys).set_index(keys)["value"]
    at = pd.MultiIndex.from_frame(oxygen[keys]).map(warmth.to_dict()).to_numpy(dtype=float)
    # HJ 2.3-2018: saturation 468/(31.6 + T); without a temperature that of ice-cold water, the highest.
    saturation = 468 / (31.6 + np.where(np.isnan(at), 0.0, at))
    for place in np.flatnonzero(oxygen["value"].to_numpy() > _SATURATIONS * saturation):
        yield _Oddity(
            oxygen.index[place], "oxygen_above_saturation", f"饱和值约 {saturation[place]:.1f} mg/L"
        )


def _check_duplicates(known: pd.DataFrame) -> Iterator[_Oddity]:
    dated = known[known["time"].notna()]
    keys = ["site_id", "time", "indicator"]
    same = dated.duplicated([*keys, "value", "censored"])
    first = dated.drop_duplicates("source_row")
    # One line per repeated row, not one per cell of it.
    for row in first.index[first["source_row"].isin(_whole_rows(dated, same))]:
        yield _Oddity(row, "duplicate_row", "")
    once = dated[~same]
    for row in once.index[once.duplicated(keys)]:
        other = once[(once[keys] == once.loc[row, keys]).all(axis=1)].iloc[0]
        yield _Oddity(row, "contradictory_rows", f"第 {int(other['source_row'])} 行为 {other['value']:g}")


def _whole_rows(dated: pd.DataFrame, same: pd.Series) -> set[int]:
    repeated = same.groupby(dated["source_row"]).all()
    return set(repeated.index[repeated])


def _check_months(known: pd.DataFrame) -> Iterator[_Oddity]:
    dated = known[known["time"].notna()]
    series = dated.groupby(["site_id", "indicator"], sort=False)
    month = dated["time"].dt.to_period("M")
    # Monthly series: at most one and a half values a month on the whole.
    counts = series["time"].transform("count")
    months = month.groupby([dated["site_id"], dated["indicator"]], sort=False).transform("nunique")
    monthly = (months >= 6) & (counts <= 1.5 * months)
    keys = [dated["site_id"], dated["indicator"], month]
    size = dated.groupby(keys, sort=False)["time"].transform("nunique")
    late = monthly & (size > 1) & dated.groupby(keys, sort=False).cumcount().gt(0)
    for row in dated.index[late].drop_duplicates():
        yield _Oddity(row, "duplicate_month", f"{month[row]} 已有一个数值")


def _check_series(known: pd.DataFrame) -> Iterator[_Oddity]:
    dated = known[known["time"].notna() & ~known["censored"].astype(bool)]
    ordered = dated.drop_duplicates(["site_id", "time", "indicator"]).sort_values(
        ["site_id", "indicator", "time"]
    )
    if ordered.empty:
        return
    start = (ordered[["site_id", "indicator"]] != ordered[["site_id", "indicator"]].shift()).any(axis=1)
    yield from _frozen(ordered, start)
    yield from _spikes(ordered, start)


def _frozen(ordered: pd.DataFrame, start: pd.Series) -> Iterator[_Oddity]:
    step = ordered["time"].diff()
    moved = start | (ordered["value"] != ordered["value"].shift()) | (step > _FROZEN_STEP)
    run = moved.cumsum()
    length = run.map(run.value_counts())
    # Values in whole numbers repeat by themselves: they must repeat twice as long.
    longest = np.where(ordered["value"] % 1 == 0, 2 * _FROZEN_RUN, _FROZEN_RUN)
    for row in ordered.index[moved & (length >= longest) & (ordered["value"] != 0)]:
        yield _Oddity(row, "frozen_sensor", f"连续 {int(length[row])} 个时次为 {ordered.at[row, 'value']:g}")


def _spikes(ordered: pd.DataFrame, start: pd.Series) -> Iterator[_Oddity]:
    value = ordered["value"]
    before = value.shift().mask(start)
    after = value.shift(-1).mask(start.shift(-1, fill_value=True))
    higher = pd.concat([before, after], axis=1).max(axis=1, skipna=False)
    # pH is a logarithm and turbidity jumps with every rain.
    steady = ~ordered["indicator"].isin(["ph", "turbidity", "coliform", "algae"])
    spike = steady & (higher > 0) & (value > _SPIKE_FACTOR * higher) & (value > _class_three(ordered))
    for row in ordered.index[spike]:
        yield _Oddity(row, "spike", f"前后两次为 {before[row]:g} 和 {after[row]:g}")


def _check_detection(known: pd.DataFrame) -> Iterator[_Oddity]:
    below = known[known["censored"].astype(bool)]
    limit = _class_three(below)
    for place in np.flatnonzero(below["value"].to_numpy() > limit):
        yield _Oddity(below.index[place], "limit_above_criterion", f"Ⅲ类限值 {limit[place]:g}")


def _class_three(rows: pd.DataFrame) -> np.ndarray:
    """The limit of class Ⅲ of every row, NaN where its item has none."""
    reference = standards.method_number(
        standards.newest_edition("surface-water-method"), name="reference_class"
    )
    newest = standards.newest_edition("surface-water").effective_from.isoformat()
    limits = standards.class_limits(reference, on=newest)
    upper = limits["limit"].where(limits["direction"] == "<=")
    found: np.ndarray = rows["indicator"].map(upper).to_numpy(dtype=float)
    return found


@cache
def _ranges() -> pd.DataFrame:
    with package_files("suizhou_geo.files").joinpath("ranges.csv").open(encoding="utf-8") as stream:
        return pd.read_csv(stream).set_index("indicator")


def _is_wide(known: pd.DataFrame) -> bool:
    return not known["source_row"].is_unique


_CHECKS: tuple[Callable[[pd.DataFrame], Iterator[_Oddity]], ...] = (
    _check_ranges,
    _check_sentinels,
    _check_parts,
    _check_cod,
    _check_oxygen,
    _check_duplicates,
    _check_months,
    _check_series,
    _check_detection,
)
