"""B4: an offline map of 5,000 outfalls with a card each and 36 months, beside folium; then 100,000 points on our page.

Run by ``make bench``; needs Chromium on PATH. The outfalls are simulated. Both sides start from the same ``CountyResult``
and end with a file; the time is that of the processor, as other work on the machine must not count, with the time on the
clock beside it. A page is ready when its second frame is on the screen, on the browser's own clock. Place, name, facts and all 180,000 values of every outfall are read back out of both pages in the browser
and must be equal before a ratio is printed. folium draws on canvas, its fastest way; the files that it would load from
four hosts are handed to it from memory, Leaflet from the installed package and as little of jQuery as its popups need,
the others empty: all of this is in its favour. Both sides build five times by turns.
"""

import gc
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import folium
import numpy as np
from playwright.sync_api import Browser, Page, Route, sync_playwright
from xstatic.pkg import leaflet

from benchmarks.record import record, seconds
from suizhou_geo import files, maps, plan
from suizhou_geo.conventions import CountyResult, Feature, Layer, Series
from suizhou_geo.packaged import packaged_folder

OUTFALLS, MANY, RUNS = 5_000, 100_000, 5
MONTHS = tuple(f"{year}-{month:02d}" for year in (2019, 2020, 2021) for month in range(1, 13))
RIVERS = ("㵐水", "涢水", "厥水", "漂水")

# folium's popups are made by jQuery while the page loads; this is all of it that they use.
JQUERY = "window.$ = (markup) => [Object.assign(document.createElement('template'), {innerHTML: markup.trim()}).content.firstElementChild];"
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"

