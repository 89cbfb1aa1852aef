// The panel: are we on target, where not, what next; then the tables and where everything comes from.

const ROWS_SHOWN = 8;

// On a narrow screen each block stands in a tab.
const BLOCK_TABS = { targets: "state", next: "state", sections: "sections", stations: "sections", notes: "notes", rules: "notes", origins: "notes" };

function fillPanel() {
  byId("panel").replaceChildren(
    element("p", { id: "headline", "data-tab": "state" }, DATA.headline),
    ...[targetsBlock(), nextBlock(), sectionsBlock(), stationsBlock(), notesBlock(), rulesBlock(), sourcesBlock()].filter(Boolean),
  );
}

/** The tables of sections and stations again, where the month or the colours have changed. */
function refreshTables() {
  for (const table of [sectionsBlock(), stationsBlock()]) if (table) byId(table.id).replaceWith(table);
}

function block(id, title, ...content) {
  return element("section", { id, "data-tab": BLOCK_TABS[id] }, element("h2", {}, title), ...content);
}

function targetsBlock() {
  if (DATA.targets.length === 0) return block("targets", "年度目标", element("p", { class: "quiet" }, "工作区没有给出年度目标。"));
  const list = (rows) => element("ul", { class: "targets" }, ...rows.map(targetRow));
  const isKnown = (target) => target.state !== "unknown";
  const judged = DATA.targets.filter(isKnown);
  const unknown = DATA.targets.filter((target) => !isKnown(target));
  // What nobody can judge must not push down what is known; where nothing is known it is all there is to say.
  if (judged.length === 0 || unknown.length === 0) return block("targets", "年度目标", stateCounts(), list(DATA.targets));
  const summary = element("summary", {}, `另有 ${unknown.length} 项无法判定（目标未公开或缺少数据）`);
  return block("targets", "年度目标", stateCounts(), list(judged), element("details", { class: "more" }, summary, list(unknown)));
}

/** How many of the plan's own targets are in which state, worst first: the whole list in one line. */
function stateCounts() {
  const own = DATA.targets.filter((target) => !target.reference);
  const order = Object.keys(DATA.words.targets);
  const place = ({ state }) => (state === "unknown" ? order.length : order.indexOf(state));
  const words = [...new Set([...own].sort((a, b) => place(a) - place(b)).map((target) => target.word))];
  const counted = words.map((word) => {
    const alike = own.filter((target) => target.word === word);
    return element("span", {}, stateMark(alike[0].state, word), ` ${alike.length} 项`);
  });
  const others = DATA.targets.length - own.length;
  return element("p", { class: "counts" }, ...counted, others > 0 ? element("span", { class: "quiet" }, `另有对照 ${others} 项`) : null);
}

function targetRow(target) {
  const compare = lookUp({ ">=": "≥", "<=": "≤", "==": "=", ">": ">", "<": "<" }, target.compare) || target.compare;
  const unit = target.unit === "%" ? "%" : target.unit ? ` ${target.unit}` : "";
  const goal = target.target === null ? "—" : `${compare} ${formatNumber(target.target)}${unit}`;
  const now = target.value === null ? "无数据" : `${formatNumber(target.value)}${unit}`;
  const origin = [target.due ? `期限 ${target.due}` : "", target.source].filter(Boolean).join(" · ");
  return element(
    "li",
    {},
    element("div", { class: "target-name" }, target.name || target.id, target.synthetic ? element("small", { class: "synthetic" }, DATA.words.synthetic) : null),
    stateMark(target.state, target.word),
    element("div", { class: "target-numbers" }, element("b", {}, now), " ", element("span", { class: "quiet" }, `目标 ${goal}`), chanceBar(target.p_attain)),
    target.change ? element("div", { class: "target-note" }, element("b", {}, "怎样改变："), target.change) : null,
    target.note || origin ? element("div", { class: "target-note" }, target.note, element("span", { class: "quiet" }, `${target.note && origin ? " · " : ""}${origin}`)) : null,
  );
}

function chanceBar(chance) {
  if (chance === null) return null;
  return element(
    "span",
    { class: "chance" },
    vector(
      "svg",
      { width: 64, height: 8, role: "img", "aria-label": `达标概率 ${formatChance(chance)}` },
      vector("rect", { width: 64, height: 8, fill: "#dfe5e7" }),
      vector("rect", { width: 64 * chance, height: 8, fill: ACCENT }),
    ),
    `达标概率 ${formatChance(chance)}`,
  );
}

function nextBlock() {
  const behind = bySeverity(featuresOf("sections")).filter((each) => each.section?.attention);
  const items = [...behind.map(problemItem), ...DATA.conflicts.map(conflictItem)];
  if (items.length === 0) return block("next", "下一步", element("p", { class: "quiet" }, "没有未达标、有风险或当月超标的断面，也没有待复核的空间冲突。"));
  return block("next", "下一步", ...folded(items, (rows) => element("ul", { class: "next" }, ...rows), "条"));
}

function problemItem(feature) {
  const { pollutants, limiting } = feature.section;
  const cause = pollutants ? `，主要污染指标 ${pollutants}` : limiting ? `，定类指标 ${limiting}` : "";
  const words = `本月${classStyle(feature.section.waterClass).label}，目标${classStyle(feature.section.targetClass).label}${cause}`;
  return element("li", { class: "problem" }, opener(feature), stateMark(feature.section.state), element("div", { class: "quiet" }, words), suspectsOf(feature));
}

