"""Shares of classes and the grade of a river, basin or region from the classes of its sections."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.cubes import as_rows
from suizhou_geo.assess.periods import assess_sections, period_means
from suizhou_geo.assess.scope import choose_items, leave_out_background
from suizhou_geo.assess.verdicts import NO_VERDICT
from suizhou_geo.conventions import class_label, indicators
from suizhou_geo.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

RATIO_RULE, MEAN_RULE = "断面类别比例法", "均值法"


def assess_regions(
    observations: "pd.DataFrame | xr.Dataset",
    *,
    by: str = "river",
    period: str = "month",
    mode: str = "assessment",
    standard: str = "auto",
    below_detection: str = "half",
    items: str = "21",
    extra_items: pd.DataFrame | None = None,
    background: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Class shares, grade and main pollutants of every unit (river, basin, county …) and period.

    With five or more classified sections the grade follows from the shares; with fewer from the class of the means
    over the sections, every indicator by itself, rivers and lakes apart (22号). No class of the whole is given under
    the first rule. Main pollutants are the three with the largest share of sections worse than Ⅲ; with fewer than
    five sections those of the means.

    Parameters
    ----------
    observations
        Tidy rows with the column ``by``; rows in which it is empty belong to no unit.
    by
        Column that names the unit: ``river``, ``basin``, ``province``, ``adcode``, ``assessed_city`` …
    period, mode, standard, below_detection, items, extra_items, background
        As in :func:`assess_sections`.

    Returns
    -------
    DataFrame
        ``unit, period, n, n_classified, n_sufficient, ratio_good, ratio_bad, class, grade, main_pollutants, rule,
        standard, clause, note``, sorted by unit and period. ``n_sufficient`` counts sections with enough data.

    Examples
    --------
    >>> rows = pd.DataFrame({"site_id": ["A", "B"], "site_name": ["A", "B"], "river": "府河", "indicator": "tp",
    ...     "time": pd.Timestamp("2021-04-02"), "value": [0.1, 0.4], "censored": False, "qualifier": "",
    ...     "source_row": [2, 3]})
    >>> found = assess_regions(rows, by="river").loc[0]
    >>> float(found["ratio_good"]), int(found["class"]), found["grade"], found["main_pollutants"], found["rule"]
    (50.0, 4, '轻度污染', '总磷(0.25)', '均值法')
    """
    rows = as_rows(observations)
    if by not in rows.columns or (rows[by].fillna("") == "").all():
        raise InputError(
            f"没有“{by}”这一列，或全是空的，无法按它汇总",
            todo="用 --sites 给出带该列的站点表，表中的断面名称与数据一致",
        )
    named = rows[rows[by].fillna("").astype(str) != ""]
    choices = {"period": period, "mode": mode, "standard": standard, "below_detection": below_detection}
    sections = assess_sections(named, **choices, items=items, extra_items=extra_items, background=background)
    unit_of = named.drop_duplicates("site_id").set_index("site_id")[by].astype(str)
    sections = sections.assign(unit=sections["site_id"].map(unit_of))
    scoped = leave_out_background(
        choose_items(named, items=items, extra_items=extra_items), background=background
    )
    of_means = assess_sections(_unit_means(scoped, sections, unit_of, **choices), **choices)
    # A unit of rivers and lakes has two rows of means; the worse of them speaks for the unit.
    of_means = of_means.sort_values("class", na_position="first").drop_duplicates(
        ["site_name", "period"], keep="last"
    )
    of_means = of_means.set_index(["site_name", "period"])[["class", "grade", "exceedance"]]
    of_means = of_means.reindex(pd.MultiIndex.from_frame(sections[["unit", "period"]].drop_duplicates()))
    methods = _methods_of(sections["period"].unique())
    judged = [
        _judge_unit(unit, when, group, of_means.loc[(unit, when)], method=methods[when])
        for (unit, when), group in sections.groupby(["unit", "period"], sort=True)
    ]
    return pd.DataFrame(judged).astype({"class": "Int64"})


def class_shares(classes: pd.Series) -> dict[str, float]:
    """Shares of sections at class Ⅲ or better and worse than Ⅴ, in per cent with one decimal, and their number.

    Sections without a class are in neither numerator nor denominator.

    >>> class_shares(pd.Series([2, 3, 4, 6, None]))
    {'n': 4, 'ratio_good': 50.0, 'ratio_bad': 25.0}
    >>> class_shares(pd.Series([], dtype=float))
    {'n': 0}
    """
    known = classes.dropna()
    if known.empty:
        return {"n": 0}
    shares = [100 * (known <= 3).mean(), 100 * (known > 5).mean()]
    good, bad = standards.round_half_even(shares, decimals=1).tolist()
    return {"n": len(known), "ratio_good": good, "ratio_bad": bad}


