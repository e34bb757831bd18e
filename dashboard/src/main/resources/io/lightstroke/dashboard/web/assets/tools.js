// The tools page: every tool as a sheet that opens.

import { Feed } from "./feed.js";
import { Line } from "./line.js";
import { Sheet } from "./tools-sheet.js";

const SHOW_MS = 250;
/** So long others may still be announced; a tool that is then the only one is opened. */
const ALONE_MS = 1500;

const list = document.querySelector(".sheets");
/** By the tools' keys. */
const entries = new Map();
let firstMs = null;
let settled = false;

const feed = new Feed((kind, tool) => {
  if (kind === "added") {
    add(tool);
  } else if (kind === "removed") {
    entries.get(tool.key).sheet.element.remove();
    entries.delete(tool.key);
  }
  list.hidden = entries.size === 0;
  line.show();
});
const line = new Line(feed, () => feed.tools.size === 0);

function add(tool) {
  const { key } = tool;
  const sheet = new Sheet(tool);
  const next = [...entries.keys()].sort().find((other) => other > key);
  entries.set(key, { tool, sheet });
  list.insertBefore(sheet.element, next === undefined ? null : entries.get(next).sheet.element);
  sheet.element.addEventListener("toggle", () => show());
  if (`#${sheet.element.id}` === location.hash) {
    sheet.element.open = true;
    sheet.element.scrollIntoView();
  }
}

function show() {
  const nowMs = performance.now();
  const places = new Set([...entries.values()].map(({ tool }) => tool.gateway)).size;
  for (const { tool, sheet } of entries.values()) {
    const zone = feed.zoneOf(tool, nowMs);
    sheet.show(nowMs, zone, feed.statusOf(tool), feed.reasonFor(tool, nowMs), places > 1 ? tool.gateway : "");
  }
  openTheOnlyOne(nowMs);
}

function openTheOnlyOne(nowMs) {
  if (settled || feed.line !== "live" || entries.size === 0) {
    return;
  }
  firstMs ??= nowMs;
  if (nowMs - firstMs > ALONE_MS) {
    settled = true;
    if (entries.size === 1) {
      [...entries.values()][0].sheet.element.open = true;
    }
  }
}

feed.start();
setInterval(show, SHOW_MS);
