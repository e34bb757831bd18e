// The live page: every tool as a card.

import { Card } from "./card.js";
import { Feed } from "./feed.js";
import { Line } from "./line.js";
import { text, wordOf } from "./texts.js";

/** A screen reader is told zones no more often than this, and of lifting off only when it lasts so long. */
const SAY_EVERY_MS = 3000;

const page = {
  tools: document.querySelector(".tools"),
  polite: document.querySelector('.say[role="status"]'),
  urgent: document.querySelector('.say[role="alert"]'),
};

/** By the tools' keys: {tool, card, and what was said of it}. */
const entries = new Map();

const feed = new Feed((kind, tool) => {
  if (kind === "added") {
    add(tool);
  } else if (kind === "removed") {
    remove(tool.key);
  }
  line.show();
});
const line = new Line(feed, () => feed.tools.size === 0);

function add(tool) {
  const { key } = tool;
  const entry = { tool, card: new Card(tool), zone: null, zoneSinceMs: 0, said: null, saidMs: -Infinity, urgedMs: -Infinity };
  const next = [...entries.keys()].sort().find((other) => other > key);
  entries.set(key, entry);
  page.tools.insertBefore(entry.card.element, next === undefined ? null : entries.get(next).card.element);
  countTools();
  entry.card.attached();
}

function remove(key) {
  const { card } = entries.get(key);
  card.element.remove();
  card.detached();
  entries.delete(key);
  countTools();
}

function countTools() {
  page.tools.dataset.count = entries.size <= 4 ? String(entries.size) : "many";
  page.tools.hidden = entries.size === 0;
}

function draw() {
  requestAnimationFrame(draw);
  const nowMs = performance.now();
  const places = new Set([...entries.values()].map((entry) => entry.tool.gateway)).size;
  for (const entry of entries.values()) {
    const { tool, card } = entry;
    const zone = feed.zoneOf(tool, nowMs);
    const reason = zone === "nodata" ? feed.reasonFor(tool, nowMs) : "";
    card.show(nowMs, zone, reason, feed.statusOf(tool), places > 1 ? tool.gateway : "");
    say(entry, nowMs, zone, reason);
  }
}

function say(entry, nowMs, zone, reason) {
  if (zone !== entry.zone) {
    entry.zone = zone;
    entry.zoneSinceMs = nowMs;
    if ((zone === "too-deep" || zone === "ceiling") && nowMs - entry.urgedMs > SAY_EVERY_MS) {
      entry.urgedMs = nowMs;
      entry.said = zone;
      page.urgent.textContent = text("say.reason", { tool: entry.tool.name, zone: wordOf("zone", zone), reason: text(`advice.${zone}`) });
    }
  }
  const lasted = zone !== "none" || nowMs - entry.zoneSinceMs > SAY_EVERY_MS;
  if (zone !== entry.said && lasted && nowMs - entry.saidMs > SAY_EVERY_MS) {
    entry.said = zone;
    entry.saidMs = nowMs;
    page.urgent.textContent = "";
    page.polite.textContent = text(reason ? "say.reason" : "say.zone", { tool: entry.tool.name, zone: wordOf("zone", zone), reason });
  }
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => entries.forEach((entry) => entry.card.restyle()));
feed.start();
requestAnimationFrame(draw);
