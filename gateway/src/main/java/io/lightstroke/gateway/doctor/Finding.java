package io.lightstroke.gateway.doctor;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was looked at.
 *
 * @param what the thing, for example {@code D-Bus system bus}
 * @param seen what was found, and what was wanted where that differs
 * @param run the command that mends it or shows more; null when nothing is to do, or no command does it
 */
public record Finding(
        Level level, String what, String seen, @Nullable String run) {
    /** What a finding means. */
    public enum Level {
        OK,
        /** Works, or may not: it could not be told, or it will bite later. */
        WARN,
        /** Must be mended first. */
        FIX;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding ok(String what, String seen) {
        return new Finding(Level.OK, what, seen, null);
    }

    static Finding warn(String what, String seen, String run) {
        return new Finding(Level.WARN, what, seen, run);
    }

    static Finding fix(String what, String seen, @Nullable String run) {
        return new Finding(Level.FIX, what, seen, run);
    }
}
