// People as the dashboard's records know them, for the practice page. All that changes them throws an Error in words for
// people when it was not done.

import { send } from "./command.js";

const FORBIDDEN = 403;
/** What may be left of a session. */
export const LEFT = ["redness", "warmth", "soreness", "bruise", "darker"];

let known = [];
let closed = false;

function path(person, more = "") {
  return `/api/people/${person}${more}`;
}

function now(person) {
  known = [...known.filter(({ id }) => id !== person.id), person].sort((one, other) => one.name.localeCompare(other.name));
  return person;
}

/** As they were when they were last asked for. */
export function people() {
  return known;
}

/** Null for nobody of the records. */
export function person(id) {
  return known.find((one) => one.id === id) ?? null;
}

export async function askPeople() {
  try {
    known = await send("GET", "/api/people");
  } catch (refused) {
    closed = refused.status === FORBIDDEN;
    if (!closed) {
      throw refused;
    }
  }
}

/** The records are not for this device. */
export function areClosed() {
  return closed;
}

/** Of somebody who is not kept. */
export function pseudonym() {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  return `p-${[...crypto.getRandomValues(new Uint8Array(12))].map((byte) => letters[byte % letters.length]).join("")}`;
}

export async function add(name, profile) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return now(await send("POST", "/api/people", { name, profile, zone: timeZone }));
}

export async function changeProfile({ id, name, zone }, profile) {
  return now(await send("PUT", path(id), { name, profile, zone }));
}

export async function answerScreening({ id }, conditions) {
  return now(await send("PUT", path(id, "/screening"), { conditions }));
}

export async function clear({ id }, by, note) {
  return now(await send("PUT", path(id, "/clearance"), { by, note }));
}

/** left: those of LEFT that are there. */
export function checkIn({ id }, area, left) {
  const said = Object.fromEntries(LEFT.map((what) => [what, left.includes(what)]));
  return send("POST", path(id, "/check-ins"), { ...area, ...said });
}

export function allow({ id }, area, by, reason) {
  return send("POST", path(id, "/overrides"), { ...area, by, reason });
}

/** {allowed, reasons, earliest?, override_until?, limits, pressure} of an area now. */
export async function rest({ id }, { region, side }) {
  return (await send("GET", path(id, `/rest?region=${region}&side=${side}`)))[0];
}

export async function note({ id }, session) {
  const sessions = await send("GET", path(id, "/sessions"));
  return sessions.find((one) => one.session === session)?.note ?? "";
}

export function keepNote({ id }, session, words) {
  return send("PUT", path(id, `/sessions/${session}/note`), { note: words });
}
