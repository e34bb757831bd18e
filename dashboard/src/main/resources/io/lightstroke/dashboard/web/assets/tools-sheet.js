// All that is known of one tool, to look at and to do. What only the gateway can know is shown while the gateway says it,
// and else not at all; what this page itself has seen stays.

import { command } from "./command.js";
import { showLinkAndBattery } from "./face.js";
import { element, Parts } from "./parts.js";
import { refusalOf } from "./refusals.js";
import { has, number, text, wordOf } from "./texts.js";
import { Calibration } from "./tools-calibration.js";
import { compareLimits, hasAccounting, Latencies, lawsOf, Log, RECOVERY } from "./tools-model.js";

const template = document.getElementById("sheet");
const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23" });

const count = (value) => number(value, 0);
/** A boot as it stands in the names of samples. */
const bootName = (boot) => boot.toString(16).padStart(8, "0");

export class Sheet {
  #tool;
  #parts;
  #calibration;
  #latencies = new Latencies();
  #log = new Log();
  #asking = false;
  #ready = false;
  #uneven = 0;
  #unevenStatus = null;

  constructor(tool) {
    this.#tool = tool;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.id = `tool-${tool.key.replaceAll("/", "-")}`;
    this.#parts = new Parts(this.element);
    this.#calibration = new Calibration(this.#parts.calibration, tool);
    this.#parts.practise.href = `/practice/${tool.gateway}/${tool.slug}`;
    this.#parts.text("since", text("tools.log.since", { time: clock.format(Date.now()) }));
    this.#parts.tare.addEventListener("click", () => this.#ask("tare"));
    this.#parts.identify.addEventListener("click", () => this.#ask("identify"));
    this.#makeRows();
  }

  get opened() {
    return this.element.open;
  }

  /**
   * zone: what Tool.zone says now; status: the tool's, while it can be known, else null; reason: why there are no data, or
   * why nothing is known; place: whose tool, where that is not clear.
   */
  show(nowMs, zone, status, reason, place) {
    const tool = this.#tool;
    const live = zone !== "nodata";
    tool.cues.forEach((cue) => this.#latencies.take(cue));
    this.#log.status(status);
    this.#log.info(tool.info);
    // Connecting is how it is mended, not why it broke.
    const broke = status?.link === "connecting" || status?.link === "resolving" ? text("reason.link.lost") : reason;
    this.#log.data(live, broke, nowMs - tool.ageMs(nowMs), nowMs);
    this.#weigh(status);
    this.#showHead(status, place);
    if (!this.opened) {
      return;
    }
    this.#showNow(live, status, reason);
    this.#showInfo(tool.info);
    this.#showLimits(status, tool.info);
    this.#calibration.show(status === null ? null : status.link === "streaming", live ? (tool.frame.filtered_N ?? null) : null, nowMs);
    this.#showLatencies();
    this.#showSamples(status, reason);
    this.#showRecovery(status, reason);
    this.#showLog();
  }

  #makeRows() {
    for (const { word } of compareLimits(null, null)) {
      const row = document.createElement("tr");
      const name = element("th", {}, text(`limit.${word}`));
      name.scope = "row";
      name.dataset.limit = word;
      row.append(name, element("td", { class: "figure" }), element("td", { class: "figure" }), element("td", { class: "compared" }));
      this.#parts.limits.append(row);
    }
    for (const step of RECOVERY) {
      const line = document.createElement("div");
      line.append(element("dt", {}, text(`tools.recovery.${step}`)), element("dd"));
      this.#parts.recovery.append(line);
    }
    for (let i = 0; i <= Latencies.MOST_MS / Latencies.STEP_MS; i++) {
      const bar = element("div");
      bar.append(element("span", { class: "bar-count" }), element("span", { class: "bar-fill" }));
      this.#parts.bars.append(bar);
    }
  }

  #showHead(status, place) {
    const parts = this.#parts;
    parts.text("name", this.#tool.name);
    parts.text("place", place);
    showLinkAndBattery(parts, status);
    const alerts = status?.alerts ?? [];
    parts.text("headAlerts", alerts.map((word) => wordOrItself("alert", word)).join(" · "));
    const { update } = status ?? {};
    parts.text("headUpdate", update ? text("tools.update.head", { percent: update.percent }) : "");
  }

