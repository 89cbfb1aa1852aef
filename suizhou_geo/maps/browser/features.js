// The block of data as features: one object for each thing on the map, with its shape in world coordinates
// (Web Mercator at zoom 0, 0…256), so that drawing at any zoom is one multiplication.

const DATA = JSON.parse(byId("page-data").textContent);
const LAYERS = DATA.layers.map(readLayer);
const FEATURES = LAYERS.flatMap((layer) => layer.features);
const INITIALLY_HIDDEN = new Set(["units"]);
const POINT_KINDS = new Set(["sections", "stations", "intakes", "sources", "outfalls", "projects"]);

function readLayer(columns) {
  const layer = {
    kind: columns.kind,
    kindName: columns.kindName,
    title: columns.title,
    synthetic: columns.synthetic || columns.syntheticFlags.some(Boolean),
    source: columns.source,
    updated: columns.updated,
    visible: true,
    features: [],
  };
  const places = readPlaces(columns.places);
  const series = placeSeries(columns);
  layer.features = columns.ids.map((id, index) => readFeature(layer, columns, index, { places, series }));
  return layer;
}

/** Single points: one column of differences becomes one column of world coordinates. */
function readPlaces(moves) {
  const places = worldLine(moves);
  return moves.length > 0 ? (index) => [{ type: "points", rings: [places.subarray(2 * index, 2 * index + 2)] }] : null;
}

function readFeature(layer, columns, index, { places, series }) {
  const pieces = places ? places(index) : columns.shapes[index].map(readPiece);
  return {
    layer,
    id: columns.ids[index],
    name: columns.names[index],
    sourceType: columns.sourceTypes[index] || "",
    category: columns.categories[index] || "",
    synthetic: Boolean(columns.syntheticFlags[index]),
    inCounty: Boolean(columns.inCounty[index]),
    // Read when they are shown: a map of thousands opens without them.
    get facts() { return readFacts(columns.facts[index], columns.texts); },
    get series() { return series(index); },
    section: columns.sections[index] || null,
    air: columns.airs[index] || null,
    lake: layer.kind === "sections" && isLake(columns.categories[index], readFacts(columns.facts[index], columns.texts)),
    pieces,
    box: boxOf(pieces),
    anchor: columns.anchors[index] ? worldOf(...columns.anchors[index]) : null,
  };
}

function readFacts(flat, texts) {
  const facts = [];
  for (let at = 0; at < flat.length; at += 2) facts.push([texts[flat[at]], texts[flat[at + 1]]]);
  return facts;
}

const SERIES_HEAD = ["name", "unit", "months", "limit", "limitLabel", "decimals", "higherIsBetter"];

/** A function that gives the series of a feature: a head's values stand one feature after the other. */
function placeSeries({ ids, heads, sets, owners, values, fans }) {
  const used = heads.map(() => 0);
  const setOf = (index) => sets[owners[index] || 0] || [];
  const order = ids.map((id, index) => setOf(index).map((head) => used[head]++));
  const unpacked = [];
  const numbers = (head) => (unpacked[head] ??= unpack(values[head]));
  return (index) => setOf(index).map((head, at) => readSeries(heads[head], numbers(head), order[index][at], fans[head][index]));
}

/** Values of a head: as they stand, or whole numbers of 16 bits with -32768 for a gap. */
function unpack([power, ...values]) {
  if (typeof values[0] !== "string") return values;
  const text = atob(values[0].replaceAll("-", "+").replaceAll("_", "/"));
  const numbers = new Int16Array(Uint8Array.from(text, (letter) => letter.charCodeAt(0)).buffer);
  return Array.from(numbers, (number) => (number === -32768 ? null : number / 10 ** power));
}

function readSeries(head, values, place, fan) {
  const series = Object.fromEntries(SERIES_HEAD.map((key, at) => [key, head[at]]));
  series.months = DATA.calendars[series.months];
  const length = series.months.length;
  series.values = values.slice(place * length, (place + 1) * length);
  series.fan = fan && fan.length > 0 ? { months: DATA.calendars[fan[0]], levels: fan[1], values: fan[2] } : null;
  return series;
}

/** World coordinates of a longitude and latitude given in steps of the block. */
function worldOf(longitudeSteps, latitudeSteps) {
  const longitude = longitudeSteps / DATA.scale;
  const latitude = Math.max(-85, Math.min(85, latitudeSteps / DATA.scale));
  const sine = Math.sin((latitude * Math.PI) / 180);
  return [
    ((longitude + 180) / 360) * 256,
    (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 256,
  ];
}

function readPiece([type, ...content]) {
  if (type === 0) return { type: "points", rings: [worldPoints(content)] };
  return { type: type === 1 ? "line" : "area", rings: content.map(worldLine) };
}

function worldPoints(flat) {
  const ring = new Float64Array(flat.length);
  for (let at = 0; at < flat.length; at += 2) ring.set(worldOf(flat[at], flat[at + 1]), at);
  return ring;
}

function worldLine(steps) {
  const ring = new Float64Array(steps.length);
  let longitude = 0;
  let latitude = 0;
  for (let at = 0; at < steps.length; at += 2) {
    longitude += steps[at];
    latitude += steps[at + 1];
    ring.set(worldOf(longitude, latitude), at);
  }
  return ring;
}

/** [left, top, right, bottom] in world coordinates; null where there is no shape. */
function boxOf(pieces) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const piece of pieces) {
    for (const ring of piece.rings) {
      for (let at = 0; at < ring.length; at += 2) {
        box[0] = Math.min(box[0], ring[at]);
        box[1] = Math.min(box[1], ring[at + 1]);
        box[2] = Math.max(box[2], ring[at]);
        box[3] = Math.max(box[3], ring[at + 1]);
      }
    }
  }
  return box[0] <= box[2] ? box : null;
}

function joinBoxes(boxes) {
  const known = boxes.filter(Boolean);
  if (known.length === 0) return null;
  return known.reduce((a, b) => [
    Math.min(a[0], b[0]),
    Math.min(a[1], b[1]),
    Math.max(a[2], b[2]),
    Math.max(a[3], b[3]),
  ]);
}

/** What the first view shows: the county in question; without its boundary, everything there is. */
function homeBox() {
  const own = FEATURES.filter((feature) => feature.layer.kind === "counties" && feature.inCounty);
  return joinBoxes(own.map((feature) => feature.box)) || joinBoxes(FEATURES.map((feature) => feature.box));
}

const layerOf = (kind) => LAYERS.find((layer) => layer.kind === kind);
const featuresOf = (kind) => LAYERS.filter((layer) => layer.kind === kind).flatMap((layer) => layer.features);
const kindOf = (feature) =>
  lookUp(DATA.words.sources, feature.sourceType) || feature.layer.kindName || feature.layer.kind;
function isLake(category, facts) {
  return ["lake", "湖库"].includes(category) || facts.some(([label, text]) => label === "水体类型" && text === "湖库");
}

for (const layer of LAYERS) layer.visible = !INITIALLY_HIDDEN.has(layer.kind);
