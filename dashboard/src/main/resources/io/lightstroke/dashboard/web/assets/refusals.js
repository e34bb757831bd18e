// What a gateway that did not do a command says of it, in words for people. No DOM in here.

/** What a gateway's refusal is about, by its own words; the first that fits. A group of a pattern gives its text {what}. */
const REFUSALS = [
  [/^tare of .* got busy or wrong state/, "tare"],
  [/got a calibration that runs/, "calibrating"],
  [/got an update with (.+) that runs/, "updating"],
  [/^session of .*: want none that runs/, "session"],
  [/^session of .*: want |^session: want one that was started/, "over"],
  [/^mark-spot: want a spot/, "no-spot"],
  [/: want samples of it first/, "samples"],
  [/^region: /, "region"],
  [/it is in force, but a crash would lose it/, "unsaved"],
  [/the session is over, but without a summary/, "no-summary"],
  [/^journal: want the order on disk/, "disk"],
  [/want it streaming, got (\w+)/, "away"],
  [/want it connected, got (\w+)/, "away"],
  [/, zero: want ok, got busy or wrong state/, "zero"],
  [/, reference of .* got busy or wrong state/, "reference.moves"],
  [/, reference of .* got bad parameter/, "reference.off"],
  [/got sensor fault/, "sensor"],
  [/want step zero before, got reference/, "order"],
  [/the tool's info will say whether/, "unsure"],
  [/want an answer within \d+ ms, got none/, "silent"],
  [/want a moment of it within|want its turn within|want at most \d+ that wait/, "busy"],
  [/the link to .* is lost|the connection to .* is closed/, "lost"],
];

/** {key, values} of the words for people. What no pattern knows is said as the gateway says it. */
export function refusalOf(error) {
  for (const [pattern, key] of REFUSALS) {
    const match = pattern.exec(error);
    if (match !== null) {
      return { key: `refused.${key}`, values: { what: match[1] ?? "" } };
    }
  }
  return { key: "refused.other", values: { what: error } };
}

/** Likewise of an answer to a command: one for each reason that it gives, else what its error is about. */
export function refusalsOf({ error, reasons = [] }) {
  return reasons.length === 0 ? [refusalOf(error)] : reasons.map(({ code }) => ({ key: `refused.${code}`, values: {} }));
}
