// What the tools page works out from the messages of one tool. No DOM and no words in here, only the keys of words.

/** The force of a weight: standard gravity, in newtons a kilogram. */
const NEWTONS_PER_KG = 9.80665;
/** What the gateway takes as a reference. */
const LEAST_N = 1;
const MOST_N = 20;
export const LEAST_GRAMS = Math.ceil((LEAST_N / NEWTONS_PER_KG) * 1000);
export const MOST_GRAMS = Math.floor((MOST_N / NEWTONS_PER_KG) * 1000);

/**
 * Grams as a person writes them, with a point or a comma before at most two digits, so that no sign for thousands is
 * taken for one of decimals. NaN when it is no such number.
 */
export function gramsOf(written) {
  const digits = written.trim().replace(/\s*g$/i, "");
  return /^\d{1,5}([.,]\d{1,2})?$/.test(digits) ? Number(digits.replace(",", ".")) : NaN;
}

/** To the millinewton, as the gateway takes it. */
export function newtonsOf(grams) {
  return Math.round(grams * NEWTONS_PER_KG) / 1000;
}

const LIMITS = ["light", "moderate", "too-deep", "ceiling"];
const isNumber = Number.isFinite;

/** The steps of recovery, each harder than the one before. */
export const RECOVERY = ["resubscribe", "reconnect", "forget", "power_cycle", "alarm"];

/** Rows {word, gateway, tool, more}: by how many newtons the tool's limit is higher. null: not known. */
export function compareLimits(gateway, tool) {
  return LIMITS.map((word) => {
    const field = `${word.replace("-", "_")}_N`;
    const [here, there] = [gateway, tool].map((limits) => (isNumber(limits?.[field]) ? limits[field] : null));
    return { word, gateway: here, tool: there, more: here === null || there === null ? null : Math.round((there - here) * 100) / 100 };
  });
}

/**
 * Where frames and samples went. What is not yet in one of the places that are counted is on its way: received − decoded
 * − malformed − overflowed − refused, and decoded − journaled − duplicate − not kept. Counted at one instant by several
 * threads, so a little below 0 once is none.
 */
export function lawsOf(accounting) {
  const { frames, samples } = accounting;
  return {
    queued: frames.received - frames.decoded - frames.malformed - frames.overflowed - frames.refused,
    inFlight: samples.decoded - samples.journaled - samples.duplicate - samples.not_kept,
  };
}

/** Whether a status has the counts that this page reads. */
export function hasAccounting(status) {
  const { frames, samples, boots } = status?.accounting ?? {};
  const counts = (of, ...fields) => fields.every((field) => isNumber(of?.[field]));
  return (
    counts(frames, "received", "decoded", "malformed", "overflowed", "refused") &&
    counts(samples, "decoded", "journaled", "duplicate", "not_kept", "pending", "lost") &&
    Array.isArray(boots) &&
    boots.every((boot) => counts(boot, "boot", "received", "pending") && Object.values(boot.lost ?? {}).every(isNumber))
  );
}

/** How long cues took, of those that this page has seen. */
export class Latencies {
  static STEP_MS = 25;
  static GOAL_MS = 100;
  static MOST_MS = 250;

  #known = new Set();
  #sorted = [];
  /** Cues that were due and could not be written. */
  unwritten = 0;
  version = 0;

  /** QoS 1 brings some twice. */
  take(cue) {
    const name = `${cue.boot} ${cue.index} ${cue.pattern} ${cue.txn}`;
    if (cue.by !== "gateway" || this.#known.has(name)) {
      return;
    }
    this.#known.add(name);
    this.version++;
    if (!isNumber(cue.latency_ms)) {
      this.unwritten++;
    } else {
      const at = this.#sorted.findIndex((other) => other > cue.latency_ms);
      this.#sorted.splice(at < 0 ? this.#sorted.length : at, 0, cue.latency_ms);
    }
  }

  get count() {
    return this.#sorted.length;
  }

  /** The smallest latency that so large a share does not exceed. */
  share(share) {
    return this.#sorted[Math.max(0, Math.ceil(share * this.count) - 1)];
  }

