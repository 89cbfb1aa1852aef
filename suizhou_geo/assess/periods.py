"""Classes of sections for months, quarters and years, from the means of their values."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.cubes import as_rows
from suizhou_geo.assess.platform import NO_PLATFORM
from suizhou_geo.assess.records import BELOW_DETECTION, Records, codes_of_qualifiers, find_items
from suizhou_geo.assess.scope import UNDECIDABLE
from suizhou_geo.assess.verdicts import ATTAINED, MISSED, check_choice, join_notes
from suizhou_geo.assess.water import assess_in_scope, classify_records, note_detection
from suizhou_geo.conventions import indicators
from suizhou_geo.errors import InputError, Place
from suizhou_geo.standards.rounding import Floats

if TYPE_CHECKING:
    import xarray as xr

#: pandas period codes of the periods of an assessment.
PERIODS = {"month": "M", "quarter": "Q", "year": "Y"}

_SITE_COLUMNS = (
    "site_name",
    "water_body",
    "target_class",
    "province",
    "basin",
    "river",
    "adcode",
    "assessed_city",
)


def assess_sections(
    observations: "pd.DataFrame | xr.Dataset",
    *,
    period: str = "month",
    mode: str = "assessment",
    standard: str = "auto",
    below_detection: str = "half",
    reference: str = "method",
    water_body_default: str = "river",
    items: str = "21",
    extra_items: pd.DataFrame | None = None,
    background: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per section and period: the class of its means, the verdict against its target, and the clause.

    A month's value is the mean of its values, a quarter's and a year's the mean of its months (22号). pH is averaged
    as hydrogen ion. In mode ``assessment`` the mean is rounded to the decimals of 82号 first and then classified, in
    mode ``realtime`` it is not. Too few months make the verdict 数据不足 with the direction in which they point
    (quarter 2, year 6: unverified). A period without any value is 无法判定.

    Parameters
    ----------
    observations
        Tidy rows, or a cube with dims ``(site, time)``; rows without a date are left out, exact duplicates count once.
    period
        ``"month"``, ``"quarter"`` or ``"year"``.
    mode, standard, below_detection, reference, water_body_default, items, extra_items, background
        As in :func:`assess_records`.

    Returns
    -------
    DataFrame
        The columns of :func:`assess_records` without those of single rows; ``period`` is ``2021-06``, ``2021Q2`` or
        ``2021``, ``n`` the number of values (months) behind it. Sorted by site and period.

    Raises
    ------
    InputError
        As :func:`assess_records`, or no row has a date.

    Examples
    --------
    >>> rows = pd.DataFrame({"site_id": "A", "site_name": "A", "time": pd.to_datetime(["2021-01-05", "2021-01-20"]),
    ...     "indicator": "tp", "value": [0.20, 0.2008], "censored": False, "qualifier": "", "source_row": [2, 3]})
    >>> assess_sections(rows).loc[0, ["period", "class_label", "verdict"]].tolist()
    ['2021-01', 'Ⅲ', '达标']
    >>> int(assess_sections(rows, mode="realtime").loc[0, "class"])
    4
    >>> assess_sections(rows, period="year").loc[0, "verdict"]
    '数据不足(达标趋向)'
    """
    check_choice(period, tuple(PERIODS), name="period")
    check_choice(below_detection, tuple(BELOW_DETECTION), name="below_detection")
    choices = {"mode": mode, "standard": standard, "water_body_default": water_body_default}

    def assess(rows: pd.DataFrame) -> pd.DataFrame:
        return _assess_means(
            rows, period=period, below_detection=below_detection, reference=reference, **choices
        )

    return assess_in_scope(
        _dated(as_rows(observations)),
        assess=assess,
        items=items,
        extra_items=extra_items,
        background=background,
        standard=standard,
        water_body_default=water_body_default,
    )


