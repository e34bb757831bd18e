package io.lightstroke.gateway.session;

import io.lightstroke.protocol.EventFrame;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Over-pressures that the gateway judged against those that the tool judged by its own limits, matched one to one within
 * 300 ms of tool time. One thread counts, any may read the {@link #figures}.
 */
public final class CueAgreement {
    private static final long NEAR_US = 300_000;
    /** So long after it nothing can match it any more: what the other side says of it has come. */
    private static final long SETTLED_US = 2_000_000;
    /** A tool repeats its own cue at most this often; then it is the same press. */
    private static final long REPEAT_US = 2_300_000;

    private static final long NEVER = Long.MIN_VALUE / 2;

    /**
     * How many were judged by both, and by one alone.
     *
     * @param onlyGateway the tool did not judge it so
     * @param onlyTool the gateway did not
     */
    public record Figures(long matched, long onlyGateway, long onlyTool) {
        public static final Figures NONE = new Figures(0, 0, 0);

        public Figures plus(Figures other) {
            return new Figures(matched + other.matched, onlyGateway + other.onlyGateway, onlyTool + other.onlyTool);
        }

        /** What came on top of {@code earlier}. */
        public Figures since(Figures earlier) {
            return new Figures(
                    matched - earlier.matched, onlyGateway - earlier.onlyGateway, onlyTool - earlier.onlyTool);
        }

        /** 0–100; null when there was none. */
        public @Nullable Double percent() {
            long all = matched + onlyGateway + onlyTool;
            return all == 0 ? null : 100.0 * matched / all;
        }
    }

    private final Deque<Long> gatewayUs = new ArrayDeque<>();
    private final Deque<Long> toolUs = new ArrayDeque<>();
    private volatile Figures figures = Figures.NONE;
    private boolean toolInOne;
    private long toolBeganUs = NEVER;
    private long toolCuedUs = NEVER;

    public Figures figures() {
        return figures;
    }

    /** @param timeUs tool time of the sample that completed the rule */
    public void gatewayJudged(long timeUs) {
        match(timeUs, toolUs, gatewayUs);
    }

    /** Takes a live event of the tool; of the same boot until {@link #settleAll}. */
    public void event(EventFrame event) {
        long timeUs = event.timeUs();
        switch (event.kind()) {
            case OVER_PRESSURE_BEGIN -> {
                toolInOne = true;
                toolBeganUs = timeUs;
                if (timeUs - toolCuedUs > NEAR_US) {
                    match(timeUs, gatewayUs, toolUs);
                }
            }
            case OVER_PRESSURE_END -> toolInOne = false;
            case CUE_BEGAN -> {
                if (event.code() == 0) {
                    boolean told = toolInOne || timeUs - toolBeganUs <= NEAR_US || timeUs - toolCuedUs <= REPEAT_US;
                    toolCuedUs = timeUs;
                    if (!told) {
                        match(timeUs, gatewayUs, toolUs);
                    }
                }
            }
            default -> {
                // says nothing of over-pressure
            }
        }
    }

    /** What nobody else has judged so far back stays alone. */
    public void settle(long nowUs) {
        settle(nowUs - SETTLED_US, gatewayUs, new Figures(0, 1, 0));
        settle(nowUs - SETTLED_US, toolUs, new Figures(0, 0, 1));
    }

    /** The tool fell silent, or has booted anew: nothing more comes of what was. */
    public void settleAll() {
        settle(Long.MAX_VALUE, gatewayUs, new Figures(0, 1, 0));
        settle(Long.MAX_VALUE, toolUs, new Figures(0, 0, 1));
        toolInOne = false;
        toolBeganUs = NEVER;
        toolCuedUs = NEVER;
    }

    private void match(long timeUs, Deque<Long> others, Deque<Long> own) {
        for (Iterator<Long> other = others.iterator(); other.hasNext(); ) {
            if (Math.abs(other.next() - timeUs) <= NEAR_US) {
                other.remove();
                figures = figures.plus(new Figures(1, 0, 0));
                return;
            }
        }
        own.add(timeUs);
    }

    private void settle(long beforeUs, Deque<Long> waiting, Figures alone) {
        while (!waiting.isEmpty() && waiting.getFirst() < beforeUs) {
            waiting.removeFirst();
            figures = figures.plus(alone);
        }
    }
}