READ_FOLIUM = """() => {
  const map = Object.entries(window).find(([name]) => /^map_[0-9a-f]{32}$/.test(name))[1];
  const rows = [];
  map.eachLayer((layer) => {
    if (!layer.getPopup || !layer.getPopup()) return;
    const { lat, lng } = layer.getLatLng();
    const content = layer.getPopup().getContent();
    const cells = [...content.querySelectorAll("td")].map((cell) => cell.textContent);
    const pairs = [];
    for (let at = 0; at < cells.length; at += 2) pairs.push([cells[at], cells[at + 1]]);
    rows.push([lng, lat, content.querySelector("b").textContent, pairs.slice(0, 2), pairs.slice(2).map(([month, value]) => [month, Number(value)])]);
  });
  return rows;
}"""
READ_OURS = """() => countyPage.layers.find((layer) => layer.kind === "outfalls").features.map((feature) => {
  const at = L.CRS.EPSG3857.pointToLatLng(L.point(...feature.pieces[0].rings[0]), 0);
  const [series] = feature.series;
  return [at.lng, at.lat, feature.name, feature.facts.slice(0, 2), series.months.map((month, index) => [month, series.values[index]])];
})"""
# One second of dragging: the time between frames, and of the drawing at its end.
PAN = """() => new Promise((done) => {
  const frames = [], begin = performance.now();
  let last = begin;
  const step = () => {
    const now = performance.now();
    frames.push(now - last);
    last = now;
    if (now - begin > 1000) return done(frames);
    countyPage.map._rawPanBy(L.point(3, 2));
    countyPage.map.fire("move");
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""
DRAW = (
    "() => { const begin = performance.now(); countyPage.picture.draw(); return performance.now() - begin; }"
)


def main() -> None:
    rows = make_outfalls(np.random.default_rng(20260304), OUTFALLS)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        theirs, ours = Path(folder) / "folium.html", Path(folder) / "page.html"
        # Another object each time: nothing about it can have been remembered.
        builds = [
            (timed(partial(write_folium, result_of(rows), theirs)), timed(partial(write_ours, result_of(rows), ours)))
            for _ in range(RUNS)
        ]  # fmt: skip
        compare(browser, theirs, ours)
        readies = [(ready_after(browser, theirs), ready_after(browser, ours)) for _ in range(RUNS)]
        their_ready, our_ready = (statistics.median(each) for each in zip(*readies, strict=True))
        sizes = theirs.stat().st_size, ours.stat().st_size
        same = "place, name, facts and 36 values of every outfall, read back in the browser"
        for place, clock in enumerate(("processor", "clock")):
            their_took, our_took = ([each[side][place] for each in builds] for side in (0, 1))
            record(
                f"B4 map of {OUTFALLS} outfalls with cards, built ({clock})", ours=seconds(our_took), peer=seconds(their_took),
                result=f"{statistics.median(their_took) / statistics.median(our_took):.0f} ×", mark="≥ 50 ×", equal=same,
                versions=("folium",),
            )  # fmt: skip
        record(
            "B4 its size", ours=f"{sizes[1] / 1e6:.2f} MB", peer=f"{sizes[0] / 1e6:.2f} MB", mark="≤ 1/10, 0 addresses", equal=same,
            result=f"1/{sizes[0] / sizes[1]:.1f}, {ours.read_text(encoding='utf-8').count('://')} addresses", versions=("folium",),
        )  # fmt: skip
        record(
            "B4 until it stands on the screen", ours=f"{our_ready:.2f} s (median of {RUNS})", peer=f"{their_ready:.2f} s",
            result=f"{their_ready / our_ready:.1f} × sooner", mark="≥ 3 ×", equal=same, versions=("folium",),
        )  # fmt: skip
        many_points(browser, Path(folder) / "many.html")
        demo_page(Path(folder) / "demo.html")
        browser.close()


def make_outfalls(random: np.random.Generator, count: int) -> list[dict[str, Any]]:
    longitude, latitude = (
        np.round(113.2 + 0.45 * random.random(count), 5),
        np.round(31.5 + 0.45 * random.random(count), 5),
    )
    values = np.round(random.gamma(4, 0.05, (count, len(MONTHS))), 3)
    return [
        {
            "place": [float(longitude[number]), float(latitude[number])],
            "name": f"演示排污口{number:05d}",
            "facts": {"许可状态": "有效" if number % 7 else "待核实", "所在河流": RIVERS[number % 4]},
            "values": tuple(values[number].tolist()),
        }
        for number in range(count)
    ]


def write_folium(result: CountyResult, path: Path) -> None:
    drawn = folium.Map(location=[31.72, 113.42], zoom_start=11, tiles=None, prefer_canvas=True)
    for each in result.layers[0].features:
        [series] = each.series
        rows = [*each.facts.items(), *zip(series.times, series.values, strict=True)]
        table = "".join(f"<tr><td>{label}</td><td>{value}</td></tr>" for label, value in rows)
        popup = folium.Popup(f"<b>{each.name}</b><table>{table}</table>")
        folium.CircleMarker(each.geometry["coordinates"][::-1], radius=4, popup=popup).add_to(drawn)
    drawn.save(str(path))


def write_ours(result: CountyResult, path: Path) -> None:
    maps.write_page(result, path=path)


def result_of(outfalls: list[dict[str, Any]]) -> CountyResult:
    features = tuple(
        Feature(
            f"O{number}",
            each["name"],
            {"type": "Point", "coordinates": each["place"]},
            each["facts"],
            synthetic=True,
            series=(Series("tp", "总磷", "mg/L", MONTHS, each["values"], decimals=3),),
        )
        for number, each in enumerate(outfalls)
    )
    layer = Layer("outfalls", "", True, "模拟", "2021-12-31", features)
    return CountyResult(
        "421303",
        "曾都区",
        "随州市",
        2021,
        12,
        "模拟的排污口。",
        (),
        (layer,),
        (),
        (),
        (),
        (),
        True,
        version("suizhou-geo"),
    )


def open_page(browser: Browser, path: Path) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.route(lambda address: address.startswith("http"), answer)
    page = context.new_page()
    page.goto(path.as_uri())
    return page


def answer(route: Route) -> None:
    """What folium asks its hosts for, from memory."""
    address = route.request.url
    if address.endswith("leaflet.js"):
        route.fulfill(
            body=(Path(leaflet.BASE_DIR) / "leaflet.js").read_text(encoding="utf-8"),
            content_type="text/javascript",
        )
    elif address.endswith("leaflet.css"):
        route.fulfill(
            body=(Path(leaflet.BASE_DIR) / "leaflet.css").read_text(encoding="utf-8"), content_type="text/css"
        )
    else:
        route.fulfill(
            body=JQUERY if "jquery" in address else "",
            content_type="text/css" if address.endswith("css") else "text/javascript",
        )


def compare(browser: Browser, theirs: Path, ours: Path) -> None:
    """Both pages hold the same outfalls, each with the same place, name, facts and 36 values."""
    their_rows = open_page(browser, theirs).evaluate(READ_FOLIUM)
    our_rows = open_page(browser, ours).evaluate(READ_OURS)
    assert len(their_rows) == len(our_rows) == OUTFALLS
    by_name = {row[2]: row for row in our_rows}
    for longitude, latitude, name, facts, values in their_rows:
        same = by_name[name]
        assert abs(same[0] - longitude) < 1e-7
        assert abs(same[1] - latitude) < 1e-7
        assert same[3:] == [facts, values], json.dumps([same, facts, values], ensure_ascii=False)


def ready_after(browser: Browser, path: Path) -> float:
    page = open_page(browser, path)
    milliseconds: float = page.evaluate(PAINTED)
    page.context.close()
    return milliseconds / 1000


def many_points(browser: Browser, path: Path) -> None:
    """A hundred thousand points: how long until they stand there, how smoothly they move, how long a drawing takes."""
    maps.write_page(
        result_of([{**each, "values": ()} for each in make_outfalls(np.random.default_rng(1), MANY)]),
        path=path,
    )
    opened = statistics.median(ready_after(browser, path) for _ in range(3))
    page = open_page(browser, path)
    frames = np.array(page.evaluate(PAN)[1:])
    drawing = statistics.median(page.evaluate(DRAW) for _ in range(5))
    record(
        f"B4 {MANY:,} points on our page", ours=f"{path.stat().st_size / 1e6:.1f} MB, ready after {opened:.2f} s (median of 3)",
        result=f"while dragged a frame takes {np.median(frames):.0f} ms (95 of 100 within {np.percentile(frames, 95):.0f} ms); "
        f"drawn again in {drawing:.0f} ms",
    )  # fmt: skip


def demo_page(path: Path) -> None:
    workspace = files.open_workspace(packaged_folder("data", "suizhou"))
    for adcode in (*workspace.counties, workspace.adcode):
        maps.write_page(plan.evaluate_county(workspace, adcode=adcode, year=2021, month=6), path=path)
        print(f"demo page {adcode}: {path.stat().st_size / 1e6:.2f} MB")
        assert path.stat().st_size <= maps.PAGE_BUDGET


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the processor and on the clock, without the collector of garbage, as ``timeit`` has it."""
    gc.collect()
    gc.disable()
    processor, clock = time.process_time(), time.perf_counter()
    work()
    seconds = time.process_time() - processor, time.perf_counter() - clock
    gc.enable()
    return seconds


if __name__ == "__main__":
    main()
