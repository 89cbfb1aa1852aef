"""Colours and line patterns of the map, from ``palette.csv``, each with the rule it follows."""

import csv
from calendar import monthrange
from datetime import date
from functools import cache
from importlib.resources import files as package_files

from suizhou_geo import standards

#: Colour, fill, pattern and label of one symbol.
Style = dict[str, str]


@cache
def read_palette() -> dict[str, dict[str, Style]]:
    """Styles by group and key; groups are ``class``, ``state``, ``area`` and ``category``.

    A ``category`` key is ``layer kind:word``; it applies to features of that kind whose category holds the word.

    >>> read_palette()["class"]["4"]["label"], read_palette()["state"]["at_risk"]["pattern"]
    ('Ⅳ类', 'dashed')
    """
    text = package_files("suizhou_geo.maps").joinpath("palette.csv").read_text(encoding="utf-8")
    palette: dict[str, dict[str, Style]] = {}
    for row in csv.DictReader(text.splitlines()):
        style = {column: row[column] for column in ("label", "colour", "fill", "pattern", "basis")}
        palette.setdefault(row["group"], {})[row["key"]] = style
    return palette


@cache
def read_air_colours(standard: str) -> dict[str, Style]:
    """Styles of the levels of the air quality index by that edition's own table, and of no data (key ``0``).

    >>> read_air_colours("hj633-2012")["2"]["fill"], read_air_colours("hj633-2026")["3"]["label"]
    ('#ffff00', '轻度污染')
    """
    edition = standards.find_edition(standard)
    basis = f"{edition.number} {edition.table('levels').clause}"
    styles = {"0": {**read_palette()["class"]["0"]}}
    for row in standards.read_table(edition, name="levels").itertuples():
        colour = f"#{int(row.red):02x}{int(row.green):02x}{int(row.blue):02x}"
        styles[str(row.level)] = {
            "label": str(row.category), "colour": colour, "fill": colour, "pattern": "", "basis": basis
        }  # fmt: skip
    return styles


def air_edition(year: int, month: int) -> str:
    """The edition whose colours a picture of that month takes: the one in force on its last day, or the first of all.

    >>> air_edition(2026, 2), air_edition(2026, 3), air_edition(2001, 1)
    ('hj633-2012', 'hj633-2026', 'hj633-2012')
    """
    last = date(year, month, monthrange(year, month)[1])
    first, *later = standards.editions_of("air-index")
    return max(
        (each for each in (first, *later) if each is first or each.effective_from <= last),
        key=lambda each: each.effective_from,
    ).id
