"""Pages that are written by a script say what the package says now."""

import importlib.util
from types import ModuleType

from tests.conftest import ROOT


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_standards_is_up_to_date() -> None:
    page = (ROOT / "docs" / "standards.md").read_text(encoding="utf-8")
    assert page == _load("make_standards_doc").render_page(), "run: python tools/make_standards_doc.py"
