// Puts the page together: header, map, panel, legend, search, time, print.

const HOME = homeBox() || [200, 100, 210, 110];

const MAP = L.map("map", {
  attributionControl: false,
  zoomControl: false,
  zoomSnap: 0.25,
  minZoom: 4,
  maxZoom: 17,
  wheelPxPerZoomLevel: 100,
});
const PICTURE = new Picture();

// The origin line stands at the lower left: the county is fitted above it.
const HOME_VIEW = { paddingTopLeft: [16, 12], paddingBottomRight: [16, 44], animate: false };

/** Show a box of world coordinates beside the card, which covers the right of a wide map and the foot of a narrow one. */
function moveTo(box) {
  const isPoint = boxArea(box) === 0;
  if (isPoint) MAP.setView(latLngOf(box[0], box[1]), Math.max(MAP.getZoom(), 11), { animate: false });
  else MAP.fitBounds(boundsOf(box), { padding: [24, 24], maxZoom: 13, animate: false });
  if (isNarrow()) byId("map-frame").scrollIntoView({ block: "start" });
  const size = MAP.getSize();
  MAP.panBy(isNarrow() ? [0, size.y * 0.22] : [Math.min(172, size.x / 4), 0], { animate: false });
}

const isNarrow = () => window.matchMedia("(max-width: 899px)").matches;

const latLngOf = (x, y) => L.CRS.EPSG3857.pointToLatLng(L.point(x, y), 0);
const boundsOf = (box) => L.latLngBounds(latLngOf(box[0], box[1]), latLngOf(box[2], box[3]));

const goHome = () => MAP.fitBounds(boundsOf(HOME), HOME_VIEW);

/** A page that opens unseen, such as a notebook's output below the fold, has no size yet: until somebody touches it, the county is fitted to every size that it gets. */
function fitUntilTouched() {
  let untouched = true;
  const touch = () => { untouched = false; };
  for (const kind of ["pointerdown", "wheel", "keydown"]) document.addEventListener(kind, touch, { once: true, capture: true, passive: true });
  new ResizeObserver(() => {
    const before = MAP.getSize();
    MAP.invalidateSize({ animate: false });
    if (untouched && !before.equals(MAP.getSize())) goHome();
  }).observe(MAP.getContainer());
}

/** Tiles under the map, where somebody asked for them; the reader's own key stands behind the page's address. */
function addTiles() {
  if (!DATA.basemap) return;
  const tk = new URLSearchParams(window.location.hash.slice(1)).get("tk") || DATA.basemap.key;
  if (tk) L.tileLayer(DATA.basemap.url, { tk, subdomains: "01234567", maxZoom: 17 }).addTo(MAP);
}

