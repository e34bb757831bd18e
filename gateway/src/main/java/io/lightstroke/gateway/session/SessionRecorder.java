package io.lightstroke.gateway.session;

import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.engine.EngineEvent;
import io.lightstroke.gateway.engine.Spot;
import io.lightstroke.gateway.guideline.Caps;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.session.RunningSession.MarkedSpot;
import io.lightstroke.gateway.session.RunningSession.Visit;
import io.lightstroke.gateway.session.SessionState.Moment;
import io.lightstroke.messages.SessionMessage;
import io.lightstroke.messages.SessionStateMessage;
import io.lightstroke.protocol.EventFrame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one tool as they happen: executes orders on the engine, says of all that the engine finds to which
 * session it belongs, and adds it up. The same orders and samples give the same findings, live and from the journal. Does
 * no I/O; not thread-safe.
 */
public final class SessionRecorder {
    /** Of so many that are over it is known when they were. */
    private static final int KEPT_SESSIONS = 16;

    private final String tool;
    private final Engine engine;
    private final PressureLimits unassigned;
    private final @Nullable Caps unassignedCaps;
    private final Consumer<String> tellPartlySeen;

    /** The one whose samples come, none before the first. */
    private long boot = -1;

    private BootClock clock = BootClock.ofOffset(0);
    private final LongAdder strokes = new LongAdder();
    private @Nullable RunningSession running;
    private final Deque<Ended> ended = new ArrayDeque<>();

    /** A session that is over, from the one moment to before the other. */
    private record Ended(String session, Moment from, Moment to, Set<Long> boots) {
        boolean holds(long boot, long index) {
            return boots.contains(boot)
                    && (boot != from.boot() || index >= from.index())
                    && (boot != to.boot() || index < to.index());
        }
    }

    /**
     * @param unassigned limits outside of any session that somebody started
     * @param unassignedCaps of them the times of a spot hold there; null for the engine's own
     * @param partlySeen told of each session that is over and of which not all was seen as it happened
     */
    public SessionRecorder(
            String tool,
            Engine engine,
            PressureLimits unassigned,
            @Nullable Caps unassignedCaps,
            Consumer<String> partlySeen) {
        this.tool = tool;
        this.engine = engine;
        this.unassigned = unassigned;
        this.unassignedCaps = unassignedCaps;
        engine.caps(unassignedCaps);
        this.tellPartlySeen = partlySeen;
    }

    /**
     * What comes from now on is of this boot.
     *
     * @return what ran of another boot and has ended with it
     */
    public List<JournalEntry.Finding> boot(long number, BootClock itsClock) {
        List<JournalEntry.Finding> findings = new ArrayList<>();
        if (number != boot) {
            engine.interrupt().forEach(event -> found(event, findings));
            engine.nextSpot().forEach(event -> found(event, findings));
        }
        boot = number;
        clock = itsClock;
        if (running != null) {
            running.agreement.settleAll();
        }
        return findings;
    }

    /** The clock of the present boot goes on otherwise; what is past stays. */
    public void clock(BootClock itsClock) {
        clock = itsClock;
    }

    public String tool() {
        return tool;
    }

    /** The session that runs, if one does. */
    public @Nullable SessionState state() {
        return running == null ? null : running.state;
    }

    /** In force now. */
    public PressureLimits limits() {
        return running == null ? unassigned : running.state.limits();
    }

    /** The order that begins a session which nobody started, with the sample {@code (boot, index)}. */
    public Order.Start unassigned(long boot, long index) {
        return Order.Start.unassigned(tool, boot, index, unassigned);
    }

    /** Why the order cannot be executed now, in words for people; null when it can. */
    public @Nullable String refusal(Order order) {
        if (order instanceof Order.Start) {
            return running == null
                    ? null
                    : "session of %s: want none that runs, got %s".formatted(tool, running.state.id());
        } else if (running == null || !running.state.id().equals(order.session())) {
            return "session of %s: want %s, got %s"
                    .formatted(tool, order.session(), running == null ? "none" : running.state.id());
        } else if (order instanceof Order.MarkSpot && !spotRuns() && running.lastSpot == null) {
            return "mark-spot: want a spot in this session, got none yet";
        }
        return null;
    }

    /**
     * Executes it, in force from sample {@code at} on.
     *
     * @return what it ended: strokes, spots, and of {@link Order.End} the session's summary, the last of them
     * @throws IllegalStateException when there is a {@link #refusal}
     */
    public List<JournalEntry.Finding> order(Order order, Moment at) {
        String refusal = refusal(order);
        if (refusal != null) {
            throw new IllegalStateException(refusal);
        }
        List<JournalEntry.Finding> findings = new ArrayList<>();
        if (order instanceof Order.Start start) {
            order.applyTo(engine, unassigned, event -> found(event, findings));
            engine.caps(start.assigned() ? start.caps() : unassignedCaps);
            running = new RunningSession(SessionState.begun(start, at));
            return findings;
        }
        RunningSession session = Objects.requireNonNull(running);
        if (order instanceof Order.MarkSpot mark) {
            mark(session, mark.mark(), findings);
        } else if (order instanceof Order.NextSpot next
                && next.mark() != null
                && (spotRuns() || session.lastSpot != null)) {
            mark(session, next.mark(), findings);
        }
        order.applyTo(engine, unassigned, event -> found(event, findings));
        if (order instanceof Order.End end) {
            session.agreement.settleAll();
            findings.add(SessionMessages.summary(tool, session, end, at));
            running = null;
            ended.addLast(new Ended(session.state.id(), session.state.started(), at, session.samples.boots()));
            if (ended.size() > KEPT_SESSIONS) {
                ended.removeFirst();
            }
            if (session.partlySeen) {
                tellPartlySeen.accept(session.state.id());
            }
            engine.caps(unassignedCaps);
            return findings;
        }
        if (order instanceof Order.Area) {
            session.nextArea();
        }
        session.state = session.state.after(order, at);
        return findings;
    }