  #showNow(live, status, reason) {
    const parts = this.#parts;
    const { info } = this.#tool;
    parts.text("now", live ? text("tools.now.live", { rate: info === null ? "–" : count(info.rate_Hz) }) : reason);
    parts.set("live", live, () => parts.now.classList.toggle("live", live));
    parts.hidden("backfilling", !status?.backfilling);
    parts.text("batteryNow", status === null ? "" : status.battery_percent == null ? text("tools.battery.unknown") : "");
    const alerts = status?.alerts ?? null;
    parts.set("alerts", alerts, () => {
      parts.alerts.replaceChildren(
        ...(alerts ?? []).map((word) => {
          const item = element("li");
          item.append(element("strong", {}, `${wordOrItself("alert", word)}.`));
          item.append(` ${text(has(`tools.alert.${word}`) ? `tools.alert.${word}` : "tools.alert.unknown")}`);
          return item;
        }),
      );
    });
    parts.text("noAlerts", alerts === null ? text("tools.alerts.notKnown") : alerts.length === 0 ? text("tools.alerts.none") : "");
    const update = status?.update ?? null;
    parts.set("update", update, () => {
      parts.update.hidden = update === null;
      if (update !== null) {
        parts.updateBar.value = update.percent;
        parts.updateWords.textContent = text("tools.update.says", {
          file: update.file,
          step: wordOf("tools.update", update.step),
          percent: update.percent,
        });
      }
    });
    const ready = status !== null && status.link === "streaming" && update === null;
    parts.resting("tare", !ready || this.#asking);
    parts.resting("identify", !ready || this.#asking);
    parts.text("needs", ready ? "" : update === null ? text("tools.act.needs") : text("tools.act.updating"));
    this.#ready = ready;
  }

  /** Tare, identify: the outcome is said where it was asked for. */
  async #ask(name) {
    if (!this.#ready || this.#asking) {
      return;
    }
    this.#asking = true;
    const say = (state, words) => {
      this.#parts.attribute("outcome", "data-state", state);
      this.#parts.text("outcome", words);
    };
    say("asking", text(`tools.${name}.asking`));
    try {
      const answer = await command(this.#tool.key, name, {});
      if (answer.ok) {
        say("done", text(`tools.${name}.done`, { time: clock.format(Date.now()) }));
      } else {
        const { key, values } = refusalOf(answer.error);
        say("failed", text("notDone", { why: text(key, values) }));
      }
    } catch (unanswered) {
      say("failed", unanswered.message);
    }
    this.#asking = false;
  }

  #showInfo(info) {
    const parts = this.#parts;
    const unknown = text("tools.unknown");
    parts.text("firmware", info?.firmware || unknown);
    parts.text("maker", [info?.manufacturer, info?.model].filter(Boolean).join(" ") || unknown);
    parts.text("serial", info?.serial || unknown);
    parts.text("address", info?.address ?? unknown);
    parts.text("features", info === null ? unknown : (info.features ?? []).map((word) => wordOf("tools.feature", word)).join(", ") || text("tools.feature.none"));
    parts.text("linkKind", info === null ? unknown : wordOf("tools.link", info.link));
    parts.text("trust", info === null ? unknown : wordOf("tools.trust", info.trust));
    parts.text("calibrationNumber", info === null ? unknown : count(info.calibration));
    parts.text("boot", info === null ? unknown : bootName(info.boot));
  }

