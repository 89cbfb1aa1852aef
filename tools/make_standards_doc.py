"""Write docs/standards.md from the edition folders: every table with its clause and how sure it is."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from suizhou_geo import standards
from suizhou_geo.standards import Edition

TARGET = Path(__file__).parents[1] / "docs" / "standards.md"

HEAD = """# Standards: every table, its clause, and how sure it is

Written by `python tools/make_standards_doc.py` from `suizhou_geo/standards/data/`; a test compares the two. Each edition
is a folder with `meta.toml` and tables shaped like the printed ones. `suizhou-geo standards show ID` prints every cell,
`suizhou-geo standards on DATE` what was in force on a day. A folder named in the environment variable
`SUIZHOU_GEO_STANDARDS` adds editions of your own: no Python is needed.

How sure: **已对照原文** the text of the standard was read · **能复现公布结果** the rule reproduces published results ·
**n 个来源** n independent sources agree · **未核实** no source could be opened; the mark follows into every result.
"""


def write_page() -> None:
    """Replace the page by what the folders say now."""
    TARGET.write_text(render_page(), encoding="utf-8")


def render_page() -> str:
    """The page as text."""
    return "\n".join([HEAD, *_render_summary(), *_render_families()]).rstrip() + "\n"


def _render_summary() -> Iterator[str]:
    tables = [table for edition in standards.editions() for table in edition.tables]
    words = [standards.describe_certainty(table.verified) for table in tables]
    counts = "、".join(f"{word} {words.count(word)}" for word in sorted(set(words)))
    yield f"{len(standards.editions())} editions, {len(tables)} tables, {sum(table.rows for table in tables)} rows: {counts}."
    yield ""


def _render_families() -> Iterator[str]:
    for family, editions in groupby(standards.editions(), key=lambda edition: edition.family):
        yield f"## {family}"
        yield ""
        for edition in editions:
            yield from _render_edition(edition)


def _render_edition(edition: Edition) -> Iterator[str]:
    until = f" 至 {edition.effective_to}" if edition.effective_to else " 起"
    replaced = f"，由 `{edition.superseded_by}` 代替" if edition.superseded_by else ""
    yield f"### {edition.number} {edition.title}"
    yield ""
    yield f"`{edition.id}` · {edition.effective_from}{until}{replaced} · {standards.describe_certainty(edition.verified)}"
    yield ""
    if edition.note:
        yield f"> {edition.note}"
        yield ""
    yield "| table | title | clause | rows | how sure |"
    yield "|---|---|---|---|---|"
    for table in edition.tables:
        sure = standards.describe_certainty(table.verified)
        yield f"| `{table.name}` | {table.title} | {table.clause} | {table.rows} | {sure} |"
    yield ""


if __name__ == "__main__":
    write_page()
