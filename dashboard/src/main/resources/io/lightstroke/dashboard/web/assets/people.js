// The pages of people: their forms, and when what they say has become old.

import { send } from "./command.js";
import { Form } from "./form.js";
import { choosesNone, element } from "./parts.js";
import { has, text } from "./texts.js";

/** What may be worked on now is an answer of a moment. */
const OLD_MS = 5 * 60_000;

const loadedMs = Date.now();
const main = document.querySelector("main");

for (const form of document.querySelectorAll("form[data-send]")) {
  const [method, path] = form.dataset.send.split(" ");
  new Form(form, async (body) => done(form, await send(method, path, body)));
  form.inert = false; // sent before, it would go to the browser's address line
}
document.querySelectorAll("[data-none]").forEach((none) => choosesNone(none, none.closest("fieldset[data-choose]")));

function done(form, answer) {
  if (form.dataset.then === "person") {
    location.assign(`/people/${answer.id}`);
  } else if (form.dataset.then === "erased") {
    erased(form, answer);
  } else {
    history.replaceState({ saved: form.closest(".step").id }, "");
    location.reload();
  }
}

/** What was saved is said once, by the page that shows it. */
function saved(id) {
  history.replaceState(null, "");
  const section = document.getElementById(id);
  section.querySelector(".told").textContent = text("people.saved");
  const heading = section.querySelector("h2");
  heading.tabIndex = -1;
  heading.focus();
}

/** The proof: what is erased where, and what is not. While the records have the person it can be asked for again. */
function erased(form, { complete, places }) {
  const kept = places.some(({ place: word, erased: gone }) => word === "records" && !gone);
  const proof = element(
    "section",
    { class: "step proof", tabindex: -1 },
    element("h2", {}, text(complete ? "people.erased" : "people.erased.not")),
    element("ul", { class: "verdicts" }, ...places.map(place)),
    kept ? element("p", {}, text("people.erased.again")) : element("p", {}, element("a", { href: "/people" }, text("people.all"))),
  );
  if (kept) {
    form.parentElement.querySelector(".proof")?.remove();
    form.before(proof);
  } else {
    main.replaceChildren(proof);
  }
  proof.focus();
}

function place({ place: word, gateway = "", erased: gone, detail }) {
  const name = has(`people.place.${word}`) ? text(`people.place.${word}`, { gateway }) : `${word} ${gateway}`;
  const state = text(gone ? "people.place.erased" : "people.place.kept");
  return element("li", { "data-state": gone ? "yes" : "no" }, element("span", {}, element("strong", {}, `${name}: ${state}`), `. ${detail}`));
}

function showAge() {
  document.body.classList.toggle("old", Date.now() - loadedMs > OLD_MS);
}

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
for (const field of document.querySelectorAll("[data-browser-zone]")) {
  field.value = timeZone;
}
document.getElementById("zones")?.append(...Intl.supportedValuesOf("timeZone").map((zone) => element("option", { value: zone })));
if (history.state?.saved) {
  saved(history.state.saved);
}
addEventListener("pageshow", showAge);
document.addEventListener("visibilitychange", showAge);
setInterval(showAge, 10_000);
