package io.lightstroke.gateway.session;

import io.lightstroke.gateway.engine.Spot;
import io.lightstroke.gateway.engine.Stroke;
import io.lightstroke.gateway.guideline.Caps;
import io.lightstroke.messages.SessionMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A session of one tool while it runs: its state, and what was found in it so far. Visits are parallel to the areas of its state. Not thread-safe. */
final class RunningSession {
    final Tally total = new Tally();
    final List<Visit> visits = new ArrayList<>();
    final SampleFigures samples;
    final CueFigures cues = new CueFigures();
    final CueAgreement agreement = new CueAgreement();

    SessionState state;
    /** To be given to the running spot when it ends. */
    @Nullable
    String mark;

    @Nullable
    MarkedSpot lastSpot;

    /** Not all of it was seen as it happened. */
    boolean partlySeen;

    private @Nullable Visit overPressureIn;
    private long overPressureSinceUs;
    private boolean areaCapTold;
    private boolean sessionCapTold;

    static final class Visit {
        final Tally tally = new Tally();
        final Map<String, SessionMessage.Spot> spots = new LinkedHashMap<>();
    }

    /** The last spot that ended, in case that it is marked afterwards. */
    record MarkedSpot(Spot spot, Findings findings, Visit visit, int revision) {}

    RunningSession(SessionState state) {
        this.state = state;
        samples = new SampleFigures(state.started().boot(), state.started().index());
        visits.add(new Visit());
    }

    /** The visit in which that sample lies; null before the session or in a pause. */
    @Nullable
    Visit visit(long boot, long index) {
        int visit = state.visit(boot, index);
        return visit < 0 ? null : visits.get(visit);
    }

    void nextArea() {
        visits.add(new Visit());
        areaCapTold = false;
    }

    void stroke(Visit visit, Stroke stroke, long startUtcUs) {
        visit.tally.stroke(stroke, startUtcUs);
        total.stroke(stroke, startUtcUs);
    }

    void spot(Visit visit, long dwellUs) {
        visit.tally.spot(dwellUs);
        total.spot(dwellUs);
    }

    void overPressureBegan(Visit visit, long feltUs) {
        visit.tally.overPressure();
        total.overPressure();
        overPressureIn = visit;
        overPressureSinceUs = feltUs;
    }

    void overPressureEnded(long feltUs) {
        if (overPressureIn != null) {
            long lastedUs = Math.max(0, feltUs - overPressureSinceUs);
            overPressureIn.tally.overPressureLasted(lastedUs);
            total.overPressureLasted(lastedUs);
            overPressureIn = null;
        }
    }

    /**
     * Whether an area's or the session's cap has just been passed: true once for each.
     *
     * @param spotUs of the running spot
     */
    boolean capPassed(long spotUs) {
        boolean area = areaPastCap(visits.size() - 1, spotUs);
        boolean session = sessionPastCap(spotUs);
        boolean due = (area && !areaCapTold) || (session && !sessionCapTold);
        areaCapTold |= area;
        sessionCapTold |= session;
        return due;
    }

    boolean areaPastCap(int visit, long spotUs) {
        Caps caps = state.start().caps();
        return caps != null && areaWorkedUs(visit) + spotUs > caps.areaS() * 1e6;
    }

    boolean sessionPastCap(long spotUs) {
        Caps caps = state.start().caps();
        return caps != null && total.workedUs() + spotUs > caps.sessionS() * 1e6;
    }

    /** On that region and side, up to and with that visit. */
    private long areaWorkedUs(int visit) {
        SessionState.Area area = state.areas().get(visit);
        long workedUs = 0;
        for (int i = 0; i <= visit; i++) {
            SessionState.Area other = state.areas().get(i);
            if (Objects.equals(other.region(), area.region()) && Objects.equals(other.side(), area.side())) {
                workedUs += visits.get(i).tally.workedUs();
            }
        }
        return workedUs;
    }
}
