// The live page: messages in, cards out.

import { Card } from "./card.js";
import { connect } from "./connection.js";
import { has, text, wordOf } from "./texts.js";
import { Tool } from "./tool.js";

const TOPIC = /^lightstroke\/v1\/([^/]+\/[^/]+)\/(?:status|tool\/([^/]+)\/([^/]+))$/;
/** After a connection is back, a tool that is not announced again within this time is gone. */
const ANNOUNCE_MS = 3000;
/** A screen reader is told zones no more often than this, and of lifting off only when it lasts so long. */
const SAY_EVERY_MS = 3000;

/** A page that is older than its server loads itself again, once. */
const RELOADED_FOR = "reloaded-for";

const page = {
  body: document.body,
  lineWord: document.querySelector(".line-word"),
  tools: document.querySelector(".tools"),
  notice: document.querySelector(".notice"),
  polite: document.querySelector('.say[role="status"]'),
  urgent: document.querySelector('.say[role="alert"]'),
};

/** "connecting", "live", or what is missing: "broker", "dashboard". */
let line = "connecting";
let broker = null;
let lostMs = -Infinity;
let liveSinceMs = -Infinity;
const gateways = new Map();
const tools = new Map();

connect(
  (message, arrivalMs) => {
    if ("topic" in message) {
      takeMessage(message, arrivalMs);
    } else {
      takeHeartbeat(message);
    }
  },
  () => setLine("dashboard"),
);

function takeHeartbeat(beat) {
  if (beat.build !== document.documentElement.dataset.build && sessionStorage.getItem(RELOADED_FOR) !== beat.build) {
    sessionStorage.setItem(RELOADED_FOR, beat.build);
    location.reload();
    return;
  }
  broker = beat.broker;
  setLine(broker.connected ? "live" : "broker");
}

function takeMessage({ topic, message }, arrivalMs) {
  const [, gateway, slug, leaf] = TOPIC.exec(topic) ?? [];
  if (gateway === undefined) {
    return;
  }
  if (slug === undefined) {
    takeGateway(gateway, message);
    return;
  }
  const key = `${gateway}/tool/${slug}`;
  let entry = tools.get(key);
  if (entry === undefined) {
    if (message === null) {
      return;
    }
    entry = add(key);
  }
  if (message !== null) {
    entry.announcedMs = arrivalMs;
  }
  entry.tool.take(leaf, message, arrivalMs);
  if (message === null && entry.tool.status === null && entry.tool.info === null) {
    remove(key);
  }
}

/** A last will that comes after the birth of a newer run speaks of the past. */
function takeGateway(gateway, status) {
  if (status === null) {
    gateways.delete(gateway);
  } else if (!(status.state === "lost" && gateways.has(gateway) && gateways.get(gateway).run !== status.run)) {
    gateways.set(gateway, status);
  }
}

function add(key) {
  const tool = new Tool(key);
  const entry = { tool, card: new Card(tool), announcedMs: 0, zone: null, zoneSinceMs: 0, said: null, saidMs: -Infinity, urgedMs: -Infinity };
  const next = [...tools.keys()].sort().find((other) => other > key);
  tools.set(key, entry);
  page.tools.insertBefore(entry.card.element, next === undefined ? null : tools.get(next).card.element);
  countTools();
  entry.card.attached();
  return entry;
}

function remove(key) {
  const { card } = tools.get(key);
  card.element.remove();
  card.detached();
  tools.delete(key);
  countTools();
}

function countTools() {
  page.tools.dataset.count = tools.size <= 4 ? String(tools.size) : "many";
  page.tools.hidden = tools.size === 0;
  page.notice.hidden = tools.size > 0;
}

function setLine(now) {
  const problem = broker?.problem;
  if (line === now && page.notice.dataset.problem === String(problem)) {
    return;
  }
  if (now === "live") {
    liveSinceMs = performance.now();
  } else if (line === "live") {
    lostMs = performance.now();
    gateways.clear();
  }
  line = now;
  page.body.dataset.line = line;
  page.lineWord.textContent = text(`line.${line}`);
  page.notice.dataset.problem = String(problem);
  const which = line === "live" ? "none" : line;
  const [title, words, command] = [page.notice.querySelector("h2"), page.notice.querySelector("p"), page.notice.querySelector("code")];
  title.textContent = text(`empty.${which}.title`);
  words.textContent = text(`empty.${which}.text`, broker ?? {});
  command.hidden = !has(`empty.${which}.command`);
  command.textContent = command.hidden ? "" : text(`empty.${which}.command`);
  page.notice.hidden = tools.size > 0;
}

/** Why a tool has no data: the nearest missing part of its way here. */
function reasonFor(tool, nowMs) {
  if (line !== "live") {
    return text(line === "broker" ? "reason.broker" : "reason.dashboard");
  }
  const gateway = gateways.get(tool.gateway);
  if (gateway !== undefined && gateway.state !== "ready") {
    return wordOf("reason.gateway", gateway.state);
  }
  const link = tool.status?.link;
  if (link === undefined) {
    return text("reason.waiting");
  }
  if (link === "streaming" && nowMs - tool.arrivedMs < 1000) {
    return text("reason.late", { seconds: (tool.ageMs(nowMs) / 1000).toFixed(1) });
  }
  return wordOf("reason.link", link);
}

/** What a tool's gateway has said of it, while the gateway can still say otherwise. */
function statusOf(tool) {
  return line === "live" && (gateways.get(tool.gateway)?.state ?? "ready") === "ready" ? tool.status : null;
}

function draw() {
  requestAnimationFrame(draw);
  const nowMs = performance.now();
  const places = new Set([...tools.values()].map((entry) => entry.tool.gateway)).size;
  for (const [key, entry] of tools) {
    const { tool, card } = entry;
    if (line === "live" && entry.announcedMs < lostMs && nowMs - liveSinceMs > ANNOUNCE_MS) {
      remove(key);
      continue;
    }
    const zone = tool.zone(nowMs, line === "live");
    const reason = zone === "nodata" ? reasonFor(tool, nowMs) : "";
    card.show(nowMs, zone, reason, statusOf(tool), places > 1 ? tool.gateway : "");
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

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => tools.forEach((entry) => entry.card.restyle()));
requestAnimationFrame(draw);
