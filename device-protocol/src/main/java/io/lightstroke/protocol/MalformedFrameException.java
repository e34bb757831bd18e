package io.lightstroke.protocol;

/** The peer sent bytes that break the protocol. The message says the thing, what was wanted and what came. */
public final class MalformedFrameException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedFrameException(String message) {
        super(message);
    }
}
