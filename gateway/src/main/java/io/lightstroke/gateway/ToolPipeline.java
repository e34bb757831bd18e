package io.lightstroke.gateway;

import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.engine.EngineEvent;
import io.lightstroke.gateway.engine.Judged;
import io.lightstroke.gateway.engine.Zone;
import io.lightstroke.gateway.guideline.Caps;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.session.CueAgreement;
import io.lightstroke.gateway.session.Findings;
import io.lightstroke.gateway.session.SessionRecorder;
import io.lightstroke.gateway.session.SessionState.Moment;
import io.lightstroke.gateway.sink.LiveView;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.LiveFrame;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.TimeSync;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to each frame of one tool, in order: decode, doubt, order and duplicates, clock mapping, engine, cue, live
 * view, journal. Used by the session's thread; the counters may be read by any.
 */
final class ToolPipeline {
    private static final Logger LOG = LoggerFactory.getLogger(ToolPipeline.class);
    private final String tool;
    private final Engine engine;
    private final SessionRecorder recorder;
    private final SessionKeeper keeper;
    private final Journal journal;
    private final LiveView live;

    private final LongAdder decodedFrames = new LongAdder();
    private final LongAdder malformedFrames = new LongAdder();
    private final LongAdder decodedSamples = new LongAdder();
    private final LongAdder duplicateSamples = new LongAdder();
    private final LongAdder lateSamples = new LongAdder();
    private final LongAdder toolStrokes = new LongAdder();
    private final CueGiver cues;
    private final CueAgreement agreement = new CueAgreement();
    private final TransportDelay transport = new TransportDelay();
    private final ToolBoots boots;
    private long restSinceUs;
    private long newestUs;
    private long notKept;

    /**
     * @param unassigned limits outside of any session that somebody started
     * @param unassignedCaps of them the times of a spot hold there; null for the engine's own
     * @param partlySeen told of each session that is over and wants deriving again
     * @param nanoTime as {@link System#nanoTime()}, and of the same origin as the times of arrival
     */
    ToolPipeline(
            String tool,
            PressureLimits unassigned,
            @Nullable Caps unassignedCaps,
            Journal journal,
            LiveView live,
            CueLatency latency,
            Clock clock,
            Consumer<String> partlySeen,
            LongSupplier nanoTime) {
        this.tool = tool;
        this.engine = new Engine(unassigned);
        this.recorder = new SessionRecorder(tool, engine, unassigned, unassignedCaps, partlySeen);
        this.keeper = new SessionKeeper(engine, recorder, journal, live, clock, nanoTime);
        this.journal = journal;
        this.live = live;
        this.cues = new CueGiver(recorder, journal, latency, nanoTime);
        this.boots = new ToolBoots(tool, journal, clock, nanoTime);
    }

    /** Cues go there from now on; nowhere with null. Begins a connection. */
    void cueLane(@Nullable CueLane lane) {
        cues.lane(lane);
        transport.restart();
    }

    /**
     * Gives the hand a cue that somebody asked for.
     *
     * @param outcome told once: when it had been written, or empty if it was not
     */
    void cue(Cue.Pattern pattern, Consumer<OptionalLong> outcome) {
        if (boots.current() == null) {
            outcome.accept(OptionalLong.empty());
        } else {
            cues.give(pattern, newestUs, outcome);
        }
    }

    /** Its session. */
    SessionKeeper keeper() {
        return keeper;
    }

    /**
     * @param arrivedNanos of {@code nanoTime}
     * @return whether it brought live samples that had not come before
     */
    boolean force(byte[] value, long arrivedNanos) {
        ForceFrame frame;
        try {
            frame = ForceFrame.decode(value);
        } catch (MalformedFrameException e) {
            malformed(e);
            return false;
        }
        boolean fresh = false;
        for (ToolBoots.Came came : boots.believed(new ToolBoots.Came(frame, arrivedNanos))) {
            fresh |= take(came) && !came.frame().has(ForceFrame.HISTORICAL);
        }
        return fresh;
    }

