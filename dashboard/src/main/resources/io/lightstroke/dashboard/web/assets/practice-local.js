// What this browser keeps for the practice page: who was chosen last, switches, the last session shown. Where a browser
// keeps nothing, it lasts as long as the page.

const PREFIX = "lightstroke.";
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

/** Pseudonym of who was chosen last; null when nobody was. */
export function chosenPerson() {
  return read("person", null);
}

export function choosePerson(id) {
  write("person", id);
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
