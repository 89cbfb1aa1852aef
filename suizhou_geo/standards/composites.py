"""The composite index of a city's air: every statistic by its standard value, rounded, then added (环办〔2014〕64号)."""

import numpy as np
import numpy.typing as npt

from suizhou_geo.standards.catalogue import newest_edition, read_table
from suizhou_geo.standards.rounding import round_half_even

Floats = npt.NDArray[np.float64]


def composite_items(table: str = "denominators") -> dict[str, str]:
    """The statistic of every pollutant of the index, in the order of the table.

    >>> composite_items()["o3_8h"], len(composite_items())
    ('p90', 6)
    """
    rows = read_table(newest_edition("air-composite"), name=table)
    return dict(zip(rows["indicator"], rows["statistic"], strict=True))


def composite_parts(values: npt.ArrayLike, *, table: str = "denominators") -> Floats:
    """The single indices, each rounded half to even; shape ``(..., item)`` as ``values``, items as ``composite_items``.

    ``table`` is ``"denominators"`` (2012) or ``"denominators_stage1"`` (unverified).

    >>> composite_parts([8, 20, 41, 14, 0.7, 155]).tolist()
    [0.13, 0.5, 0.59, 0.4, 0.18, 0.97]
    """
    rows = read_table(newest_edition("air-composite"), name=table)
    shares = np.asarray(values, dtype=float) / rows["denominator"].to_numpy(dtype=float)
    return round_half_even(shares, decimals=int(rows["decimals"].iloc[0]))


def composite_total(parts: npt.ArrayLike) -> Floats:
    """The index: the sum of the parts over the last dim; NaN when one is missing.

    >>> composite_total([[0.13, 0.5, 0.59, 0.4, 0.18, 0.97]]).tolist()
    [2.77]
    """
    return round_half_even(np.sum(np.asarray(parts, dtype=float), axis=-1), decimals=2)
