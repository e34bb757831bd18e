// Commands to a tool's gateway, and its answers.

import { text } from "./texts.js";

const { content: csrf } = document.querySelector('meta[name="csrf"]');

/** The gateway's answer, {ok, error?, …}. Throws an Error in words for people when there was none: nobody knows whether it was done. */
export async function command(key, name, fields = {}) {
  const [site, gateway, , slug] = key.split("/");
  let response;
  try {
    response = await fetch(`/command/${site}/${gateway}/${slug}/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF": csrf },
      body: JSON.stringify(fields),
    });
  } catch {
    throw new Error(text("command.dashboard"));
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Error(answer.error ?? text("command.failed", { status: response.status }));
  }
  return answer;
}
