"""The pass marks of the forecasts on real cities: each figure at every number of known months, with its interval.

Run by ``make bench``. PM2.5 of the cities of the development file, target 35 μg/m³, 2016 held out; what ``suizhou-geo backtest`` prints.
"""

import pandas as pd

from benchmarks.b2_attainment import CITIES
from benchmarks.record import record
from suizhou_geo import files, forecast

INDICATOR, TARGET = "pm2_5", 35.0


def told(mark: pd.Series) -> str:
    """One figure and its interval.

    >>> told(pd.Series({"k": "6", "value": 0.14, "low": -0.3, "high": 0.55, "verdict": "不足，但区间含标准"}))
    'k = 6: 0.14 (−0.30 to 0.55)'
    """
    interval = f"{mark['low']:.2f} to {mark['high']:.2f}".replace("-", "−")
    k = "all" if mark["k"] == "全部" else f"k = {mark['k']}"
    return f"{k}: {mark['value']:.2f} ({interval})"


def bounds(mark: pd.Series) -> str:
    sides = (("≥", mark["at_least"]), ("≤", mark["at_most"]))
    return " and ".join(f"{sign} {value:g}" for sign, value in sides if pd.notna(value))


def main() -> None:
    """Record each pass mark: at how many numbers of known months it holds, and where it does not."""
    if not CITIES.is_file():
        print("Pass marks need the development file of cities.")
        return
    rows = files.read_observations(CITIES, medium="air")
    table = forecast.backtest_target(
        rows, indicator=INDICATOR, target=TARGET, regions=files.find_regions(rows)
    )
    marks = pd.DataFrame(table.attrs["marks"])
    for (figure, _low, _high), each in marks.groupby(
        ["figure", "at_least", "at_most"], dropna=False, sort=False
    ):
        met = each["verdict"] == "达到"
        missed = [told(mark) for _, mark in each[each["verdict"] == "未达到"].iterrows()]
        within = [told(mark) for _, mark in each[~met & (each["verdict"] != "未达到")].iterrows()]
        words = [f"met {met.sum()} of {len(each)}"]
        words += [f"missed at {', '.join(missed)}"] if missed else []
        words += [f"short, interval reaches the mark: {', '.join(within)}"] if within else []
        months = (
            {"全部": "all"}.get(str(each["k"].iloc[0]), each["k"].iloc[0])
            if len(each) == 1
            else "each and all"
        )
        record(
            f"Pass mark {figure} (known months: {months})",
            ours="; ".join(told(mark) for _, mark in each[met].iterrows()),
            result="; ".join(words), mark=bounds(each.iloc[0]), versions=("numpy",),
        )  # fmt: skip


if __name__ == "__main__":
    main()
