// The card of one feature: title, charts, facts. Opened by a click on the map, a row of the panel or a search.

const CHARTS_SHOWN = 2;
let cardOpener = null;

/** Show a feature's card; `others` are the features at the same place. */
function openCard(feature, { others = [], move = false } = {}) {
  if (byId("card").hidden) cardOpener = document.activeElement;
  const card = byId("card");
  card.replaceChildren(cardHead(feature), ...cardBody(feature, others));
  card.hidden = false;
  card.dataset.feature = feature.id;
  card.scrollTop = 0;
  selectOnMap(feature, move);
  byId("card-close").focus({ preventScroll: true });
}

function closeCard() {
  if (byId("card").hidden) return;
  byId("card").hidden = true;
  PICTURE.selected = null;
  PICTURE.draw();
  if (cardOpener && document.contains(cardOpener)) cardOpener.focus({ preventScroll: true });
}

/** Mark a feature on the map, switching its layer on and moving the view where that is needed to see it. */
function selectOnMap(feature, move) {
  PICTURE.selected = feature;
  if (!feature.layer.visible) setLayerVisible(feature.layer, true);
  if (move && feature.box) moveTo(feature.box);
  PICTURE.draw();
}

function cardHead(feature) {
  const kind = [kindOf(feature), feature.synthetic ? DATA.words.synthetic : ""].filter(Boolean).join(" · ");
  return element(
    "header",
    {},
    element("h2", { id: "card-title" }, feature.name || feature.id),
    element("p", { class: "kind" }, kind),
    element("button", { id: "card-close", type: "button", "aria-label": "关闭（Esc）", title: "关闭（Esc）", click: closeCard }, "×"),
  );
}

function cardBody(feature, others) {
  const { section } = feature;
  return [
    section ? element("p", { class: "verdict" }, classChip(section.waterClass), stateMark(section.state)) : null,
    ...cardCharts(feature),
    section ? classStrip(section) : null,
    factList(feature.facts),
    otherFeatures(others),
  ].filter(Boolean);
}

/** The limiting indicator's chart first, two at once, the rest one click away. */
function cardCharts(feature) {
  const limiting = feature.section ? feature.section.limiting : "";
  const rank = (series) => (series.name && limiting.includes(series.name) ? 0 : 1);
  const charts = [...feature.series].sort((a, b) => rank(a) - rank(b)).map(seriesChart);
  if (charts.length <= CHARTS_SHOWN) return charts;
  const rest = charts.slice(CHARTS_SHOWN);
  const more = element("details", { class: "more" }, element("summary", {}, `其余 ${rest.length} 项指标`), ...rest);
  return [...charts.slice(0, CHARTS_SHOWN), more];
}

function factList(facts) {
  const rows = facts.flatMap(([label, text]) => [element("dt", {}, label), element("dd", {}, text)]);
  return element("dl", { class: "facts" }, ...rows);
}

function otherFeatures(others) {
  if (others.length === 0) return null;
  const buttons = others.slice(0, 12).map((other) =>
    element("li", {}, element("button", { type: "button", class: "link", click: () => openCard(other, { others: [] }) }, `${other.name}（${kindOf(other)}）`)),
  );
  return element("div", { class: "others" }, element("p", {}, `此处还有 ${others.length} 个要素`), element("ul", {}, ...buttons));
}