  #showLimits(status, info) {
    const known = status !== null && info !== null;
    const rows = compareLimits(known ? info.limits : null, known ? info.limits_on_tool : null);
    const differs = status?.alerts.includes("limits-differ") ?? false;
    this.#parts.set("limits", [rows, differs, status?.link === "streaming"], () => {
      rows.forEach((row, i) => {
        const [, gateway, tool, compared] = this.#parts.limits.rows[i].children;
        const newtons = (value) => (value === null ? "–" : text("tools.newtons", { newtons: number(value, 1) }));
        gateway.textContent = newtons(row.gateway);
        tool.textContent = newtons(row.tool);
        const by = row.more === null ? "unknown" : row.more === 0 ? "same" : row.more > 0 ? "more" : "less";
        compared.textContent = text(`tools.limits.${by}`, { newtons: number(Math.abs(row.more ?? 0), 1) });
        compared.parentElement.classList.toggle("differs", by === "more" || by === "less");
      });
      const unequal = rows.some((row) => row.more !== null && row.more !== 0);
      const unread = rows.some((row) => row.tool === null);
      const verdict = !known ? "notKnown" : unequal ? "differ" : differs ? "unsure" : unread ? "unread" : status.link === "streaming" ? "equal" : "equalThen";
      this.#parts.limitsVerdict.textContent = text(`tools.limits.verdict.${verdict}`);
      this.#parts.attribute("limitsVerdict", "data-state", unequal || differs ? "failed" : "");
    });
    this.#parts.text("limitsVersion", known ? text("tools.limits.version", { version: info.limits.version ?? text("tools.unknown") }) : "");
  }

  #showLatencies() {
    const parts = this.#parts;
    const seen = this.#latencies;
    parts.set("latencies", seen.version, () => {
      const ms = (value) => text("tools.ms", { ms: number(value, 0) });
      const none = seen.count === 0;
      parts.histogram.hidden = none;
      parts.text("cueCount", count(seen.count));
      for (const [part, share] of [["cueHalf", 0.5], ["cueMost", 0.95], ["cueAll", 1]]) {
        parts.text(part, none ? "" : ms(seen.share(share)));
      }
      const bars = seen.bars;
      const highest = Math.max(1, ...bars);
      [...parts.bars.children].forEach((bar, i) => {
        bar.firstElementChild.textContent = bars[i] === 0 ? "" : count(bars[i]);
        bar.lastElementChild.style.height = `${(bars[i] / highest) * 100}%`;
      });
      const met = !none && seen.share(0.95) <= Latencies.GOAL_MS && seen.share(1) <= Latencies.MOST_MS;
      parts.text("cueVerdict", text(none ? "tools.cues.none" : met ? "tools.cues.met" : "tools.cues.missed", { goal: Latencies.GOAL_MS, most: Latencies.MOST_MS }));
      parts.attribute("cueVerdict", "data-state", none || met ? "" : "failed");
      parts.text("unwritten", seen.unwritten === 0 ? "" : text("tools.cues.unwritten", { count: count(seen.unwritten) }));
      if (!none) {
        parts.bars.setAttribute("aria-label", this.#barsInWords(bars));
      }
    });
  }

  #barsInWords(bars) {
    const parts = bars.map((cues, i) => {
      const last = i === bars.length - 1;
      return cues === 0 ? "" : text(last ? "tools.cues.bar.last" : "tools.cues.bar", { count: count(cues), from: i * Latencies.STEP_MS, to: (i + 1) * Latencies.STEP_MS });
    });
    return text("tools.cues.bars", { bars: parts.filter(Boolean).join("; ") });
  }

  /** What does not add up once may be counted at an unlucky instant; twice in a row it is wrong. */
  #weigh(status) {
    if (status === null || status === this.#unevenStatus || !hasAccounting(status)) {
      return;
    }
    this.#unevenStatus = status;
    const { queued, inFlight } = lawsOf(status.accounting);
    this.#uneven = queued < 0 || inFlight < 0 ? this.#uneven + 1 : 0;
  }

  #showSamples(status, reason) {
    const parts = this.#parts;
    const accounting = hasAccounting(status) ? status.accounting : null;
    parts.hidden("accounts", accounting === null);
    parts.text("noAccounts", accounting !== null ? "" : status === null ? text("tools.notKnown", { reason }) : text("tools.samples.none"));
    if (accounting === null) {
      return;
    }
    const { frames, samples, boots } = accounting;
    const { queued, inFlight } = lawsOf(accounting);
    for (const name of ["received", "malformed", "overflowed", "refused"]) {
      parts.text(`frames-${name}`, count(frames[name]));
    }
    parts.text("frames-decoded", count(frames.decoded));
    parts.text("frames-queued", count(Math.max(0, queued)));
    for (const name of ["decoded", "journaled", "duplicate", "not_kept"]) {
      parts.text(`samples-${name}`, count(samples[name]));
    }
    parts.text("samples-inFlight", count(Math.max(0, inFlight)));
    parts.set("notKept", samples.not_kept > 0, () => parts["samples-not_kept"].parentElement.classList.toggle("bad", samples.not_kept > 0));
    parts.text("adds", text(this.#uneven > 1 ? "tools.samples.uneven" : "tools.samples.even"));
    parts.attribute("adds", "data-state", this.#uneven > 1 ? "failed" : "");
    parts.set("boots", [boots, this.#tool.info?.boot], () => this.#fillBoots(boots));
  }

  #fillBoots(boots) {
    const newestFirst = [...boots].reverse();
    this.#parts.hidden("bootTable", boots.length === 0);
    this.#parts.boots.replaceChildren(
      ...newestFirst.map((boot) => {
        const lost = Object.values(boot.lost ?? {}).reduce((sum, each) => sum + each, 0);
        const all = boot.received + boot.pending + lost;
        const row = document.createElement("tr");
        const name = element("th", {}, bootName(boot.boot));
        name.scope = "row";
        if (boot.boot === this.#tool.info?.boot) {
          name.append(element("small", {}, text("tools.boot.newest")));
        }
        // Rounded down, so that what is not whole is never said to be.
        const percent = all === 0 ? "–" : text("tools.percent", { percent: number(Math.floor((boot.received / all) * 1000) / 10, 1) });
        row.append(name, element("td", { class: "figure" }, count(boot.received)), element("td", { class: "figure" }, count(boot.pending)), element("td", { class: "figure" }, count(lost)), element("td", { class: "figure" }, percent));
        return row;
      }),
    );
    const reasons = {};
    for (const [reason, samples] of boots.flatMap((boot) => Object.entries(boot.lost ?? {}))) {
      reasons[reason] = (reasons[reason] ?? 0) + samples;
    }
    const pending = boots.reduce((sum, boot) => sum + boot.pending, 0);
    const lines = Object.entries(reasons)
      .filter(([, samples]) => samples > 0)
      .map(([reason, samples]) => text("tools.gaps.lost", { count: count(samples), why: wordOf("tools.lost", reason) }));
    if (pending > 0) {
      lines.unshift(text("tools.gaps.pending", { count: count(pending) }));
    }
    this.#parts.gaps.replaceChildren(...lines.map((line) => element("li", {}, line)));
    this.#parts.text("noGaps", lines.length === 0 && boots.length > 0 ? text("tools.gaps.none") : "");
  }

  #showRecovery(status, reason) {
    this.#parts.hidden("recovery", status === null);
    this.#parts.text("noRecovery", status === null ? text("tools.notKnown", { reason }) : "");
    if (status === null) {
      return;
    }
    const recovery = status.recovery ?? {};
    this.#parts.set("recovery", recovery, () => {
      RECOVERY.forEach((step, i) => {
        const line = this.#parts.recovery.children[i];
        line.classList.toggle("taken", (recovery[step] ?? 0) > 0);
        line.lastElementChild.textContent = count(recovery[step] ?? 0);
      });
    });
  }

  #showLog() {
    this.#parts.set("log", this.#log.version, () => {
      this.#parts.log.replaceChildren(
        ...this.#log.entries.map(({ at, key, values, words }) => {
          const line = element("li");
          const time = element("time", {}, clock.format(at));
          time.dateTime = at.toISOString();
          const said = Object.fromEntries(Object.entries(words).map(([name, [family, word]]) => [name, wordOrItself(family, word)]));
          const shown = { ...values, ...said };
          if ("seconds" in values) {
            shown.seconds = number(values.seconds, 1);
          }
          line.append(time, element("span", {}, text(key, shown)));
          return line;
        }),
      );
      this.#parts.hidden("emptyLog", this.#log.entries.length > 0);
    });
  }
}

function wordOrItself(family, word) {
  return has(`${family}.${word}`) ? text(`${family}.${word}`) : String(word);
}
