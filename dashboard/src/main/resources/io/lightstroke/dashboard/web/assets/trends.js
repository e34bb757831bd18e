// A chart of each column of a table of weeks that asks for one. A week without a value is a gap.

import uPlot from "./uPlot.esm.js";
import { number, text } from "./texts.js";

const dayAndMonth = new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, { day: "numeric", month: "short", timeZone: "UTC" });
const DAY_S = 86_400;
const LABEL_PX = 64;

const valueOf = (text) => (text === undefined ? null : Number(text));

/** Of the oldest week first. */
function columnOf(table, index) {
  const cells = [...table.tBodies[0].rows].map((row) => row.cells[index]).reverse();
  return {
    values: cells.map((cell) => valueOf(cell.dataset.value)),
    planned: cells.map((cell) => valueOf(cell.dataset.planned)),
  };
}

function optionsOf(box, head, weeks) {
  const style = getComputedStyle(box);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour("--muted"), font: `12px ${style.fontFamily}`, ticks: { show: false } };
  const least = Number(head.dataset.top ?? 1);
  const point = { show: true, size: 8, fill: colour("--focus"), stroke: colour("--focus") };
  return {
    width: box.clientWidth,
    height: box.clientHeight,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [weeks[0] - 3 * DAY_S, weeks.at(-1) + 3 * DAY_S] },
      y: { range: (plot, low, high) => [0, Math.max(least, (high ?? 0) * (head.dataset.top ? 1 : 1.15))] },
    },
    axes: [
      { ...axis, size: 28, grid: { show: false }, splits: () => weeks.filter((week, i) => i % Math.ceil(weeks.length / Math.floor(box.clientWidth / LABEL_PX)) === 0), values: (plot, splits) => splits.map((second) => dayAndMonth.format(second * 1000)) },
      { ...axis, size: 44, grid: { stroke: colour("--hairline") }, values: (plot, splits) => splits.map((value) => number(value, value % 1 === 0 ? 0 : 1)) },
    ],
    series: [{}, { stroke: colour("--focus"), width: 2, points: point }, { stroke: colour("--ink"), width: 2, dash: [6, 4].map((px) => px * devicePixelRatio), points: { show: false } }],
  };
}

/** After the table's region, of those columns that have two values or more. */
function draw(table) {
  const mondays = [...table.tBodies[0].rows].map(({ cells }) => Date.parse(cells[0].dataset.value) / 1000).reverse();
  const charts = document.createElement("div");
  charts.className = "trends";
  const shows = [];
  [...table.tHead.rows[0].cells].forEach((head, index) => {
    const { values, planned } = columnOf(table, index);
    if ("trend" in head.dataset && values.filter((value) => value !== null).length > 1) {
      const title = head.dataset.unit === undefined ? head.textContent : `${head.textContent}, ${head.dataset.unit}`;
      const figure = document.createElement("figure");
      const caption = document.createElement("figcaption");
      const box = document.createElement("div");
      box.className = "trend";
      box.role = "img";
      box.ariaLabel = text("review.trend", { title });
      caption.textContent = title;
      figure.append(caption, box);
      charts.append(figure);
      let plot = null;
      shows.push(() => {
        plot?.destroy();
        plot = new uPlot(optionsOf(box, head, mondays), [mondays, values, planned], box);
      });
    }
  });
  table.closest(".scroll").after(charts);
  const show = () => shows.forEach((each) => each());
  new ResizeObserver(show).observe(charts);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
}

document.querySelectorAll("table.weeks").forEach(draw);
