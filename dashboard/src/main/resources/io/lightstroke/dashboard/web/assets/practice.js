// The practice page of one tool: before, during and after a session. It follows what the gateway says of the session, so
// it survives a reload and shows what somebody started elsewhere.

import { command } from "./command.js";
import { Feed } from "./feed.js";
import { Line } from "./line.js";
import { Parts } from "./parts.js";
import { After } from "./practice-after.js";
import { Before } from "./practice-before.js";
import { During } from "./practice-during.js";
import * as local from "./practice-local.js";
import { sessionOf } from "./practice-model.js";
import { Awake } from "./practice-signals.js";
import { askPeople } from "./practice-records.js";
import { refusalsOf } from "./refusals.js";
import { text, wordOf } from "./texts.js";

/** A screen reader is told zones no more often than this, and of lifting off only when it lasts so long. */
const SAY_EVERY_MS = 3000;
/** Retained messages come at once: what is not said of a session this long after the line is back is over. */
const ANNOUNCE_MS = 3000;
/** The end comes before the summary, and is followed by another session that nobody started. */
const ENDED_MS = 700;

const [, , site, gateway, slug] = location.pathname.split("/").map(decodeURIComponent);
const KEY = `${site}/${gateway}/tool/${slug}`;

const guideline = await (await fetch("/guideline.json")).json();
await askPeople().catch(() => {}); // it is asked, and said, before each session
const main = document.querySelector("main");
const page = new Parts(document.body);
const awake = new Awake();

const feed = new Feed((kind, tool, leaf, message) => {
  if (kind === "line") {
    if (feed.line === "live") {
      liveSinceMs = performance.now();
    } else if (liveSinceMs > lostMs) {
      lostMs = performance.now();
    }
  } else if (kind === "message" && tool.key === KEY) {
    took(tool, leaf, message);
  }
  line.show();
});
const line = new Line(feed, () => feed.tools.size === 0 && state !== "after");

let liveSinceMs = -Infinity;
let lostMs = -Infinity;
/** When something was said of a session, or that there is none. */
let saidMs = -Infinity;
let goneSinceMs = null;
/** What was last held with this tool, as it is kept: {session, wrong, summary, over}; null for none. */
let last = local.lastSession(KEY);
let refusal = null;
let state = null;

const before = new Before(page.before, guideline, ask);
const during = new During(page.during, guideline, ask, feelsWrong);
const after = new After(page.after, guideline, () => keep(null));
page.retry.addEventListener("click", endForWrong);

/** Sends a command; gives why it was not done, in words for people, or null. */
async function ask(name, fields = {}) {
  try {
    const answer = await command(KEY, name, fields);
    if (answer.ok === true) {
      return null;
    }
    return text("notDone", { why: refusalsOf(answer).map(({ key, values }) => text(key, values)).join(" ") });
  } catch (e) {
    return e.message;
  }
}

function keep(next) {
  last = next;
  local.keepLastSession(KEY, next);
}

function took(tool, leaf, message) {
  if (leaf === "session-state") {
    saidMs = performance.now();
  } else if (leaf === "session" && tool.summary === message && message.session === last?.session && message.revision >= (last.summary?.revision ?? 0)) {
    keep({ ...last, summary: message, over: true });
  }
}

/** Stop first: the signs are shown at once, whether or not the gateway answers. */
function feelsWrong() {
  keep({ ...last, wrong: true });
  endForWrong();
}

async function endForWrong() {
  refusal = null;
  refusal = await ask("session-end");
}

