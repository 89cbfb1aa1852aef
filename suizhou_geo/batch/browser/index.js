"use strict";
const data = JSON.parse(document.getElementById("page-data").textContent);
const notebooks = Object.entries(data.notebooks);
const marks = { 完成: ["✓", "done"], 失败: ["✕", "failed"], 跳过: ["–", "skipped"] };
const lines = countyLines();
let sorted = { column: -1, down: false };

// One line per county, one run of it per notebook.
function countyLines() {
  const byCode = new Map();
  for (const run of data.rows) {
    if (!byCode.has(run.adcode)) byCode.set(run.adcode, { adcode: run.adcode, county: run.county, runs: {} });
    byCode.get(run.adcode).runs[run.notebook] = run;
  }
  return [...byCode.values()].map((line) => ({ ...line, shown: lineOf(line) }));
}

function isBad(target) {
  return ["missed", "unlikely", "behind"].includes(target.state);
}

// Every text from data goes through here and becomes text, never markup.
function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function countyCell(line) {
  const cell = element("th", line.county, "county");
  cell.scope = "row";
  cell.append(element("span", line.adcode));
  return cell;
}

function stateLine(run) {
  const [mark, className] = marks[run.state] || ["", ""];
  const line = element("p", "", "top");
  line.append(element("span", `${mark} ${run.state}`, `state ${className}`));
  line.append(element("span", `${run.seconds.toFixed(1)} 秒`, "soft"));
  if (run.period !== data.period) line.append(element("span", `数据至 ${run.period}`, "period"));
  if (run.synthetic) line.append(element("span", data.synthetic_label, "synthetic"));
  return line;
}

function targetList(run) {
  const list = element("ul");
  for (const target of run.targets.filter((one) => one.value !== null)) {
    const item = element("li", `${target.name} `, target.state);
    item.append(element("b", `${target.value} ${target.unit}`));
    item.append(` · ${target.word}`);
    if (target.chance) item.append(` · 达标概率 ${target.chance}`);
    list.append(item);
  }
  const unknown = run.targets.filter((one) => one.value === null).length;
  if (unknown) list.append(element("li", `另有 ${unknown} 项无法判定`));
  return list;
}

function linkLine(run) {
  const line = element("p", "", "links");
  for (const [label, path] of run.files) {
    const link = element("a", label);
    link.href = path;
    line.append(link);
  }
  return line;
}

function runCell(run) {
  const cell = element("td");
  if (!run) return cell;
  if (notebooks.length > 1) cell.append(element("p", data.notebooks[run.notebook], "narrow"));
  cell.append(stateLine(run));
  if (run.reason) cell.append(element("p", run.reason, "reason"), element("code", run.command));
  if (run.headline) cell.append(element("p", run.headline));
  if (run.targets.length) cell.append(targetList(run));
  if (run.changes.length) cell.append(element("p", `较上次：${run.changes.join("；")}`, "changes"));
  cell.append(linkLine(run));
  return cell;
}

function lineOf(line) {
  const row = element("tr");
  row.append(countyCell(line), ...notebooks.map(([name]) => runCell(line.runs[name])));
  return row;
}

// Counties by code; runs by how much is wrong: failed, not run, then by the number of goals that are not met, then by
// the least chance of attaining one.
function keyOf(line, column) {
  if (column === 0) return Number(line.adcode);
  const run = line.runs[notebooks[column - 1][0]];
  if (!run) return -1;
  const chances = run.targets.map((target) => target.p_attain).filter((chance) => chance !== null);
  return { 失败: 2000, 跳过: 1000 }[run.state] || run.targets.filter(isBad).length + 0.9 * (1 - Math.min(1, ...chances));
}

function draw() {
  const wanted = document.getElementById("filter").value.trim().toLowerCase();
  const chosen = lines.filter((line) => line.shown.textContent.toLowerCase().includes(wanted));
  if (sorted.column >= 0) {
    const order = sorted.down ? -1 : 1;
    chosen.sort((a, b) => order * (keyOf(a, sorted.column) - keyOf(b, sorted.column)));
  }
  document.getElementById("body").replaceChildren(...chosen.map((line) => line.shown));
}

function sortBy(column) {
  // The first click on a notebook puts what is wrong on top.
  sorted = { column, down: sorted.column === column ? !sorted.down : column > 0 };
  [...document.getElementById("head").children].forEach((cell, place) => {
    cell.ariaSort = place !== column ? "none" : sorted.down ? "descending" : "ascending";
  });
  draw();
}

function drawHead() {
  const titles = [["", "区县"], ...notebooks];
  document.getElementById("head").append(...titles.map(([name, title], column) => {
    const cell = element("th");
    cell.scope = "col";
    const button = element("button", title);
    button.type = "button";
    button.addEventListener("click", () => sortBy(column));
    cell.append(button);
    if (name && name !== title) cell.append(element("span", name, "soft"));
    return cell;
  }));
}

function summary() {
  const count = (state) => data.rows.filter((run) => run.state === state).length;
  const skipped = count("跳过") ? `，跳过 ${count("跳过")}` : "";
  const changed = data.rows.filter((run) => run.changes.length).length;
  const told = changed ? `较上次有变化 ${changed} 项（筛选“较上次”可单独查看）。` : "";
  return `共 ${data.rows.length} 项，完成 ${count("完成")}，失败 ${count("失败")}${skipped}。${told}`;
}

document.getElementById("title").textContent = `${data.title} · ${data.period}`;
document.getElementById("summary").textContent = summary();
document.getElementById("filter").addEventListener("input", draw);
drawHead();
draw();
