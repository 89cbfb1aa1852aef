"""How every command answers: notes and progress to stderr, results to stdout or to a file."""

import contextlib
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

#: Rows shown on a terminal when no file is asked for.
SHOWN_ROWS = 20


def print_notes(notes: Iterable[str], *, quiet: bool) -> None:
    """Lines for the analyst on stderr, none when quiet."""
    for note in [] if quiet else notes:
        typer.echo(note, err=True)


def write_or_print(frame: Any, *, output: Path | None, provenance: Mapping[str, Any]) -> None:
    """Write a table with its provenance, or print its first rows as CSV when no file is given."""
    from suizhou_geo import __version__, files

    if output is None:
        typer.echo(frame.head(SHOWN_ROWS).to_csv(index=False, lineterminator="\n"), nl=False)
        if len(frame) > SHOWN_ROWS:
            typer.echo(f"… 共 {len(frame)} 行，加 -o 文件名 写出全部", err=True)
        return
    files.write_table(frame, path=output, provenance={"工具版本": __version__, **provenance})
    typer.echo(f"已写出 {output}（{len(frame)} 行）", err=True)


@contextlib.contextmanager
def told_in_words() -> Iterator[None]:
    """A warning of the package as one line of Chinese, without the place in the code."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for warning in caught:
        typer.echo(f"提示：{warning.message}", err=True)