    /** Whether there was something new in it. */
    private boolean take(ToolBoots.Came came) {
        ForceFrame frame = came.frame();
        ToolBoots.Boot of = boots.of(came);
        decodedFrames.increment();
        decodedSamples.add(frame.count());
        if (!frame.has(ForceFrame.HISTORICAL)) {
            takeOver(of, frame);
        }
        long transportUs = 0;
        if (!frame.has(ForceFrame.HISTORICAL) && of == boots.current()) {
            toolStrokes.add(of.newToolStrokes(frame));
            watchRest(frame);
            transportUs = transport.ofFrameUs(came.atNanos(), frame.lastTimeUs());
        }
        List<ReorderHold.Part> ready = of.hold.take(frame, new ReorderHold.Arrival(came.atNanos(), transportUs));
        int fresh = of.hold.taken();
        duplicateSamples.add(frame.count() - fresh);
        go(of, ready);
        if (of != boots.current()) {
            go(of, of.hold.releaseAll());
        }
        boots.took(of, frame);
        return fresh > 0;
    }

    /** What runs of the boot before ends with it. */
    private void takeOver(ToolBoots.Boot of, ForceFrame frame) {
        if (of == boots.current() || of.wasCurrent()) {
            return;
        }
        silence();
        boots.current(of, frame);
        List<JournalEntry.Finding> ended = recorder.boot(of.number, of.clock());
        if (!ended.isEmpty()) {
            journal.append(List.copyOf(ended));
        }
        transport.restart();
        restSinceUs = frame.lastTimeUs();
        newestUs = frame.lastTimeUs();
    }

    /**
     * A stored frame of force or an event; kept, not judged.
     *
     * @param arrivedNanos of {@link System#nanoTime()}
     */
    void record(byte[] value, long arrivedNanos) {
        if (value.length > 0 && value[0] == EventFrame.TYPE) {
            event(value, arrivedNanos);
            return;
        }
        try {
            ForceFrame frame = ForceFrame.decode(value);
            if (!frame.has(ForceFrame.HISTORICAL)) {
                throw new MalformedFrameException("record: want the flag historical, got " + frame);
            }
            take(new ToolBoots.Came(frame, arrivedNanos));
        } catch (MalformedFrameException e) {
            malformed(e);
        }
    }

    /** A stored frame has come that is not taken. */
    void refuse() {
        boots.refuse();
    }

    /** @param arrivedNanos of {@link System#nanoTime()} */
    void event(byte[] value, long arrivedNanos) {
        EventFrame event;
        try {
            event = EventFrame.decode(value);
        } catch (MalformedFrameException e) {
            malformed(e);
            return;
        }
        decodedFrames.increment();
        boolean historical = (event.flags() & ForceFrame.HISTORICAL) != 0;
        ToolBoots.Boot of = boots.of(event, arrivedNanos);
        if (of.events.take(event.sequence(), event.sequence()).isEmpty()) {
            return;
        }
        List<JournalEntry> entries = new ArrayList<>(2);
        entries.add(new JournalEntry.ToolEvent(
                tool, event.boot(), event.sequence(), event.index(), of.clock().utcUs(event.timeUs()), value));
        if (event.kind() == EventFrame.Kind.CUE_BEGAN) {
            entries.add(recorder.at(event.boot(), event.index()).cue(cues.ofTool(event, of.clock())));
        }
        if (!journal.append(entries)) {
            notKept++;
            of.events.notKept(event.sequence(), event.sequence());
        }
        if (!historical && of == boots.current()) {
            judge(event);
        }
    }

    private void judge(EventFrame event) {
        agreement.event(event);
        recorder.event(event);
        engine.event(event);
        if (event.kind() == EventFrame.Kind.BUTTON && event.code() == EventFrame.BUTTON_SHORT) {
            keeper.nextSpot();
        }
    }

