package io.lightstroke.gateway.session;

import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.guideline.Caps;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.session.SessionState.Moment;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.SessionMessage;
import io.lightstroke.messages.SessionStateMessage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the world reads of a session: how it stands while it runs, and its summary. */
final class SessionMessages {
    private SessionMessages() {}

    /** @param runningSpotUs dwell of the running spot; null between spots */
    static SessionStateMessage state(RunningSession session, @Nullable Long runningSpotUs, long nowUtcUs) {
        SessionState state = session.state;
        Caps caps = state.start().caps();
        long spotUs = runningSpotUs == null ? 0 : runningSpotUs;
        int last = session.visits.size() - 1;
        List<SessionStateMessage.Area> areas = new ArrayList<>();
        for (int i = 0; i <= last; i++) {
            long runningUs = i == last ? spotUs : 0;
            areas.add(new SessionStateMessage.Area(
                    state.areas().get(i).region(),
                    state.areas().get(i).side(),
                    seconds(session.visits.get(i).tally.workedUs() + runningUs),
                    caps == null ? null : caps.areaS(),
                    session.areaPastCap(i, runningUs)));
        }
        List<String> hints = new ArrayList<>();
        if (caps != null && spotUs > caps.spotS() * 1e6) {
            hints.add("spot-cap");
        }
        if (areas.get(last).pastCap()) {
            hints.add("area-cap");
        }
        if (session.sessionPastCap(spotUs)) {
            hints.add("session-cap");
        }
        return new SessionStateMessage(
                1,
                state.id(),
                state.start().tools(),
                state.start().person(),
                Json.instantOfUs(state.started().utcUs()),
                Json.instantOfUs(nowUtcUs),
                state.areas().get(last).region(),
                state.areas().get(last).side(),
                state.phase().word(),
                state.paused(),
                state.start().unplanned(),
                Findings.newtons(state.limits()),
                state.start().guidelineVersion(),
                session.total.strokes(),
                seconds(session.total.contactUs()),
                seconds(session.total.workedUs() + spotUs),
                runningSpotUs == null ? null : seconds(runningSpotUs),
                caps == null ? null : caps.spotS(),
                caps == null ? null : caps.sessionS(),
                hints,
                areas);
    }

    /** Its first revision. */
    static JournalEntry.Finding summary(String tool, RunningSession session, Order.End end, Moment at) {
        SessionState state = session.state;
        Order.Start start = state.start();
        Double agreement = session.agreement.figures().percent();
        Caps caps = start.caps();
        List<SessionMessage.Area> areas = new ArrayList<>();
        int pastCap = 0;
        for (int i = 0; i < session.visits.size(); i++) {
            RunningSession.Visit visit = session.visits.get(i);
            SessionState.Area area = state.areas().get(i);
            boolean past = session.areaPastCap(i, 0);
            pastCap += past ? 1 : 0;
            areas.add(new SessionMessage.Area(
                    area.region(),
                    area.side(),
                    Json.instantOfUs(area.since().utcUs()),
                    Findings.newtons(area.limits()),
                    seconds(visit.tally.workedUs()),
                    caps == null ? null : caps.areaS(),
                    past,
                    visit.tally.figures(),
                    List.copyOf(visit.spots.values())));
        }
        SessionMessage message = new SessionMessage(
                1,
                state.id(),
                1,
                start.tools(),
                start.person(),
                Json.instantOfUs(state.started().utcUs()),
                Json.instantOfUs(at.utcUs()),
                end.by().word(),
                start.unplanned(),
                start.profile(),
                start.override(),
                start.bruises(),
                seconds(at.utcUs() - state.started().utcUs()),
                seconds(session.total.workedUs()),
                caps == null ? null : caps.sessionS(),
                session.sessionPastCap(0),
                pastCap,
                session.total.figures(),
                session.total.overPressurePer100Strokes(),
                start.painBefore(),
                end.painAfter(),
                start.emollient(),
                start.screening(),
                session.samples.completenessPercent(),
                session.cues.cues(),
                session.cues.latencyMs(50),
                session.cues.latencyMs(95),
                agreement == null ? null : Findings.rounded(agreement, 10),
                session.samples.toolStrokes(),
                start.guidelineVersion(),
                start.guidelineFingerprint(),
                Engine.VERSION,
                areas);
        return new JournalEntry.Finding(
                tool,
                "session",
                state.started().boot(),
                state.started().index(),
                state.started().utcUs(),
                Json.text(message));
    }

    private static double seconds(long us) {
        return us / 1e6;
    }
}