function startMap() {
  goHome();
  addTiles();
  PICTURE.addTo(MAP);
  L.control.zoom({ position: "topleft", zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(MAP);
  originControl().addTo(MAP);
  L.control.scale({ imperial: false, metric: true, position: "bottomleft" }).addTo(MAP);
  MAP.on("click", (event) => openAt(event.latlng));
  MAP.on("mousemove", (event) => showHover(event));
  MAP.on("mouseout movestart", hideHover);
  const container = MAP.getContainer();
  container.setAttribute("role", "application");
  container.setAttribute("aria-label", `${DATA.head.name}地图，方向键平移，加减号缩放`);
  fitUntilTouched();
}

/** What must be said on the picture itself: it is an unreviewed working map, in which datum, of which date. */
function originControl() {
  const control = L.control({ position: "bottomleft" });
  const words = ["CGCS2000", DATA.head.dataDate ? `数据 ${DATA.head.dataDate}` : "", DATA.basemap ? DATA.basemap.credit : ""].filter(Boolean).join(" · ");
  control.onAdd = () => element("div", { id: "map-origin" }, element("b", {}, DATA.head.mapStamp), element("div", {}, words));
  return control;
}

/** Everything that shows a month or a class, again. */
function refresh() {
  markedMonth = isThisMonth() ? null : shownMonth;
  PICTURE.draw();
  refreshTables();
  refreshCard();
}

function featuresAt(latlng) {
  const world = L.CRS.EPSG3857.latLngToPoint(latlng, 0);
  return findFeaturesAt(world.x, world.y, 2 ** MAP.getZoom());
}

function openAt(latlng) {
  const [first, ...others] = featuresAt(latlng);
  if (first) openCard(first, { others });
  else closeCard();
}

function showHover(event) {
  const [first] = featuresAt(event.latlng);
  const hover = byId("hover");
  MAP.getContainer().classList.toggle("on-feature", Boolean(first));
  hover.hidden = !first;
  if (!first) return;
  hover.textContent = hoverWords(first);
  hover.style.left = `${event.containerPoint.x + 14}px`;
  hover.style.top = `${event.containerPoint.y + 12}px`;
}

/** The name, and what its colour and ring mean. */
function hoverWords(feature) {
  return [feature.name || feature.id, ...sectionWords(feature), ...airWords(feature)].join(" · ");
}

function sectionWords(feature) {
  const { section } = feature;
  if (!section) return [];
  const target = section.targetClass ? [`目标${classStyle(section.targetClass).label}`] : [];
  const judged = isThisMonth() ? [stateWord(section.state)] : [];
  return [classStyle(classShown(feature)).label, ...target, ...judged];
}

function airWords(feature) {
  if (!feature.air) return [];
  const air = airShown(feature);
  return [air ? `${air.date} AQI ${air.aqi} ${air.category}` : "无数据"];
}

function hideHover() {
  byId("hover").hidden = true;
}

function fillHead() {
  const { head } = DATA;
  const standards = head.standards.length > 2 ? `${head.standards.slice(0, 2).join("、")} 等 ${head.standards.length} 项` : head.standards.join("、");
  byId("title").textContent = `${head.name} · 水环境`;
  const subtitle = [head.city !== head.name ? head.city : "", `${head.year} 年 ${head.month} 月`, head.dataDate ? `数据截至 ${head.dataDate}` : "", standards].filter(Boolean).join(" · ");
  byId("subtitle").textContent = subtitle;
  byId("subtitle").title = subtitle;
  const stamps = [head.stamp, head.synthetic ? DATA.words.synthetic : head.partlySynthetic ? `部分为${DATA.words.synthetic}` : ""];
  byId("stamps").replaceChildren(...stamps.filter(Boolean).map((text, index) => element("span", { class: index ? "stamp synthetic-stamp" : "stamp" }, text)));
  byId("foot").textContent = `由 suizhou_geo ${head.tool} 生成 · 区划代码 ${head.adcode} · 结果指纹 SHA-256 ${head.fingerprint}`;
}

function startTools() {
  for (const paper of ["A4", "A3"]) {
    byId(`print-${paper}`).addEventListener("click", () => {
      document.documentElement.dataset.paper = paper;
      window.print();
    });
  }
  byId("export").addEventListener("click", exportPicture);
}

/** Paper has its own width: the map takes its printed size before the browser lays out the sheet. */
function startPrint() {
  let closed = [];
  window.addEventListener("beforeprint", () => {
    // Paper cannot be opened: the legend and what is folded in the panel stand open on it.
    closed = [byId("legend"), ...byId("panel").querySelectorAll("details")].filter((each) => !each.open);
    for (const each of closed) each.open = true;
    document.documentElement.classList.add("printing");
    MAP.invalidateSize({ animate: false });
    goHome();
  });
  window.addEventListener("afterprint", () => {
    document.documentElement.classList.remove("printing");
    for (const each of closed) each.open = false;
    MAP.invalidateSize({ animate: false });
    goHome();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeCard();
});

fillHead();
fillPanel();
fillLegend();
startMap();
startTabs();
startTime();
startSearch();
startTools();
startPrint();
// For the console and for tests: what the page shows, and the same call that a click makes.
window.countyPage = Object.freeze({ map: MAP, layers: LAYERS, picture: PICTURE, openCard, featuresAt, showMonth, drawSheet });
Promise.all(GRIDS.map((grid) => grid.image.decode())).then(() => {
  if (GRIDS.length > 0) PICTURE.draw();
  document.documentElement.dataset.ready = "true";
});
