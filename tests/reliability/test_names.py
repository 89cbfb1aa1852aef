"""Scoreboard 11: two hundred hostile names as code, county, notebook, parameter and value: nothing outside, none lost, none run.

Products are named by six digits and by the notebook's checked stem, so that a name is only ever shown. Four counties with such
names go through a batch by default, all that can be printed under ``make soak``.
"""

import json
import os
import re
import unicodedata
from contextlib import suppress
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from papermill.translators import PythonTranslator

from suizhou_geo import batch, files
from suizhou_geo.batch import check_parameters
from suizhou_geo.errors import InputError, SuizhouGeoError, UnknownNameError
from suizhou_geo.files.templates import create_workspace
from tests.batch.tiny import PARAMETERS, write_notebook

SOAK = bool(os.environ.get("SOAK"))
COUNTIES = 200 if SOAK else 4
SEED = int(os.environ.get("SOAK_SEED", "20261128"))

BASES = (
    "../../外面", "..\\..\\外面", "/外面/甲", "C:\\外面", "\\\\服务器\\共享", "~/外面", "file:///外面", "s3://桶/外面",
    "甲\x00乙", "CON", "nul.html", "COM1", "aux ", "县.", "县 ", " 县", ".", "..", ".隐藏", "-rf", "--out=外面", "*?", "<>|:\"",
    "长" * 100, "é县", unicodedata.normalize("NFD", "é县"), "Å", "Å", "ﬁ县", "ＡＢ", "ab", "AB", "\u202egpj.县", "\u200b县", "县\u200d",
    "🏞️", "👨‍👩‍👧", "'", '"', "'''", '"""', "`", "\\", "\\'", "${HOME}", "$(touch MARKER)", "`touch MARKER`", ";touch MARKER;",
    "{{7*7}}", "{% raw %}", "{adcode}", "{0.__class__}", "{pm[run_uuid].__class__}", "%s%n", "__import__('os').system('touch MARKER')",
    "'); open('MARKER','w') #", '"); open("MARKER","w") #', "\nopen('MARKER','w')\n", "\r\n", "\t", "open('MARKER','w') #",
    "<script>1</script>", "=1+1", "NaN", "None", "true", "0", "４２１３０３", "421303\n", "421303/../外面", "㵐水𡋾㙦", "\ud800",
)  # fmt: skip


def hostile_names(marker: Path) -> list[str]:
    """Two hundred different ones: each base alone, and pairs of them drawn with a seed."""
    pairs = [first + second for first, second in product(BASES, BASES) if first != second]
    drawn = np.random.default_rng(SEED).choice(len(pairs), 400, replace=False)
    names = dict.fromkeys([*BASES, *(pairs[place] for place in drawn)])
    return [name.replace("MARKER", str(marker)) for name in names][:200]


@pytest.fixture
def names(tmp_path, monkeypatch):
    inside = tmp_path / "做事的地方"
    inside.mkdir()
    monkeypatch.chdir(inside)
    found = hostile_names(tmp_path / "marker")
    assert len(set(found)) == 200
    return found


def everything(folder):
    return {path for path in folder.rglob("*") if path.is_file()}


def test_no_name_is_a_code_a_county_or_a_parameter(names, tmp_path, record_property):
    from suizhou_geo.packaged import packaged_folder

    names = names if SOAK else names[::5]
    record_property("tried", f"{len(names)} names as code, county, notebook and parameter")
    record_property("seed", SEED)
    demo = files.open_workspace(packaged_folder("data", "suizhou"))
    notebook = write_notebook(tmp_path, "pass")
    values = {"workspace": "", "adcode": "421303", "year": 2021, "month": 6, "page": ""}
    before = everything(tmp_path)
    for name in names:
        with pytest.raises(SuizhouGeoError):
            create_workspace(tmp_path / "新的", adcode=name, year=2021)
        with pytest.raises(UnknownNameError):
            files.read_counties([name])
        with pytest.raises(UnknownNameError):
            check_parameters(notebook, values={**values, name: 1})
        with pytest.raises(SuizhouGeoError):
            batch.find_notebook(name)
    for name in names[:: 1 if SOAK else 8]:
        with pytest.raises(UnknownNameError):
            batch.run(demo, year=2021, month=6, counties=[name], out=tmp_path / "maps")
    assert everything(tmp_path) == before


