"use strict";
const data = JSON.parse(document.getElementById("page-data").textContent);
const columns = [
  { title: "区县", key: (row) => row.adcode },
  { title: "内容", key: (row) => row.notebook },
  { title: "状态", key: (row) => row.state },
  { title: "结论", key: (row) => row.headline },
  { title: "目标", key: (row) => row.targets.filter((target) => isBad(target)).length },
  { title: "用时（秒）", key: (row) => row.seconds },
  { title: "文件", key: () => 0 },
];
let sorted = { column: -1, down: false };

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

function countyCell(row) {
  const cell = element("td", row.county, "county");
  cell.append(element("span", row.adcode));
  return cell;
}

function stateCell(row) {
  const cell = element("td");
  const failed = row.state === "失败";
  cell.append(element("span", `${failed ? "✕" : "✓"} ${row.state}`, `state ${failed ? "failed" : "done"}`));
  if (row.reason) {
    cell.append(element("div", row.reason, "reason"));
    cell.append(element("code", `suizhou-geo run … --county ${row.adcode} --notebook ${row.notebook}`));
  }
  return cell;
}

function targetCell(row) {
  const cell = element("td");
  const list = element("ul");
  for (const target of row.targets.filter((one) => one.value !== null)) {
    const item = element("li", `${target.name} `, target.state);
    item.append(element("b", `${target.value} ${target.unit}`));
    item.append(` · ${data.words[target.state] || target.state}`);
    list.append(item);
  }
  const unknown = row.targets.filter((one) => one.value === null).length;
  if (unknown) list.append(element("li", `另有 ${unknown} 项无法判定`));
  cell.append(list);
  return cell;
}

function linkCell(row) {
  const cell = element("td");
  for (const [label, path] of row.files) {
    const link = element("a", label);
    link.href = path;
    cell.append(link);
  }
  return cell;
}

function rowOf(row) {
  const line = element("tr");
  line.append(
    countyCell(row), element("td", row.notebook), stateCell(row), element("td", row.headline),
    targetCell(row), element("td", row.seconds.toFixed(1), "number"), linkCell(row),
  );
  return line;
}

function compare(first, second) {
  const key = columns[sorted.column].key;
  const [a, b] = [key(first), key(second)];
  const order = typeof a === "number" ? a - b : String(a).localeCompare(String(b), "zh-CN");
  return sorted.down ? -order : order;
}

function draw() {
  const wanted = document.getElementById("filter").value.trim();
  const rows = data.rows.filter((row) => JSON.stringify(row).includes(wanted));
  if (sorted.column >= 0) rows.sort(compare);
  document.getElementById("body").replaceChildren(...rows.map(rowOf));
}

function drawHead() {
  document.getElementById("head").append(...columns.map((column, index) => {
    const cell = element("th");
    cell.scope = "col";
    const button = element("button", column.title);
    button.type = "button";
    button.addEventListener("click", () => {
      sorted = { column: index, down: sorted.column === index && !sorted.down };
      draw();
    });
    cell.append(button);
    return cell;
  }));
}

const failed = data.rows.filter((row) => row.state === "失败").length;
document.getElementById("title").textContent = data.title;
document.getElementById("summary").textContent = `共 ${data.rows.length} 项，完成 ${data.rows.length - failed}，失败 ${failed}。`;
document.getElementById("filter").addEventListener("input", draw);
drawHead();
draw();
