// The page of trends: where each section has been going, and how sure its target is this year.

const MULTIPLES_SHOWN = 4;

function startTrends() {
  const { head } = DATA;
  byId("title").textContent = `${head.name} · 断面趋势与全年达标把握`;
  byId("subtitle").textContent = [head.city !== head.name ? head.city : "", `${head.year} 年 ${head.month} 月`, head.dataDate ? `数据截至 ${head.dataDate}` : ""].filter(Boolean).join(" · ");
  const stamps = [head.stamp, head.synthetic ? DATA.words.synthetic : head.partlySynthetic ? `部分为${DATA.words.synthetic}` : ""];
  byId("stamps").replaceChildren(...stamps.filter(Boolean).map((text, index) => element("span", { class: index ? "stamp synthetic-stamp" : "stamp" }, text)));
  byId("foot").textContent = `由 suizhou_geo ${head.tool} 生成 · 季节性 Kendall 检验与 Sen 斜率；达标把握为已知月份不变、其余月份抽样的结果，色带为 50%、80%、90% 预测区间 · 结果指纹 SHA-256 ${head.fingerprint}`;
  const sections = FEATURES.filter((feature) => feature.section && feature.inCounty && feature.series.length > 0);
  const rows = [...sections].sort((a, b) => concern(b) - concern(a)).map(sectionRow);
  byId("multiples").replaceChildren(...(rows.length ? rows : [element("p", {}, "没有有数据的断面。")]));
}

/** Sections to look at first: those that may miss their target, then those that get worse. */
function concern({ section }) {
  const worse = section.trends.filter((trend) => trend.meaning.includes("恶化")).length;
  return (section.chance === null ? 0 : 10 * (1 - section.chance)) + worse;
}

function sectionRow(feature) {
  const { section } = feature;
  const trends = new Map(section.trends.map((trend) => [trend.name, trend]));
  const decides = (name) => section.limiting.includes(name) || section.binding === name;
  const rank = (series) => (decides(series.name) ? 0 : 2) + (trends.has(series.name) ? 0 : 1);
  const shown = [...feature.series].sort((a, b) => rank(a) - rank(b)).slice(0, MULTIPLES_SHOWN);
  const chance = section.chance === null ? null : element("span", { class: "chance" }, `全年达标概率 ${formatChance(section.chance)}${section.binding ? `，不达标时多由${section.binding}决定` : ""}`);
  return element(
    "section",
    { class: "section-row" },
    element("h2", {}, feature.name, classChip(section.waterClass), stateMark(section.state), chance),
    element("p", {}, section.trends.length ? `趋势按 ${section.trends[0].first} 至 ${section.trends[0].last} 的月值，同月相比` : "没有方向明确的趋势，或数据不足"),
    element("div", { class: "multiples" }, ...shown.map((series) => multiple(series, trends.get(series.name)))),
  );
}

function multiple(series, trend) {
  const figure = seriesChart(series);
  if (!trend) return figure;
  const tone = trend.meaning.includes("恶化") ? "worse" : "better";
  const slope = (value) => `${value > 0 ? "+" : ""}${formatNumber(value, 4)}`;
  figure.append(
    element("p", { class: "trend-words" }, element("b", { class: tone }, trend.meaning), `：每年 ${slope(trend.slope)} ${trend.unit}（95% 区间 ${slope(trend.low)} 至 ${slope(trend.high)}）`),
  );
  return figure;
}

startTrends();
document.documentElement.dataset.ready = "true";
