package io.lightstroke.gateway.session;

import io.lightstroke.gateway.engine.Phase;
import io.lightstroke.gateway.guideline.PressureLimits;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a session stands: what its orders have made of it so far. Immutable.
 *
 * @param start its first order
 * @param areas visited, in order; the last one is being worked on
 * @param pauses in order; the last one runs while {@code paused}
 */
public record SessionState(
        Order.Start start,
        Moment started,
        List<Area> areas,
        Phase phase,
        PressureLimits limits,
        List<Pause> pauses,
        boolean paused) {
    /** From sample {@code index} of {@code boot} on; {@code utcUs} in microseconds since 1970. */
    public record Moment(long boot, long index, long utcUs) {
        /** Whether that sample lies before this; samples of another boot that are asked for lie after. */
        boolean isAfter(long otherBoot, long otherIndex) {
            return otherBoot == boot && otherIndex < index;
        }
    }

    /** One visit of one area. */
    public record Area(@Nullable String region, @Nullable String side, PressureLimits limits, Moment since) {}

    /** @param until null while it runs */
    public record Pause(Moment since, @Nullable Moment until) {
        boolean holds(long boot, long index) {
            return !since.isAfter(boot, index) && (until == null || until.isAfter(boot, index));
        }
    }

    public SessionState {
        areas = List.copyOf(areas);
        pauses = List.copyOf(pauses);
    }

    static SessionState begun(Order.Start start, Moment at) {
        return new SessionState(
                start,
                at,
                List.of(new Area(start.region(), start.side(), start.limits(), at)),
                start.phase(),
                start.limits(),
                List.of(),
                false);
    }

    /** After the order, which is of this session and neither begins nor ends it. */
    SessionState after(Order order, Moment at) {
        if (order instanceof Order.Area to) {
            List<Area> visited = new ArrayList<>(areas);
            visited.add(new Area(to.region(), to.side(), to.limits(), at));
            return new SessionState(start, started, visited, phase, to.limits(), pauses, paused);
        } else if (order instanceof Order.ToPhase to) {
            return new SessionState(start, started, areas, to.phase(), limits, pauses, paused);
        } else if (order instanceof Order.Limits to) {
            return new SessionState(start, started, areas, phase, to.limits(), pauses, paused);
        } else if (order instanceof Order.Pause && !paused) {
            List<Pause> all = new ArrayList<>(pauses);
            all.add(new Pause(at, null));
            return new SessionState(start, started, areas, phase, limits, all, true);
        } else if (order instanceof Order.Resume && paused) {
            List<Pause> all = new ArrayList<>(pauses);
            all.set(all.size() - 1, new Pause(all.get(all.size() - 1).since(), at));
            return new SessionState(start, started, areas, phase, limits, all, false);
        }
        return this;
    }

    public String id() {
        return start.session();
    }

    /** Somebody started it. */
    public boolean assigned() {
        return start.assigned();
    }

    /** Number of the visit in which that sample lies; -1 before the session or in a pause. */
    int visit(long boot, long index) {
        for (Pause pause : pauses) {
            if (pause.holds(boot, index)) {
                return -1;
            }
        }
        int visit = areas.size() - 1;
        while (visit >= 0 && areas.get(visit).since().isAfter(boot, index)) {
            visit--;
        }
        return visit;
    }
}
