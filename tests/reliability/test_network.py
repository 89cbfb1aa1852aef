"""Scoreboard 10: a local file never makes the reader call the network or open another file, whatever was imported first."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """A server on the loopback that only counts who calls."""
    calls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_response(404)
            self.end_headers()

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_arguments: object) -> None:
            """Keep the test quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1], calls
    server.shutdown()
    server.server_close()


def _vectors(port: int, secret: Path) -> dict[str, bytes]:
    address = f"http://127.0.0.1:{port}"
    vrt = f"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/vsicurl/{address}/a.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    local = f"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    wfs = f"<OGRWFSDataSource><URL>{address}/wfs</URL></OGRWFSDataSource>"
    csw = f"<OGRCSWDataSource><URL>{address}/csw</URL></OGRCSWDataSource>"
    dtd = f'<!DOCTYPE kml [<!ENTITY x SYSTEM "{address}/x">]>'
    link = f'<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink><Link><href>{address}/n.kml</href></Link></NetworkLink></kml>'
    collection = {
        "type": "FeatureCollection",
        "features": [],
        "links": [{"rel": "next", "href": f"{address}/next"}],
    }
    named = {
        "type": "FeatureCollection",
        "features": [],
        "crs": {"type": "link", "properties": {"href": f"{address}/crs"}},
    }
    return {
        "vrt.geojson": vrt.encode(),
        "vrt.shp": vrt.encode(),
        "vrt.gpkg": vrt.encode(),
        "vrt.csv": vrt.encode(),
        "vrt.kml": vrt.encode(),
        "local.csv": local.encode(),
        "local.geojson": local.encode(),
        "wfs.geojson": wfs.encode(),
        "csw.kml": csw.encode(),
        "dtd.kml": (dtd + link).encode(),
        "link.kml": link.encode(),
        "links.geojson": json.dumps(collection).encode(),
        "crs.geojson": json.dumps(named).encode(),
        "hidden.geojson": json.dumps(named).replace('"crs"', '"\\u0063rs"').encode(),
    }


def _plain_environment() -> dict[str, str]:
    # Importing our reader sets GDAL's settings in this process; a child must not inherit them.
    return {name: value for name, value in os.environ.items() if not name.startswith(("GDAL_", "CPL_"))}


READ = """
import sys, warnings
warnings.simplefilter("ignore")
{first}
from pathlib import Path
from suizhou_geo import files
from suizhou_geo.errors import SuizhouGeoError
for path in sys.argv[1:]:
    for read in (files.read_vector, lambda name: files.check_file(Path(name)), files.read_observations):
        try:
            print(repr(read(path))[:400])
        except SuizhouGeoError as error:
            print("refused", error.what)
"""


@pytest.mark.parametrize(
    "first", ["", "import geopandas, pyogrio; pyogrio.list_drivers()"], ids=["ours first", "geopandas first"]
)
def test_no_file_reaches_the_network_or_another_file(
    first: str,
    tmp_path: Path,
    listener: tuple[int, list[str]],
    record_property: Callable[[str, object], None],
) -> None:
    port, calls = listener
    secret = tmp_path / "secret.csv"
    secret.write_text("longitude,latitude,name\n113,31,秘密\n", encoding="utf-8")
    paths = []
    for name, data in _vectors(port, secret).items():
        path = tmp_path / name
        path.write_bytes(data)
        paths.append(str(path))
    done = subprocess.run(
        [sys.executable, "-c", READ.format(first=first), *paths, f"http://127.0.0.1:{port}/a.csv", f"/vsicurl/http://127.0.0.1:{port}/b.geojson"],
        capture_output=True, text=True, check=False, timeout=120, env=_plain_environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
    record_property(
        "tried", f"{len(paths) + 2} hostile inputs by 3 readers, ours or geopandas imported first"
    )
    assert calls == []
    assert "秘密" not in done.stdout
    assert done.stdout.count("refused") >= 20


def test_the_harness_would_see_a_call(
    tmp_path: Path, listener: tuple[int, list[str]], record_property: Callable[[str, object], None]
) -> None:
    port, calls = listener
    path = tmp_path / "vrt.geojson"
    path.write_bytes(_vectors(port, path)["vrt.geojson"])
    raw = "import sys, pyogrio\ntry:\n    pyogrio.read_dataframe(sys.argv[1])\nexcept Exception as error:\n    print(error)"
    command = [sys.executable, "-c", raw, str(path)]
    subprocess.run(command, capture_output=True, check=True, timeout=60, env=_plain_environment())
    record_property("control", f"pyogrio alone: {len(calls)} calls of one file")
    assert len(calls) >= 1
