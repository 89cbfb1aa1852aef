// The card of one feature: title, charts, facts. Opened by a click on the map, a row of the panel or a search.

const CHARTS_SHOWN = 2;
let cardOpener = null;
let cardFeature = null;

/** Show a feature's card; `others` are the features at the same place. */
function openCard(feature, { others = [], move = false } = {}) {
  if (byId("card").hidden) cardOpener = document.activeElement;
  const card = byId("card");
  cardFeature = feature;
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

/** The open card again, where the month or the colours have changed under it. */
function refreshCard() {
  if (byId("card").hidden || !cardFeature) return;
  const [head, ...rest] = byId("card").children;
  const opened = byId("card").querySelector("details.more")?.open;
  rest.forEach((node) => node.remove());
  byId("card").append(...cardBody(cardFeature, []));
  const more = byId("card").querySelector("details.more");
  if (more && opened) more.open = true;
  return head;
}

/** Mark a feature on the map, switching its layer on and moving the view where that is needed to see it. */
function selectOnMap(feature, move) {
  PICTURE.selected = feature;
  if (!feature.layer.visible) setLayerVisible(feature.layer, true);
  if (move && feature.box) moveTo(feature.box);
  PICTURE.draw();
}

function cardHead(feature) {
  const kind = [kindOf(feature), syntheticWords(feature)].filter(Boolean).join(" · ");
  return element(
    "header",
    {},
    element("h2", { id: "card-title" }, feature.name || feature.id),
    element("p", { class: "kind" }, kind),
    element("button", { id: "card-close", type: "button", "aria-label": "关闭（Esc）", title: "关闭（Esc）", click: closeCard }, "×"),
  );
}

/** A station may be real where what it measured is made up. */
function syntheticWords({ synthetic, air }) {
  if (synthetic) return DATA.words.synthetic;
  return air?.synthetic ? `监测值为${DATA.words.synthetic}` : "";
}

function cardBody(feature, others) {
  const { section } = feature;
  return [
    section ? element("p", { class: "verdict" }, classChip(section.waterClass), stateMark(section.state)) : null,
    section && !isThisMonth() ? element("p", { class: "quiet" }, `${monthWords(shownMonth)}：${classStyle(classShown(feature)).label}`) : null,
    section ? chanceLine(section) : null,
    ...(feature.air ? airLines(feature) : []),
    ...cardCharts(feature),
    section ? classStrip(section) : null,
    section ? trendList(section.trends) : null,
    suspectList(feature),
    factList(feature.facts),
    otherFeatures(others),
  ].filter(Boolean);
}

/** The air of the month shown, and the days of the last months by level. */
function airLines(feature) {
  const air = airShown(feature);
  const facts = air
    ? [["日期", `${air.date}（当月最后一个有 AQI 的日子）`], ["首要污染物", air.primary || "无（AQI 不大于 50）"], ["当月优良天数", `${air.good} 天，有 AQI 的共 ${air.valid} 天`]]
    : [["月份", `${monthWords(shownMonth)}，没有 AQI`]];
  return [element("p", { class: "verdict" }, airChip(air)), factList(facts), airStrip(feature.air)];
}

/** The limiting indicator's chart first, two at once, the rest one click away. */
function cardCharts(feature) {
  const limiting = feature.section ? feature.section.limiting : "";
  const rank = (series) => (series.name && limiting.includes(series.name) ? 0 : 1);
  const all = feature.series;
  const charts = all.sort((a, b) => rank(a) - rank(b)).map(seriesChart);
  const words = bandWords(all) ? [element("p", { class: "quiet fan-words" }, bandWords(all))] : [];
  if (charts.length <= CHARTS_SHOWN) return [...charts, ...words];
  const rest = charts.slice(CHARTS_SHOWN);
  const more = element("details", { class: "more" }, element("summary", {}, `其余 ${rest.length} 项指标`), ...rest);
  return [...charts.slice(0, CHARTS_SHOWN), ...words, more];
}

/** How likely the year attains, and what decides it if not. */
function chanceLine({ chance, binding }) {
  if (chance === null) return null;
  const cause = binding ? element("span", { class: "quiet" }, `不达标时多由${binding}决定`) : null;
  return element("p", { class: "chance-line" }, "全年", chanceBar(chance), " ", cause);
}

function trendList(trends) {
  if (trends.length === 0) return null;
  const slope = (value) => `${value > 0 ? "+" : ""}${formatNumber(value, 4)}`;
  const rows = trends.map((trend) =>
    element("li", {}, element("b", {}, `${trend.name} ${trend.meaning}`), element("span", { class: "quiet" }, ` 每年 ${slope(trend.slope)} ${trend.unit}（${slope(trend.low)} 至 ${slope(trend.high)}）`)));
  return element("div", { class: "card-block" }, element("h3", {}, `趋势（${trends[0].first} 至 ${trends[0].last}）`), element("ul", {}, ...rows));
}

/** Sources upstream that may be the cause: for review, in the order of the evidence. */
function suspectList(feature) {
  const suspects = DATA.suspects.filter((suspect) => feature.section && suspect.section === feature.id);
  if (suspects.length === 0) return null;
  const rows = suspects.map((suspect) => element("li", {}, suspectName(suspect), element("div", { class: "quiet" }, suspectWords(suspect))));
  return element("div", { class: "card-block suspects" }, element("h3", {}, "上游可疑源（供复核，不是认定）"), element("ol", {}, ...rows));
}

function suspectName(suspect) {
  const source = FEATURES.find((feature) => feature.id === suspect.source && feature.layer.kind !== "sections" && POINT_KINDS.has(feature.layer.kind));
  return source ? opener(source) : element("b", {}, suspect.name);
}

function suspectWords({ distance, hours, evidence }) {
  const far = distance === null ? "" : `上游 ${formatNumber(distance, 1)} 千米`;
  const long = hours === null ? "" : `水流约 ${formatNumber(hours, 0)} 小时`;
  return [far, long, ...evidence].filter(Boolean).join(" · ");
}

// What the card says with a chart, a bar or a list of its own is not said twice.
const SAID_ABOVE = new Set(["全年达标概率", "趋势"]);

function factList(all) {
  const facts = all.filter(([label]) => !SAID_ABOVE.has(label) || !cardFeature.section);
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
