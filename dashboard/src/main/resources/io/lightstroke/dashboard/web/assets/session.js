// A session: its force, and its note.

import "./force.js";
import { send } from "./command.js";
import { text } from "./texts.js";

document.querySelector(".note")?.addEventListener("submit", async (submitted) => {
  submitted.preventDefault();
  const form = submitted.target;
  const told = form.querySelector("[role=status]");
  const { person, session } = form.dataset;
  try {
    await send("PUT", `/api/people/${encodeURIComponent(person)}/sessions/${encodeURIComponent(session)}/note`, { note: form.elements.note.value });
    told.textContent = text("review.note.kept");
  } catch (e) {
    told.textContent = e.message;
  }
});
