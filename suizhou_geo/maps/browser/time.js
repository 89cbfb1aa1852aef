// The time slider: one month for all layers. The page opens at its own month; every other month is a look back.

const THIS_MONTH = `${DATA.head.year}-${String(DATA.head.month).padStart(2, "0")}`;
const MONTHS = monthsOfPage();
const PLAY_STEP = 800;
let shownMonth = THIS_MONTH;
let playing = null;

const isThisMonth = () => shownMonth === THIS_MONTH;
const monthWords = (month) => `${Number(month.slice(0, 4))} 年 ${Number(month.slice(5))} 月`;

/** Months with classes of sections or the air of stations; without any, months of whatever series there are. */
function monthsOfPage() {
  const judged = FEATURES.map((feature) => feature.section || feature.air).filter(Boolean);
  const calendars = judged.length > 0 ? judged.map(({ months }) => DATA.calendars[months]) : DATA.calendars;
  return [...new Set([...calendars.flat(), THIS_MONTH])].filter((month) => month <= THIS_MONTH).sort();
}

/** The class of a section in the month shown; null where there is none. */
function classShown(feature) {
  return feature.section ? classIn(feature.section, shownMonth) : null;
}

function classIn(section, month) {
  if (month === THIS_MONTH) return section.waterClass;
  return section.classes[DATA.calendars[section.months].indexOf(month)] ?? null;
}

/** The air of a station in the month shown: that of the last day that has an index; null where no day has. */
const airShown = (feature) => (feature.air ? airIn(feature.air, shownMonth) : null);

function airIn(air, month) {
  const at = DATA.calendars[air.months].indexOf(month);
  if (at < 0 || air.aqi[at] === null) return null;
  const valid = air.days[at].reduce((sum, count) => sum + count, 0);
  return { date: air.dates[at], aqi: air.aqi[at], level: air.levels[at], category: air.categories[at], primary: air.primaries[at], good: air.good[at], valid };
}

/** How many sections of the county have each class in a month: [class, number], best first, no data last. */
function countClasses(month) {
  const counts = new Map();
  for (const feature of featuresOf("sections")) {
    if (!feature.section) continue;
    const waterClass = classIn(feature.section, month) || 7;
    counts.set(waterClass, (counts.get(waterClass) || 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b).map(([waterClass, count]) => [waterClass % 7, count]);
}

function startTime() {
  byId("time").hidden = MONTHS.length < 2;
  if (MONTHS.length < 2) return;
  const slider = byId("time-slider");
  slider.max = MONTHS.length - 1;
  slider.addEventListener("input", () => { stopPlaying(); showMonth(MONTHS[slider.value]); });
  byId("time-play").addEventListener("click", () => (playing ? stopPlaying() : startPlaying()));
  byId("time-back").addEventListener("click", () => { stopPlaying(); showMonth(THIS_MONTH); });
  tellMonth(THIS_MONTH);
}

function showMonth(month) {
  tellMonth(month);
  refresh();
}

/** Set the slider and its words. */
function tellMonth(month) {
  shownMonth = month;
  const words = countClasses(month).map(([waterClass, count]) => `${classStyle(waterClass).label} ${count}`).join(" · ");
  const slider = byId("time-slider");
  slider.value = MONTHS.indexOf(month);
  slider.setAttribute("aria-valuetext", `${monthWords(month)}，${words}`);
  byId("time-word").replaceChildren(element("b", {}, monthWords(month)), element("span", { class: "quiet" }, words));
  byId("time-back").hidden = isThisMonth();
  byId("time").classList.toggle("looking-back", !isThisMonth());
  fillTrack();
}

/** One column a month: sections by class, stacked. It says where to look before the slider is moved. */
function fillTrack() {
  const columns = MONTHS.map(countClasses);
  const most = Math.max(1, ...columns.map((counts) => counts.reduce((sum, [, count]) => sum + count, 0)));
  const bars = columns.flatMap((counts, at) => {
    let low = 0;
    return counts.map(([waterClass, count]) => {
      low += count;
      const fill = waterClass ? classStyle(waterClass).fill : "#eef1f2";
      return vector("rect", { x: at + 0.06, width: 0.88, y: most - low, height: count, fill, opacity: MONTHS[at] === shownMonth ? 1 : 0.55 });
    });
  });
  const shown = MONTHS.indexOf(shownMonth);
  const mark = vector("rect", { x: shown, width: 1, y: 0, height: most, fill: "none", stroke: INK, "stroke-width": 2, "vector-effect": "non-scaling-stroke" });
  const years = MONTHS.map((month, at) => [month, at]).filter(([month, at]) => month.endsWith("-01") || at === 0);
  byId("time-bars").replaceChildren(vector("svg", { viewBox: `0 0 ${MONTHS.length} ${most}`, preserveAspectRatio: "none", "aria-hidden": "true" }, ...bars, mark));
  byId("time-years").replaceChildren(...years.filter(([, at], place) => place === 0 || at > 2).map(([month, at]) => {
    const year = element("span", {}, month.slice(0, 4));
    year.style.setProperty("left", `${(100 * at) / MONTHS.length}%`);
    return year;
  }).slice(years.length > 1 && years[1][1] <= 2 ? 1 : 0));
}

function startPlaying() {
  if (MONTHS.indexOf(shownMonth) === MONTHS.length - 1) showMonth(MONTHS[0]);
  byId("time-play").textContent = "❚❚";
  byId("time-play").setAttribute("aria-label", "暂停");
  playing = window.setInterval(() => {
    const next = MONTHS.indexOf(shownMonth) + 1;
    if (next < MONTHS.length) showMonth(MONTHS[next]);
    if (next >= MONTHS.length - 1) stopPlaying();
  }, PLAY_STEP);
}

function stopPlaying() {
  window.clearInterval(playing);
  playing = null;
  byId("time-play").textContent = "▶";
  byId("time-play").setAttribute("aria-label", "逐月播放");
}
