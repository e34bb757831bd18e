package io.lightstroke.gateway;

import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.engine.EngineEvent;
import io.lightstroke.gateway.engine.Judged;
import io.lightstroke.gateway.engine.Stroke;
import io.lightstroke.gateway.engine.Zone;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.BootState;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.sink.LivePublisher;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.AlertMessage;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.LiveFrame;
import io.lightstroke.messages.StrokeMessage;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to each frame of one tool, in order: decode, duplicate and gap check, clock mapping, engine, cue, live
 * view, journal. Used by the session's thread; the counters may be read by any.
 */
final class ToolPipeline {
    private static final Logger LOG = LoggerFactory.getLogger(ToolPipeline.class);
    private static final Duration CUE_FRESH = Duration.ofMillis(500);

    private final String tool;
    private final Engine engine;
    private final Journal journal;
    private final LivePublisher live;
    private final CueLatency latency;
    private final Clock clock;

    private final LongAdder decodedFrames = new LongAdder();
    private final LongAdder malformedFrames = new LongAdder();
    private final LongAdder decodedSamples = new LongAdder();
    private final LongAdder duplicateSamples = new LongAdder();
    private final LongAdder strokes = new LongAdder();
    private final LongAdder toolStrokes = new LongAdder();
    private final LongAdder lostBefore = new LongAdder();
    private volatile long lostOfBoot;

    private @Nullable CueLane cueLane;
    private int cueTxn;
    private long boot = -1;
    private IndexLedger ledger = new IndexLedger(-1);
    private long utcOffsetUs;
    private long lastUtcUs = Long.MIN_VALUE;
    private long toolStrokesSeen;
    private long restSinceUs;
    private long restUs;

    ToolPipeline(
            String tool, PressureLimits limits, Journal journal, LivePublisher live, CueLatency latency, Clock clock) {
        this.tool = tool;
        this.engine = new Engine(limits);
        this.journal = journal;
        this.live = live;
        this.latency = latency;
        this.clock = clock;
    }

    /** Cues go there from now on; nowhere with null. */
    void cueLane(@Nullable CueLane lane) {
        cueLane = lane;
    }

    /**
     * @param arrivedNanos of {@link System#nanoTime()}
     * @return whether it was a valid frame
     */
    boolean force(byte[] value, long arrivedNanos) {
        ForceFrame frame;
        try {
            frame = ForceFrame.decode(value);
        } catch (MalformedFrameException e) {
            malformed(e);
            return false;
        }
        decodedFrames.increment();
        decodedSamples.add(frame.count());
        if (frame.boot() != boot) {
            begin(frame, arrivedNanos);
        }
        lastUtcUs = Math.max(lastUtcUs, frame.lastTimeUs() + utcOffsetUs);
        countToolStrokes(frame);
        watchRest(frame);
        long highest = ledger.highest();
        List<IndexLedger.Range> fresh = ledger.take(frame.first(), frame.lastIndex());
        long freshCount = 0;
        for (IndexLedger.Range range : fresh) {
            freshCount += range.count();
            ForceFrame part = part(frame, range);
            if (range.first() > highest && !frame.has(ForceFrame.HISTORICAL)) {
                judge(part, arrivedNanos);
            } else {
                keep(part, unknownZones(part.count()), List.of());
            }
        }
        duplicateSamples.add(frame.count() - freshCount);
        lostOfBoot = ledger.missing();
        return true;
    }

    boolean event(byte[] value) {
        try {
            EventFrame event = EventFrame.decode(value);
            decodedFrames.increment();
            if (event.kind() == EventFrame.Kind.TARED) {
                engine.tared();
            }
            return true;
        } catch (MalformedFrameException e) {
            malformed(e);
            return false;
        }
    }

