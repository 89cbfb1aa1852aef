// Search by name over everything on the page.

const RESULTS_SHOWN = 12;

function startSearch() {
  const box = byId("search-box");
  box.addEventListener("input", () => showResults(box.value));
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") focusResult(event, 0);
    if (event.key === "Escape") clearSearch();
  });
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    byId("search-results").querySelector("button")?.click();
  });
  document.addEventListener("click", (event) => {
    if (!byId("search").contains(event.target)) byId("search-results").hidden = true;
  });
}

/** Names that hold the words typed; those that begin with them first. */
function findByName(words) {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return [];
  const found = FEATURES.filter((feature) => `${feature.name} ${feature.id}`.toLowerCase().includes(wanted));
  const begins = (feature) => (feature.name.toLowerCase().startsWith(wanted) ? 0 : 1);
  return found.sort((a, b) => begins(a) - begins(b));
}

function showResults(words) {
  const found = findByName(words);
  const rows = found.slice(0, RESULTS_SHOWN).map(resultRow);
  const list = byId("search-results");
  if (words.trim() && found.length === 0) rows.push(element("li", { class: "quiet" }, "没有名称相符的要素"));
  if (found.length > RESULTS_SHOWN) rows.push(element("li", { class: "quiet" }, `共 ${found.length} 个，请输入更多文字`));
  list.replaceChildren(...rows);
  list.hidden = rows.length === 0;
}

function resultRow(feature, index) {
  const choose = () => {
    clearSearch();
    byId("search-box").focus();
    openCard(feature, { move: true });
  };
  const move = (event) => {
    if (event.key === "ArrowDown") focusResult(event, index + 1);
    if (event.key === "ArrowUp") focusResult(event, index - 1);
    if (event.key === "Escape") clearSearch();
  };
  return element("li", {}, element("button", { type: "button", click: choose, keydown: move }, feature.name || feature.id, element("small", {}, kindOf(feature))));
}

function focusResult(event, index) {
  const buttons = byId("search-results").querySelectorAll("button");
  if (buttons.length === 0) return;
  event.preventDefault();
  if (index < 0) byId("search-box").focus();
  else buttons[Math.min(index, buttons.length - 1)].focus();
}

function clearSearch() {
  byId("search-box").value = "";
  byId("search-results").hidden = true;
}
