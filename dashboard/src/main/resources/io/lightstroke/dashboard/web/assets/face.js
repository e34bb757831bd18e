// How hard one tool is pressed: zone, number, depth sign, and its link and battery beside it.

import { Parts } from "./parts.js";
import { has, number, text, wordOf } from "./texts.js";
import { LATE_MS, ZONES } from "./tool.js";

const LOW_BATTERY_PERCENT = 15;
/** For so long an age stays to be read. */
const AGE_MS = 1000;

/** part: has the parts of a link and of a battery; status: the tool's, while it can be known. */
export function showLinkAndBattery(part, status) {
  const link = status?.link ?? "unknown";
  part.set("link", link, () => {
    part.link.dataset.link = link;
    part.linkWord.textContent = wordOf("link", link);
  });
  const battery = status?.battery_percent ?? null;
  part.set("battery", battery, () => {
    part.battery.hidden = battery === null;
    part.battery.classList.toggle("low", battery !== null && battery <= LOW_BATTERY_PERCENT);
    part.batteryFill.setAttribute("width", String(((battery ?? 0) / 100) * 18));
    part.batteryWord.textContent = text("battery.percent", { percent: number(battery ?? 0) });
  });
}

export class Face {
  #root;
  #part;
  #layers;
  /** The greatest age that was shown lately, and until when it is told. */
  #late = { ms: 0, untilMs: -Infinity };

  /** root: has the parts of a zone (word, note, newtons, age, depth), of a link and of a battery. */
  constructor(root) {
    this.#root = root;
    this.#part = new Parts(root);
    this.#layers = [...this.#part.depth.children];
  }

  /** zone: what Tool.zone says now; reason: why there are no data; status: the tool's, while it can be known. */
  show(nowMs, tool, zone, reason, status) {
    const live = zone !== "nodata";
    this.#part.set("zone", zone, () => {
      this.#root.dataset.zone = zone;
      this.#part.word.textContent = wordOf("zone", zone);
      this.#layers.forEach((layer, i) => layer.classList.toggle("filled", i < ZONES.indexOf(zone)));
    });
    this.#part.text("note", live ? (has(`advice.${zone}`) ? text(`advice.${zone}`) : "") : reason);
    const force = live ? tool.frame.filtered_N : null;
    this.#part.text("newtons", force == null ? "" : number(Math.max(0, force), 1));
    this.#part.text("age", live ? this.#age(nowMs, tool.ageMs(nowMs)) : "");
    showLinkAndBattery(this.#part, status);
  }

  /** How late the number is, in words; empty while it is not. */
  #age(nowMs, ageMs) {
    if (ageMs > LATE_MS) {
      this.#late = { ms: nowMs > this.#late.untilMs ? ageMs : Math.max(ageMs, this.#late.ms), untilMs: nowMs + AGE_MS };
    }
    return nowMs > this.#late.untilMs ? "" : text("age", { seconds: number(this.#late.ms / 1000, 1) });
  }
}
