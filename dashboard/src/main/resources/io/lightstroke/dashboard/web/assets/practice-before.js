// Before a session: who, where, the checklist, the limits that will apply and the tool. Nothing starts until all of it
// allows it, and what is missing is said.

import { areaName, BodyMap } from "./body.js";
import { choice, choosesNone, element, Parts } from "./parts.js";
import * as local from "./practice-local.js";
import { conditionsOf, needs, restOf, wantsClearance } from "./practice-model.js";
import * as records from "./practice-records.js";
import { allowSound } from "./practice-signals.js";
import { dateTime, has, number, text, wordOf } from "./texts.js";

const PAIN = [...Array(11).keys()];
const LIMITS = [
  ["light", "light_N"],
  ["moderate", "moderate_N"],
  ["too-deep", "too_deep_N"],
  ["ceiling", "ceiling_N"],
];
/** Below this a tool may not last a session. */
const LOW_BATTERY_PERCENT = 15;

/** In the page's language where it knows the id; a guideline of one's own may have others. */
function nameOf(family, { id, name = id }) {
  return has(`${family}.${id}`) ? text(`${family}.${id}`) : name;
}

function ticked(inputs) {
  return inputs.filter((input) => input.checked).map((input) => input.value);
}

/** Enter in a field does that, and does not send the form. */
function onEnter(field, does) {
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      does();
    }
  });
}

export class Before {
  #part;
  #root;
  #guideline;
  #ask;
  #map;
  #version = 0;
  #starting = false;
  #missing = [];
  /** What the records say of the chosen area, and of whom and where they say it. */
  #rest = { of: "", said: null };

  /** ask(name, fields): sends a command, and gives why it was not done, or null. */
  constructor(root, guideline, ask) {
    this.#root = root;
    this.#part = new Parts(root);
    this.#guideline = guideline;
    this.#ask = ask;
    this.#map = new BodyMap(this.#part.map, guideline.regions, () => this.#changed());
    this.#makeConditions();
    this.#part.profiles.append(...guideline.profiles.map((profile) => choice("radio", "profile", profile.id, nameOf("practice.profile", profile))));
    this.#part.pain.append(...PAIN.map((pain) => choice("radio", "pain", pain, String(pain))));
    this.#part.left.append(...records.LEFT.map((what) => choice("checkbox", "left", what, text(`practice.left.${what}`))));
    this.#listPeople();
    root.addEventListener("input", () => this.#changed());
    this.#part.person.addEventListener("change", () => {
      local.choosePerson(this.#part.person.value);
      this.#personChosen();
    });
    this.#part.profiles.addEventListener("change", () => this.#profileChosen());
    this.#part.addPerson.addEventListener("click", () => this.#showAdding(true));
    this.#part.personSave.addEventListener("click", () => this.#addPerson());
    this.#part.personCancel.addEventListener("click", () => this.#showAdding(false));
    onEnter(this.#part.personLabel, () => this.#addPerson());
    choosesNone(this.#part.none, this.#part.none.closest(".screening"));
    choosesNone(this.#part.gone, this.#part.goneRow);
    this.#part.keepLeft.addEventListener("click", () => this.#do("leftTold", () => this.#keepLeft()));
    this.#part.allow.addEventListener("click", () => this.#do("allowTold", () => this.#allow()));
    onEnter(this.#part.clearedBy, () => {});
    onEnter(this.#part.allowBy, () => this.#part.allowReason.focus());
    onEnter(this.#part.allowReason, () => this.#part.allow.click());
    this.#part.tare.addEventListener("click", () => this.#tare());
    root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
  }

  /** A new session is asked for from the beginning: what was true of the last one need not be true now. */
  reset() {
    this.#root.reset();
    this.#map.show();
    for (const told of ["error", "tareTold", "leftTold", "allowTold"]) {
      this.#part.text(told, "");
    }
    this.#part.allowRow.open = false;
    this.#rest = { of: "", said: null };
    this.#part.person.value = local.chosenPerson() ?? this.#part.person.value;
    this.#personChosen();
    records.askPeople().then(
      () => this.#listPeople(),
      ({ message }) => this.#part.text("error", message),
    );
  }

  #makeConditions() {
    for (const kind of ["absolute", "relative"]) {
      const chips = this.#guideline.screening[kind].map((condition) =>
        choice("checkbox", "condition", condition.id, nameOf("practice.condition", condition)),
      );
      this.#part.conditions.append(
        element("fieldset", {}, element("legend", {}, text(`practice.screening.${kind}`)), element("div", { class: "chips" }, ...chips)),
      );
    }
  }

  #person() {
    return records.person(this.#part.person.value);
  }

  /** Who is alone need give no name: they are kept with their first session. */
  #listPeople() {
    this.#part.text("personNote", text(records.areClosed() ? "practice.person.closed" : "practice.person.note"));
    this.#part.hidden("addPerson", records.areClosed());
    const shown = this.#part.person.value;
    const all = records.people().map(({ id, name }) => element("option", { value: id }, name));
    this.#part.person.replaceChildren(...(all.length === 0 ? [element("option", { value: "" }, text("practice.person.me"))] : all));
    const chosen = [shown, local.chosenPerson()].find((id) => records.person(id) !== null);
    if (chosen !== undefined) {
      this.#part.person.value = chosen;
    }
    if (this.#part.person.value !== shown) {
      this.#personChosen();
    }
  }

  #personChosen() {
    const person = this.#person();
    const profile = this.#guideline.profiles.some(({ id }) => id === person?.profile) ? person.profile : this.#guideline.profiles[0].id;
    this.#root.querySelector(`input[name="profile"][value="${profile}"]`).checked = true;
    const conditions = person?.screening?.conditions ?? [];
    this.#conditionInputs().forEach((input) => (input.checked = conditions.includes(input.value)));
    this.#part.none.checked = false;
    this.#part.list.open = person?.screening == null || conditions.length > 0;
    this.#changed();
  }

  async #profileChosen() {
    const person = this.#person();
    if (person !== null) {
      await this.#do("error", () => records.changeProfile(person, this.#picked("profile")));
      this.#personChosen();
      this.#askRest(true);
    }
  }

