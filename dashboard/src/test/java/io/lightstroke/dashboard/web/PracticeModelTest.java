package io.lightstroke.dashboard.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What the practice page decides: practice-model.js in a real browser, with times that the test chooses. */
class PracticeModelTest extends ScriptTest {
    private static final String WITH_MODEL = """
            async () => {
              const model = await import('/assets/practice-model.js');
              const guideline = await (await fetch('/guideline.json')).json();
              const HOUR = 3_600_000, NOW = 1_700_000_000_000;
              const state = (spot_s, atS, extra = {}) => ({ session: 's', time: new Date(NOW + atS * 1000).toISOString(), spot_s, paused: false, ...extra });
              const past = (hoursAgo, region, side, person = 'p-a') => ({ session: String(hoursAgo), person,
                  startedMs: NOW - hoursAgo * HOUR, endedMs: NOW - hoursAgo * HOUR, areas: [{ region, side }] });
              const left = { region: 'calf', side: 'left' };
              %s
            }
            """;

    private static Object run(String script) {
        return page.evaluate(WITH_MODEL.formatted(script));
    }

    @Test
    void aSpotGoesOnBetweenStatesWhileTheToolTouches() {
        assertEquals("5 5.5 6.2 6.2 7", run("""
                        const clock = new model.SpotClock();
                        const at = (s, spot, stateS, touching) => clock.seconds(state(spot, stateS), touching, NOW + s * 1000);
                        return [at(10, 5, 10, true), at(10.5, 5, 10, true), at(60, 5, 10, true), at(11, 5, 10, false), at(12, 7, 12, true)]
                            .map((s) => Math.round(s * 100) / 100).join(' ');
                        """));
    }

    @Test
    void aNewSpotBeginsAtItsOwnTime() {
        assertEquals("14 0.3 2 null 0.1 3", run("""
                        const clock = new model.SpotClock();
                        const at = (spot) => clock.seconds(state(spot, 10), false, NOW + 10_000);
                        return [at(14), at(0.3), clock.number, at(undefined), at(0.1), clock.number].join(' ').replace('  ', ' null ');
                        """));
    }

    @Test
    void onlyASpotThatIsWorkedOnIsEverLongEnough() {
        assertEquals("idle on nearly move-on on on", run("""
                        return [model.spotStage(null, 'treat', 10, 15), model.spotStage(9.9, 'treat', 10, 15), model.spotStage(10, 'treat', 10, 15),
                            model.spotStage(15, 'treat', 10, 15), model.spotStage(40, 'assess', 10, 15), model.spotStage(12, 'treat', null, 15)].join(' ');
                        """));
    }

    @Test
    void anAreaRestsForBothItsSidesAndOnlyForItsPerson() {
        assertEquals("47 47 null null null", run("""
                        const hours = (area, person = 'p-a') => {
                          const ms = model.nextMs([past(1, 'calf', 'left')], person, area, guideline.rest);
                          return ms === null ? 'null' : (ms - NOW) / HOUR;
                        };
                        return [hours(left), hours({ region: 'calf', side: 'both' }), hours({ region: 'calf', side: 'right' }), hours({ region: 'thigh', side: 'left' }),
                            hours(left, 'p-b')].join(' ');
                        """));
    }

    @Test
    void aWeekHasThreeSessionsAtMost() {
        assertEquals("68 null", run("""
                        const week = [past(1, 'thigh', 'left'), past(50, 'foot', 'left'), past(100, 'glute', 'left')];
                        return [(model.nextMs(week, 'p-a', left, guideline.rest) - NOW) / HOUR, model.nextMs(week.slice(1), 'p-a', left, guideline.rest)].join(' ')
                            .replace(/ $/, ' null');
                        """));
    }

    @Test
    void whatStandsAgainstAStartIsSaidInOrder() {
        assertEquals(
                "area,emollient,screening,tool | absolute | clearance | never-on | gone,rest | update | ", run("""
                        const ok = { area: left, emollient: true, none: true, conditions: [], cleared: false, gone: false, unplanned: false };
                        const now = { ready: true, updating: false, before: false, nextMs: null };
                        const needs = (answers, at = {}) => model.needs({ ...ok, ...answers }, guideline.screening, { ...now, ...at }, NOW).join();
                        return [needs({ area: null, emollient: false, none: false }, { ready: false }), needs({ none: false, conditions: ['infection', 'cancer'] }),
                            needs({ none: false, conditions: ['cancer'] }),
                            needs({ none: false, conditions: ['pregnancy'], cleared: true, area: { region: 'lumbar', side: 'left' } }),
                            needs({}, { before: true, nextMs: NOW + 1 }), needs({}, { updating: true, ready: false }),
                            needs({ gone: true, unplanned: true }, { before: true, nextMs: NOW + 1 })].join(' | ');
                        """));
    }

    @Test
    void strokesGoOneWayByTheirMajority() {
        assertEquals("null 75 4", run("""
                        const stroke = (direction, session = 's') => ({ session, direction });
                        const found = model.oneWay([stroke(-1), stroke(-1), stroke(-1), stroke(1), stroke(0), stroke(1, 'other'), stroke(null)], 's');
                        return `${model.oneWay([stroke(1, 'other')], 's')} ${found.percent} ${found.of}`;
                        """));
    }

    @Test
    void visitsOfAnAreaAreTakenTogether() {
        assertEquals("calf left 30 7 3 true 60 {\"tender\":2} | thigh left 5 1 0 false null {}", run("""
                        const visit = (region, worked_s, strokes, events, contact_s, in_target_percent, past_cap, marks) => ({ region, side: 'left', worked_s, cap_s: 20, past_cap,
                            figures: { strokes, over_pressure_events: events, over_pressure_s: 1, contact_s, in_target_percent }, spots: marks.map((mark) => ({ mark })) });
                        return model.areasOf({ areas: [visit('calf', 10, 3, 1, 10, 90, false, ['tender']), visit('thigh', 5, 1, 0, 0, undefined, false, []),
                            visit('calf', 20, 4, 2, 10, 30, true, ['tender', undefined])] })
                            .map((a) => [a.region, a.side, a.workedS, a.strokes, a.events, a.pastCap, a.target === null ? 'null' : a.target, JSON.stringify(a.marks)].join(' ')).join(' | ');
                        """));
    }
}
