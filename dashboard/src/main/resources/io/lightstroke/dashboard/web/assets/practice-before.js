// Before a session: who, where, the checklist, the limits that will apply and the tool. Nothing starts until all of it
// allows it, and what is missing is said.

import { areaName, BodyMap } from "./body.js";
import { choice, element, Parts } from "./parts.js";
import * as local from "./practice-local.js";
import { conditionsOf, hadSession, needs, nextMs } from "./practice-model.js";
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

export class Before {
  #part;
  #root;
  #guideline;
  #ask;
  #map;
  #version = 0;
  #starting = false;
  #missing = [];

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
    this.#listPeople();
    root.addEventListener("input", () => this.#changed());
    this.#part.person.addEventListener("change", () => {
      local.choosePerson(this.#part.person.value);
      this.#personChosen();
    });
    this.#part.addPerson.addEventListener("click", () => this.#showAdding(true));
    this.#part.personSave.addEventListener("click", () => this.#addPerson());
    this.#part.personCancel.addEventListener("click", () => this.#showAdding(false));
    this.#part.personLabel.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        this.#addPerson();
      }
    });
    this.#part.none.addEventListener("change", () => {
      if (this.#part.none.checked) {
        this.#conditionInputs().forEach((input) => (input.checked = false));
        this.#changed();
      }
    });
    this.#part.conditions.addEventListener("change", () => {
      this.#part.none.checked &&= this.#conditions().length === 0;
      this.#changed();
    });
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
    this.#part.text("error", "");
    this.#part.text("tareTold", "");
    this.#personChosen();
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

  #listPeople() {
    const chosen = local.chosenPerson();
    const options = local.people().map(({ slug, label }) => element("option", { value: slug, selected: slug === chosen.slug }, label || text("practice.person.me")));
    this.#part.person.replaceChildren(...options);
    this.#personChosen();
  }

  #personChosen() {
    const person = local.chosenPerson();
    this.#part.person.value = person.slug;
    const profile = this.#guideline.profiles.some(({ id }) => id === person.profile) ? person.profile : this.#guideline.profiles[0].id;
    this.#root.querySelector(`input[name="profile"][value="${profile}"]`).checked = true;
    this.#part.list.open = person.screened !== true;
    this.#changed();
  }

  #showAdding(shown) {
    this.#part.hidden("adding", !shown);
    this.#part.hidden("addPerson", shown);
    this.#part.personLabel.value = "";
    (shown ? this.#part.personLabel : this.#part.addPerson).focus();
  }

  #addPerson() {
    const label = this.#part.personLabel.value.trim();
    if (label === "") {
      this.#part.personLabel.focus();
      return;
    }
    local.addPerson(label);
    this.#listPeople();
    this.#showAdding(false);
  }

  async #tare() {
    this.#part.text("tareTold", text("practice.tare.running"));
    const refusal = await this.#ask("tare", {});
    this.#part.text("tareTold", refusal ?? text("practice.tare.done"));
  }

  #conditionInputs() {
    return [...this.#part.conditions.querySelectorAll("input")];
  }

  #conditions() {
    return this.#conditionInputs()
      .filter((input) => input.checked)
      .map((input) => input.value);
  }

  #answers() {
    const { emollient, none, cleared, gone, unplanned } = this.#part;
    return {
      area: this.#map.area,
      emollient: emollient.checked,
      none: none.checked,
      conditions: this.#conditions(),
      cleared: cleared.checked,
      gone: gone.checked,
      unplanned: unplanned.checked,
    };
  }

  #picked(name) {
    return this.#root.querySelector(`input[name="${name}"]:checked`)?.value ?? null;
  }

  #changed() {
    this.#version++;
  }

  /** now: {tool, status, zone, reason, nowMs}; zone as in Tool.zone, reason why there are no data. */
  show({ tool, status, zone, reason }) {
    const ready = status !== null && status.link === "streaming" && zone !== "nodata" && !status.alerts.includes("not-bonded");
    this.#showTool(tool, status, zone, reason, ready);
    const minute = Math.floor(Date.now() / 60_000);
    const updating = status?.update != null;
    this.#part.set("all", `${this.#version} ${ready} ${updating} ${minute} ${this.#starting}`, () => this.#showAnswers(ready, updating));
  }

  #showAnswers(ready, updating) {
    const answers = this.#answers();
    const { screening, rest, limits, version } = this.#guideline;
    const person = local.chosenPerson();
    const past = local.pastSessions();
    const before = hadSession(past, person.slug);
    const freeMs = answers.area === null ? null : nextMs(past, person.slug, answers.area, rest);
    const early = freeMs !== null && freeMs > Date.now();
    this.#missing = needs(answers, screening, { ready, updating, before, nextMs: freeMs }, Date.now());

    this.#part.text("chosen", answers.area === null ? text("practice.area.none") : areaName(answers.area.region, answers.area.side));
    this.#part.hidden("goneRow", !before);
    this.#part.hidden("restRow", !early);
    this.#part.text("restUntil", early ? text("practice.rest.until", { date: dateTime(freeMs) }) : "");
    const { absolute, relative } = conditionsOf(answers.conditions, screening);
    this.#part.hidden("clearedRow", absolute || !relative);
    const verdict = absolute ? "practice.need.absolute" : this.#missing.includes("never-on") ? "practice.need.never-on" : null;
    this.#part.text("verdict", verdict === null ? "" : text(verdict));

    const profile = this.#picked("profile");
    const table = answers.area === null ? null : (limits[answers.area.region]?.[profile] ?? null);
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
      this.#part.text("why", text("practice.limits.why", { ...factors, region: areaName(region.id), profile: nameOf("practice.profile", own), version }));
    }

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
    const answers = this.#answers();
    const person = local.chosenPerson();
    const profile = this.#picked("profile");
    const pain = this.#picked("pain");
    this.#starting = true;
    this.#part.text("error", "");
    const refusal = await this.#ask("session-start", {
      person: person.slug,
      ...answers.area,
      profile,
      checklist: { emollient: true, screening: true },
      ...(pain === null ? {} : { pain_before: Number(pain) }),
      ...(answers.unplanned && !this.#part.restRow.hidden ? { unplanned: true } : {}),
    });
    this.#starting = false;
    this.#changed();
    if (refusal === null) {
      local.changePerson(person.slug, { profile, screened: true });
    } else {
      this.#part.text("error", refusal);
    }
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
