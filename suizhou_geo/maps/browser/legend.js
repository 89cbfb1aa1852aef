// Legend and layer switch in one: every symbol that is on the map stands under the layer it belongs to.

const GROUPS = [
  ["监测", ["sections", "stations", "intakes"]],
  ["污染源", ["sources", "outfalls", "projects"]],
  ["保护与管控", ["redlines", "reserves", "water_zones", "units"]],
  ["底图", ["counties", "rivers"]],
];

function fillLegend() {
  const known = GROUPS.flatMap(([, kinds]) => kinds);
  const added = LAYERS.filter((layer) => !known.includes(layer.kind));
  const groups = GROUPS.map(([title, kinds]) => legendGroup(title, LAYERS.filter((layer) => kinds.includes(layer.kind))));
  byId("legend-groups").replaceChildren(...[...groups, legendGroup("其他图层", added, GRIDS.map(legendGrid))].filter(Boolean));
  byId("legend-colours").replaceChildren(coloursRow() || "");
}

/** Official colours, or colours for every kind of colour vision. */
function coloursRow() {
  if (!layerOf("sections") && !layerOf("stations")) return null;
  const box = element("input", { id: "safe-colours", type: "checkbox", change: () => {
    classSet = box.checked ? "class_safe" : "class";
    fillLegend();
    fillTrack();
    refresh();
    byId("safe-colours").focus();
  } });
  box.checked = classSet === "class_safe";
  return element("label", {}, box, " 色觉友好配色（非规定色）");
}

function legendGroup(title, layers, more = []) {
  const noData = title === "监测" ? [legendRow(sectionIcon({ waterClass: 0 }), "无数据")] : [];
  if (layers.length + more.length + noData.length === 0) return null;
  const rows = [...layers.map(legendLayer), ...more];
  if (rows.length > 0) rows[0].append(...noData);
  return element("div", { class: "legend-group", role: "group", "aria-label": title }, groupName(title, layers), element("div", { class: "group-layers" }, ...(rows.length > 0 ? rows : noData)));
}

/** The name of a group switches all its layers at once. */
function groupName(title, layers) {
  if (layers.length < 2) return element("div", { class: "group-name" }, title);
  const box = element("input", { type: "checkbox", "data-group": title, change: () => setAllVisible(layers, box.checked) });
  box.checked = layers.every((layer) => layer.visible);
  box.indeterminate = !box.checked && layers.some((layer) => layer.visible);
  for (const layer of layers) layer.group = { box, layers };
  return element("label", { class: "group-name" }, box, title);
}

function legendLayer(layer) {
  const box = element("input", { type: "checkbox", "data-kind": layer.kind, change: () => setLayerVisible(layer, box.checked) });
  box.checked = layer.visible;
  layer.switch = box;
  const name = layer.title === layer.kindName ? layer.title : layer.title || layer.kindName;
  const synthetic = layer.synthetic ? element("small", { class: "synthetic" }, DATA.words.synthetic) : null;
  const count = element("small", { class: "quiet" }, ` ${layer.features.length}`);
  return element("div", { class: "legend-layer" }, element("label", {}, box, ` ${name}`, count, synthetic), ...symbolRows(layer));
}

/** `visible` is read before the first layer is switched: each switch sets the box of its group. */
function setAllVisible(layers, visible) {
  for (const layer of layers) setLayerVisible(layer, visible);
}

function setLayerVisible(layer, visible) {
  layer.visible = visible;
  if (layer.switch) layer.switch.checked = visible;
  if (layer.group) {
    const { box, layers } = layer.group;
    box.checked = layers.every((each) => each.visible);
    box.indeterminate = !box.checked && layers.some((each) => each.visible);
  }
  PICTURE.draw();
}

/** A symbol and its words; a symbol alone stands for the whole layer. */
function legendRow(icon, text) {
  return element("div", { class: "legend-row" }, icon, text);
}

function symbolRows(layer) {
  if (layer.features.length === 0) return [legendRow("", "0 个要素")];
  if (layer.kind === "sections") return sectionRows(layer);
  if (layer.kind === "stations") return stationRows(layer);
  if (layer.kind === "sources") return sourceRows(layer);
  if (POINT_KINDS.has(layer.kind) || layer.features[0].pieces[0]?.type === "points") return [pointIcon(glyphOf(layer.features[0]))];
  if (layer.kind === "counties") return countyRows(layer);
  return areaRows(layer);
}