def region_grade(*, ratio_good: float, ratio_bad: float, method: standards.Edition | None = None) -> str:
    """Grade of a region with five or more sections, from its class shares in per cent (22号, 断面类别比例法).

    By the newest edition of the method unless one is given.

    >>> region_grade(ratio_good=94.1, ratio_bad=0), region_grade(ratio_good=60, ratio_bad=40)
    ('优', '重度污染')
    """
    chosen = method or standards.newest_edition("surface-water-method")
    table = standards.read_table(chosen, name="region_grades").set_index("grade")
    bounds = table[["good_from", "good_below", "bad_from", "bad_below"]].replace("", "nan").astype(float)
    values = np.array([ratio_good, ratio_bad])
    low, high = bounds[["good_from", "bad_from"]].to_numpy(), bounds[["good_below", "bad_below"]].to_numpy()
    fits = (np.isnan(low) | (values >= low)) & (np.isnan(high) | (values < high))
    return str(bounds.index[fits.all(axis=1)][0])


def section_grade(water_class: int | None) -> str:
    """Grade of a section of that class (22号, 断面水质定性评价), or 无法判定.

    >>> section_grade(3), section_grade(None)
    ('良好', '无法判定')
    """
    method = standards.newest_edition("surface-water-method")
    grades = standards.read_table(method, name="grades").set_index("label")["grade"]
    return str(grades.get(class_label(water_class), NO_VERDICT))


def _unit_means(
    observations: pd.DataFrame,
    sections: pd.DataFrame,
    unit_of: pd.Series,
    *,
    period: str,
    below_detection: str,
    **_choices: str,
) -> pd.DataFrame:
    # The means of the sections as if they were the values of one site, the unit's rivers or its lakes, a minute
    # apart so that equal values of two sections are not taken for duplicates; pH is averaged as hydrogen ion there too.
    means = period_means(observations, period=period, below_detection=below_detection)
    unit = means["site_id"].map(unit_of)
    body = means["site_id"].map(sections.drop_duplicates("site_id").set_index("site_id")["water_body"])
    start = pd.to_datetime(means["period"].map(lambda text: pd.Period(text).start_time))
    apart = pd.to_timedelta(means["site_id"].rank(method="dense"), unit="min")
    return pd.DataFrame(
        {
            "site_id": unit + "|" + body,
            "site_name": unit,
            "time": start + apart,
            "indicator": means["indicator"],
            "value": means["value"],
            "censored": False,
            "qualifier": "",
            "source_row": np.arange(len(means)),
            "water_body": body,
        }
    )


def _methods_of(periods: Iterable[str]) -> dict[str, standards.Edition]:
    names = list(periods)
    starts = pd.Series([pd.Period(name).start_time for name in names])
    ids = standards.editions_by_date("surface-water-method", dates=starts, backdate=True)
    return {name: standards.find_edition(edition_id) for name, edition_id in zip(names, ids, strict=True)}


def _judge_unit(
    unit: str, period: str, sections: pd.DataFrame, of_means: pd.Series, *, method: standards.Edition
) -> dict[str, Any]:
    shares = {"ratio_good": np.nan, "ratio_bad": np.nan, **class_shares(sections["class"])}
    ratios = {name: shares[name] for name in ("ratio_good", "ratio_bad")}
    by_shares = shares["n"] >= standards.method_number(method, name="ratio_sections")
    grade = region_grade(**ratios, method=method) if by_shares else ""
    scarce = int(sections["verdict"].str.startswith("数据不足").sum())
    absent = len(sections) - shares["n"]
    notes = [
        f"{scarce} 个断面数据个数不足" if scarce else "",
        f"{absent} 个断面没有类别，不计入比例" if absent else "",
    ]
    return {
        "unit": unit,
        "period": period,
        "n": len(sections),
        "n_classified": shares["n"],
        "n_sufficient": shares["n"] - scarce,
        **ratios,
        "class": pd.NA if by_shares else of_means["class"],
        "grade": grade or (of_means["grade"] if pd.notna(of_means["class"]) else NO_VERDICT),
        "main_pollutants": _most_exceeded(sections, method) if by_shares else of_means["exceedance"],
        "rule": RATIO_RULE if by_shares else MEAN_RULE,
        "standard": method.id,
        "clause": f"{method.number} {method.table('region_grades' if by_shares else 'grades').clause}",
        "note": "；".join(filter(None, notes)),
    }


def _most_exceeded(sections: pd.DataFrame, method: standards.Edition) -> str:
    # 断面超标率: sections where an item is worse than Ⅲ, in per cent of all classified sections.
    known = sections[sections["class"].notna()]
    counts = known.loc[known["exceeding"] != "", "exceeding"].str.split(",").explode().value_counts()
    longest = standards.method_number(method, name="main_pollutants")
    # Equal rates stand in the order of the standard's table.
    order = {
        item: place for place, item in enumerate(standards.read_table(method, name="items")["indicator"])
    }
    ranked = sorted(counts.items(), key=lambda each: (-each[1], order.get(str(each[0]), len(order))))[
        :longest
    ]
    rates = standards.round_half_even([100 * count / len(known) for _, count in ranked], decimals=1)
    return "、".join(
        f"{indicators()[str(item)].name}({rate:.1f}%)" for (item, _), rate in zip(ranked, rates, strict=True)
    )
