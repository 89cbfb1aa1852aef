"""Shares of classes and the grade of a river, basin or region from the classes of its sections."""

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.conventions import class_label


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


def region_grade(*, ratio_good: float, ratio_bad: float) -> str:
    """Grade of a region with five or more sections, from its class shares in per cent (22号, 断面类别比例法).

    >>> region_grade(ratio_good=94.1, ratio_bad=0), region_grade(ratio_good=60, ratio_bad=40)
    ('优', '重度污染')
    """
    method = standards.edition_in_force("surface-water-method", on=pd.Timestamp("2100-01-01").date())
    table = standards.read_table(method, name="region_grades").set_index("grade")
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
    method = standards.edition_in_force("surface-water-method", on=pd.Timestamp("2100-01-01").date())
    grades = standards.read_table(method, name="grades").set_index("label")["grade"]
    return str(grades.get(class_label(water_class), "无法判定"))
