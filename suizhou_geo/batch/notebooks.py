"""Which notebooks there are, which parameters they take, and whether given values fit them."""

import ast
import json
import math
import re
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from suizhou_geo.errors import InputError, UnknownNameError
from suizhou_geo.packaged import packaged_folder

# A dependency builds a grammar of a second at import only to check one format that notebooks do not use.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

#: What a parameter's type comment or default allows.
_TYPES: Mapping[str, type[Any]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "list": list,
    "dict": dict,
}
_NAME = re.compile(r"^[A-Za-z_]\w*$")
#: Products are named by it: on any system, so none of the devices of Windows.
_SAFE_STEM = re.compile(r"(?!(?i:con|prn|aux|nul|com\d|lpt\d)$)[A-Za-z0-9][A-Za-z0-9_-]{0,60}")

#: Parameters that the runner itself fills in.
RUNNER_PARAMETERS = ("workspace", "adcode", "year", "month", "page")


def list_notebooks() -> dict[str, Path]:
    """The packaged notebooks that run per county, by name: those with an ``adcode`` parameter.

    >>> "county_overview" in list_notebooks()
    True
    """
    found = {path.stem: path for path in sorted(packaged_folder("notebooks").glob("*.ipynb"))}
    return {name: path for name, path in found.items() if "adcode" in read_parameters(path)}


def find_notebook(name: str) -> Path:
    """The notebook of that name, or the file if it is a path that ends in ``.ipynb``.

    Raises ``UnknownNameError`` naming what there is.
    """
    known = list_notebooks()
    if name in known:
        return known[name]
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        if not _SAFE_STEM.fullmatch(path.stem):
            raise InputError(
                f"笔记本文件名“{path.name}”不能用", why="产品按它命名", todo="只用字母、数字、_ 和 -"
            )
        return path
    near = get_close_matches(name, known, n=1)
    raise UnknownNameError(
        f"没有名为“{name}”的笔记本",
        why=f"已有：{'、'.join(known)}",
        todo=f"是否为 {near[0]}" if near else "或给出 .ipynb 文件的路径",
    )


def read_parameters(notebook: Path) -> dict[str, dict[str, Any]]:
    """The parameters of a notebook's tagged cell: name → ``type``, ``default`` (source text) and ``help``.

    Raises ``InputError`` for a file that is no notebook of Python.

    >>> read_parameters(find_notebook("county_overview"))["year"]["type"]
    'int'
    """
    import papermill  # noqa: PLC0415  (a second to import)

    _check_notebook(notebook)
    inspected: dict[str, dict[str, Any]] = papermill.inspect_notebook(str(notebook))
    return {
        name: {
            "type": _declared_type(entry),
            "default": entry["default"],
            "help": entry["help"] or "",
        }
        for name, entry in inspected.items()
    }


def read_title(notebook: Path) -> str:
    """The first heading of a notebook, or its file name.

    >>> read_title(find_notebook("county_overview"))
    '1. 区县概览'
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    texts = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    headings = (line for text in texts for line in text.splitlines() if line.startswith("# "))
    return next(headings, f"# {notebook.stem}").removeprefix("# ").strip()


def check_parameters(notebook: Path, *, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values in the types that the notebook declares.

    Raises ``UnknownNameError`` for a parameter that it has not, ``InputError`` for a value that does not fit: both
    before a kernel starts, as papermill itself would only log them.
    """
    declared = read_parameters(notebook)
    lacking = [name for name in RUNNER_PARAMETERS if name not in declared]
    if lacking:
        raise InputError(
            f"笔记本 {notebook.stem} 没有参数 {'、'.join(lacking)}",
            why=f"批量运行要填写 {'、'.join(RUNNER_PARAMETERS)}",
            todo="在标有 parameters 的单元格中补上",
        )
    for name in values:
        if name not in declared or not _NAME.match(name):
            near = get_close_matches(name, declared, n=1)
            raise UnknownNameError(
                f"笔记本 {notebook.stem} 没有参数“{name}”",
                why=f"已有：{'、'.join(declared)}",
                todo=f"是否为 {near[0]}" if near else "核对参数名",
            )
    return {name: _fit(value, declared[name]["type"], name=name) for name, value in values.items()}


def _check_notebook(notebook: Path) -> None:
    why = ""
    try:
        document = json.loads(notebook.read_text(encoding="utf-8"))
        metadata, _ = document["metadata"], document["cells"]
        # Without them papermill does not know how to write a value down.
        language = metadata["kernelspec"].get("language") or metadata["language_info"]["name"]
        if language != "python":
            why = f"语言是 {language}，不是 python"
    except (ValueError, TypeError) as error:
        why = f"不是笔记本文件（{error}）"
    except KeyError as error:
        why = f"缺少 {error}"
    if why:
        raise InputError(
            f"笔记本“{notebook.name}”不能运行", why=why, todo="在 JupyterLab 中用 Python 3 内核打开并重新保存"
        )


def _declared_type(entry: Mapping[str, Any]) -> str:
    written = (entry["inferred_type_name"] or "").strip()
    if written in _TYPES:
        return written
    try:
        return type(ast.literal_eval(entry["default"])).__name__
    except (ValueError, SyntaxError):
        return ""


def _fit(value: Any, kind: str, *, name: str) -> Any:
    wanted = _TYPES.get(kind)
    if wanted is None or (type(value) is wanted):
        return _plain(value, name=name)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        try:
            read: Any = ast.literal_eval({"true": "True", "false": "False"}.get(value.lower(), value))
        except (ValueError, SyntaxError):
            read = None
        if type(read) is wanted or (wanted is float and type(read) is int):
            return _plain(wanted(read), name=name)
    raise InputError(f"参数 {name} 的值“{value}”不是 {kind}", why=f"笔记本中声明为 {kind}", todo="改正该值")


def _plain(value: Any, *, name: str) -> Any:
    # Only what survives JSON unchanged: papermill pastes anything else into the notebook as it prints.
    if type(value) in {int, bool, type(None)} or (type(value) is float and math.isfinite(value)):
        return value
    # Half a character, as a broken name of a file has it, can stand in no notebook.
    if type(value) is str and value == value.encode("utf-8", "ignore").decode("utf-8"):
        return value
    if type(value) is list:
        return [_plain(item, name=name) for item in value]
    if type(value) is dict and all(type(key) is str for key in value):
        return {key: _plain(item, name=name) for key, item in value.items()}
    raise InputError(
        f"参数 {name} 的值 {value!r} 不能传给笔记本",
        why=f"类型 {type(value).__name__} 的这个值写不进笔记本",
        todo="用文字、有限的数、真假值或它们的列表",
    )
