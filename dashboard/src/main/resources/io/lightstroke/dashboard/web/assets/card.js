// One tool on the screen. Touches the DOM only where something has changed.

import { Trace } from "./trace.js";
import { has, number, text, wordOf } from "./texts.js";
import { ZONES } from "./tool.js";

const CALM_TRACE_MS = 250;
const template = document.getElementById("tool");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Card {
  #tool;
  #part = {};
  #layers;
  #trace = null;
  #shown = {};
  #tracedVersion = -1;
  #tracedMs = 0;

  constructor(tool) {
    this.#tool = tool;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.id = `tool-${tool.key.replaceAll("/", "-")}`;
    for (const part of this.element.querySelectorAll("[data-part]")) {
      this.#part[part.dataset.part] = part;
    }
    this.#layers = [...this.#part.depth.children];
    this.#part.name.id = `${this.element.id}-name`;
    this.element.setAttribute("aria-labelledby", this.#part.name.id);
  }

  detached() {
    this.#trace.close();
  }

  /** Once the element stands in the page, for only then has it a size and colours. */
  attached() {
    this.#trace = new Trace(this.#part.trace);
  }

  restyle() {
    this.#trace.restyle();
    this.#tracedVersion = -1;
  }

  /**
   * zone: what Tool.zone says now; reason: why there is no data; status: the tool's, while it can be known; place: whose
   * tool, where that is not clear.
   */
  show(nowMs, zone, reason, status, place) {
    const tool = this.#tool;
    const live = zone !== "nodata";
    const frame = live ? tool.frame : null;
    this.#set("zone", zone, () => {
      this.element.dataset.zone = zone;
      this.#part.word.textContent = wordOf("zone", zone);
      this.#layers.forEach((layer, i) => layer.classList.toggle("filled", i < ZONES.indexOf(zone)));
    });
    this.#text("note", live ? (has(`advice.${zone}`) ? text(`advice.${zone}`) : "") : reason);
    this.#text("newtons", frame?.filtered_N == null ? "" : number(Math.max(0, frame.filtered_N), 1));
    this.#showHead(status, place);
    this.#showFigures(frame);
    this.#showTrace(nowMs, live);
  }

  #showHead(status, place) {
    const { name } = this.#tool;
    this.#text("name", name);
    this.#text("place", place);
    const link = status?.link ?? "unknown";
    this.#set("link", link, () => {
      this.#part.link.dataset.link = link;
      this.#part.linkWord.textContent = wordOf("link", link);
    });
    const battery = status?.battery_percent ?? null;
    this.#set("battery", battery, () => {
      this.#part.battery.hidden = battery === null;
      this.#part.battery.classList.toggle("low", battery !== null && battery <= 15);
      this.#part.batteryFill.setAttribute("width", String(((battery ?? 0) / 100) * 18));
      this.#part.batteryWord.textContent = text("battery.percent", { percent: battery });
    });
    this.#text("alerts", (status?.alerts ?? []).map((word) => (has(`alert.${word}`) ? text(`alert.${word}`) : word)).join(" · "));
    this.#set("traceLabel", name, () => this.#part.trace.setAttribute("aria-label", text("trace.label", { tool: name })));
  }

  #showFigures(live) {
    const frame = this.#tool.frame;
    this.#text("strokes", frame === null ? "" : String(frame.strokes));
    const differs = frame !== null && frame.tool_strokes !== frame.strokes;
    this.#text("toolStrokes", differs ? text("figure.strokes.tool", { count: frame.tool_strokes }) : "");
    this.#text("cadence", live?.cadence_per_min == null ? "" : number(live.cadence_per_min));
    this.#text("stroke", live?.stroke_s == null ? "" : number(live.stroke_s, 1));
    this.#text("peak", this.#tool.lastStroke === null ? "" : number(this.#tool.lastStroke.peak_N, 1));
  }

  /** A live trace scrolls with the screen; one without data stands still. */
  #showTrace(nowMs, live) {
    const scrolls = live && (!calm.matches || nowMs - this.#tracedMs >= CALM_TRACE_MS);
    if (scrolls || (!live && this.#tracedVersion !== this.#tool.version)) {
      this.#trace.draw(this.#tool, nowMs);
      this.#tracedMs = nowMs;
      this.#tracedVersion = this.#tool.version;
    }
  }

  #text(part, words) {
    this.#set(part, words, () => {
      this.#part[part].textContent = words;
    });
  }

  #set(what, value, change) {
    if (!(what in this.#shown) || this.#shown[what] !== value) {
      this.#shown[what] = value;
      change();
    }
  }
}