function sectionRows(layer) {
  const known = (values) => [...new Set(values.filter(Boolean))];
  // Every class that any month of the slider shows.
  const classes = known(layer.features.flatMap((feature) => (feature.section ? [feature.section.waterClass, ...feature.section.classes] : []))).sort();
  const patterns = known(layer.features.map((feature) => stateStyle(feature.section?.state).pattern));
  const words = { solid: "外环：达标或目前达标", dashed: "虚线环：有风险", double: "双环：未达标" };
  const rings = Object.keys(words).filter((pattern) => patterns.includes(pattern));
  return [
    ...classes.map((waterClass) => legendRow(sectionIcon({ waterClass }), classStyle(waterClass).label)),
    ...rings.map((pattern) => legendRow(sectionIcon({ waterClass: 0, pattern }), words[pattern])),
    rings.length > 0 && MONTHS.length > 1 ? element("small", { class: "quiet" }, `（环只判断 ${monthWords(THIS_MONTH)}）`) : null,
    layer.features.some((feature) => feature.lake) ? legendRow(sectionIcon({ waterClass: 0, lake: true }), "方形：湖库") : null,
  ].filter(Boolean);
}

/** Every level that any month of the slider shows, what the colour is of, and no data. */
function stationRows(layer) {
  const measured = layer.features.filter((feature) => feature.air);
  const levels = [...new Set(measured.flatMap((feature) => feature.air.levels).filter(Boolean))].sort();
  return [
    ...levels.map((level) => legendRow(airIcon(level), `${airStyle(level).label}`)),
    legendRow(airIcon(0), "无数据"),
    levels.length > 0 ? element("small", { class: "quiet" }, `（当月最后一个有 AQI 的日子${measured.some((feature) => feature.air.synthetic) ? `，监测为${DATA.words.synthetic}` : ""}）`) : null,
  ].filter(Boolean);
}

const airIcon = (level) => glyphIcon(GLYPHS.stations, airStyle(level).fill, { line: INK });

function sourceRows(layer) {
  const glyphs = [...new Set(layer.features.map(glyphOf))];
  return glyphs.map((glyph) => legendRow(pointIcon(glyph), DATA.words.sources[glyph] || "其他"));
}

function countyRows(layer) {
  const own = layer.features.some((feature) => feature.inCounty);
  const others = layer.features.some((feature) => !feature.inCounty);
  return [
    own ? legendRow(areaIcon({ colour: "#8a969c", fill: "#ffffff", pattern: "" }), DATA.head.name) : null,
    others ? legendRow(areaIcon({ colour: "#b3bcc0", fill: "#f3f5f6", pattern: "" }), "其他区县") : null,
  ].filter(Boolean);
}

/** One row for each style in use; areas of one style are one row. */
function areaRows(layer) {
  const styles = new Map(layer.features.map((feature) => [areaStyle(feature), feature]));
  return [...styles.keys()].map((style) => legendRow(layer.kind === "rivers" ? lineIcon(style) : areaIcon(style), style.label));
}

function sectionIcon({ waterClass, pattern = "", lake = false }) {
  const shape = (size, attributes) =>
    lake
      ? vector("rect", { x: 12 - size, y: 12 - size, width: 2 * size, height: 2 * size, ...attributes })
      : vector("circle", { cx: 12, cy: 12, r: size, ...attributes });
  const ring = { fill: "none", stroke: INK, "stroke-width": 1.5 };
  const rings = { solid: [shape(9, ring)], dashed: [shape(9, { ...ring, "stroke-dasharray": "3 2.3" })], double: [shape(8.4, ring), shape(11, ring)] }[pattern] || [];
  const body = shape(6, { fill: classStyle(waterClass).fill, stroke: INK, "stroke-width": 1.4, "stroke-dasharray": waterClass || pattern || lake ? null : "2 2" });
  return vector("svg", { viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true", class: "icon" }, body, ...rings);
}

function pointIcon(glyph) {
  return glyphIcon(GLYPHS[glyph], glyphColour(glyph));
}

function lineIcon(style) {
  return vector("svg", { viewBox: "0 0 20 14", width: 20, height: 14, "aria-hidden": "true", class: "icon" }, vector("path", { d: "M1 10C6 2 12 14 19 5", fill: "none", stroke: style.colour, "stroke-width": 2 }));
}

function areaIcon(style) {
  const hatched = style.pattern.startsWith("hatch");
  const step = { "hatch-1": 4, "hatch-2": 6, "hatch-3": 9 }[style.pattern] || 6;
  let lines = "";
  for (let at = -12; hatched && at < 20; at += step) lines += `M${at} 13l12-12`;
  return vector(
    "svg",
    { viewBox: "0 0 20 14", width: 20, height: 14, "aria-hidden": "true", class: "icon clip" },
    vector("path", { d: lines, stroke: style.colour, "stroke-width": 1 }),
    vector("rect", { x: 1, y: 1, width: 18, height: 12, fill: hatched ? "none" : style.fill, stroke: style.colour, "stroke-width": 1.5, "stroke-dasharray": style.pattern === "dashed" ? "4 2" : null }),
  );
}
