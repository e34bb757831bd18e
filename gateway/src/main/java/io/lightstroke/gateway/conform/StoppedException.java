package io.lightstroke.gateway.conform;

/** A procedure cannot go on, and its message says why. */
final class StoppedException extends Exception {
    private static final long serialVersionUID = 1;

    /** There is nothing to be done with this tool any more, by no procedure. */
    final boolean forGood;

    StoppedException(String why) {
        this(why, false);
    }

    StoppedException(String why, boolean forGood) {
        super(why);
        this.forGood = forGood;
    }
}
