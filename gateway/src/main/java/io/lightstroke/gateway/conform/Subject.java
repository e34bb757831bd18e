package io.lightstroke.gateway.conform;

import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import java.time.Duration;
import java.util.Optional;

/** A tool that is held against the rules, a way to it, and the time in which that is done. Used by one thread. */
public interface Subject {
    /** Of {@link #connect}: what the two sides agree on by themselves. */
    int ANY_MTU = 0;

    /** What it is and how it is reached, in a few words. */
    String name();

    /** Whether time costs nothing, nobody has to be asked to press, and nobody misses what is erased. */
    boolean simulated();

    /** Whether {@link #connect} takes an MTU. */
    default boolean choosesMtu() {
        return simulated();
    }

    /** Whether it is heard by its service's UUID; empty where nothing is to be heard. */
    Optional<Boolean> heard() throws LinkException, InterruptedException;

    /** @param mtu ATT MTU that is offered, or {@link #ANY_MTU} */
    ToolConnection connect(int mtu) throws LinkException, InterruptedException;

    /** By the clock that stamps what arrives. */
    long nanoTime();

    /** Lets time pass; what arrives meanwhile is handed over, and may be by another thread. */
    void pass(Duration time) throws InterruptedException;

    /** Whether it can {@link #restart} without a request over the link. */
    default boolean restarts() {
        return simulated();
    }

    /** As after an empty battery. */
    void restart();
}