/** The first three sources upstream, one line. */
function suspectsOf(feature) {
  const suspects = DATA.suspects.filter((suspect) => suspect.section === feature.id).slice(0, 3);
  if (suspects.length === 0) return null;
  const names = suspects.flatMap((suspect, at) => [at > 0 ? "、" : "", suspectName(suspect)]);
  return element("div", { class: "target-note" }, "上游可疑源：", ...names);
}

function conflictItem(conflict) {
  const feature = featuresOf(conflict.layer).find((each) => each.id === conflict.feature_id);
  const name = feature ? opener(feature) : element("b", {}, conflict.feature_name);
  const distance = conflict.distance_m > 0 ? `（${formatNumber(conflict.distance_m, 0)} 米）` : "";
  const synthetic = conflict.synthetic ? element("small", { class: "synthetic" }, DATA.words.synthetic) : null;
  const where = `${conflict.relation}${distance} ${conflict.area_name}`;
  return element("li", {}, name, ` ${where}`, synthetic, element("div", { class: "quiet" }, conflict.action));
}

/** A button that opens a feature's card: the keyboard's way to everything on the map. */
function opener(feature) {
  return element("button", { type: "button", class: "link", click: () => openCard(feature, { move: true }) }, feature.name || feature.id);
}

/** The first rows at once and the rest behind one click. */
function folded(rows, wrap, counter) {
  const first = wrap(rows.slice(0, ROWS_SHOWN));
  if (rows.length <= ROWS_SHOWN) return [first];
  const rest = rows.slice(ROWS_SHOWN);
  return [first, element("details", { class: "more" }, element("summary", {}, `其余 ${rest.length} ${counter}`), wrap(rest))];
}

function bySeverity(sections) {
  const words = Object.keys(DATA.words.targets);
  const place = (feature) => (feature.section ? words.indexOf(feature.section.state) : words.length);
  const worst = (feature) => feature.section?.waterClass || 0;
  return [...sections].sort((a, b) => place(a) - place(b) || worst(b) - worst(a));
}

function sectionsBlock() {
  const sections = bySeverity(featuresOf("sections"));
  if (sections.length === 0) return null;
  const month = isThisMonth() ? `${DATA.head.month} 月` : shownMonth.replace("-", ".");
  // Whether the target is met is judged in the page's own month, whichever month is looked at.
  const judged = isThisMonth() ? "对照目标" : `对照目标（${DATA.head.month} 月）`;
  const soFar = isThisMonth() ? "年初至今" : `年初至 ${DATA.head.month} 月`;
  const head = ["断面（主要污染指标）", month, soFar, judged].map((text) => element("th", { scope: "col" }, text));
  const rows = sections.map(sectionRow);
  return block("sections", "水质断面", element("div", { class: "scroll" }, element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows))));
}

function sectionRow(feature) {
  const status = feature.section;
  const cells = status
    ? [classChip(classShown(feature)), classChip(status.yearClass), stateMark(status.state)]
    : [classChip(null), classChip(null), stateMark("unknown")];
  const pollutants = status && status.pollutants ? element("div", { class: "quiet" }, status.pollutants) : null;
  return element("tr", {}, element("th", { scope: "row" }, opener(feature), pollutants), ...cells.map((cell) => element("td", {}, cell)));
}

function stationsBlock() {
  const stations = featuresOf("stations").filter((feature) => feature.air);
  if (stations.length === 0) return null;
  const head = ["站点（首要污染物）", "日期", "AQI", "当月优良天数"].map((text) => element("th", { scope: "col" }, text));
  const worst = [...stations].sort((a, b) => (airShown(b)?.aqi ?? -1) - (airShown(a)?.aqi ?? -1));
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...worst.map(stationRow)));
  return block("stations", "空气站点", element("div", { class: "scroll" }, table), element("p", { class: "quiet" }, "AQI 按日计算，没有月 AQI：表中和图上是当月最后一个有 AQI 的日子。"), stations.some((feature) => feature.air.synthetic) ? element("small", { class: "synthetic" }, `监测为${DATA.words.synthetic}`) : "");
}

function stationRow(feature) {
  const air = airShown(feature);
  const primary = air?.primary ? element("div", { class: "quiet" }, air.primary) : null;
  const cells = [air ? air.date : "—", airChip(air), air ? `${air.good} / ${air.valid}` : "—"];
  return element("tr", {}, element("th", { scope: "row" }, opener(feature), primary), ...cells.map((cell) => element("td", {}, cell)));
}

function notesBlock() {
  if (DATA.notes.length === 0) return null;
  return block("notes", "说明", element("ul", { class: "plain" }, ...DATA.notes.map((note) => element("li", {}, note))));
}

function rulesBlock() {
  if (DATA.rules.length === 0) return null;
  const rows = DATA.rules.map((rule) =>
    element(
      "li",
      {},
      `${rule.title}（${rule.standard}）`,
      element("div", { class: "quiet" }, [rule.clause, rule.effective_from ? `${rule.effective_from} 起施行` : "", rule.verified ? `核对：${rule.verified}` : ""].filter(Boolean).join(" · ")),
    ),
  );
  return block("rules", "依据", element("ul", { class: "plain" }, ...rows));
}

function sourcesBlock() {
  if (DATA.sources.length === 0) return null;
  const rows = DATA.sources.map((source) =>
    element(
      "li",
      {},
      source.title || source.file,
      source.synthetic ? element("small", { class: "synthetic" }, DATA.words.synthetic) : null,
      element("div", { class: "quiet" }, [source.file, source.updated, source.sha256 ? `SHA-256 ${source.sha256.slice(0, 12)}` : "", source.note].filter(Boolean).join(" · ")),
    ),
  );
  return block("origins", "数据来源", element("ul", { class: "plain" }, ...rows));
}
