"""Draw ``docs/images/county_page.png``: the page of the demonstration's 曾都区 in headless Chromium, as the README shows it."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from suizhou_geo import files, maps, plan
from suizhou_geo.packaged import packaged_folder

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "county_page.png"


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    workspace = files.open_workspace(packaged_folder("data", "suizhou"))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        result = plan.evaluate_county(workspace, adcode="421303", year=2021, month=6)
        page = maps.write_page(result, path=Path(folder) / "page.html")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
        tab = context.new_page()
        tab.goto(page.as_uri())
        tab.wait_for_timeout(1000)
        tab.screenshot(path=sys.argv[1] if len(sys.argv) > 1 else PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