  /** Does it, and says in that part why it was not done. True when it was. */
  async #do(told, work) {
    this.#part.text(told, "");
    try {
      const words = await work();
      this.#part.text(told, typeof words === "string" ? words : "");
      return true;
    } catch ({ message }) {
      this.#part.text(told, message);
      return false;
    }
  }

  /** Of the chosen area, where there is one and the person is kept; of the same one again only when it may have changed. */
  async #askRest(again = false) {
    const person = this.#person();
    const { area } = this.#map;
    const of = person === null || area === null ? "" : `${person.id} ${area.region} ${area.side}`;
    if (of === this.#rest.of && !again) {
      return;
    }
    this.#rest = { of, said: of === this.#rest.of ? this.#rest.said : null };
    if (of !== "") {
      await this.#do("error", async () => {
        const said = await records.rest(person, area);
        if (this.#rest.of === of) {
          this.#rest = { of, said };
        }
      });
      this.#changed();
    }
  }

  #showAdding(shown) {
    this.#part.hidden("adding", !shown);
    this.#part.hidden("addPerson", shown);
    this.#part.personLabel.value = "";
    (shown ? this.#part.personLabel : this.#part.addPerson).focus();
  }

  async #addPerson() {
    const name = this.#part.personLabel.value.trim();
    if (name === "") {
      this.#part.personLabel.focus();
    } else if (
      await this.#do("error", async () => {
        const { id } = await records.add(name, this.#guideline.profiles[0].id);
        local.choosePerson(id);
        this.#part.person.value = "";
      })
    ) {
      this.#listPeople();
      this.#showAdding(false);
    }
  }

  async #keepLeft() {
    await records.checkIn(this.#person(), this.#map.area, this.#left());
    this.#leftInputs().forEach((input) => (input.checked = false));
    await this.#askRest(true);
    return text("practice.left.kept");
  }

  async #allow() {
    const by = this.#part.allowBy.value.trim();
    const reason = this.#part.allowReason.value.trim();
    if (by === "" || reason === "") {
      (by === "" ? this.#part.allowBy : this.#part.allowReason).focus();
      throw new Error(text("practice.allow.wanted"));
    }
    const { until } = await records.allow(this.#person(), this.#map.area, by, reason);
    await this.#askRest(true);
    return text("practice.allow.done", { time: dateTime(Date.parse(until)) });
  }

  async #tare() {
    this.#part.text("tareTold", text("practice.tare.running"));
    const refusal = await this.#ask("tare", {});
    this.#part.text("tareTold", refusal ?? text("practice.tare.done"));
  }

  #conditionInputs() {
    return [...this.#part.conditions.querySelectorAll("input")];
  }

  #leftInputs() {
    return [...this.#part.left.querySelectorAll("input")];
  }

  #left() {
    return ticked(this.#leftInputs());
  }

  #answers() {
    const { emollient, none, clearedBy, gone } = this.#part;
    return {
      area: this.#map.area,
      emollient: emollient.checked,
      none: none.checked,
      conditions: ticked(this.#conditionInputs()),
      clearedBy: clearedBy.value.trim(),
      gone: gone.checked,
      left: this.#left(),
    };
  }

  #picked(name) {
    return this.#root.querySelector(`input[name="${name}"]:checked`)?.value ?? null;
  }

  #changed() {
    this.#version++;
    this.#askRest();
  }

  /** now: {tool, status, zone, reason, nowMs}; zone as in Tool.zone, reason why there are no data. */
  show({ tool, status, zone, reason }) {
    const ready = status !== null && status.link === "streaming" && zone !== "nodata" && !status.alerts.includes("not-bonded");
    this.#showTool(tool, status, zone, reason, ready);
    const minute = Math.floor(Date.now() / 60_000);
    this.#part.set("minute", minute, () => this.#askRest(true)); // time alone may have allowed it
    const updating = status?.update != null;
    this.#part.set("all", `${this.#version} ${ready} ${updating} ${minute} ${this.#starting}`, () => this.#showAnswers(ready, updating));
  }

  #showAnswers(ready, updating) {
    const answers = this.#answers();
    const { screening, limits, version } = this.#guideline;
    const { clearance = null } = this.#person() ?? {};
    const { said } = this.#rest;
    const rest = restOf(said);
    this.#missing = needs(answers, screening, { ready, updating, clearance, rest });

    this.#part.text("chosen", answers.area === null ? text("practice.area.none") : areaName(answers.area.region, answers.area.side));
    this.#part.hidden("goneRow", !rest.notClear);
    this.#part.hidden("keepLeft", answers.left.length === 0);
    this.#part.hidden("restRow", !(rest.mayOverride || rest.overridden));
    this.#part.text("restUntil", rest.overridden ? text("practice.allow.now") : rest.earliestMs === null ? "" : text("practice.rest.until", { date: dateTime(rest.earliestMs) }));
    this.#part.hidden("allowRow", rest.overridden);
    const { absolute } = conditionsOf(answers.conditions, screening);
    this.#part.hidden("clearedRow", !wantsClearance(answers.conditions, screening, clearance));
    const verdict = absolute ? "practice.need.absolute" : this.#missing.includes("never-on") ? "practice.need.never-on" : null;
    this.#part.text("verdict", verdict === null ? "" : text(verdict));

    const profile = this.#picked("profile");
    const table = answers.area === null ? null : (said?.limits ?? limits[answers.area.region]?.[profile] ?? null);
    this.#part.hidden("limits", table === null);
    if (table !== null) {
      this.#part.limitRows.replaceChildren(
        ...LIMITS.map(([word, field]) =>
          element(
            "div",
            { class: `limit-${word}` },
            element("dt", {}, text(`practice.limit.${word}`)),
            element("dd", {}, number(table[field], 1), " ", element("small", {}, text("newtons"))),
          ),
        ),
      );
      const region = this.#guideline.regions.offered.find(({ id }) => id === answers.area.region);
      const own = this.#guideline.profiles.find(({ id }) => id === profile);
      const factors = { regionFactor: number(region.factor, 1), profileFactor: number(own.factor, 1) };
      const words = [text("practice.limits.why", { ...factors, region: areaName(region.id), profile: nameOf("practice.profile", own), version })];
      const { factor = 1 } = this.#person() ?? {};
      if (factor !== 1) {
        words.push(text("practice.limits.factor", { factor: number(factor, 2) }));
      }
      if (said?.pressure.bruises > 0) {
        words.push(text("practice.limits.bruises", { count: number(said.pressure.bruises), factor: number(said.pressure.factor, 2) }));
      }
      this.#part.text("why", words.join(" "));
    }
    this.#part.text("tooDeep", said?.pressure.too_deep ? text("practice.pressure.tooDeep") : "");

    const blocked = this.#missing.length > 0;
    this.#part.missing.replaceChildren(...this.#missing.map((need) => element("li", {}, text(`practice.need.${need}`))));
    this.#part.hidden("wanted", !blocked);
    this.#part.attribute("start", "aria-disabled", blocked || this.#starting ? "true" : null);
    this.#part.text("start", text(this.#starting ? "practice.starting" : "practice.start"));
  }

  #showTool(tool, status, zone, reason, ready) {
    this.#part.text("toolName", tool.name);
    this.#part.set("ready", ready, () => {
      this.#part.toolState.dataset.ready = String(ready);
    });
    this.#part.text("toolWord", ready ? text("practice.tool.ready") : reason || text("practice.tool.unready"));
    const force = tool.frame?.filtered_N;
    this.#part.text("toolForce", ready && force != null ? text("practice.tool.force", { newtons: number(Math.max(0, force), 1), zone: wordOf("zone", zone) }) : "");
    const battery = status?.battery_percent ?? null;
    this.#part.text("battery", battery === null ? text("practice.battery.unknown") : text("battery.percent", { percent: number(battery) }));
    this.#part.text("batteryNote", battery !== null && battery <= LOW_BATTERY_PERCENT ? text("practice.battery.low") : "");
    const tared = status?.link !== "streaming" ? "unknown" : status.alerts.includes("untared") ? "no" : "yes";
    this.#part.text("tared", text(`practice.tared.${tared}`));
    const others = (status?.alerts ?? []).filter((alert) => alert !== "untared");
    this.#part.text("alerts", others.map((id) => nameOf("alert", { id })).join(" · "));
    this.#part.hidden("tare", !ready);
  }

  async #start() {
    if (this.#starting) {
      return;
    }
    if (this.#missing.length > 0) {
      this.#goTo(this.#missing[0]);
      return;
    }
    allowSound();
    this.#starting = true;
    await this.#do("error", () => this.#begin(this.#answers()));
    this.#starting = false;
    this.#changed();
  }

  async #begin(answers) {
    const profile = this.#picked("profile");
    const pain = this.#picked("pain");
    const person = records.areClosed() ? records.pseudonym() : await this.#keep(answers, profile);
    const refusal = await this.#ask("session-start", {
      person,
      ...answers.area,
      profile,
      checklist: { emollient: true, screening: true },
      ...(pain === null ? {} : { pain_before: Number(pain) }),
    });
    if (refusal !== null) {
      this.#askRest(true);
      throw new Error(refusal);
    }
  }

  /** What was answered, for the start is judged by what is kept. Gives of whom. */
  async #keep({ area, conditions, clearedBy, gone }, profile) {
    const { screening } = this.#guideline;
    const person = this.#person() ?? (await records.add(text("practice.person.me"), profile));
    local.choosePerson(person.id);
    if (person.screening == null || String([...person.screening.conditions].sort()) !== String([...conditions].sort())) {
      await records.answerScreening(person, conditions);
    }
    if (wantsClearance(conditions, screening, person.clearance)) {
      await records.clear(person, clearedBy, text("practice.screening.clearedNote"));
    }
    if (gone && restOf(this.#rest.said).notClear) {
      await records.checkIn(person, area, []);
    }
    return person.id;
  }

  /** To the question that is not answered yet. */
  #goTo(need) {
    const place = this.#root.querySelector(`[data-asks~="${need}"]`);
    if (need === "screening" || need === "absolute" || need === "never-on") {
      this.#part.list.open = true;
    }
    place?.scrollIntoView({ block: "center" });
    place?.querySelector("input:not([disabled]), button")?.focus({ preventScroll: true });
  }
}
