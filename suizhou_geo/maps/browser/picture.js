// The map's one canvas. Leaflet moves and zooms it; everything on it is drawn here in one loop over the features.
// It extends Leaflet's Renderer (1.9), which keeps the canvas in place while the map is dragged and zoomed.

// Layers that an analyst added have kinds of their own and stand between the areas and the points of the house.
const OWN_KINDS = ["counties", "rivers", "units", "reserves", "water_zones", "redlines", ...POINT_KINDS];
const ADDED_KINDS = [...new Set(LAYERS.map((layer) => layer.kind))].filter((kind) => !OWN_KINDS.includes(kind));
const AREA_ORDER = ["units", "reserves", "water_zones", "redlines", ...ADDED_KINDS];
const POINT_ORDER = [...ADDED_KINDS, "outfalls", "sources", "projects", "intakes", "stations", "sections"];
// Beyond this many, symbols that would stand on one another within a few pixels are drawn once.
const CROWD = 5000;
const CROWD_CELL = 4;
const PLACE_LABEL_ZOOM = 13;
const SMALL_GLYPH_ZOOM = 9;
// Beyond this many symbols in view there is no free place to look for.
const AVOIDED_GLYPHS = 1000;

const Picture = L.Renderer.extend({
  options: { padding: 0.3 },

  _initContainer() {
    this._container = element("canvas", { id: "picture", role: "img", "aria-label": describeMap() });
    this._context = this._container.getContext("2d");
    this.selected = null;
    this.drawn = {};
  },

  _destroyContainer() {
    this._container.remove();
  },

  _updatePaths() {},

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    this.ratio = Math.max(2, window.devicePixelRatio || 1);
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this._container.width = size.x * this.ratio;
    this._container.height = size.y * this.ratio;
    this._container.style.width = `${size.x}px`;
    this._container.style.height = `${size.y}px`;
    this.draw();
  },

  /** Draw everything that is visible now. */
  draw() {
    if (!this._map || !this._bounds) return;
    const { min } = this._bounds;
    const origin = this._map.getPixelOrigin();
    this.zoom = this._map.getZoom();
    this.scale = 2 ** this.zoom;
    this.left = origin.x + min.x;
    this.top = origin.y + min.y;
    const size = this._bounds.getSize();
    this.view = [this.left, this.top, this.left + size.x, this.top + size.y].map((value) => value / this.scale);
    this._context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this._context.clearRect(0, 0, size.x, size.y);
    this.hatches = new Map();
    this.drawn = {};
    this.drawShapes();
    this.drawPoints();
    this.drawSelection();
    this.drawLabels();
    this._container.dataset.drawn = JSON.stringify(this.drawn);
  },

  /** The features of one kind that are switched on and in view. */
  inView(kind) {
    const found = LAYERS.filter((layer) => layer.kind === kind && layer.visible)
      .flatMap((layer) => layer.features)
      .filter((feature) => feature.box && overlapOrTouch(feature.box, this.view));
    this.drawn[kind] = found.length;
    return found;
  },

  drawShapes() {
    const counties = this.inView("counties");
    if (!DATA.basemap) for (const county of counties) this.fillArea(county, county.inCounty ? "#ffffff" : "#f3f5f6");
    for (const grid of GRIDS) this.drawGrid(grid);
    for (const kind of AREA_ORDER) for (const area of this.inView(kind)) this.drawArea(area);
    for (const county of counties) this.strokeShape(county, { colour: "#8a969c", width: county.inCounty ? 1.3 : 0.8 });
    for (const river of this.inView("rivers")) {
      this.strokeShape(river, { colour: areaStyle(river).colour, width: riverWidth(river) });
    }
  },

  drawGrid({ image, box, visible }) {
    if (!visible || !image.complete) return;
    this._context.imageSmoothingEnabled = false;
    this._context.globalAlpha = 0.75;
    const [left, top] = [box[0] * this.scale - this.left, box[1] * this.scale - this.top];
    this._context.drawImage(image, left, top, (box[2] - box[0]) * this.scale, (box[3] - box[1]) * this.scale);
    this._context.globalAlpha = 1;
  },

  drawArea(area) {
    const style = areaStyle(area);
    this.fillArea(area, style.pattern.startsWith("hatch") ? this.hatch(style) : style.fill);
    this.strokeShape(area, { colour: style.colour, width: area.layer.kind === "redlines" ? 1.5 : 1.1, dashed: style.pattern === "dashed" });
  },

  hatch(style) {
    if (!this.hatches.has(style)) this.hatches.set(style, hatchPattern(this._context, style, this.ratio));
    return this.hatches.get(style);
  },

  fillArea(feature, fill) {
    if (!feature.pieces.some((piece) => piece.type === "area")) return;
    this.tracePieces(feature, "area");
    this._context.fillStyle = fill;
    this._context.fill("evenodd");
  },

  strokeShape(feature, { colour, width, dashed = false }) {
    this.tracePieces(feature, "area", "line");
    this._context.setLineDash(dashed ? [6, 3] : []);
    this._context.strokeStyle = colour;
    this._context.lineWidth = width;
    this._context.lineJoin = "round";
    this._context.stroke();
    this._context.setLineDash([]);
  },

  tracePieces(feature, ...types) {
    this._context.beginPath();
    for (const piece of feature.pieces) {
      if (!types.includes(piece.type)) continue;
      for (const ring of piece.rings) this.traceRing(ring, piece.type === "area");
    }
  },

  traceRing(ring, closed) {
    for (let at = 0; at < ring.length; at += 2) {
      const x = ring[at] * this.scale - this.left;
      const y = ring[at + 1] * this.scale - this.top;
      if (at === 0) this._context.moveTo(x, y);
      else this._context.lineTo(x, y);
    }
    if (closed) this._context.closePath();
  },

  drawPoints() {
    for (const kind of POINT_ORDER) {
      for (const feature of this.thinned(this.inView(kind))) {
        if (kind === "sections") this.eachPoint(feature, (x, y) => paintSection(this._context, x, y, feature));
        else this.drawGlyphs(feature);
        if (POINT_KINDS.has(kind) && feature.pieces.some((piece) => piece.type !== "points")) {
          this.strokeShape(feature, { colour: GLYPH_INK, width: 1.5 });
        }
      }
    }
  },

  /** Of a crowd, one feature for each small square of the picture. */
  thinned(features) {
    if (features.length < CROWD) return features;
    const width = Math.ceil((this.view[2] - this.view[0]) * this.scale / CROWD_CELL) + 1;
    const taken = new Set();
    return features.filter(({ box }) => {
      const cell = Math.floor((box[1] * this.scale - this.top) / CROWD_CELL) * width + Math.floor((box[0] * this.scale - this.left) / CROWD_CELL);
      return !taken.has(cell) && taken.add(cell);
    });
  },

  drawGlyphs(feature) {
    const { canvas, size: full } = glyphSprite(glyphOf(feature), this.ratio, colourOf(feature));
    // Seen from afar a whole city's sources would cover its map.
    const size = this.zoom < SMALL_GLYPH_ZOOM ? full * 0.7 : full;
    // On whole pixels of the screen a copy is a copy; between them it would be blurred, and slow.
    const snap = (value) => Math.round(value * this.ratio) / this.ratio;
    this.eachPoint(feature, (x, y) => this._context.drawImage(canvas, snap(x - size / 2), snap(y - size / 2), size, size));
  },

  eachPoint(feature, visit) {
    for (const piece of feature.pieces) {
      if (piece.type !== "points") continue;
      const ring = piece.rings[0];
      for (let at = 0; at < ring.length; at += 2) visit(ring[at] * this.scale - this.left, ring[at + 1] * this.scale - this.top);
    }
  },

  drawSelection() {
    const feature = this.selected;
    if (!feature || !feature.layer.visible) return;
    this.strokeShape(feature, { colour: ACCENT, width: 3.5 });
    this._context.lineWidth = 3;
    this.eachPoint(feature, (x, y) => {
      outline(this._context, x, y, 15, false);
      this._context.stroke();
    });
  },

  drawLabels() {
    const seen = this._map.getSize();
    const corner = this._map.containerPointToLayerPoint([0, 0]).subtract(this._bounds.min);
    const placer = new LabelPlacer(this._context, [corner.x, corner.y, corner.x + seen.x, corner.y + seen.y]);
    this.glyphCount = (this.drawn.sources || 0) + (this.drawn.stations || 0) + (this.drawn.intakes || 0);
    const sections = LAYERS.filter((layer) => layer.kind === "sections" && layer.visible).flatMap((layer) => layer.features);
    for (const feature of sections) this.eachPoint(feature, (x, y) => placer.reserve(x, y, 11));
    if (this.glyphCount < AVOIDED_GLYPHS) this.avoidGlyphs(placer);
    for (const feature of this.worstFirst(sections)) this.labelPoint(placer, feature, { style: "section", gap: 14, note: classWord(classShown(feature)) });
    this.labelCounties(placer);
    for (const river of this.inView("rivers")) this.labelRiver(placer, river);
    if (this.zoom < PLACE_LABEL_ZOOM) return;
    for (const kind of ["stations", "intakes", "sources", "outfalls", "projects", ...ADDED_KINDS]) {
      for (const feature of this.inView(kind)) this.labelPoint(placer, feature, { style: "place", gap: 10, note: feature.air ? String(airShown(feature)?.aqi ?? "") : "" });
    }
  },

  avoidGlyphs(placer) {
    for (const kind of ["stations", "intakes", "sources"]) {
      for (const feature of this.inView(kind)) this.eachPoint(feature, (x, y) => placer.avoid(x, y, 6));
    }
  },

  worstFirst(sections) {
    return [...sections].sort((a, b) => (classShown(b) || 0) - (classShown(a) || 0));
  },

  labelPoint(placer, feature, { note = "", ...options }) {
    const piece = feature.pieces.find((each) => each.type === "points");
    if (!piece || !overlapOrTouch(feature.box, this.view)) return;
    placer.place([feature.name, note].filter(Boolean).join(" "), piece.rings[0][0] * this.scale - this.left, piece.rings[0][1] * this.scale - this.top, options);
  },

  labelCounties(placer) {
    for (const county of this.inView("counties")) {
      if (!county.anchor) continue;
      const [x, y] = county.anchor;
      const style = county.inCounty ? "county" : "neighbour";
      placer.place(county.name, x * this.scale - this.left, y * this.scale - this.top, { style, gap: 0 });
    }
  },

  labelRiver(placer, river) {
    const rings = river.pieces.filter((piece) => piece.type === "line").flatMap((piece) => piece.rings);
    const ring = rings.sort((a, b) => b.length - a.length)[0];
    if (!ring || (river.box[2] - river.box[0] + river.box[3] - river.box[1]) * this.scale < 120) return;
    const middle = 2 * Math.floor(ring.length / 4);
    placer.place(river.name, ring[middle] * this.scale - this.left, ring[middle + 1] * this.scale - this.top, { style: "river", gap: 6 });
  },
});

function overlapOrTouch(a, b) {
  return a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
}

/** What the picture shows, for somebody who does not see it. */
function describeMap() {
  const parts = LAYERS.filter((layer) => layer.features.length > 0).map((layer) => `${layer.kindName} ${layer.features.length} 个`);
  return `${DATA.head.name}地图：${parts.join("，")}。各要素可在右侧表格或用“按名称查找”打开。`;
}
