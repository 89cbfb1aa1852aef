// Small charts of a card: monthly values against the limit, the year in dark, earlier years pale, and what the months
// to come may bring, in three bands.

const CHART = { width: 280, height: 110, left: 34, right: 34, top: 4, bottom: 18 };
const BAND_COLOURS = ["#dcecee", "#bcdcdf", "#93c5c9"];
// The month that the time slider shows; a page without one has none.
let markedMonth = null;

/** The years of a series, oldest first: [year, twelve values or null]. */
function yearsOf(series) {
  const years = new Map();
  series.months.forEach((month, index) => {
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

function chartScales(values, { limit, fan }) {
  const all = [...values, ...(limit === null ? [] : [limit]), ...(fan ? fan.values.flat() : [])];
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
  const fan = series.fan ? element("p", { class: "quiet fan-words" }, fanWords(series)) : null;
  return element("figure", { class: "chart" }, title, drawChart(series, values), fan);
}

/** The last month of the fan in words. */
function fanWords({ fan, decimals, unit }) {
  const at = fan.months.length - 1;
  const pairs = bandPairs(fan.levels);
  const [low, high] = pairs[0].map((level) => formatFixed(fan.values[level][at], decimals));
  return `${Number(fan.months[at].slice(5))} 月预测 ${formatFixed(fan.values[middleLevel(fan.levels)][at], decimals)}（${bandShares(fan.levels)[0]} 区间 ${low}–${high}${unit ? ` ${unit}` : ""}）`;
}

const bandShares = (levels) => bandPairs(levels).map(([from, to]) => `${Math.round((levels[to] - levels[from]) * 100)}%`);

/** What the bands are, for the first chart that has them. */
function bandWords(all) {
  const fan = all.find((series) => series.fan)?.fan;
  return fan ? `色带为${bandShares(fan.levels).reverse().join("、")} 预测区间（由深到浅），虚线为中位数；绿底为达到限值的一侧` : "";
}

/** Indices of the levels that bound each band, the widest first. */
function bandPairs(levels) {
  const pairs = [];
  for (let low = 0, high = levels.length - 1; low < high; low += 1, high -= 1) pairs.push([low, high]);
  return pairs;
}

const middleLevel = (levels) => Math.floor(levels.length / 2);

/** Which lines are which: the dark one is the year of the page. */
function yearWords(years) {
  const [first, last] = [years.at(0)?.[0], years.at(-1)?.[0]];
  if (first === undefined) return "";
  if (first === last) return `${last} 年`;
  return `深色 ${last} 年，浅色 ${first === last - 1 ? first : `${first}–${last - 1}`} 年`;
}

function drawChart(series, values) {
  const scales = chartScales(values, series);
  const years = yearsOf(series);
  const { width, height } = CHART;
  return vector(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": describeSeries(series, years) },
    attainingSide(series, scales),
    ...gridLines(scales.low, scales.high).flatMap((value) => gridLine(value, scales)),
    ...[0, 3, 6, 9, 11].map((month) => chartText(scales.x(month), height - 4, `${month + 1}月`, "middle")),
    ...years.slice(0, -1).map(([, row], index) => yearLine(row, scales, index === years.length - 2 ? "#a9b6bb" : "#ccd5d8", 1.2)),
    ...fanBands(series, years.at(-1), scales),
    ...limitLine(series, scales),
    ...thisYear(series, years.at(-1), scales),
    markMonth(years, scales),
    ...monthColumns(series, years, scales),
  );
}

/** Under the pointer a month says its values, the latest year first. */
function monthColumns({ decimals, unit }, years, scales) {
  const width = scales.x(1) - scales.x(0);
  return Array.from({ length: 12 }, (_, month) => {
    const known = years.filter(([, row]) => row[month] !== null).reverse();
    if (known.length === 0) return "";
    const words = known.map(([year, row]) => `${year} 年 ${month + 1} 月 ${formatFixed(row[month], decimals)} ${unit}`).join("\n");
    const place = { x: scales.x(month) - width / 2, width, y: CHART.top, height: CHART.height - CHART.top - CHART.bottom };
    return vector("rect", { ...place, fill: "transparent" }, vector("title", {}, words));
  });
}

/** The side of the limit on which the target is met. */
function attainingSide({ limit, higherIsBetter }, scales) {
  if (limit === null) return "";
  const [top, bottom] = higherIsBetter ? [scales.y(scales.high), scales.y(limit)] : [scales.y(limit), scales.y(scales.low)];
  return vector("rect", { x: CHART.left, width: CHART.width - CHART.left - CHART.right, y: top, height: Math.max(0, bottom - top), fill: "#f1f8f3" });
}

/** Bands of the months to come; they begin at the last known month where that is the one before. */
function fanBands({ fan }, [, row], scales) {
  if (!fan) return [];
  const months = fan.months.map((month) => Number(month.slice(5)) - 1);
  const known = row[months[0] - 1] ?? null;
  const line = (level) => [...(known === null ? [] : [[months[0] - 1, known]]), ...months.map((month, at) => [month, fan.values[level][at]])];
  const points = (pairs) => pairs.map(([month, value]) => `${scales.x(month).toFixed(1)} ${scales.y(value).toFixed(1)}`);
  const bands = bandPairs(fan.levels).map(([low, high], at) =>
    vector("path", { class: "band", d: `M${[...points(line(high)), ...points(line(low)).reverse()].join("L")}Z`, fill: BAND_COLOURS[Math.min(at, 2)] }));
  return [...bands, vector("path", { d: `M${points(line(middleLevel(fan.levels))).join("L")}`, fill: "none", stroke: ACCENT, "stroke-width": 1.4, "stroke-dasharray": "3 2" })];
}

/** A ring around the value of the month that the slider shows. */
function markMonth(years, scales) {
  if (!markedMonth) return "";
  const [year, month] = markedMonth.split("-").map(Number);
  const value = years.find(([each]) => each === year)?.[1][month - 1] ?? null;
  if (value === null) return "";
  return vector("circle", { class: "marked", cx: scales.x(month - 1), cy: scales.y(value), r: 5, fill: "none", stroke: ACCENT, "stroke-width": 1.8 });
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
    vector("text", { x: CHART.left + 3, y: y - 4, fill: "#a3231c", "font-size": 10, class: "halo" }, words),
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
  const fan = series.fan ? `；${fanWords(series)}` : "";
  return `${series.name}${series.unit}，${year} 年：${known.join("，") || "无数据"}${limit}${fan}`;
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

/** The days of the last months by level of the index, one column a month, the good days at the foot. */
function airStrip(air) {
  const months = DATA.calendars[air.months];
  const step = Math.min(22, 280 / months.length);
  const cells = months.flatMap((month, index) => airColumn(month, air.days[index], index * step, step));
  const words = months.map((month, index) => `${month} ${daysWords(air.days[index])}`).join("；");
  return element(
    "figure",
    { class: "chart" },
    element("figcaption", {}, `近 ${months.length} 个月每月各级天数（柱高为有 AQI 的天数）`),
    vector("svg", { viewBox: "0 0 280 78", width: 280, height: 78, role: "img", "aria-label": words }, ...cells),
  );
}

const daysWords = (days) => days.flatMap((count, at) => (count > 0 ? [`${airStyle(at + 1).label} ${count} 天`] : [])).join("、") || "无数据";

function airColumn(month, days, x, step) {
  let low = 62;
  const bars = days.map((count, at) => {
    low -= 2 * count;
    return count > 0 ? vector("rect", { x, y: low, width: step - 1, height: 2 * count, fill: airStyle(at + 1).fill, stroke: "#8a969c", "stroke-width": 0.4 }) : null;
  });
  const nothing = low === 62 ? vector("rect", { x, y: 56, width: step - 1, height: 6, fill: "none", stroke: "#9aa5aa", "stroke-dasharray": "2 2" }) : null;
  const january = month.endsWith("-01");
  return [
    ...bars,
    nothing,
    month === markedMonth ? vector("rect", { x, y: 63, width: step - 1, height: 2.5, fill: ACCENT }) : null,
    january || x === 0 ? chartText(x, 75, january ? month.slice(0, 4) : `${month.slice(0, 4)}.${Number(month.slice(5))}`, "start") : null,
  ].filter(Boolean);
}

function stripCell(month, waterClass, x, step) {
  const january = month.endsWith("-01");
  const known = waterClass !== null;
  return [
    vector("rect", { x, y: 0, width: step - 1, height: 18, fill: classStyle(waterClass).fill, stroke: known ? "none" : "#9aa5aa", "stroke-dasharray": known ? null : "2 2" }),
    month === markedMonth ? vector("rect", { x, y: 19, width: step - 1, height: 2.5, fill: ACCENT }) : null,
    stripLetter(waterClass, x + (step - 1) / 2),
    january || x === 0 ? chartText(x, 31, january ? month.slice(0, 4) : month.slice(0, 4) + "." + Number(month.slice(5)), "start") : null,
  ].filter(Boolean);
}

function stripLetter(waterClass, x) {
  if (waterClass === null) return null;
  const text = classWord(waterClass).slice(0, 1);
  return vector("text", { x, y: 13, "text-anchor": "middle", "font-size": 9.5, fill: inkOn(classStyle(waterClass).fill) }, text);
}
