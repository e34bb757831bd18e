package io.lightstroke.gateway;

import io.lightstroke.messages.ToolStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How one tool stands. Written by the tool's thread, read by any; each change is told. */
final class ToolHealth {
    private static final Logger LOG = LoggerFactory.getLogger(ToolHealth.class);

    /** What a person should know; by these words on the wire. */
    enum Alert {
        UNTARED,
        LIMITS_DIFFER,
        /** Connected without keys from a pairing, though the configuration wants them. */
        NOT_BONDED,
        /** Accepted by configuration with keys that anyone may have got. */
        TRUST_JUST_WORKS,
        /** Accepted by configuration whoever it is. */
        TRUST_OPEN,
        /** It is there, and all that could be tried did not make it stream. */
        UNREACHABLE,
        /** The host's clock was set since the tool's boot began. */
        HOST_CLOCK_STEPPED;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final String tool;
    private final Runnable changed;
    private final LongSupplier nanoTime;

    private volatile ToolStatus.Link link = ToolStatus.Link.ABSENT;
    private volatile OptionalLong lastFrameNanos = OptionalLong.empty();
    private volatile OptionalLong streamingSinceNanos = OptionalLong.empty();
    private volatile @Nullable Integer batteryPercent;
    private volatile boolean backfilling;
    private volatile boolean calibrating;
    private volatile ToolStatus.@Nullable Update update;
    private final Set<Alert> alerts = new CopyOnWriteArraySet<>();

    /**
     * @param changed called after each change
     * @param nanoTime as {@link System#nanoTime()}
     */
    ToolHealth(String tool, Runnable changed, LongSupplier nanoTime) {
        this.tool = tool;
        this.changed = changed;
        this.nanoTime = nanoTime;
    }

    ToolStatus.Link link() {
        return link;
    }

    void become(ToolStatus.Link next) {
        if (link != next) {
            LOG.info("{}: {}", tool, next.word());
            link = next;
            if (next != ToolStatus.Link.STREAMING) {
                streamingSinceNanos = OptionalLong.empty();
            }
            changed.run();
        }
    }

    /** A valid frame with new samples has come: what alone shows that the tool is there. */
    void frameCame(long atNanos) {
        lastFrameNanos = OptionalLong.of(atNanos);
        if (streamingSinceNanos.isEmpty()) {
            streamingSinceNanos = OptionalLong.of(atNanos);
            become(ToolStatus.Link.STREAMING);
        }
    }

    /** Of {@link System#nanoTime()}; empty before the first frame. */
    OptionalLong lastFrameNanos() {
        return lastFrameNanos;
    }

    /** Of {@link System#nanoTime()}: when the first frame of the present connection came. */
    OptionalLong streamingSinceNanos() {
        return streamingSinceNanos;
    }

    /** Since the last frame, or since {@code sinceNanos} when that is later. */
    Duration quiet(long sinceNanos) {
        long now = nanoTime.getAsLong();
        OptionalLong last = lastFrameNanos;
        return Duration.ofNanos(Math.min(now - sinceNanos, last.isPresent() ? now - last.getAsLong() : Long.MAX_VALUE));
    }

    @Nullable
    Integer batteryPercent() {
        return batteryPercent;
    }

    void batteryPercent(@Nullable Integer percent) {
        batteryPercent = percent;
    }

    boolean backfilling() {
        return backfilling;
    }

    void backfilling(boolean now) {
        if (backfilling != now) {
            backfilling = now;
            changed.run();
        }
    }

    /** A calibration has begun, and waits for its reference. */
    boolean calibrating() {
        return calibrating;
    }

    void calibrating(boolean now) {
        calibrating = now;
    }

    /** Of its firmware; null while none runs. */
    ToolStatus.@Nullable Update update() {
        return update;
    }

    void update(ToolStatus.@Nullable Update now) {
        if (!Objects.equals(update, now)) {
            update = now;
            changed.run();
        }
    }

    boolean has(Alert alert) {
        return alerts.contains(alert);
    }

    void set(Alert alert, boolean on) {
        if (on ? alerts.add(alert) : alerts.remove(alert)) {
            changed.run();
        }
    }

    /** In the words of the wire, always in the same order. */
    List<String> alerts() {
        List<String> words = new ArrayList<>();
        for (Alert alert : EnumSet.allOf(Alert.class)) {
            if (has(alert)) {
                words.add(alert.word());
            }
        }
        return words;
    }
}