    /** No frame has come for a while, or none will: what is open is closed as unknown. */
    void silence() {
        List<JournalEntry> findings = new ArrayList<>();
        for (EngineEvent event : engine.interrupt()) {
            found(event, findings);
        }
        if (!findings.isEmpty()) {
            journal.append(findings);
        }
    }

    /** @param received and the two others are counted where frames arrive */
    Accounting accounting(long received, long overflowed, long refused) {
        return new Accounting(
                new Accounting.Frames(received, decodedFrames.sum(), malformedFrames.sum(), overflowed, refused),
                new Accounting.Samples(
                        decodedSamples.sum(),
                        journal.samplesJournaled(tool),
                        duplicateSamples.sum(),
                        journal.samplesNotKept(tool),
                        lostBefore.sum() + lostOfBoot));
    }

    /** How long, in tool time, every raw sample has been below contact; 0 before the first. */
    long restUs() {
        return restUs;
    }

    long strokes() {
        return strokes.sum();
    }

    /** The tool's own count, of what it stroked while it was seen. */
    long toolStrokes() {
        return toolStrokes.sum();
    }

    private void malformed(MalformedFrameException e) {
        malformedFrames.increment();
        LOG.warn("{}: frame refused: {}", tool, e.getMessage());
    }

    private void begin(ForceFrame frame, long arrivedNanos) {
        silence();
        lostBefore.add(lostOfBoot);
        lostOfBoot = 0;
        Optional<BootState> known = inJournal(() -> journal.boot(tool, frame.boot()), Optional.empty());
        if (known.isPresent()) {
            utcOffsetUs = known.get().utcOffsetUs();
            ledger = new IndexLedger(known.get().lastIndex());
            toolStrokesSeen = frame.strokes();
        } else {
            utcOffsetUs = firstUtcUs(frame, arrivedNanos) - frame.timeUs();
            ledger = new IndexLedger(-1);
            toolStrokesSeen = frame.first() == 0 ? 0 : frame.strokes();
            journal.append(List.of(new JournalEntry.Boot(tool, frame.boot(), utcOffsetUs)));
        }
        restSinceUs = frame.timeUs();
        boot = frame.boot();
    }

    /** By the time of its arrival, but always later than every sample of the tool before it. */
    private long firstUtcUs(ForceFrame frame, long arrivedNanos) {
        long arrivedUs = Json.usOf(clock.instant()) - (System.nanoTime() - arrivedNanos) / 1000;
        long firstUs = arrivedUs - (frame.lastTimeUs() - frame.timeUs());
        long journaledUs =
                inJournal(() -> journal.lastUtcUs(tool), OptionalLong.empty()).orElse(Long.MIN_VALUE);
        long lastUs = Math.max(lastUtcUs, journaledUs);
        return lastUs == Long.MIN_VALUE ? firstUs : Math.max(firstUs, lastUs + frame.periodUs());
    }

    /** What the journal knows; a disk that cannot be read must not hold up the warning of the hand. */
    private <T> T inJournal(Supplier<T> question, T otherwise) {
        try {
            return question.get();
        } catch (UncheckedIOException e) {
            LOG.warn("{}: going on without the journal's knowledge of it: {}", tool, e.getMessage());
            return otherwise;
        }
    }

    private void countToolStrokes(ForceFrame frame) {
        if (frame.strokes() > toolStrokesSeen) {
            toolStrokes.add(frame.strokes() - toolStrokesSeen);
            toolStrokesSeen = frame.strokes();
        }
    }

    private void watchRest(ForceFrame frame) {
        for (short cn : frame.forceCn()) {
            if (Math.abs(cn) >= PressureLimits.CONTACT_CN) {
                restSinceUs = frame.lastTimeUs();
            }
        }
        restUs = frame.lastTimeUs() - restSinceUs;
    }