  /** How many cues took up to each further STEP_MS; the last place is for all above MOST_MS. */
  get bars() {
    const bars = new Array(Latencies.MOST_MS / Latencies.STEP_MS + 1).fill(0);
    for (const ms of this.#sorted) {
      bars[Math.min(bars.length - 1, Math.max(0, Math.ceil(ms / Latencies.STEP_MS) - 1))]++;
    }
    return bars;
  }
}

/**
 * What happened to a tool since the page was opened, newest first. An entry: {at, key, values, words}; words are values
 * that are [family, word]. One of a gap changes until the gap is over.
 */
export class Log {
  static KEPT = 100;
  /** So long the nearest missing part of the data's way may become clearer. */
  static #REASON_MS = 1500;

  entries = [];
  /** Counts changes. */
  version = 0;
  #status = null;
  #info = null;
  #gap = null;
  #sawData = false;

  /** A status that is believed now; null tells nothing. */
  status(now) {
    const before = this.#status;
    if (now === null || now === before) {
      return;
    }
    this.#status = now;
    if (before === null) {
      return;
    }
    this.#recovery(before.recovery ?? {}, now.recovery ?? {});
    if (before.link !== now.link) {
      this.#add("link", {}, { before: ["link", before.link], now: ["link", now.link] });
    }
    for (const alert of now.alerts.filter((each) => !before.alerts.includes(each))) {
      this.#add("alert.begin", {}, { alert: ["alert", alert] });
    }
    for (const alert of before.alerts.filter((each) => !now.alerts.includes(each))) {
      this.#add("alert.end", {}, { alert: ["alert", alert] });
    }
    if (Boolean(before.backfilling) !== Boolean(now.backfilling)) {
      this.#add(now.backfilling ? "backfill.begin" : "backfill.end");
    }
    if (before.update?.file !== now.update?.file || before.update?.step !== now.update?.step) {
      if (now.update) {
        this.#add("update", { file: now.update.file }, { step: ["tools.update", now.update.step] });
      } else {
        this.#add("update.end", { file: before.update.file });
      }
    }
  }

  #recovery(before, now) {
    const steps = [...new Set([...RECOVERY, ...Object.keys(now)])];
    if (steps.some((step) => (now[step] ?? 0) < (before[step] ?? 0))) {
      this.#add("counts");
      return;
    }
    for (const step of steps) {
      const times = (now[step] ?? 0) - (before[step] ?? 0);
      if (times > 0) {
        this.#add(times === 1 ? "recovery" : "recovery.times", { times }, { step: ["tools.recovery", step] });
      }
    }
  }

  info(now) {
    const before = this.#info;
    if (now === null || now === before) {
      return;
    }
    this.#info = now;
    if (before === null) {
      return;
    }
    if (before.boot !== now.boot) {
      this.#add("boot");
    }
    if (before.firmware !== now.firmware) {
      this.#add("firmware", { before: before.firmware, now: now.firmware });
    }
    if (before.calibration !== now.calibration) {
      this.#add("calibration", { number: now.calibration });
    }
    if (compareLimits(before.limits, now.limits).some((row) => row.more !== 0)) {
      this.#add("limits", { version: now.limits.version ?? "" });
    }
  }

  /**
   * Whether data come now, or why not, and when the newest was taken. Nothing is a gap before the first data. Times are those of
   * this browser's monotonic clock.
   */
  data(comes, reason, lastMs, nowMs) {
    if (comes) {
      if (this.#gap !== null) {
        this.#gap.entry.key = "tools.log.gap";
        this.#gap.entry.values = { reason: this.#gap.reason, seconds: (nowMs - this.#gap.sinceMs) / 1000 };
        this.#gap = null;
        this.version++;
      }
      this.#sawData = true;
    } else if (this.#gap === null && this.#sawData) {
      this.#gap = { sinceMs: lastMs, foundMs: nowMs, reason, entry: this.#add("gap.open", { reason }) };
    } else if (this.#gap !== null && reason !== this.#gap.reason && nowMs - this.#gap.foundMs < Log.#REASON_MS) {
      this.#gap.reason = reason;
      this.#gap.entry.values = { reason };
      this.version++;
    }
  }

  #add(key, values = {}, words = {}) {
    const entry = { at: new Date(), key: `tools.log.${key}`, values, words };
    this.entries.unshift(entry);
    this.entries.length = Math.min(this.entries.length, Log.KEPT);
    this.version++;
    return entry;
  }
}