    /** When {@link #goOn} next has something to do; empty while nothing waits. */
    OptionalLong deadlineNanos() {
        ToolBoots.Boot of = boots.current();
        return of == null ? OptionalLong.empty() : of.hold.deadlineNanos();
    }

    /** Judges what has waited long enough for what is missing before it. */
    void goOn(long nowNanos) {
        boots.expire(nowNanos);
        ToolBoots.Boot of = boots.current();
        if (of != null) {
            go(of, of.hold.expire(nowNanos));
        }
    }

    /** Takes an exchange of times with the tool. */
    void sync(TimeSync answer, long sentNanos, long arrivedNanos) {
        if (boots.sync(answer, sentNanos, arrivedNanos)) {
            recorder.clock(Objects.requireNonNull(boots.current()).clock());
        }
    }

    /** Whose samples come and whose records are asked for. */
    ToolBoots boots() {
        return boots;
    }

    /** No frame has come for a while, or none will: what is open is closed as unknown. */
    void silence() {
        ToolBoots.Boot of = boots.current();
        if (of == null) {
            return;
        }
        go(of, of.hold.releaseAll());
        List<JournalEntry> findings = new ArrayList<>();
        for (EngineEvent event : engine.interrupt()) {
            recorder.found(event, findings);
        }
        if (!findings.isEmpty()) {
            journal.append(findings);
        }
        agreement.settleAll();
    }

    /** The connection is over. */
    void disconnected() {
        boots.refuseFirst();
        silence();
    }

    /** @param received and the other are counted where frames arrive */
    Accounting accounting(long received, long overflowed, long untrusted) {
        return new Accounting(
                new Accounting.Frames(
                        received, decodedFrames.sum(), malformedFrames.sum(), overflowed, boots.refused() + untrusted),
                new Accounting.Samples(
                        decodedSamples.sum(),
                        journal.samplesJournaled(tool),
                        duplicateSamples.sum(),
                        journal.samplesNotKept(tool),
                        boots.pending(),
                        boots.lost()),
                boots.accounts());
    }

    /** Frames and events that the journal did not take. */
    long notKept() {
        return notKept;
    }

    /** How long, in tool time, every raw sample has been below contact; 0 before the first. */
    long restUs() {
        return newestUs - restSinceUs;
    }

    /** Samples journaled without being judged, since the start: what was derived of their time wants deriving again. */
    long lateSamples() {
        return lateSamples.sum();
    }

    long strokes() {
        return recorder.strokes();
    }

    /** The tool's own count, of what it stroked while it was seen. */
    long toolStrokes() {
        return toolStrokes.sum();
    }

    CueAgreement.Figures cueAgreement() {
        return agreement.figures();
    }

    private void malformed(MalformedFrameException e) {
        malformedFrames.increment();
        LOG.warn("{}: frame refused: {}", tool, e.getMessage());
    }

    private void watchRest(ForceFrame frame) {
        newestUs = Math.max(newestUs, frame.lastTimeUs());
        for (short cn : frame.forceCn()) {
            if (Math.abs(cn) >= PressureLimits.CONTACT_CN) {
                restSinceUs = Math.max(restSinceUs, frame.lastTimeUs());
            }
        }
    }

    private void go(ToolBoots.Boot of, List<ReorderHold.Part> parts) {
        for (ReorderHold.Part part : parts) {
            if (part.late() || of != boots.current()) {
                lateSamples.add(part.frame().count());
                recorder.late(of.number, part.frame().first(), part.frame().count());
                keep(of, part.frame(), unknownZones(part.frame().count()), List.of());
            } else {
                judge(of, part.frame(), part.arrival());
            }
        }
    }

