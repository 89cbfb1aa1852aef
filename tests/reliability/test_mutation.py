"""The mutation score of the core: faults planted one by one in limits, rounding, censoring, exact p, paths, escape and saving.

Only under ``make soak`` (about twenty minutes). A fault is planted in the syntax
tree of a copy of the package, and the module's own tests and doctests must fail. Forty lines of our own instead of mutmut or
cosmic-ray: the one rewrites every module with all its faults at once and imports what it wrote, which neither a package that
loads its rooms late nor tests that start processes bear; the other keeps a database and runs the whole suite a fault.
"""

import ast
import os
import shutil
import subprocess
import sys
from itertools import islice

import numpy as np
import pytest

from tests.conftest import ROOT

SOAK = bool(os.environ.get("SOAK"))
EACH = 20
SEED = int(os.environ.get("SOAK_SEED", "20261128"))
#: What each module's own tests are; its doctests run too.
CORE = {
    "saving.py": ("tests/files/test_saving.py", "tests/files/test_export.py", "tests/reliability/test_saves.py"),
    "standards/rounding.py": ("tests/standards/test_rounding.py",),
    "standards/limits.py": (
        "tests/standards/test_every_cell.py", "tests/standards/test_tables.py", "tests/assess/test_golden_water.py",
    ),
    "files/cells.py": ("tests/files/test_cells.py", "tests/files/test_observations.py", "tests/files/test_findings.py"),
    "forecast/censored.py": ("tests/forecast/test_censored.py",),
    "forecast/exact.py": ("tests/forecast/test_pairs.py", "tests/forecast/test_trend_golden.py"),
    "batch/products.py": ("tests/batch/test_products.py",),
    "maps/frame.py": ("tests/maps/test_page_text.py", "tests/maps/test_county_map.py", "tests/maps/test_hostile_texts.py"),
    "reports/texts.py": ("tests/reports/test_hostile_papers.py",),
}  # fmt: skip

SWAPS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.USub: ast.UAdd,
}  # fmt: skip


def faults(source):
    """Every fault that can be planted in a module, as the whole changed source."""
    for place in range(len(list(ast.walk(ast.parse(source))))):
        tree = ast.parse(source)
        node = list(ast.walk(tree))[place]
        if _change(node):
            yield f"line {node.lineno}", ast.unparse(tree)


def _change(node):
    # True if the node could be turned into something else that runs.
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        node.ops[0] = SWAPS[type(node.ops[0])]()
    elif isinstance(node, (ast.BoolOp, ast.BinOp, ast.UnaryOp)) and type(node.op) in SWAPS:
        node.op = SWAPS[type(node.op)]()
    elif isinstance(node, ast.Constant) and type(node.value) in {int, float}:
        node.value += 1
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        node.value = not node.value
    elif isinstance(node, (ast.If, ast.IfExp)):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Return) and node.value is not None:
        node.value = ast.Constant(None)
    elif isinstance(node, (ast.Expr, ast.Raise)) and not isinstance(
        getattr(node, "value", None), ast.Constant
    ):
        node.__class__, node._fields = ast.Pass, ()
    else:
        return False
    return True


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The package and its tests where they may be spoilt."""
    folder = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__", ".*", "dist", "*.egg-info")
    for name in ("suizhou_geo", "tests", "tools", "benchmarks", "notebooks", "data", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for path in ROOT.glob("*.*"):
        if path.is_file():
            shutil.copy(path, folder)
    return folder


def fails(copy, module, tests):
    """Whether the module's tests fail as the copy stands."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--hypothesis-seed=1"]
    environment = {name: value for name, value in os.environ.items() if name not in {"SOAK", "RECORD"}}
    try:
        done = subprocess.run(
            [*command, f"suizhou_geo/{module}", *tests], cwd=copy, capture_output=True, check=False, timeout=300,
            env={**environment, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def test_there_are_faults_to_plant():
    source = "def f(a):\n    if a < 1:\n        raise ValueError\n    return a + 2\n"
    changed = [text for _, text in faults(source)]
    assert len(changed) == len(set(changed)) == 7
    assert "if not a < 1" in "".join(changed)


@pytest.mark.skipif(not SOAK, reason="some twenty minutes: only with SOAK=1")
def test_nine_of_ten_planted_faults_are_seen(copy, record_property):
    random = np.random.default_rng(SEED)
    told, missed = {}, []
    for module, tests in CORE.items():
        path = copy / "suizhou_geo" / module
        source = path.read_text(encoding="utf-8")
        path.write_text(ast.unparse(ast.parse(source)), encoding="utf-8")
        assert not fails(copy, module, tests), f"{module}: its tests fail without a fault"
        every = list(faults(source))
        chosen = random.permutation(len(every))
        seen = 0
        for place in islice(chosen, EACH):
            where, text = every[place]
            path.write_text(text, encoding="utf-8")
            if fails(copy, module, tests):
                seen += 1
            else:
                missed.append(f"{module} {where}")
        path.write_text(source, encoding="utf-8")
        told[module] = (seen, min(EACH, len(every)), len(every))
    seen, tried = sum(each[0] for each in told.values()), sum(each[1] for each in told.values())
    spread = ", ".join(f"{module} {each[0]}/{each[1]} of {each[2]}" for module, each in told.items())
    record_property("tried", f"{seen} of {tried} seen ({seen / tried:.0%}): {spread}")
    record_property("control", "without a fault every module's tests pass")
    record_property("seed", SEED)
    if seen < 0.9 * tried:
        record_property("short", f"{seen / tried:.0%} killed; not seen: {', '.join(missed)}")
    assert seen >= 0.75 * tried, missed
