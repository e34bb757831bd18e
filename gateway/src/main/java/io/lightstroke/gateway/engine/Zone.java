package io.lightstroke.gateway.engine;

import io.lightstroke.gateway.guideline.PressureLimits;
import java.util.Locale;

/** The zone of one filtered force value. Ordered: a later zone is a harder press. No data is the absence of a zone. */
public enum Zone {
    NONE,
    LIGHT,
    MODERATE,
    FIRM,
    TOO_DEEP,
    CEILING;

    private static final Zone[] ALL = values();

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** {@code none · light · moderate · firm · too-deep · ceiling}, as on every wire. */
    public String word() {
        return word;
    }

    /** The inverse of {@link #ordinal()}, for storage. */
    public static Zone of(int ordinal) {
        return ALL[ordinal];
    }

    public static Zone of(double forceCn, PressureLimits limits) {
        if (forceCn < PressureLimits.CONTACT_CN) {
            return NONE;
        } else if (forceCn <= limits.lightCn()) {
            return LIGHT;
        } else if (forceCn <= limits.moderateCn()) {
            return MODERATE;
        } else if (forceCn < limits.tooDeepCn()) {
            return FIRM;
        } else if (forceCn < limits.ceilingCn()) {
            return TOO_DEEP;
        }
        return CEILING;
    }
}
