// The plan board: what is asked, where it stands, what would change it, and which rows say so.

const DATA = JSON.parse(document.getElementById("page-data").textContent);
const TONES = { missed: "bad", unlikely: "bad", behind: "bad", at_risk: "doubt", unknown: "dim", likely: "good", on_track: "good", met: "good" };
const SHAPES = { missed: "■", unlikely: "■", behind: "■", at_risk: "▲", unknown: "○", likely: "●", on_track: "●", met: "●" };
const JUDGED = { computed: "由数据计算", scheduled: "按序时进度", counted: "按完成数", drawn: "按抽取名单", manual: "人工填报" };
const SIGNS = { ">=": "≥", "<=": "≤", "==": "=", ">": ">", "<": "<" };
const CHOICES = {
  全部: () => true,
  需要关注: (row) => ["bad", "doubt"].includes(lookUp(TONES, row.state)),
  无法判定: (row) => row.state === "unknown",
};

const allRows = () => [...DATA.goals, ...DATA.tasks].flatMap((group) => group.rows);

function startBoard() {
  const { head } = DATA;
  byId("title").textContent = `${head.name} · 工作要点目标板`;
  byId("subtitle").textContent = [head.city !== head.name ? head.city : "", `${head.year} 年 ${head.month} 月`].filter(Boolean).join(" · ");
  const stamps = ["内部使用", head.synthetic ? DATA.words.synthetic : ""].filter(Boolean);
  byId("stamps").replaceChildren(...stamps.map((text, index) => element("span", { class: index ? "stamp synthetic-stamp" : "stamp" }, text)));
  byId("headline").textContent = DATA.headline;
  byId("foot").textContent = `由 suizhou_geo ${head.tool} 生成 · 空间重叠只供复核 · 结果指纹 SHA-256 ${head.fingerprint}`;
  drawSummary();
  drawChoices();
  drawRows("全部");
  drawRegister();
  drawAlerts();
  drawAccounts();
  drawSources();
}

function drawSummary() {
  const rows = allRows();
  const goals = new Set(rows.map((row) => row.goal)).size;
  const counts = Object.keys(DATA.words.states).map((state) => [state, rows.filter((row) => row.state === state).length]);
  byId("summary").replaceChildren(
    element("span", {}, `${goals} 项目标和任务，${rows.length} 个指标：`),
    ...counts.filter(([, count]) => count > 0).map(([state, count]) => element("span", {}, stateMark(state), ` ${count}`)),
  );
}

function stateMark(state, paced = false) {
  const word = (paced && lookUp(DATA.words.pace, state)) || lookUp(DATA.words.states, state) || state;
  return element("span", { class: `state-mark ${lookUp(TONES, state) ?? "dim"}` }, `${lookUp(SHAPES, state) ?? "○"} ${word}`);
}

function drawChoices() {
  const buttons = Object.keys(CHOICES).map((name) =>
    element("button", { type: "button", "aria-pressed": name === "全部", click: () => { drawRows(name); press(name); } }, `${name}（${allRows().filter(CHOICES[name]).length}）`),
  );
  buttons.forEach((button, index) => { button.dataset.choice = Object.keys(CHOICES)[index]; });
  byId("choices").replaceChildren(...buttons);
  press("全部");
}

function press(name) {
  for (const button of byId("choices").children) button.setAttribute("aria-pressed", String(button.dataset.choice === name));
}

