package io.lightstroke.gateway.engine;

import io.lightstroke.protocol.Cue;

/** What the engine found in the samples, in order of the samples that completed it. */
public sealed interface EngineEvent {
    /**
     * The hand must be told now.
     *
     * @param index of the sample that completed the rule
     * @param timeUs tool time of that sample
     */
    record CueDue(Cue.Pattern pattern, long index, long timeUs) implements EngineEvent {}

    /** An over-pressure was latched; {@code firstIndex} names it together with the boot. */
    record OverPressureBegan(boolean ceiling, long firstIndex, long index, long timeUs) implements EngineEvent {}

    /**
     * @param firstIndex as in its begin
     * @param ceiling the ceiling was reached meanwhile
     * @param unknown the samples stopped: nobody knows when the force fell
     */
    record OverPressureEnded(boolean ceiling, long firstIndex, long index, long timeUs, boolean unknown)
            implements EngineEvent {}

    record StrokeEnded(Stroke stroke) implements EngineEvent {}
}
