package io.lightstroke.dashboard.web;

import io.javalin.http.Context;

/** The one place that is asked who a caller is and whom they may see. Without users yet, every caller is the practitioner. */
final class Access {
    /** @param name as the logs call them */
    record Caller(String name) {}

    private static final Caller PRACTITIONER = new Caller("practitioner");

    private Access() {}

    static Caller caller(Context request) {
        return PRACTITIONER;
    }

    /** Whether the caller may read and change what is kept of a person. */
    static boolean maySee(Caller caller, String person) {
        return caller.equals(PRACTITIONER);
    }
}