def _assess_means(dated: pd.DataFrame, *, period: str, below_detection: str, **choices: str) -> pd.DataFrame:
    censored = bool((dated["censored"].fillna(False) & dated["value"].notna()).any())
    frames = {}
    for choice in BELOW_DETECTION if censored else (below_detection,):
        records, counts = mean_records(dated, period=period, below_detection=choice)
        frames[choice] = classify_records(
            records, values=records.values, blocked=np.zeros(len(records.rows), dtype=bool), **choices
        )
    frame = note_detection(frames, chosen=below_detection).assign(period=records.rows["period"])
    minimum = minimum_count(period)
    n = counts.max(axis=1)
    scarce = _name_scarce(counts, items=records.items, minimum=minimum, n=n)
    verdict = _with_sufficiency(frame["verdict"], enough=n >= minimum)
    notes = join_notes(frame["note"], scarce, _name_undecidable(dated, frame, period=period))
    frame = frame.assign(n=n, verdict=verdict, agreement=NO_PLATFORM, note=notes)
    return frame.drop(columns=["source_row", "on_limit_class", "station_state"])


def mean_records(
    observations: pd.DataFrame, *, period: str, below_detection: str
) -> tuple[Records, npt.NDArray[np.int64]]:
    """Means of every section and period as records, and the number of values or months behind each mean."""
    items = find_items(observations)
    means = period_means(observations, period=period, below_detection=below_detection)
    when = observations["time"].dt.to_period(PERIODS[period]).astype(str)
    keys = pd.MultiIndex.from_arrays([observations["site_id"], when], names=["site_id", "period"])
    index = keys.unique().sort_values()
    by_item = means.set_index(["site_id", "period", "indicator"])[["value", "n"]].unstack("indicator")
    wide = by_item["value"].reindex(index=index, columns=items)
    counts = by_item["n"].reindex(index=index, columns=items).fillna(0).to_numpy(dtype=np.int64)
    values: Floats = wide.to_numpy(dtype=float, copy=True)
    lacking = np.where(np.isnan(values), _reasons(observations, when, index, items), 0).astype(np.int8)
    rows = _describe_sections(index.to_frame(index=False), observations, period=period)
    return Records(rows, items, values, np.zeros(values.shape, dtype=bool), lacking), counts


def _reasons(
    observations: pd.DataFrame, when: pd.Series, index: pd.MultiIndex, items: tuple[str, ...]
) -> npt.NDArray[np.int8]:
    # Why a section has no mean of an item in a period: the most telling reason of its values.
    empty = observations["value"].isna()
    codes = codes_of_qualifiers(observations.loc[empty, "qualifier"])
    keys = [observations.loc[empty, "site_id"], when[empty], observations.loc[empty, "indicator"]]
    found = codes.groupby(keys).max().unstack().reindex(index=index, columns=list(items))
    reasons: npt.NDArray[np.int8] = found.fillna(codes_of_qualifiers(pd.Series([""]))[0]).to_numpy(np.int8)
    return reasons


def _name_undecidable(observations: pd.DataFrame, frame: pd.DataFrame, *, period: str) -> list[str]:
    # Values that stayed out of a mean because their detection limit lies above the limit.
    out = observations[observations["qualifier"] == UNDECIDABLE]
    if out.empty:
        return [""] * len(frame)
    when = out["time"].dt.to_period(PERIODS[period]).astype(str)
    counts = out.groupby([out["site_id"], when, out["indicator"]]).size()
    texts: dict[tuple[str, str], str] = {}
    for (site, at, item), count in counts.items():
        text = f"{indicators()[item].name}有 {count} 个值的检出限高于限值，未计入"
        texts[site, at] = "；".join(filter(None, [texts.get((site, at), ""), text]))
    return [texts.get(key, "") for key in zip(frame["site_id"], frame["period"], strict=True)]


