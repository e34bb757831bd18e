package io.lightstroke.gateway.engine;

import java.util.Locale;

/** What the person is doing: feeling for tender places, where only light pressure is in target; or treating one. */
public enum Phase {
    ASSESS,
    TREAT;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** {@code assess}, {@code treat}, as on every wire. */
    public String word() {
        return word;
    }
}
