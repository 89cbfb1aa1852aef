"""Daniel's rank correlation test of sections over months, quarters or years, as Chinese reports ask for it."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.cubes import as_rows
from suizhou_geo.assess.periods import PERIODS, period_means
from suizhou_geo.assess.verdicts import check_choice
from suizhou_geo.errors import InputError, Place
from suizhou_geo.standards.rank_correlation import critical_values, rank_correlation, tail_probability

if TYPE_CHECKING:
    import xarray as xr

#: What a significant rise means for the water; items that are in neither have a direction but no judgement.
_WORSE, _BETTER, _STEADY, _SCARCE = "显著恶化", "显著好转", "无显著变化", "数据不足"
_RISES, _FALLS = "显著上升", "显著下降"


def assess_rank_trends(
    observations: "pd.DataFrame | xr.Dataset", *, period: str = "year", below_detection: str = "half"
) -> pd.DataFrame:
    """One row per section and indicator: r_s of its period means with time, the official W_p, and an exact p.

    The trend is significant when |r_s| > W_p at 0.05 (秩相关系数法); with a positive r_s concentrations deteriorate,
    oxygen improves. The table's probabilities are one-sided, and so is ``p``; ``p_two_sided`` stands beside it.
    Fewer than five periods are 数据不足. Ties get mid-ranks and a note.

    Parameters
    ----------
    observations
        Tidy rows or a cube; rows without a date are left out.
    period
        ``"month"``, ``"quarter"`` or ``"year"``: what is averaged before it is ranked.
    below_detection
        As in :func:`assess_records`.

    Returns
    -------
    DataFrame
        ``site_id, site_name, indicator, n, first, last, rs, critical_05, critical_01, p, p_two_sided, p_method,
        verdict, standard, clause, note``, sorted by section and indicator.

    Raises
    ------
    InputError
        No row has a date and a value.

    Examples
    --------
    >>> rows = pd.DataFrame({"site_id": "A", "site_name": "A", "indicator": "codmn", "censored": False,
    ...     "time": pd.to_datetime([f"{year}-06-01" for year in range(2016, 2022)]), "value": [6, 5, 4.5, 4.6, 4, 3.5]})
    >>> assess_rank_trends(rows).loc[0, ["verdict", "p_method"]].tolist()
    ['显著好转', '全排列']
    >>> round(float(assess_rank_trends(rows).loc[0, "rs"]), 3), round(float(assess_rank_trends(rows).loc[0, "p"]), 4)
    (-0.943, 0.0083)
    """
    check_choice(period, tuple(PERIODS), name="period")
    rows = as_rows(observations)
    dated = rows[rows["time"].notna() & rows["value"].notna()]
    if dated.empty:
        raise InputError(
            "没有可用于趋势检验的数据",
            where=Place(str(rows.attrs.get("file", ""))),
            why="需要带年份的监测时间和数值",
            todo="加上 --year，或核对文件",
        )
    means = period_means(dated, period=period, below_detection=below_detection)
    names = dated.drop_duplicates("site_id").set_index("site_id")["site_name"]
    tested = [
        {"site_id": site, "site_name": names[site], "indicator": item, **_test_series(group, item, period)}
        for (site, item), group in means.groupby(["site_id", "indicator"], sort=True)
    ]
    return pd.DataFrame(tested)


def _test_series(group: pd.DataFrame, item: str, period: str) -> dict[str, object]:
    edition = standards.newest_edition("rank-correlation")
    values = group["value"].to_numpy(dtype=float)
    n = len(values)
    found = {
        "n": n,
        "first": group["period"].iloc[0],
        "last": group["period"].iloc[-1],
        "rs": np.nan,
        "critical_05": np.nan,
        "critical_01": np.nan,
        "p": np.nan,
        "p_two_sided": np.nan,
        "p_method": "",
        "verdict": _SCARCE,
        "standard": edition.id,
        "clause": edition.table("critical").clause,
        "note": _describe_gaps(group["period"], period),
    }
    minimum = standards.method_number(edition, name="minimum")
    if n < minimum:
        return {**found, "note": f"只有 {n} 个时段，少于 {minimum} 个"}
    exact_up_to = standards.method_number(edition, name="exact_up_to")
    # Means that are equal on paper must tie although their binary values differ.
    ranked = np.round(values, 12)
    rs = float(rank_correlation(ranked))
    five, one = critical_values(n, edition=edition)
    p, both = tail_probability(ranked, exact_up_to=exact_up_to)
    ties = "有并列值，按平均秩" if len(np.unique(ranked)) < n else ""
    level = standards.method_number(edition, name="level_percent") / 100
    beyond = f"时段数超出临界值表，按 p<{level} 判定" if np.isnan(five) else ""
    notes = [str(found["note"]), ties, beyond, _describe_edge(rs, five)]
    return {
        **found,
        "rs": rs,
        "critical_05": five,
        "critical_01": one,
        "p": p,
        "p_two_sided": both,
        "p_method": "全排列" if n <= exact_up_to else "t 近似",
        "verdict": _judge(rs, significant=p < level if np.isnan(five) else abs(rs) > five + 1e-9, item=item),
        "note": "；".join(filter(None, notes)),
    }


def _judge(rs: float, *, significant: bool, item: str) -> str:
    if not significant:
        return _STEADY
    table = standards.read_table(standards.newest_edition("surface-water"), name="table1")
    direction = table.drop_duplicates("indicator").set_index("indicator")["direction"].get(item, "")
    words = {"<=": (_WORSE, _BETTER), ">=": (_BETTER, _WORSE)}.get(direction, (_RISES, _FALLS))
    return words[0] if rs > 0 else words[1]


def _describe_edge(rs: float, critical: float) -> str:
    return "r_s 等于临界值，按“大于”不算显著" if abs(abs(rs) - critical) < 5e-4 else ""


def _describe_gaps(periods: pd.Series, period: str) -> str:
    whole = pd.period_range(periods.iloc[0], periods.iloc[-1], freq=PERIODS[period])
    absent = len(whole) - len(periods)
    return f"其间缺 {absent} 个时段" if absent else ""
