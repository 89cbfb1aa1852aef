// Names on the map: placed one after the other, the important ones first, none over another.

const LABEL_STYLES = {
  section: { font: "600 12px", colour: INK },
  county: { font: "600 14px", colour: "#66737a" },
  neighbour: { font: "400 12px", colour: "#7d898f" },
  river: { font: "italic 400 11px", colour: "#3f6f92" },
  place: { font: "400 11px", colour: "#4c575c" },
};
const FONT_FAMILY = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif';

class LabelPlacer {
  /** `seen` is the part of the canvas that is on the screen: a name is best where all of it can be read. */
  constructor(context, seen) {
    this.context = context;
    this.seen = seen;
    this.taken = [];
    this.avoided = [];
  }

  /** Keep labels off a symbol. */
  reserve(x, y, radius) {
    this.taken.push([x - radius, y - radius, x + radius, y + radius]);
  }

  /** Keep labels off a lesser symbol where there is another place. */
  avoid(x, y, radius) {
    this.avoided.push([x - radius, y - radius, x + radius, y + radius]);
  }

  /** Write `text` at the first free place around (x, y): right, left, above, below; or centred where gap is 0. */
  place(text, x, y, { style, gap }) {
    this.context.font = `${LABEL_STYLES[style].font} ${FONT_FAMILY}`;
    const shown = text.length > 24 ? `${text.slice(0, 23)}…` : text;
    const width = this.context.measureText(shown).width;
    const spots = gap === 0 ? [[-width / 2, 0]] : [[gap, 0], [-gap - width, 0], [-width / 2, -gap - 6], [-width / 2, gap + 6]];
    const boxes = spots.map(([dx, dy]) => [x + dx - 2, y + dy - 8, x + dx + width + 2, y + dy + 8]);
    const free = boxes.filter((box) => !this.taken.some((other) => overlap(box, other)));
    const readable = free.filter((box) => inside(box, this.seen));
    const best = readable.find((box) => !this.avoided.some((other) => overlap(box, other))) || readable[0] || free[0];
    if (!best) return;
    this.taken.push(best);
    this.write(shown, best[0] + 2, best[1] + 8, LABEL_STYLES[style].colour);
  }

  write(text, x, y, colour) {
    this.context.textBaseline = "middle";
    this.context.lineJoin = "round";
    this.context.lineWidth = 3.5;
    this.context.strokeStyle = "rgba(255,255,255,.92)";
    this.context.strokeText(text, x, y);
    this.context.fillStyle = colour;
    this.context.fillText(text, x, y);
  }
}

function inside(box, frame) {
  return box[0] >= frame[0] && box[1] >= frame[1] && box[2] <= frame[2] && box[3] <= frame[3];
}

function overlap(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}
