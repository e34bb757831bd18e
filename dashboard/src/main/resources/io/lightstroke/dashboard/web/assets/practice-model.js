// What the practice page decides from what is known of a tool, a person and the guideline. No DOM in here.
// Times: *Ms is milliseconds of UTC unless it says otherwise, *S seconds.

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
const UNASSIGNED = "unassigned-";
/** A state comes each second while a spot goes on; further ahead of the last one nothing is counted. */
const AHEAD_S = 1.2;

/** The running session that somebody started; null when there is none. */
export function sessionOf(tool) {
  const state = tool?.sessionState ?? null;
  return state === null || state.session.startsWith(UNASSIGNED) ? null : state;
}

/** Seconds on the running spot, also between two states: they go on while the tool touches the skin. */
export class SpotClock {
  /** Counts the spots that were seen to begin. */
  number = 0;
  #shownS = null;

  /** clockMs: the gateway's clock now. Null between spots. */
  seconds(state, touching, clockMs) {
    if (state.spot_s == null) {
      this.#shownS = null;
      return null;
    }
    const sinceS = (clockMs - Date.parse(state.time)) / 1000;
    const nowS = state.spot_s + (touching && !state.paused ? Math.min(AHEAD_S, Math.max(0, sinceS)) : 0);
    const begins = this.#shownS === null || this.#shownS - nowS > 1.5 * AHEAD_S;
    this.number += begins ? 1 : 0;
    // A state that comes late sets no clock back.
    this.#shownS = begins ? nowS : Math.max(this.#shownS, nowS);
    return this.#shownS;
  }
}

/**
 * "idle", "on", "nearly" or "move-on". Feeling for tender places wanders over the skin, so only a spot that is treated
 * is ever long enough.
 */
export function spotStage(spotS, phase, promptS, capS) {
  if (spotS === null) {
    return "idle";
  }
  if (phase === "treat" && capS != null && spotS >= capS) {
    return "move-on";
  }
  return phase === "treat" && promptS != null && spotS >= promptS ? "nearly" : "on";
}

/** Seconds of all visits of the area that is worked on, for its cap counts them all. */
export function areaWorkedS(state) {
  const now = state.areas[state.areas.length - 1];
  return state.areas
    .filter((area) => area.region === now.region && area.side === now.side)
    .reduce((sum, area) => sum + area.worked_s, 0);
}

/** {percent, of}: share of the session's strokes with a known direction that go in the majority's; null without any. */
export function oneWay(strokes, session) {
  const known = strokes.filter((stroke) => stroke.session === session && (stroke.direction === 1 || stroke.direction === -1));
  if (known.length === 0) {
    return null;
  }
  const forth = known.filter((stroke) => stroke.direction === 1).length;
  return { percent: (100 * Math.max(forth, known.length - forth)) / known.length, of: known.length };
}

function overlaps(one, other) {
  return one.region === other.region && (one.side === other.side || one.side === "both" || other.side === "both");
}

/** When a person may work on an area again by what this browser knows; null when nothing speaks against it at any time. */
export function nextMs(past, person, area, rest) {
  const own = past.filter((session) => session.person === person);
  const onArea = own.filter((session) => session.areas.some((each) => overlaps(each, area)));
  const times = onArea.map((session) => session.endedMs + rest.area_h * HOUR_MS);
  const starts = own.map((session) => session.startedMs).sort((a, b) => b - a);
  if (starts.length >= rest.sessions_per_week) {
    times.push(starts[rest.sessions_per_week - 1] + WEEK_MS);
  }
  return times.length === 0 ? null : Math.max(...times);
}

/** Whether a person had a session before, so that redness and soreness must have gone. */
export function hadSession(past, person) {
  return past.some((session) => session.person === person);
}

/** Whether some of the conditions forbid a session at home, and whether some want a practitioner's word. */
export function conditionsOf(conditions, screening) {
  const some = (kind) => screening[kind].some(({ id }) => conditions.includes(id));
  return { absolute: some("absolute"), relative: some("relative") };
}

/**
 * What still stands against a start, in the order in which the page asks: "tool", "update", "area", "emollient",
 * "screening", "absolute", "clearance", "never-on", "gone", "rest".
 *
 * answers: {area: {region, side} or null, emollient, none, conditions: ids, cleared, gone, unplanned}; screening as in
 * the guideline; ready: the tool streams and its data are live
 */
export function needs(answers, screening, { ready, updating, before, nextMs: freeMs }, nowMs) {
  const { area, conditions } = answers;
  const found = [];
  const { absolute, relative } = conditionsOf(conditions, screening);
  const want = (need, met) => {
    if (!met) {
      found.push(need);
    }
  };
  want("area", area !== null);
  want("emollient", answers.emollient);
  want("screening", answers.none || conditions.length > 0);
  want("absolute", !absolute);
  want("clearance", absolute || !relative || answers.cleared);
  want("never-on", area === null || !conditions.some((id) => screening.never_on[id]?.includes(area.region)));
  want("gone", !before || answers.gone);
  want("rest", freeMs === null || freeMs <= nowMs || answers.unplanned);
  want(updating ? "update" : "tool", ready && !updating);
  return found;
}

/**
 * The areas of a summary, all visits of one taken together: {region, side, workedS, capS, pastCap, strokes, spots, events,
 * overS, target: percent or null, marks: how many spots of each}.
 */
export function areasOf(summary) {
  const areas = [];
  for (const { region, side, worked_s, cap_s = null, past_cap, figures, spots } of summary.areas) {
    let area = areas.find((one) => one.region === region && one.side === side);
    if (area === undefined) {
      area = { region, side, workedS: 0, capS: cap_s, pastCap: false, strokes: 0, spots: 0, events: 0, overS: 0, contactS: 0, targetS: 0, marks: {} };
      areas.push(area);
    }
    area.workedS += worked_s;
    area.pastCap ||= past_cap;
    area.strokes += figures.strokes;
    area.spots += spots.length;
    area.events += figures.over_pressure_events;
    area.overS += figures.over_pressure_s;
    area.contactS += figures.contact_s;
    area.targetS += ((figures.in_target_percent ?? 0) / 100) * figures.contact_s;
    for (const { mark } of spots) {
      if (mark != null) {
        area.marks[mark] = (area.marks[mark] ?? 0) + 1;
      }
    }
  }
  return areas.map(({ contactS, targetS, ...area }) => ({ ...area, target: contactS > 0 ? (100 * targetS) / contactS : null }));
}
