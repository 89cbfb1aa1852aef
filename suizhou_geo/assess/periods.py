"""Classes of sections for months, quarters and years, from the means of their values."""

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.records import BELOW_DETECTION, Records, _check_choice, classify_frame
from suizhou_geo.errors import InputError, Place
from suizhou_geo.standards.rounding import Floats

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
    observations: pd.DataFrame,
    *,
    period: str = "month",
    mode: str = "assessment",
    standard: str = "auto",
    below_detection: str = "half",
) -> pd.DataFrame:
    """One row per section and period: the class of its means, the verdict against its target, and the clause.

    A month's value is the mean of its values, a quarter's and a year's the mean of its months (22号). pH is averaged
    as hydrogen ion. In mode ``assessment`` the mean is rounded to the decimals of 82号 first and then classified, in
    mode ``realtime`` it is not. Too few months make the verdict 数据不足 with the direction in which they point
    (quarter 2, year 6: unverified).

    Parameters
    ----------
    observations
        Tidy rows with a ``time`` in every row; duplicates count once.
    period
        ``"month"``, ``"quarter"`` or ``"year"``.
    mode, standard, below_detection
        As in :func:`assess_records`.

    Returns
    -------
    DataFrame
        The columns of :func:`assess_records` without those of single rows; ``period`` is ``2021-06``, ``2021Q2`` or
        ``2021``, ``n`` the number of values (months) behind it. Sorted by site and period.

    Examples
    --------
    >>> rows = pd.DataFrame({"site_id": "A", "site_name": "A", "time": pd.to_datetime(["2021-01-05", "2021-01-20"]),
    ...     "indicator": "tp", "value": [0.20, 0.2008], "censored": False, "qualifier": "", "source_row": [2, 3]})
    >>> assess_sections(rows).loc[0, ["period", "class_label", "verdict"]].tolist()
    ['2021-01', 'Ⅲ', '达标']
    >>> int(assess_sections(rows, mode="realtime").loc[0, "class"])
    4
    """
    _check_choice(period, tuple(PERIODS), name="period")
    _check_choice(below_detection, tuple(BELOW_DETECTION), name="below_detection")
    _check_dated(observations)
    known = _countable(observations)
    records, counts = mean_records(known, period=period, below_detection=below_detection)
    blocked = np.zeros(len(records.rows), dtype=bool)
    frame = classify_frame(records, values=records.values, blocked=blocked, mode=mode, standard=standard)
    frame = frame.assign(
        period=records.rows["period"],
        n=counts,
        note=_detection_notes(known, frame, period=period, mode=mode, standard=standard),
    )
    frame["verdict"] = _with_sufficiency(frame["verdict"], counts, period=period)
    return frame.drop(columns=["source_row", "platform_class", "on_limit_class", "station_state"])


def mean_records(
    observations: pd.DataFrame, *, period: str, below_detection: str
) -> tuple[Records, pd.Series]:
    """Means of every section and period as records, and how many values or months stand behind each."""
    means = period_means(observations, period=period, below_detection=below_detection)
    known = standards.assessed_items(observations["time"].min().date())
    items = tuple(item for item in known if item in means["indicator"].unique())
    wide = means.pivot(index=["site_id", "period"], columns="indicator", values="value").reindex(
        columns=items
    )
    counts = means.groupby(["site_id", "period"])["n"].max().reindex(wide.index)
    values: Floats = wide.to_numpy(dtype=float)
    empty = np.zeros(values.shape, dtype=bool)
    rows = _describe(wide.index.to_frame(index=False), observations, period=period)
    return Records(rows, items, values, empty, empty, empty), counts.reset_index(drop=True)