function drawRows(choice) {
  const columns = [["编号", "id"], ["目标或任务", "name"], ["现值", "number figure"], ["目标", "number figure"], ["进度", "bar"], ["全年达标概率", "bar"], ["判断", "mark"], ["期限", "date"], ["怎样改变 · 说明 · 出处", ""]];
  const bodies = [["目标", DATA.goals], ["任务", DATA.tasks]].flatMap(([title, groups]) => {
    const rows = groups.flatMap((group) => group.rows).filter(CHOICES[choice]);
    if (!rows.length) return [];
    const heading = element("tr", { class: "section" }, element("th", { colspan: columns.length, scope: "colgroup" }, `${title}（${new Set(rows.map((row) => row.goal)).size} 项，${rows.length} 个指标）`));
    return [element("tbody", {}, heading, ...rows.map(boardRow))];
  });
  const head = element("thead", {}, element("tr", {}, ...columns.map(([text, name]) => element("th", { scope: "col", class: name || null }, text))));
  byId("rows").replaceChildren(bodies.length ? element("table", {}, head, ...bodies) : element("p", {}, "没有这样的行。"));
}

function boardRow(row) {
  const unit = row.unit === "%" ? "%" : row.unit ? ` ${row.unit}` : "";
  const amount = (value) => (value === null ? "—" : `${formatNumber(value)}${unit}`);
  const goal = row.target === null ? "—" : `${lookUp(SIGNS, row.compare) ?? row.compare} ${amount(row.target)}`;
  return element(
    "tr",
    { "data-id": row.id },
    element("th", { scope: "row" }, ...row.id.split(/(?=[._])/).flatMap((part) => [element("wbr"), part])),
    element("td", {}, element("span", { class: "row-name" }, row.name), row.synthetic ? element("span", { class: "synthetic" }, DATA.words.synthetic) : null),
    element("td", { class: "figure" }, row.value === null ? "无数据" : amount(row.value)),
    element("td", { class: "figure" }, goal),
    element("td", { class: "bar-cell" }, ...progressCell(row, amount)),
    element("td", { class: "bar-cell" }, ...(row.p_attain === null ? ["—"] : [formatChance(row.p_attain), bar(row.p_attain)])),
    element("td", {}, stateMark(row.state, row.required !== null)),
    element("td", {}, row.due || "—"),
    element("td", {}, row.change ? element("p", {}, row.change) : null, row.note ? element("p", { class: "quiet" }, row.note) : null, evidence(row)),
  );
}

function progressCell(row, amount) {
  if (row.progress === null) return ["—"];
  const due = row.required === null ? null : element("small", { class: "quiet" }, `应达 ${amount(row.required)}`);
  return [`${formatNumber(row.progress, 1)}%`, bar(Math.min(row.progress / 100, 1)), due];
}

function bar(share) {
  const text = `${Math.round(100 * share)}%`;
  return vector("svg", { width: 80, height: 8, role: "img", "aria-label": text }, vector("rect", { width: 80, height: 8, fill: "#dde3e6" }), vector("rect", { width: 80 * Math.max(0, share), height: 8, fill: "#0b6e75" }));
}

function evidence(row) {
  const facts = [lookUp(JUDGED, row.judged_by) ?? row.judged_by, `来源：${row.source}`, ...row.rows.map((text) => `数据：${text}`), row.layer ? `图层：${row.layer}（见同一文件夹中的区县页面）` : ""];
  return element("details", {}, element("summary", {}, "数据出处"), ...facts.filter(Boolean).map((text) => element("p", {}, text)));
}

function drawRegister() {
  const { register } = DATA;
  byId("register-words").textContent = `工作要点具名的点位和年度项目 ${register.places.length} 处，编号与右表对应；虚线圈为位置约数或示意。${register.others.map((each) => `${each.task} 另有${each.kind} ${each.count} 处（演示）`).join("；")}`;
  const drawn = vector(
    "svg",
    { viewBox: `0 0 ${register.width} ${register.height}`, role: "img", "aria-label": `${DATA.head.name}点位登记图，${register.places.length} 处` },
    ...register.counties.map((county) => vector("path", { d: county.path, class: county.own ? "county own" : "county" })),
    ...spread(register.places).map((place) =>
      vector("g", { class: place.sure ? "place" : "place unsure" }, vector("title", {}, `${place.task} ${place.name}（${place.quality}）`), vector("circle", { cx: place.at[0], cy: place.at[1], r: 9 }), vector("text", { x: place.at[0], y: place.at[1] + 4 }, String(place.number))),
    ),
    ...register.counties.map((county) => vector("text", { x: county.label[0], y: county.label[1] + 4, class: "county-name" }, county.name)),
  );
  const rows = register.places.map((place) =>
    element("tr", {}, element("td", {}, String(place.number)), element("td", {}, place.task), element("td", {}, place.name, place.synthetic ? element("span", { class: "synthetic" }, DATA.words.synthetic) : null), element("td", {}, place.status || "—"), element("td", {}, place.quality || "—", place.note ? element("p", { class: "quiet" }, place.note) : null)),
  );
  byId("register").replaceChildren(drawn, table(["图上编号", "任务", "名称", "进展", "位置"], rows, "没有具名的点位。"));
}

