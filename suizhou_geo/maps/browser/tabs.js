// On a narrow screen the panel comes in tabs; on a wide one everything stands side by side and there are none.

const TABS = [["state", "状况"], ["sections", "断面与站点"], ["legend", "图层"], ["notes", "说明"]];

function startTabs() {
  byId("tabs").replaceChildren(...TABS.map(([key, words]) =>
    element("button", { type: "button", role: "tab", id: `tab-${key}`, "aria-controls": key === "legend" ? "legend" : "panel", click: () => showTab(key), keydown: moveTab }, words)));
  showTab("state");
}

function showTab(key) {
  byId("main").dataset.shown = key;
  for (const [other] of TABS) {
    const tab = byId(`tab-${other}`);
    tab.setAttribute("aria-selected", other === key);
    tab.tabIndex = other === key ? 0 : -1;
  }
}

/** Arrow keys walk from tab to tab, as in every list of tabs. */
function moveTab(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const keys = TABS.map(([key]) => key);
  const next = keys.at((keys.indexOf(byId("main").dataset.shown) + step) % keys.length);
  showTab(next);
  byId(`tab-${next}`).focus();
}
