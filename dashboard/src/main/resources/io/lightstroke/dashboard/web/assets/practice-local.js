// What this browser keeps for the practice page: people, switches, past sessions, notes. Of all this only a person's
// pseudonym ever leaves the browser. Where a browser keeps nothing, it lasts as long as the page.

const PREFIX = "lightstroke.";
const KEPT_SESSIONS = 60;
const unkept = new Map();

function read(key, otherwise) {
  try {
    const kept = localStorage.getItem(PREFIX + key);
    return kept === null ? otherwise : (JSON.parse(kept) ?? otherwise);
  } catch {
    return unkept.get(key) ?? otherwise;
  }
}

function write(key, value) {
  unkept.set(key, value);
  try {
    if (value === null) {
      localStorage.removeItem(PREFIX + key);
    } else {
      localStorage.setItem(PREFIX + key, JSON.stringify(value));
    }
  } catch {
    // a full or forbidden store: it stays with the page
  }
}

function list(key) {
  const kept = read(key, []);
  return Array.isArray(kept) ? kept : [];
}

function pseudonym() {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  return `p-${[...crypto.getRandomValues(new Uint8Array(12))].map((byte) => letters[byte % letters.length]).join("")}`;
}

/** {slug, label, profile, screened}; the first is who uses this browser, with no label. */
export function people() {
  const kept = list("people").filter((one) => /^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/.test(one?.slug));
  if (kept.length === 0) {
    kept.push({ slug: pseudonym(), label: "" });
    write("people", kept);
  }
  return kept;
}

export function addPerson(label) {
  const person = { slug: pseudonym(), label };
  write("people", [...people(), person]);
  choosePerson(person.slug);
  return person;
}

export function changePerson(slug, change) {
  write("people", people().map((one) => (one.slug === slug ? { ...one, ...change } : one)));
}

export function chosenPerson() {
  const all = people();
  return all.find((one) => one.slug === read("person", "")) ?? all[0];
}

export function choosePerson(slug) {
  write("person", slug);
}

/** "tone" is off and "vibration" on until somebody switches. */
export function isOn(signal) {
  return read(`switch.${signal}`, signal === "vibration") === true;
}

export function switchTo(signal, on) {
  write(`switch.${signal}`, on);
}

/** The last session of a tool that this page showed: {session, wrong, summary, over}; null once it is put away. */
export function lastSession(tool) {
  return read(`session.${tool}`, null);
}

export function keepLastSession(tool, last) {
  write(`session.${tool}`, last);
}

/** {session, person, startedMs, endedMs, areas: [{region, side}]} of each that was worked in, the newest last. */
export function pastSessions() {
  return list("past").filter((one) => Number.isFinite(one?.startedMs) && Number.isFinite(one.endedMs) && Array.isArray(one.areas));
}

export function rememberSession(summary) {
  const areas = summary.areas.filter((area) => area.worked_s > 0).map(({ region, side }) => ({ region, side }));
  const others = pastSessions().filter((one) => one.session !== summary.session);
  if (areas.length > 0) {
    const { session, person, started, ended } = summary;
    others.push({ session, person, startedMs: Date.parse(started), endedMs: Date.parse(ended), areas });
  }
  write("past", others.slice(-KEPT_SESSIONS));
}

export function note(session) {
  const kept = read(`note.${session}`, "");
  return typeof kept === "string" ? kept : "";
}

export function keepNote(session, words) {
  write(`note.${session}`, words === "" ? null : words);
}
