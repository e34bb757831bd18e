package io.lightstroke.gateway.engine;

import java.util.List;

/**
 * One frame's samples, judged.
 *
 * @param zones {@link Zone#ordinal()} per sample, {@link #UNKNOWN} where there is none; shared, never changed
 * @param filteredCn filtered force of the last sample, NaN when unknown
 * @param events in order
 */
public record Judged(byte[] zones, double filteredCn, List<EngineEvent> events) {
    /** In place of a zone: not known. */
    public static final byte UNKNOWN = -1;
}
