"""The class of each row of a table of water values, and what decided it. Pure functions of arrays and frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from suizhou_geo import standards
from suizhou_geo.conventions import indicators
from suizhou_geo.standards.rounding import Floats

Bools = npt.NDArray[np.bool_]
Classes = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Classified:
    """Classes of rows of values: ``items`` name the columns, ``classes`` is (row, item), ``worst`` is (row,).

    Class 0 means no value. ``is_lake`` says which row of the table was used; ``as_river`` and ``as_lake`` are what
    ``worst`` would be if all rows were rivers or lakes.
    """

    items: tuple[str, ...]
    values: Floats
    classes: Classes
    worst: Classes
    is_lake: Bools
    as_river: Classes
    as_lake: Classes


def classify_rows(
    values: Floats, *, items: Sequence[str], is_lake: Bools, edition: standards.Edition
) -> Classified:
    """Single-factor classes: the class of a row is that of its worst item (22号, 单因子评价法).

    ``values`` has shape (row, item) in the units of the standard, NaN where there is none.
    """
    names = tuple(items)
    river = standards.class_table(edition, items=names, water_body="river").classify(values)
    lake = standards.class_table(edition, items=names, water_body="lake").classify(values)
    classes = np.where(is_lake[:, None], lake, river)
    as_river, as_lake = river.max(axis=1, initial=0), lake.max(axis=1, initial=0)
    worst = np.where(is_lake, as_lake, as_river)
    return Classified(names, values, classes, worst, is_lake, as_river, as_lake)


def worst_beyond_limits(found: Classified, *, edition: standards.Edition) -> Classes:
    """The class of every row if each value that stands exactly on a limit were a hair beyond it.

    A published table shows rounded values; the platform classifies the value as it was measured.
    """
    hair = 1e-9
    beyond = [
        classify_rows(found.values * factor, items=found.items, is_lake=found.is_lake, edition=edition).worst
        for factor in (1 - hair, 1 + hair)
    ]
    return np.maximum(*beyond)


def limiting_items(found: Classified) -> list[str]:
    """For every row the codes of the items that have the row's class, in table order, joined by a comma."""
    limiting = (found.classes == found.worst[:, None]) & (found.worst > 0)[:, None]
    return _join_rows(limiting, found.items, separator=",")


def exceeding_items(found: Classified, *, reference_class: "int | Classes") -> list[str]:
    """For every row the codes of the items worse than the reference class, in table order, joined by a comma.

    The class is one for all rows, or one for each.
    """
    reference = np.broadcast_to(np.asarray(reference_class), found.worst.shape)[:, None]
    return _join_rows(found.classes > reference, found.items, separator=",")


def main_pollutants(
    found: Classified, *, edition: standards.Edition, method: standards.Edition, reference_class: Classes
) -> tuple[list[str], list[str]]:
    """Names of the main pollutants of each row, and the same with their exceedance multiples.

    Items worse than the reference class are sorted by their own class, worst first, then by multiple; cyanide and
    heavy metals come first; three are named (22号, 主要污染指标). The multiple is (C − S)/S to two decimals, half to
    even; pH and dissolved oxygen have none.
    """
    rules = standards.read_table(method, name="items").set_index("indicator").loc[list(found.items)]
    decimals = standards.method_number(method, name="multiple_decimals")
    ratios = exceedance_multiples(found, edition=edition, reference_class=reference_class)
    multiples = standards.round_half_even(ratios, decimals=decimals)
    multiples[:, (rules["multiple"] != "yes").to_numpy()] = np.nan
    exceeds = found.classes > reference_class[:, None]
    priority = rules["priority"].astype(int).to_numpy()
    longest = standards.method_number(method, name="main_pollutants")
    names, with_numbers = [""] * len(found.worst), [""] * len(found.worst)
    # Only rows that exceed something are visited one by one: their lists have at most a few entries.
    for row in np.flatnonzero(exceeds.any(axis=1)):
        columns = np.flatnonzero(exceeds[row])
        size = np.nan_to_num(multiples[row, columns], nan=0.0)
        order = np.lexsort((-size, -found.classes[row, columns], -priority[columns]))
        chosen = columns[order][:longest]
        labels = [indicators()[found.items[column]].name for column in chosen]
        names[row] = "、".join(labels)
        with_numbers[row] = "、".join(
            f"{label}({multiples[row, column]:.{decimals}f})"
            if np.isfinite(multiples[row, column])
            else label
            for label, column in zip(labels, chosen, strict=True)
        )
    return names, with_numbers


def exceedance_multiples(
    found: Classified, *, edition: standards.Edition, reference_class: Classes
) -> Floats:
    """(C − S)/S of every value against the limit of its row's reference class; shape (row, item)."""
    column = np.clip(reference_class.astype(int), 1, 5) - 1
    limits = np.where(
        found.is_lake[:, None],
        standards.class_table(edition, items=found.items, water_body="lake").high.T[column],
        standards.class_table(edition, items=found.items, water_body="river").high.T[column],
    )
    ratio = np.full(limits.shape, np.nan)
    np.divide(found.values - limits, limits, out=ratio, where=np.isfinite(limits))
    return ratio


def round_items(values: Floats, *, items: Sequence[str], edition: standards.Edition) -> Floats:
    """Every column rounded to the decimals of its item (82号), once, keeping one digit where it would vanish."""
    columns: list[Floats] = [
        standards.round_for_assessment(
            values[:, index], decimals=standards.decimals_of(item, edition=edition)
        )
        for index, item in enumerate(items)
    ]
    rounded: Floats = np.column_stack(columns)
    return rounded


def _join_rows(marks: Bools, names: Sequence[str], *, separator: str) -> list[str]:
    # Few distinct combinations occur: each is written once.
    patterns, inverse = np.unique(marks, axis=0, return_inverse=True)
    texts = [separator.join(np.asarray(names, dtype=object)[pattern]) for pattern in patterns]
    return [texts[index] for index in inverse.ravel()]
