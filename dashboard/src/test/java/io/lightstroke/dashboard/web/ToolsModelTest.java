package io.lightstroke.dashboard.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the tools page works out: tools-model.js in a real browser. */
class ToolsModelTest extends ScriptTest {
    private static Object run(String script) {
        return page.evaluate(
                "async () => { const model = await import('/assets/tools-model.js'); %s }".formatted(script));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "500|500",
                " 500 g |500",
                "500.5|500.5",
                "500,25|500.25",
                "1.000|NaN",
                "1,000|NaN",
                "''|NaN",
                "-5|NaN",
                "1e3|NaN",
                "5 00|NaN",
                "123456|NaN"
            })
    void gramsAreReadOnlyWhereTheyAreUnambiguous(String written, String grams) {
        assertEquals(grams, run("return String(model.gramsOf('%s'));".formatted(written)));
    }

    /** 1 kg weighs 9.807 N. */
    @Test
    void aWeightInNewtons() {
        assertEquals(
                "9.807 4.903 102 2039",
                run(
                        "return [model.newtonsOf(1000), model.newtonsOf(500), model.LEAST_GRAMS, model.MOST_GRAMS].join(' ');"));
    }

    @Test
    void latenciesOfCuesThatTheGatewayGaveEachOnce() {
        assertEquals("4 1 20 400 [1,1,0,0,1,0,0,0,0,0,1]", run("""
                        const seen = new model.Latencies();
                        const cue = (index, latency_ms, by = 'gateway') => ({ by, pattern: 'too-deep', txn: index, boot: 1, index, latency_ms });
                        [cue(1, 20), cue(2, 25.1), cue(2, 25.1), cue(3, 125), cue(4, 400), cue(5), cue(6, 9, 'felt'), cue(7, undefined, 'tool')]
                            .forEach((each) => seen.take(each));
                        return `${seen.count} ${seen.unwritten} ${seen.share(0.25)} ${seen.share(0.95)} ${JSON.stringify(seen.bars)}`;
                        """));
    }

    @Test
    void whatIsInNoPlaceThatIsCountedIsOnItsWay() {
        assertEquals("3 5", run("""
                        const { queued, inFlight } = model.lawsOf({
                          frames: { received: 110, decoded: 100, malformed: 4, overflowed: 2, refused: 1 },
                          samples: { decoded: 500, journaled: 480, duplicate: 10, not_kept: 5 } });
                        return `${queued} ${inFlight}`;
                        """));
    }

    @Test
    void accountsThatAreNoneAreNotRead() {
        assertEquals("false false true", run("""
                        const frames = { received: 1, decoded: 1, malformed: 0, overflowed: 0, refused: 0 };
                        const samples = { decoded: 1, journaled: 1, duplicate: 0, not_kept: 0, pending: 0, lost: 0 };
                        return [model.hasAccounting(null), model.hasAccounting({ accounting: { frames, samples: {}, boots: [] } }),
                            model.hasAccounting({ accounting: { frames, samples, boots: [{ boot: 1, received: 1, pending: 0, lost: {} }] } })].join(' ');
                        """));
    }

    @Test
    void limitsAreComparedOnlyWhereBothAreKnown() {
        assertEquals("0 0.5 -0.5 null", run("""
                        return model.compareLimits({ light_N: 3, moderate_N: 6.5, too_deep_N: 9, ceiling_N: 14 },
                            { light_N: 3, moderate_N: 7, too_deep_N: 8.5 }).map((row) => String(row.more)).join(' ');
                        """));
    }

    /** The gateway's own words, as docs/protocol.md and the tests of the gateway have them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tare of tool-1: want ok, got busy or wrong state; the tool must lie still|tare|",
                "tool tool-1: want it free, got a calibration that runs; send calibrate with step reference or cancel|calibrating|",
                "tool tool-1: want it free, got an update with new.bin that runs|updating|new.bin",
                "session of tool-1: want none that runs, got 20260301t093000-7f3a9c01|session|",
                "session of tool-1: want 20260301t093000-7f3a9c01, got none|over|",
                "session: want one that was started, got none; send session-start|over|",
                "mark-spot: want a spot in this session, got none yet|no-spot|",
                "tool-1: want samples of it first, got none yet|samples|",
                "region: want one of calf, thigh, got glute|region|",
                "journal: want the order on disk within 5 s, got no answer; it is in force, but a crash would lose it|unsaved|",
                "journal: want the order on disk, got too much that waits for it|disk|",
                "tool tool-2: want it streaming, got absent|away|absent",
                "tool tool-2: want it connected, got lost|away|lost",
                "calibration of tool-1, zero: want ok, got busy or wrong state; the tool must lie still, with nothing on it|zero|",
                "calibration of tool-1, reference of 5.000 N: want ok, got bad parameter, for the tool measures less than half or more than twice of that; it is cancelled|reference.off|",
                "calibration of tool-1, reference of 5.000 N: want ok, got busy or wrong state, for the force moves; it is cancelled|reference.moves|",
                "calibration of tool-1, reference of 5.000 N: want ok, got sensor fault; it is cancelled|sensor|",
                "calibration of tool-1: want step zero before, got reference|order|",
                "control point, op 7: want an answer within 3000 ms, got none; the tool's info will say whether the calibration is in force|unsure|",
                "control point, op 7: want an answer within 3000 ms, got none|silent|",
                "command: want at most 64 that wait, got one more; send it again|busy|",
                "something new|other|something new"
            })
    void eachRefusalHasItsWords(String error, String key, String what) {
        assertEquals("refused.%s %s".formatted(key, what == null ? "" : what), page.evaluate("""
                        async (error) => {
                          const { key, values } = (await import('/assets/refusals.js')).refusalOf(error);
                          const { has } = await import('/assets/texts.js');
                          return `${has(key) ? key : 'no text'} ${values.what}`;
                        }
                        """, error));
    }

    @Test
    void theLogTellsOfChangesAndOfGapsOnce() {
        assertEquals("gap alert.end counts recovery link | 2.5 lost", run("""
                        const log = new model.Log();
                        const status = (link, recovery, ...alerts) => ({ link, alerts, recovery });
                        log.data(false, 'waiting', -Infinity, 0); // nothing came yet
                        log.status(status('streaming', { reconnect: 2 }, 'untared'));
                        log.data(true, '', 1000, 1000);
                        log.data(false, 'silent', 1000, 1600);
                        log.data(false, 'lost', 1000, 2000);
                        log.data(false, 'connecting', 1000, 3400);
                        log.status(status('lost', { reconnect: 3 }, 'untared'));
                        log.status(null);
                        log.status(status('lost', {}));
                        log.data(true, '', 3500, 3500);
                        const [oldest] = log.entries.slice(-1);
                        const order = ['gap', 'alert.end', 'counts', 'recovery', 'link'];
                        const keys = log.entries.map((entry) => entry.key.replace('tools.log.', ''));
                        keys.sort((a, b) => order.indexOf(a) - order.indexOf(b));
                        return `${keys.join(' ')} | ${oldest.values.seconds} ${oldest.values.reason}`;
                        """));
    }
}
