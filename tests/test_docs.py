"""What the documentation says is what the package does: pages written by scripts, commands, names, code blocks."""

import doctest
import importlib.util
import re
import shlex
import shutil
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import suizhou_geo
from suizhou_geo.cli import main
from tests.conftest import ROOT

PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(page for page in (ROOT / "docs").rglob("*.md") if page.name not in {"cli.md", "standards.md"}),
    ]
)
#: Pages whose shell blocks are followed word by word.
WALKS = sorted([ROOT / "docs" / "tutorial.md", *(ROOT / "docs" / "howto").glob("*.md")])

names_of = {page: str(page.relative_to(ROOT)) for page in PAGES}.get


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _commands() -> dict[str, Any]:
    return {name: command for name, command, _ in _load("make_cli_doc").iterate_commands()}


def _snippets(text: str) -> list[str]:
    # In blocks and in the running text; a block's line may go on after a backslash.
    joined = text.replace("\\\n", " ")
    return re.findall(r"(?:^|`|\$ )(suizhou-geo [^`\n]+)", joined, flags=re.MULTILINE)


def _blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("name", ["standards", "cli"])
def test_pages_written_by_a_script_are_up_to_date(name: str) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert page == _load(f"make_{name}_doc").render_page(), f"run: python tools/make_{name}_doc.py"


@pytest.mark.parametrize("page", PAGES, ids=names_of)
def test_every_command_and_option_that_is_named_exists(page: Path) -> None:
    groups = {name.rsplit(" ", 1)[0] for name in _commands()}
    for snippet in _snippets(page.read_text(encoding="utf-8")):
        words = [word for word in shlex.split(snippet, comments=True) if word not in {"…", "..."}]
        name = next((" ".join(words[:n]) for n in (3, 2) if " ".join(words[:n]) in _commands()), None)
        if name is None:
            assert " ".join(words[:2]) in groups or words[1].startswith("-"), snippet
            continue
        options = {text for option in _commands()[name].params for text in option.opts} | {
            "-h",
            "--help",
            "--debug",
        }
        given = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert given <= options, f"{snippet}: {given - options}"


@pytest.mark.parametrize("page", PAGES, ids=names_of)
def test_every_public_name_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for room, name in set(re.findall(r"\bsg\.([a-z_]+)\.([A-Za-z_]+)", text)):
        assert hasattr(getattr(suizhou_geo, room), name), f"sg.{room}.{name}"


@pytest.mark.parametrize("page", PAGES, ids=names_of)
def test_every_file_and_notebook_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", text):
        assert (page.parent / target).exists(), target
    for notebook in re.findall(r"`(?:notebooks/)?([\w]+\.ipynb)`", text):
        assert (ROOT / "notebooks" / notebook).exists(), notebook


@pytest.mark.parametrize("page", PAGES, ids=names_of)
def test_every_python_block_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = _blocks(page, "python")
    shutil.copytree(ROOT / "data", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(page), "exec"), names)  # noqa: S102  (the documentation's own code)


def test_every_command_and_every_option_has_its_help() -> None:
    for name, command in _commands().items():
        assert command.help, name
        assert [option.opts for option in command.params if not option.help] == [], name


def test_tables_of_measured_figures_are_written_as_they_say() -> None:
    from benchmarks import record
    from tools import result_table

    for module in (record, result_table):
        assert doctest.testmod(module).failed == 0, module.__name__
    for page in ("benchmarks", "reliability"):
        assert result_table.read_table(ROOT / "docs" / f"{page}.md").startswith("| ")


def test_every_figure_of_the_scoreboard_has_its_tests_and_is_soaked() -> None:
    from tests.reliability.conftest import FIGURES

    soaked = re.search(r"SOAKED := (.*?)\nsoak:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.DOTALL)
    assert soaked is not None
    for name in (name for figure in FIGURES for name in figure.tests):
        file, _, function = name.partition("::")
        assert f"def {function}" in (ROOT / file).read_text(encoding="utf-8"), name
        assert any(file.startswith(word) for word in soaked[1].split()), f"make soak leaves out {file}"


def test_every_benchmark_is_run_and_keeps_its_rows() -> None:
    scripts = {path.stem for path in (ROOT / "benchmarks").glob("*.py")} - {"peers", "record"}
    named = re.search(
        r"BENCHMARKS := (.*?)\nbench:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.DOTALL
    )
    assert named is not None
    assert set(named[1].replace("\\", "").split()) == scripts
    for name in scripts:
        text = (ROOT / "benchmarks" / f"{name}.py").read_text(encoding="utf-8")
        assert "record(" in text, f"{name} prints no row"


@pytest.mark.parametrize("page", WALKS, ids=names_of)
def test_every_walk_can_be_followed_word_by_word(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    for name, text in re.findall(
        r"`([^`\n]+)`：\n\n```(?:csv|toml)\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL
    ):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    ran = 0
    for block in _blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words and words[0] == "export":
                monkeypatch.setenv(*words[1].split("=", 1))
            if not words or words[0] != "suizhou-geo":
                continue
            with pytest.raises(SystemExit) as ended:
                main(words[1:])
            assert ended.value.code in {0, 1}, f"{line}\n{capsys.readouterr().err}"
            ran += 1
    assert ran
