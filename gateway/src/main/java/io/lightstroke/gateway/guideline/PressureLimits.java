package io.lightstroke.gateway.guideline;

/**
 * Limits in force for one area of one person. Values in centinewtons (0.01 N), ascending.
 *
 * @param version identifies the guideline data and profile they came from; recorded with every stroke
 * @param lightCn light up to and including this
 * @param moderateCn moderate up to and including this; firm from there to {@code tooDeepCn}
 * @param tooDeepCn too deep from here on
 * @param ceilingCn at or above this the cue comes at once
 */
public record PressureLimits(String version, int lightCn, int moderateCn, int tooDeepCn, int ceilingCn) {
    /** No configuration and no profile may exceed this: 14 N, the highest mean peak seen among clinicians. */
    public static final int ABSOLUTE_CEILING_CN = 1400;
    /** From here on the tool touches the skin. */
    public static final int CONTACT_CN = 50;

    public PressureLimits {
        if (!(CONTACT_CN < lightCn
                && lightCn < moderateCn
                && moderateCn < tooDeepCn
                && tooDeepCn < ceilingCn
                && ceilingCn <= ABSOLUTE_CEILING_CN)) {
            throw new IllegalArgumentException(
                    "limits %s: want %s < light < moderate < too deep < ceiling <= %s N, by 0.01 N or more, got %s, %s, %s, %s"
                            .formatted(
                                    version,
                                    CONTACT_CN / 100.0,
                                    ABSOLUTE_CEILING_CN / 100.0,
                                    lightCn / 100.0,
                                    moderateCn / 100.0,
                                    tooDeepCn / 100.0,
                                    ceilingCn / 100.0));
        }
    }

    /**
     * The pressure under an edge, kPa.
     *
     * @param edgeMm2 the edge's calibrated area, above 0
     */
    public static double kilopascals(double newtons, double edgeMm2) {
        if (!(edgeMm2 > 0)) {
            throw new IllegalArgumentException("edge area: want mm² above 0, got " + edgeMm2);
        }
        return 1000 * newtons / edgeMm2;
    }
}
