package io.lightstroke.gateway.sink;

import io.lightstroke.gateway.engine.Zone;
import io.lightstroke.protocol.ForceFrame;
import org.jspecify.annotations.Nullable;

/** How one sample is written on every wire out. */
final class SampleText {
    private static final int ZONES = Zone.values().length;

    private SampleText() {}

    static boolean valid(short forceCn) {
        return forceCn != ForceFrame.NO_FORCE;
    }

    /** Newtons with two decimals, {@code -0.02}; exact, without floating point. */
    static void appendNewtons(StringBuilder out, short forceCn) {
        int centinewtons = Math.abs((int) forceCn);
        if (forceCn < 0) {
            out.append('-');
        }
        int hundredths = centinewtons % 100;
        out.append(centinewtons / 100).append('.');
        out.append((char) ('0' + hundredths / 10)).append((char) ('0' + hundredths % 10));
    }

    /** Null where unknown. */
    static @Nullable String zone(byte ordinal) {
        return ordinal < 0 || ordinal >= ZONES ? null : Zone.of(ordinal).word();
    }
}
