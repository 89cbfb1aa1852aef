"""Tidy observations as monthly cubes, and their trends as a table."""

import pandas as pd
import xarray as xr

from suizhou_geo.errors import InputError, Place
from suizhou_geo.forecast.series import check_option
from suizhou_geo.forecast.trend import mann_kendall, seasonal_kendall, trend_table

#: pandas period codes of the steps that values are averaged to.
STEPS = {"month": "M", "quarter": "Q", "year": "Y"}

TREND_COLUMNS = (
    "site_id", "site_name", "indicator", "unit", "first", "last", "n", "n_censored", "s", "var_s", "z", "p", "p_exact",
    "tau", "slope", "slope_low", "slope_high", "intercept", "heterogeneity", "heterogeneity_p", "confidence", "verdict",
    "meaning", "note",
)  # fmt: skip


def mean_cube(observations: pd.DataFrame, *, every: str = "month", halve: bool = False) -> xr.Dataset:
    """Means of every site and indicator as a cube with dims ``(site, time)``; steps are dated on their first day.

    Exact duplicates count once. Within a step a value below detection counts half its limit (82号 item 7); a step in
    which nothing was detected is below the largest of its limits, in ``<code>_censored``; with ``halve`` it counts half
    of it too, as assessments and forecasts of them ask.

    >>> rows = pd.DataFrame({"site_id": "A", "time": pd.to_datetime(["2021-01-05", "2021-01-20", "2021-03-01"]),
    ...     "indicator": "tp", "value": [0.1, 0.3, 0.02], "censored": [False, False, True], "unit": "mg/L"})
    >>> cube = mean_cube(rows)
    >>> cube["tp"].values.tolist(), cube["tp_censored"].values.tolist()
    ([[0.2, nan, 0.02]], [[False, False, True]])

    Raises ``InputError`` when no row has a date and a value.
    """
    check_option(every, tuple(STEPS))
    known = observations[observations["time"].notna() & observations["value"].notna()]
    if known.empty:
        raise InputError(
            "没有带日期的数值",
            where=Place(str(observations.attrs.get("file", ""))),
            todo="加上 --year，或核对时间一列",
        )
    known = known.drop_duplicates(["site_id", "time", "indicator", "value", "censored"])
    below = known["censored"].fillna(False).astype(bool)
    step = known["time"].dt.to_period(STEPS[every])
    halved = known["value"].where(~below, known["value"] / 2)
    keys = [known["site_id"], step.rename("time"), known["indicator"]]
    means = pd.DataFrame(
        {
            "mean": halved.groupby(keys).mean(),
            "limit": known["value"].groupby(keys).max(),
            "below": below.groupby(keys).all(),
        }
    )
    values = means["mean"] if halve else means["mean"].where(~means["below"], means["limit"])
    times = pd.period_range(step.min(), step.max(), freq=STEPS[every], name="time")
    sites = pd.Index(sorted(known["site_id"].unique()), name="site_id")
    grid = pd.MultiIndex.from_product([sites, times])
    units = known.drop_duplicates("indicator").set_index("indicator")["unit"]
    cube = xr.Dataset(coords={"site": sites.to_numpy(dtype=object), "time": times.to_timestamp().to_numpy()})
    shape = (len(sites), len(times))
    for code in dict.fromkeys(known["indicator"]):
        one = values.xs(code, level="indicator").reindex(grid).to_numpy().reshape(shape)
        flags = means["below"].xs(code, level="indicator").reindex(grid).eq(True).to_numpy().reshape(shape)
        cube[code] = (("site", "time"), one, {"units": units[code]})
        cube[f"{code}_censored"] = (("site", "time"), flags)
    return cube


def assess_trends(
    observations: pd.DataFrame, *, seasonal: bool = False, every: str = "month"
) -> pd.DataFrame:
    """The trend of every site and indicator: columns :data:`TREND_COLUMNS`, slopes per year.

    Values are averaged to steps first (:func:`mean_cube`). ``seasonal`` compares months, or quarters, with their like
    (:func:`seasonal_kendall`); else all steps are compared (:func:`mann_kendall`).

    >>> rows = pd.DataFrame({"site_id": "A", "site_name": "甲", "time": pd.date_range("2016-01-01", periods=48, freq="MS"),
    ...     "indicator": "nh3n", "value": [0.1 + month / 100 for month in range(48)], "censored": False, "unit": "mg/L"})
    >>> found = assess_trends(rows, seasonal=True).iloc[0]
    >>> found["verdict"], found["meaning"], float(found["slope"])
    ('很可能上升', '很可能恶化', 0.12)

    Raises ``InputError`` when no row has a date and a value, or years are to be compared by season.
    """
    if seasonal and every == "year":
        raise InputError("年值没有季节", todo="去掉 --seasonal，或用 --every month")
    cube = mean_cube(observations, every=every)
    seasons = "quarter" if every == "quarter" else "month"
    found = trend_table(seasonal_kendall(cube, seasons=seasons) if seasonal else mann_kendall(cube))
    names = observations.drop_duplicates("site_id").set_index("site_id")["site_name"]
    labelled = found.rename(columns={"site": "site_id"}).round(
        {"slope": 12, "slope_low": 12, "slope_high": 12}
    )
    labelled = labelled.assign(
        site_name=labelled["site_id"].map(names),
        unit=[cube[code].attrs["units"] for code in labelled["indicator"]],
        first=str(cube["time"].dt.strftime("%Y-%m").values[0]),
        last=str(cube["time"].dt.strftime("%Y-%m").values[-1]),
    )
    return labelled[[column for column in TREND_COLUMNS if column in labelled.columns]]


def daily_rows(observations: pd.DataFrame, *, indicator: str) -> pd.DataFrame:
    """Daily means of one indicator as tidy rows, half the limit where nothing was detected.

    Raises ``InputError`` when there is none of it.
    """
    known = observations[
        (observations["indicator"] == indicator)
        & observations["value"].notna()
        & observations["time"].notna()
    ]
    if known.empty:
        raise InputError(
            f"文件中没有 {indicator} 的数据", where=Place(str(observations.attrs.get("file", ""))),
            why=f"有：{'、'.join(sorted(observations['indicator'].unique()))}",
        )  # fmt: skip
    below = known["censored"].fillna(False).astype(bool)
    halved = known.assign(
        value=known["value"].where(~below, known["value"] / 2), time=known["time"].dt.floor("D")
    )
    means = halved.groupby(["site_id", "time"], sort=True)["value"].mean().reset_index()
    return means.assign(indicator=indicator)
