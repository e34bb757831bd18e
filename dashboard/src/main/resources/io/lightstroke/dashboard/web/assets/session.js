// A session: its force, which is asked for anew with each zoom, down to single samples; areas and spots above it; its note.

import uPlot from "./uPlot.esm.js";
import { send } from "./command.js";
import { number, text, wordOf } from "./texts.js";

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

/** Areas and spots, from and to in seconds since 1970. An area lasts until the next one. */
function spansOf({ areas, spots }, endS) {
  const begins = [...areas.map(({ started }) => Date.parse(started) / 1000), endS];
  const words = ({ region, side }) => (region == null ? "" : side == null ? wordOf("region", region) : text("practice.area.of", { region: wordOf("region", region), side: wordOf("side", side) }));
  return [
    areas.map((area, i) => ({ from: begins[i], to: begins[i + 1], words: words(area), kind: "area" })),
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
  #plot = null;
  #asked = 0;

  constructor(root) {
    this.#root = root;
    this.#box = root.querySelector(".review-trace");
    this.#limits = JSON.parse(this.#box.dataset.limits);
    this.#marks = JSON.parse(this.#box.dataset.marks);
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
        drawAxes: [(plot) => this.#drawGaps(plot, colour), (plot) => this.#drawLimits(plot, colour)],
        draw: [(plot) => this.#drawOverPressures(plot, colour), (plot) => this.#placeSpans(plot, fromS, toS)],
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
    spansOf(this.#marks, this.#whole[1]).forEach((spans, i) => {
      const lane = this.#root.querySelectorAll(".lane")[i];
      lane.style.marginLeft = `${bbox.left / devicePixelRatio}px`;
      lane.style.width = `${bbox.width / devicePixelRatio}px`;
      lane.replaceChildren(
        ...spans
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

  /** A triangle at the top and a dashed line at begin and end: two triangles for the ceiling. An end that nobody saw has no line. */
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
        for (const x of end == null ? [sides[0]] : sides) {
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

document.querySelector(".note")?.addEventListener("submit", async (submitted) => {
  submitted.preventDefault();
  const form = submitted.target;
  const told = form.querySelector("[role=status]");
  const { person, session } = form.dataset;
  try {
    await send("PUT", `/api/people/${encodeURIComponent(person)}/sessions/${encodeURIComponent(session)}/note`, { note: form.elements.note.value });
    told.textContent = text("review.note.kept");
  } catch (e) {
    told.textContent = e.message;
  }
});