def test_no_name_of_a_notebook_leads_outside(names, tmp_path, record_property):
    source = write_notebook(tmp_path, "pass").read_bytes()
    written = set()
    for name in names:
        path = Path(f"{name}.ipynb")
        with suppress(OSError, ValueError):  # what no file can be called
            if path.parent == Path():
                path.write_bytes(source)
                written.add(path)
    for path in written:
        if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", path.stem) and path.stem.upper() not in {"CON", "COM1"}:
            assert batch.find_notebook(str(path)) == path
            continue
        with pytest.raises(InputError, match="不能用"):
            batch.find_notebook(str(path))
    assert len(written) >= 100
    record_property("tried", f"{len(written)} as files of notebooks")


def test_every_county_has_a_folder_of_its_own_and_its_name_is_shown(names, tmp_path, record_property):
    shown = [name for name in names if name.strip() and name.isprintable()][:COUNTIES]
    codes = sorted(files.read_counties().index)[200 : 200 + len(shown)]
    features = [
        {
            "type": "Feature",
            "properties": {"adcode": code, "name": name},
            "geometry": {"type": "Polygon", "coordinates": [[[place, 31], [place + 0.01, 31], [place, 31.01], [place, 31]]]},
        }
        for code, name, place in zip(codes, shown, np.linspace(110, 116, len(shown)), strict=True)
    ]  # fmt: skip
    root = tmp_path / "工作区"
    root.mkdir()
    (root / "c.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
    )
    (root / "workspace.toml").write_text(
        f'[region]\nname = "测试"\nadcode = "421300"\ncounties = {json.dumps(codes)}\nmetric_crs = "EPSG:4547"\n'
        '[layers.counties]\nfile = "c.geojson"\nsource = "演示数据"\nsynthetic = true\n',
        encoding="utf-8",
    )
    hostile = [name for name in names if "\ud800" not in name]
    cell = "import json\nfrom pathlib import Path\nPath(page).write_text(json.dumps(names), encoding='utf-8')"
    notebook = write_notebook(tmp_path, cell, parameters=f"{PARAMETERS}\nnames: list = []  # 名称")
    before = everything(tmp_path)
    out = tmp_path / "maps"
    table = batch.run(
        root, year=2021, month=6, notebooks=[str(notebook)], parameters={"names": hostile}, out=out
    )
    assert set(table["state"]) == {"完成"}, table["reason"].unique()
    assert table.set_index("adcode").loc[codes, "county"].tolist() == shown
    kept = pd.read_csv(out / "run.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    assert [text.removeprefix("'") for text in kept.set_index("adcode").loc[codes, "county"]] == [
        name.removeprefix("'") for name in shown
    ]
    new = everything(tmp_path) - before
    assert all(path.is_relative_to(out) for path in new)
    assert {path.name for path in out.iterdir() if path.is_dir()} == {*codes, "421300"}
    # What went in came out, in every kernel: same texts, same type.
    assert [json.loads((out / code / "tiny.html").read_text(encoding="utf-8")) for code in codes[:3]] == [
        hostile
    ] * 3
    assert not (tmp_path / "marker").exists()
    record_property(
        "tried", f"{len(shown)} of them as counties of a batch, {len(hostile)} as values in its kernels"
    )


def test_the_harness_sees_what_plain_names_do(names, tmp_path, record_property):
    root = tmp_path / "maps"
    outside = []
    for name in names:
        with suppress(ValueError, OSError):
            if not (root / f"{name}.html").resolve().is_relative_to(root):
                outside.append(name)
    folded = {unicodedata.normalize("NFKC", name).casefold().rstrip(". ") for name in names}
    for name in names:
        with suppress(Exception):
            exec(PythonTranslator.codify({name: 1}), {})  # noqa: S102  (what papermill does with a name)
    record_property(
        "control",
        f"as file names {len(outside)} lead outside and {len(names) - len(folded)} collide; papermill runs one as code",
    )
    assert outside
    assert len(folded) < len(names)
    assert (tmp_path / "marker").exists()
