package io.lightstroke.gateway.health;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows one backlog, from its begin to its end, and says in the log how it shrinks. Not thread-safe. */
public final class Backlog {
    private static final Logger LOG = LoggerFactory.getLogger(Backlog.class);

    /** The pace is taken over so long. */
    private static final Duration PACE = Duration.ofSeconds(30);

    private static final Duration SAY_EVERY = Duration.ofSeconds(10);

    private final String what;
    private final Deque<Seen> seen = new ArrayDeque<>();
    private long most;
    private boolean said;
    private long saidNanos;

    private record Seen(long nanos, long left) {}

    /** @param what it is, for the log */
    public Backlog(String what) {
        this.what = what;
    }

    /**
     * Looks at it once more.
     *
     * @param nowNanos of a clock that only goes forward
     * @param left 0 is its end
     */
    public Optional<Progress> look(long nowNanos, long left) {
        if (left <= 0) {
            if (said) {
                LOG.info("{}: done", what);
            }
            seen.clear();
            most = 0;
            said = false;
            return Optional.empty();
        }
        most = Math.max(most, left);
        seen.addLast(new Seen(nowNanos, left));
        while (nowNanos - seen.getFirst().nanos > PACE.toNanos()) {
            seen.removeFirst();
        }
        Progress progress = new Progress(left, most, (int) (100 * (most - left) / most), leftS(nowNanos, left));
        if (left < most && (!said || nowNanos - saidNanos >= SAY_EVERY.toNanos())) {
            said = true;
            saidNanos = nowNanos;
            LOG.info("{}: {}", what, progress.words());
        }
        return Optional.of(progress);
    }

    private @Nullable Long leftS(long nowNanos, long left) {
        Seen first = seen.getFirst();
        long done = first.left - left;
        return done <= 0 ? null : Math.round((nowNanos - first.nanos) / 1e9 * left / done);
    }
}
