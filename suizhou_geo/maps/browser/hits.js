// What lies under the pointer: points first, then lines, then areas, the smallest first.

const POINT_REACH = 11;
const LINE_REACH = 6;

/** Features at a point given in world coordinates, nearest and smallest first. */
function findFeaturesAt(x, y, scale) {
  const found = [];
  for (const feature of FEATURES) {
    if (!feature.layer.visible || !feature.box || feature.layer.kind === "counties") continue;
    const reach = POINT_REACH / scale;
    if (!overlapOrTouch(feature.box, [x - reach, y - reach, x + reach, y + reach])) continue;
    const rank = hitRank(feature, x, y, scale);
    if (rank !== null) found.push([rank, feature]);
  }
  return found.sort(([a], [b]) => a - b).map(([, feature]) => feature);
}

/** A number that orders hits, or null for no hit: points 0…, lines 100…, areas 1000…. */
function hitRank(feature, x, y, scale) {
  let best = null;
  for (const piece of feature.pieces) {
    const rank = pieceRank(piece, x, y, scale);
    if (rank !== null && (best === null || rank < best)) best = rank;
  }
  if (best !== null && best >= 1000) best += boxArea(feature.box);
  return best !== null && feature.layer.kind === "sections" ? best - POINT_REACH : best;
}

function pieceRank(piece, x, y, scale) {
  if (piece.type === "area") return insideRings(piece.rings, x, y) ? 1000 : null;
  const isLine = piece.type === "line";
  const distance = scale * Math.min(...piece.rings.map((ring) => (isLine ? lineDistance : pointDistance)(ring, x, y)));
  if (distance > (isLine ? LINE_REACH : POINT_REACH)) return null;
  return isLine ? 100 + distance : distance;
}

const boxArea = (box) => (box[2] - box[0]) * (box[3] - box[1]);

function pointDistance(ring, x, y) {
  let least = Infinity;
  for (let at = 0; at < ring.length; at += 2) least = Math.min(least, Math.hypot(ring[at] - x, ring[at + 1] - y));
  return least;
}

function lineDistance(ring, x, y) {
  let least = Infinity;
  for (let at = 2; at < ring.length; at += 2) {
    least = Math.min(least, segmentDistance(ring[at - 2], ring[at - 1], ring[at], ring[at + 1], x, y));
  }
  return least;
}

function segmentDistance(x1, y1, x2, y2, x, y) {
  const lengthSquared = (x2 - x1) ** 2 + (y2 - y1) ** 2;
  const along = lengthSquared ? ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / lengthSquared : 0;
  const share = Math.max(0, Math.min(1, along));
  return Math.hypot(x1 + share * (x2 - x1) - x, y1 + share * (y2 - y1) - y);
}

/** Even–odd rule over all rings: holes are outside. */
function insideRings(rings, x, y) {
  let inside = false;
  for (const ring of rings) {
    for (let at = 0, before = ring.length - 2; at < ring.length; before = at, at += 2) {
      const crosses = ring[at + 1] > y !== ring[before + 1] > y;
      if (crosses && x < ((ring[before] - ring[at]) * (y - ring[at + 1])) / (ring[before + 1] - ring[at + 1]) + ring[at]) {
        inside = !inside;
      }
    }
  }
  return inside;
}