    private boolean spotRuns() {
        return !Double.isNaN(engine.spotS());
    }

    private void mark(RunningSession session, String mark, List<JournalEntry.Finding> findings) {
        MarkedSpot last = session.lastSpot;
        if (spotRuns()) {
            session.mark = mark;
        } else if (last != null) {
            session.lastSpot = new MarkedSpot(last.spot(), last.findings(), last.visit(), last.revision() + 1);
            findings.add(spot(session.lastSpot, mark));
        }
    }

    /** Adds up what the engine found, and adds to {@code findings} what of it the journal keeps. */
    public void found(EngineEvent event, List<? super JournalEntry.Finding> findings) {
        if (event instanceof EngineEvent.StrokeEnded ended) {
            var stroke = ended.stroke();
            findings.add(at(stroke.boot(), stroke.firstIndex()).stroke(stroke, 1));
            if (stroke.counts()) {
                strokes.increment();
            }
            Visit visit = visit(stroke.boot(), stroke.firstIndex());
            if (running != null && visit != null) {
                running.stroke(visit, stroke, clock.utcUs(stroke.startUs()));
            }
        } else if (event instanceof EngineEvent.SpotEnded ended) {
            spotEnded(ended.spot(), findings);
        } else if (event instanceof EngineEvent.OverPressureBegan began) {
            findings.add(at(began.boot(), began.firstIndex()).begin(began));
            Visit visit = visit(began.boot(), began.firstIndex());
            if (running != null && visit != null) {
                running.overPressureBegan(visit, began.feltUs());
                running.agreement.gatewayJudged(began.timeUs());
            }
        } else if (event instanceof EngineEvent.OverPressureEnded ended) {
            findings.add(at(ended.boot(), ended.firstIndex()).end(ended));
            if (running != null) {
                running.overPressureEnded(ended.feltUs());
            }
        }
    }

    private void spotEnded(Spot spot, List<? super JournalEntry.Finding> findings) {
        Findings of = at(spot.boot(), spot.firstIndex());
        Visit visit = visit(spot.boot(), spot.firstIndex());
        if (running == null || visit == null) {
            findings.add(of.spot(spot, null, 1));
            return;
        }
        String mark = running.mark;
        running.mark = null;
        running.lastSpot = new MarkedSpot(spot, of, visit, 1);
        running.spot(visit, spot.dwellUs());
        findings.add(spot(running.lastSpot, mark));
    }

    private static JournalEntry.Finding spot(MarkedSpot of, @Nullable String mark) {
        Spot spot = of.spot();
        String id = of.findings().id(spot.boot(), spot.firstIndex());
        of.visit().spots.put(id, new SessionMessage.Spot(id, spot.dwellUs() / 1e6, mark));
        return of.findings().spot(spot, mark, of.revision());
    }

    private @Nullable Visit visit(long boot, long index) {
        return running == null ? null : running.visit(boot, index);
    }

    /** What is found at that sample belongs to this session and area. */
    public Findings at(long boot, long index) {
        int visit = running == null ? -1 : running.state.visit(boot, index);
        if (running == null || visit < 0) {
            return new Findings(tool, clock, Findings.Session.NONE);
        }
        SessionState.Area area = running.state.areas().get(visit);
        return new Findings(
                tool,
                clock,
                new Findings.Session(running.state.id(), running.state.start().person(), area.region(), area.side()));
    }

    /** Samples that go to the engine. */
    public void samples(long boot, long first, int count, long strokes) {
        if (running != null) {
            running.samples.came(boot, first, count, strokes);
        }
    }

    /** Samples that came too late for the engine: the session to which they belong wants deriving again. */
    public void late(long boot, long first, int count) {
        if (running != null && running.samples.cameLate(boot, first, count)) {
            running.partlySeen = true;
            return;
        }
        for (Ended each : ended) {
            if (each.holds(boot, first)) {
                tellPartlySeen.accept(each.session);
            }
        }
    }

    /** What was shown of the running session is of the past: not all of it may have been found when it happened. */
    public void resumed() {
        strokes.reset();
        if (running != null) {
            running.partlySeen = true;
            capPassed(); // was told before
        }
    }

    /** A session of an earlier run has been ended, and wants deriving. */
    public void over(String session) {
        tellPartlySeen.accept(session);
    }

    /** To be told how late a cue was, milliseconds, which is about to be written; by any thread. */
    public DoubleConsumer cue() {
        return running == null ? ms -> {} : running.cues::cued;
    }

    /** Takes an event of the tool. */
    public void event(EventFrame event) {
        if (running != null && !running.state.paused()) {
            running.agreement.event(event);
        }
    }

    /** Whether an area's or the session's cap has just been passed: true once for each, and then the hand is told to move on. */
    public boolean capPassed() {
        return running != null && running.capPassed(runningSpotUs());
    }

    private long runningSpotUs() {
        return spotRuns() ? Math.round(engine.spotS() * 1e6) : 0;
    }

    /** Valid strokes that were found, in sessions or not; any thread may ask. */
    public long strokes() {
        return strokes.sum();
    }

    /** How the running session stands; null when none runs. */
    public @Nullable SessionStateMessage message(long nowUtcUs) {
        return running == null ? null : SessionMessages.state(running, spotRuns() ? runningSpotUs() : null, nowUtcUs);
    }
}
