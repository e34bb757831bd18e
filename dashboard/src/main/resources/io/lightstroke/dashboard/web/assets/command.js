// What is asked of the dashboard: its records, and commands to a tool's gateway.

import { text } from "./texts.js";

const { content: csrf } = document.querySelector('meta[name="csrf"]');

/**
 * The answer's JSON; null where it has none. Throws an Error in words for people when it was refused, with the status, or
 * when there was no answer: nobody knows then whether it was done.
 */
export async function send(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: { "Content-Type": "application/json", "X-CSRF": csrf },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Error(text("command.dashboard"));
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) {
    throw Object.assign(new Error(answer?.error ?? text("command.failed", { status: response.status })), { status: response.status });
  }
  return answer;
}

/** The gateway's answer, {ok, error?, …}. */
export async function command(key, name, fields = {}) {
  const [site, gateway, , slug] = key.split("/");
  return (await send("POST", `/command/${site}/${gateway}/${slug}/${name}`, fields)) ?? {};
}
