// What is known of one tool, and what may be shown of it at an instant. No DOM in here.
// Times: *Ms is milliseconds; "arrival" and "now" count on this browser's monotonic clock, "sample" on the gateway's UTC.

/** Without a sample younger than this there is no data: the last value is never shown as live. */
export const STALE_MS = 500;
/** What is shown is no older than this, or its age is said beside it. */
export const LATE_MS = 150;
/** What the trace shows. */
export const WINDOW_S = 10;

/** From no contact to much too deep; the index is how many layers of the depth sign are filled. */
export const ZONES = ["none", "light", "moderate", "firm", "too-deep", "ceiling"];

// The smallest (arrival − sample) seen is the fastest way here, so whatever exceeds it is delay. It creeps up this
// much per second of time, faster than clocks drift and far slower than a stalled network piles up.
const CREEP_MS_PER_S = 1;
// Consecutive samples whose times go back by more than this tell of a gateway clock that was set back.
const STEP_MS = 50;

const isText = (value) => typeof value === "string";
const isNumber = Number.isFinite;
const isNumberOrAbsent = (value) => value == null || isNumber(value);

/** Whether a message has what this page reads of it, in the types that it needs. One that has not is not taken. */
const WELL_FORMED = {
  live: (m) =>
    [m.first, m.strokes, m.tool_strokes].every(isNumber) &&
    m.period_us > 0 &&
    isNumber(Date.parse(m.time)) &&
    Array.isArray(m.force_N) &&
    m.force_N.length > 0 &&
    [...m.force_N, m.filtered_N, m.cadence_per_min, m.stroke_s].every(isNumberOrAbsent),
  status: (m) => isText(m.link) && isNumberOrAbsent(m.battery_percent) && Array.isArray(m.alerts) && m.alerts.every(isText),
  info: (m) => isText(m.name) && [m.limits?.light_N, m.limits?.moderate_N, m.limits?.too_deep_N, m.limits?.ceiling_N].every(isNumber),
  "session-state": (m) =>
    isText(m.session) && isText(m.phase) && Array.isArray(m.areas) && Array.isArray(m.hints) && [m.strokes, m.contact_s, m.worked_s].every(isNumber),
  stroke: (m) => isText(m.id) && isNumber(m.peak_N) && isNumber(Date.parse(m.time)),
  spot: (m) => isText(m.id) && isNumber(m.dwell_s) && isNumber(Date.parse(m.time)),
  alert: (m) => isText(m.id) && isText(m.kind) && isText(m.phase) && isNumber(Date.parse(m.time)),
  cue: (m) => isText(m.by) && isNumber(m.index) && isNumberOrAbsent(m.latency_ms) && isNumber(Date.parse(m.time)),
  session: (m) => isText(m.session) && Array.isArray(m.areas) && m.total != null && isNumber(Date.parse(m.started)),
};

/** How many findings of a kind are kept here. */
const KEPT = 200;

/** Puts a finding in its place by time, in place of an earlier revision of it. QoS 1 brings some twice, and late. */
function keep(findings, finding, nameOf) {
  const name = nameOf(finding);
  const known = findings.findIndex((one) => nameOf(one) === name);
  if (known >= 0) {
    if ((finding.revision ?? 0) < (findings[known].revision ?? 0)) {
      return;
    }
    findings.splice(known, 1);
  }
  if (finding.valid === false) {
    return;
  }
  const later = findings.findIndex((one) => Date.parse(one.time) > Date.parse(finding.time));
  findings.splice(later < 0 ? findings.length : later, 0, finding);
  findings.splice(0, findings.length - KEPT);
}

export class Tool {
  constructor(key) {
    const [site, gateway, , slug] = key.split("/");
    this.key = key;
    this.slug = slug;
    this.gateway = `${site}/${gateway}`;
    this.status = null;
    this.info = null;
    this.frame = null;
    this.lastStroke = null;
    /** The running session; null when none runs. */
    this.sessionState = null;
    /** The newest session that has ended. */
    this.summary = null;
    /** The newest findings, oldest first, each in its last revision, without those that turned out to be none. */
    this.strokes = [];
    this.spots = [];
    this.alerts = [];
    this.cues = [];
    /** Counts what came, so that who draws knows whether there is anything new. */
    this.version = 0;
    this.timesS = [];
    this.forces = [];
    this.offsetMs = Infinity;
    this.offsetAtMs = 0;
    this.newestSampleMs = -Infinity;
    this.arrivedMs = -Infinity;
  }

