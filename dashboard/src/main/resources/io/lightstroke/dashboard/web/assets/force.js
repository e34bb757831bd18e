// A tool's force over a time, which is asked for anew with each zoom, from weeks down to single samples; areas and spots above it.

import uPlot from "./uPlot.esm.js";
import { number, text, wordOf } from "./texts.js";

/** As many points as there are pixels, so that each peak has one. */
const MOST_POINTS = 2000;
const LEAST_S = 0.1;
const LEAST_PX = 5;

const DAY_S = 86_400;
/** How much closer or wider at a press. */
const ZOOM = 4;

const { lang } = document.documentElement;
const format = (options) => new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { hourCycle: "h23", ...options });
const dayAndMonth = format({ day: "numeric", month: "short" });
const andHour = format({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const hourAndMinute = format({ hour: "2-digit", minute: "2-digit" });
const andSecond = format({ timeStyle: "medium" });

/** Of a second since 1970, as fine as the step from one to the next wants it; with the day where there are several. */
function timeOf(second, step, rangeS) {
  const whole = (step >= DAY_S ? dayAndMonth : rangeS > DAY_S ? andHour : step >= 60 ? hourAndMinute : andSecond).format(second * 1000);
  return step >= 1 ? whole : `${whole}${number(second % 1, 2).slice(1)}`;
}

/** Areas and spots, from and to in seconds since 1970. */
function spansOf({ areas, spots }) {
  const words = ({ region, side }) => (region == null ? "" : side == null ? wordOf("region", region) : text("practice.area.of", { region: wordOf("region", region), side: wordOf("side", side) }));
  return [
    areas.map((area) => ({ from: Date.parse(area.from) / 1000, to: Date.parse(area.to) / 1000, words: words(area), kind: "area" })),
    spots.map(({ time, dwell_s, mark }) => {
      const from = Date.parse(time) / 1000;
      return { from, to: from + dwell_s, words: mark == null ? "" : wordOf("mark", mark), kind: mark == null ? "spot" : "spot marked" };
    }),
  ];
}

class Chart {
  #root;
  #box;
  #limits;
  #marks;
  #whole;
  /** From and to in seconds since 1970, as soon as it is asked for. */
  #range;
  #plot = null;
  #asked = 0;

  constructor(root) {
    this.#root = root;
    this.#box = root.querySelector(".review-trace");
    this.#limits = JSON.parse(this.#box.dataset.limits);
    this.#marks = JSON.parse(this.#box.dataset.marks);
    this.#whole = [Date.parse(root.dataset.from) / 1000, Date.parse(root.dataset.to) / 1000];
    this.#button.addEventListener("click", () => this.#show(...this.#whole));
    root.querySelector(".moves").addEventListener("click", ({ target }) => this.#move(target.dataset.move));
    root.querySelector(".goto")?.addEventListener("change", ({ target }) => {
      const { from, to } = { ...root.dataset, ...target.selectedOptions[0].dataset };
      this.#show(Date.parse(from) / 1000, Date.parse(to) / 1000);
    });
    new ResizeObserver(() => this.#plot?.setSize({ width: this.#box.clientWidth, height: this.#box.clientHeight })).observe(this.#box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#show(...this.#range));
    this.#show(...this.#whole);
  }

  get #button() {
    return this.#root.querySelector(".whole");
  }

  /** By a button, within the whole. */
  #move(how) {
    if (how === undefined) {
      return;
    }
    const [from, to] = this.#range;
    const [first, last] = this.#whole;
    const width = Math.min(last - first, Math.max(LEAST_S, (to - from) * ({ closer: 1 / ZOOM, wider: ZOOM }[how] ?? 1)));
    const middle = (from + to) / 2 + ({ earlier: -0.5, later: 0.5 }[how] ?? 0) * width;
    const begin = Math.min(last - width, Math.max(first, middle - width / 2));
    this.#show(begin, begin + width);
  }

  /** Seconds since 1970. */
  async #show(fromS, toS) {
    const asked = ++this.#asked;
    this.#range = [fromS, toS];
    const query = new URLSearchParams({
      from: new Date(fromS * 1000).toISOString(),
      to: new Date(toS * 1000).toISOString(),
      person: this.#root.dataset.person,
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
    const isWhole = fromS === this.#whole[0] && toS === this.#whole[1];
    const samples = trace.points.reduce((sum, point) => sum + point.samples, 0);
    if (samples === 0 && isWhole) {
      this.#root.querySelectorAll(".timeline, .review-trace, .moves").forEach((part) => (part.hidden = true));
      this.#tell(text("review.trace.gone"));
      return;
    }
    const times = trace.points.map(({ utc_us }) => utc_us / 1e6 + trace.step_us / 2e6);
    const of = (name) => trace.points.map((point) => point[name] ?? null);
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#options(fromS, toS), [times, of("max_N"), of("min_N"), of("mean_N")], this.#box);
    this.#button.hidden = isWhole;
    const told = samples === 0 ? "review.trace.none" : this.#root.querySelector(".goto") === null ? "review.zoom" : "review.zoom.weeks";
    this.#tell(samples > 0 && trace.step_us === 0 ? text("review.trace.samples", { samples: number(samples) }) : text(told));
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
        { ...axis, space: toS - fromS > DAY_S ? 110 : 60, grid: { show: false }, values: (plot, splits, index, space, step) => splits.map((second) => timeOf(second, step, toS - fromS)) },
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
        drawAxes: [(plot) => this.#drawGaps(plot, colour), (plot) => this.#drawLimits(plot, colour)],
        draw: [(plot) => this.#drawOverPressures(plot, colour), (plot) => this.#drawLonely(plot, colour), (plot) => this.#placeSpans(plot, fromS, toS)],
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

  /** Above the plot, as wide as it. */
  #placeSpans({ bbox }, fromS, toS) {
    const percent = (second) => (100 * (Math.min(toS, Math.max(fromS, second)) - fromS)) / (toS - fromS);
    const spansOfLanes = spansOf(this.#marks);
    this.#root.querySelectorAll(".lane").forEach((lane, i) => {
      lane.style.marginLeft = `${bbox.left / devicePixelRatio}px`;
      lane.style.width = `${bbox.width / devicePixelRatio}px`;
      lane.replaceChildren(
        ...spansOfLanes[i]
          .filter(({ from, to }) => to > fromS && from < toS)
          .map(({ from, to, words, kind }) => {
            const span = document.createElement("span");
            span.className = kind;
            span.textContent = words;
            span.title = words;
            span.style.left = `${percent(from)}%`;
            span.style.width = `${percent(to) - percent(from)}%`;
            return span;
          }),
      );
    });
  }

  /** Left and right on the canvas; at least a line, null where it is not in sight. */
  #sides(plot, from, to) {
    const { left, width } = plot.bbox;
    const [begin, end] = [from, to].map((time) => plot.valToPos(Date.parse(time) / 1000, "x", true));
    const right = Math.min(left + width, Math.max(end, begin + devicePixelRatio));
    return end < left || begin > left + width ? null : [Math.max(left, begin), right];
  }

  #drawGaps(plot, colour) {
    const { ctx, bbox } = plot;
    const apart = 8 * devicePixelRatio;
    for (const { from, to } of this.#marks.gaps) {
      const sides = this.#sides(plot, from, to);
      if (sides !== null) {
        const [left, right] = sides;
        ctx.save();
        ctx.beginPath();
        ctx.rect(left, bbox.top, right - left, bbox.height);
        ctx.clip();
        ctx.fillStyle = colour("--zone-nodata");
        ctx.fillRect(left, bbox.top, right - left, bbox.height);
        ctx.strokeStyle = colour("--muted");
        ctx.lineWidth = devicePixelRatio;
        ctx.beginPath();
        for (let x = left - bbox.height; x < right; x += apart) {
          ctx.moveTo(x, bbox.top + bbox.height);
          ctx.lineTo(x + bbox.height, bbox.top);
        }
        ctx.stroke();
        ctx.restore();
      }
    }
  }

  /** One or two points between gaps have no line that could be seen: a bar each, from the least to the greatest force. */
  #drawLonely(plot, colour) {
    const { ctx } = plot;
    const [times, greatest, least] = plot.data;
    const known = (i) => greatest[i] != null;
    ctx.save();
    ctx.strokeStyle = colour("--focus");
    ctx.lineWidth = 3 * devicePixelRatio;
    ctx.lineCap = "round";
    times.forEach((time, i) => {
      const before = known(i - 1) ? (known(i - 2) ? 2 : 1) : 0;
      const after = known(i + 1) ? (known(i + 2) ? 2 : 1) : 0;
      if (known(i) && before + after < 2) {
        const x = plot.valToPos(time, "x", true);
        ctx.beginPath();
        ctx.moveTo(x, plot.valToPos(least[i], "y", true));
        ctx.lineTo(x, plot.valToPos(greatest[i], "y", true));
        ctx.stroke();
      }
    });
    ctx.restore();
  }

  /**
   * A triangle at the top, two for the ceiling; and where there is room, a dashed line at begin and end. An end that nobody
   * saw has no line.
   */
  #drawOverPressures(plot, colour) {
    const { ctx, bbox } = plot;
    const size = 6 * devicePixelRatio;
    for (const { kind, begin, end } of this.#marks.over_pressures) {
      const sides = this.#sides(plot, begin, end ?? begin);
      if (sides !== null) {
        ctx.save();
        ctx.strokeStyle = ctx.fillStyle = colour(`--limit-${kind}`);
        ctx.lineWidth = devicePixelRatio;
        ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
        const room = sides[1] - sides[0] >= LEAST_PX * devicePixelRatio;
        for (const x of end == null ? [sides[0]] : room ? sides : []) {
          ctx.beginPath();
          ctx.moveTo(x, bbox.top);
          ctx.lineTo(x, bbox.top + bbox.height);
          ctx.stroke();
        }
        const middle = (sides[0] + sides[1]) / 2;
        for (let i = 0; i < (kind === "ceiling" ? 2 : 1); i++) {
          const top = bbox.top + i * 1.2 * size;
          ctx.beginPath();
          ctx.moveTo(middle - size, top);
          ctx.lineTo(middle + size, top);
          ctx.lineTo(middle, top + 1.6 * size);
          ctx.fill();
        }
        ctx.restore();
      }
    }
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

document.querySelectorAll(".part:has(.review-trace)").forEach((part) => new Chart(part));
