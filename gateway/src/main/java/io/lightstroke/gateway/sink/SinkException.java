package io.lightstroke.gateway.sink;

import org.jspecify.annotations.Nullable;

/** The other side cannot be reached or did not accept; the same entries are sent again later. */
public final class SinkException extends Exception {
    private static final long serialVersionUID = 1L;

    public SinkException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
