package io.lightstroke.gateway.sink;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The other side cannot be reached or did not accept; the same entries are sent again later. */
public final class SinkException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    public SinkException(String message, @Nullable Throwable cause) {
        this(message, cause, Duration.ZERO);
    }

    /** @param retryAfter not to be tried again before */
    public SinkException(String message, @Nullable Throwable cause, Duration retryAfter) {
        super(message, cause);
        this.retryAfter = retryAfter;
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
