// Elements are made here and nowhere else. Text from data enters the page only as text nodes.

const VECTOR_NAMESPACE = document.getElementById("vector-root").namespaceURI;

/** An HTML element; an attribute that is a function is a listener, one that is null or false is left out. */
function element(tag, attributes = {}, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

/** An SVG element. */
function vector(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS(VECTOR_NAMESPACE, tag), attributes, children);
}

function furnish(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/** What a table says under a word from data: nothing where the table only inherits it, as every object does `constructor`. */
const lookUp = (table, word) => (Object.hasOwn(table, word) ? table[word] : undefined);

const byId = (id) => document.getElementById(id);

/** A number as printed in a report: grouped, at most `decimals` decimals, a true minus sign. */
function formatNumber(value, decimals = 2) {
  if (value === null || value === undefined) return "—";
  const text = new Intl.NumberFormat("zh-CN", { maximumFractionDigits: decimals }).format(value);
  return text.replace("-", "−");
}

/** A number with exactly `decimals` decimals, as the standard prints its limits. */
function formatFixed(value, decimals) {
  return value === null || value === undefined ? "—" : value.toFixed(decimals).replace("-", "−");
}

/** A forecast is never certain: the same words as conventions.chance_text. */
const formatChance = (chance) => (chance > 0.99 ? "大于 99%" : chance < 0.01 ? "小于 1%" : `${Math.round(chance * 100)}%`);
