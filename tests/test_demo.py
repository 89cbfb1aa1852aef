"""The main job end to end: demo pages from notebooks, opened in Chromium with the network off."""

import json
import re
import subprocess
import sys

import openpyxl
import pytest
from docx import Document

from suizhou_geo.conventions import CountyResult
from tests.conftest import ROOT

COUNTIES = {"421303": "曾都区", "421321": "随县", "421381": "广水市", "421300": "随州市"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo") / "maps"
    command = [sys.executable, "-m", "suizhou_geo.cli", "demo", "--out", str(out)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return out, run


def test_the_demo_writes_a_page_per_county_and_an_index(demo):
    out, run = demo
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    for adcode, name in COUNTIES.items():
        assert f"{adcode}  {name}" in run.stdout
        assert (out / adcode / "county_overview.html").stat().st_size < 1_500_000
    assert (out / "index.html").is_file()
    assert not list(out.rglob(".staging*"))


@pytest.mark.parametrize("adcode", COUNTIES)
def test_the_demo_writes_board_brief_and_workbook_of_one_result(demo, adcode):
    stem = demo[0] / adcode / "plan_board"
    result = CountyResult.from_json(stem.with_suffix(".json").read_text(encoding="utf-8"))
    assert {row.goal for row in (*result.targets, *result.tasks)} >= {
        f"T{number:02d}" for number in range(1, 20)
    }
    page = stem.with_suffix(".html").read_text(encoding="utf-8")
    brief = "".join(each.text for each in Document(str(stem.with_suffix(".docx"))).paragraphs)
    overview = openpyxl.load_workbook(stem.with_suffix(".xlsx"))["概况"]
    book = "".join(str(cell.value) for row in overview.iter_rows() for cell in row)
    for product in (page, brief, book):
        assert result.headline in product
        assert result.fingerprint in product


@pytest.mark.browser
@pytest.mark.parametrize("adcode", COUNTIES)
def test_every_page_opens_offline_and_shows_its_county(demo, open_page, adcode):
    path = demo[0] / adcode / "county_overview.html"
    seen = open_page(path)
    seen.page.wait_for_selector("html[data-ready=true]", state="attached")
    assert seen.requests == [path.as_uri()]
    assert seen.complaints == []
    text = seen.page.inner_text("body")
    assert COUNTIES[adcode] in text
    for wanted in ("演示数据", "无数据", "生态保护红线", "水质监测断面", "污染源", "内部", "GB 3838-2002"):
        assert wanted in text, wanted
    drawn = json.loads(seen.page.evaluate("document.getElementById('picture').dataset.drawn"))
    for kind in ("sections", "redlines", "sources", "counties"):
        assert drawn[kind] > 0, (kind, drawn)


@pytest.mark.browser
def test_the_index_opens_offline_and_links_every_page(demo, open_page):
    path = demo[0] / "index.html"
    seen = open_page(path)
    assert seen.requests == [path.as_uri()]
    assert seen.complaints == []
    rows = seen.page.locator("tbody tr")
    assert rows.count() == len(COUNTIES)
    assert seen.page.locator(".synthetic").all_inner_texts() == ["演示数据"] * 2 * len(COUNTIES)
    links = [link.get_attribute("href") for link in seen.page.locator("tbody a").all()]
    assert {f"{adcode}/county_overview.html" for adcode in COUNTIES} <= set(links)
    assert all((demo[0] / link).is_file() for link in links)
    seen.page.fill("#filter", "随县")
    assert rows.count() == 1
    seen.page.fill("#filter", "")
    seen.page.click("th button >> nth=0")
    first = rows.nth(0).inner_text()
    assert "421300" in first


def test_the_executed_notebook_holds_no_error_and_shows_the_map(demo):
    notebook = json.loads((demo[0] / "421303" / "county_overview.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output["output_type"] == "error"]
    shown = ["".join(output["data"].get("text/html", "")) for output in outputs if "data" in output]
    assert any(html.startswith("<iframe") and "srcdoc" in html for html in shown)


def test_pages_of_two_counties_and_two_months_differ(demo, tmp_path):
    pages = {
        adcode: (demo[0] / adcode / "county_overview.json").read_text(encoding="utf-8") for adcode in COUNTIES
    }
    assert len(set(pages.values())) == len(COUNTIES)
    out = tmp_path / "may.html"
    command = [sys.executable, "-m", "suizhou_geo.cli", "map", "data/suizhou", "--county", "421303"]
    subprocess.run(
        [*command, "--year", "2021", "--month", "5", "-o", str(out)],
        check=True,
        cwd=ROOT,
        capture_output=True,
    )
    assert re.search("截至 5 月", out.read_text(encoding="utf-8"))


def test_a_county_with_a_broken_file_fails_alone(tmp_path):
    """The notebook of one county meets a file that it cannot read; the others finish and the exit code is 1."""
    notebook = json.loads((ROOT / "notebooks" / "county_overview.ipynb").read_text(encoding="utf-8"))
    source = 'if adcode == "421381":\n    sg.files.read_observations("没有这个文件.csv")'
    broken = {
        "cell_type": "code",
        "id": "broken",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": source,
    }
    notebook["cells"].insert(5, broken)
    path = tmp_path / "overview_broken.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "suizhou_geo.cli",
        "run",
        "data/suizhou",
        "--year",
        "2021",
        "--month",
        "6",
    ]
    run = subprocess.run(
        [*command, "--notebook", str(path), "--county", "421303", "--county", "421381", "--out", str(tmp_path / "maps")],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode == 1, run.stderr
    assert "421303  曾都区  overview_broken  完成" in run.stdout
    assert "找不到文件“没有这个文件.csv”" in run.stdout