def period_means(observations: pd.DataFrame, *, period: str, below_detection: str = "half") -> pd.DataFrame:
    """Mean of every site, period and indicator: columns ``site_id, period, indicator, value, n``.

    >>> rows = pd.DataFrame({"site_id": "A", "time": pd.to_datetime(["2021-01-05"] * 6), "indicator": "ph",
    ...     "value": [6.5, 7.9, 8.8, 9, 6.78, 8.87], "censored": False})
    >>> float(period_means(rows, period="month").loc[0, "value"].round(2))
    7.08
    """
    factor = np.where(observations["censored"].fillna(False), BELOW_DETECTION[below_detection], 1.0)
    is_ph = (observations["indicator"] == "ph").to_numpy()
    value = observations["value"].to_numpy(dtype=float) * factor
    frame = pd.DataFrame(
        {
            "site_id": observations["site_id"],
            "indicator": observations["indicator"],
            "month": observations["time"].dt.to_period("M"),
            # pH is averaged as hydrogen ion; 10^-pH keeps its precision for every pH that occurs.
            "value": np.where(is_ph, 10.0**-value, value),
        }
    )
    monthly = _mean(frame.rename(columns={"month": "period"}))
    if period != "month":
        start = monthly["period"].dt.to_timestamp()
        monthly = _mean(monthly.assign(period=start.dt.to_period(PERIODS[period])))
    is_ph = (monthly["indicator"] == "ph").to_numpy()
    mean = monthly["value"].to_numpy()
    # The clip keeps the logarithm away from values that are no pH and are not used.
    restored = np.where(is_ph, -np.log10(np.clip(mean, 1e-30, None)), mean)
    return monthly.assign(value=restored, period=monthly["period"].astype(str))


def _mean(frame: pd.DataFrame) -> pd.DataFrame:
    grouped = frame.groupby(["site_id", "period", "indicator"], sort=True)["value"]
    return grouped.agg(value="mean", n="count").reset_index()


def _countable(observations: pd.DataFrame) -> pd.DataFrame:
    # Exact duplicates count once; a record that was published twice is still one measurement.
    keys = ["site_id", "time", "indicator", "value"]
    return observations[observations["value"].notna()].drop_duplicates(keys)


def _describe(index: pd.DataFrame, observations: pd.DataFrame, *, period: str) -> pd.DataFrame:
    present = [column for column in _SITE_COLUMNS if column in observations.columns]
    sites = observations.drop_duplicates("site_id").set_index("site_id")[present]
    start = pd.PeriodIndex(index["period"], freq=PERIODS[period]).to_timestamp()
    return index.assign(time=start, source_row=0).join(sites, on="site_id")


def _with_sufficiency(verdict: pd.Series, counts: pd.Series, *, period: str) -> pd.Series:
    method = standards.edition_in_force("surface-water-method", on=pd.Timestamp("2100-01-01").date())
    table = standards.read_table(method, name="sample_counts").set_index("period")["minimum"]
    few = (counts < int(table[period])) & verdict.isin(["达标", "不达标"])
    return verdict.where(~few, "数据不足(" + verdict + "趋向)")


def _detection_notes(
    observations: pd.DataFrame, frame: pd.DataFrame, *, period: str, mode: str, standard: str
) -> list[str]:
    if not observations["censored"].fillna(False).any():
        return [""] * len(frame)
    decided = np.zeros(len(frame), dtype=bool)
    for choice in BELOW_DETECTION:
        records, _ = mean_records(observations, period=period, below_detection=choice)
        other = classify_frame(
            records, values=records.values, blocked=decided & False, mode=mode, standard=standard
        )
        decided |= (other["class"] != frame["class"]).fillna(False).to_numpy(dtype=bool)
    return ["低于检出限的取值方式决定类别" if each else "" for each in decided]


def _check_dated(observations: pd.DataFrame) -> None:
    undated = observations["time"].isna()
    if undated.all() or observations.empty:
        raise InputError(
            "按月、季、年评价需要带年份的监测时间",
            where=Place(str(observations.attrs.get("file", ""))),
            why="文件中的时间没有年份" if len(observations) else "文件中没有数据",
            todo="加上 --year，例如 --year 2021",
        )
