package io.lightstroke.gateway;

import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.ClockSegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;

/**
 * The clock of one boot of a tool against the host's monotonic one, from exchanges of times over the radio: a straight
 * line through those of the last ten minutes, the quick ones above all. Not thread-safe.
 */
final class ClockSync {
    private static final int KEPT = 64;
    private static final Duration SLOWEST = Duration.ofSeconds(1);
    /** Even the quickest exchange is no better than this. */
    private static final double LEAST_ERROR_US = 500;
    /** What is believed of a tool's crystal before anything is known. */
    private static final double USUAL_DRIFT_PPM = 50;

    /** So far the clock in use may be from the line. */
    private static final long TOLERATED_US = 2_000;

    private static final long FASTEST_CORRECTION_US = 10_000_000;
    /** A correction changes the pace of time by one part in so many at most. */
    private static final long GENTLE = 1_000;

    /** Middle of an exchange, by both clocks. */
    private record Exchange(long toolUs, long hostUs, long roundTripUs) {}

    private final ArrayDeque<Exchange> exchanges = new ArrayDeque<>();
    private long newestToolUs;
    private double hostUsAtNewest;
    private double drift;

    /**
     * Takes an exchange.
     *
     * @param sentNanos of {@link System#nanoTime()}: before the request was written
     * @param arrivedNanos when the answer arrived
     * @param receivedUs tool time at which the request came
     * @param answeredUs tool time at which the answer went
     * @return false: it makes no sense or took too long, and is left out
     */
    boolean add(long sentNanos, long arrivedNanos, long receivedUs, long answeredUs) {
        long roundTripUs = (arrivedNanos - sentNanos) / 1000 - (answeredUs - receivedUs);
        if (roundTripUs < 0 || roundTripUs > SLOWEST.toNanos() / 1000 || answeredUs < receivedUs) {
            return false;
        }
        exchanges.addLast(new Exchange(
                receivedUs + (answeredUs - receivedUs) / 2,
                (sentNanos + (arrivedNanos - sentNanos) / 2) / 1000,
                roundTripUs));
        if (exchanges.size() > KEPT) {
            exchanges.removeFirst();
        }
        fit();
        return true;
    }

    /** Weighted least squares, in which a drift far from what crystals do counts as an error too. */
    private void fit() {
        Exchange newest = exchanges.getLast();
        long leastUs = exchanges.stream().mapToLong(Exchange::roundTripUs).min().orElseThrow();
        double weights = 0, sumX = 0, sumY = 0, sumXx = 0, sumXy = 0;
        for (Exchange each : exchanges) {
            double errorUs = LEAST_ERROR_US + (each.roundTripUs - leastUs) / 2.0;
            double weight = 1 / (errorUs * errorUs);
            double x = each.toolUs - newest.toolUs;
            double y = (each.hostUs - newest.hostUs) - x;
            weights += weight;
            sumX += weight * x;
            sumY += weight * y;
            sumXx += weight * x * x;
            sumXy += weight * x * y;
        }
        double prior = 1 / (USUAL_DRIFT_PPM * USUAL_DRIFT_PPM * 1e-12);
        drift = (sumXy - sumX * sumY / weights) / (sumXx - sumX * sumX / weights + prior);
        newestToolUs = newest.toolUs;
        hostUsAtNewest = newest.hostUs + (sumY - drift * sumX) / weights;
    }

    boolean known() {
        return !exchanges.isEmpty();
    }

    /** By the host's monotonic clock. */
    long hostUs(long toolUs) {
        return Math.round(hostUsAtNewest + (toolUs - newestToolUs) * (1 + drift));
    }

    /** By how much the host's clock passes faster than the tool's. */
    double driftPpm() {
        return drift * 1e6;
    }

    /** The clock of a boot of which nothing has been mapped yet; UTC is the host's monotonic time + {@code anchorUs}. */
    BootClock clock(long anchorUs) {
        return new BootClock(List.of(new ClockSegment(newestToolUs, anchorUs + hostUs(newestToolUs), driftPpm())));
    }

    /** How far the clock in use is behind the line at that tool time; negative when before it. */
    long behindUs(BootClock clock, long toolUs, long anchorUs) {
        return anchorUs + hostUs(toolUs) - clock.utcUs(toolUs);
    }

    /**
     * How the clock in use goes on after {@code fromUs}, up to which it has been used: first towards the line, then along it.
     * Empty while it is near enough.
     */
    List<ClockSegment> correction(BootClock clock, long fromUs, long anchorUs) {
        long behindUs = behindUs(clock, fromUs, anchorUs);
        if (Math.abs(behindUs) <= TOLERATED_US) {
            return List.of();
        }
        long duringUs = Math.max(FASTEST_CORRECTION_US, Math.abs(behindUs) * GENTLE);
        long toUs = fromUs + duringUs;
        return List.of(
                new ClockSegment(fromUs, clock.utcUs(fromUs), driftPpm() + behindUs * 1e6 / duringUs),
                new ClockSegment(toUs, anchorUs + hostUs(toUs), driftPpm()));
    }
}
