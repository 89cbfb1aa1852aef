"""Where products go: paths are made from a county's code and a notebook's name only, and stay inside the folder."""

import os
import shutil
from pathlib import Path

from suizhou_geo.conventions import check_adcode
from suizhou_geo.errors import InputError
from suizhou_geo.saving import sha256_of, sync_folder

PAGE, EXECUTED, FAILED_EXECUTED, DATA = ".html", ".ipynb", ".failed.ipynb", ".json"
BRIEF, WORKBOOK = ".docx", ".xlsx"


def county_folder(root: Path, *, adcode: str) -> Path:
    """The folder of a county's products; ``InputError`` if the code is none, or a link would lead out of ``root``."""
    folder = (root / check_adcode(adcode)).resolve()
    if not folder.is_relative_to(root.resolve()):
        raise InputError(
            f"产品文件夹 {root / adcode} 指向 {folder}", why="产品只写在输出文件夹之内", todo="删去该链接"
        )
    return folder


def publish(staging: Path, *, folder: Path) -> dict[str, str]:
    """Move all files of a finished run into ``folder`` and return their names with their hashes; the page comes last.

    All are on disk before the first is moved, and a move within one disk needs no space: what can fail has failed
    before any old product is touched.
    """
    files = [path for path in sorted(staging.rglob("*")) if path.is_file()]
    files.sort(key=lambda path: path.suffix == PAGE)
    for file in files:
        with file.open("rb+") as stream:
            os.fsync(stream.fileno())
    hashes = {file.relative_to(staging).as_posix(): sha256_of(file) for file in files}
    for file in files:
        target = folder / file.relative_to(staging)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)
    for changed in {(folder / name).parent for name in hashes}:
        sync_folder(changed)
    return hashes


def keep_failed(executed: Path, *, folder: Path) -> None:
    """Keep the notebook of a failed run apart as ``<notebook>.failed.ipynb``, in place of an earlier one."""
    kept = folder / f"{executed.stem}{FAILED_EXECUTED}"
    kept.unlink(missing_ok=True)
    if executed.is_file():
        shutil.move(executed, kept)


def forget_failed(notebook: str, *, folder: Path) -> None:
    """A run that succeeded makes the notebook of an earlier failure wrong."""
    (folder / f"{notebook}{FAILED_EXECUTED}").unlink(missing_ok=True)
