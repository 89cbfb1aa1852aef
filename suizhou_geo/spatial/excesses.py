"""What lies above the usual at each section: the excess that has to be explained, and how sure it is."""

import numpy as np
import pandas as pd

#: Relative error of one value, and how far the usual of a section swings from month to month.
VALUE_ERROR, USUAL_SWING = 0.2, 0.1

#: Months looked at, and the least number of earlier ones from which a section's usual is taken.
WINDOW, EARLIER = 12, 12

#: A section that lies this far above its own usual has changed; one that does not has always been so.
_CHANGED = 1.3


def find_excesses(values: pd.DataFrame, *, section: str, indicator: str) -> tuple[pd.DataFrame, str]:
    """Excess and standard error of every section, indicator and month of the last twelve.

    Where ``section`` lies 30 % above its own usual, in the last month or in the mean of the twelve, the excess is what lies above each section's usual:
    its mean over the earlier months, times the season of its calendar month (the median over all sections of the earlier
    years). Otherwise, or with fewer than twelve earlier months, it is what lies above the lowest
    section of the month (all of it, where no other section was measured).

    Parameters
    ----------
    values
        By ``(site_id, indicator)``, one column per month (``YYYY-MM``), oldest first, NaN where nothing is known.

    Returns
    -------
    DataFrame, str
        ``excess`` and ``error`` by ``(site_id, indicator, time)``, without what was not measured; and ``change`` or ``level``.
    """
    window, earlier = values.iloc[:, -WINDOW:], values.iloc[:, :-WINDOW]
    usual = _usual(earlier, window.columns)
    asked = (section, indicator)
    ratio = window.loc[[asked]].iloc[0] / usual.loc[[asked]].iloc[0]
    changed = bool(max(ratio.iloc[-1], ratio.mean()) > _CHANGED)
    below = usual if changed else _lowest(window)
    excess = window - below
    error = np.hypot(VALUE_ERROR * window, USUAL_SWING * below)
    error = error.clip(lower=VALUE_ERROR * window.groupby(level=1).transform("median") / 2)
    both = {"excess": excess.stack(), "error": error.stack()}
    found = pd.DataFrame(both).dropna()
    found.index.names = ["site_id", "indicator", "time"]
    return found, "change" if changed else "level"


def _usual(earlier: pd.DataFrame, months: pd.Index) -> pd.DataFrame:
    known = earlier.notna().sum(axis=1) >= EARLIER
    mean = earlier.mean(axis=1).where(known)
    relative = earlier.div(mean.where(mean > 0), axis=0)
    usual = pd.DataFrame(np.nan, index=earlier.index, columns=months)
    for month in months:
        same = [column for column in earlier.columns if str(column)[5:7] == str(month)[5:7]]
        season = relative[same].groupby(level=1).median().median(axis=1)
        usual[month] = mean * usual.index.get_level_values(1).map(season.fillna(1.0))
    return usual


def _lowest(window: pd.DataFrame) -> pd.DataFrame:
    # A section that is alone in its month has nothing to be compared with: all of its value is to be explained.
    by_indicator = window.groupby(level=1)
    return by_indicator.transform("min").where(by_indicator.transform("count") > 1, 0.0)
