// The calibration of one tool, step by step: nothing on it, a known weight on it, done. The gateway does it and has the
// last word; here stands how far it is, as far as this page has asked for it.

import { command } from "./command.js";
import { refusalOf } from "./refusals.js";
import { number, text } from "./texts.js";
import { gramsOf, LEAST_GRAMS, MOST_GRAMS, newtonsOf } from "./tools-model.js";
import { Parts } from "./parts.js";

/** So long the gateway waits for the weight. */
const WAITS_MS = 5 * 60_000;

export class Calibration {
  #tool;
  #parts;
  #root;
  /** "zero", "zeroing", "weight", "measuring", "done"; or "cancelling". */
  #step = "zero";
  #zeroMs = 0;
  #until = "";
  #ready = false;

  constructor(root, tool) {
    this.#root = root;
    this.#tool = tool;
    this.#parts = new Parts(root);
    const error = this.#parts.gramsError;
    error.id = `grams-${tool.key.replaceAll("/", "-")}`;
    this.#parts.grams.setAttribute("aria-describedby", error.id);
    this.#parts.grams.addEventListener("input", () => this.#showNewtons());
    this.#parts.zero.addEventListener("click", () => this.#zero());
    this.#parts.again.addEventListener("click", () => this.#zero());
    this.#parts.cancel.addEventListener("click", () => this.#cancel());
    this.#parts.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#measure();
    });
    this.#showStep();
  }

  /** ready: the tool streams, so far as is known (null: that is not known); newtons: what it measures now, or null. */
  show(ready, newtons, nowMs) {
    this.#ready = ready === true;
    this.#parts.text("inForce", this.#tool.info ? text("tools.calibrate.inForce", { number: this.#tool.info.calibration }) : "");
    this.#parts.text("reads", newtons === null ? text("tools.calibrate.readsNothing") : text("tools.calibrate.reads", { newtons: number(newtons, 2) }));
    for (const button of ["zero", "measure", "again", "cancel"]) {
      this.#parts.resting(button, !this.#ready || this.#busy);
    }
    this.#parts.hidden("needsTool", this.#ready);
    if (this.#step === "weight" && ready === false) {
      this.#back(text("tools.calibrate.lost"));
    } else if (this.#step === "weight" && nowMs - this.#zeroMs > WAITS_MS) {
      this.#back(text("tools.calibrate.forgotten"));
    }
  }

  get #busy() {
    return this.#step === "zeroing" || this.#step === "measuring" || this.#step === "cancelling";
  }

  async #zero() {
    if (!this.#ready || this.#busy) {
      return;
    }
    this.#go("zeroing", text("tools.calibrate.zeroing"));
    if (await this.#ask({ step: "zero" })) {
      this.#zeroMs = performance.now();
      this.#until = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", hourCycle: "h23" }).format(Date.now() + WAITS_MS);
      this.#go("weight", text("tools.calibrate.zeroed"));
      this.#parts.grams.focus();
    }
  }

  async #measure() {
    const grams = this.#checkedGrams();
    if (grams === null || !this.#ready || this.#busy) {
      return;
    }
    const newtons = newtonsOf(grams);
    this.#go("measuring", text("tools.calibrate.measuring"));
    const answer = await this.#ask({ step: "reference", reference_N: newtons });
    if (answer) {
      this.#parts.text("doneWords", text("tools.calibrate.done.text", { number: answer.calibration, newtons: number(newtons, 2) }));
      this.#go("done", "");
      this.#parts.doneHead.focus();
    }
  }

  async #cancel() {
    if (!this.#ready || this.#busy) {
      return;
    }
    this.#go("cancelling", text("tools.calibrate.cancelling"));
    if (await this.#ask({ step: "cancel" })) {
      this.#back("", text("tools.calibrate.cancelled"));
    }
  }

  /** The gateway's answer, or null when it is no good one; then that is said, and the next step is the first. */
  async #ask(fields) {
    try {
      const answer = await command(this.#tool.key, "calibrate", fields);
      if (answer.ok) {
        return answer;
      }
      const { key, values } = refusalOf(answer.error);
      if (key === "refused.busy" && this.#step === "measuring") {
        this.#go("weight", "", text(key, values));
      } else {
        this.#back(text(key, values));
      }
    } catch (unanswered) {
      this.#back(`${unanswered.message} ${text("tools.calibrate.unknown")}`);
    }
    return null;
  }

  #back(error, words = "") {
    const had = this.#root.contains(document.activeElement);
    this.#go("zero", words, error);
    if (had) {
      this.#parts.zero.focus();
    }
  }

  #go(step, words, error = "") {
    this.#step = step;
    this.#parts.text("says", words);
    this.#parts.text("fails", error);
    this.#showStep();
  }

  /** The page's current step is open, the others only have their names. */
  #showStep() {
    const at = { zero: "zero", zeroing: "zero", cancelling: "zero", weight: "weight", measuring: "weight", done: "done" }[this.#step];
    for (const step of this.#root.querySelectorAll("[data-step]")) {
      const current = step.dataset.step === at;
      step.classList.toggle("current", current);
      step.querySelector(".step-body").hidden = !current;
      if (current) {
        step.setAttribute("aria-current", "step");
      } else {
        step.removeAttribute("aria-current");
      }
    }
    this.#parts.text("until", text("tools.calibrate.until", { time: this.#until }));
    for (const button of ["zero", "measure", "again", "cancel"]) {
      this.#parts.resting(button, !this.#ready || this.#busy);
    }
    this.#showNewtons();
  }

  #showNewtons() {
    const grams = gramsOf(this.#parts.grams.value);
    const fits = grams >= LEAST_GRAMS && grams <= MOST_GRAMS;
    this.#parts.text("newtons", fits ? text("tools.calibrate.newtons", { newtons: number(newtonsOf(grams), 3) }) : "");
    if (fits) {
      this.#sayGrams("");
    }
  }

  /** Grams that can be a reference; else null, and why is said at the field. */
  #checkedGrams() {
    const grams = gramsOf(this.#parts.grams.value);
    const limits = { least: LEAST_GRAMS, most: MOST_GRAMS };
    if (Number.isNaN(grams)) {
      this.#sayGrams(text("tools.calibrate.grams.no", limits));
    } else if (grams < LEAST_GRAMS || grams > MOST_GRAMS) {
      this.#sayGrams(text("tools.calibrate.grams.range", limits));
    } else {
      this.#sayGrams("");
      return grams;
    }
    this.#parts.grams.focus();
    return null;
  }

  #sayGrams(words) {
    this.#parts.text("gramsError", words);
    this.#parts.set("invalid", words !== "", () => this.#parts.grams.setAttribute("aria-invalid", String(words !== "")));
  }
}
