"""``suizhou-geo brief`` and ``workbook``: written, refused, and honest about a missing LibreOffice."""

import openpyxl
import pytest
from docx import Document

from tests.conftest import ROOT
from tests.test_cli import run

DEMO = str(ROOT / "data" / "suizhou")
MONTH = ("--county", "421321", "--year", "2021", "--month", "6")


@pytest.fixture(autouse=True)
def without_libreoffice(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("nothing")))


@pytest.fixture
def evaluated_once(monkeypatch, evaluate):
    monkeypatch.setattr(
        "suizhou_geo.plan.evaluate_county", lambda *_workspace, **_options: evaluate("421381")
    )


@pytest.mark.usefixtures("evaluated_once")
def test_brief_and_workbook_are_written_and_say_the_sentence_of_the_month(capsys, tmp_path, county):
    for command, name in (("brief", "简报.docx"), ("workbook", "工作簿.xlsx")):
        code, shown, _ = run(capsys, command, DEMO, *MONTH, "-o", tmp_path / name)
        assert code == 0
        assert shown.splitlines() == [county.headline, f"已写出 {tmp_path / name}"]
    texts = [paragraph.text for paragraph in Document(str(tmp_path / "简报.docx")).paragraphs]
    assert county.headline in texts
    assert openpyxl.load_workbook(tmp_path / "工作簿.xlsx")["概况"]["B4"].value == county.headline


REFUSED = {
    "a brief that is none": (["brief", DEMO, *MONTH, "-o", "x.odt"], ["x.odt", ".docx"]),
    "a workbook that is none": (["workbook", DEMO, *MONTH, "-o", "x.csv"], ["x.csv", ".xlsx"]),
    "a PDF without LibreOffice": (["brief", DEMO, *MONTH, "-o", "x.pdf"], ["LibreOffice", ".docx"]),
    "a PDF beside the Word file": (
        ["brief", DEMO, *MONTH, "--pdf", "-o", "x.docx"],
        ["LibreOffice", ".docx"],
    ),
    "an unknown adcode": (
        ["brief", DEMO, "--county", "429999", *MONTH[2:], "-o", "x.docx"],
        ["429999", "处理"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_written_is_said_and_nothing_is_left(capsys, tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    arguments, wanted = REFUSED[case]
    code, _, shown = run(capsys, *arguments)
    assert code == 2
    assert all(part in shown for part in wanted), shown
    assert list(tmp_path.iterdir()) == []
