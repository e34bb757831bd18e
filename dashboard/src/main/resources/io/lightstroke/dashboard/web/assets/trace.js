// The scrolling force trace with the four limits, drawn by uPlot.

import uPlot from "./uPlot.esm.js";
import { WINDOW_S } from "./tool.js";
import { text } from "./texts.js";

const LIMITS = [
  ["light", "light_N"],
  ["moderate", "moderate_N"],
  ["too-deep", "too_deep_N"],
  ["ceiling", "ceiling_N"],
];
const NO_LIMITS_TOP_N = 15;
const GUTTER_PX = 112;
const LABEL_PX = 13;
/** Behind the trace, each zone has a breath of the colour of the limit that it lies above. */
const BAND_ALPHA = 0.07;

export class Trace {
  #plot = null;
  #box;
  #limits = null;
  #colours = {};
  #font;

  constructor(box) {
    this.#box = box;
    new ResizeObserver(() => this.#fit()).observe(box);
    this.restyle();
  }

  /** Reads the colours from the style sheet again. */
  restyle() {
    const style = getComputedStyle(this.#box);
    const colour = (name) => style.getPropertyValue(name).trim();
    this.#colours = { ink: colour("--ink"), muted: colour("--muted") };
    for (const [zone] of LIMITS) {
      this.#colours[zone] = colour(`--limit-${zone}`);
    }
    this.#font = style.fontFamily;
    this.#plot?.destroy();
    this.#plot = null;
    this.#fit();
  }

  draw(tool, nowMs) {
    if (this.#plot === null) {
      return;
    }
    this.#limits = tool.limits;
    const nowS = tool.sampleClockMs(nowMs) / 1000;
    this.#plot.batch(() => {
      this.#plot.setData([tool.timesS, tool.forces], false);
      if (Number.isFinite(nowS)) {
        this.#plot.setScale("x", { min: nowS - WINDOW_S, max: nowS });
      } else {
        this.#plot.setScale("x", { min: 0, max: WINDOW_S });
      }
    });
  }

  #fit() {
    const { clientWidth: width, clientHeight: height } = this.#box;
    if (width < 40 || height < 30) {
      return;
    }
    if (this.#plot === null) {
      this.#plot = new uPlot(this.#options(width, height), [[], []], this.#box);
    } else if (this.#plot.width !== width || this.#plot.height !== height) {
      this.#plot.setSize({ width, height });
    }
  }

  #options(width, height) {
    const axis = { stroke: this.#colours.muted, font: `12px ${this.#font}`, ticks: { show: false } };
    return {
      width,
      height,
      padding: [8, GUTTER_PX, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      select: { show: false },
      scales: { x: { time: false, auto: false }, y: { range: (plot, low, high) => [0, this.#top(high)] } },
      axes: [
        {
          ...axis,
          size: 22,
          gap: 4,
          grid: { show: false },
          splits: (plot) => [0, 1, 2].map((half) => plot.scales.x.min + (half * WINDOW_S) / 2),
          values: () => [`−${WINDOW_S} s`, `−${WINDOW_S / 2} s`, text("trace.now")],
        },
        {
          ...axis,
          size: 34,
          gap: 6,
          space: 24,
          incrs: [5, 10, 20, 50],
          grid: { show: false },
          values: (plot, splits) => splits.map(String),
        },
      ],
      series: [{}, { stroke: this.#colours.ink, width: 2, points: { show: false }, spanGaps: false }],
      hooks: { drawAxes: [(plot) => this.#drawLimits(plot)] },
    };
  }

  #top(highest) {
    return Math.max((this.#limits?.ceiling_N ?? NO_LIMITS_TOP_N) * 1.12, (highest ?? 0) * 1.05);
  }

  #drawLimits(plot) {
    if (this.#limits === null) {
      return;
    }
    const { ctx, bbox } = plot;
    const scale = devicePixelRatio;
    const right = bbox.left + bbox.width;
    ctx.save();
    ctx.font = `600 ${LABEL_PX * scale}px ${this.#font}`;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    let ceilingOfLabel = Infinity;
    LIMITS.forEach(([zone, field], i) => {
      const limit = this.#limits[field];
      const y = Math.round(plot.valToPos(limit, "y", true));
      const above = i + 1 < LIMITS.length ? plot.valToPos(this.#limits[LIMITS[i + 1][1]], "y", true) : bbox.top;
      ctx.strokeStyle = ctx.fillStyle = this.#colours[zone];
      ctx.globalAlpha = BAND_ALPHA;
      ctx.fillRect(bbox.left, above, bbox.width, y - above);
      ctx.globalAlpha = 1;
      ctx.lineWidth = (i < 2 ? 1 : 2) * scale;
      ctx.setLineDash(i < 2 ? [5 * scale, 4 * scale] : []);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(right, y);
      ctx.stroke();
      const labelY = Math.min(y, ceilingOfLabel - (LABEL_PX + 1) * scale);
      ceilingOfLabel = labelY;
      ctx.fillText(`${limit.toFixed(1)} ${text(`limit.${zone}`)}`, right + 6 * scale, labelY);
    });
    ctx.restore();
  }
}