  get name() {
    return this.info?.name || this.slug;
  }

  get limits() {
    return this.info?.limits ?? null;
  }

  /** Takes one message from the topic's last level; null means that a retained message was removed. */
  take(leaf, message, arrivalMs) {
    if (message !== null && !(WELL_FORMED[leaf]?.(message) ?? false)) {
      return;
    }
    this.version++;
    switch (leaf) {
      case "live":
        this.#takeFrame(message, arrivalMs);
        break;
      case "stroke":
        keep(this.strokes, message, (one) => one.id);
        this.lastStroke = this.strokes[this.strokes.length - 1] ?? null;
        break;
      case "spot":
        keep(this.spots, message, (one) => one.id);
        break;
      case "alert":
        keep(this.alerts, message, (one) => one.id + one.phase);
        break;
      case "cue":
        keep(this.cues, message, (one) => [one.by, one.boot, one.index, one.txn].join());
        break;
      case "session":
        if (this.summary === null || Date.parse(message.started) >= Date.parse(this.summary.started)) {
          this.summary = message;
        }
        break;
      case "session-state":
        this.sessionState = message;
        break;
      case "status":
      case "info":
        this[leaf] = message;
        break;
    }
  }

  #takeFrame(frame, arrivalMs) {
    const firstMs = Date.parse(frame.time);
    const periodMs = frame.period_us / 1000;
    const forces = frame.force_N;
    const lastMs = firstMs + (forces.length - 1) * periodMs;
    const before = this.frame;
    if (before === null || before.boot !== frame.boot) {
      this.offsetMs = Infinity;
    } else {
      const stepMs = firstMs - Date.parse(before.time) - ((frame.first - before.first) * before.period_us) / 1000;
      if (stepMs < -STEP_MS && frame.first > before.first) {
        this.offsetMs -= stepMs;
        this.#forgetTrace();
      }
    }
    const creptMs = this.offsetMs + ((arrivalMs - this.offsetAtMs) / 1000) * CREEP_MS_PER_S;
    this.offsetMs = Math.min(creptMs, arrivalMs - lastMs);
    this.offsetAtMs = arrivalMs;
    this.newestSampleMs = lastMs;
    this.arrivedMs = arrivalMs;
    this.frame = frame;
    this.#append(firstMs / 1000, periodMs / 1000, forces);
  }

  #append(firstS, periodS, forces) {
    const newestS = this.timesS.length ? this.timesS[this.timesS.length - 1] : -Infinity;
    if (firstS <= newestS - WINDOW_S) {
      this.#forgetTrace();
    } else if (firstS - newestS > 2.5 * periodS && this.timesS.length) {
      this.timesS.push(newestS + periodS); // a gap is drawn as a gap
      this.forces.push(null);
    }
    forces.forEach((force, i) => {
      const timeS = firstS + i * periodS;
      if (!(timeS <= this.timesS[this.timesS.length - 1])) {
        this.timesS.push(timeS);
        this.forces.push(force);
      }
    });
    const keepS = this.timesS[this.timesS.length - 1] - WINDOW_S - 1;
    if (this.timesS[0] < keepS - 1) {
      const from = this.timesS.findIndex((timeS) => timeS >= keepS);
      this.timesS.splice(0, from);
      this.forces.splice(0, from);
    }
  }

  #forgetTrace() {
    this.timesS.length = 0;
    this.forces.length = 0;
  }

  /** The gateway's clock, as far as it is known here, in ms. */
  sampleClockMs(nowMs) {
    return nowMs - this.offsetMs;
  }

  /** Age of the newest sample by its own time; what came late is old though it has just come. */
  ageMs(nowMs) {
    return this.frame === null ? Infinity : this.sampleClockMs(nowMs) - this.newestSampleMs;
  }

  /**
   * What may be said now: {zone} one of ZONES, "unknown" or "nodata". The latch of the gateway's rule counts before
   * the sample's zone, for it holds a little longer; the deeper of both is said. A sample without a zone does not
   * take the latch away; a word that is no zone is unknown.
   */
  zone(nowMs, lineIsLive) {
    if (!lineIsLive || !(this.ageMs(nowMs) <= STALE_MS)) {
      return "nodata";
    }
    const { zone, over_pressure: latch } = this.frame;
    const latched = latch == null ? 0 : ZONES.indexOf(latch);
    const sample = zone == null && latched > 0 ? 0 : ZONES.indexOf(zone);
    return sample < 0 || latched < 0 ? "unknown" : ZONES[Math.max(sample, latched)];
  }
}
