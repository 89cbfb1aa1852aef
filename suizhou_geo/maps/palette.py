"""Colours and line patterns of the map, from ``palette.csv``, each with the rule it follows."""

import csv
from functools import cache
from importlib.resources import files as package_files

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
