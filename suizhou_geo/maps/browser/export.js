// The map as a picture: what is on the screen, with title, legend, scale and origin, as one PNG.

const EXPORT = { ratio: 2, margin: 16, head: 60, row: 24 };

async function exportPicture() {
  const blob = await drawSheet();
  const link = element("a", { href: URL.createObjectURL(blob), download: `${safeName(DATA.head.name)}_${shownMonth}.png` });
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A name that every file system takes. */
const safeName = (name) => name.replace(/[\\/:*?"<>|\u0000-\u001f]/g, "_").slice(0, 60) || "map";

async function drawSheet() {
  const size = MAP.getSize();
  const entries = await legendEntries();
  const measure = element("canvas").getContext("2d");
  measure.font = `12px ${FONT_FAMILY}`;
  const rows = flowEntries(entries, size.x - 2 * EXPORT.margin, measure);
  const height = EXPORT.head + size.y + rows.length * EXPORT.row + 2 * EXPORT.margin;
  const canvas = element("canvas", { width: size.x * EXPORT.ratio, height: height * EXPORT.ratio });
  const context = canvas.getContext("2d");
  context.scale(EXPORT.ratio, EXPORT.ratio);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, size.x, height);
  drawSheetHead(context, size.x);
  drawSheetMap(context, size);
  rows.forEach((row, at) => drawEntries(context, row, EXPORT.head + size.y + EXPORT.margin + at * EXPORT.row));
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function drawSheetHead(context, width) {
  context.textBaseline = "alphabetic";
  write(context, byId("title").textContent, EXPORT.margin, 28, `600 20px ${FONT_FAMILY}`, INK);
  const stamps = [...byId("stamps").children].map((stamp) => stamp.textContent).join(" · ");
  write(context, `${monthWords(shownMonth)} · ${stamps} · ${DATA.head.standards.slice(0, 2).join("、")}`, EXPORT.margin, 48, `12px ${FONT_FAMILY}`, "#56636a", width - 2 * EXPORT.margin);
}

function drawSheetMap(context, size) {
  context.save();
  context.translate(0, EXPORT.head);
  context.beginPath();
  context.rect(0, 0, size.x, size.y);
  context.clip();
  context.fillStyle = "#e9edee";
  context.fillRect(0, 0, size.x, size.y);
  const corner = MAP.layerPointToContainerPoint(PICTURE._bounds.min);
  const drawn = PICTURE._bounds.getSize();
  context.drawImage(PICTURE._container, corner.x, corner.y, drawn.x, drawn.y);
  drawOrigin(context, size);
  context.restore();
}

/** Scale and origin stand at the lower left, as on the page. */
function drawOrigin(context, size) {
  const lines = [...byId("map-origin").children].map((line) => line.textContent).filter(Boolean);
  context.font = `12px ${FONT_FAMILY}`;
  const width = Math.max(...lines.map((line) => context.measureText(line).width)) + 12;
  const top = size.y - 18 * lines.length - 10;
  context.fillStyle = "rgba(255,255,255,.88)";
  context.fillRect(8, top, width, 18 * lines.length + 4);
  lines.forEach((line, at) => write(context, line, 14, top + 15 + 18 * at, `${at === 0 ? 600 : 400} 12px ${FONT_FAMILY}`, INK));
  const scale = MAP.getContainer().querySelector(".leaflet-control-scale-line");
  context.strokeStyle = INK;
  context.lineWidth = 2;
  context.strokeRect(8, top - 12, scale.offsetWidth, 0);
  write(context, scale.textContent, 10, top - 17, `12px ${FONT_FAMILY}`, INK);
}

function write(context, text, x, y, font, colour, width) {
  context.font = font;
  context.fillStyle = colour;
  context.fillText(text, x, y, width);
}

/** Symbols and words of the layers that are switched on, in the order of the legend. */
async function legendEntries() {
  const blocks = [...document.querySelectorAll(".legend-layer")].filter((block) => block.querySelector("input").checked);
  const parts = blocks.flatMap((block) => [...block.querySelectorAll(":scope > label, :scope > .icon, :scope > small, .legend-row")]);
  return Promise.all(parts.map(async (part) => {
    const icon = part.matches("svg") ? part : part.querySelector("svg");
    return { text: wordsOf(part), strong: part.matches("label"), icon: icon ? await pictureOf(icon) : null };
  }));
}

const wordsOf = (part) => (part.matches("svg") ? "" : [...part.childNodes].map((node) => node.textContent.trim()).filter(Boolean).join(" "));

/** An icon as an image of its own; text cannot be in it. */
async function pictureOf(icon) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(icon))}`;
  await image.decode();
  return image;
}

function flowEntries(entries, width, measure) {
  const rows = [[]];
  let used = 0;
  for (const entry of entries) {
    entry.width = measure.measureText(entry.text).width * (entry.strong ? 1.08 : 1) + (entry.icon ? 24 : 0) + 14;
    if (used + entry.width > width && rows.at(-1).length > 0) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1).push(entry);
    used += entry.width;
  }
  return rows;
}

function drawEntries(context, row, y) {
  let x = EXPORT.margin;
  for (const { icon, text, strong, width } of row) {
    if (icon) context.drawImage(icon, x, y + 2, 18, 18 * (icon.height / icon.width || 1));
    write(context, text, x + (icon ? 22 : 0), y + 16, `${strong ? 600 : 400} 12px ${FONT_FAMILY}`, INK);
    x += width;
  }
}
