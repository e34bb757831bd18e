package io.lightstroke.gateway;

import io.lightstroke.messages.ToolStatus;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is tried with a tool that has fallen silent, or that is heard and cannot be connected; each step harder than the
 * one before. Every step is logged and counted. Climbed by the tool's thread; the counts may be read by any.
 *
 * <pre>
 *  silence ─► resubscribe ─► reconnect ─► … 2 failures ─► forget the device ─► … 3 ─► switch the adapter ─► … 5 ─► alarm
 * </pre>
 *
 * <p>After the alarm it goes on: the device is forgotten at every 4th failure, the adapter switched at every 6th. A tool
 * that is not heard at all is away: it climbs nothing. But an adapter that hears nothing any more looks the same, so where a
 * tool streamed before, the adapter is switched after a minute, and then every ten.
 */
final class RecoveryLadder {
    private static final Logger LOG = LoggerFactory.getLogger(RecoveryLadder.class);

    private static final Duration UNHEARD = Duration.ofMinutes(1);
    private static final Duration UNHEARD_AGAIN = Duration.ofMinutes(10);

    enum Rung {
        NONE,
        RESUBSCRIBE,
        RECONNECT,
        FORGET,
        POWER_CYCLE,
        ALARM
    }

    private final String tool;
    private final Map<Rung, LongAdder> counts = new ConcurrentHashMap<>();
    private int failures;
    private Duration unheardAfter = UNHEARD;

    RecoveryLadder(String tool) {
        this.tool = tool;
    }

    /** It streams again. */
    void streams() {
        failures = 0;
        unheardAfter = UNHEARD;
    }

    /** An attempt to reach it has failed though it may be there: what to do before the next one. */
    Rung failed() {
        failures++;
        return switch (failures) {
            case 1 -> Rung.NONE;
            case 2 -> Rung.FORGET;
            case 3 -> Rung.POWER_CYCLE;
            case 4 -> Rung.NONE;
            case 5 -> Rung.ALARM;
            default -> failures % 6 == 0 ? Rung.POWER_CYCLE : failures % 4 == 0 ? Rung.FORGET : Rung.NONE;
        };
    }

    /** It is not heard, and streamed before, {@code quiet} ago: what to do before the next attempt. */
    Rung unheard(Duration quiet) {
        Duration next = unheardAfter;
        if (quiet.compareTo(next) < 0) {
            return Rung.NONE;
        }
        unheardAfter = quiet.plus(UNHEARD_AGAIN);
        return Rung.POWER_CYCLE;
    }

    /** That step is taken. */
    void taken(Rung rung, String why) {
        counts.computeIfAbsent(rung, each -> new LongAdder()).increment();
        LOG.warn("{}: recovery, {}: {}", tool, word(rung), why);
    }

    /** How often each step was taken since the start; those never taken are left out. */
    Map<String, Long> counts() {
        Map<String, Long> words = new TreeMap<>();
        counts.forEach((rung, count) -> words.put(word(rung), count.sum()));
        return words;
    }

    /** As in {@link ToolStatus#recovery}. */
    private static String word(Rung rung) {
        return rung.name().toLowerCase(Locale.ROOT);
    }
}
