package io.lightstroke.gateway.replay;

import java.io.IOException;

/** A recording that cannot be judged: says which, where in it, what was wanted and what came. */
public final class BadRecordingException extends IOException {
    private static final long serialVersionUID = 1;

    public BadRecordingException(String message) {
        super(message);
    }
}
