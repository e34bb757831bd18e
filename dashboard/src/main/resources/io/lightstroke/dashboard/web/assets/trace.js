// The scrolling force trace with the four limits, drawn by uPlot.

import uPlot from "./uPlot.esm.js";
import { WINDOW_S } from "./tool.js";
import { number, text } from "./texts.js";

const LIMITS = [
  { word: "light", field: "light_N", below: "light" },
  { word: "moderate", field: "moderate_N", below: "moderate" },
  { word: "too-deep", field: "too_deep_N", below: "firm" },
  { word: "ceiling", field: "ceiling_N", below: "too-deep" },
];
const ABOVE_ALL = "ceiling";
const NO_LIMITS_TOP_N = 15;
const LABEL_PX = 13;
const LABEL_GAP_PX = 6;
/** Behind the trace, each zone has a breath of its colour. */
const BAND_ALPHA = 0.1;

function label(limitN, word) {
  return `${number(limitN, 1)} ${text(`limit.${word}`)}`;
}

export class Trace {
  #plot = null;
  #box;
  #limits = null;
  #colours = {};
  #font;
  #gutter = 0;
  #observer = new ResizeObserver(() => this.#fit());

  constructor(box) {
    this.#box = box;
    this.#observer.observe(box);
    this.restyle();
  }

  close() {
    this.#observer.disconnect();
    this.#plot?.destroy();
    this.#plot = null;
  }

  /** Reads the colours from the style sheet again. */
  restyle() {
    const style = getComputedStyle(this.#box);
    const colour = (name) => style.getPropertyValue(name).trim();
    this.#colours = { ink: colour("--ink"), muted: colour("--muted") };
    for (const zone of ["light", "moderate", "firm", "too-deep", "ceiling"]) {
      this.#colours[zone] = colour(`--limit-${zone}`);
    }
    this.#font = style.fontFamily;
    const measure = document.createElement("canvas").getContext("2d");
    measure.font = this.#labelFont(1);
    this.#gutter = LABEL_GAP_PX + Math.max(...LIMITS.map(({ word }) => Math.ceil(measure.measureText(label(10, word)).width)));
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
      padding: [8, this.#gutter, 0, 0],
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

  #labelFont(scale) {
    return `600 ${LABEL_PX * scale}px ${this.#font}`;
  }

  #drawLimits(plot) {
    if (this.#limits === null) {
      return;
    }
    const { ctx, bbox } = plot;
    const scale = devicePixelRatio;
    const right = bbox.left + bbox.width;
    ctx.save();
    ctx.font = this.#labelFont(scale);
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    let zoneBottom = bbox.top + bbox.height;
    let lowestLabel = Infinity;
    const band = (zone, top) => {
      ctx.fillStyle = this.#colours[zone];
      ctx.globalAlpha = BAND_ALPHA;
      ctx.fillRect(bbox.left, top, bbox.width, zoneBottom - top);
      ctx.globalAlpha = 1;
      zoneBottom = top;
    };
    LIMITS.forEach(({ word, field, below }, i) => {
      const y = Math.round(plot.valToPos(this.#limits[field], "y", true));
      band(below, y);
      ctx.strokeStyle = ctx.fillStyle = this.#colours[word];
      ctx.lineWidth = (i < 2 ? 1 : 2) * scale;
      ctx.setLineDash(i < 2 ? [5 * scale, 4 * scale] : []);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(right, y);
      ctx.stroke();
      const labelY = Math.min(y, lowestLabel - (LABEL_PX + 1) * scale);
      lowestLabel = labelY;
      ctx.fillText(label(this.#limits[field], word), right + LABEL_GAP_PX * scale, labelY);
    });
    band(ABOVE_ALL, bbox.top);
    ctx.restore();
  }
}
