// Small charts of a card: monthly values against the limit, the year in dark, earlier years pale.

const CHART = { width: 280, height: 110, left: 34, right: 34, top: 4, bottom: 18 };

/** The years of a series, oldest first: [year, twelve values or null]. */
function yearsOf(series) {
  const years = new Map();
  DATA.calendars[series.months].forEach((month, index) => {
    const [year, number] = month.split("-").map(Number);
    if (!years.has(year)) years.set(year, Array(12).fill(null));
    years.get(year)[number - 1] = series.values[index] ?? null;
  });
  return [...years.entries()].sort(([a], [b]) => a - b);
}

/** Round steps that cover the values and the limit with two or three lines. */
function gridLines(low, high) {
  const span = high - low || 1;
  const unit = 10 ** Math.floor(Math.log10(span));
  const step = [0.5, 1, 2, 2.5, 5, 10].map((factor) => factor * unit).find((each) => span / each <= 3);
  const lines = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) lines.push(at);
  return lines;
}

function chartScales(values, limit) {
  const all = limit === null ? values : [...values, limit];
  const low = Math.min(0, ...all);
  // Room above the highest line for its words.
  const high = low + (Math.max(...all) - low) * 1.22 || 1;
  const innerWidth = CHART.width - CHART.left - CHART.right;
  const innerHeight = CHART.height - CHART.top - CHART.bottom;
  return {
    low,
    high,
    x: (month) => CHART.left + (month / 11) * innerWidth,
    y: (value) => CHART.top + (1 - (value - low) / (high - low)) * innerHeight,
  };
}

/** A figure with title and chart; a sentence instead where no value is known. */
function seriesChart(series) {
  const title = element("figcaption", {}, element("b", {}, series.name), ` ${[series.unit, yearWords(yearsOf(series))].filter(Boolean).join(" · ")}`);
  const values = series.values.filter((value) => value !== null);
  if (values.length === 0) return element("figure", { class: "chart" }, title, element("p", {}, "无数据"));
  return element("figure", { class: "chart" }, title, drawChart(series, values));
}

/** Which lines are which: the dark one is the year of the page. */
function yearWords(years) {
  const [first, last] = [years.at(0)?.[0], years.at(-1)?.[0]];
  if (first === undefined) return "";
  if (first === last) return `${last} 年`;
  return `深色 ${last} 年，浅色 ${first === last - 1 ? first : `${first}–${last - 1}`} 年`;
}

function drawChart(series, values) {
  const scales = chartScales(values, series.limit);
  const years = yearsOf(series);
  const { width, height } = CHART;
  return vector(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": describeSeries(series, years) },
    ...gridLines(scales.low, scales.high).flatMap((value) => gridLine(value, scales)),
    ...[0, 3, 6, 9, 11].map((month) => chartText(scales.x(month), height - 4, `${month + 1}月`, "middle")),
    ...limitLine(series, scales),
    ...years.slice(0, -1).map(([, row], index) => yearLine(row, scales, index === years.length - 2 ? "#a9b6bb" : "#ccd5d8", 1.2)),
    ...thisYear(series, years.at(-1), scales),
  );
}

function gridLine(value, scales) {
  const y = scales.y(value);
  return [
    vector("line", { x1: CHART.left, x2: CHART.width - CHART.right, y1: y, y2: y, stroke: "#e6eaec" }),
    chartText(CHART.left - 4, y + 3.5, formatNumber(value, 3), "end"),
  ];
}

function chartText(x, y, text, anchor, colour = "#5c686d") {
  return vector("text", { x, y, "text-anchor": anchor, fill: colour, "font-size": 10 }, text);
}

function limitLine(series, scales) {
  if (series.limit === null) return [];
  const y = scales.y(series.limit);
  const words = `${series.limitLabel || "限值"} ${series.higherIsBetter ? "≥" : "≤"} ${formatNumber(series.limit, 4)}`;
  return [
    vector("line", { x1: CHART.left, x2: CHART.width - CHART.right, y1: y, y2: y, stroke: "#a3231c", "stroke-dasharray": "5 3", "stroke-width": 1.2 }),
    chartText(CHART.width - CHART.right, y - 4, words, "end", "#a3231c"),
  ];
}

/** A line through the known months: it breaks where a month is missing, and a lone month is a dot. */
function yearLine(row, scales, colour, width) {
  let path = "";
  row.forEach((value, month) => {
    if (value === null) return;
    const joined = month > 0 && row[month - 1] !== null;
    const lone = !joined && (month === 11 || row[month + 1] === null);
    const at = `${scales.x(month).toFixed(1)} ${scales.y(value).toFixed(1)}`;
    path += `${joined ? "L" : "M"}${at}${lone ? `L${at}` : ""}`;
  });
  return vector("path", { d: path, fill: "none", stroke: colour, "stroke-width": width, "stroke-linecap": "round", "stroke-linejoin": "round" });
}

function thisYear(series, [, row], scales) {
  const last = row.reduce((found, value, month) => (value === null ? found : month), -1);
  const line = yearLine(row, scales, INK, 2);
  if (last < 0) return [line];
  const x = scales.x(last);
  const y = scales.y(row[last]);
  return [
    line,
    vector("circle", { cx: x, cy: y, r: 2.8, fill: INK }),
    vector("text", { x: x + 5, y: y + 4, fill: INK, "font-size": 11, "font-weight": 600, "text-anchor": "start", class: "halo" }, formatFixed(row[last], series.decimals)),
  ];
}

function describeSeries(series, years) {
  const [year, row] = years.at(-1);
  const known = row.flatMap((value, month) => (value === null ? [] : [`${month + 1}月 ${formatFixed(value, series.decimals)}`]));
  const limit = series.limit === null ? "" : `；${series.limitLabel || "限值"} ${formatNumber(series.limit, 4)}`;
  return `${series.name}${series.unit}，${year} 年：${known.join("，") || "无数据"}${limit}`;
}

/** The classes of the last months, one square each, with a letter in it. */
function classStrip(section) {
  const months = DATA.calendars[section.months];
  if (months.length === 0) return null;
  const step = Math.min(22, 280 / months.length);
  const cells = months.flatMap((month, index) => stripCell(month, section.classes[index] ?? null, index * step, step));
  const words = months.map((month, index) => `${month} ${classStyle(section.classes[index]).label}`).join("，");
  return element(
    "figure",
    { class: "chart" },
    element("figcaption", {}, `近 ${months.length} 个月水质类别`),
    vector("svg", { viewBox: "0 0 280 34", width: 280, height: 34, role: "img", "aria-label": words }, ...cells),
  );
}

function stripCell(month, waterClass, x, step) {
  const january = month.endsWith("-01");
  const known = waterClass !== null;
  return [
    vector("rect", { x, y: 0, width: step - 1, height: 18, fill: classStyle(waterClass).fill, stroke: known ? "none" : "#9aa5aa", "stroke-dasharray": known ? null : "2 2" }),
    stripLetter(waterClass, x + (step - 1) / 2),
    january || x === 0 ? chartText(x, 31, january ? month.slice(0, 4) : month.slice(0, 4) + "." + Number(month.slice(5)), "start") : null,
  ].filter(Boolean);
}

function stripLetter(waterClass, x) {
  if (waterClass === null) return null;
  const text = ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣"][waterClass];
  const dark = waterClass === 4 || waterClass === 5 || waterClass === 3;
  return vector("text", { x, y: 13, "text-anchor": "middle", "font-size": 9.5, fill: dark ? INK : "#ffffff" }, text);
}