/** Marks that would lie on each other move apart by less than their own size a step; the table names them all. */
function spread(places) {
  const moved = places.map((place) => ({ ...place, at: [...place.at] }));
  for (let round = 0; round < 60; round += 1) {
    for (let i = 0; i < moved.length; i += 1) {
      for (let j = i + 1; j < moved.length; j += 1) {
        const [across, down] = [moved[j].at[0] - moved[i].at[0], moved[j].at[1] - moved[i].at[1]];
        const distance = Math.hypot(across, down);
        if (distance >= 20) continue;
        const [x, y] = distance > 0.1 ? [across / distance, down / distance] : [Math.cos(j), Math.sin(j)];
        const step = (20 - distance) / 2;
        moved[i].at = [moved[i].at[0] - x * step, moved[i].at[1] - y * step];
        moved[j].at = [moved[j].at[0] + x * step, moved[j].at[1] + y * step];
      }
    }
  }
  return moved.map((place) => ({ ...place, at: place.at.map((value) => Math.round(10 * value) / 10) }));
}

function drawAlerts() {
  const rows = DATA.alerts.map((alert) =>
    element(
      "tr",
      {},
      element("td", {}, alert.date === alert.last ? alert.date : `${alert.date} 至 ${alert.last}`),
      element("td", {}, `${alert.rule} ${alert.rule_name}`),
      element("td", {}, alert.message, alert.synthetic ? element("span", { class: "synthetic" }, DATA.words.synthetic) : null),
      element("td", {}, alert.basis, alert.source ? element("p", { class: "quiet" }, alert.source) : null),
    ),
  );
  byId("alerts").replaceChildren(table(["日期", "规则", "内容", "依据和出处"], rows, "当年到本月没有预警。"));
}

function drawAccounts() {
  const rows = DATA.accounts.map((each) =>
    element("tr", {}, element("td", {}, each.section), element("td", {}, `${each.payer}付${each.receiver}`), element("td", { class: "figure" }, `${formatNumber(each.amount)} ${each.unit}`), element("td", {}, `${each.values} / ${each.entries}`), element("td", {}, each.formula, each.note ? element("p", { class: "quiet" }, each.note) : null)),
  );
  byId("accounts").replaceChildren(table(["断面", "谁付给谁", "当年累计", "有值的月项", "公式"], rows, "没有涉及本区域的县界断面。"));
}

function drawSources() {
  const rows = DATA.sources.map((note) => element("tr", {}, element("td", {}, note.title), element("td", {}, note.file), element("td", {}, note.updated || "—"), element("td", {}, note.note || "—"), element("td", {}, note.sha256.slice(0, 12))));
  byId("sources").replaceChildren(table(["来源", "文件", "日期", "说明", "SHA-256（前 12 位）"], rows, "没有来源。"));
}

function table(headers, rows, empty) {
  if (!rows.length) return element("p", {}, empty);
  return element("table", {}, element("thead", {}, element("tr", {}, ...headers.map((text) => element("th", { scope: "col" }, text)))), element("tbody", {}, ...rows));
}

startBoard();
document.documentElement.dataset.ready = "true";
