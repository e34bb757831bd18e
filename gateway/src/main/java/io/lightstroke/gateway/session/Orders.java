package io.lightstroke.gateway.session;

import io.lightstroke.gateway.engine.Phase;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.messages.Command;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Turns commands into orders, by the guideline; what it does not allow is refused in words for people. Not thread-safe. */
public final class Orders {
    private static final DateTimeFormatter STARTED =
            DateTimeFormatter.ofPattern("uuuuMMdd't'HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** How the version of limits begins that a command gave. */
    private static final String EXPLICIT = "explicit";

    private final Guideline guideline;
    private final RandomGenerator random;

    /** @param random for the ids of sessions */
    public Orders(Guideline guideline, RandomGenerator random) {
        this.guideline = guideline;
        this.random = random;
    }

    /**
     * @param tools of the session
     * @throws IllegalArgumentException for what is not allowed
     */
    public Order.Start start(Command.SessionStart command, List<String> tools, Instant now) {
        Command.Checklist checklist = command.checklist();
        if (!command.unplanned() && !(checklist.emollient() && checklist.screening())) {
            throw new IllegalArgumentException(
                    "checklist: want emollient and screening confirmed, or unplanned on a practitioner's word, got emollient %s, screening %s"
                            .formatted(checklist.emollient(), checklist.screening()));
        }
        PressureLimits limits =
                guideline.limits(command.region(), command.profile(), command.override(), command.bruises());
        Command.Limits explicit = command.limits();
        return new Order.Start(
                "%s-%08x".formatted(STARTED.format(now), random.nextInt()),
                tools,
                command.person(),
                command.region(),
                command.side(),
                command.profile(),
                command.override(),
                command.bruises(),
                explicit == null ? limits : limits(explicit),
                phase(command.phase()),
                command.unplanned(),
                checklist.emollient(),
                checklist.screening(),
                command.painBefore(),
                guideline.version(),
                guideline.fingerprint(),
                guideline.caps());
    }

    /**
     * The order that the command is for a session that runs.
     *
     * @param running a session that somebody started; null when none runs
     * @throws IllegalArgumentException for what is not allowed
     */
    public Order of(Command command, @Nullable SessionState running) {
        if (running == null || !running.assigned()) {
            throw new IllegalArgumentException("session: want one that was started, got none; send session-start");
        }
        String session = running.id();
        Order.Start start = running.start();
        if (command instanceof Command.Area to) {
            PressureLimits limits = guideline.limits(
                    to.region(),
                    Objects.requireNonNull(start.profile()),
                    Objects.requireNonNull(start.override()),
                    Objects.requireNonNull(start.bruises()));
            boolean explicit = start.limits().version().startsWith(EXPLICIT);
            return new Order.Area(session, to.region(), to.side(), explicit ? lower(limits, start.limits()) : limits);
        } else if (command instanceof Command.Phase to) {
            return new Order.ToPhase(session, phase(to.phase()));
        } else if (command instanceof Command.NextSpot next) {
            return new Order.NextSpot(session, next.mark());
        } else if (command instanceof Command.MarkSpot mark) {
            return new Order.MarkSpot(session, mark.mark());
        } else if (command instanceof Command.Pause) {
            return new Order.Pause(session);
        } else if (command instanceof Command.Resume) {
            return new Order.Resume(session);
        } else if (command instanceof Command.Limits to) {
            return new Order.Limits(session, limits(to));
        } else if (command instanceof Command.SessionEnd end) {
            return new Order.End(session, Order.By.COMMAND, end.painAfter());
        }
        throw new IllegalArgumentException("command: want one about a session, got " + command);
    }

    private static Phase phase(String word) {
        return word.equals(Phase.ASSESS.word()) ? Phase.ASSESS : Phase.TREAT;
    }

    private static PressureLimits limits(Command.Limits newtons) {
        return new PressureLimits(
                EXPLICIT
                        + " %s/%s/%s/%s N"
                                .formatted(
                                        newtons.lightN(), newtons.moderateN(), newtons.tooDeepN(), newtons.ceilingN()),
                centinewtons(newtons.lightN()),
                centinewtons(newtons.moderateN()),
                centinewtons(newtons.tooDeepN()),
                centinewtons(newtons.ceilingN()));
    }

    /** Whoever starts a session with limits of their own gets no higher ones by going on to another area. */
    private static PressureLimits lower(PressureLimits limits, PressureLimits explicit) {
        return new PressureLimits(
                "%s, at most %s".formatted(limits.version(), explicit.version()),
                Math.min(limits.lightCn(), explicit.lightCn()),
                Math.min(limits.moderateCn(), explicit.moderateCn()),
                Math.min(limits.tooDeepCn(), explicit.tooDeepCn()),
                Math.min(limits.ceilingCn(), explicit.ceilingCn()));
    }

    private static int centinewtons(double newtons) {
        return (int) Math.round(newtons * 100);
    }
}
