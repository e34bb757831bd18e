// What the practice page decides from what is known of a tool, a person and the guideline. No DOM in here.
// Times: *Ms is milliseconds of UTC unless it says otherwise, *S seconds.

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

/**
 * What the records say against an area, by their word on rest; of nobody's area they say nothing. {notClear: a check-in is
 * wanted, early: it has to rest, earliestMs or null, mayOverride: a practitioner may let it start, overridden: one has}
 */
export function restOf(rest) {
  const codes = rest?.reasons.map(({ code }) => code) ?? [];
  const notClear = codes.includes("not-clear");
  const early = codes.includes("rest") || codes.includes("weekly");
  return {
    notClear,
    early,
    earliestMs: rest?.earliest == null ? null : Date.parse(rest.earliest),
    mayOverride: notClear || early,
    overridden: rest?.override_until != null,
  };
}

/** The conditions that apply want a practitioner's clearance which the records do not have. */
export function wantsClearance(conditions, screening, clearance) {
  const { absolute, relative } = conditionsOf(conditions, screening);
  return relative && !absolute && !conditions.every((id) => clearance?.conditions.includes(id));
}

/** Whether some of the conditions forbid a session at home, and whether some want a practitioner's word. */
export function conditionsOf(conditions, screening) {
  const some = (kind) => screening[kind].some(({ id }) => conditions.includes(id));
  return { absolute: some("absolute"), relative: some("relative") };
}

/**
 * What still stands against a start, in the order in which the page asks: "tool", "update", "area", "emollient",
 * "screening", "absolute", "clearance", "never-on", "gone", "left", "rest".
 *
 * answers: {area: {region, side} or null, emollient, none, conditions: ids, clearedBy, gone, left: what is}; screening as
 * in the guideline; ready: the tool streams and its data are live; rest as restOf gives it
 */
export function needs(answers, screening, { ready, updating, clearance, rest }) {
  const { area, conditions } = answers;
  const found = [];
  const want = (need, met) => {
    if (!met) {
      found.push(need);
    }
  };
  const { notClear, early, overridden } = rest;
  want("area", area !== null);
  want("emollient", answers.emollient);
  want("screening", answers.none || conditions.length > 0);
  want("absolute", !conditionsOf(conditions, screening).absolute);
  want("clearance", answers.clearedBy !== "" || !wantsClearance(conditions, screening, clearance));
  want("never-on", area === null || !conditions.some((id) => screening.never_on[id]?.includes(area.region)));
  want("left", overridden || !notClear || answers.left.length === 0);
  want("gone", overridden || !notClear || answers.gone || answers.left.length > 0);
  want("rest", overridden || !early);
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
