package io.lightstroke.gateway.update;

import io.lightstroke.firmware.SmpMessage;
import io.lightstroke.gateway.link.LinkException;
import java.time.Duration;
import java.util.Optional;

/** The way to a tool's SMP server and back, over one connection. */
public interface SmpLink {
    /** The longest value of one write, bytes. */
    int room() throws LinkException, InterruptedException;

    /** Returns when it has been handed to the radio stack. */
    void send(SmpMessage request) throws LinkException, InterruptedException;

    /** The next message that has come; empty when none does in time. */
    Optional<SmpMessage> receive(Duration limit) throws LinkException, InterruptedException;
}
