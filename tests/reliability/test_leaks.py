"""Scoreboard 12: eight canaries in the files of a workspace; none in any byte of a public product, and no formula in any sheet.

Looked for as text, in UTF-16, percent-encoded, in escapes of JSON, in base64 at any offset, within the members of packages and
the compressed parts of pictures. The internal products of the same workspace are the control: they must show most of them.
"""

import base64
import json
import re
import shutil
import zipfile
import zlib
from urllib.parse import quote

import openpyxl
import pytest

from suizhou_geo import files, maps, plan, reports
from suizhou_geo.packaged import packaged_folder
from tests.maps.test_publication import CANARIES

KEY, REVIEWED = CANARIES["tk"], "鄂S(2021)005号"
#: Columns that a table of sites may bring along; the site itself is sensitive, its neighbour is not.
COLUMNS = "水库库容,备注,录入人,说明"


@pytest.fixture(scope="module")
def products(tmp_path_factory):
    """The demonstration with the canaries in its tables, and what is made of it for the public and within."""
    home = tmp_path_factory.mktemp("home") / CANARIES["user name"] / "工作"
    workspace = home / "随州"
    shutil.copytree(packaged_folder("data", "suizhou"), workspace)
    sources = workspace / "layers" / "sources.csv"
    lines = sources.read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    told = f"{CANARIES['home path']} tk={KEY} 密码为{CANARIES['password']}"
    cells = {
        "site_name": CANARIES["sensitive name"], "longitude": CANARIES["coordinate"], "latitude": "31.7123456",
        "adcode": "421303", "kind": "sources", "source_type": "industry", "location_quality": "synthetic", "synthetic": "true",
        "updated": "2021-04-12", "source": "演示数据",
    }  # fmt: skip
    rows = [
        [{**cells, "site_id": "K1"}.get(name, "") for name in header] + ["", "", "", "", "是"],
        [{**cells, "site_id": "K2", "site_name": "普通企业", "note": told}.get(name, "") for name in header]
        + [
            CANARIES["hidden column"],
            CANARIES["comment"],
            CANARIES["user name"],
            f"邻近{CANARIES['sensitive name']}",
            "否",
        ],
    ]
    table = [
        f"{lines[0]},{COLUMNS},敏感",
        *(f"{line},,,,," for line in lines[1:]),
        *(",".join(row) for row in rows),
    ]
    sources.write_text("\n".join(table) + "\n", encoding="utf-8")
    public, within = home / "public", home / "within"
    public.mkdir()
    within.mkdir()
    opened = files.open_workspace(workspace)
    result = plan.evaluate_county(opened, adcode="421303", year=2021, month=6)
    unreviewed, reviewed = (
        maps.Publication(public=True),
        maps.Publication(public=True, review_number=REVIEWED),
    )
    maps.write_page(result, path=public / "page.html", publication=unreviewed)
    maps.write_page(result, path=public / "reviewed.html", publication=reviewed)
    maps.write_picture(result, path=public / "picture.png", publication=unreviewed)
    maps.write_page(result, path=within / "page.html")
    reports.write_brief(result, within / "brief.docx")
    reports.write_workbook(result, within / "workbook.xlsx")
    return public, within


def every_byte(path):
    """A file, and what is packed in it."""
    data = path.read_bytes()
    parts = [data]
    if zipfile.is_zipfile(path):
        archive = zipfile.ZipFile(path)
        parts += [archive.read(name) for name in archive.namelist()] + [
            name.encode() for name in archive.namelist()
        ]
    for at in [found.start() for found in re.finditer(b"\\x78[\\x01\\x5e\\x9c\\xda]", data)]:
        try:
            parts.append(zlib.decompressobj().decompress(data[at:]))
        except zlib.error:
            continue
    text = data.decode("utf-8", "ignore")
    for packed in re.findall(r"[A-Za-z0-9+/]{200,}={0,2}", text):
        parts.append(base64.b64decode(packed + "=" * (-len(packed) % 4)))
    return b"\x00".join(parts)


def forms(text):
    plain = text.encode()
    packed = {base64.b64encode(b"x" * pad + plain)[4 if pad else 0 : -4] for pad in range(3)}
    return {plain, text.encode("utf-16-le"), quote(text).encode(), json.dumps(text)[1:-1].encode()} | packed


def found_in(path):
    data = every_byte(path)
    return {name for name, text in CANARIES.items() if any(form in data for form in forms(text))}


def test_no_canary_is_in_any_byte_of_a_public_product(products, record_property):
    public, within = products
    leaked = {path.name: found for path in sorted(public.iterdir()) if (found := found_in(path))}
    shown = set().union(*(found_in(path) for path in within.iterdir()))
    record_property(
        "tried", f"{len(CANARIES)} canaries in {len(list(public.iterdir()))} public products of a workspace"
    )
    record_property("control", f"{len(shown)} of {len(CANARIES)} stand in the internal ones")
    assert leaked == {}
    assert len(shown) >= 4


def test_every_public_map_has_its_number_or_the_stamp(products):
    public, _ = products
    assert f"审图号：{REVIEWED}" in (public / "reviewed.html").read_text(encoding="utf-8")
    assert "内部工作用图 未经地图审核 不得公开" in (public / "page.html").read_text(encoding="utf-8")


def test_no_sheet_holds_a_formula(products, record_property):
    _, within = products
    book = openpyxl.load_workbook(within / "workbook.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    record_property("tried", f"{len(cells)} cells of a workbook")
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []


def test_the_scan_sees_what_is_packed(tmp_path):
    text = CANARIES["hidden column"]
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", text * 3)
    (tmp_path / "b.html").write_text(
        base64.b64encode(zlib.compress((text * 3).encode() + b"x" * 400, 0)).decode()
    )
    (tmp_path / "c.bin").write_bytes(b"abc" + zlib.compress(text.encode() * 9))
    (tmp_path / "d.txt").write_text(quote(text))
    for path in tmp_path.iterdir():
        assert found_in(path) == {"hidden column"}, path.name
