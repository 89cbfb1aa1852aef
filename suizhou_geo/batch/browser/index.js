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

function targetItem(target) {
  const item = element("li", `${target.name} `, target.state);
  item.append(element("b", `${target.value} ${target.unit}`));
  item.append(` · ${target.word}`);
  if (target.chance) item.append(` · 达标概率 ${target.chance}`);
  return item;
}

// What is wrong first, then what has a chance; what is met or only counted is folded away.
function targetList(run) {
  const known = run.targets.filter((one) => one.value !== null);
  const bad = known.filter(isBad);
  const open = known.filter((one) => one.chance && !isBad(one));
  const rest = known.filter((one) => !one.chance && !isBad(one));
  const list = element("ul");
  list.append(...[...bad, ...open].map(targetItem));
  const unknown = run.targets.length - known.length;
  if (unknown) list.append(element("li", `另有 ${unknown} 项无法判定`));
  const parts = [list];
  if (rest.length) {
    const folded = element("details");
    const inner = element("ul");
    inner.append(...rest.map(targetItem));
    folded.append(element("summary", `其余 ${rest.length} 项`), inner);
    parts.push(folded);
  }
  return parts;
}

// The notebooks of a county tell one result: its goals stand once in a line.
function saidBy(run) {
  return JSON.stringify([run.headline, run.targets]);
}

function resultOf(run, earlier) {
  const same = earlier.find((other) => run.targets.length && saidBy(run) === saidBy(other));
  if (same) return [element("p", `结论和目标同“${data.notebooks[same.notebook]}”`, "soft")];
  return [...(run.headline ? [element("p", run.headline)] : []), ...(run.targets.length ? targetList(run) : [])];
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

function runCell(run, earlier) {
  const cell = element("td");
  if (!run) return cell;
  if (notebooks.length > 1) cell.append(element("p", data.notebooks[run.notebook], "narrow"));
  cell.append(stateLine(run));
  if (run.reason) cell.append(element("p", run.reason, "reason"), element("code", run.command));
  cell.append(...resultOf(run, earlier));
  if (run.changes.length) cell.append(element("p", `较上次：${run.changes.join("；")}`, "changes"));
  cell.append(linkLine(run));
  return cell;
}

function lineOf(line) {
  const row = element("tr");
  const runs = notebooks.map(([name]) => line.runs[name]);
  row.append(countyCell(line), ...runs.map((run, place) => runCell(run, runs.slice(0, place).filter(Boolean))));
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
// What is folded away is printed.
window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
drawHead();
draw();
