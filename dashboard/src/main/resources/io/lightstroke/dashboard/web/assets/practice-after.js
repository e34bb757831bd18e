// After a session: what it was in plain words, what was too deep and where, what may be felt, and when the next may be.

import { areaName } from "./body.js";
import { clock } from "./practice-during.js";
import { element, Parts } from "./parts.js";
import { areasOf } from "./practice-model.js";
import * as records from "./practice-records.js";
import { dateTime, has, number, text } from "./texts.js";

/** A summary comes with the end; where none has come for so long, that is said. */
const SUMMARY_MS = 10_000;
/** From this share of the contact time on, the pressure was mostly as wanted. */
const WELL_PERCENT = 80;
/** A note is kept when so long nothing was typed. */
const NOTE_MS = 600;

export class After {
  #part;
  #guideline;
  #session = null;
  #sinceMs = 0;
  /** Of the records, whose session it was; null when they know nobody of it. */
  #person = null;
  #noteTimer = null;

  /** onDone(): put away. */
  constructor(root, guideline, onDone) {
    this.#part = new Parts(root);
    this.#guideline = guideline;
    this.#part.stopSigns.append(
      ...guideline.screening.stop.map(({ id, name }) => element("li", {}, has(`practice.sign.${id}`) ? text(`practice.sign.${id}`) : name)),
    );
    this.#part.done.addEventListener("click", async () => {
      if (this.#noteTimer === null || (await this.#keepNote())) {
        onDone();
      }
    });
    this.#part.noteField.addEventListener("input", () => {
      this.#part.text("noteKept", text("practice.note.typing"));
      clearTimeout(this.#noteTimer);
      this.#noteTimer = setTimeout(() => this.#keepNote(), NOTE_MS);
    });
  }

  /** The page shows it now, of that session. */
  shown(session) {
    this.#session = session;
    this.#person = null;
    this.#sinceMs = performance.now();
    this.#part.noteField.value = "";
    this.#part.hidden("noteStep", true);
    this.#part.text("noteKept", text("practice.note.where"));
    this.#part.heading.focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  /** False when it was not kept; then that is said. */
  async #keepNote() {
    clearTimeout(this.#noteTimer);
    this.#noteTimer = null;
    try {
      await records.keepNote(this.#person, this.#session, this.#part.noteField.value);
      this.#part.text("noteKept", text("practice.note.kept"));
      return true;
    } catch ({ message }) {
      this.#part.text("noteKept", message);
      return false;
    }
  }

  /**
   * last: {session, wrong, summary, over}; ending: whether the session still runs, and why it could not be ended; line:
   * whether anything can come.
   */
  show({ last, running, refusal, nowMs }) {
    const { summary, wrong } = last;
    this.#part.hidden("wrong", !wrong);
    this.#part.text("wrongRefused", wrong && running ? (refusal ?? text("practice.wrong.ending")) : "");
    this.#part.hidden("retry", !(wrong && running && refusal !== null));
    this.#part.text("heading", text(wrong ? "practice.wrong.heading" : "practice.after.heading"));
    const waits = summary === null;
    this.#part.hidden("summaryWaits", !waits || running);
    this.#part.text("summaryWaits", text(nowMs - this.#sinceMs < SUMMARY_MS ? "practice.summary.waiting" : "practice.summary.none"));
    this.#part.hidden("summary", waits);
    this.#part.hidden("keep", running);
    this.#part.set("summary", waits ? "" : `${summary.session} ${summary.revision}`, () => {
      if (!waits) {
        this.#showSummary(summary);
      }
    });
  }

  #showSummary(summary) {
    const { total } = summary;
    const areas = areasOf(summary);
    const touched = total.contact_s > 0 || summary.worked_s > 0;
    this.#part.text(
      "overview",
      touched
        ? text("practice.after.overview", { time: clock(summary.wall_s), worked: clock(summary.worked_s), strokes: number(total.strokes), spots: number(areas.reduce((sum, { spots }) => sum + spots, 0)) })
        : text("practice.after.untouched"),
    );
    this.#part.text("endedBy", summary.ended_by === "command" ? "" : text(has(`practice.ended.${summary.ended_by}`) ? `practice.ended.${summary.ended_by}` : "practice.ended.unknown"));
    this.#part.well.replaceChildren(...this.#well(summary, areas).map((words) => element("li", {}, words)));
    this.#part.deep.replaceChildren(...this.#deep(summary, areas).map((words) => element("li", {}, words)));
    this.#part.hidden("wellPart", this.#part.well.children.length === 0);
    this.#part.hidden("deepPart", !touched);
    this.#part.areas.replaceChildren(...areas.map((area) => this.#row(area)));
    this.#part.hidden("areasPart", !touched);
    this.#part.text("pain", this.#pain(summary));
    this.#part.text("complete", summary.completeness_percent == null || summary.completeness_percent >= 99.95 ? "" : text("practice.after.incomplete", { percent: number(summary.completeness_percent, 1) }));
    this.#showNext(summary, areas);
  }

  #well({ total }, areas) {
    const found = [];
    if (total.in_target_percent != null && total.in_target_percent >= WELL_PERCENT) {
      found.push(text("practice.well.target", { percent: number(total.in_target_percent) }));
    }
    if (total.strokes > 0 && total.over_pressure_events === 0) {
      found.push(text("practice.well.never"));
    }
    if (total.strokes > 0 && areas.every(({ pastCap }) => !pastCap)) {
      found.push(text("practice.well.caps"));
    }
    return found;
  }

  #deep(summary, areas) {
    const found = areas
      .filter(({ events }) => events > 0)
      .map(({ region, side, events, overS }) => text(events === 1 ? "practice.deep.once" : "practice.deep.area", { area: areaName(region, side), count: number(events), seconds: number(overS, 1) }));
    if (found.length > 0) {
      found.push(text("practice.deep.advice"));
    } else {
      found.push(text("practice.deep.none"));
    }
    for (const { region, side, workedS, capS } of areas.filter(({ pastCap }) => pastCap)) {
      found.push(text("practice.deep.cap", { area: areaName(region, side), time: clock(workedS), cap: clock(capS) }));
    }
    if (summary.past_cap) {
      found.push(text("practice.deep.session", { time: clock(summary.worked_s), cap: clock(summary.session_cap_s) }));
    }
    return found;
  }

  #row({ region, side, workedS, strokes, events, marks, target }) {
    const marked = Object.entries(marks).map(([mark, count]) => text("practice.marks.count", { count: number(count), mark: has(`mark.${mark}`) ? text(`mark.${mark}`) : mark }));
    const cell = (words) => element("td", {}, words);
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, areaName(region, side), element("small", {}, marked.join(", "))),
      cell(clock(workedS)),
      cell(number(strokes)),
      cell(target === null ? "–" : text("battery.percent", { percent: number(target) })),
      cell(number(events)),
    );
  }

  #pain({ pain_before: before, pain_after: after }) {
    if (before == null && after == null) {
      return text("practice.pain.unsaid");
    }
    const said = (value) => (value == null ? text("practice.pain.unknown") : number(value));
    return text("practice.pain.both", { before: said(before), after: said(after) });
  }

  /** Of a person of the records: when they may work there again, and the note on the session. */
  async #showNext(summary, areas) {
    const worked = areas.filter(({ workedS }) => workedS > 0);
    this.#part.hidden("nextPart", true);
    this.#person = records.person(summary.person);
    if (this.#person === null || worked.length === 0) {
      return;
    }
    try {
      const rests = await Promise.all(worked.map((area) => records.rest(this.#person, area)));
      const items = worked.flatMap(({ region, side }, i) =>
        rests[i].earliest === undefined ? [] : [element("li", {}, text("practice.next.date", { area: areaName(region, side), date: dateTime(Date.parse(rests[i].earliest)) }))],
      );
      this.#part.next.replaceChildren(...items);
      this.#part.hidden("nextPart", items.length === 0);
      if (this.#noteTimer === null && this.#part.noteStep.hidden) {
        this.#part.noteField.value = await records.note(this.#person, this.#session);
      }
      this.#part.hidden("noteStep", false);
    } catch ({ message }) {
      this.#part.next.replaceChildren(element("li", {}, message));
      this.#part.hidden("nextPart", false);
    }
  }
}
