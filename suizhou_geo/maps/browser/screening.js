// The page of one project's place: what it touches, what is near, what lies below. For review, never a verdict.

const PROJECT = JSON.parse(document.getElementById("page-data").textContent);

function startScreening() {
  byId("title").textContent = `${PROJECT.name} · 空间准入研判`;
  const place = `${formatFixed(PROJECT.longitude, 5)}°E，${formatFixed(PROJECT.latitude, 5)}°N`;
  const size = PROJECT.area_m2 > 0 ? `面积 ${formatNumber(PROJECT.area_m2 / 10000, 2)} 公顷` : "";
  byId("subtitle").textContent = [PROJECT.county, place, size, PROJECT.industry && `行业：${PROJECT.industry}`].filter(Boolean).join(" · ");
  const stamps = ["内部使用", "供复核", PROJECT.synthetic ? PROJECT.synthetic_label : ""].filter(Boolean);
  byId("stamps").replaceChildren(...stamps.map((text) => element("span", { class: text === PROJECT.synthetic_label ? "stamp synthetic-stamp" : "stamp" }, text)));
  byId("screening").replaceChildren(
    element("p", { class: "lead" }, lead()),
    element("h2", {}, "管控单元与准入要求"),
    unitTable(),
    element("h2", {}, `红线、水源保护区和自然保护地（在内、相交，或 ${formatNumber(PROJECT.distance_m, 0)} 米以内）`),
    areaTable(),
    element("h2", {}, PROJECT.river ? `下游的断面和水源（沿${PROJECT.river}，项目距河 ${formatNumber(PROJECT.snap_m, 0)} 米）` : "下游的断面和水源"),
    receptorTable(),
    element("h2", {}, "说明"),
    element("ul", { class: "notes" }, ...[...PROJECT.notes, ...origins()].map((text) => element("li", {}, `· ${text}`))),
  );
  byId("foot").textContent = `由 suizhou_geo ${PROJECT.tool_version} 生成 · 本页供复核，不是准入结论，也不是违法认定`;
}

function lead() {
  const touched = PROJECT.areas.filter((area) => area.relation !== "邻近").length;
  const near = PROJECT.areas.length - touched;
  const named = PROJECT.units.filter((unit) => unit.mentions.length).length;
  const below = PROJECT.downstream[0];
  return [
    `涉及管控单元 ${PROJECT.units.length} 个${named ? `，其中 ${named} 个的准入要求提到“${PROJECT.industry}”` : ""}`,
    `在保护范围内或相交 ${touched} 处，邻近 ${near} 处`,
    below ? `下游最近的是${below.name}，沿河 ${formatNumber(below.distance_km, 1)} 千米` : "下游没有断面或水源",
  ].join("；") + "。";
}

function unitTable() {
  if (!PROJECT.units.length) return element("p", { class: "quiet" }, "0 要素");
  const rows = PROJECT.units.map((unit) => [
    element("td", {}, unit.name, mark(unit), element("br"), element("small", { class: "quiet" }, unit.id)),
    element("td", { class: "short" }, unit.category),
    element("td", { class: "number" }, unit.relation === "在内" ? "在内" : formatShare(unit.share)),
    element("td", {}, requirements(unit), element("small", { class: "quiet" }, unit.action)),
  ]);
  return table(["单元", "类别", "占项目", "准入要求（按图层所载）"], rows, [2]);
}

function requirements(unit) {
  const pairs = Object.entries(unit.requirements);
  if (!pairs.length) return element("p", { class: "quiet" }, "图层中没有准入要求");
  const parts = pairs.flatMap(([aspect, text]) => {
    const name = unit.mentions.includes(aspect) ? "named" : null;
    return [element("dt", { class: name }, aspect), element("dd", { class: name }, text)];
  });
  return element("dl", {}, ...parts);
}

function areaTable() {
  if (!PROJECT.areas.length) return element("p", { class: "quiet" }, "0 要素");
  const rows = PROJECT.areas.map((area) => [
    element("td", {}, area.name, mark(area)),
    element("td", { class: "short" }, area.kind),
    element("td", { class: "short" }, area.category),
    element("td", { class: "short" }, area.relation),
    element("td", { class: "number" }, area.relation === "邻近" ? `${formatNumber(area.distance_m, 0)} 米` : formatShare(area.share)),
    element("td", { class: "number" }, area.p_conflict === null ? "—" : formatChance(area.p_conflict)),
    element("td", {}, area.action),
  ]);
  return table(["名称", "种类", "类别", "关系", "距离或占比", "真正重叠的概率", "复核什么"], rows, [4, 5]);
}

function receptorTable() {
  if (!PROJECT.downstream.length) return element("p", { class: "quiet" }, "0 要素");
  const rows = PROJECT.downstream.map((site) => [
    element("td", {}, site.name),
    element("td", { class: "short" }, site.kind),
    element("td", {}, `${formatNumber(site.distance_km, 1)} 千米`, mark(site)),
  ]);
  return table(["名称", "种类", "沿河距离"], rows, []);
}

function table(heads, rows, numbers) {
  const head = heads.map((text, index) => element("th", { class: numbers.includes(index) ? "number" : null }, text));
  return element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells))));
}

const mark = (entry) => (entry.synthetic ? element("span", { class: "synthetic" }, PROJECT.synthetic_label) : null);

/** A part of the project; a sliver is not nothing. */
const formatShare = (share) => (share > 0 && share < 0.001 ? "不到 0.1%" : `${formatNumber(100 * share, 1)}%`);

const origins = () => PROJECT.sources.map((note) => `${note.title}：${note.note}（${note.updated}）${note.synthetic && !note.note.includes(PROJECT.synthetic_label) ? `，${PROJECT.synthetic_label}` : ""}`);

startScreening();
document.documentElement.dataset.ready = "true";
