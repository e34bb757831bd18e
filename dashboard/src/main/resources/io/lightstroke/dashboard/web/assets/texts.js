// The page's words, from the same file that the server uses.

const words = await (await fetch(new URL("texts.en.json", import.meta.url))).json();

/** The text of a key, with each {name} replaced from values. */
export function text(key, values = {}) {
  const template = words[key];
  if (template === undefined) {
    throw new Error(`no text "${key}"`);
  }
  return template.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The text of `${family}.${word}`; a word that this page does not know gives `${family}.unknown`, which may name it. */
export function wordOf(family, word) {
  const key = `${family}.${word}`;
  return key in words ? text(key) : text(`${family}.unknown`, { word });
}

export function has(key) {
  return key in words;
}
