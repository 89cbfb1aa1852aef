// Every symbol once: as a path in a box of 16 × 16, drawn on the map's canvas and, from the same path, in the legend.

const INK = "#1f2a2e";
const GLYPH_INK = "#3d484d";
const ACCENT = "#0b6e75";

const GLYPHS = {
  industry: "M2 14V7l4 3V7l4 3V3h4v11z",
  works: "M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2zM8 4.2c1.6 2 2.6 3.2 2.6 4.9a2.6 2.6 0 0 1-5.2 0C5.4 7.4 6.4 6.2 8 4.2z",
  tailings: "M1 13.5 5.5 4h5L15 13.5zM6.6 6 5 9.5h6L9.4 6z",
  waste: "M2.5 4h11v2h-1.2l-.8 8.5h-7L3.7 6H2.5zM6 1.8h4V3.5H6z",
  metal: "M8 1.5l5.8 3.25v6.5L8 14.5 2.2 11.25v-6.5zM8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 1 0 0-5z",
  radiation:
    "M8 6.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 1 0 0-3.4zM4.6 2.1 6.9 6.1a2.2 2.2 0 0 0-1.1 1.9H1.2a6.8 6.8 0 0 1 3.4-5.9zM11.4 2.1a6.8 6.8 0 0 1 3.4 5.9h-4.6a2.2 2.2 0 0 0-1.1-1.9zM4.6 13.9 6.9 9.9a2.2 2.2 0 0 0 2.2 0l2.3 4a6.8 6.8 0 0 1-6.8 0z",
  fuel: "M3 2h7v5.5h1.5v4a.8.8 0 0 0 1.6 0V7l-1.6-2 1-1 2 2.5v5a2.2 2.2 0 0 1-4.4 0V9H10v5H3zM4.5 3.5v3h4v-3z",
  farm: "M8 1.5 14.5 7v7.5h-13V7zM5.5 9v5.5h5V9z",
  outfall: "M2.5 4h11L8 13.5z",
  other: "M3 3h10v10H3zM5.5 5.5v5h5v-5z",
  stations: "M8 1 15 8 8 15 1 8z",
  intakes: "M8 1c3 3.8 4.7 6.2 4.7 8.7a4.7 4.7 0 0 1-9.4 0C3.3 7.2 5 4.8 8 1z",
  projects: "M3.5 1.5h1.7v1H13l-2 3.2 2 3.3H5.2v5.5H3.5z",
  circle: "M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2z",
  square: "M2.5 2.5h11v11h-11z",
};

// The shape beside a word of state: a reader who sees no colour reads the same.
const STATE_SHAPES = {
  missed: "M3.5 2 8 6.5 12.5 2 14 3.5 9.5 8l4.5 4.5-1.5 1.5L8 9.5 3.5 14 2 12.5 6.5 8 2 3.5z",
  unlikely: "M2 4h12L8 14z",
  behind: "M2 4h12L8 14z",
  at_risk: "M8 2l6.5 12h-13zM7.2 6.5v4h1.6v-4zM7.2 11.3v1.5h1.6v-1.5z",
  unknown: "M2 7h12v2H2z",
  likely: "M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2zM8 4a4 4 0 0 1 0 8z",
  on_track: "M2 8.5 3.5 7 6.5 10 12.5 3.5 14 5 6.5 13z",
  met: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 1 0 0-13zM4.5 8.2l1-1 1.7 1.7 3.4-3.7 1.1 1L7.2 11z",
};

const stateStyle = (state) => lookUp(DATA.palette.state, state) || DATA.palette.state.unknown;
const stateWord = (state) => lookUp(DATA.words.targets, state) || state || "无法判定";

/** Official colours of classes, or a set that readers of every colour vision can tell apart. */
let classSet = "class";
const classStyle = (waterClass) => DATA.palette[classSet][waterClass || 0] || DATA.palette[classSet][0];
const classWord = (waterClass) => (waterClass ? classStyle(waterClass).label.replace("类", "") : "");

/** The official colours of the levels of the air quality index; the words are theirs in either set. */
const airStyle = (level) => {
  const style = DATA.palette.air[level || 0] || DATA.palette.air[0];
  return classSet === "class" ? style : { ...style, fill: DATA.palette.class_safe[level || 0].fill };
};

/** Dark ink on light colours, white on dark ones. */
function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 125 ? INK : "#ffffff";
}


/** The style of an area or line: that of its category if the palette has one, else that of its layer. */
function areaStyle(feature) {
  const kind = feature.layer.kind;
  const categories = Object.keys(DATA.palette.category);
  const found = categories.find((key) => key.startsWith(`${kind}:`) && feature.category.includes(key.slice(kind.length + 1)));
  return found ? DATA.palette.category[found] : DATA.palette.area[kind] || DATA.palette.area.extra;
}

/** Rivers are drawn by their order: 1 is the largest. Words that are no number count as a small river. */
function riverWidth(feature) {
  const order = Number.parseInt(feature.category, 10);
  return order >= 1 ? Math.max(1, 4.2 - order) : 1.4;
}

function glyphOf(feature) {
  if (feature.layer.kind === "outfalls") return "outfall";
  if (!POINT_KINDS.has(feature.layer.kind)) return "circle";
  if (Object.hasOwn(GLYPHS, feature.layer.kind)) return feature.layer.kind;
  return Object.hasOwn(GLYPHS, feature.sourceType) ? feature.sourceType : "other";
}

