"""What a trend is called: the words of confidence in its direction, or why it is not analysed."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files as package_files

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo.conventions import indicators
from suizhou_geo.forecast.pairs import Floats
from suizhou_geo.forecast.series import Series
from suizhou_geo.forecast.sufficiency import why_not_analysed

#: Verdict where the data do not carry one; ``note`` then says why.
NOT_ANALYSED = "未分析"


def judge_trends(
    series: Series, columns: Mapping[str, Floats], *, layout: npt.NDArray[np.intp] | None
) -> dict[str, npt.NDArray[np.generic]]:
    """``confidence, verdict, meaning, note`` of every series from its ``s``, ``p`` and, if there is one, ``p_exact``."""
    s, p = columns["s"], columns["p"]
    exact = columns.get("p_exact", np.full(len(p), np.nan))
    p = np.where(np.isfinite(exact), exact, p)
    rising = np.where(s == 0, 0.5, np.where(s > 0, 1 - p / 2, p / 2))
    reasons = why_not_analysed(series.values, series.censored, layout=layout)
    words = _words()
    # The words go from the most to the least probable rise.
    place = np.searchsorted(-words["least_probability"].to_numpy(), -rising, side="left")
    analysed = reasons == ""
    better = _better(series)
    meaning = np.where(
        better == "low",
        words["improving_if_low"].to_numpy()[place],
        words["improving_if_high"].to_numpy()[place],
    )
    return {
        "confidence": np.maximum(rising, 1 - rising),
        "verdict": np.where(analysed, words["zh"].to_numpy()[place], NOT_ANALYSED),
        "meaning": np.where(analysed & (better != ""), meaning, ""),
        "note": reasons,
    }


def _better(series: Series) -> npt.NDArray[np.object_]:
    # Whether an indicator is good when low or high; unknown for an array without indicators.
    sides = {code: item.better for code, item in indicators().items()}
    if "indicator" not in series.coords:
        return np.full(len(series.values), "", dtype=object)
    labels = np.array([sides.get(str(code), "") for code in series.coords["indicator"]], dtype=object)
    spread = [1] * len(series.dims)
    spread[series.dims.index("indicator")] = -1
    found: npt.NDArray[np.object_] = np.broadcast_to(labels.reshape(spread), series.shape).ravel()
    return found


@cache
def _words() -> pd.DataFrame:
    return pd.read_csv(package_files("suizhou_geo.forecast").joinpath("trend_words.csv"))
