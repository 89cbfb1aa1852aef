"""Scoreboard 14: the same inputs give the same bytes, whatever the time zone, the language and the seed of hashes.

Two environments by default, all twelve twice under ``make soak``.
"""

import json
import os
import subprocess
import sys
from itertools import product

from tests.conftest import ROOT

SOAK = bool(os.environ.get("SOAK"))
ENVIRONMENTS = [
    {"TZ": zone, "LANG": language, "LC_ALL": language, "PYTHONHASHSEED": seed}
    for zone, language, seed in product(
        ("Asia/Shanghai", "UTC", "America/New_York"), ("C", "zh_CN.UTF-8"), ("0", "1")
    )
]

PRODUCTS = """
import json, sys, time, warnings
from pathlib import Path
from suizhou_geo import assess, files, maps, plan, reports
from suizhou_geo.packaged import packaged_folder
from suizhou_geo.saving import sha256_of
folder = Path(sys.argv[1])
demo = files.open_workspace(packaged_folder("data", "suizhou"))
result = plan.evaluate_county(demo, adcode="421303", year=2021, month=6)
maps.write_page(result, path=folder / "page.html")
maps.write_picture(result, path=folder / "picture.png")
reports.write_brief(result, folder / "brief.docx")
reports.write_workbook(result, folder / "workbook.xlsx")
sites = files.read_layer(demo, kind="sections").drop(columns="updated", errors="ignore").reset_index()
classes = assess.assess_sections(files.read_workspace_observations(demo, medium="water"), period="month")
files.write_table(sites, path=folder / "sites.gpkg")
for ending in ("csv", "xlsx", "json", "parquet"):
    files.write_table(classes, path=folder / f"classes.{ending}", provenance={"a": 1})
(folder / "control.txt").write_text(f"{time.strftime('%H')} {list({'甲', '乙', '丙', '丁', '戊'})}", encoding="utf-8")
print(json.dumps({path.name: sha256_of(path) for path in sorted(folder.iterdir())}))
"""


def test_every_product_has_one_hash_in_all_environments(tmp_path, record_property):
    chosen = ENVIRONMENTS * 2 if SOAK else [ENVIRONMENTS[0], ENVIRONMENTS[-1]]
    hashes = {}
    for number, environment in enumerate(chosen):
        folder = tmp_path / str(number)
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", PRODUCTS, str(folder)],
            cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-800:]
        for name, value in json.loads(done.stdout.splitlines()[-1]).items():
            hashes.setdefault(name, set()).add(value)
    control = hashes.pop("control.txt")
    record_property(
        "tried", f"{len(hashes)} products in {len(chosen)} runs of {len(set(map(str, chosen)))} environments"
    )
    record_property("control", f"a local hour and a set as text: {len(control)} hashes")
    assert len(control) > 1, "environments that change nothing show nothing"
    assert {name: len(found) for name, found in hashes.items() if len(found) > 1} == {}
    assert len(hashes) >= 10
