// During a session: how hard, how long on this spot, and what to do next. What a hand full of oil needs is a wide target;
// what an eye needs at two metres is one word.

import { areaName, BodyMap } from "./body.js";
import { Face } from "./face.js";
import { choice, element, Parts } from "./parts.js";
import * as local from "./practice-local.js";
import { areaWorkedS, oneWay, SpotClock, spotStage } from "./practice-model.js";
import * as records from "./practice-records.js";
import { allowSound, canKeepAwake, canVibrate, isMuted, Signals } from "./practice-signals.js";
import { has, number, text } from "./texts.js";
import { Trace } from "./trace.js";

const MARKS = ["tender", "hardened", "restricted"];
/** A word that something was done goes again; why something was not stays until the next. */
const TOLD_MS = 4000;
const CALM_TRACE_MS = 250;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** 125 is 2:05. */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export class During {
  #root;
  #part;
  #guideline;
  #ask;
  #feelsWrong;
  #face;
  #map;
  #trace = null;
  #tracedMs = 0;
  #spot = new SpotClock();
  #signals = new Signals();
  #marked = null;
  #panel = null;
  #waiting = new Set();
  #told = { words: "", untilMs: Infinity };
  #session = null;

  /** ask(name, fields): sends a command, and gives why it was not done, or null; feelsWrong(): the session ends for it. */
  constructor(root, guideline, ask, feelsWrong) {
    this.#root = root;
    this.#part = new Parts(root);
    this.#guideline = guideline;
    this.#ask = ask;
    this.#feelsWrong = feelsWrong;
    this.#face = new Face(root);
    this.#map = new BodyMap(this.#part.map, guideline.regions, () => this.#part.attribute("areaGo", "aria-disabled", this.#map.area === null ? "true" : null));
    this.#part.marks.append(...MARKS.map((mark) => element("button", { type: "button", value: mark, "aria-pressed": "false" }, text(`mark.${mark}`))));
    this.#part.painAfter.append(...[...Array(11).keys()].map((pain) => choice("radio", "pain-after", pain, String(pain))));
    this.#listen();
  }

  #listen() {
    const on = (part, does) => this.#part[part].addEventListener("click", does);
    on("next", () => this.#nextSpot());
    on("marks", ({ target }) => this.#mark(target.closest("button")?.value));
    on("assess", () => this.#do("phase", { phase: "assess" }));
    on("treat", () => this.#do("phase", { phase: "treat" }));
    on("pause", () => this.#do(this.#session?.paused ? "resume" : "pause"));
    on("stop", () => this.#open("stopping"));
    on("otherArea", () => this.#open("moving"));
    on("goOn", () => this.#open(null));
    on("stay", () => this.#open(null));
    on("end", () => this.#end());
    on("areaGo", () => this.#goToArea());
    on("wrong", () => this.#feelsWrong());
    for (const signal of ["tone", "vibration"]) {
      const box = this.#part[signal];
      box.checked = local.isOn(signal);
      box.addEventListener("change", () => {
        local.switchTo(signal, box.checked);
        allowSound();
      });
    }
    this.#part.hidden("vibrationRow", !canVibrate);
    this.#root.addEventListener("pointerdown", allowSound);
    // After a tap the space bar is the next spot's again; who works by the keyboard keeps the focus.
    this.#root.addEventListener("click", ({ detail, target }) => {
      if (detail > 0 && this.#panel === null && target.closest("button") !== null) {
        this.#part.next.focus({ preventScroll: true });
      }
    });
    document.addEventListener("keydown", (event) => {
      const free = event.target === document.body || event.target === this.#root;
      if (event.code === "Space" && free && !this.#root.hidden) {
        event.preventDefault();
        if (!event.repeat) {
          allowSound();
          this.#nextSpot();
        }
      } else if (event.key === "Escape" && this.#panel !== null && !this.#root.hidden) {
        this.#open(null);
      }
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#trace?.restyle());
  }

  /** The page shows it now: only then has the trace a size. */
  shown() {
    this.#trace ??= new Trace(this.#part.trace);
    this.#open(null);
    this.tell("");
    this.#part.next.focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  hidden() {
    this.#trace?.close();
    this.#trace = null;
  }

  tell(words, stays = false) {
    this.#told = { words, untilMs: stays ? Infinity : performance.now() + TOLD_MS };
    this.#part.attribute("told", "data-kind", stays ? "refused" : null);
    this.#part.text("told", words);
  }

  /** Gives whether it was done. Twice at once is once. */
  async #do(name, fields = {}, done = "") {
    if (this.#waiting.has(name)) {
      return false;
    }
    this.#waiting.add(name);
    const refusal = await this.#ask(name, fields);
    this.#waiting.delete(name);
    this.tell(refusal ?? done, refusal !== null);
    return refusal === null;
  }

  #nextSpot() {
    this.#do("next-spot", {}, text("practice.next.done"));
  }

  async #mark(mark) {
    if (mark !== undefined && (await this.#do("mark-spot", { mark }, text("practice.mark.done", { mark: text(`mark.${mark}`) })))) {
      this.#marked = { mark, spot: this.#spot.number };
    }
  }

  async #end() {
    const pain = this.#part.painAfter.querySelector("input:checked")?.value;
    if (await this.#do("session-end", pain === undefined ? {} : { pain_after: Number(pain) })) {
      this.#open(null);
    }
  }

  async #goToArea() {
    const { area } = this.#map;
    if (area === null) {
      this.tell(text("practice.need.area"), true);
    } else if (await this.#do("area", area, text("practice.area.done", { area: areaName(area.region, area.side) }))) {
      this.#open(null);
    }
  }

  /** One of "stopping" and "moving" in place of the controls, or null. */
  #open(panel) {
    const before = this.#panel;
    this.#panel = panel;
    this.#part.hidden("controls", panel !== null);
    this.#part.hidden("stopping", panel !== "stopping");
    this.#part.hidden("moving", panel !== "moving");
    if (panel !== null) {
      this.#part[panel].querySelector("h2").focus({ preventScroll: true });
      this.#part[panel].scrollIntoView({ block: "nearest" });
    } else if (before !== null) {
      this.#part.next.focus({ preventScroll: true });
    }
  }

  /** now: {tool, session, status, zone, reason, nowMs}. Gives the stage of the spot, see spotStage. */
  show({ tool, session, status, zone, reason, nowMs }) {
    this.#session = session;
    const live = zone !== "nodata";
    this.#face.show(nowMs, tool, zone, reason, status);
    this.#showOver(zone);
    this.#showHead(session, tool);
    const stage = this.#showSpot(session, tool, zone, nowMs);
    this.#showCaps(session, live);
    this.#showFigures(session, tool, live);
    this.#showControls(session);
    this.#signals.show(zone, stage === "move-on", nowMs);
    if (nowMs > this.#told.untilMs) {
      this.tell("", false);
      this.#told.untilMs = Infinity;
    }
    if (this.#trace !== null && live && (!calm.matches || nowMs - this.#tracedMs >= CALM_TRACE_MS)) {
      this.#trace.draw(tool, nowMs);
      this.#tracedMs = nowMs;
    }
    return stage;
  }

  #showOver(zone) {
    const over = zone === "too-deep" || zone === "ceiling";
    this.#part.hidden("over", !over);
    if (over) {
      this.#part.text("over", text("practice.over", { zone: text(`zone.${zone}`), advice: text(`advice.${zone}`) }));
    }
  }

  #showHead(session, tool) {
    this.#part.text("area", areaName(session.region, session.side));
    this.#part.text("who", records.person(session.person)?.name ?? text("practice.person.other"));
    const others = session.tools.filter((slug) => slug !== tool.slug);
    this.#part.text("others", others.length === 0 ? "" : text("practice.others", { tools: others.join(", ") }));
  }

  #showSpot(session, tool, zone, nowMs) {
    const live = zone !== "nodata" && zone !== "unknown";
    const touching = live && zone !== "none";
    const { spot_prompt_s: promptS, spot_s: capS } = this.#guideline.caps;
    const ownCapS = session.spot_cap_s ?? capS;
    // The prompt's time stands in the guideline alone; another guideline's is not guessed.
    const ownPromptS = session.guideline_version === this.#guideline.version ? promptS : null;
    const spotS = live ? this.#spot.seconds(session, touching, tool.sampleClockMs(nowMs)) : null;
    const stage = !live ? "nodata" : session.paused ? "paused" : spotStage(spotS, session.phase, ownPromptS, ownCapS);
    this.#part.attribute("next", "data-stage", stage);
    this.#part.text("spotS", spotS === null ? "–" : number(Math.floor(spotS)));
    this.#part.attribute("ring", "stroke-dashoffset", String(100 - Math.round(1000 * Math.min(1, (spotS ?? 0) / ownCapS)) / 10));
    this.#part.set("tick", ownPromptS, () => {
      this.#part.tick.setAttribute("transform", `rotate(${(360 * (ownPromptS ?? 0)) / ownCapS} 50 50)`);
      this.#part.tick.classList.toggle("absent", ownPromptS === null);
    });
    this.#part.text("spotNote", text(`practice.spot.${stage}`));
    return stage;
  }

  #showCaps(session, live) {
    const area = session.areas[session.areas.length - 1];
    const bars = [
      ["area", areaWorkedS(session), area.cap_s ?? null, session.hints.includes("area-cap")],
      ["session", session.worked_s, session.session_cap_s ?? null, session.hints.includes("session-cap")],
    ];
    for (const [name, workedS, capS, past] of bars) {
      this.#part.text(`${name}Time`, capS === null ? clock(workedS) : text("practice.cap.of", { time: clock(workedS), cap: clock(capS) }));
      this.#part.set(`${name}Bar`, `${Math.floor(workedS)} ${capS}`, () => {
        this.#part[`${name}Bar`].max = capS ?? 1;
        this.#part[`${name}Bar`].value = capS === null ? 0 : Math.min(workedS, capS);
      });
      this.#part.attribute(`${name}Cap`, "data-past", past ? "" : null);
    }
    const hint = session.hints.includes("session-cap") ? "session-cap" : session.hints.includes("area-cap") ? "area-cap" : null;
    this.#part.text("hint", hint === null ? "" : text(`practice.hint.${hint}`));
    this.#part.attribute("figures", "data-stale", live ? null : "");
  }

  #showFigures(session, tool, live) {
    this.#part.text("strokes", number(session.strokes));
    const cadence = live ? tool.frame?.cadence_per_min : null;
    this.#part.text("cadence", cadence == null ? "" : number(cadence));
    this.#part.text("peak", tool.lastStroke?.session === session.session ? number(tool.lastStroke.peak_N, 1) : "");
    const canTell = tool.info?.features?.includes("motion-sensor") === true;
    this.#part.hidden("oneWayRow", !canTell);
    const share = canTell ? oneWay(tool.strokes, session.session) : null;
    this.#part.text("oneWay", share === null ? "" : text("battery.percent", { percent: number(share.percent) }));
    this.#part.text("oneWayOf", share === null ? "" : text("practice.oneWay.of", { count: number(share.of) }));
    this.#part.set("traceLabel", tool.name, () => this.#part.trace.setAttribute("aria-label", text("trace.label", { tool: tool.name })));
  }

  #showControls(session) {
    this.#part.attribute("assess", "aria-pressed", String(session.phase === "assess"));
    this.#part.attribute("treat", "aria-pressed", String(session.phase === "treat"));
    const note = `practice.phase.${session.phase}.note`;
    this.#part.text("phaseNote", has(note) ? text(note) : "");
    this.#part.text("pause", text(session.paused ? "practice.resume" : "practice.pause"));
    // A mark is of the running spot, or of the last one until another begins.
    this.#part.set("mark", this.#marked?.spot === this.#spot.number ? this.#marked.mark : null, (mark) => {
      for (const button of this.#part.marks.children) {
        button.setAttribute("aria-pressed", String(button.value === mark));
      }
    });
    this.#part.text("signalNote", isMuted() ? text("practice.tone.muted") : "");
  }

  /** Whether the browser keeps the screen on. */
  showAwake(held) {
    this.#part.text("awake", text(held ? "practice.awake.held" : canKeepAwake ? "practice.awake.refused" : "practice.awake.cannot"));
  }
}