const GLYPH_COLOURS = { intakes: "#2463a8", projects: ACCENT, circle: DATA.palette.area.extra.colour };
const glyphColour = (glyph) => GLYPH_COLOURS[glyph] || GLYPH_INK;
/** A station has the colour of its air in the month shown. */
const colourOf = (feature) => (feature.layer.kind === "stations" ? airStyle(airShown(feature)?.level).fill : glyphColour(glyphOf(feature)));
const GLYPH_SIZES = { outfall: 9, circle: 11, stations: 16, intakes: 14, projects: 14 };
const glyphSize = (glyph) => GLYPH_SIZES[glyph] || 13;

/** A glyph as a small canvas, made once for each size and screen: drawing thousands is then copying. */
const sprites = new Map();
function glyphSprite(glyph, ratio, colour) {
  const key = `${glyph} ${ratio} ${colour}`;
  if (!sprites.has(key)) sprites.set(key, paintSprite(glyph, ratio, colour));
  return sprites.get(key);
}

function paintSprite(glyph, ratio, colour) {
  const size = glyphSize(glyph) + 4;
  const canvas = element("canvas", { width: Math.ceil(size * ratio), height: Math.ceil(size * ratio) });
  const context = canvas.getContext("2d");
  const path = new Path2D(GLYPHS[glyph]);
  context.scale(ratio, ratio);
  context.translate(2, 2);
  context.scale(glyphSize(glyph) / 16, glyphSize(glyph) / 16);
  context.lineJoin = "round";
  context.strokeStyle = glyph === "stations" ? INK : "#ffffff";
  context.lineWidth = 3;
  context.stroke(path);
  context.fillStyle = colour;
  context.fill(path, "evenodd");
  return { canvas, size };
}

/** A section: filled with its class, outlined, ringed by its state; a lake is a square. */
function paintSection(context, x, y, feature) {
  const { lake, section: status } = feature;
  const waterClass = classShown(feature);
  const fill = classStyle(waterClass).fill;
  outline(context, x, y, 10.5, lake);
  context.fillStyle = "rgba(255,255,255,.85)";
  context.fill();
  outline(context, x, y, 6.5, lake);
  context.fillStyle = fill;
  context.fill();
  context.setLineDash(waterClass ? [] : [2, 2]);
  context.lineWidth = 1.5;
  context.strokeStyle = INK;
  context.stroke();
  // Whether the target is met is said of the page's own month only.
  if (status && isThisMonth()) paintRing(context, x, y, lake, stateStyle(status.state).pattern);
}

function paintRing(context, x, y, lake, pattern) {
  if (pattern === "none") return;
  context.setLineDash(pattern === "dashed" ? [3.2, 2.4] : []);
  context.lineWidth = pattern === "double" ? 1.4 : 1.7;
  for (const radius of pattern === "double" ? [9, 11.6] : [9.6]) {
    outline(context, x, y, radius, lake);
    context.stroke();
  }
  context.setLineDash([]);
}

function outline(context, x, y, radius, lake) {
  context.beginPath();
  if (lake) context.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
  else context.arc(x, y, radius, 0, 2 * Math.PI);
}

/** Oblique lines for a protection zone; a stricter grade is hatched more densely. */
function hatchPattern(context, style, ratio) {
  const step = { "hatch-1": 5, "hatch-2": 8, "hatch-3": 12 }[style.pattern] || 8;
  const tile = element("canvas", { width: step * ratio, height: step * ratio });
  const brush = tile.getContext("2d");
  brush.scale(ratio, ratio);
  brush.strokeStyle = style.colour;
  brush.lineWidth = 1;
  brush.beginPath();
  for (const shift of [-step, 0, step]) {
    brush.moveTo(shift, step);
    brush.lineTo(shift + step, 0);
  }
  brush.stroke();
  const pattern = context.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}

/** A glyph for text and legend. */
function glyphIcon(path, colour, { size = 16, line = null } = {}) {
  return vector(
    "svg",
    { viewBox: "0 0 16 16", width: size, height: size, "aria-hidden": "true", class: "icon" },
    vector("path", { d: path, fill: colour, "fill-rule": "evenodd", stroke: line, "stroke-width": line ? 1.4 : null }),
  );
}

/** A word of state with its shape and colour. */
function stateMark(state, word = stateWord(state)) {
  const style = stateStyle(state);
  const mark = element("span", { class: "state" }, glyphIcon(lookUp(STATE_SHAPES, state) || STATE_SHAPES.unknown, style.colour, { size: 13 }), word);
  mark.style.setProperty("color", style.colour);
  mark.style.setProperty("background", style.fill);
  return mark;
}

/** A class with its official colour; the word stands beside the colour, so that no text is yellow. */
function classChip(waterClass) {
  const style = classStyle(waterClass);
  const swatch = element("span", { class: waterClass ? "swatch" : "swatch no-data" });
  swatch.style.setProperty("background", style.fill);
  return element("span", { class: "chip" }, swatch, style.label);
}

/** The air of a month: its index and level in words beside the official colour, as a diamond like on the map. */
function airChip(air) {
  const style = airStyle(air?.level);
  return element("span", { class: "chip" }, glyphIcon(GLYPHS.stations, style.fill, { line: INK }), air ? `AQI ${air.aqi} ${air.category}` : "无数据");
}
