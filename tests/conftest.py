"""Fixtures shared by all tests: the real development files, and one headless Chromium with the network off."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from suizhou_geo.conventions import CountyResult

ROOT = Path(__file__).resolve().parents[1]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real development files that stands beside a checkout; they are not part of the repository."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real development files are not at {folder}")
    return folder


@dataclass
class OpenedPage:
    """A page with what it asked for and what it complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


OpenPage = Callable[..., OpenedPage]


@pytest.fixture(scope="session")
def evaluate() -> Callable[[str], CountyResult]:
    """The result of a demonstration county, by its adcode, in June 2021: each is evaluated once."""
    from suizhou_geo import files

    # The function itself: tests put others in the place of its public name.
    from suizhou_geo.plan.evaluate import evaluate_county

    workspace = files.open_workspace(ROOT / "data" / "suizhou")
    return cache(lambda adcode: evaluate_county(workspace, adcode=adcode, year=2021, month=6))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium on PATH: the page's browser tests need one")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    contexts = []

    def opened(path: Path, *, width: int = 1440, height: int = 900) -> OpenedPage:
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
        contexts.append(context)
        seen = OpenedPage(context.new_page())
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("console", lambda message: _note(seen, message.type, message.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.goto(path.as_uri())
        return seen

    yield opened
    for context in contexts:
        context.close()


def _note(seen: OpenedPage, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        seen.complaints.append(text)
