// A form that is sent as JSON. What is not taken is said beside its field, in the page's language; nothing typed is lost.

import { element } from "./parts.js";
import { has, text } from "./texts.js";

/** What is wanted for another reason than the field's own. */
const SPECIAL = [
  [/^want the person's name not in it/, "noName"],
  [/^want no session of theirs/, "noSession"],
];

let made = 0;

/**
 * What the form says, as JSON. A field's data-number makes it a number, data-optional leaves it out when empty, data-list
 * gathers checked boxes, data-area takes "calf left" apart, data-instead is sent in its place.
 */
function bodyOf(form) {
  const body = {};
  for (const field of form.elements) {
    const { name, type, checked, dataset } = field;
    if (name === "" || type === "fieldset" || (type === "radio" && !checked)) {
      continue;
    }
    if (type === "checkbox" && ("list" in dataset || "area" in dataset)) {
      body[name] = [...(body[name] ?? []), ...(checked ? [valueOf(field)] : [])];
    } else if (type === "checkbox") {
      body[name] = checked;
    } else if ("area" in dataset) {
      Object.assign(body, valueOf(field));
    } else if (!("optional" in dataset) || field.value.trim() !== "") {
      body[name] = valueOf(field);
    }
  }
  return body;
}

function valueOf({ value, dataset }) {
  if ("area" in dataset) {
    const [region, side] = value.split(" ");
    return value === "" ? {} : { region, side };
  }
  if ("number" in dataset) {
    const number = Number(value.trim().replace(",", "."));
    return value.trim() === "" || Number.isNaN(number) ? value : number;
  }
  return dataset.instead ?? value;
}

/** As it is read: a page shows many spaces as one. */
function plain(words) {
  return words.trim().replace(/\s+/g, " ");
}

/** [name of the field, key of the words] of each mistake that the API names and the page has words for. */
function mistakesOf(error) {
  return error.split("; ").flatMap((each) => {
    const [, name, what] = /^([a-z_]+)(?:\[\d+\])?(?:\.[a-z]+)?: (.*)/s.exec(each) ?? [];
    const [, special] = SPECIAL.find(([pattern]) => pattern.test(what)) ?? [];
    const key = `people.want.${special ?? name}`;
    return has(key) ? [[name, key]] : [];
  });
}

export class Form {
  #form;
  #send;
  #button;
  #refused;
  #told;
  #sending = false;

  /** sendBody(body): throws an Error in words for people when it was not done. */
  constructor(form, sendBody) {
    this.#form = form;
    this.#send = sendBody;
    this.#button = form.querySelector("[type=submit]");
    this.#refused = form.querySelector(".refused");
    this.#told = form.querySelector(".sending");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  async #submit() {
    if (this.#sending) {
      return;
    }
    this.#clear();
    const unsaid = this.#unsaid();
    if (unsaid.length > 0) {
      this.#show(unsaid);
      return;
    }
    this.#rest(true);
    try {
      await this.#send(bodyOf(this.#form));
    } catch (e) {
      const mistakes = mistakesOf(e.message);
      this.#show(mistakes);
      this.#refused.textContent ||= mistakes.length > 0 ? "" : e.message;
    } finally {
      this.#rest(false);
    }
  }

  /** What the API cannot know: that nothing was chosen, or that the name was not typed. */
  #unsaid() {
    const choices = [...this.#form.querySelectorAll("fieldset[data-choose]")].filter((each) => each.querySelector(":checked") === null);
    const typed = [...this.#form.querySelectorAll("[data-must]")].filter(({ value, dataset }) => plain(value) !== plain(dataset.must));
    return [...choices.map(({ dataset }) => [dataset.choose, `people.want.${dataset.choose}`]), ...typed.map(({ name }) => [name, `people.want.${name}`])];
  }

  #rest(sending) {
    this.#sending = sending;
    this.#button.setAttribute("aria-disabled", String(sending));
    this.#told.textContent = sending ? text("people.sending") : "";
  }

  #clear() {
    this.#refused.textContent = "";
    this.#form.querySelectorAll(".field-error").forEach((each) => each.remove());
    for (const field of this.#form.querySelectorAll("[data-described]")) {
      field.removeAttribute("aria-invalid");
      field.setAttribute("aria-describedby", field.dataset.described);
      delete field.dataset.described;
    }
  }

  #show(mistakes) {
    const fields = [];
    for (const [name, key] of mistakes) {
      const words = text(key, this.#form.dataset);
      const field = this.#form.querySelector(`fieldset[name="${name}"], fieldset[data-choose="${name}"]`) ?? this.#form.querySelector(`[name="${name}"]`);
      if (field === null) {
        this.#refused.textContent = words;
      } else {
        this.#mark(field, words);
        fields.push(field.matches("fieldset") ? field.querySelector("input") : field);
      }
    }
    fields[0]?.focus();
  }

  #mark(field, words) {
    const id = `wrong-${++made}`;
    const said = element("p", { class: "field-error", id }, words);
    if (field.matches("fieldset")) {
      field.append(said);
    } else {
      field.closest("label").after(said);
      field.setAttribute("aria-invalid", "true");
    }
    field.dataset.described = field.getAttribute("aria-describedby") ?? "";
    field.setAttribute("aria-describedby", `${field.dataset.described} ${id}`.trim());
  }
}