    private static ForceFrame part(ForceFrame frame, IndexLedger.Range range) {
        if (range.count() == frame.count()) {
            return frame;
        }
        int from = (int) (range.first() - frame.first());
        return new ForceFrame(
                frame.flags(),
                frame.boot(),
                range.first(),
                frame.timeUs() + (long) from * frame.periodUs(),
                frame.periodUs(),
                frame.strokes(),
                Arrays.copyOfRange(frame.forceCn(), from, from + (int) range.count()));
    }

    private void judge(ForceFrame frame, long arrivedNanos) {
        Judged judged = engine.accept(
                boot,
                frame.first(),
                frame.timeUs(),
                frame.periodUs(),
                frame.has(ForceFrame.SATURATED),
                frame.forceCn());
        List<JournalEntry> findings = new ArrayList<>(0);
        EngineEvent.@Nullable OverPressureBegan began = null;
        for (EngineEvent event : judged.events()) {
            if (event instanceof EngineEvent.OverPressureBegan begin) {
                began = begin;
            } else if (event instanceof EngineEvent.CueDue due) {
                cue(due, frame, arrivedNanos, began);
                began = null;
            } else {
                found(event, findings);
            }
        }
        live.live(tool, liveFrame(frame, judged));
        keep(frame, judged.zones(), findings);
    }

    /** @param began the alert that this cue tells of; journaled with the cue's latency, once that is known */
    private void cue(
            EngineEvent.CueDue due,
            ForceFrame frame,
            long arrivedNanos,
            EngineEvent.@Nullable OverPressureBegan began) {
        long waitedInFrameUs = frame.lastTimeUs() - due.timeUs();
        AlertMessage alert = began == null
                ? null
                : alert(
                        began.ceiling(),
                        AlertMessage.Phase.BEGIN,
                        began.boot(),
                        began.firstIndex(),
                        began.index(),
                        began.timeUs(),
                        false);
        Consumer<OptionalLong> outcome = writtenNanos -> {
            AlertMessage told = alert;
            if (writtenNanos.isPresent()) {
                long gatewayUs = (writtenNanos.getAsLong() - arrivedNanos) / 1000;
                latency.record(waitedInFrameUs + gatewayUs, gatewayUs);
                told = alert == null ? null : alert.withCue((waitedInFrameUs + gatewayUs) / 1e3, gatewayUs / 1e3);
            }
            if (told != null) {
                journal.append(List.of(alertFinding(told)));
            }
        };
        long deadlineNanos = arrivedNanos + CUE_FRESH.toNanos();
        if (cueLane == null || System.nanoTime() - deadlineNanos > 0) {
            engine.cueNotGiven();
            outcome.accept(OptionalLong.empty());
            return;
        }
        cueTxn = cueTxn % 255 + 1;
        cueLane.send(
                new Cue(due.pattern(), cueTxn, frame.lastTimeUs() + CUE_FRESH.toNanos() / 1000),
                deadlineNanos,
                outcome);
    }

    private void found(EngineEvent event, List<JournalEntry> findings) {
        if (event instanceof EngineEvent.StrokeEnded ended) {
            if (ended.stroke().counts()) {
                strokes.increment();
            }
            findings.add(stroke(ended.stroke()));
        } else if (event instanceof EngineEvent.OverPressureEnded ended) {
            findings.add(alertFinding(alert(
                    ended.ceiling(),
                    AlertMessage.Phase.END,
                    ended.boot(),
                    ended.firstIndex(),
                    ended.index(),
                    ended.unknown() ? ended.timeUs() + 1 : ended.timeUs(), // after the last sample, not with it
                    ended.unknown())));
        }
    }

    private void keep(ForceFrame frame, byte[] zones, List<JournalEntry> findings) {
        List<JournalEntry> entries = new ArrayList<>(1 + findings.size());
        entries.add(new JournalEntry.Samples(
                tool,
                boot,
                frame.first(),
                frame.timeUs(),
                frame.timeUs() + utcOffsetUs,
                frame.periodUs(),
                frame.flags(),
                frame.strokes(),
                frame.forceCn(),
                zones));
        entries.addAll(findings);
        journal.append(entries);
    }

