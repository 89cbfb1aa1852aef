"""The index of a run: counties down, notebooks across, each cell a state, a number and links."""

from collections.abc import Mapping, Sequence
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from suizhou_geo import maps
from suizhou_geo.conventions import TARGET_WORDS
from suizhou_geo.saving import write_text_atomically


def write_index(rows: Sequence[Mapping[str, Any]], *, title: str, path: Path) -> Path:
    """Write the index as one offline page; links are relative to its folder."""
    data = {
        "title": title,
        "words": TARGET_WORDS,
        "rows": [
            {
                key: row[key]
                for key in ("adcode", "county", "notebook", "state", "reason", "seconds", "page", "headline")
            }
            | {
                "targets": [_target(target) for target in row.get("targets", [])],
                "files": _links(row, path.parent),
            }
            for row in rows
        ],
    }
    document = maps.render_document(
        title=title, data=data, script=_read("index.js"), style=_read("index.css"), body=_read("index.html")
    )
    return write_text_atomically(path, document)


def _target(target: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: target[key] for key in ("id", "name", "value", "unit", "target", "compare", "state", "p_attain")
    }


def _links(row: Mapping[str, Any], root: Path) -> list[list[str]]:
    stem = f"{row['adcode']}/{row['notebook']}"
    wanted = {"页面": ".html", "笔记本": ".ipynb", "出错的笔记本": ".failed.ipynb", "数据": ".json"}
    return [[label, stem + ending] for label, ending in wanted.items() if (root / (stem + ending)).is_file()]


def _read(name: str) -> str:
    return package_files("suizhou_geo.batch").joinpath("browser", name).read_text(encoding="utf-8")
