"""Indices of surface water as array kernels: the trophic state of lakes (22号) and the ranking index (51号)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo.standards.catalogue import Edition, newest_edition, read_table
from suizhou_geo.standards.limits import class_table
from suizhou_geo.standards.rounding import Floats


def trophic_items(*, method: Edition | None = None) -> tuple[str, ...]:
    """The parameters of the trophic state index, in table order; of the newest method unless one is given.

    >>> trophic_items()
    ('chla', 'tp', 'tn', 'sd', 'codmn')
    """
    return tuple(_trophic(method)["indicator"])


def trophic_parts(values: npt.ArrayLike, *, method: Edition | None = None) -> Floats:
    """TLI of every parameter, 10 (a + b ln x); ``values`` has shape (…, 5) in the order of :func:`trophic_items`.

    Chlorophyll a in mg/m³, the rest in mg/L, transparency in m. NaN where there is no positive value.

    >>> trophic_parts([20, 0.08, 1.2, 0.8, 5.0]).round(4).tolist()
    [57.5337, 53.3422, 57.6185, 55.509, 43.9171]
    """
    table = _trophic(method)
    array = np.asarray(values, dtype=np.float64)
    logarithm = np.log(np.where(array > 0, array, np.nan))
    parts: Floats = 10 * (
        table["intercept"].astype(float).to_numpy() + table["slope"].astype(float).to_numpy() * logarithm
    )
    return parts


def trophic_index(parts: npt.ArrayLike, *, method: Edition | None = None) -> Floats:
    """TLI(Σ) of parts with shape (…, 5), weighted by the squared correlations, renormalised over those present.

    >>> round(float(trophic_index(trophic_parts([20, 0.08, 1.2, 0.8, 5.0]))), 3)
    53.892
    """
    table = _trophic(method)
    weight = table["correlation"].astype(float).to_numpy() ** 2
    array = np.asarray(parts, dtype=np.float64)
    present = np.isfinite(array)
    total = (present * weight).sum(axis=-1)
    weighted = np.where(present, array * weight, 0.0).sum(axis=-1)
    index: Floats = np.divide(weighted, total, out=np.full(np.shape(total), np.nan), where=total > 0)
    return index


def trophic_grade(index: float, *, method: Edition | None = None) -> str:
    """Grade of a TLI(Σ), or an empty text where there is none.

    >>> trophic_grade(30), trophic_grade(50), trophic_grade(50.1), trophic_grade(float("nan"))
    ('中营养', '中营养', '轻度富营养', '')
    """
    chosen = method or newest_edition("surface-water-method")
    for row in read_table(chosen, name="trophic_grades").itertuples():
        low, high = float(row.above or "-inf"), float(row.up_to or "inf")
        below = index < high if row.above == "" else index <= high
        if (index > low or (row.includes_lower == "yes" and index == low)) and below:
            return str(row.grade)
    return ""


def _trophic(method: Edition | None) -> pd.DataFrame:
    return read_table(method or newest_edition("surface-water-method"), name="trophic")


def ranking_index(
    values: npt.ArrayLike, *, items: Sequence[str], water_body: str, edition: Edition
) -> Floats:
    """CWQI of means with shape (…, item): the sum of C/C_Ⅲ, for oxygen C_Ⅲ/C, for pH the distance from 7 (51号).

    An item without a value contributes nothing (unverified).

    >>> from suizhou_geo.standards.catalogue import find_edition
    >>> index = ranking_index([8.0, 10.0, 0.1], items=("ph", "do", "tp"), water_body="river", edition=find_edition("gb3838-2002"))
    >>> float(index)
    1.5
    """
    rules = (
        read_table(newest_edition("surface-water-ranking"), name="rules")
        .set_index("rule")["value"]
        .astype(int)
    )
    table = class_table(edition, items=tuple(items), water_body=water_body)
    low, high = (limits[:, rules["reference_class"] - 1] for limits in (table.low, table.high))
    array = np.asarray(values, dtype=np.float64)
    neutral = float(rules["ph_neutral"])
    with np.errstate(divide="ignore", invalid="ignore"):
        above = np.where(np.isfinite(high), array / high, low / array)
        ph = np.where(
            array <= neutral, (neutral - array) / (neutral - low), (array - neutral) / (high - neutral)
        )
    parts = np.where(np.isfinite(low) & np.isfinite(high), ph, above)
    total: Floats = np.where(np.isfinite(array), parts, 0.0).sum(axis=-1)
    # Oxygen of 0 would divide by 0: such an index cannot be given.
    return np.where(np.isfinite(array).any(axis=-1) & np.isfinite(total), total, np.nan)
