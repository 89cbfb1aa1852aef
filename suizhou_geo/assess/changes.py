"""How water changed between two periods, by both rules of 22号, side by side."""

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.verdicts import NO_VERDICT
from suizhou_geo.errors import InputError
from suizhou_geo.standards.catalogue import Edition

_BY_GRADE, _BY_RATIO = "水质状况等级", "组合类别比例法"


def compare_periods(assessed: pd.DataFrame, *, earlier: str, later: str) -> pd.DataFrame:
    """The change of every section or unit from one period to another, by grade and by combined ratios.

    By grade: as many steps as the qualitative grades lie apart; none is 无明显变化, one 有所好转 or 有所变差, more
    明显. By combined ratio: ΔG − ΔD, percentage points of sections at Ⅲ or better and of worse than Ⅴ; up to 10
    无明显变化, up to 20 有所, more 明显 (the bound of 10 has one source). The method does not say which rule wins;
    ``change`` takes the grade for sections and the ratio for units, and ``agree`` says whether both say the same.

    Parameters
    ----------
    assessed
        What :func:`assess_sections` or :func:`assess_regions` returned for at least the two periods.
    earlier, later
        Periods as they stand in that frame: ``2020``, ``2020Q2``, ``2020-06``.

    Returns
    -------
    DataFrame
        ``site_id, site_name`` or ``unit``; ``earlier, later, grade_earlier, grade_later, change_by_grade,
        ratio_good_earlier, ratio_good_later, ratio_bad_earlier, ratio_bad_later, difference`` (ΔG − ΔD),
        ``change_by_ratio, change, rule, agree, standard, clause, verified, note``.

    Raises
    ------
    InputError
        A period is not in the frame; the known ones are named.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit": "府河", "period": ["2020", "2021"], "grade": ["良好", "优"], "n_classified": 10,
    ...     "ratio_good": [80.0, 90.0], "ratio_bad": [0.0, 0.0]})
    >>> compare_periods(frame, earlier="2020", later="2021").loc[0, ["change_by_grade", "change_by_ratio", "change"]].tolist()
    ['有所好转', '无明显变化', '无明显变化']
    """
    keys = ["unit"] if "unit" in assessed.columns else ["site_id", "site_name"]
    first, second = (_take_period(assessed, keys, period) for period in (earlier, later))
    # Whoever is in one of the two periods only stands in the result too, without a change.
    index = first.index.union(second.index)
    first, second = first.reindex(index), second.reindex(index)
    method = standards.newest_edition("surface-water-method")
    by_grade = _change_of_grades(first["grade"], second["grade"], method)
    frame = pd.DataFrame(
        {
            "earlier": earlier,
            "later": later,
            "grade_earlier": first["grade"].fillna(""),
            "grade_later": second["grade"].fillna(""),
            "change_by_grade": by_grade,
        },
        index=index,
    )
    is_unit = keys == ["unit"]
    if is_unit:
        frame = frame.assign(**_change_of_ratios(first, second, method))
        frame["agree"] = frame["change_by_grade"] == frame["change_by_ratio"]
    chosen = "change_by_ratio" if is_unit else "change_by_grade"
    table = method.table("changes")
    return frame.assign(
        change=frame[chosen],
        rule=_BY_RATIO if is_unit else _BY_GRADE,
        standard=method.id,
        clause=f"{method.number} {table.clause}",
        verified=table.verified,
        note=_describe(first, second),
    ).reset_index()


def _take_period(assessed: pd.DataFrame, keys: list[str], period: str) -> pd.DataFrame:
    periods = assessed["period"].astype(str)
    found = assessed[periods == str(period)].set_index(keys)
    if found.empty:
        known = "、".join(sorted(periods.unique()))
        raise InputError(f"没有时段“{period}”的评价结果", why=f"已有：{known}", todo="核对时段写法")
    return found


def _change_of_grades(first: pd.Series, second: pd.Series, method: Edition) -> pd.Series:
    grades = standards.read_table(method, name="grades")["grade"].drop_duplicates().tolist()
    rank = {grade: place for place, grade in enumerate(grades)}
    return _words(first.map(rank) - second.map(rank), rule="grade", method=method)


def _change_of_ratios(first: pd.DataFrame, second: pd.DataFrame, method: Edition) -> dict[str, pd.Series]:
    difference = second["ratio_good"] - first["ratio_good"] - (second["ratio_bad"] - first["ratio_bad"])
    # Shares have one decimal: so has their difference, once the noise of the subtraction is gone.
    difference = pd.Series(standards.round_half_even(difference, decimals=1), index=difference.index)
    return {
        "ratio_good_earlier": first["ratio_good"],
        "ratio_good_later": second["ratio_good"],
        "ratio_bad_earlier": first["ratio_bad"],
        "ratio_bad_later": second["ratio_bad"],
        "difference": difference,
        "change_by_ratio": _words(difference, rule="ratio", method=method),
    }


def _words(better_by: pd.Series, *, rule: str, method: Edition) -> pd.Series:
    # Positive is better; every row of the table says what (above, up_to] is called in either direction.
    table = standards.read_table(method, name="changes")
    words = pd.Series(NO_VERDICT, index=better_by.index, dtype=object)
    size = better_by.abs()
    for row in table[table["rule"] == rule].itertuples():
        here = (size > float(row.above or -np.inf)) & (size <= float(row.up_to or np.inf))
        words[here & (better_by >= 0)] = row.better
        words[here & (better_by < 0)] = row.worse
    return words


def _describe(first: pd.DataFrame, second: pd.DataFrame) -> list[str]:
    if "n_classified" not in first.columns:
        return [""] * len(first)
    counts = zip(first["n_classified"].fillna(0), second["n_classified"].fillna(0), strict=True)
    return [
        f"两时段有类别的断面数不同（{int(before)} 与 {int(after)}）" if before != after else ""
        for before, after in counts
    ]
