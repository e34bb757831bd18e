package io.lightstroke.gateway;

import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.sink.LiveView;
import io.lightstroke.messages.LiveFrame;
import io.lightstroke.messages.SessionStateMessage;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.simulator.Recording;
import io.lightstroke.simulator.Scenario;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What simulated tools send in some time, through their pipelines into a journal as fast as it goes: judged and journaled as
 * if it had just happened, for benches. One thread.
 */
public final class FastFeed {
    private static final PressureLimits LIMITS = new PressureLimits("bench", 300, 650, 900, 1400);
    private static final Duration PIECE = Duration.ofHours(1);
    private static final int RATE_HZ = 100;
    /** More of them do not wait for the disk. */
    private static final int MOST_WAITING = 100_000;

    private static final Duration FLUSH_LIMIT = Duration.ofMinutes(5);

    /** For each tool, a boot an hour. */
    private final List<List<Recording>> tools = new ArrayList<>();

    private final long samples;
    private final long lengthUs;

    /** Records it, which takes longer than to {@link #into feed} it. */
    public FastFeed(int count, Duration length, long seed) {
        long sum = 0;
        for (int tool = 1; tool <= count; tool++) {
            List<Recording> boots = new ArrayList<>();
            Duration left = length;
            for (long piece = 0; !left.isNegative() && !left.isZero(); piece++, left = left.minus(PIECE)) {
                Recording boot = Recording.of(
                        Scenario.builtIn("too-deep"),
                        seed + 1000 * piece,
                        tool,
                        RATE_HZ,
                        left.compareTo(PIECE) < 0 ? left : PIECE);
                sum += boot.sampled().count();
                boots.add(boot);
            }
            tools.add(boots);
        }
        samples = sum;
        lengthUs = length.toNanos() / 1000;
    }

    /** Of all tools. */
    public long samples() {
        return samples;
    }

    /** Returns when all of it is on disk. */
    public void into(Journal journal) {
        long waiting = 0;
        List<Player> players = new ArrayList<>();
        for (int tool = 0; tool < tools.size(); tool++) {
            players.add(new Player("tool-" + (tool + 1), tools.get(tool), journal));
        }
        boolean more = true;
        while (more) {
            more = false;
            for (Player player : players) {
                more |= player.next();
            }
            waiting += 5L * players.size();
            if (waiting > MOST_WAITING) {
                waiting = 0;
                flush(journal);
            }
        }
        players.forEach(player -> player.pipeline.keeper().end());
        flush(journal);
    }

    private static void flush(Journal journal) {
        if (!journal.flush(FLUSH_LIMIT)) {
            throw new IllegalStateException("the journal does not take what waits");
        }
    }

    /** One tool, whose host's time is its own. */
    private final class Player {
        private final ToolPipeline pipeline;
        private final List<Recording> boots;
        private final Instant began = Instant.now().minusNanos(lengthUs * 1000);
        private int boot;
        private int at;
        private long nowUs;

        Player(String tool, List<Recording> boots, Journal journal) {
            this.boots = boots;
            Clock clock = new Clock() {
                @Override
                public Instant instant() {
                    return began.plusNanos(nowUs * 1000);
                }

                @Override
                public ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }
            };
            pipeline = new ToolPipeline(
                    tool,
                    LIMITS,
                    null,
                    journal,
                    new Nobody(),
                    new CueLatency(),
                    clock,
                    session -> {},
                    () -> nowUs * 1000);
        }

        /** Whether there was one more. */
        boolean next() {
            if (boot < boots.size() && at == boots.get(boot).notifications().size()) {
                boot++;
                at = 0;
                pipeline.disconnected();
            }
            if (boot == boots.size()) {
                return false;
            }
            Recording recording = boots.get(boot);
            byte[] value = recording.notifications().get(at++);
            if (value[0] == EventFrame.TYPE) {
                pipeline.event(value, nowUs * 1000);
            } else {
                nowUs += 5L * recording.sampled().periodUs();
                pipeline.force(value, nowUs * 1000);
            }
            return true;
        }
    }

    private static final class Nobody implements LiveView {
        @Override
        public void live(String tool, LiveFrame frame) {}

        @Override
        public void info(String tool, ToolInfoMessage info) {}

        @Override
        public void sessionState(String tool, @Nullable SessionStateMessage state) {}
    }
}
