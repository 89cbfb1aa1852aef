"""Write docs/cli.md from what every command says of itself under ``--help``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from suizhou_geo.cli.main import app

TARGET = Path(__file__).parents[1] / "docs" / "cli.md"

HEAD = """# Commands

Written by `python tools/make_cli_doc.py` from `--help`; a test compares the two. Exit codes: `0` done · `1` done, and something
was found · `2` cannot be done as asked · `130` interrupted. `--debug` shows where an error arose. `-o` picks the format by its
ending (`.csv`, `.xlsx`, `.parquet`, `.gpkg`, `.json`) and writes beside it where the numbers come from.
"""


def write_page() -> None:
    """Replace the page by what the commands say now."""
    TARGET.write_text(render_page(), encoding="utf-8")


def render_page() -> str:
    """The page as text."""
    return "\n".join([HEAD, *_render_commands()]).rstrip() + "\n"


def _render_commands() -> Iterator[str]:
    for name, command, context in iterate_commands():
        yield f"## {name}"
        yield ""
        yield "```text"
        yield from (line.rstrip() for line in command.get_help(context).splitlines())
        yield "```"
        yield ""


def iterate_commands() -> Iterator[tuple[str, Any, Any]]:
    """Every command with its full name and context, groups left out: ``assess water``, ``standards list`` …"""
    yield from _walk(typer.main.get_command(app), "suizhou-geo", None)


def _walk(command: Any, name: str, parent: Any) -> Iterator[tuple[str, Any, Any]]:
    context = command.make_context(
        name.rsplit(" ", 1)[-1], [], parent=parent, resilient_parsing=True, terminal_width=110
    )
    if not hasattr(command, "list_commands"):
        yield name, command, context
        return
    for each in command.list_commands(context):
        yield from _walk(command.get_command(context, each), f"{name} {each}", context)


if __name__ == "__main__":
    write_page()
