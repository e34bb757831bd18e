package io.lightstroke.dashboard.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What the practice page decides: practice-model.js in a real browser, with times that the test chooses. */
class PracticeModelTest extends ScriptTest {
    private static final String WITH_MODEL = """
            async () => {
              const model = await import('/assets/practice-model.js');
              const guideline = await (await fetch('/guideline.json')).json();
              const NOW = 1_700_000_000_000;
              const state = (spot_s, atS, extra = {}) => ({ session: 's', time: new Date(NOW + atS * 1000).toISOString(), spot_s, paused: false, ...extra });
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
    void whatTheRecordsSayOfRest() {
        assertEquals(
                "false,false,null,false,false | true,true,1772615400000,true,false | true,false,null,true,true",
                run("""
                        const rest = (codes, more = {}) => Object.values(model.restOf({ reasons: codes.map((code) => ({ code })), ...more }));
                        const nobody = Object.values(model.restOf(null));
                        const early = rest(['weekly', 'not-clear', 'clearance'], { earliest: '2026-03-04T09:10:00Z' });
                        const allowed = rest(['not-clear'], { override_until: '2026-03-04T09:10:00Z' });
                        return [nobody, early, allowed].map((each) => each.map(String).join()).join(' | ');
                        """));
    }

    @Test
    void whatStandsAgainstAStartIsSaidInOrder() {
        assertEquals(
                "area,emollient,screening,tool | absolute | clearance |  | clearance | never-on | gone,rest | left |  | update | ",
                run("""
                        const ok = { area: left, emollient: true, none: true, conditions: [], clearedBy: '', gone: false, left: [] };
                        const free = model.restOf(null), early = { ...free, notClear: true, early: true };
                        const now = { ready: true, updating: false, clearance: null, rest: free };
                        const needs = (answers, at = {}) => model.needs({ ...ok, ...answers }, guideline.screening, { ...now, ...at }).join();
                        const cancer = { none: false, conditions: ['cancer'] };
                        return [needs({ area: null, emollient: false, none: false }, { ready: false }), needs({ none: false, conditions: ['infection', 'cancer'] }),
                            needs(cancer), needs(cancer, { clearance: { conditions: ['eczema', 'cancer'] } }), needs(cancer, { clearance: { conditions: ['eczema'] } }),
                            needs({ none: false, conditions: ['pregnancy'], clearedBy: 'Dr. Who', area: { region: 'lumbar', side: 'left' } }),
                            needs({}, { rest: early }), needs({ left: ['bruise'] }, { rest: { ...early, early: false } }), needs({}, { rest: { ...early, overridden: true } }),
                            needs({}, { updating: true, ready: false }), needs({ gone: true }, { rest: { ...early, early: false } })].join(' | ');
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
