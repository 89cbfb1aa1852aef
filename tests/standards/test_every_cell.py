"""The contract of every edition: each table declared, each cell of its kind, limits in order, dates without overlap.

Nothing here names an edition: a new folder is walked the day it is added.
"""

import re
import tomllib
from datetime import timedelta
from itertools import pairwise

import pandas as pd
import pytest

from suizhou_geo import standards
from suizhou_geo.standards import Edition, Table

EDITIONS = standards.editions()
TABLES = [(edition, table) for edition in EDITIONS for table in edition.tables]
VERIFIED = re.compile(r"primary|data|unverified|1 source|[2-9]\d* sources")

UNITS = {
    "mg/L", "μg/L", "ng/L", "mg/m³", "μg/m³", "mg/kg", "μg/kg", "ng/kg", "无量纲", "℃", "个/L", "m", "NTU", "μS/cm",
    "Bq/L", "铂钴色度单位", "MPN/100mL", "CFU/mL", "CFU/100mL", "MPN/L", "倍", "度", "t/a", "%", "%SS", "mV", "cm", "起",
}  # fmt: skip

#: Columns of one row that may only grow from left to right (empty and worded cells are left out).
ORDERED = (
    ("I", "II", "III", "IV", "V"),
    ("I", "II", "III", "IV"),
    ("level1", "level2"),
    ("iaqi0", "iaqi50", "iaqi100", "iaqi150", "iaqi200", "iaqi300", "iaqi400", "iaqi500"),
    ("good_from", "good_below"),
    ("bad_from", "bad_below"),
    ("above", "up_to"),
    ("screening", "intervention"),
    ("screening_class1", "screening_class2"),
    ("intervention_class1", "intervention_class2"),
    ("screening_class1", "intervention_class1"),
    ("screening_class2", "intervention_class2"),
)
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")

name = lambda pair: f"{pair[0].id}-{pair[1].name}" if isinstance(pair, tuple) else pair.id  # noqa: E731


@pytest.mark.parametrize("edition", EDITIONS, ids=name)
def test_an_edition_says_what_it_is(edition: Edition) -> None:
    assert edition.id == edition.folder.name
    assert edition.number
    assert edition.title
    assert VERIFIED.fullmatch(edition.verified)
    assert edition.tables
    if edition.effective_to is not None:
        assert edition.effective_to > edition.effective_from
    declared = {table.file for table in edition.tables}
    assert declared == {path.name for path in edition.folder.glob("*.csv")}
    known = {
        "id", "family", "number", "title", "effective_from", "effective_to", "superseded_by", "verified", "note", "tables"
    }  # fmt: skip
    assert set(tomllib.loads((edition.folder / "meta.toml").read_text(encoding="utf-8"))) <= known


@pytest.mark.parametrize("family", sorted({edition.family for edition in EDITIONS}))
def test_editions_of_a_family_follow_one_another(family: str) -> None:
    for before, after in pairwise(standards.editions_of(family)):
        assert before.effective_to is not None, f"{before.id} has no end although {after.id} follows"
        assert after.effective_from == before.effective_to + timedelta(days=1)
        assert before.superseded_by == after.id
    assert standards.newest_edition(family).superseded_by == ""


@pytest.mark.parametrize("pair", TABLES, ids=name)
def test_every_cell(pair: tuple[Edition, Table]) -> None:
    edition, table = pair
    frame = standards.read_table(edition, name=table.name)
    assert table.clause
    assert table.title
    assert VERIFIED.fullmatch(table.verified)
    assert len(frame) == table.rows
    assert not frame.duplicated().any(), "the same row twice"
    assert (frame == frame.map(str.strip)).all(axis=None), "a cell with blanks around it"
    assert (frame != "").any(axis=1).all()
    assert (frame.iloc[:, 0] != "").mean() > 0.5, "the first column names the row"
    if "unit" in frame:
        assert set(frame["unit"]) <= UNITS
    for columns in ORDERED:
        if set(columns) <= set(frame.columns):
            _assert_ordered(frame, columns)


def _assert_ordered(frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    for _, row in frame.iterrows():
        numbers = [float(row[column]) for column in columns if NUMBER.fullmatch(row[column])]
        rising = row.get("direction", "<=") != ">="
        ordered = numbers if rising else numbers[::-1]
        assert ordered == sorted(ordered), f"{row.iloc[0]}: {numbers}"


def test_no_limit_is_typed_as_a_word() -> None:
    # A comma, a full-width digit or a missing exponent would make a number unreadable, not wrong: catch it here.
    for edition, table in TABLES:
        frame = standards.read_table(edition, name=table.name)
        for column in set(frame.columns) & {name for columns in ORDERED for name in columns} - {"V"}:
            odd = [
                cell
                for cell in frame[column]
                if cell and not NUMBER.fullmatch(cell) and re.search(r"[０-９,，Oo]", cell)
            ]
            assert not odd, (edition.id, table.name, column, odd)
