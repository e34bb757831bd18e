// The page's words, from the same file that the server uses, in the page's language.

const { lang } = document.documentElement;
const words = await (await fetch(new URL(`texts.${lang}.json`, import.meta.url))).json();
const formats = new Map();

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

/** A number as it is written in the page's language, with so many decimals. */
export function number(value, decimals = 0) {
  let format = formats.get(decimals);
  if (format === undefined) {
    format = new Intl.NumberFormat(lang, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    formats.set(decimals, format);
  }
  return format.format(value);
}

/** A day and a time as they are written in the page's language, rounded up to a minute: never too early. */
export function dateTime(ms) {
  const format = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  return format.format(Math.ceil(ms / 60_000) * 60_000);
}