    private static byte[] unknownZones(int count) {
        byte[] zones = new byte[count];
        Arrays.fill(zones, Judged.UNKNOWN);
        return zones;
    }

    private LiveFrame liveFrame(ForceFrame frame, Judged judged) {
        byte zone = judged.zones()[judged.zones().length - 1];
        short[] forceCn = frame.forceCn();
        Double[] forceN = new Double[forceCn.length];
        for (int i = 0; i < forceCn.length; i++) {
            forceN[i] = forceCn[i] == ForceFrame.NO_FORCE ? null : forceCn[i] / 100.0;
        }
        return new LiveFrame(
                1,
                boot,
                frame.first(),
                Json.instantOfUs(frame.timeUs() + utcOffsetUs),
                frame.periodUs(),
                forceN,
                known(Math.round(judged.filteredCn()) / 100.0, !Double.isNaN(judged.filteredCn())),
                zone == Judged.UNKNOWN ? null : Zone.of(zone).word(),
                engine.ceiling() ? Zone.CEILING.word() : engine.overPressure() ? Zone.TOO_DEEP.word() : null,
                engine.strokes(),
                frame.strokes(),
                known(rounded(engine.cadencePerMin(), 10), !Double.isNaN(engine.cadencePerMin())),
                known(rounded(engine.strokeS(), 100), !Double.isNaN(engine.strokeS())));
    }

    private static @Nullable Double known(double value, boolean known) {
        return known ? value : null;
    }

    private static double rounded(double value, int partsOfOne) {
        return (double) Math.round(value * partsOfOne) / partsOfOne;
    }

    private JournalEntry stroke(Stroke stroke) {
        Map<String, Double> timeInZoneS = new LinkedHashMap<>();
        for (Zone zone : Zone.values()) {
            timeInZoneS.put(zone.word(), stroke.zoneUs()[zone.ordinal()] / 1e6);
        }
        StrokeMessage message = new StrokeMessage(
                1,
                id(stroke.boot(), stroke.firstIndex()),
                1,
                true,
                stroke.boot(),
                stroke.firstIndex(),
                stroke.lastIndex(),
                Json.instantOfUs(stroke.startUs() + utcOffsetUs),
                stroke.durationUs() / 1e6,
                rounded(stroke.peakCn() / 100, 1000),
                rounded(stroke.meanN(), 1000),
                rounded(stroke.impulseNs(), 10_000),
                stroke.riseTimeUs() / 1e6,
                timeInZoneS,
                stroke.overUs() / 1e6,
                stroke.ceilingHit(),
                stroke.hold(),
                stroke.interrupted(),
                rounded(stroke.gapPercent(), 10),
                null,
                null,
                stroke.limitsVersion(),
                Engine.VERSION);
        return new JournalEntry.Finding(
                tool, "stroke", stroke.boot(), stroke.firstIndex(), stroke.startUs() + utcOffsetUs, Json.text(message));
    }

    private AlertMessage alert(
            boolean ceiling,
            AlertMessage.Phase phase,
            long ofBoot,
            long firstIndex,
            long index,
            long timeUs,
            boolean endedUnknown) {
        return new AlertMessage(
                1,
                id(ofBoot, firstIndex),
                (ceiling ? Zone.CEILING : Zone.TOO_DEEP).word(),
                phase,
                ofBoot,
                index,
                Json.instantOfUs(timeUs + utcOffsetUs),
                endedUnknown,
                null,
                null);
    }

    private JournalEntry alertFinding(AlertMessage alert) {
        return new JournalEntry.Finding(
                tool, "alert", alert.boot(), alert.index(), Json.usOf(alert.time()), Json.text(alert));
    }

    private String id(long ofBoot, long index) {
        return "%s-%08x-%d".formatted(tool, ofBoot, index);
    }
}
