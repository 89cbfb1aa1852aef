"""Year on year, and cities beside one another: changes of published values, ranks with ties."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.errors import InputError
from suizhou_geo.standards.rounding import Floats


def year_on_year(new: npt.ArrayLike, old: npt.ArrayLike, *, decimals: int = 1) -> Floats:
    """Change in per cent of published (already rounded) values, half to even; NaN where the old one is 0 or absent.

    >>> year_on_year([34.9, 2.0, 5.0], [42.7, 8.0, 0.0]).tolist()
    [-18.3, -75.0, nan]
    """
    later, earlier = np.asarray(new, dtype=np.float64), np.asarray(old, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(earlier > 0, 100 * (later - earlier) / earlier, np.nan)
    return standards.round_half_even(change, decimals=decimals)


def rank_values(values: pd.Series) -> pd.Series:
    """Ranks from the smallest value, 1 first; equal values share a rank and the next one is left out (64号).

    >>> rank_values(pd.Series([3.1, 2.9, 3.1, 3.5, None])).tolist()
    [2, 1, 2, 4, <NA>]
    """
    return values.rank(method="min").astype("Int64")


def rank_changes(
    current: pd.Series, base: pd.Series, *, all_attained: pd.Series | None = None
) -> pd.DataFrame:
    """Change ranking of cities by their composite indices: ``current, base, change, rank, rank_worsening``.

    The change is (I − I₀)/I₀ in per cent with one decimal; equal rates share a rank (scheme of 2017-02-12). A city
    whose six pollutants all attain class 2 (``all_attained``) has no place in the worsening list.

    >>> index = pd.Series({"甲": 3.0, "乙": 4.4, "丙": 5.5})
    >>> rank_changes(index, pd.Series({"甲": 3.2, "乙": 4.0, "丙": 5.0}))[["change", "rank"]].values.tolist()
    [[-6.2, 1], [10.0, 2], [10.0, 2]]

    Raises ``InputError`` naming cities that are in one period only.
    """
    lone = sorted(set(current.index) ^ set(base.index))
    if lone:
        raise InputError(f"只有一个时段有：{'、'.join(map(str, lone))}", todo="两个时段的城市须一致")
    change = pd.Series(year_on_year(current, base.reindex(current.index)), index=current.index)
    attained = (
        pd.Series(False, index=current.index)
        if all_attained is None
        else all_attained.reindex(current.index).eq(True)
    )
    return pd.DataFrame(
        {
            "current": current,
            "base": base.reindex(current.index),
            "change": change,
            "rank": rank_values(change),
            "rank_worsening": rank_values((-change).where(~attained)),
        }
    )


def rank_cities(
    statistics: pd.DataFrame, *, statistic: str = "composite_index", excluded: bool = False
) -> pd.DataFrame:
    """The units of an :func:`assess_city` result by one statistic, best first: ``site_id, period, value, rank, note``.

    >>> frame = pd.DataFrame({"site_id": ["甲", "乙"], "period": "2024", "statistic": "composite_index",
    ...     "value": [3.2, 2.9], "excluded": False, "note": ""})
    >>> rank_cities(frame)[["site_id", "rank"]].values.tolist()
    [['乙', 1], ['甲', 2]]
    """
    chosen = statistics[(statistics["statistic"] == statistic) & (statistics["excluded"] == excluded)]
    if chosen.empty:
        known = "、".join(statistics["statistic"].unique())
        raise InputError(f"没有统计量“{statistic}”", why=f"已有：{known}")
    ranks = chosen.groupby("period")["value"].transform(lambda values: values.rank(method="min"))
    table = chosen.assign(rank=ranks.astype("Int64"))[["site_id", "period", "value", "rank", "note"]]
    return table.sort_values(["period", "rank", "site_id"], ignore_index=True)
