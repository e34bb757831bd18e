package io.lightstroke.gateway.journal;

import java.util.List;

/** One record of the journal. */
public sealed interface JournalEntry {
    String tool();

    /**
     * Evenly spaced samples of one boot, at most 250 ms of them.
     *
     * @param first index of the first sample
     * @param timeUs tool time of the first sample, microseconds since boot
     * @param utcUs UTC of the first sample, microseconds since 1970; computed once, the same for ever
     * @param flags as the tool sent them
     * @param toolStrokes the tool's own count after the last sample
     * @param forceCn 0.01 N, {@code ForceFrame.NO_FORCE} where invalid; shared, never changed
     * @param zones ordinal of the engine's zone per sample, -1 where unknown; shared, never changed
     */
    record Samples(
            String tool,
            long boot,
            long first,
            long timeUs,
            long utcUs,
            int periodUs,
            int flags,
            long toolStrokes,
            short[] forceCn,
            byte[] zones)
            implements JournalEntry {}

    /**
     * Something found in the samples, as it is published.
     *
     * @param kind {@code stroke}, {@code spot}, {@code alert}, {@code cue} or {@code session}: also the leaf of its MQTT topic
     * @param index sample that names it
     * @param utcUs its time, microseconds since 1970
     * @param json the message
     */
    record Finding(String tool, String kind, long boot, long index, long utcUs, String json) implements JournalEntry {}

    /**
     * A boot of a tool was seen for the first time.
     *
     * @param estimated it was never synchronised: its time is an estimate
     */
    record Boot(String tool, long boot, BootClock clock, boolean estimated) implements JournalEntry {}

    /**
     * The clock of a boot, which is synchronised, goes on otherwise.
     *
     * @param segments from the first of them on in place of what was known before; no sample was mapped by that yet
     */
    record Clock(String tool, long boot, List<ClockSegment> segments) implements JournalEntry {}

    /**
     * An event frame of the tool, as it came.
     *
     * @param index sample at which it happened
     * @param utcUs its time, microseconds since 1970
     */
    record ToolEvent(String tool, long boot, long sequence, long index, long utcUs, byte[] frame)
            implements JournalEntry {}

    /**
     * What was ordered for the tool's session; in force from sample {@code index} of {@code boot} on.
     *
     * @param utcUs when it was ordered, microseconds since 1970
     * @param json the order, whole
     */
    record Order(String tool, long boot, long index, long utcUs, String json) implements JournalEntry {}
}
