package io.lightstroke.dashboard.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What the page may say of a tool at an instant: tool.js in a real browser, with times that the test chooses. */
class ToolModelTest extends ScriptTest {
    /** frame(first, utcMs, extra): five samples 10 ms apart, the last one 40 ms after {@code utcMs}. */
    private static final String WITH_TOOL = """
            async () => {
              const { Tool } = await import('/assets/tool.js');
              const tool = new Tool('site/gateway/tool/slug');
              const frame = (first, utcMs, extra = {}) => ({ boot: 1, first, time: new Date(utcMs).toISOString(),
                  period_us: 10000, force_N: [1, 1, 1, 1, 1], filtered_N: 1, zone: 'light', strokes: 0, tool_strokes: 0, ...extra });
              const UTC = 1_700_000_000_000;
              %s
            }
            """;

    private static Object run(String script) {
        return page.evaluate(WITH_TOOL.formatted(script));
    }

    @Test
    void aSampleIsLiveFor500Ms() {
        assertEquals("nodata light light nodata", run("""
                        const before = tool.zone(1000, true);
                        tool.take('live', frame(0, UTC), 1000);
                        return [before, tool.zone(1000, true), tool.zone(1500, true), tool.zone(1501, true)].join(' ');
                        """));
    }

    @Test
    void withoutALineThereIsNoData() {
        assertEquals("nodata", run("tool.take('live', frame(0, UTC), 1000); return tool.zone(1000, false);"));
    }

    @Test
    void ageCountsFromTheSampleNotFromItsArrival() {
        assertEquals("2000 nodata", run("""
                        tool.take('live', frame(0, UTC), 1000);
                        tool.take('live', frame(5, UTC + 50), 3050);
                        return `${Math.round(tool.ageMs(3050) / 10) * 10} ${tool.zone(3050, true)}`;
                        """));
    }

    @Test
    void aBurstAfterAStallIsLiveFromItsFreshFrameOn() {
        assertEquals("nodata light", run("""
                        tool.take('live', frame(0, UTC), 1000);
                        tool.take('live', frame(5, UTC + 50), 3100);
                        const stale = tool.zone(3100, true);
                        tool.take('live', frame(205, UTC + 2050), 3100);
                        return `${stale} ${tool.zone(3100, true)}`;
                        """));
    }

    @Test
    void aLateFirstFrameIsCorrectedByTheFirstPromptOne() {
        assertEquals("light nodata", run("""
                        tool.take('live', frame(0, UTC), 9000);
                        tool.take('live', frame(5, UTC + 8000), 9000);
                        const prompt = tool.zone(9000, true);
                        tool.take('live', frame(10, UTC + 8050), 10000);
                        return `${prompt} ${tool.zone(10000, true)}`;
                        """));
    }

    @Test
    void aGatewayClockSetBackHealsAtOnce() {
        assertEquals("light", run("""
                        tool.take('live', frame(0, UTC), 1000);
                        tool.take('live', frame(5, UTC + 50 - 3_600_000), 1050);
                        return tool.zone(1050, true);
                        """));
    }

    @Test
    void aGatewayClockSetForwardHealsAtOnce() {
        assertEquals("light nodata", run("""
                        tool.take('live', frame(0, UTC), 1000);
                        tool.take('live', frame(5, UTC + 50 + 3_600_000), 1050);
                        return `${tool.zone(1050, true)} ${tool.zone(1551, true)}`;
                        """));
    }

    @Test
    void slowClockDriftIsFollowed() {
        assertEquals("light", run("""
                        for (let i = 0; i <= 20 * 3600; i++) { // an hour in which the tool's clock loses 200 ppm
                          tool.take('live', frame(5 * i, UTC + 50 * i), 1000 + 50 * i * 1.0002);
                        }
                        return tool.zone(1000 + 50 * 20 * 3600 * 1.0002, true);
                        """));
    }

    @Test
    void aNewBootStartsAfresh() {
        assertEquals("light", run("""
                        tool.take('live', frame(500, UTC), 1000);
                        tool.take('live', frame(0, UTC - 60_000, { boot: 2 }), 1050);
                        return tool.zone(1050, true);
                        """));
    }

    @Test
    void theDeeperOfZoneAndLatchIsSaidAndNothingUnknownIsNormal() {
        assertEquals("too-deep ceiling ceiling unknown unknown unknown", run("""
                        const say = (extra) => { tool.take('live', frame(0, UTC, extra), 1000); return tool.zone(1000, true); };
                        return [say({ zone: 'moderate', over_pressure: 'too-deep' }), say({ zone: 'ceiling', over_pressure: 'too-deep' }),
                            say({ zone: 'too-deep', over_pressure: 'ceiling' }), say({ zone: undefined }), say({ zone: 'sideways' }),
                            say({ zone: 'light', over_pressure: 'sideways' })].join(' ');
                        """));
    }

    @Test
    void theTraceKeepsElevenSecondsInOrderWithGapsAsGaps() {
        assertEquals("true true 1", run("""
                        for (let i = 0; i < 400; i++) {
                          if (i !== 390) tool.take('live', frame(5 * i, UTC + 50 * i), 1000 + 50 * i);
                        }
                        tool.take('live', frame(5 * 399, UTC + 50 * 399), 1000 + 50 * 399); // a repeat adds nothing
                        const times = tool.timesS, span = times[times.length - 1] - times[0];
                        const ordered = times.every((t, i) => i === 0 || t > times[i - 1]);
                        return `${span >= 10 && span < 13} ${ordered} ${tool.forces.filter((f) => f === null).length}`;
                        """));
    }
}