/** Keeps in mind which session runs, and whether it is over. */
function follow(tool, nowMs) {
  const session = sessionOf(tool);
  const isLive = feed.line === "live";
  const heard = isLive && nowMs - Math.max(liveSinceMs, goneSinceMs ?? 0) > ENDED_MS;
  if (session !== null) {
    if (isLive && saidMs < lostMs && nowMs - liveSinceMs > ANNOUNCE_MS) {
      tool.take("session-state", null, nowMs);
      return null;
    }
    goneSinceMs = null;
    if (session.session !== last?.session) {
      keep({ session: session.session, wrong: false, summary: null, over: false });
    }
    return session;
  }
  goneSinceMs ??= nowMs;
  if (last !== null && !last.over && heard && tool !== undefined) {
    keep({ ...last, over: true });
  }
  return null;
}

function become(next) {
  if (next === state) {
    return;
  }
  const past = state;
  state = next;
  main.dataset.state = next;
  page.before.hidden = next !== "before";
  page.during.hidden = next !== "during";
  page.after.hidden = next !== "after";
  document.body.dataset.practice = next;
  if (past === "during") {
    during.hidden();
  }
  if (next === "before") {
    before.reset();
  } else if (next === "during") {
    askPeople().catch(() => {}); // who was added elsewhere has a name too
    during.shown();
  } else if (next === "after") {
    after.shown(last.session);
  }
  awake.want(next === "during");
  line.show();
}

function draw() {
  requestAnimationFrame(draw);
  const nowMs = performance.now();
  const tool = feed.tools.get(KEY);
  const session = follow(tool, nowMs);
  if (last?.wrong || (last?.over && session === null)) {
    become("after");
  } else if (tool === undefined) {
    become("waiting");
  } else {
    become(session !== null ? "during" : last !== null && !last.over ? (state ?? "waiting") : "before");
  }
  page.hidden("waiting", state !== "waiting" || feed.tools.size === 0);
  const zone = tool === undefined ? "nodata" : feed.zoneOf(tool, nowMs);
  const reason = tool === undefined || zone !== "nodata" ? "" : feed.reasonFor(tool, nowMs);
  const status = tool === undefined ? null : feed.statusOf(tool);
  if (state === "before") {
    before.show({ tool, status, zone, reason });
  } else if (state === "during" && session !== null) {
    const stage = during.show({ tool, session, status, zone, reason, nowMs });
    during.showAwake(awake.held);
    say(tool, zone, reason, stage, session, nowMs);
  } else if (state === "after") {
    after.show({ last, running: session !== null, refusal, nowMs });
  }
}

const said = { zone: null, sinceMs: 0, told: null, toldMs: -Infinity, urgedMs: -Infinity, stage: null, hints: "" };

/** What a screen reader says of itself: too deep at once, then what the hand shall do next, then the zone. */
function say(tool, zone, reason, stage, session, nowMs) {
  if (zone !== said.zone) {
    said.zone = zone;
    said.sinceMs = nowMs;
    if ((zone === "too-deep" || zone === "ceiling") && nowMs - said.urgedMs > SAY_EVERY_MS) {
      said.urgedMs = nowMs;
      said.told = zone;
      page.urgent.textContent = text("practice.over", { zone: wordOf("zone", zone), advice: text(`advice.${zone}`) });
    }
  }
  const hints = session.hints.join();
  if (stage !== said.stage && (stage === "nearly" || stage === "move-on")) {
    page.polite.textContent = page.spotNote.textContent;
    said.toldMs = nowMs;
  } else if (hints !== said.hints && page.hint.textContent !== "") {
    page.polite.textContent = page.hint.textContent;
    said.toldMs = nowMs;
  }
  said.stage = stage;
  said.hints = hints;
  const lasted = zone !== "none" || nowMs - said.sinceMs > SAY_EVERY_MS;
  if (zone !== said.told && lasted && nowMs - said.toldMs > SAY_EVERY_MS) {
    said.told = zone;
    said.toldMs = nowMs;
    page.urgent.textContent = "";
    page.polite.textContent = text(reason ? "say.reason" : "say.zone", { tool: tool.name, zone: wordOf("zone", zone), reason });
  }
}

page.waitingText.textContent = text("practice.waiting", { tool: slug });
feed.start();
requestAnimationFrame(draw);
