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

    /**
     * An over-pressure was latched; {@code (boot, firstIndex)} names it.
     *
     * @param ceiling it was the ceiling that latched it
     * @param firstIndex of the first sample at or above the limit
     * @param index of the sample that completed the rule
     * @param timeUs tool time of that sample
     * @param feltUs tool time at which the skin felt it: {@code timeUs} less the delay of the filter that showed it
     */
    record OverPressureBegan(long boot, boolean ceiling, long firstIndex, long index, long timeUs, long feltUs)
            implements EngineEvent {}

    /**
     * An over-pressure is over.
     *
     * @param boot as in its begin: not the one of the samples in hand, when these ended it by being of another
     * @param ceiling the ceiling was reached meanwhile
     * @param firstIndex as in its begin
     * @param index of the sample that completed the rule; the last one when {@code unknown}
     * @param feltUs as in its begin
     * @param unknown the samples stopped: nobody knows when the force fell
     */
    record OverPressureEnded(
            long boot, boolean ceiling, long firstIndex, long index, long timeUs, long feltUs, boolean unknown)
            implements EngineEvent {}

    /** A stroke's end has become certain. */
    record StrokeEnded(Stroke stroke) implements EngineEvent {}

    /** A spot is over: no contact for 3 s, or the person has gone on. */
    record SpotEnded(Spot spot) implements EngineEvent {}
}
