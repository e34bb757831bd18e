package io.lightstroke.gateway.conform;

/** Who is told how far it is, and what a person at the tool shall do. */
public interface Progress {
    /** @param done of {@code all} procedures */
    void doing(Procedure procedure, int done, int all);

    /** A person is to do this now. */
    void ask(String what);
}
