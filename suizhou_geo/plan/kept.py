"""The state of a county kept for the other notebooks of the same batch: each of them asks for it."""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path

from suizhou_geo import files
from suizhou_geo.conventions import CountyResult
from suizhou_geo.errors import InputError
from suizhou_geo.saving import write_text_atomically

Evaluate = Callable[..., CountyResult]


def kept_for_the_batch(evaluate: Evaluate) -> Evaluate:
    """``evaluate(workspace, adcode=, year=, month=)``, computed once a batch as long as no file of the workspace changes.

    A kept result has recorded what it was read from, and records it again for the run that uses it.
    """

    @wraps(evaluate)
    def asked(workspace: files.Workspace, *, adcode: str, year: int, month: int) -> CountyResult:
        folder = os.environ.get(files.RESULTS)
        if not folder:
            return evaluate(workspace, adcode=adcode, year=year, month=month)
        question = repr((workspace, adcode, year, month, files.stamp_workspace(workspace)))
        path = Path(folder) / f"{hashlib.sha256(question.encode()).hexdigest()}.result"
        if path.is_file():
            slices, text = path.read_text(encoding="utf-8").split("\n", 1)
            files.note_again(json.loads(slices))
            return CountyResult.from_json(text)
        with files.noting() as lines:
            result = evaluate(workspace, adcode=adcode, year=year, month=month)
        # Where there is no room for it, it is computed again.
        with suppress(OSError, InputError):
            write_text_atomically(path, f"{json.dumps(lines)}\n{result.to_json()}")
        return result

    return asked
