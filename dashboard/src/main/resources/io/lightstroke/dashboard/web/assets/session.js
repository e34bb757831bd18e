// A session's force: what is shown is asked for anew with each zoom, down to single samples.

import uPlot from "./uPlot.esm.js";
import { number, text } from "./texts.js";

/** As many points as there are pixels, so that each peak has one. */
const MOST_POINTS = 2000;
const LEAST_S = 0.1;

const hourAndMinute = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const andSecond = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "medium", hourCycle: "h23" });

/** Of a second since 1970, as fine as the step from one to the next wants it. */
function timeOf(second, step) {
  const whole = (step >= 60 ? hourAndMinute : andSecond).format(second * 1000);
  return step >= 1 ? whole : `${whole}${number(second % 1, 2).slice(1)}`;
}

class Chart {
  #root;
  #box;
  #limits;
  #whole;
  #plot = null;
  #asked = 0;

  constructor(root) {
    this.#root = root;
    this.#box = root.querySelector(".review-trace");
    this.#limits = JSON.parse(this.#box.dataset.limits);
    this.#whole = [Date.parse(root.dataset.from) / 1000, Date.parse(root.dataset.to) / 1000];
    this.#button.addEventListener("click", () => this.#show(...this.#whole));
    new ResizeObserver(() => this.#plot?.setSize({ width: this.#box.clientWidth, height: this.#box.clientHeight })).observe(this.#box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#show(...this.#shown));
    this.#show(...this.#whole);
  }

  get #button() {
    return this.#root.querySelector(".whole");
  }

  get #shown() {
    const { min, max } = this.#plot.scales.x;
    return [min, max];
  }

  /** Seconds since 1970. */
  async #show(fromS, toS) {
    const asked = ++this.#asked;
    const query = new URLSearchParams({
      from: new Date(fromS * 1000).toISOString(),
      to: new Date(toS * 1000).toISOString(),
      points: String(Math.min(MOST_POINTS, Math.max(100, this.#box.clientWidth))),
    });
    let trace;
    try {
      const response = await fetch(`/trace/${this.#root.dataset.tool}?${query}`);
      trace = await response.json();
      if (!response.ok) {
        throw new Error(trace.error);
      }
    } catch (e) {
      this.#tell(text("review.trace.failed", { why: e.message }));
      return;
    }
    if (asked !== this.#asked) {
      return;
    }
    const times = trace.points.map(({ utc_us }) => utc_us / 1e6 + trace.step_us / 2e6);
    const of = (name) => trace.points.map((point) => point[name] ?? null);
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#options(fromS, toS), [times, of("max_N"), of("min_N"), of("mean_N")], this.#box);
    this.#button.hidden = fromS === this.#whole[0] && toS === this.#whole[1];
    const samples = trace.points.reduce((sum, point) => sum + point.samples, 0);
    this.#tell(samples === 0 ? text("review.trace.none") : trace.step_us === 0 ? text("review.trace.samples", { samples: number(samples) }) : text("review.zoom"));
  }

  #tell(words) {
    this.#root.querySelector(".trace-told").textContent = words;
  }

  #options(fromS, toS) {
    const style = getComputedStyle(this.#box);
    const colour = (name) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour("--muted"), font: `12px ${style.fontFamily}`, ticks: { show: false } };
    const top = Math.max(this.#limits.ceiling_N ?? 0, 15) * 1.1;
    return {
      width: this.#box.clientWidth,
      height: this.#box.clientHeight,
      legend: { show: false },
      cursor: { drag: { x: true, y: false }, y: false },
      scales: { x: { time: true, range: [fromS, toS] }, y: { range: (plot, low, high) => [0, Math.max(top, high * 1.05)] } },
      axes: [
        { ...axis, grid: { show: false }, values: (plot, splits, index, space, step) => splits.map((second) => timeOf(second, step)) },
        { ...axis, size: 44, incrs: [1, 2, 5, 10], grid: { stroke: colour("--hairline") }, values: (plot, splits) => splits.map((newtons) => `${number(newtons)} N`) },
      ],
      bands: [{ series: [1, 2], fill: `color-mix(in srgb, ${colour("--focus")} 35%, transparent)` }],
      series: [
        {},
        { stroke: colour("--focus"), width: 1, points: { show: false } },
        { stroke: colour("--focus"), width: 1, points: { show: false } },
        { stroke: colour("--ink"), width: 1, points: { show: false } },
      ],
      hooks: {
        drawAxes: [(plot) => this.#drawLimits(plot, colour)],
        setSelect: [
          (plot) => {
            const from = plot.posToVal(plot.select.left, "x");
            const to = plot.posToVal(plot.select.left + plot.select.width, "x");
            if (to - from >= LEAST_S) {
              this.#show(from, to);
            }
          },
        ],
      },
    };
  }

  #drawLimits(plot, colour) {
    const { ctx, bbox } = plot;
    ctx.save();
    for (const [name, limit] of [["moderate", this.#limits.moderate_N], ["too-deep", this.#limits.too_deep_N], ["ceiling", this.#limits.ceiling_N]]) {
      if (limit != null) {
        const y = plot.valToPos(limit, "y", true);
        ctx.strokeStyle = colour(`--limit-${name}`);
        ctx.lineWidth = devicePixelRatio * (name === "moderate" ? 1 : 2);
        ctx.beginPath();
        ctx.moveTo(bbox.left, y);
        ctx.lineTo(bbox.left + bbox.width, y);
        ctx.stroke();
      }
    }
    ctx.restore();
  }
}

document.querySelectorAll("[data-tool]").forEach((part) => new Chart(part));
