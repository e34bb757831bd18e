// One tool on the screen. Touches the DOM only where something has changed.

import { Face } from "./face.js";
import { Parts } from "./parts.js";
import { Trace } from "./trace.js";
import { has, number, text } from "./texts.js";

const CALM_TRACE_MS = 250;
const template = document.getElementById("tool");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Card {
  #tool;
  #part;
  #face;
  #trace = null;
  #tracedVersion = -1;
  #tracedMs = 0;

  constructor(tool) {
    this.#tool = tool;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.id = `tool-${tool.key.replaceAll("/", "-")}`;
    this.#part = new Parts(this.element);
    this.#face = new Face(this.element);
    this.#part.practise.href = `/practice/${tool.gateway}/${tool.slug}`;
    this.#part.name.id = `${this.element.id}-name`;
    this.#part.practise.id = `${this.element.id}-practise`;
    this.#part.practise.setAttribute("aria-labelledby", `${this.#part.practise.id} ${this.#part.name.id}`);
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
    this.#face.show(nowMs, tool, zone, reason, status);
    this.#part.text("name", tool.name);
    this.#part.text("place", place);
    this.#part.text("alerts", (status?.alerts ?? []).map((word) => (has(`alert.${word}`) ? text(`alert.${word}`) : word)).join(" · "));
    this.#part.set("traceLabel", tool.name, () => this.#part.trace.setAttribute("aria-label", text("trace.label", { tool: tool.name })));
    this.#showFigures(live ? tool.frame : null);
    this.#showTrace(nowMs, live);
  }

  #showFigures(live) {
    const frame = this.#tool.frame;
    this.#part.text("strokes", frame === null ? "" : String(frame.strokes));
    const differs = frame !== null && frame.tool_strokes !== frame.strokes;
    this.#part.text("toolStrokes", differs ? text("figure.strokes.tool", { count: frame.tool_strokes }) : "");
    this.#part.text("cadence", live?.cadence_per_min == null ? "" : number(live.cadence_per_min));
    this.#part.text("stroke", live?.stroke_s == null ? "" : number(live.stroke_s, 1));
    this.#part.text("peak", this.#tool.lastStroke === null ? "" : number(this.#tool.lastStroke.peak_N, 1));
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
}
