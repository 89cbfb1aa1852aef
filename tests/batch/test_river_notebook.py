"""The tracing notebook: a county with an exceeding section, and one without."""

import json

from suizhou_geo import batch
from tests.conftest import ROOT

DEMO = ROOT / "data" / "suizhou"


def test_suspects_where_a_section_exceeds_and_a_plain_word_where_none_does(tmp_path):
    counties = ("421381", "421303")
    table = batch.run(DEMO, year=2021, month=6, counties=counties, notebooks=("river_trace",), out=tmp_path)
    assert table["state"].tolist() == ["完成", "完成"]
    said = {}
    for adcode in counties:
        cells = json.loads((tmp_path / adcode / "river_trace.ipynb").read_text(encoding="utf-8"))["cells"]
        said[adcode] = json.dumps([cell.get("outputs", []) for cell in cells], ensure_ascii=False)
        assert (tmp_path / adcode / "river_trace.html").stat().st_size > 100_000
    assert "演示断面02（广水河），氨氮" in said["421381"]
    assert "单独可解释超标的" in said["421381"]
    assert "当月没有可溯源的超标断面" in said["421303"]
    assert "→" in said["421303"]