def period_means(observations: pd.DataFrame, *, period: str, below_detection: str = "half") -> pd.DataFrame:
    """Mean of every site, period and indicator: columns ``site_id, period, indicator, value, n``.

    ``n`` counts the values of a month, the months of a quarter or year. Exact duplicates count once.

    >>> rows = pd.DataFrame({"site_id": "A", "time": pd.date_range("2021-01-05", periods=6), "indicator": "ph",
    ...     "value": [6.5, 7.9, 8.8, 9, 6.78, 8.87], "censored": False})
    >>> float(period_means(rows, period="month").loc[0, "value"].round(2))
    7.08
    """
    known = observations[observations["value"].notna() & observations["time"].notna()]
    # A record that was published twice is still one measurement.
    known = known.drop_duplicates(["site_id", "time", "indicator", "value"])
    value = known["value"].to_numpy(dtype=float)
    part = np.where(known["censored"].fillna(False), BELOW_DETECTION[below_detection], 1.0)
    is_ph = (known["indicator"] == "ph").to_numpy()
    frame = pd.DataFrame(
        {
            "site_id": known["site_id"],
            "indicator": known["indicator"],
            "period": known["time"].dt.to_period("M"),
            # pH is averaged as hydrogen ion.
            "value": np.where(is_ph, 10.0 ** -np.where(is_ph, value, 0.0), value * part),
        }
    )
    means = _mean(frame)
    if period != "month":
        means = _mean(means.assign(period=means["period"].dt.to_timestamp().dt.to_period(PERIODS[period])))
    is_ph = (means["indicator"] == "ph").to_numpy()
    mean = means["value"].to_numpy()
    restored = np.where(is_ph, -np.log10(np.where(is_ph, mean, 1.0)), mean)
    return means.assign(value=restored, period=means["period"].astype(str))


def minimum_count(period: str) -> int:
    """How many values (months) a mean of that period needs (22号).

    >>> minimum_count("year")
    6
    """
    method = standards.newest_edition("surface-water-method")
    return int(standards.read_table(method, name="sample_counts").set_index("period").at[period, "minimum"])


def _mean(frame: pd.DataFrame) -> pd.DataFrame:
    grouped = frame.groupby(["site_id", "period", "indicator"], sort=True)["value"]
    return grouped.agg(value="mean", n="count").reset_index()


def _describe_sections(index: pd.DataFrame, observations: pd.DataFrame, *, period: str) -> pd.DataFrame:
    present = [column for column in _SITE_COLUMNS if column in observations.columns]
    sites = observations.drop_duplicates("site_id").set_index("site_id")[present]
    start = pd.PeriodIndex(index["period"], freq=PERIODS[period]).to_timestamp()
    return index.assign(time=start, source_row=0).join(sites, on="site_id")


def _with_sufficiency(verdict: pd.Series, *, enough: npt.NDArray[np.bool_]) -> pd.Series:
    few = ~enough & verdict.isin([ATTAINED, MISSED])
    return verdict.where(~few, "数据不足(" + verdict + "趋向)")


def _name_scarce(
    counts: npt.NDArray[np.int64], *, items: tuple[str, ...], minimum: int, n: npt.NDArray[np.int64]
) -> list[str]:
    # Items with fewer months than the method asks, beside others that have enough.
    scarce = (counts > 0) & (counts < minimum) & (n >= minimum)[:, None]
    texts = [""] * len(counts)
    for row in np.flatnonzero(scarce.any(axis=1)):
        names = "、".join(indicators()[items[column]].name for column in np.flatnonzero(scarce[row]))
        texts[row] = f"{names}的数据少于 {minimum} 个"
    return texts


def _dated(observations: pd.DataFrame) -> pd.DataFrame:
    dated = observations[observations["time"].notna()]
    if dated.empty:
        raise InputError(
            "按月、季、年评价需要带年份的监测时间",
            where=Place(str(observations.attrs.get("file", ""))),
            why="文件中的时间没有年份" if len(observations) else "文件中没有数据",
            todo="加上 --year，例如 --year 2021",
        )
    return dated
