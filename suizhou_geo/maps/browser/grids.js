// Grids: pictures that travel inside the page's data, each with its own legend.

const GRIDS = (DATA.grids || []).map(readGrid);

function readGrid(grid) {
  const image = new Image();
  image.src = `data:image/png;base64,${grid.image}`;
  const [left, bottom, right, top] = grid.box;
  const [[west, north], [east, south]] = [worldOf(left, top), worldOf(right, bottom)];
  return { ...grid, image, visible: true, box: [west, north, east, south] };
}

function legendGrid(grid) {
  const box = element("input", { type: "checkbox", change: () => { grid.visible = box.checked; PICTURE.draw(); } });
  box.checked = grid.visible;
  const rows = grid.steps.map((step) => legendRow(areaIcon({ colour: "#56636a", fill: step.colour, pattern: "" }), step.label));
  const none = legendRow(areaIcon({ colour: "#56636a", fill: "none", pattern: "dashed" }), "无数据");
  return element("div", { class: "legend-layer" }, element("label", {}, box, ` ${grid.title}`, element("small", { class: "quiet" }, grid.unit)), ...rows, none);
}
