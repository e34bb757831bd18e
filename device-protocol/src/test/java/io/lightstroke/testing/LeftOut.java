package io.lightstroke.testing;

import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Assumptions;

/** A test that cannot run here. */
public final class LeftOut {
    private LeftOut() {}

    /**
     * Leaves the test out by name, or fails it with {@code -Dlightstroke.require=true}.
     *
     * @param words of the program that was asked
     */
    public static void because(String why, String words) {
        if (Boolean.getBoolean("lightstroke.require")) {
            fail(why + ":\n" + words);
        }
        String line = "%s (%s)".formatted(why, words.lines().findFirst().orElse("it says nothing"));
        System.out.println("LEFT OUT: " + line);
        Assumptions.abort(line);
    }
}
