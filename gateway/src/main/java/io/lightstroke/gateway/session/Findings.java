package io.lightstroke.gateway.session;

import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.engine.EngineEvent;
import io.lightstroke.gateway.engine.Spot;
import io.lightstroke.gateway.engine.Stroke;
import io.lightstroke.gateway.engine.Zone;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.messages.AlertMessage;
import io.lightstroke.messages.CueMessage;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.SpotMessage;
import io.lightstroke.messages.StrokeMessage;
import io.lightstroke.messages.ToolInfoMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the engine found in one boot of one tool, as the journal keeps it and the world reads it.
 *
 * @param clock of the boot
 * @param session to which it belongs
 */
public record Findings(String tool, BootClock clock, Session session) {
    /** The session that a finding names; all null outside of any. */
    public record Session(
            @Nullable String id,
            @Nullable String person,
            @Nullable String region,
            @Nullable String side) {
        public static final Session NONE = new Session(null, null, null, null);
    }

    public JournalEntry.Finding stroke(Stroke stroke, int revision) {
        StrokeMessage message = new StrokeMessage(
                1,
                id(stroke.boot(), stroke.firstIndex()),
                revision,
                true,
                session.id(),
                session.person(),
                session.region(),
                session.side(),
                stroke.phase().word(),
                stroke.boot(),
                stroke.firstIndex(),
                stroke.lastIndex(),
                Json.instantOfUs(clock.utcUs(stroke.startUs())),
                stroke.durationUs() / 1e6,
                rounded(stroke.peakCn() / 100, 1000),
                rounded(stroke.meanN(), 1000),
                rounded(stroke.impulseNs(), 10_000),
                stroke.riseTimeS(),
                stroke.timeInZoneS(),
                stroke.overUs() / 1e6,
                stroke.ceilingHit(),
                stroke.hold(),
                stroke.interrupted(),
                rounded(stroke.gapPercent(), 10),
                stroke.angleDeg(),
                stroke.direction(),
                stroke.limitsVersion(),
                Engine.VERSION);
        return new JournalEntry.Finding(
                tool, "stroke", stroke.boot(), stroke.firstIndex(), clock.utcUs(stroke.startUs()), Json.text(message));
    }

    /** @param mark tender, hardened or restricted; null when not marked */
    public JournalEntry.Finding spot(Spot spot, @Nullable String mark, int revision) {
        SpotMessage message = new SpotMessage(
                1,
                id(spot.boot(), spot.firstIndex()),
                revision,
                true,
                session.id(),
                session.person(),
                session.region(),
                session.side(),
                spot.phase().word(),
                mark,
                spot.boot(),
                spot.firstIndex(),
                spot.lastIndex(),
                Json.instantOfUs(clock.utcUs(spot.startUs())),
                spot.dwellUs() / 1e6,
                spot.contactUs() / 1e6,
                spot.strokes(),
                rounded(spot.peakCn() / 100, 1000),
                spot.interrupted(),
                Engine.VERSION);
        return new JournalEntry.Finding(
                tool, "spot", spot.boot(), spot.firstIndex(), clock.utcUs(spot.startUs()), Json.text(message));
    }

    /**
     * A cue. Points of one sample must differ in time to be kept apart by whoever names them so: the finding's time is the
     * sample's and a few microseconds more, by who gave which cue.
     */
    public JournalEntry.Finding cue(CueMessage cue) {
        int place = switch (cue.by()) {
            case CueMessage.BY_GATEWAY ->
                1 + List.of("tick", "too-deep", "move-on", "ceiling").indexOf(String.valueOf(cue.pattern()));
            case CueMessage.BY_TOOL -> 5;
            default -> 6 + (cue.txn() == null ? 0 : cue.txn());
        };
        return new JournalEntry.Finding(
                tool, "cue", cue.boot(), cue.index(), Json.usOf(cue.time()) + place, Json.text(cue));
    }

    public JournalEntry.Finding begin(EngineEvent.OverPressureBegan began) {
        return alert(
                began.ceiling(),
                AlertMessage.Phase.BEGIN,
                began.boot(),
                began.firstIndex(),
                began.index(),
                began.timeUs(),
                false);
    }

    public JournalEntry.Finding end(EngineEvent.OverPressureEnded ended) {
        return alert(
                ended.ceiling(),
                AlertMessage.Phase.END,
                ended.boot(),
                ended.firstIndex(),
                ended.index(),
                ended.unknown() ? ended.timeUs() + 1 : ended.timeUs(), // after the last sample, not with it
                ended.unknown());
    }

    private JournalEntry.Finding alert(
            boolean ceiling,
            AlertMessage.Phase phase,
            long ofBoot,
            long firstIndex,
            long index,
            long timeUs,
            boolean endedUnknown) {
        AlertMessage alert = new AlertMessage(
                1,
                id(ofBoot, firstIndex),
                (ceiling ? Zone.CEILING : Zone.TOO_DEEP).word(),
                phase,
                ofBoot,
                index,
                Json.instantOfUs(clock.utcUs(timeUs)),
                session.id(),
                endedUnknown);
        return new JournalEntry.Finding(tool, "alert", ofBoot, index, clock.utcUs(timeUs), Json.text(alert));
    }

    String id(long ofBoot, long index) {
        return "%s-%08x-%d".formatted(tool, ofBoot, index);
    }

    public static double rounded(double value, int partsOfOne) {
        return (double) Math.round(value * partsOfOne) / partsOfOne;
    }

    public static ToolInfoMessage.Limits newtons(PressureLimits limits) {
        return new ToolInfoMessage.Limits(
                limits.version(),
                limits.lightCn() / 100.0,
                limits.moderateCn() / 100.0,
                limits.tooDeepCn() / 100.0,
                limits.ceilingCn() / 100.0);
    }
}
