package io.lightstroke.gateway.engine;

import io.lightstroke.protocol.EventFrame;
import org.jspecify.annotations.Nullable;

/**
 * A stroke as the tool itself found it, with what only its motion sensor knows.
 *
 * @param lastIndex index of its last sample
 * @param angleDeg from the skin; null without a motion sensor
 * @param direction +1 or -1 along the tool's marked axis; null without a motion sensor
 */
public record ToolStroke(
        long boot,
        long lastIndex,
        @Nullable Integer angleDeg,
        @Nullable Integer direction) {
    /** Of an {@link EventFrame.Kind#STROKE_END}. */
    public static ToolStroke of(EventFrame event) {
        return new ToolStroke(
                event.boot(),
                event.index(),
                event.angleDeg() == EventFrame.ANGLE_UNKNOWN ? null : (int) event.angleDeg(),
                Math.abs(event.direction()) == 1 ? (int) event.direction() : null);
    }
}
