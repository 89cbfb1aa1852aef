"""The index of a run: counties down, notebooks across, each cell a state, a number and links."""

from collections.abc import Mapping, Sequence
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from suizhou_geo import maps
from suizhou_geo.batch.products import BRIEF, DATA, EXECUTED, FAILED_EXECUTED, PAGE, WORKBOOK
from suizhou_geo.conventions import SYNTHETIC_LABEL, chance_text, state_word
from suizhou_geo.saving import write_text_atomically

_SHOWN = (
    "adcode",
    "county",
    "notebook",
    "state",
    "reason",
    "seconds",
    "headline",
    "command",
    "synthetic",
    "changes",
)
_TARGET = ("id", "name", "value", "unit", "target", "compare", "state", "p_attain")


def write_index(rows: Sequence[Mapping[str, Any]], *, title: str, period: str, path: Path) -> Path:
    """Write the index of the rows of a run table as one offline page; links are relative to its folder.

    ``period`` (``YYYY-MM``) is that of the latest run; a row of another one says so.
    """
    data = {
        "title": title,
        "period": period,
        "synthetic_label": SYNTHETIC_LABEL,
        "notebooks": {row["notebook"]: row["title"] for row in rows},
        "rows": [_shown(row, path.parent) for row in rows],
    }
    document = maps.render_document(
        title=f"{title} {period}",
        data=data,
        script=_read("index.js"),
        style=_read("index.css"),
        body=_read("index.html"),
    )
    return write_text_atomically(path, document)


def _shown(row: Mapping[str, Any], root: Path) -> dict[str, Any]:
    return {
        **{key: row[key] for key in _SHOWN},
        "period": f"{row['year']:04d}-{row['month']:02d}",
        "targets": [_shown_target(target) for target in row["targets"]],
        "files": _links(row, root),
    }


def _shown_target(target: Mapping[str, Any]) -> dict[str, Any]:
    chance = target.get("p_attain")
    return {
        **{key: target.get(key) for key in _TARGET},
        "word": state_word(target["state"], paced=target.get("required") is not None),
        "chance": "" if chance is None else chance_text(chance),
    }


def _links(row: Mapping[str, Any], root: Path) -> list[list[str]]:
    stem = f"{row['adcode']}/{row['notebook']}"
    # What stands beside a run that did not succeed is older than it.
    age = "" if row["page"] else "较早的"
    wanted = {
        f"{age}页面": PAGE,
        f"{age}Word": BRIEF,
        f"{age}Excel": WORKBOOK,
        f"{age}笔记本": EXECUTED,
        "出错的笔记本": FAILED_EXECUTED,
        f"{age}数据": DATA,
    }
    return [[label, stem + ending] for label, ending in wanted.items() if (root / (stem + ending)).is_file()]


def _read(name: str) -> str:
    return package_files("suizhou_geo.batch").joinpath("browser", name).read_text(encoding="utf-8")