    private void judge(ToolBoots.Boot of, ForceFrame frame, ReorderHold.Arrival arrival) {
        if (cues.failed()) {
            engine.cueNotGiven();
        }
        keeper.begins(new Moment(of.number, frame.first(), of.clock().utcUs(frame.timeUs())));
        recorder.samples(of.number, frame.first(), frame.count(), frame.strokes());
        Judged judged = engine.accept(
                of.number,
                frame.first(),
                frame.timeUs(),
                frame.periodUs(),
                frame.has(ForceFrame.SATURATED),
                frame.forceCn());
        List<JournalEntry> findings = new ArrayList<>(0);
        EngineEvent.@Nullable OverPressureBegan began = null;
        for (EngineEvent event : judged.events()) {
            if (event instanceof EngineEvent.CueDue due) {
                boolean tellsOfIt = CueGiver.overPressure(due.pattern());
                cues.give(due, of.clock(), frame, arrival, tellsOfIt ? began : null);
                began = tellsOfIt ? null : began;
            } else {
                if (event instanceof EngineEvent.OverPressureBegan begin) {
                    agreement.gatewayJudged(begin.timeUs());
                    began = begin;
                }
                recorder.found(event, findings);
            }
        }
        if (recorder.capPassed()) {
            cues.give(
                    new EngineEvent.CueDue(Cue.Pattern.MOVE_ON, frame.lastIndex(), frame.lastTimeUs()),
                    of.clock(),
                    frame,
                    arrival,
                    null);
        }
        keeper.judged(
                new Moment(of.number, frame.lastIndex() + 1, of.clock().utcUs(frame.lastTimeUs() + frame.periodUs())));
        agreement.settle(frame.lastTimeUs());
        live.live(tool, liveFrame(of, frame, judged));
        keep(of, frame, judged.zones(), findings);
    }

    private void keep(ToolBoots.Boot of, ForceFrame frame, byte[] zones, List<JournalEntry> findings) {
        List<JournalEntry> entries = new ArrayList<>(1 + findings.size());
        entries.add(new JournalEntry.Samples(
                tool,
                of.number,
                frame.first(),
                frame.timeUs(),
                of.clock().utcUs(frame.timeUs()),
                frame.periodUs(),
                frame.flags(),
                frame.strokes(),
                frame.forceCn(),
                zones));
        entries.addAll(findings);
        if (!journal.append(entries)) {
            notKept++;
            of.samples().notKept(frame.first(), frame.lastIndex()); // the tool may still have them
        }
    }

    private static byte[] unknownZones(int count) {
        byte[] zones = new byte[count];
        Arrays.fill(zones, Judged.UNKNOWN);
        return zones;
    }

    private LiveFrame liveFrame(ToolBoots.Boot of, ForceFrame frame, Judged judged) {
        byte zone = judged.zones()[judged.zones().length - 1];
        short[] forceCn = frame.forceCn();
        Double[] forceN = new Double[forceCn.length];
        for (int i = 0; i < forceCn.length; i++) {
            forceN[i] = forceCn[i] == ForceFrame.NO_FORCE ? null : forceCn[i] / 100.0;
        }
        return new LiveFrame(
                1,
                of.number,
                frame.first(),
                Json.instantOfUs(of.clock().utcUs(frame.timeUs())),
                frame.periodUs(),
                forceN,
                known(Math.round(judged.filteredCn()) / 100.0, !Double.isNaN(judged.filteredCn())),
                zone == Judged.UNKNOWN ? null : Zone.of(zone).word(),
                engine.ceiling() ? Zone.CEILING.word() : engine.overPressure() ? Zone.TOO_DEEP.word() : null,
                engine.strokes(),
                frame.strokes(),
                known(Findings.rounded(engine.cadencePerMin(), 10), !Double.isNaN(engine.cadencePerMin())),
                known(Findings.rounded(engine.strokeS(), 100), !Double.isNaN(engine.strokeS())));
    }

    private static @Nullable Double known(double value, boolean known) {
        return known ? value : null;
    }
}
